"""Numbers in a column of dates: days of the workbook, dates in a declared form, or neither."""

import datetime

import openpyxl
import pandas as pd
import pytest
from export_files import export_entry, ingest
from owncontrol.basics.date_forms import TYPED_DATES
from owncontrol.cleaning.cell_values import Column, read_cell
from owncontrol.cleaning.columns import column_reader
from owncontrol.findings.cleaning_rules import NotPermitted
from owncontrol.findings.finding import Finding, findings_table, fold_stored_faults
from owncontrol.study.parts import CleaningSettings
from small_study import small_study

HEADER = ["id", "visit", "day", "level"]
WALKS = {
    "columns": {"subject_id": "id", "visit": "visit", "date": "day", "wisci_level": "level"},
}
PLAIN = ["%Y-%m-%d", "%Y-%m-%d %H:%M"]


def dates(tmp_path, values, forms=PLAIN, epoch=None):
    """The dates that ingest gives for cells of a date column, and the findings about them."""
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    book.active.append(HEADER)
    for number, value in enumerate(values):
        book.active.append([f"P{number}", "before", value, 3])
        if isinstance(value, str):
            book.active.cell(number + 2, 3).data_type = "s"
    book.save(tmp_path / "x.xlsx")
    found = ingest(tmp_path / "x.xlsx", dates=forms, tables={"wisci2": WALKS})
    notes = found.findings.loc[found.findings["rule"] == "date_as_number"]
    assert set(notes["severity"]) <= {"note"}
    read = list(found.tables["wisci2"]["date"])
    return read, list(zip(notes["row"], notes["column"], notes["value"], strict=True))


def cleaned(text, forms=PLAIN, kind="date"):
    column = Column("date", kind, dates=tuple(forms), typed_dates=TYPED_DATES)
    return read_cell(text, column)


@pytest.mark.parametrize(
    ("value", "date"),
    [
        (45046, "2023-04-30"),
        (45046.4375, "2023-04-30 10:30"),
        (45046.39600694444, "2023-04-30 09:30:15"),
        (10000, "1927-05-18"),
        (99999, "2173-10-13"),
    ],
)
def test_a_number_that_nobody_formatted_is_a_day(tmp_path, value, date):
    assert dates(tmp_path, [value]) == ([date], [(2, "day", str(value))])
    assert cleaned(date).error == ""


@pytest.mark.parametrize("value", [2014, 0, 1, 9999, 100000, 230430, 20230430, -45046, 0.5, 1e300])
def test_any_other_number_is_left_and_refused_in_cleaning(tmp_path, value):
    (text,), notes = dates(tmp_path, [value])
    assert float(text) == value
    assert notes == []
    assert "is no date in a declared form" in cleaned(text).error


def test_days_below_a_number_that_is_none_are_read(tmp_path):
    read, notes = dates(tmp_path, [5, 45046])
    assert (read, notes) == (["5", "2023-04-30"], [(3, "day", "45046")])


def test_a_number_that_is_stored_as_text_is_no_day(tmp_path):
    assert dates(tmp_path, ["45046", 45047]) == (
        ["45046", "2023-05-01"],
        [(3, "day", "45047")],
    )
    assert "is no date in a declared form" in cleaned("45046").error


@pytest.mark.parametrize(
    ("form", "value", "date"),
    [
        ("%y%m%d", 230430, "2023-04-30"),
        ("%Y%m%d", 20230430, "2023-04-30"),
        ("%d%m%Y", 30042023, "2023-04-30"),
        ("%y%j", 23120, "2023-04-30"),
        ("%Y", 2014, "2014-01-01"),
    ],
)
def test_a_declared_form_that_fits_wins(tmp_path, form, value, date):
    (text,), notes = dates(tmp_path, [value], [form])
    assert (text, notes) == (str(value), [])
    assert cleaned(text, [form]).value == datetime.date.fromisoformat(date)


@pytest.mark.parametrize(("form", "value"), [("%d%m%y", 10423), ("%d%m%y", 41275)])
def test_a_number_that_may_have_lost_its_first_zero_is_refused(tmp_path, form, value):
    # 010423 in that form, or a day of the workbook: nobody can tell.
    (text,), notes = dates(tmp_path, [value], [form])
    assert (text, notes) == (str(value), [])
    assert "is no date in a declared form" in cleaned(text, [form]).error


