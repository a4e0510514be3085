"""Title rows above a header, and cells with a label beside the table, by different writers."""

import openpyxl
import pytest
import xlsxwriter
from export_files import export_entry
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.delimited import read_delimited

TITLE = [
    ["ISNCSCI worksheet", "", "", ""],
    ["", "", "", ""],
    ["Patient:", "", "P-01", ""],
    ["Visit: Week 6", "", "Examiner", ""],
]
TABLE = [["Level", "Right", "", "Left"], ["", "LT", "PP", "LT"], ["C5", "2", "1", "2"]]
BELOW = [["VAC", "Yes", "DAP", "No"]]
LABELS = ["Patient", "visit", "Examiner", "VAC", "DAP"]
READ = {"title_rows": 4, "header_rows": 2, "labelled_cells": LABELS}
FOUND = {
    "{cell Patient}": "P-01",
    "{cell visit}": "Week 6",
    "{cell Examiner}": "",
    "{cell VAC}": "Yes",
    "{cell DAP}": "No",
}


def by_openpyxl(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([text or None for text in row])
    book.active.merge_cells("B5:C5")
    book.active.merge_cells("A1:D1")
    book.save(path)


def by_xlsxwriter(path, rows):
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for place, row in enumerate(rows):
        sheet.write_row(place, 0, row)
    sheet.merge_range("B5:C5", "Right")
    book.close()


def by_hand(path, rows):
    path.write_text("\r\n".join(";".join(row) for row in rows), "cp1252")


WRITERS = {"a.xlsx": by_openpyxl, "b.xlsx": by_xlsxwriter, "c.csv": by_hand}


def read(path, **given):
    kind = {"format": "excel"} if path.suffix == ".xlsx" else {"format": "csv", "delimiter": ";"}
    return read_export(path, export_entry(path.name, **{**READ, **kind, **given}))


@pytest.mark.parametrize("name", WRITERS)
def test_a_sheet_with_a_title_is_read_below_it(tmp_path, name):
    WRITERS[name](tmp_path / name, [*TITLE, *TABLE, *BELOW])
    raw = read(tmp_path / name)
    assert list(raw.cells.index) == [7]  # as a person counts; the row below is no row of the table
    assert raw.cells.astype("str").to_dict("records") == [
        {"Level": "C5", "Right LT": "2", "Right PP": "1", "Left LT": "2", **FOUND}
    ]
    assert not raw.set_aside
    assert [f.rule for f in [*raw.findings, *raw.cell_findings] if f.severity == "error"] == []


@pytest.mark.parametrize("name", WRITERS)
def test_a_label_that_is_not_there_or_twice(tmp_path, name):
    WRITERS[name](tmp_path / name, [*TITLE, *TABLE, *BELOW])
    with pytest.raises(InputError, match="no cell has the label 'Date'"):
        read(tmp_path / name, labelled_cells=["Date"])
    WRITERS[name](tmp_path / name, [*TITLE, *TABLE, *BELOW, *BELOW])
    with pytest.raises(InputError, match="label 'VAC' is in row 8 and in row 9"):
        read(tmp_path / name)


def test_a_label_that_is_in_the_title_twice(tmp_path):
    by_hand(tmp_path / "a.csv", [TITLE[0], TITLE[2], TITLE[3], TITLE[2], *TABLE, *BELOW])
    with pytest.raises(InputError, match="label 'Patient' is in row 2 and in row 4"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize("name", WRITERS)
def test_more_title_rows_than_there_are(tmp_path, name):
    WRITERS[name](tmp_path / name, [*TITLE, *TABLE])
    with pytest.raises(InputError, match="20 title rows and no header below them"):
        read(tmp_path / name, title_rows=20)


def test_what_is_right_of_the_table_is_not_of_it(tmp_path):
    rows = [["Level", "LT", "", "VAC", "Yes"], ["C5", "2", "", "", ""], ["C6", "1", "", "", ""]]
    # Labels beside the header's own row are title cells only where they are above it.
    rows = [["x", "", "", "", ""], ["Level", "LT", "", "", ""], ["C5", "2", "", "VAC", "Yes"]]
    by_hand(tmp_path / "a.csv", rows)
    given = {"title_rows": 1, "header_rows": 1, "labelled_cells": ["VAC"]}
    raw = read(tmp_path / "a.csv", **given)
    assert raw.cells.astype("str").to_dict("records") == [
        {"Level": "C5", "LT": "2", "{cell VAC}": "Yes"}
    ]


def test_a_labelled_number_right_of_the_table_is_not_of_it(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Level", "LT"], ["C5", 2], [None, "VAC", 1]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    raw = read(tmp_path / "a.xlsx", title_rows=0, header_rows=1, labelled_cells=["VAC"])
    assert raw.cells.astype("str").to_dict("records") == [
        {"Level": "C5", "LT": "2", "{cell VAC}": "1"}
    ]
    assert list(raw.numbers) == ["LT"]


def test_title_rows_are_counted_behind_a_line_that_names_the_delimiter(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('sep=;\n"a ""title"""\n\nid;x\nP1;2\n', "utf-8")
    grid = read_delimited(path, "utf-8", ",", 2)
    assert (grid.first_row, grid.header, list(grid.cells.index)) == (4, ["id", "x"], [5])
    assert grid.title == [['a "title"'], []]
