"""Workbooks of several programs are read alike, and as a second, independent reader reads them."""

import datetime
import math
from pathlib import Path

import openpyxl
import pyexcelerate
import pytest
import python_calamine
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from workbook_files import found_in, read_book, rows_of

EXAMPLE = Path(__file__).parents[3] / "data" / "raw" / "example"
# XML holds no other control signs; texts that look like an escape are a test of their own.
SIGNS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="_\ufffe\uffff")
TEXT = st.text(SIGNS | st.sampled_from("\n\t"), max_size=12)
NUMBER = st.floats(-1e300, 1e300, allow_subnormal=False) | st.integers(-(2**53), 2**53)
TABLE = st.lists(st.lists(st.none() | TEXT | NUMBER, min_size=3, max_size=3), max_size=8)
NAMES = ["a", "b", "c"]


def by_openpyxl(path, table):
    book = openpyxl.Workbook()
    for row, values in enumerate(table, start=1):
        for column, value in enumerate(values, start=1):
            cell = book.active.cell(row, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)


def by_xlsxwriter(path, table, **options):
    with xlsxwriter.Workbook(path, options) as book:
        page = book.add_worksheet()
        for row, values in enumerate(table):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    page.write_string(row, column, value)
                elif value is not None:
                    page.write_number(row, column, value)


def by_xlsxwriter_in_rows(path, table):
    by_xlsxwriter(path, table, constant_memory=True)


def by_pyexcelerate(path, table):
    book = pyexcelerate.Workbook()
    book.new_sheet("data", data=[["" if v is None else v for v in row] for row in table])
    book.save(str(path))


def same(text, value):
    """Whether a text is a written value; openpyxl and xlsxwriter write 16 significant digits."""
    if isinstance(value, str) or value is None:
        return text == (value or "")
    return math.isclose(float(text), value, rel_tol=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("write", [by_openpyxl, by_xlsxwriter, by_xlsxwriter_in_rows])
@settings(max_examples=60, deadline=None)
@given(table=TABLE)
def test_a_table_reads_back_as_it_was_written(tmp_path_factory, write, table):
    path = tmp_path_factory.mktemp("table") / "x.xlsx"
    write(path, [NAMES, *table, ["end", "end", "end"]])
    raw = read_book(path)
    read = rows_of(raw)
    for row, values in enumerate(table, start=2):
        if row in raw.set_aside:
            assert not any(str("" if v is None else v).strip() for v in values) or values == NAMES
            continue
        for text, value in zip(read[row], values, strict=True):
            assert same(text, value), (row, text, value)


MOMENT = datetime.datetime(2023, 4, 30, 9, 30, 15)
PLAIN = [
    ["P-01", 3, 12.3, "2023-04-30"],
    ["P-02 ", 0, 0.919, "ä <&> \"'"],
    ["1¹", -5, 1e-05, "x\ny"],
    ["007", 45046, 123456789.125, " "],
]


@pytest.mark.parametrize(
    "write", [by_openpyxl, by_xlsxwriter, by_xlsxwriter_in_rows, by_pyexcelerate]
)
def test_four_writers_give_one_table(tmp_path, write):
    write(tmp_path / "x.xlsx", [["a", "b", "c", "d"], *PLAIN])
    assert rows_of(read_book(tmp_path / "x.xlsx")) == {
        2: ("P-01", "3", "12.3", "2023-04-30"),
        3: ("P-02 ", "0", "0.919", "ä <&> \"'"),
        4: ("1¹", "-5", "1e-05", "x\ny"),
        5: ("007", "45046", "123456789.125", " "),
    }


def test_escaped_signs_of_xlsxwriter(tmp_path):
    texts = ["a\rb", "_x000D_", "_x0041_", "\x01", "\x0b\x1f", "_x", "_x005F_"]
    by_xlsxwriter(tmp_path / "x.xlsx", [["a", "b"], *([text, "x"] for text in texts)])
    assert [first for first, _ in rows_of(read_book(tmp_path / "x.xlsx")).values()] == texts


def test_formats_and_formulas_of_xlsxwriter(tmp_path):
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["date", "share", "rich", "given", "blank", "not calculated", "flag"])
        page.write_datetime(1, 0, MOMENT, book.add_format({"num_format": "dd.mm.yy hh:mm"}))
        page.write_number(1, 1, 0.919, book.add_format({"num_format": "0%"}))
        bold = book.add_format({"bold": True})
        page.write_rich_string(1, 2, "a ", bold, "b", " c")
        page.write_formula(1, 3, "=1+2", None, 3)
        page.write_formula(1, 4, '=IF(1,"","x")', None, "")
        page.write_formula(1, 5, "=1+2")
        page.write_boolean(1, 6, True)
    raw = read_book(path)
    assert rows_of(raw) == {2: ("2023-04-30 09:30:15", "91.9", "a b c", "3", "", "0", "True")}
    # A blank result of xlsxwriter has no type: it asks other programs to calculate.
    assert [(column, rule) for _, column, _, rule, _ in found_in(raw)] == [
        ("blank", "formula_without_value"),
        ("share", "percent_cell"),
        ("not calculated", "formula_not_calculated"),
    ]


