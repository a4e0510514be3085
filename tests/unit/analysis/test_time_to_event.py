"""The time to a declared event: what becomes of it in the results, and in the report's table."""

from types import SimpleNamespace

import pandas as pd
import pytest
from owncontrol.analysis.time_to_event import axis_times, describe_time_to_event
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.numbers import Numbers, plain_mark
from owncontrol.figures.event_times import draw_event_times, event_numbers
from owncontrol.figures.settings import EventTimesFigureSettings, ShownEvent
from owncontrol.figures.style import journal_style
from owncontrol.reporting.event_time_sentences import event_times_sentence
from owncontrol.reporting.event_times_table import event_times_table
from owncontrol.study.checks import contradictions
from owncontrol.study.event_times import EventTime
from owncontrol.study.subjects import Characteristic
from small_study import small_study

EVENT = EventTime(name="relapse", label="relapse", time="weeks", seen="seen", at=(2, 4, 9))
COLUMNS = (
    Characteristic(name="weeks", label="Weeks", type="number", unit="weeks"),
    Characteristic(name="seen", label="Seen", type="boolean"),
)


def described(weeks, seen):
    codes = [f"P{number}" for number in range(len(weeks))]
    subjects = pd.DataFrame(
        {"subject_id": codes, "row_id": [f"f:{row}" for row in range(2, 2 + len(codes))]}
    )
    subjects = subjects.assign(
        weeks=pd.array(weeks, dtype="Float64"), seen=pd.array(seen, dtype="boolean")
    )
    results = Estimates("event_times", "all", codes)
    describe_time_to_event(results, subjects, EVENT, "weeks", 0.95)
    return results.table()


def rows_of(estimates):
    settings = SimpleNamespace(
        event_times=(EVENT,), characteristics=COLUMNS, post_hoc=(), level=0.95
    )
    table = event_times_table(Numbers(estimates, plain_mark), settings)
    return [["".join(cell) if isinstance(cell, list) else cell for cell in r] for r in table.rows]


def test_numbers_by_hand():
    # 4 at risk at 2, of 3 left one had it at 3 and one was last seen then; nobody had it later.
    estimates = described([2, 3, 3, 5, None], [True, True, False, False, True])
    values = estimates.set_index("estimate_id")["value"]
    stem = "event_times.relapse"
    assert values[f"{stem}.had_event"] == 2
    assert values[f"{stem}.time_observed"] == 13
    assert values[f"{stem}.at_2.without_event"] == 0.75
    assert values[f"{stem}.at_4.without_event"] == 0.75 * 2 / 3
    assert values[[f"{stem}.step_{step}.at_risk" for step in ("01", "02")]].tolist() == [4, 3]
    assert rows_of(estimates)[0] == ["With the event", "2/4 (50\u00a0%)", "4", "–"]
    assert rows_of(estimates)[2][1] == "3"
    assert rows_of(estimates)[-1][1] == "nobody followed for so long"


def test_last_looks_and_numbers_at_risk_by_hand():
    # Last seen without it at 3 (twice, one of them by a hair of a binary sum) and at 5.
    estimates = described([2, 3, 3 + 1e-12, 5, 3], [True, False, False, False, True])
    values = estimates.set_index("estimate_id")["value"]
    looks = values.filter(like=".last_looks").to_dict()
    stem = "event_times.relapse"
    assert looks == {f"{stem}.at_3.last_looks": 2, f"{stem}.at_5.last_looks": 1}
    at_risk = values.filter(like=".still_at_risk").tolist()
    assert at_risk == [5, 5, 5, 4, 1, 1]


