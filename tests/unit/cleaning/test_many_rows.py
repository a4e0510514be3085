"""What is done once for a study is not done again for each of its rows, files or findings."""

import time
import tracemalloc
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from owncontrol.analysis.plan_disclosures import scores_at_both
from owncontrol.cleaning import finished, flow, keys, people, typed_cells, working_table
from owncontrol.cleaning.cell_values import Column
from owncontrol.cleaning.working_table import Sheet
from owncontrol.findings.cleaning_rules import NotPermitted
from owncontrol.findings.finding import Finding, findings_table, fold_stored_faults
from owncontrol.findings.workbook_rules import ErrorValue
from owncontrol.ingest.long_tables import ITEM, JOINED, locate_findings
from owncontrol.ingest.private_columns import mask
from owncontrol.study.exports import Export
from owncontrol.tables import table_file, text_files, write_table
from owncontrol.tables.categories import by_value

MANY = 4000
# Processor time. Each of these took two seconds and more when it set one cell after the other.
SECONDS = 0.8


@contextmanager
def in_time():
    """The block has to take less than SECONDS."""
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS


@contextmanager
def in_memory(most):
    """The block may hold so many bytes at a time beyond what there was."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most, peak


def wide_sheet(rows, columns, visits):
    """A sheet with many columns of one byte a cell; a subject has a row at each of its visits."""
    rng = np.random.default_rng(3)
    place, visit = divmod(np.arange(rows), visits)
    subjects = pd.Categorical.from_codes(place, [f"P{number}" for number in range(place[-1] + 1)])
    cells = {
        f"cell_{place}": pd.Categorical.from_codes(rng.integers(0, 6, rows), list("012345"))
        for place in range(columns)
    }
    sheet = sheet_of(["1"] * rows)
    sheet.exports["x.csv"] = "walks"
    values = {"subject_id": subjects, "visit": visit.astype(np.int16), **cells}
    sheet.values = pd.DataFrame(values, copy=False)
    return sheet


def many_findings(rule=None, column="name"):
    rule = rule or NotPermitted(reason="'v' is not permitted")
    found = [Finding(rule, "x.csv", row, column, "v") for row in range(MANY)]
    return findings_table(found)


def sheet_of(texts, files=None):
    files = files or ["x.csv"] * len(texts)
    return Sheet(
        "walks",
        pd.DataFrame({"level": pd.Categorical(texts)}),
        pd.Series(files, dtype="category"),
        np.arange(2, 2 + len(texts)),
        {(file, "level"): "Level" for file in files},
        {},
    )


def counted(monkeypatch, module, name):
    """The first arguments of all calls of a function."""
    calls, function = [], getattr(module, name)

    def call(first, *others):
        calls.append(first)
        return function(first, *others)

    monkeypatch.setattr(module, name, call)
    return calls


def test_a_finding_looks_at_the_text_of_its_own_cell(monkeypatch):
    shown = counted(monkeypatch, working_table, "shortened")
    sheet = sheet_of([f"P{number}" for number in range(50)])
    sheet.report([7, 9], "level", NotPermitted(reason="no level"))
    assert shown == ["P7", "P9"]
    assert sheet.findings[0]["value"].tolist() == ["P7", "P9"]


def test_a_part_of_a_column_asks_for_its_own_texts():
    asked = []
    column = pd.Series([f"P{number}" for number in range(50)], dtype="category")
    found = by_value(column.iloc[[3, 3, 8]], lambda text: asked.append(text) or text.lower())
    assert found.tolist() == ["p3", "p3", "p8"]
    assert asked == ["P3", "P8"]


def test_the_rows_of_each_file_are_those_that_stand_in_it():
    files = ["b.csv", "a.csv", "b.csv", "c.csv", "a.csv"]
    sheet = sheet_of(["1"] * 5, files)
    for file in {*files, "d.csv"}:
        expected = [row for row, name in enumerate(files) if name == file]
        assert sheet.rows_of(file).tolist() == expected
    assert sheet.at_row("b.csv", 4).tolist() == [2]
    assert sheet.at_row("a.csv", 4).tolist() == []


@pytest.mark.parametrize(
    ("other", "readings"), [({}, 4), ({"missing": ("9",)}, 5)], ids=["alike", "another way"]
)
def test_files_that_are_read_alike_are_read_once(monkeypatch, other, readings):
    """Of a file with a way of its own only the texts that it has."""
    calls = counted(monkeypatch, typed_cells, "read_cell")
    columns = {name: Column("level", "integer", maximum=6) for name in ("a.csv", "b.csv")}
    columns["c.csv"] = Column("level", "integer", maximum=6, **other)
    files = ["a.csv", "b.csv", "c.csv", "a.csv", "c.csv", "b.csv"]
    sheet = sheet_of(["1", "2", "9", "9", "3", "2"], files)
    values = typed_cells.read_column(sheet, columns, "level")
    assert len(calls) == readings
    assert values.astype(object).where(values.notna(), None).tolist() == [1, 2, None, None, 3, 2]
    refused = [3] if other else [2, 3]
    assert sheet.findings[0]["row"].tolist() == [row + 2 for row in refused]


def test_many_findings_are_masked_in_time():
    table = many_findings()
    with in_time():
        masked = mask(table, [("x.csv", "name")])
    assert set(masked["value"]) == {"(not shown)"}
    assert masked["detail"].str.contains("not shown").all()


def test_many_faults_of_a_reader_are_folded_in_time():
    reader = many_findings(ErrorValue())
    both = pd.concat([reader, many_findings()], ignore_index=True)
    with in_time():
        folded = fold_stored_faults(both)
    assert len(folded) == MANY
    assert set(folded["rule"]) == {"not_permitted"}
    assert folded["detail"].str.endswith("is not permitted; " + ErrorValue().detail).all()


def test_many_findings_of_a_long_table_are_placed_in_time():
    long = {"item": "code", "value": "result"}
    columns = {"subject_id": "id", "visit": "visit", "date": "day"}
    tables = {"scim3": {"long": long, "columns": columns}}
    exports = {"x": Export.model_validate({"file": "x.csv", "format": "csv", "tables": tables})}
    record = pd.DataFrame(
        {
            "source_row": range(MANY),
            JOINED + "scim3": [str(row - row % 2) for row in range(MANY)],
            ITEM + "scim3": ["name" if row % 2 else "" for row in range(MANY)],
        }
    )
    table = many_findings()
    with in_time():
        located = locate_findings(table, exports, {"x": record})
    assert located["row"].tolist() == [row if row % 2 else row + 1 for row in range(MANY)]
    assert located["column"].tolist() == ["name" if row % 2 else "result" for row in range(MANY)]


def test_of_a_table_only_the_lines_that_are_asked_for_are_read_whole(tmp_path, monkeypatch):
    rows = pd.DataFrame({"row_id": [f"x:{row}" for row in range(500)], "text": "long" * 9})
    write_table(rows, tmp_path / "x.csv")
    blocks = counted(monkeypatch, text_files, "_parse")
    found = table_file(tmp_path / "x.csv").find_rows({"row_id": ["x:7", "x:400"]})
    assert found["row_id"].tolist() == ["x:7", "x:400"]
    assert [block.count(b"\n") for block in blocks] == [500, 2]


@pytest.mark.parametrize("seed", range(20))
def test_scores_at_both_visits_are_those_of_one_subject(seed):
    rng = np.random.default_rng(seed)
    names = {"instrument": "ab", "scale": "xyz", "subject_id": "123456", "visit": "pqr"}
    rows = pd.DataFrame({name: rng.choice(list(texts), 25) for name, texts in names.items()})
    rows = rows.astype("str")
    at = {
        visit: set(here[["instrument", "scale", "subject_id"]].itertuples(index=False, name=None))
        for visit, here in rows.groupby("visit")
    }
    both = at.get("p", set()) & at.get("q", set())
    assert scores_at_both(rows, "p", "q") == {key[:2] for key in both}


def test_rows_are_in_order_of_all_columns_and_by_their_ids_where_those_are_equal():
    rng = np.random.default_rng(7)
    who = pd.Categorical.from_codes(rng.integers(0, 4, 300), ["P10", "P2", "é", ""])
    days = pd.array(rng.integers(0, 3, 300), "Int64")
    days[rng.random(300) < 0.2] = pd.NA
    ids = pd.Series([f"x:{number}" for number in rng.permutation(300)], dtype="str").array
    frame = pd.DataFrame({"who": pd.Series(who).astype("str"), "days": days, "id": ids})
    expected = frame.sort_values(["who", "days", "id"], kind="stable").index.tolist()
    assert finished._in_order([who, days, ids]).tolist() == expected
    assert not len(finished._in_order([who[:0], days[:0], ids[:0]]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "check",
    [
        keys.merge_equal_rows,
        lambda sheet: keys.settle_duplicates(sheet, ["subject_id", "visit"], "keep_first", None),
    ],
    ids=["equal rows", "rows of one key"],
)
def test_rows_are_compared_without_a_copy_of_the_table(check):
    sheet = wide_sheet(20_000, 400, visits=4)
    with in_memory(400 * 20_000 / 4):
        check(sheet)


@pytest.mark.parametrize(
    "look",
    [
        lambda sheet: people.check_codes_alike({"walks": sheet}),
        flow._present,
        lambda sheet: sheet.row_ids(np.arange(len(sheet.written))),
    ],
    ids=["codes alike", "who is there", "names of rows"],
)
def test_who_has_rows_is_asked_without_a_text_for_each_row(look):
    rows = 100_000
    sheet = wide_sheet(rows, 1, visits=1000)
    with in_memory(rows * 20):
        look(sheet)


def test_codes_alike_are_told_once_each_and_of_kept_rows_alone():
    codes = ["P-1", "P-01", "P-01", "p-1", "P-001", "", "Q"]
    sheet = sheet_of(codes)
    sheet.values = pd.DataFrame({"subject_id": pd.Categorical(codes, [*sorted(set(codes)), "R-1"])})
    sheet.set_aside(np.array([4]), "no reason")
    people.check_codes_alike({"walks": sheet})
    found = pd.concat(sheet.findings)
    assert found["row"].tolist() == [2, 5]
    assert found["detail"].str.contains("P-01").all()
    assert flow._present(sheet) == {"P-1", "P-01", "p-1", "", "Q"}


def test_what_was_written_is_given_up_before_tables_are_made():
    sheet = wide_sheet(20, 3, visits=4)
    before = sheet.row_ids(np.arange(20))
    sheet.keep_values_alone()
    assert sheet.written.shape == (20, 0)
    assert list(sheet.row_ids(np.arange(20))) == list(before)
    assert sheet.days("date").shape == (20,)
