"""Each recorded score that contradicts the computed one has the reason for that one beside it."""

from pathlib import Path

import pandas as pd
import pytest
from isncsci_exams import exam_at
from owncontrol.instruments import load_instrument
from owncontrol.scoring.discrepancies import (
    MOST_EXPLAINED,
    NOT_EXPLAINED,
    explain_discrepancies,
    summed,
)
from owncontrol.scoring.score_table import discrepancies, score_assessments

ROOT = Path(__file__).parents[3]
KNOWN = {"subject_id": "S1", "visit": "before", "day_from_injury": "40", "day_from_treatment": "0"}


def explained(name, items, **recorded):
    """Scale: recorded, computed, explanation."""
    instrument = load_instrument(ROOT / f"workflow/instruments/{name}.yaml")
    written = {f"recorded_{scale}": value for scale, value in recorded.items()}
    other = {**KNOWN, "visit": "after", "row_id": "file:3"}  # the same patient, without items
    table = pd.DataFrame([{**KNOWN, "row_id": "file:2", **items, **written}, other]).fillna("")
    differing = discrepancies(score_assessments(instrument, table))
    found = explain_discrepancies(differing, {name: table}, {name: instrument})
    return {
        entry.scale: (entry.recorded, entry.text, entry.explanation) for entry in found.itertuples()
    }


def test_a_grade_is_explained_by_the_cells_that_decided():
    exam = exam_at("C6", deep_anal_pressure="Yes", right_motor_l3="1")
    found = explained(
        "isncsci",
        exam,
        asia_impairment_scale="B",
        right_motor_total="12",
        motor_total="20",
        neurological_level_of_injury="C6",
    )
    recorded, computed, why = found.pop("asia_impairment_scale")
    assert (recorded, computed) == ("B", "C")
    assert "the right L3 muscle (1)" in why
    assert found.pop("right_motor_total") == (
        "12",
        "11",
        "Sum of 10 cells: right 5, 5, 0, 0, 0, 0, 1, 0, 0, 0.",
    )
    recorded, computed, why = found.pop("motor_total")
    assert (recorded, computed) == ("20", "21")
    assert why.startswith("Sum of 20 items: 5, 5, 0")
    assert not found


def test_many_cells_are_counted_and_a_level_names_where_it_ends():
    found = explained("isncsci", exam_at("C4"), light_touch_total="40", right_sensory_level="C5")
    assert found["light_touch_total"][2] == "Sum of 56 cells: 2 in 6, 0 in 50."
    assert "right light touch C5 (0)" in found["right_sensory_level"][2]


def test_a_sum_lists_its_items_and_an_item_itself():
    items = {
        "scim_feeding": "3",
        "scim_bathing_upper": "1",
        "scim_bathing_lower": "0",
        "scim_dressing_upper": "2",
        "scim_dressing_lower": "0",
        "scim_grooming": "1",
        "scim_bladder": "6",
    }
    found = explained("scim3", items, self_care="8", bladder="9")
    assert found["self_care"] == ("8", "7", "Sum of 6 items: 3, 1, 0, 2, 0, 1.")
    assert found["bladder"][:2] == ("9", "6")
    assert found["bladder"][2].endswith(": 6.")


def test_what_agrees_or_cannot_be_told_is_no_discrepancy():
    assert explained("isncsci", exam_at("C6"), asia_impairment_scale="A") == {}


def test_an_item_that_was_not_assessed_is_said():
    assert summed(["2", "", "0"]) == "2, not assessed, 0"
    assert summed(["2"] * 15 + ["0"] * 15) == "2 in 15, 0 in 15"


@pytest.mark.slow
def test_assessments_together_are_explained_as_each_alone():
    instrument = load_instrument(ROOT / "workflow/instruments/isncsci.yaml")
    # Two visits of one raw row, a row of its own, and cells that are not testable.
    exams = {
        ("file:2", "before"): exam_at("C6", deep_anal_pressure="Yes", right_motor_l3="1"),
        ("file:2", "after"): exam_at("T4", right_motor_c5="NT"),
        ("file:3", "before"): exam_at("C4", left_light_touch_c3="NT"),
    }
    wrong = {
        "recorded_asia_impairment_scale": "E",
        "recorded_left_sensory_level": "S3",
        "recorded_motor_total": "100",
    }
    table = pd.DataFrame(
        {**KNOWN, "row_id": row_id, **exam, **wrong, "visit": visit}
        for (row_id, visit), exam in exams.items()
    )

    def sentences(some):
        differing = discrepancies(score_assessments(instrument, some))
        found = explain_discrepancies(differing, {"isncsci": some}, {"isncsci": instrument})
        return {
            (entry.row_id, entry.visit, entry.scale): entry.explanation
            for entry in found.itertuples()
        }

    together = sentences(table)
    alone = {}
    for row in range(len(table)):
        alone |= sentences(table.iloc[[row]].reset_index(drop=True))
    assert together == alone
    assert len(together) == 8  # a total with NT is not determined


def test_of_many_discrepancies_the_first_are_explained():
    instrument = load_instrument(ROOT / "workflow/instruments/isncsci.yaml")
    table = pd.DataFrame(
        {**KNOWN, "subject_id": f"S{row}", "row_id": f"file:{row}", **exam_at("C6")}
        for row in range(MOST_EXPLAINED + 1)
    ).assign(recorded_asia_impairment_scale="E")
    differing = discrepancies(score_assessments(instrument, table))
    found = explain_discrepancies(differing, {"isncsci": table}, {"isncsci": instrument})
    explanations = found["explanation"].tolist()
    assert explanations[-1] == NOT_EXPLAINED
    assert NOT_EXPLAINED not in explanations[:-1]
