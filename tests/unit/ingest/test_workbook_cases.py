"""The workbooks that were once read wrong, and others of their kinds: what each has to give."""

import datetime
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from export_files import export_entry, ingest
from owncontrol.basics.date_forms import TYPED_DATES
from owncontrol.cleaning.cell_values import Column, read_cell
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.workbook import sheets
from workbook_files import found_in, read_book, rows_of

CASES = Path(__file__).parents[2] / "cases"
EXAM = {
    2: ("P-01", "baseline", "2023-03-01", "3"),
    3: ("P-01", "day_28", "2023-03-30", "5"),
    4: ("P-02", "baseline", "2023-04-02", "0"),
    5: ("P-02", "day_28", "2023-05-01", "2"),
}


def test_every_cell_is_read_whatever_the_package_looks_like():
    for name in ("04-row-given-twice/last.xlsx", "11-workbook-part-name/exam.xlsx"):
        raw = read_book(CASES / name)
        assert rows_of(raw) == EXAM
        assert found_in(raw) == []


def test_percent_cells_are_the_percentages_that_the_workbook_shows():
    raw = read_book(CASES / "05-percent-and-superscript" / "walking_export.xlsx")
    cells = raw.cells.astype("str")
    assert list(cells["viability"].loc[[2, 5, 8]]) == ["91.9", "95", "100"]
    assert cells.at[9, "wisci_level"] == "1¹"
    assert found_in(raw) == [(2, "viability", "0.919", "percent_cell", "note")]


def test_a_declared_form_of_dates_wins_over_the_count_of_days():
    path = CASES / "06-dates-yymmdd" / "walk.xlsx"
    tables = {"wisci2": {"columns": {
        "subject_id": "record_id", "visit": "redcap_event_name", "date": "wisci_date",
        "wisci_level": "wisci_level",
    }}}  # fmt: skip
    found = ingest(path, dates=["%y%m%d"], tables=tables)
    texts = list(found.tables["wisci2"]["date"])
    assert texts[:3] == ["230430", "230529", "231030"]
    assert "date_as_number" not in set(found.findings["rule"])
    column = Column("date", "date", dates=("%y%m%d",), typed_dates=TYPED_DATES)
    reading = read_cell(texts[0], column)
    assert (reading.value, reading.note) == (datetime.date(2023, 4, 30), "")


def test_prefixes_of_elements_say_nothing():
    for name in ("plain", "prefixed"):
        raw = read_book(CASES / "09-prefixed-elements" / f"{name}.xlsx", header_rows=2)
        assert list(raw.cells.columns) == ["id", "Right C5", "Right C6", "Left C5", "Left C6"]
        assert rows_of(raw) == {3: ("P-01", "5", "4", "3", "2"), 4: ("P-02", "", "4", "3", "2")}
        assert found_in(raw) == [(4, "Right C5", "=1+1", "formula_without_value", "error")]


def test_a_formula_with_an_empty_text_as_its_result_is_an_empty_cell():
    raw = read_book(CASES / "10-formula-with-empty-result" / "exam.xlsx")
    assert rows_of(raw) == EXAM | {3: (*EXAM[3][:3], ""), 5: (*EXAM[5][:3], "")}
    assert found_in(raw) == []


def test_escaped_signs_are_decoded():
    raw = read_book(CASES / "12-escaped-characters" / "exam.xlsx")
    assert list(raw.cells.columns)[3] == "wisci\nlevel"  # as a spreadsheet writes it
    assert rows_of(raw) == {2: ("P-01\r\n", "baseline", "2023-03-01", "3", "fall\r\nfrom stairs")}