def test_dates_of_three_writers_and_both_date_systems(tmp_path):
    days = [datetime.date(2023, 4, 30), MOMENT, datetime.time(9, 30, 15)]
    shown = ("2023-04-30", "2023-04-30 09:30:15", "09:30:15")
    for epoch in (openpyxl.utils.datetime.WINDOWS_EPOCH, openpyxl.utils.datetime.MAC_EPOCH):
        book = openpyxl.Workbook()
        book.epoch = epoch
        book.active.append(["a", "b", "c"])
        book.active.append(days)
        book.save(tmp_path / "x.xlsx")
        assert rows_of(read_book(tmp_path / "x.xlsx")) == {2: shown}
    book = openpyxl.Workbook()
    book.iso_dates = True
    book.active.append(["a", "b", "c"])
    book.active.append(days)
    book.save(tmp_path / "iso.xlsx")
    assert rows_of(read_book(tmp_path / "iso.xlsx")) == {2: shown}
    for date_1904 in (False, True):
        with xlsxwriter.Workbook(tmp_path / "y.xlsx", {"date_1904": date_1904}) as other:
            page = other.add_worksheet()
            page.write_row(0, 0, ["a", "b", "c"])
            for column, (day, form) in enumerate(
                zip(days, ["yyyy-mm-dd", "d/m/yy hh:mm", "hh:mm:ss"], strict=True)
            ):
                page.write_datetime(1, column, day, other.add_format({"num_format": form}))
        assert rows_of(read_book(tmp_path / "y.xlsx")) == {2: shown}
    # pyexcelerate gives a date no format of its own accord; the number is then read as it is.
    third = pyexcelerate.Workbook()
    page = third.new_sheet("a", data=[["a", "b"], [MOMENT, MOMENT]])
    page.set_cell_style(2, 1, pyexcelerate.Style(format=pyexcelerate.Format("yyyy-mm-dd")))
    third.save(str(tmp_path / "z.xlsx"))
    assert rows_of(read_book(tmp_path / "z.xlsx")) == {2: (shown[1], "45046.396006944444")}


def as_text(value):
    """What a value of openpyxl or calamine has to be as text."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat(" ", "minutes" if value.second == 0 else "seconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@pytest.mark.slow
@pytest.mark.parametrize("sheet", ["Exams", "About"])
def test_the_example_reads_as_two_other_readers_read_it(sheet):
    path = EXAMPLE / "isncsci_exams.xlsx"
    raw = read_book(path, sheet=sheet)
    first = openpyxl.load_workbook(path, data_only=True)[sheet]
    second = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    width = len(raw.cells.columns)
    for row, texts in rows_of(raw).items():
        cells = [as_text(cell.value) for cell in first[row]][:width]
        assert cells == list(texts), row
        # calamine gives an error of a formula as an empty cell.
        plain = ["" if cell.data_type == "e" else as_text(cell.value) for cell in first[row]]
        assert [as_text(value) for value in second[row - 1]] == plain, row
    assert len(raw.cells) + len(raw.set_aside) == first.max_row - 1