def test_two_declared_forms_that_fit_are_refused(tmp_path):
    forms = ["%y%m%d", "%d%m%y"]
    (text,), _ = dates(tmp_path, [110203], forms)
    assert "can be 2011-02-03 or 2003-02-11" in cleaned(text, forms).error


def test_a_day_beside_another_declared_form_is_read(tmp_path):
    assert dates(tmp_path, [45046, 230430], ["%y%m%d"])[0] == ["2023-04-30", "230430"]


def test_typed_dates_are_read_whatever_the_declared_forms(tmp_path):
    moments = [datetime.date(2023, 4, 30), datetime.datetime(2023, 4, 30, 9, 30),
               datetime.datetime(2023, 4, 30, 9, 30, 15),
               datetime.datetime(2023, 4, 30, 9, 30, 15, 250_000)]  # fmt: skip
    read, notes = dates(tmp_path, moments, ["%d.%m.%Y"])
    assert notes == []
    for text, moment in zip(read, moments, strict=True):
        reading = cleaned(text, ["%d.%m.%Y"], "datetime")
        whole = datetime.datetime.combine(moment, datetime.time())
        assert reading.value == (moment if isinstance(moment, datetime.datetime) else whole)
        assert reading.note == reading.error == ""


def test_notes_about_forms_are_about_declared_ones_only():
    forms = ["%d.%m.%Y", "%Y/%m/%d"]
    assert cleaned("30.04.2023", forms).note == ""
    assert "another declared form" in cleaned("2023/04/30", forms).note
    assert cleaned("2023-04-30", forms).note == ""
    # A date that a person typed day first as ISO would write it: refused, not turned.
    assert "can be" in cleaned("2023-03-04", ["%Y-%d-%m"]).error
    error = cleaned("30-04-2023", forms).error
    assert error == "'30-04-2023' is no date in a declared form (%d.%m.%Y, %Y/%m/%d)"


@pytest.mark.parametrize(
    ("file", "format", "typed"),
    [
        ("x.xlsx", "auto", True),
        ("x.dat", "excel", True),
        ("x.sav", "auto", True),
        ("x.csv", "auto", False),
        ("x.txt", "csv", False),
        ("x.bin", "stata", True),
    ],
)
def test_only_formats_that_store_dates_have_typed_ones(file, format, typed):
    export = export_entry(file, format=format, tables={"visits": {"columns": {}}})
    settings = CleaningSettings.taken_from(small_study())
    column = column_reader("visits", "date", export, settings, {})
    assert bool(column.typed_dates) == typed


