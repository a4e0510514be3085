"""The checklists: what a study declares is found where it is, and each gap is named."""

import re

import pytest
from owncontrol.publication.checklists import CHECKLISTS, STROBE, TREND, checklist_text, open_items
from owncontrol.publication.evidence import Evidence, read_evidence
from small_study import small_study

SECTIONS = {"summary": "Summary", "methods": "Methods", "limitations": "Limitations"}


def evidence(tables=(), sections=SECTIONS, **keys):
    return Evidence(small_study(**keys), dict(sections), frozenset(tables))


def row(checklist, number, known):
    """Where an item is answered, and its gaps."""
    lines = checklist_text(checklist, known).splitlines()
    cells = next(line for line in lines if line.startswith(f"| {number} |")).split("|")
    return cells[3].strip(), cells[4].strip()


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda one: one.name)
def test_a_checklist_has_its_22_items_in_order(checklist):
    assert [item.number for item in checklist.items] == list(range(1, 23))
    assert all(item.facts and item.asks for item in checklist.items)


def test_what_is_not_declared_is_a_gap():
    assert row(STROBE, 22, evidence()) == ("", "funding: not declared")
    place, gap = row(STROBE, 22, evidence(design={"funding": "Own means"}))
    assert (place, gap) == ("configuration, `design.funding`", "")


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda one: one.name)
def test_the_subjects_are_called_what_the_study_calls_them(checklist):
    text = checklist_text(checklist, evidence(design={"subjects": {"one": "rat", "many": "rats"}}))
    assert "patient" not in text.replace("`design.blinded.patients`", "").casefold()
    assert "| number of rats |" in text
    assert "rats at baseline: not declared" in text
    assert "| number of patients |" in checklist_text(checklist, evidence())


def test_that_nobody_was_blinded_is_an_answer():
    silent, said = evidence(), evidence(design={"blinded": {"patients": False, "assessors": False}})
    gaps = "blinding of patients: not declared; blinding of assessors: not declared"
    assert row(TREND, 9, silent) == ("", gaps)
    assert row(TREND, 9, said)[1] == ""


def test_only_sections_and_tables_that_are_there_are_named():
    assert row(TREND, 12, evidence()) == (
        "",
        "flow of patients: not declared; departures from the plan: not declared",
    )
    place, gap = row(TREND, 12, evidence(tables=["flow"]))
    assert place == "report/tables/flow.csv"
    assert gap == "departures from the plan: not declared"
    assert row(STROBE, 19, evidence(sections={})) == ("", "limitations: not declared")


def test_the_count_of_gaps_is_that_of_the_rows():
    known = evidence(tables=["flow", "change"])
    for checklist in CHECKLISTS:
        text = checklist_text(checklist, known)
        rows = [line for line in text.splitlines() if re.match(r"\| \d", line)]
        count = sum("not declared" in line for line in rows)
        assert count == open_items(checklist, known) > 0
        assert f"{count} of 22 items have a gap" in text


def test_sections_and_tables_are_read_from_the_report(tmp_path):
    (tmp_path / "report/tables").mkdir(parents=True)
    (tmp_path / "report/tables/flow.csv").write_text("a\n")
    page = '<h2 id="limitations">Limits &amp; doubts</h2><h2 class="x">No</h2>'
    (tmp_path / "report/report.html").write_text(page)
    known = read_evidence(small_study(), tmp_path)
    assert known.sections == {"limitations": "Limits & doubts"}
    assert known.tables == {"flow"}
