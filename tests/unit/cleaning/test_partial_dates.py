"""What a text means as a date of which a part is not known, to the first and last that is one."""

import datetime

import pytest
from owncontrol.cleaning.partial_dates import PartialDate, partial_date

DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"


@pytest.mark.parametrize(
    ("text", "form", "year", "month"),
    [
        ("1900", "%Y-%m-%d", 1900, None),
        ("1900-UN-UN", "%Y-%m-%d", 1900, None),
        ("2014-05", "%Y-%m-%d", 2014, 5),
        ("2014-01-UN", "%Y-%m-%d", 2014, 1),
        ("2014-12-UN", "%Y-%m-%d", 2014, 12),
        ("2014-UN-01", "%Y-%m-%d", 2014, None),
        ("2014-UN-31", "%Y-%m-%d", 2014, None),
        ("2014---15", "%Y-%m-%d", 2014, None),
        ("UN/05/2014", DAY_FIRST, 2014, 5),
        ("00/05/2014", DAY_FIRST, 2014, 5),
        ("05/2014", DAY_FIRST, 2014, 5),
        ("UN-MAY-2014", "%d-%b-%Y", 2014, 5),
        ("UN-March-2014", "%d-%b-%Y", 2014, 3),
        ("MAY, 2014", "%b %d, %Y", 2014, 5),
        ("UNMAY2014", "%d%b%Y", 2014, 5),
        ("MAY2014", "%d%b%Y", 2014, 5),
        ("UN.05.14", "%d.%m.%y", 2014, 5),
        ("05/UN/2014", MONTH_FIRST, 2014, 5),
        ("2014-05-UN", f"{DAY_FIRST} %H:%M", 2014, 5),
        ("UN/05/2014", f"{DAY_FIRST} %H:%M", 2014, 5),
        ("UN/UN/UNKN", DAY_FIRST, None, None),
        ("00/00/0000", DAY_FIRST, None, None),
        ("----15", "%Y-%m-%d", None, None),  # SDTM: the day alone is known
        ("--12-15", "%Y-%m-%d", None, None),
    ],
)
def test_a_partial_date(text, form, year, month):
    assert partial_date(text, (form,)) == PartialDate(year, month)


@pytest.mark.parametrize(
    "text",
    [
        "1899",
        "1899-UN-UN",
        "2014-13-UN",
        "2014-UN-32",
        "2014-05-15",
        "-",
        "--",
        "---",
        "-----",
        "____-__-__",
        "0000",
        "14",
        "UN",
        "2014-5x",
        "2014-MOI-UN",
    ],
)
def test_no_partial_date(text):
    assert partial_date(text, ("%Y-%m-%d", "%Y-%b-%d")) is None


def test_what_can_mean_several_is_what_they_have_in_common():
    both = (DAY_FIRST, MONTH_FIRST)
    assert partial_date("UN/05/2014", (DAY_FIRST,)) == PartialDate(2014, 5)
    assert partial_date("UN/05/2014", both) == PartialDate(2014)
    assert partial_date("UN/15/2014", both) == PartialDate(2014)


def test_the_days_that_it_can_be_and_how_it_is_said():
    day = datetime.date
    assert PartialDate(2012, 2).span == (day(2012, 2, 1), day(2012, 2, 29))
    assert PartialDate(2013).span == (day(2013, 1, 1), day(2013, 12, 31))
    assert PartialDate(None).span is None
    told = [PartialDate(2012, 2), PartialDate(2013), PartialDate(None)]
    assert [date.precision for date in told] == ["month", "year", "unknown"]
    assert [str(date) for date in told] == ["2012-02", "2013", "a date without its year"]
