"""The time to a declared event: what becomes of it in the results, and in the report's table."""

from types import SimpleNamespace

import pandas as pd
import pytest
from owncontrol.analysis.time_to_event import describe_time_to_event
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.numbers import Numbers, plain_mark
from owncontrol.reporting.event_times_table import event_times_table
from owncontrol.study.checks import contradictions
from owncontrol.study.event_times import EventTime
from owncontrol.study.subjects import Characteristic
from small_study import small_study

EVENT = EventTime(name="relapse", label="Relapse", time="weeks", seen="seen", at=(2, 4, 9))
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
