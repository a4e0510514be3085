"""The rules of findings: each is declared, whole, used, and in the documentation."""

import ast
import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from owncontrol.cleaning.working_table import Sheet
from owncontrol.findings import catalogue, rule
from owncontrol.findings.cleaning_rules import Correction, NotPermitted, UnknownSubject
from owncontrol.findings.finding import STORED_FAULTS, Finding, findings_table
from owncontrol.findings.reading_rules import ByteOrder
from owncontrol.findings.workbook_rules import StoredFault

ROOT = Path(__file__).parents[3]
LIBRARY = ROOT / "workflow/lib/owncontrol"
RULES = sorted(catalogue.RULES, key=lambda one: (one.__module__, one.__name__))


def names_in(path):
    """The names that a file of the library uses: alone, or as those of a module."""
    return {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Name | ast.Attribute)
    }


def all_below(one):
    return {one, *(found for below in one.__subclasses__() for found in all_below(below))}


@pytest.mark.slow
def test_every_rule_is_used_and_every_rule_is_in_the_catalogue():
    used = set().union(
        *(names_in(path) for path in LIBRARY.rglob("*.py") if path.parent.name != "findings")
    )
    assert {one.__name__ for one in RULES} <= used
    declared = {one for one in all_below(rule.Rule) if one.__module__.startswith("owncontrol.")}
    assert {one for one in declared if not one.is_abstract} == set(RULES)


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.__name__)
def test_a_rule_says_in_words_what_it_found_and_is_not_to_be_changed(one):
    found = one(**{field.name: 7 for field in dataclasses.fields(one)})
    for text in (found.code, found.detail, found.done, found.advice, one.__doc__):
        assert text.strip()
        assert "{" not in text
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.severity = "note"


def test_the_documentation_lists_every_rule():
    page = (ROOT / "docs/reference/findings.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line[:3] == "| `"]
    assert len(rows) == len(RULES)
    for one in RULES:
        (row,) = [line for line in rows if f" {one.__doc__.splitlines()[0]} |" in line]
        assert row.startswith(f"| `{one.code}` |")
        assert f" {one.severity} | {one.about} |" in row
    assert "reference/findings.md" in (ROOT / "mkdocs.yml").read_text("utf-8")


def test_a_finding_is_a_row_of_the_table():
    found = Correction(to="5", record="on record (corrections.csv row 2)")
    assert findings_table([Finding(found, "x.csv", 3, "level", "6")]).to_dict("records") == [
        {
            "file": "x.csv",
            "row": 3,
            "column": "level",
            "value": "6",
            "rule": "correction",
            "severity": "note",
            "action": "corrected to '5'",
            "detail": "on record (corrections.csv row 2)",
        }
    ]


def test_a_missing_and_an_unknown_field_is_refused():
    with pytest.raises(TypeError, match="codec"):
        ByteOrder()
    with pytest.raises(TypeError, match="colour"):
        UnknownSubject(colour="red")


def test_what_rules_only_share_is_no_rule():
    with pytest.raises(TypeError, match="StoredFault is what several rules share"):
        StoredFault()
    assert {"error_value", "impossible_date", "not_a_boolean", "not_a_number"} == STORED_FAULTS


WHOLE = {
    "code": "x",
    "severity": "note",
    "about": "row",
    "sentence": "{what} is odd",
    "action": "none",
    "advice": "nothing",
    "__annotations__": {"what": "str"},
    "__module__": __name__,
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"advice": ""}, "no advice"),
        ({"sentence": "{what} and {why} are odd"}, r"fields \['what'\], .* \['what', 'why'\]"),
        ({"sentence": "all is odd"}, r"fields \['what'\], and its templates name \[\]"),
    ],
)
def test_a_rule_that_is_not_whole_cannot_be_declared(change, said):
    with pytest.raises(TypeError, match=said):
        type(rule.Rule)("Odd", (rule.Rule,), {**WHOLE, **change})


def test_a_rule_outside_the_catalogue_finds_nothing():
    odd = type(rule.Rule)("Odd", (rule.Rule,), WHOLE)
    assert odd(what="this").detail == "this is odd"
    with pytest.raises(TypeError, match="rule Odd is not in"):
        Finding(odd(what="this"), "x.csv")


def test_cleaning_reports_no_rule_outside_the_catalogue():
    file = pd.Series(["x.csv"], dtype="category")
    written = pd.DataFrame({"level": pd.Categorical(["6"])})
    sheet = Sheet("walks", written, file, np.array([2]), {("x.csv", "level"): "Level"}, {})
    sheet.report([0], "level", [NotPermitted(reason="no level")])
    (found,) = sheet.findings
    assert found[["row", "column", "value", "rule"]].to_numpy().tolist() == [
        [2, "Level", "6", "not_permitted"]
    ]
    odd = type(rule.Rule)("Odd", (rule.Rule,), WHOLE)
    with pytest.raises(TypeError, match="rule Odd is not in"):
        sheet.report([0], "level", odd(what="this"))
