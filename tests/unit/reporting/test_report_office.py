"""Tables for Word and spreadsheets: all the cells, no formula, no clock."""

import time
import zipfile

import docx
import openpyxl
import pandas as pd
import pytest
from owncontrol.reporting import office, workbooks
from owncontrol.reporting.report_tables import Table

TABLE = Table(
    "t",
    "Change <of> scores & more",
    ["", "n", ["Change ", "(points)"]],
    [
        ["Motor", "13", ["+3", " (", "\u22121 to 5", ")"]],
        ["=1+1", "2", "-4.5"],
        ["脊髄\x01", "0", "\u2013"],
    ],
    "A note.",
    {0: "First", 1: "@group"},
)
FRAME = pd.DataFrame(
    {"id": ["a", "=cmd|' /C calc'!A0", "+1"], "value": [1.5, None, -2.0], "n": [1, 2, 3]}
)


def test_a_table_for_word_has_title_head_groups_cells_and_note(tmp_path):
    office.write_docx(TABLE, tmp_path / "t.docx", synthetic=True)
    document = docx.Document(tmp_path / "t.docx")
    assert document.paragraphs[0].text == "Table. SYNTHETIC data. Change <of> scores & more"
    assert document.paragraphs[-1].text == "A note."
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert rows == [
        ["", "n", "Change (points)"],
        ["First", "", ""],
        ["Motor", "13", "+3 (\u22121 to 5)"],
        ["@group", "", ""],
        ["=1+1", "2", "-4.5"],
        ["脊髄\ufffd", "0", "\u2013"],
    ]


def test_a_table_as_csv_has_no_formula(tmp_path):
    office.write_csv(TABLE, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text("utf-8").splitlines() == [
        "Group,,n,Change (points)",
        "First,Motor,13,'+3 (\u22121 to 5)",
        "'@group,'=1+1,2,-4.5",
        "'@group,脊髄\x01,0,\u2013",
    ]


def test_a_workbook_keeps_texts_as_texts_and_numbers_as_numbers(tmp_path):
    workbooks.write_workbook(FRAME, "estimates", tmp_path / "e.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "e.xlsx")["estimates"]
    rows = [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [("id", "s"), ("value", "s"), ("n", "s")]
    assert rows[2] == [("=cmd|' /C calc'!A0", "s"), (None, "n"), (2, "n")]
    assert rows[3] == [("+1", "s"), (-2, "n"), (3, "n")]


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 2)
    workbooks.write_workbook(FRAME, "estimates", tmp_path / "e.xlsx")
    book = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert book.sheetnames == ["estimates", "estimates 2"]
    assert [row[0].value for row in book["estimates 2"].iter_rows()] == ["id", "+1"]


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_the_same_bytes_at_another_time(tmp_path, monkeypatch, kind):
    write = {
        "docx": lambda path: office.write_docx(TABLE, path, synthetic=False),
        "xlsx": lambda path: workbooks.write_workbook(FRAME, "e", path),
    }[kind]
    write(tmp_path / "one")
    later = time.localtime(2e9)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr(time, "localtime", lambda *_: later)
    write(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with zipfile.ZipFile(tmp_path / "one") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert max(entry.compress_type for entry in archive.infolist()) == 8
        assert b"2026" not in archive.read("docProps/core.xml")
