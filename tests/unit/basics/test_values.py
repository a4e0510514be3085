"""Cells: declared forms are read, everything else is a reason, never a guess."""

import datetime

import pytest
from owncontrol.cleaning.cell_values import Column, read_cell

DATES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "fall", "fall"),
        ("number", "2.50", 2.5),
        ("number", "-3", -3.0),
        ("integer", "3.0", 3),
        ("boolean", "Y", True),
        ("boolean", "0", False),
        ("date", "2021-03-04", datetime.date(2021, 3, 4)),
    ],
)
def test_values_as_declared_are_read_without_a_word(kind, text, value):
    reading = read_cell(text, Column("x", kind, dates=DATES))
    assert (reading.value, reading.note, reading.error) == (value, "", "")


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("number", "1,5", "decimal comma"),
        ("number", "95%", "no number"),
        ("number", "nan", "no number"),
        ("integer", "2.5", "no whole number"),
        ("boolean", "maybe", "neither yes nor no"),
        ("date", "04.03.2021", "no date in a declared form"),
        ("date", "2021-02-30", "no date in a declared form"),
    ],
)
def test_everything_else_is_a_reason(kind, text, reason):
    reading = read_cell(text, Column("x", kind, dates=DATES))
    assert reading.value is None
    assert reason in reading.error


def test_another_declared_form_of_date_is_noted():
    reading = read_cell("28/03/2021", Column("x", "date", dates=DATES))
    assert reading.value == datetime.date(2021, 3, 28)
    assert "%d/%m/%Y" in reading.note


def test_a_date_that_two_declared_forms_read_differently_is_refused():
    column = Column("x", "date", dates=("%d/%m/%Y", "%m/%d/%Y"))
    assert "2021-04-03 or 2021-03-04" in read_cell("03/04/2021", column).error
    assert read_cell("28/03/2021", column).value == datetime.date(2021, 3, 28)
    assert read_cell("03/03/2021", column).value == datetime.date(2021, 3, 3)


def test_limits_and_permitted_values_name_what_is_allowed():
    assert (
        "outside 0 to 120 years"
        in read_cell("121", Column("age", "number", minimum=0, maximum=120, unit="years")).error
    )
    assert (
        "permitted: 0, 1, 2"
        in read_cell("3", Column("cell", "string", permitted=("0", "1", "2"))).error
    )


def test_missing_codes_are_missing_only_where_declared():
    column = Column("x", "number", missing=("UNK", "-99"))
    assert read_cell("UNK", column) == read_cell("", column)
    assert read_cell("-99", column).value is None
    assert read_cell("-99", Column("x", "number")).value == -99
    assert "no number" in read_cell("?", column).error
    assert (
        "required" in read_cell("UNK", Column("x", "number", required=True, missing=("UNK",))).error
    )


def test_spaces_widths_and_declared_spellings_are_noted():
    items = Column("cell", "string", permitted=("0", "5", "NT"), spellings={"nt": "NT", "9": "NT"})
    assert read_cell(" 5\u00a0", items).note
    assert read_cell("５", items).value == "5"
    assert read_cell("nt", items).value == "NT"
    assert read_cell("nt", items).note
    assert read_cell("N.T.", items).error
    code = Column("subject_id", "string", pattern="OC-[0-9]{2}", upper_case=True)
    assert read_cell("oc-07", code).value == "OC-07"
    assert read_cell("oc-07", code).note
    assert read_cell("OC-7", code).error


def test_a_recode_is_the_files_own_code_list_and_not_worth_a_note():
    column = Column("sex", "string", permitted=("female", "male"), recode={"1": "male"})
    reading = read_cell("1", column)
    assert (reading.value, reading.note) == ("male", "")
    assert "not permitted" in read_cell("3", column).error
