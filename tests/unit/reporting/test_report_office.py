"""Tables for Word and spreadsheets: all the cells, no formula, no clock."""

import time
import zipfile

import docx
import openpyxl
import pandas as pd
import pytest
from owncontrol.reporting import office, workbooks
from owncontrol.reporting.column_widths import NO_BREAK, column_widths, fits
from owncontrol.reporting.report_tables import Table, absent
from owncontrol.reporting.word_tables import type_size, word_table

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
    cells = ([cell.text for cell in row.cells] for row in document.tables[0].rows)
    rows = [[text.replace(NO_BREAK, " ") for text in row] for row in cells]
    assert rows == [
        ["", "n", "Change (points)"],
        ["First"] * 3,  # one cell over all columns
        ["Motor", "13", "+3 (\u22121 to 5)"],
        ["@group"] * 3,
        ["=1+1", "2", "-4.5"],
        ["脊髄[U+0001]", "0", "\u2013"],
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


def test_columns_have_the_room_of_their_longest_word_and_share_what_is_left():
    rows = [["Endpoint", "n"], ["Total motor score of all limbs", "13"], ["Walking", "9"]]
    first, second = column_widths(rows, 60)
    assert first > second >= 2 + 1.5
    assert first == pytest.approx(len(rows[1][0]) + 1.5)
    for room in (5, 8, 12, 14, 30):
        assert sum(column_widths(rows, room)) <= room + 1e-9
    assert fits(rows, 13) and not fits(rows, 12)
    assert sum(column_widths(rows, 5)) == pytest.approx(5)


def test_a_head_repeats_no_row_is_divided_and_small_type_comes_before_broken_words():
    element = word_table(TABLE, 400)
    assert [len(row.findall("{*}trPr/{*}cantSplit")) for row in element.findall("{*}tr")] == [1] * 6
    assert len(element.findall("{*}tr/{*}trPr/{*}tblHeader")) == 1
    widths = [int(cell.get(f"{{{element.nsmap['w']}}}w")) for cell in element.iter("{*}gridCol")]
    assert len(widths) == 3 and sum(widths) <= 400 * 20
    crowded = Table("c", "C", ["Improvement"] * 6, [["12/13 (92 %)"] * 6])
    sizes = [type_size(crowded, room) for room in (500, 395, 370, 200)]
    assert sizes == [8.0, 7.5, 7.0, None]


def test_a_table_that_a_study_has_nothing_for_says_so(tmp_path):
    office.write_docx(absent("null-worlds"), tmp_path / "t.docx", synthetic=False)
    document = docx.Document(tmp_path / "t.docx")
    assert document.paragraphs[0].text == "Table. Null worlds"
    assert "no row" in document.paragraphs[-1].text


def test_all_tables_are_one_workbook_with_filters_widths_and_a_sheet_about_them(tmp_path):
    mixed = Table("m", "M", ["Name", "Value"], [["a", "1\u202f234.50"], ["b", "\u22122"]], ["x", 1])
    path = tmp_path / "t.xlsx"
    workbooks.write_tables([TABLE, mixed, absent("none")], "A study", True, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["about", "t", "m"]
    about = [[cell.value for cell in row] for row in book["about"].iter_rows()]
    assert about[0][0] == "SYNTHETIC data. A study"
    assert about[2:] == [
        ["Sheet", "Table", "Rows", "Note"],
        ["t", TABLE.title, 3, "A note."],
        ["m", "M", 2, "x1"],
    ]
    sheet = book["t"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:D4")
    assert sheet["A2"].value == "First" and sheet["D2"].value == "+3 (\u22121 to 5)"
    assert sheet["B3"].value == "=1+1" and sheet["B3"].data_type == "s"
    assert (book["m"]["B2"].value, book["m"]["B2"].number_format) == (1234.5, "0.00")
    assert book["m"]["B3"].value == -2
    assert 5 < sheet.column_dimensions["B"].width < 62


@pytest.mark.parametrize("kind", ["docx", "xlsx", "tables"])
def test_the_same_bytes_at_another_time(tmp_path, monkeypatch, kind):
    write = {
        "docx": lambda path: office.write_docx(TABLE, path, synthetic=False),
        "xlsx": lambda path: workbooks.write_workbook(FRAME, "e", path),
        "tables": lambda path: workbooks.write_tables([TABLE], "A study", False, path),
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