@pytest.mark.parametrize(
    ("last", "times"),
    [
        (0, [0]),
        (5, [0, 1, 2, 3, 4, 5]),
        (20, [0, 5, 10, 15, 20]),
        (365, [0, 100, 200, 300]),
        (0.3, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        (7, [0, 2, 4, 6]),
        (99.5, [0, 20, 40, 60, 80]),
    ],
)
def test_times_below_an_axis_are_round_and_few(last, times):
    assert axis_times(last) == times


def drawn_from(weeks, seen, labels=("relapse",)):
    """The figure's numbers, and its panels, of one event."""
    events = tuple(ShownEvent(name=EVENT.name, label=label, unit="weeks") for label in labels)
    rows = event_numbers(Numbers(described(weeks, seen), plain_mark), events)
    settings = EventTimesFigureSettings(synthetic=True, level=0.95, events=events)
    with journal_style():
        figure = draw_event_times(rows, settings)
        figure.draw_without_rendering()
    return rows, figure


def test_the_figure_draws_the_curve_its_band_the_last_looks_and_the_numbers_at_risk():
    rows, figure = drawn_from([2, 3, 3, 5, None], [True, True, False, False, True])
    (axes,) = figure.axes
    curve = axes.lines[0]
    assert curve.get_drawstyle() == "steps-post"
    assert curve.get_xydata().tolist() == [[0, 100], [2, 75], [3, 50], [5, 50]]
    low, high = axes.collections[0].get_paths()[0].vertices[:, 1].min(), 100 * rows["lower"].min()
    assert low == pytest.approx(high)
    marks = axes.collections[1].get_offsets().tolist()
    assert marks == [[3, 50], [5, 50]]
    below = [text.get_text() for text in axes.texts]
    assert below == ["2/4 (50 %); half by 3 weeks", "4", "4", "4", "3", "1", "1", "At risk"]
    assert [text.get_text() for text in axes.get_xticklabels()] == list("012345")


@pytest.mark.parametrize(
    ("weeks", "seen", "said"),
    [
        ([2, 6], [False, False], "0/2 (0 %); fewer than half"),
        ([2, 6], [True, True], "2/2 (100 %); half by 2 weeks"),
        ([0, 0], [True, False], "1/2 (50 %); half by 0 weeks"),
        ([None], [True], "not known of anybody"),
    ],
)
def test_a_figure_of_everybody_nobody_or_nothing(weeks, seen, said):
    _, figure = drawn_from(weeks, seen)
    assert figure.axes[0].texts[0].get_text() == said


def test_nobody_had_it_or_nothing_is_known():
    never = rows_of(described([2, 6], [False, False]))
    assert never[2][1] == "not reached"
    assert never[3] == ["Without the event after 2 weeks", "100.0 %", "2", "–"]
    assert rows_of(described([None], [True])) == [
        ["With the event", "not known of anybody", "0", "–"]
    ]


def test_a_time_before_the_start_is_refused():
    with pytest.raises(InputError, match=r"event_times.relapse: weeks is below 0 in 1 subject\n"):
        described([-1, 3], [True, True])


def test_columns_of_another_type_are_a_fault_of_the_configuration():
    wrong = EVENT.model_copy(update={"time": "seen"})
    study = small_study().model_copy(update={"event_times": (wrong,), "characteristics": COLUMNS})
    told = [message for message, _ in contradictions(study) if "event_times" in message]
    assert told == ["event_times.relapse.time: 'seen' is no characteristic of type number"]


@pytest.mark.parametrize(
    ("weeks", "seen", "said"),
    [
        ([2, 3, 3, 5], [True, True, False, False], "relapse in 2/4 (50\u00a0%), half by 3 weeks"),
        ([1, 3], [False, False], "relapse in 0/2 (0\u00a0%), fewer than half within 3 weeks"),
        ([None], [True], "relapse, not known of anybody"),
    ],
)
def test_the_first_page_says_it_in_a_sentence(weeks, seen, said):
    settings = SimpleNamespace(event_times=(EVENT,), characteristics=COLUMNS, post_hoc=())
    numbers = Numbers(described(weeks, seen), plain_mark)
    sentence = event_times_sentence(numbers, settings, {})
    assert "".join(sentence) == f"Time to an event, described and not tested: {said}."
    settings.post_hoc = ("relapse",)
    assert "not tested: relapse (post hoc)" in "".join(event_times_sentence(numbers, settings, {}))
    assert event_times_sentence(numbers, SimpleNamespace(event_times=()), {}) == []
