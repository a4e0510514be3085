"""A study changed for a what-if: named after the change, checked, and nothing guessed."""

from pathlib import Path

import pytest
from owncontrol.cli.what_if import changed_study
from owncontrol.errors import InputError
from owncontrol.study.loading import load_study

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def study():
    return load_study({}, ROOT)


def test_a_patient_left_out_names_the_run(study):
    changed = changed_study(study, ["OC-05", "isncsci_exams.xlsx:12"], [])
    assert changed.excluded == ("OC-05", "isncsci_exams.xlsx:12")
    assert changed.study == "what-if/example_without_oc-05_without_isncsci_exams-xlsx-12"
    assert study.excluded == ()


def test_another_rule_is_set_in_its_place(study):
    rule = "exports.isncsci_workbook.tables.isncsci.duplicates=keep_first"
    changed = changed_study(study, [], [rule, "visits.day_180.day=181"])
    table = changed.exports["isncsci_workbook"].tables["isncsci"]
    assert table.duplicates == "keep_first"
    assert changed.visit("day_180").day == 181
    assert len(changed.study) <= len("what-if/") + 60


def test_a_study_without_a_plan_can_be_changed(study):
    none = load_study({key: value for key, value in study.plain().items() if key != "plan"})
    changed = changed_study(none, ["qs.csv:24"], [])
    assert load_study(changed.plain()).plan == none.plan


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("levle=0.9", "no key 'levle'"),
        ("level", "is not key=value"),
        ("visits.day_181.day=1", "no key 'visits.day_181'"),
        ("level=high", "is not permitted"),
    ],
)
def test_a_rule_that_is_none_is_refused(study, rule, message):
    with pytest.raises(InputError, match=message):
        changed_study(study, [], [rule])
