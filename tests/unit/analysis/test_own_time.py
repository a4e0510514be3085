"""Own time as control: recovery on log time, early change, dermatomes C2 to C4, assessors."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from analysis_study import by_id
from owncontrol.analysis import exam_controls, own_time
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Sensitivity
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.own_time_sentences import control_words, own_time_words

PEOPLE = [f"P{place}" for place in range(6)]
VISITS = ("registration", "baseline", "day_1", "day_180")
DAYS = {"registration": 10, "baseline": 40, "day_1": 41, "day_180": 220}


@dataclass(frozen=True)
class Named:
    name: str
    label: str = ""


def endpoint(**changed):
    known = {
        "name": "motor", "label": "Motor score", "instrument": "isncsci", "scale": "motor",
        "baseline": "baseline", "time_point": "day_180", "population": "treated", "unit": "points",
        "kind": "ordinal", "grades": (), "lower_is_better": False,
        "important_difference": SimpleNamespace(threshold=2.0),
    }  # fmt: skip
    return SimpleNamespace(**{**known, **changed})


SETTINGS = SimpleNamespace(
    visits=[Named(name, name.capitalize()) for name in VISITS], level=0.95, clock="treatment",
    endpoints=[endpoint()], has_treatments=True, onset="injury", time_point="day_180",
)  # fmt: skip


def scores_of(value):
    """Scores of each person at each visit: ``value`` of person and day from injury."""
    rows = [
        {
            "subject_id": person, "visit": visit, "instrument": "isncsci", "scale": "motor",
            "value": float(value(place, day + place)), "day_from_injury": day + place,
            "day_from_treatment": day - 40, "study_day": None, "row_id": f"x:{place}",
        }
        for place, person in enumerate(PEOPLE)
        for visit, day in DAYS.items()
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"day_from_injury": "Int64", "day_from_treatment": "Int64"})


def found(scores, what, **changed):
    results = Estimates("sensitivity", "treated", PEOPLE)
    what(results, {"treated": scores}, endpoint(**changed), SETTINGS)
    return by_id(results.table()) if len(results.table()) else pd.DataFrame()


def test_a_course_that_is_steady_on_log_time_has_one_rate_per_doubling():
    steady = scores_of(lambda place, day: 10 + (3 + place) * np.log2(day))
    table = found(steady, own_time.doubling_rates)
    before, after, difference = (
        table.loc[f"sensitivity.motor.doubling_{name}", "value"]
        for name in ("before", "after", "difference")
    )
    assert before == pytest.approx(5.5)  # the median of 3 to 8
    assert after == pytest.approx(5.5)
    assert difference == pytest.approx(0, abs=1e-9)
    assert set(table["unit"]) == {"points per doubling of the time since injury"}


def test_the_time_is_told_as_the_study_calls_its_onset(monkeypatch):
    monkeypatch.setattr(SETTINGS, "onset", "infarction")
    table = found(scores_of(lambda place, day: day + place), own_time.doubling_rates)
    assert set(table["unit"]) == {"points per doubling of the time since infarction"}


def test_a_gain_after_the_treatment_alone_is_seen_and_the_other_direction_is_turned():
    late = scores_of(lambda place, day: 10 + (8 if day > 150 else 0) + place)
    table = found(late, own_time.doubling_rates)
    assert table.loc["sensitivity.motor.doubling_difference", "lower"] > 0
    turned = found(late, own_time.doubling_rates, lower_is_better=True)
    assert turned.loc["sensitivity.motor.doubling_difference", "upper"] < 0


@pytest.mark.parametrize("changed", [{"grades": ("A", "B")}, {"kind": "yes_no"},
                                     {"baseline": "registration"}])  # fmt: skip
def test_without_amounts_or_a_second_baseline_there_is_no_such_rate(changed):
    assert found(scores_of(lambda place, day: day), own_time.doubling_rates, **changed).empty


def test_early_change_counts_those_who_had_improved_by_the_first_exam():
    # P0 to P2 improve within a day, P0 loses it again; P3 and P4 improve later, P5 never.
    def value(place, day):
        at = day - place
        if at == DAYS["day_1"]:
            return 5 if place < 3 else 0
        return 5 if at > 150 and place in (1, 2, 3, 4) else 0

    row = found(scores_of(value), own_time.early_change).loc["sensitivity.motor.early_of_improved"]
    assert (row["events"], row["n"]) == (2, 4)
    # Less than the important difference is no improvement.
    table = found(scores_of(lambda p, d: value(p, d) / 4), own_time.early_change)
    assert table.loc["sensitivity.motor.early_of_improved", "n"] == 0
    late = scores_of(value).query("visit != 'day_1'")
    assert found(late, own_time.early_change).empty


def test_dermatomes_of_the_neck_are_added_up_where_both_exams_have_them():
    cells = {cell: ["2", "2", "1", "NT", "2", "1"] for cell in exam_controls.CONTROLS}
    cells |= {"right_pin_prick_c3": ["2", "1*", "1", "2", "2", "NT"]}
    exams = pd.DataFrame(
        {
            "subject_id": ["P0", "P0", "P1", "P1", "P2", "P2"],
            "visit": ["baseline", "day_180"] * 3,
            "row_id": [f"x:{place}" for place in range(2, 8)],
            **cells,
        }
    )
    results = Estimates("change", "treated", PEOPLE)
    exam_controls.change_of_controls(results, exams, "baseline", "day_180")
    table = by_id(results.table())
    # P0 loses a point; P1 gains one in the only cell that both exams have; P2 loses in all others.
    assert len(exam_controls.CONTROLS) == 12
    better, worse = (f"change.c2_to_c4.day_180.control_{name}" for name in ("better", "worse"))
    assert table.loc[better, ["value", "n"]].tolist() == [1, 3]
    assert table.loc[worse, "value"] == 2


def test_change_is_told_by_whether_the_assessor_changed():
    exams = pd.DataFrame(
        [(person, visit, who) for person, pair in zip(PEOPLE, ["aa", "ab", "aa", "bb", "a", "ba"],
                                                      strict=True)
         for visit, who in zip(("baseline", "day_180"), pair, strict=False)],
        columns=["subject_id", "visit", "assessor"],
    )  # fmt: skip
    scores = scores_of(lambda place, day: place if day > 150 else 0)
    results = Estimates("change", "treated", PEOPLE)
    exam_controls.change_by_assessor(results, scores, exams, endpoint(), 0.95)
    table = by_id(results.table())
    same = table.loc["change.motor.day_180.same_assessor.by_assessor"]
    other = table.loc["change.motor.day_180.another_assessor.by_assessor"]
    assert (same["n"], other["n"]) == (3, 2)
    assert (same["value"], other["value"]) == (1.75, 3.0)
    assert np.isnan(same["p"])
    nothing = Estimates("change", "treated", PEOPLE)
    without = exams.drop(columns="assessor")
    exam_controls.change_by_assessor(nothing, scores, without, endpoint(), 0.95)
    assert nothing.table().empty


def sentences(words, *results):
    tables = pd.concat([result.table() for result in results], ignore_index=True)
    numbers = Numbers(tables, lambda shown: shown.text, {"motor": 0})
    return ["".join(map(str, parts)) for parts in words(numbers, SETTINGS)]


def test_page_one_says_that_early_improvement_is_no_effect_and_only_where_there_is_some():
    for early, expected in ((5, 1), (0, 0)):
        scores = scores_of(
            lambda place, day, early=early: (
                5 if day - place > 150 else early if day - place == DAYS["day_1"] else 0
            )
        )
        results = Estimates("sensitivity", "treated", PEOPLE)
        own_time.early_change(results, {"treated": scores}, endpoint(), SETTINGS)
        said = sentences(own_time_words, results)
        assert len(said) == expected
        if said:
            assert "of the 6 patients" in said[0]
            assert "6 had improved by that exam already" in said[0]


def test_page_one_compares_the_rates_on_both_scales_and_says_where_they_disagree():
    steady = scores_of(lambda place, day: 10 + (3 + place) * np.log2(day))
    results = Estimates("sensitivity", "treated", PEOPLE)
    own_time.doubling_rates(results, {"treated": steady}, endpoint(), SETTINGS)
    for name, value in (("before", 1.5), ("after", 0.5), ("difference", -1.0)):
        results.add(
            Sensitivity(f"rate_{name}"), value, endpoint="motor", n=6, p=0.03,
            lower=value - 0.5, upper=value + 0.5,
        )  # fmt: skip
    said = sentences(own_time_words, results)
    assert said[0].startswith(
        "Own time as control. Motor score: an improvement of 1.50 points a week before the "
        "treatment and of 0.50 a week after it, slower than before (p = 0.030)."
    )
    assert "per doubling of the time since the injury it was 5.5 before and 5.5 after" in said[0]
    assert said[0].endswith("Which of the two is fair depends on how fast recovery slows down "
                            "without it.")  # fmt: skip


def test_a_study_without_such_numbers_has_no_such_sentence():
    empty = Estimates("change", "treated", PEOPLE)
    empty.add_missing(exam_controls.Change.HODGES_LEHMANN, "none", endpoint="motor", n=0)
    assert sentences(own_time_words, empty) == sentences(control_words, empty) == []
