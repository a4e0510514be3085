"""Numbers, percentages, dates and times of a workbook: what their number formats make of them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, to_excel
from owncontrol.ingest.readers.workbook.book import Book
from owncontrol.ingest.readers.workbook.number_formats import section_for, sections
from owncontrol.ingest.readers.workbook.stored_values import number_text, value_of
from workbook_files import MAIN, found_in, handmade, read_book, rows_of, sheet, styles


def value(number, form, epoch=WINDOWS_EPOCH):
    book = Book.__new__(Book)
    book.formats, book.epoch = ["General", form], epoch
    return value_of(("n", "1", number), book)


def text(number, form, epoch=WINDOWS_EPOCH):
    return value(number, form, epoch).text


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("5", "5"),
        ("5.0", "5"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("007", "7"),
        ("0.1", "0.1"),
        ("0.91900000000000004", "0.919"),
        ("12.300000000000001", "12.3"),
        ("12.300000190734863", "12.300000190734863"),
        ("0.30000000000000004", "0.30000000000000004"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("1E+16", "10000000000000000"),
        ("1E17", "1e+17"),
        ("1.5E-7", "1.5e-07"),
        ("11234.56", "11234.56"),
        ("10345.67", "10345.67"),
        ("123456789012345678901", "123456789012345678901"),
    ],
)
def test_a_number_is_the_shortest_decimal_that_reads_back_the_same(stored, read):
    assert number_text(stored) == read


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_digit_of_a_number_is_lost(number):
    assert float(number_text(repr(number))) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9,
                   places=6))  # fmt: skip
def test_a_decimal_of_fifteen_digits_stays_as_it_is(number):
    plain = number_text(str(float(number)))
    assert float(plain) == float(number)
    assert "e" in plain or len(plain.replace("-", "").replace(".", "").lstrip("0")) <= 15


PERCENT = {
    "0%": ("0.919", "91.9"),
    "0.0%": ("1", "100"),
    "0.00%": ("0.95", "95"),
    "0 %": ("0.07", "7"),
    "#,##0.0%;[Red]-#,##0.0%": ("-0.125", "-12.5"),
    "0%;-0%;0%;@": ("0", "0"),
    "[<0.1]0.00%;0%": ("0.05", "5"),
    "[Red]0%": ("0.3", "30"),
    '0"of"%': ("0.29", "29"),
    "_-0.0%_-": ("0.58", "58"),
    "0.00000%": ("0.1234567890123", "12.34567890123"),
    "0%%": ("0.0012", "12"),
    "[$-409]0%": ("1e-07", "0.00001"),
}
NO_PERCENT = ['0" %"', "0\\%", '0.0"%"', "0_%", "0", "#,##0", '"100%" 0', "General", "@", "*%0"]


@pytest.mark.parametrize("form", PERCENT)
def test_percent_formats_give_the_percentage_exactly(form):
    stored, shown = PERCENT[form]
    read = value(stored, form)
    assert (read.text, read.stored, read.form, read.is_number) == (
        *(shown, number_text(stored), form),
        False,
    )


@pytest.mark.parametrize("form", NO_PERCENT)
def test_a_percent_sign_that_is_only_shown_changes_nothing(form):
    assert text("0.919", form) == "0.919"
    assert value("0.919", form).is_number


def test_the_section_of_a_format_that_shows_the_number_counts():
    assert [text(number, "[>=1]0.0;0%") for number in ("0.5", "1", "2")] == ["50", "1", "2"]
    assert [text(number, "0%;0.00") for number in ("0.5", "-0.5", "0")] == ["50", "-0.5", "0"]
    assert [text(number, "0%;0.00;0.0") for number in ("0.5", "0")] == ["50", "0"]
    assert section_for("[=1]0;[=2]0%", 3).percent == 0


@given(st.integers(0, 10**6), st.integers(0, 9))
def test_percentages_carry_no_rounding_error(whole, places):
    number = whole / 10**places
    shown = text(repr(number), "0%")
    assert float(shown) == pytest.approx(number * 100, rel=1e-15)
    assert len(shown.replace(".", "").strip("0")) <= len(repr(number).replace(".", "").strip("0"))


OTHERS = ["#,##0,", "0.0,,", "# ?/?", "0", "0.0", "0.00E+00", "000000", '0 "mmHg"', "0\\d",
          "#,##0 [$€-407]", "[Red]0;[Blue]0", "_-* #,##0.00 _€_-", "0_)", "@", ";;;"]  # fmt: skip


@pytest.mark.parametrize("form", OTHERS)
def test_other_formats_leave_the_number_as_it_is_stored(form):
    for stored in ("1234.5678", "0.25", "45013"):
        assert text(stored, form) == stored
        assert value(stored, form).is_number


DATE_FORMS = ["yyyy-mm-dd", "mm-dd-yy", "d/m/yy h:mm", "[$-409]d-mmm-yy;@", 'yyyy"年"m"月"d"日"',
              "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "mmm-yy", "DD.MM.YYYY", "d", "yyyy",
              "[Red]yyyy-mm-dd", "h:mm AM/PM", "mm:ss", "hh:mm:ss.000"]  # fmt: skip


@pytest.mark.parametrize("form", DATE_FORMS)
def test_dates_whatever_their_format(form):
    assert text("45046", form) == "2023-04-30"
    assert text("45046.4375", form) == "2023-04-30 10:30"
    assert not value("45046", form).is_number


def test_every_format_of_a_date_is_one_for_openpyxl_too():
    for form in (*BUILTIN_FORMATS.values(), *DATE_FORMS, *PERCENT, *NO_PERCENT):
        first = sections(form)[0]
        assert (first.has_date or first.has_time) == is_date_format(form), form


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("45046.39584490741", "2023-04-30 09:30:01"),
        ("45046.395833333336", "2023-04-30 09:30"),
        ("45046.39583622685", "2023-04-30 09:30:00.250"),
        ("45046.99999999999", "2023-05-01"),
        ("1", "1900-01-01"),
        ("59", "1900-02-28"),
        ("61", "1900-03-01"),
        ("2958465.9", "9999-12-31 21:36"),
    ],
)
def test_seconds_and_less_are_kept_where_they_are_not_zero(stored, shown):
    assert text(stored, "yyyy-mm-dd hh:mm") == shown


@given(st.datetimes(datetime.datetime(1900, 3, 1), datetime.datetime(9999, 12, 30)))
def test_any_second_is_read_back(moment):
    moment = moment.replace(microsecond=0)
    for epoch in (WINDOWS_EPOCH, MAC_EPOCH):
        if moment > MAC_EPOCH or epoch == WINDOWS_EPOCH:
            shown = text(repr(to_excel(moment, epoch)), "yyyy-mm-dd", epoch)
            assert datetime.datetime.fromisoformat(shown) == moment


@pytest.mark.parametrize("stored", ["-1", "-0.5", "60", "60.5", "0", "0.5", "2958466", "1e9"])
def test_a_number_that_no_date_has_is_an_error_at_its_cell(stored):
    read = value(stored, "yyyy-mm-dd")
    assert (read.text, read.fault.code) == (number_text(stored), "impossible_date")
    assert "date" in read.fault.detail


def test_the_date_system_of_1904_begins_with_day_0():
    assert text("0", "yyyy-mm-dd", MAC_EPOCH) == "1904-01-01"
    assert text("60", "yyyy-mm-dd", MAC_EPOCH) == "1904-03-01"
    assert text("43584.5", "yyyy-mm-dd hh:mm", MAC_EPOCH) == "2023-04-30 12:00"
    assert value("2957004", "yyyy-mm-dd", MAC_EPOCH).fault.code == "impossible_date"


@pytest.mark.parametrize(
    ("stored", "form", "shown"),
    [
        ("0.5", "h:mm", "12:00:00"),
        ("0.39584490741", "h:mm AM/PM", "09:30:01"),
        ("0", "h:mm:ss", "00:00:00"),
        ("1.5", "[h]:mm", "36:00:00"),
        ("0.0625", "[mm]:ss", "01:30:00"),
        ("-0.0625", "[h]:mm", "-01:30:00"),
        ("0.00001", "mm:ss.0", "00:00:00.864"),
    ],
)
def test_times_and_durations(stored, form, shown):
    assert text(stored, form) == shown


def test_formats_that_have_a_number_and_no_text_are_dates_where_they_are(tmp_path):
    numbers = [14, 22, 27, 31, 36, 50, 57, 58, 71, 81]
    style = (
        f'<styleSheet xmlns="{MAIN}"><cellXfs>'
        + "".join(f'<xf numFmtId="{number}"/>' for number in [*numbers, 9, 10, 67, 99, 80])
        + "</cellXfs></styleSheet>"
    )
    body = '<row><c t="str"><v>a</v></c></row>' + "".join(
        f'<row><c s="{place}"><v>45046</v></c></row>' for place in range(len(numbers))
    )
    first = len(numbers)
    body += "".join(f'<row><c s="{first + place}"><v>0.25</v></c></row>' for place in range(5))
    raw = read_book(handmade(tmp_path / "x.xlsx", sheet(body), style=style))
    texts = [text for (text,) in rows_of(raw).values()]
    assert texts == ["2023-04-30"] * len(numbers) + ["25", "25", "25", "0.25", "06:00:00"]


def test_percent_cells_are_noted_once_a_column_and_a_mixture_is_a_warning(tmp_path):
    body = '<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>'
    body += '<row><c s="1"><v>0.5</v></c><c s="1"><v>0.25</v></c></row>'
    body += '<row><c s="1"><v>0.7</v></c><c><v>0.35</v></c></row>'
    raw = read_book(handmade(tmp_path / "x.xlsx", sheet(body), style=styles("0.0%")))
    assert rows_of(raw) == {2: ("50", "25"), 3: ("70", "0.35")}
    first, second = raw.cell_findings
    assert found_in(raw) == [
        (2, "a", "0.5", "percent_cell", "note"),
        (2, "b", "0.25", "percent_cell", "warning"),
    ]
    assert first.action == "read as 50"
    assert first.detail.startswith("2 cells of this column with a percent format (0.0%) hold")
    assert second.detail.startswith("1 cell of this column with a percent format (0.0%) holds")
    assert "1 other number(s) of the column have no percent format" in second.detail


@pytest.mark.parametrize(
    "cell",
    ['t="str"><v>1</v>', 't="inlineStr"><is><t>1</t></is>', 't="s"><v>0</v>'],
)
def test_a_text_cell_with_a_number_among_numbers_is_noted(tmp_path, cell):
    body = '<row><c t="str"><v>a</v></c></row><row><c><v>1</v></c></row><row><c><v>2</v></c></row>'
    texts = f'<sst xmlns="{MAIN}"><si><t>1</t></si></sst>'
    page = sheet(body + f"<row><c {cell}</c></row>")
    raw = read_book(handmade(tmp_path / "x.xlsx", page, texts=texts))
    assert rows_of(raw) == {2: ("1",), 3: ("2",), 4: ("1",)}
    assert found_in(raw) == [(4, "a", "1", "number_as_text", "note")]