def test_the_first_visible_sheet_is_read_and_the_hidden_one_named():
    path = CASES / "19-hidden-first-sheet" / "exam.xlsx"
    raw = read_book(path)
    assert rows_of(raw) == EXAM
    assert found_in(raw) == [(None, "", "old", "hidden_sheet", "note")]
    raw = read_book(path, sheet="old")
    assert len(raw.cells) == 2
    assert found_in(raw) == [(None, "", "old", "hidden_sheet", "note")]
    assert read_book(path, sheet="data").findings == []
    assert [(sheet.name, sheet.visible) for sheet in sheets(path)] == [
        ("old", False),
        ("data", True),
    ]


def several_sheets(path, states):
    book = openpyxl.Workbook()
    for place, (name, state) in enumerate(states.items()):
        page = book.create_sheet(name)
        page.append(["a", "b"])
        page.append([place, "x"])
        page.sheet_state = state
    del book["Sheet"]
    book.create_chartsheet("Plot", 0)
    book.active = 1
    book.save(path)
    return path


def test_very_hidden_sheets_and_charts_are_passed_over(tmp_path):
    states = {"codes": "veryHidden", "old": "hidden", "data": "visible", "more": "visible"}
    path = several_sheets(tmp_path / "x.xlsx", states)
    raw = read_book(path)
    assert rows_of(raw) == {2: ("2", "x")}
    assert [value for _, _, value, _, _ in found_in(raw)] == ["codes", "old"]
    assert [sheet.visible for sheet in sheets(path)] == [False, False, True, True]
    assert rows_of(read_book(path, sheet="more")) == {2: ("3", "x")}
    with pytest.raises(InputError, match=r"'Plot' is no worksheet \(chartsheet\)"):
        read_book(path, sheet="Plot")
    with pytest.raises(InputError, match="has no sheet 'x'; it has: codes, old, data, more"):
        read_book(path, sheet="x")


def test_a_workbook_whose_worksheets_are_all_hidden_or_gone_is_one_line(tmp_path):
    path = several_sheets(tmp_path / "x.xlsx", {"old": "hidden", "codes": "veryHidden"})
    with pytest.raises(InputError, match="all its worksheets are hidden: 'old', 'codes'"):
        read_book(path)
    assert rows_of(read_book(path, sheet="codes")) == {2: ("1", "x")}
    path = several_sheets(tmp_path / "y.xlsx", {})
    for reader in (read_book, sheets):
        with pytest.raises(InputError, match="has no worksheet"):
            reader(path)


def renamed(path, target, old, new, absolute=False):
    """The package with a part under another name, and what names it changed too."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as changed:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith(".rels"):
                there = new if absolute else new.removeprefix("/xl/")
                for written in (f"/{old}", old.removeprefix("xl/")):
                    content = content.replace(f'"{written}"'.encode(), f'"{there}"'.encode())
            changed.writestr(new.lstrip("/") if name == old else name, content)


@pytest.mark.parametrize("absolute", [True, False])
@pytest.mark.parametrize("new", ["/xl/worksheets/page 7.xml", "/xl/sheets/deep/a.xml", "/xl/b.xml"])
def test_the_part_of_a_sheet_is_the_one_that_the_relationships_name(tmp_path, new, absolute):
    source = CASES / "04-row-given-twice" / "last.xlsx"
    renamed(source, tmp_path / "x.xlsx", "xl/worksheets/sheet1.xml", new, absolute)
    assert rows_of(read_book(tmp_path / "x.xlsx")) == EXAM


def test_parts_with_backslashes_and_other_letters_are_found(tmp_path):
    source = CASES / "04-row-given-twice" / "last.xlsx"
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo("placeholder")
            info.filename = name.replace("/", "\\").replace("sheet1", "Sheet1")
            new.writestr(info, old.read(name))
    assert rows_of(read_book(path)) == EXAM


def test_a_workbook_under_a_name_in_capitals_and_with_macros_is_read(tmp_path):
    shutil.copy(CASES / "04-row-given-twice" / "last.xlsx", tmp_path / "A.XLSM")
    assert rows_of(read_export(tmp_path / "A.XLSM", export_entry("A.XLSM"))) == EXAM
