"""Arms side by side: what each changed and who is missing, and nothing about a difference."""

import math

import numpy as np
import pandas as pd
import pytest
from analysis_study import ROOT, by_id, endpoint, small_settings
from owncontrol.analysis.arms import NOT_KNOWN, by_arm
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting import html
from owncontrol.reporting.arms_table import NOT_COMPARED, arms_table
from owncontrol.reporting.patient_pages import PatientPages
from owncontrol.reporting.report_tables import patients_table
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import study_from
from owncontrol.tables import conform
from scipy.stats import ttest_1samp
from small_study import small_study

MEASURES = {
    "weight": {"label": "Weight", "direction": "higher_is_better", "unit": "kg"},
    "walks": {"label": "Walks", "direction": "higher_is_better", "kind": "yes_no"},
    "pain": {"label": "Pain", "direction": "lower_is_better", "unit": "point"},
}
ARM = {"name": "arm", "label": "Arm", "type": "category", "values": ["low", "high"]}
# By arm, before and after; None where nothing was recorded.
VALUES = {
    "low": [(80, 84), (70, 70), (75, 80), (60, None)],
    "high": [(80, 79), (66, 68)],
    None: [(50, 51)],
}
SUBJECTS = pd.DataFrame(
    [
        {"subject_id": f"{arm or 'x'}{number}", "arm": arm}
        for arm, pairs in VALUES.items()
        for number in range(len(pairs))
    ]
)
SUBJECTS["row_id"] = [f"p:{row}" for row in range(2, len(SUBJECTS) + 2)]


def scores_of(name, values=VALUES):
    rows = [
        {"subject_id": f"{arm or 'x'}{number}", "visit": visit, "instrument": name,
         "scale": "value", "value": float(value), "text": str(value),
         "row_id": f"f:{arm}{number}{visit}"}
        for arm, pairs in values.items()
        for number, pair in enumerate(pairs)
        for visit, value in zip(("before", "after"), pair, strict=True)
        if value is not None
    ]  # fmt: skip
    return conform(pd.DataFrame(rows), "scores")


def described(name, values=VALUES):
    of = endpoint(name, name, "value", config={"instruments": MEASURES})
    settings = small_settings(of, characteristics=[ARM], arms="arm")
    results = Estimates("change", "all", sorted(SUBJECTS["subject_id"]))
    by_arm(results, scores_of(name, values), SUBJECTS, of, settings)
    return by_id(results.table())


def test_each_arm_has_its_own_mean_change_and_its_missing():
    rows = described("weight")
    low = rows.loc["change.weight.after.low.arm_mean_change"]
    changes = np.array([4, 0, 5])
    expected = ttest_1samp(changes, 0).confidence_interval(0.95)
    assert (low["value"], low["n"]) == (3, 3)
    assert (low["lower"], low["upper"]) == pytest.approx((expected.low, expected.high))
    missing = rows.loc["change.weight.after.low.arm_missing"]
    assert (missing["value"], missing["n"], missing["population"]) == (1, 4, "subjects of the arm")
    assert rows.loc["change.weight.after.high.arm_mean_change", "value"] == 0.5
    assert rows.loc["change.weight.after.arm_not_known.arm_missing", "n"] == 1
    assert list(dict.fromkeys(rows["stratum"])) == ["low", "high", NOT_KNOWN]


def test_no_number_is_about_two_arms_and_none_is_a_test():
    for name in MEASURES:
        values = {
            arm: [(a and a % 2, b and b % 2) for a, b in pairs] for arm, pairs in VALUES.items()
        }
        rows = described(name, values if name == "walks" else VALUES)
        assert set(rows["stratum"]) == {"low", "high", NOT_KNOWN}
        assert set(rows["statistic"]) <= {
            Change.ARM_CHANGE, Change.ARM_MEAN_CHANGE, Change.ARM_IMPROVED, Change.ARM_MISSING
        }  # fmt: skip
        assert rows["p"].isna().all()


def test_a_rating_has_the_hodges_lehmann_estimate():
    assert (
        described("pain").loc["change.pain.after.low.arm_change", "value"] == 3.25
    )  # of 0, 2, 2.5, 4, 4.5, 5


def test_an_arm_that_nobody_was_seen_twice_in():
    rows = described("weight", {**VALUES, "high": [(80, None), (None, 68)]})
    high = rows.loc["change.weight.after.high.arm_mean_change"]
    assert math.isnan(high["value"]) and "not estimable" in high["convention"]
    assert rows.loc["change.weight.after.high.arm_missing", "value"] == 2


def test_a_study_without_arms_has_none():
    of = endpoint("weight", "weight", "value", config={"instruments": MEASURES})
    results = Estimates("change", "all", sorted(SUBJECTS["subject_id"]))
    by_arm(results, scores_of("weight"), SUBJECTS, of, small_settings(of))
    assert results.table().empty


def study(**changes):
    endpoints = [{"name": "weight", "label": "Weight", "instrument": "weight", "family": "one"}]
    given = {"instruments": {"weight": MEASURES["weight"]}, "endpoints": endpoints}
    return small_study(**given, **changes)


def test_the_table_stands_side_by_side_and_says_that_nothing_is_compared():
    settings = analysis_settings(study(characteristics=[ARM], arms="arm"))
    numbers = Numbers(described("weight").reset_index(), lambda shown: shown.text, {"weight": 0})
    table = arms_table(numbers, settings)
    assert table.header == ["Endpoint", "Arm", "n", "Missing", "Change", "Interval"]
    assert [row[1] for row in table.rows] == ["low", "high", NOT_KNOWN]
    assert table.note.endswith(NOT_COMPARED)
    assert "mean change with its 95 % t interval, kg" in table.note.lower()
    assert arms_table(numbers, analysis_settings(study())).rows == []


def test_the_report_has_the_table_where_a_study_has_arms():
    """The block of the report's content itself, as the page renders it."""
    templates = html.environment(ROOT / "workflow/report")
    content = (ROOT / "workflow/report/content.j2").read_text("utf-8")
    start = content.index("{% if tables.arms.rows %}")
    block = templates.from_string(content[start : content.index("{% endif %}", start) + 11])
    numbers = Numbers(described("weight").reset_index(), html.mark, {"weight": 0})

    def rendered(settings):
        page = html.Page({}, PatientPages())
        tables = {"arms": arms_table(numbers, settings)}
        return str(page.number_references(block.render(page=page, tables=tables)))

    page = rendered(analysis_settings(study(characteristics=[ARM], arms="arm")))
    assert '<a href="#table-arms">Table 1</a> describes the same changes by arm.' in page
    assert "The arms are not compared with each other." in page
    assert page.count("<tr>") == 1 + len(VALUES)
    assert all(f"<td>{arm}</td>" in page for arm in ("low", "high", NOT_KNOWN))
    assert rendered(analysis_settings(study())).strip() == ""


def test_the_table_of_patients_does_not_say_that_there_is_no_other_group():
    nothing = Numbers(pd.DataFrame(columns=["estimate_id"]), lambda shown: shown.text)
    with_arms = analysis_settings(study(characteristics=[ARM], arms="arm"))
    assert "arms are not compared" in patients_table(nothing, with_arms).note
    assert "there is no other group" in patients_table(nothing, analysis_settings(study())).note


@pytest.mark.parametrize("kind", [{"name": "other"}, {"type": "boolean", "values": []}])
def test_arms_are_a_category_of_the_subjects(kind):
    with pytest.raises(InputError, match="arms: 'arm' is no characteristic of type category"):
        study_from(study(characteristics=[ARM | kind]).plain() | {"arms": "arm"}, "test")