def book_of(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def test_a_wide_table_has_its_dates_read_at_their_raw_columns(tmp_path):
    book_of(
        tmp_path / "x.xlsx",
        [
            ["id", "day_d1", "level_d1", "day_d7", "level_d7"],
            ["P1", 45046, 3, datetime.date(2023, 5, 6), 5],
            ["P2", datetime.date(2023, 4, 29), 2, 45052, 45046],
        ],
    )
    mapping = {
        "columns": {"subject_id": "id", "visit": "{visit}", "date": "day_{visit}",
                    "wisci_level": "level_{visit}"},
        "wide": "d1|d7",
    }  # fmt: skip
    found = ingest(tmp_path / "x.xlsx", tables={"wisci2": mapping})
    table = found.tables["wisci2"]
    assert list(table["date"]) == ["2023-04-30", "2023-05-06", "2023-04-29", "2023-05-06"]
    assert list(table["wisci_level"]) == ["3", "5", "2", "45046"]
    notes = found.findings
    assert list(zip(notes["row"], notes["column"], notes["value"], strict=True)) == [
        (2, "day_d1", "45046"),
        (3, "day_d7", "45052"),
    ]


def test_a_long_table_has_its_dates_read_too(tmp_path):
    book_of(
        tmp_path / "x.xlsx",
        [
            ["id", "visit", "when", "item", "value"],
            ["P1", "before", 45046, "LEVEL", 45046],
            ["P2", "before", datetime.date(2023, 5, 6), "LEVEL", 5],
            ["P3", "before", 45053, "OTHER", 5],
        ],
    )
    mapping = {
        "columns": {"subject_id": "id", "visit": "visit", "date": "when", "wisci_level": "LEVEL"},
        "long": {"item": "item", "value": "value"},
    }
    found = ingest(tmp_path / "x.xlsx", ignored=["OTHER"], tables={"wisci2": mapping})
    table = found.tables["wisci2"]
    assert list(table["date"]) == ["2023-04-30", "2023-05-06"]
    assert list(table["wisci_level"]) == ["45046", "5"]
    notes = found.findings.loc[found.findings["rule"] == "date_as_number"]
    assert list(notes["row"]) == [2]


def test_a_date_that_is_an_item_of_a_long_table_is_read_in_its_rows_only(tmp_path):
    book_of(
        tmp_path / "x.xlsx",
        [
            ["id", "visit", "item", "value"],
            ["P1", "before", "LEVEL", 45046],
            ["P1", "before", "DAY", 45046],
        ],
    )
    mapping = {
        "columns": {"subject_id": "id", "visit": "visit", "date": "DAY", "wisci_level": "LEVEL"},
        "long": {"item": "item", "value": "value"},
    }
    found = ingest(tmp_path / "x.xlsx", tables={"wisci2": mapping})
    table = found.tables["wisci2"]
    assert list(table["date"]) == ["2023-04-30"]
    assert list(table["wisci_level"]) == ["45046"]
    notes = found.findings.loc[found.findings["rule"] == "date_as_number"]
    assert list(zip(notes["row"], notes["column"], strict=True)) == [(3, "value")]


def test_one_raw_column_as_a_date_in_one_table_only(tmp_path):
    book_of(tmp_path / "x.xlsx", [HEADER, ["P1", "before", 45046, 3]])
    columns = {"subject_id": "id", "visit": "visit", "mrs_grade": "day"}
    second = {"columns": columns, "undated": True}
    found = ingest(tmp_path / "x.xlsx", tables={"wisci2": WALKS, "mrs": second})
    assert list(found.tables["wisci2"]["date"]) == ["2023-04-30"]
    assert list(found.tables["mrs"]["mrs_grade"]) == ["45046"]


def test_an_error_of_a_formula_is_found_once_unless_it_is_declared(tmp_path):
    def faults(missing=()):
        book_of(tmp_path / "x.xlsx", [HEADER, ["P1", "before", datetime.date(2023, 4, 30), "#N/A"]])
        found = ingest(tmp_path / "x.xlsx", missing=list(missing), tables={"wisci2": WALKS})
        assert list(found.tables["wisci2"]["wisci_level"]) == ["#N/A"]
        return found.findings

    reader = faults()
    assert list(zip(reader["row"], reader["column"], reader["rule"], strict=True)) == [
        (2, "level", "error_value")
    ]
    assert faults(["#N/A"]).empty
    rule = NotPermitted(reason="'#N/A' is not permitted")
    refused = Finding(rule, "x.xlsx", 2, "level", "#N/A")
    both = pd.concat([reader, findings_table([refused])], ignore_index=True)
    (entry,) = fold_stored_faults(both).itertuples()
    assert (entry.rule, entry.action) == ("not_permitted", "read as missing")
    assert entry.detail == ("'#N/A' is not permitted; an error of a formula, which is no value")
    elsewhere = both.assign(row=[2, 3]).astype(both.dtypes)
    assert len(fold_stored_faults(elsewhere)) == 2


def test_a_date_that_cannot_be_is_found_at_its_cell(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append(["P1", "before", 60, 3])
    book.active.append(["P2", "before", 3e6, 3])
    for row in (2, 3):
        book.active.cell(row, 3).number_format = "yyyy-mm-dd"
    book.save(tmp_path / "x.xlsx")
    found = ingest(tmp_path / "x.xlsx", tables={"wisci2": WALKS})
    assert list(found.tables["wisci2"]["date"]) == ["60", "3000000"]
    places = found.findings[["row", "column", "value", "rule", "severity"]]
    assert [tuple(place) for place in places.itertuples(index=False)] == [
        (2, "day", "60", "impossible_date", "error"),
        (3, "day", "3000000", "impossible_date", "error"),
    ]
