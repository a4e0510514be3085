"""A row with several items (levels down the rows, sides across): each cell is traced by itself."""

import csv

import pytest
from owncontrol.errors import InputError
from owncontrol.lineage.reverse import touched
from owncontrol.study.table_mapping import LongTable
from pydantic import ValidationError
from traced_study import CASES, PEOPLE, SUBJECTS, check_cells, run_long, traced

_, *LINES = list(csv.reader((CASES / "20-long-table" / "qs.csv").read_text("utf-8").splitlines()))
ITEMS = list(dict.fromkeys(line[3] for line in LINES))
HEADER = ["id", "visit", "day", "row", "left", "right"]
MAPPING = {
    "long": {"item": "row", "value": ["left", "right"]},
    "columns": {"subject_id": "id", "visit": "visit", "date": "day"}
    | {item: f"r{place // 2} {('left', 'right')[place % 2]}" for place, item in enumerate(ITEMS)},
}


def grid():
    """The values of case 20, two items a row; the last of 19 has a row for itself."""
    values = {(*line[:3], line[3]): line[4] for line in LINES}
    exams = dict.fromkeys(tuple(line[:3]) for line in LINES)
    return [
        [*exam, f"r{place // 2}", *(values.get((*exam, item), "") for item in pair)]
        for exam in exams
        for place in range(0, len(ITEMS), 2)
        for pair in [[*ITEMS[place : place + 2], ""][:2]]
    ]


def run(folder, rows, corrections=None, **changes):
    with (folder / "g.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    (folder / "subj.csv").write_text(SUBJECTS)
    exports = {"g": {"file": "g.csv", "tables": {"scim3": MAPPING}}, "subj": PEOPLE}
    return run_long(folder, exports, corrections, **changes)


def totals(results):
    scores = results.rows("scored/scores.csv")
    scores = scores.loc[scores["scale"] == "total"]
    places = zip(scores["subject_id"], scores["visit"], scores["value"], strict=True)
    return {(subject, visit): value for subject, visit, value in places}


@pytest.mark.slow
def test_every_cell_of_a_grid_is_read_and_traced(tmp_path):
    rows = grid()
    cleaned, results = run(tmp_path, rows)
    assert set(totals(results).values()) == {"0.0", "14.0"}
    assert check_cells(results, tmp_path) == {("g.csv", row) for row in range(2, len(rows) + 2)}
    columns = {cell.column for cell in traced(results)}
    assert {"left", "right"} <= columns
    flow = cleaned.flow.set_index(["file", "table"]).loc[("g.csv", "(file)")]
    assert flow["kept"] == len(rows)
    assert "item_not_mapped" not in set(cleaned.findings["rule"])  # the empty cells of the last row


@pytest.mark.slow
def test_a_cell_of_a_grid_leads_to_its_own_item(tmp_path):
    _, results = run(tmp_path, grid())
    assert results.step_place("g", "scim3", "3", "right") == ("g:2", (ITEMS[3],))
    assert results.step_place("g", "scim3", "3") == ("g:2", tuple(ITEMS[2:4]))
    assert {"all", "cells.scim3"} <= set(touched(results, "g.csv", "3", "right"))


@pytest.mark.slow
def test_a_fault_and_a_correction_stand_at_the_cell(tmp_path):
    rows = grid()
    rows[1][4], rows[1][5] = "many", "nought"
    fix = ("g.csv", "id=P-01;visit=base;row=r1", "right", "nought", "0", "typing", "AB", "2024")
    cleaned, results = run(tmp_path, rows, [fix])
    fault = cleaned.findings.loc[cleaned.findings["value"] == "many"].iloc[0]
    assert (fault["row"], fault["column"]) == (3, "left")
    note = cleaned.findings.loc[cleaned.findings["rule"] == "correction"].iloc[0]
    assert (note["row"], note["column"]) == (3, "right")
    written = {(cell.row, cell.column): (cell.written, cell.cleaned) for cell in traced(results)}
    assert written["3", "left"] == ("many", "") and written["3", "right"] == ("nought", "0")


@pytest.mark.slow
def test_a_value_where_no_item_is_mapped_is_told(tmp_path):
    rows = grid()
    rows[9][5] = "2"
    cleaned, _ = run(tmp_path, rows)
    (found,) = cleaned.findings.loc[cleaned.findings["rule"] == "item_not_mapped"].itertuples()
    assert (found.row, found.value) == (11, "r9 right")


@pytest.mark.slow
def test_a_row_that_is_left_out_empties_its_own_items(tmp_path):
    cleaned, results = run(tmp_path, grid(), excluded=["g.csv:3"])
    row = cleaned.tables["scim3"].set_index(["subject_id", "visit"]).loc[("P-01", "base")]
    assert [row[item] for item in ITEMS[1:5]] == ["0", None, None, "0"]
    check_cells(results, tmp_path)


def test_columns_of_which_one_ends_another_are_refused():
    with pytest.raises(ValidationError, match="'R' ends the name 'LT R'"):
        LongTable(item="level", value=("R", "LT R"))


def test_a_missing_column_of_a_grid_is_named(tmp_path):
    (tmp_path / "g.csv").write_text("id,visit,day,row,left\nP-01,base,2023-05-01,r0,1\n")
    (tmp_path / "subj.csv").write_text(SUBJECTS)
    exports = {"g": {"file": "g.csv", "tables": {"scim3": MAPPING}}, "subj": PEOPLE}
    with pytest.raises(InputError, match="column 'right' is missing"):
        run_long(tmp_path, exports)
