"""What a cell means as a number or a date, in the forms that are declared and in no other."""

import pytest
from owncontrol.cleaning.cell_values import Column, read_cell

NUMBERS = ("decimal_comma", "percent_sign")


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("0,76", "", 0.76),
        ("91.9 %", "percent", 91.9),
        ("91,9%", "percent", 91.9),
        ("0,760", "", 0.76),
        ("12,5", "", 12.5),
    ],
)
def test_other_forms_of_a_number_are_read_where_declared_and_noted(text, unit, value):
    reading = read_cell(text, Column("x", "number", unit=unit, numbers=NUMBERS))
    assert reading.value == value
    assert reading.note
    assert reading.rule.code == "number_form"
    assert read_cell(text, Column("x", "number", unit=unit)).error


@pytest.mark.parametrize(
    ("text", "unit", "reason"),
    [
        ("1,234", "", "can be 1.234 or 1234"),
        ("91.9 %", "minutes", "no number"),
        ("1,234,567", "", "no number"),
        ("1_000", "", "no number"),
        ("inf", "", "no number"),
        ("1e999", "", "outside"),
        ("0x10", "", "no number"),
    ],
)
def test_what_may_mean_two_numbers_or_none_is_refused(text, unit, reason):
    reading = read_cell(text, Column("x", "number", unit=unit, numbers=NUMBERS))
    assert reading.value is None
    assert reason in reading.error


def test_a_form_without_separators_is_not_filled_up():
    column = Column("x", "date", dates=("%Y%m%d",))
    assert read_cell("2021111", column).error
    assert str(read_cell("20211101", column).value) == "2021-11-01"


@pytest.mark.parametrize("text", ["1e0", "+1", "01", "0.1E1"])
def test_a_number_that_is_written_oddly_is_noted(text):
    reading = read_cell(text, Column("x", "integer"))
    assert (reading.value, reading.rule.code) == (1, "number_form")
    assert reading.note
    assert not read_cell("1", Column("x", "integer")).note
    assert not read_cell("0.5", Column("x", "number")).note


def test_texts_that_a_spreadsheet_would_run_are_kept_as_text_and_named():
    free = Column("term", "string")
    for text in ("=cmd|' /C calc'!A0", "@SUM(A1)", "+cmd|x", "-2+3+cmd|' /C calc'!A0"):
        reading = read_cell(text, free)
        assert (reading.value, reading.rule.code) == (text, "formula_text")
    assert read_cell("- none", free).note == ""
    assert "characters; at most" in read_cell("x" * 5000, free).error
    assert "not permitted" in read_cell("=1+1", Column("x", "string", permitted=("1",))).error
