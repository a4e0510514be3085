"""Dates and times of SAS, SPSS and Stata: as their format shows them, no day invented."""

import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from export_files import export_entry
from hypothesis import given
from hypothesis import strategies as st
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.statistical.stored_dates import date_text
from owncontrol.ingest.readers.statistical.value_formats import form_of
from transport_files import Dataset, transport

CASE = Path(__file__).parents[2] / "cases" / "16-date-beyond-9999" / "far.sav"
DAY = (datetime.date(2014, 5, 14) - datetime.date(1960, 1, 1)).days
SPSS_DAY = (datetime.date(2014, 5, 14) - datetime.date(1582, 10, 14)).days * 86400
NOON = 12 * 3600


def read(path, **given):
    return read_export(path, export_entry(path.name, **given))


def column(raw, name):
    return raw.cells[name].astype("str").tolist()


def shown(kind, written, number):
    return date_text(Decimal(str(number)), form_of(kind, written), kind)


def test_the_case_of_a_date_beyond_9999():
    raw = read(CASE)
    assert column(raw, "exam") == ["2023-05-04", "417076128000 (EDATE10)"]
    assert column(raw, "wisci") == ["3", "5"]
    (finding,) = raw.cell_findings
    assert (finding.row, finding.column, finding.rule) == (2, "exam", "no_date")
    assert (finding.severity, finding.value) == ("error", "417076128000 (EDATE10)")


@pytest.mark.parametrize(
    ("written", "number", "text"),
    [
        ("DATE9", DAY, "2014-05-14"),
        ("YYMMDD10", DAY, "2014-05-14"),
        ("E8601DA10", DAY, "2014-05-14"),
        ("WEEKDATE29", DAY, "2014-05-14"),
        ("DEUDFDE9", DAY, "2014-05-14"),
        ("MONYY7", DAY, "2014-05"),
        ("MMYYS7", DAY, "2014-05"),
        ("YEAR4", DAY, "2014"),
        ("YYQ6", DAY, "2014Q2"),
        ("QTR1", DAY, "2"),
        ("MONTH2", DAY, "5"),
        ("DATETIME20", DAY * 86400 + NOON, "2014-05-14 12:00"),
        ("DATETIME22.3", Decimal(DAY * 86400 + 1) + Decimal("0.25"), "2014-05-14 00:00:01.25"),
        ("DTMONYY7", DAY * 86400 + NOON, "2014-05"),
        ("DTDATE9", DAY * 86400 + NOON, "2014-05-14"),
        ("E8601DN10", DAY * 86400, "2014-05-14"),
        ("TIME8", 49.5 * 3600, "49:30:00"),
        ("TIME8", -90, "-00:01:30"),
        ("TOD8", DAY * 86400 + NOON, "12:00:00"),
        ("HHMM5", 3661.5, "01:01:01.5"),
        ("DATE9", -1, "1959-12-31"),
        # SAS has no 29 February in the years 4000 and 8000; it stores 31DEC9999 as 2936547.
        ("DATE9", 745153, "4000-02-28"),
        ("DATE9", 745154, "4000-03-01"),
        ("DATE9", 2936547, "9999-12-31"),
        ("DATE9", 2936548, None),
        ("DATE9", -200000, None),
        ("DATETIME20", 1e18, None),
    ],
)
def test_formats_of_sas(written, number, text):
    assert shown("sas7bdat", written, number) == text
    assert shown("xport", written, number) == text


@pytest.mark.parametrize(
    ("written", "number", "text"),
    [
        *((name, SPSS_DAY, "2014-05-14") for name in ("DATE11", "ADATE10", "EDATE8", "SDATE10")),
        ("JDATE7", SPSS_DAY, "2014-05-14"),
        ("DATETIME20", SPSS_DAY + NOON, "2014-05-14 12:00"),
        ("YMDHMS19", SPSS_DAY + NOON + 5, "2014-05-14 12:00:05"),
        ("MOYR8", SPSS_DAY, "2014-05"),
        ("QYR8", SPSS_DAY, "2 Q 2014"),
        ("WKYR10", SPSS_DAY, "20 WK 2014"),
        ("TIME8", 90000, "25:00:00"),
        ("DTIME12", 90000.5, "25:00:00.5"),
        ("MTIME5", 61, "00:01:01"),
        ("DATE11", 0, None),
        ("DATE11", -86400, None),
        ("DATE11", 86400, "1582-10-15"),
        ("DATE11", 1e300, None),
    ],
)
def test_formats_of_spss(written, number, text):
    assert shown("spss", written, number) == text


@pytest.mark.parametrize(
    ("written", "number", "text"),
    [
        ("%td", DAY, "2014-05-14"),
        ("%d", DAY, "2014-05-14"),
        ("%-td", DAY, "2014-05-14"),
        ("%tdD_m_Y", DAY, "2014-05-14"),
        ("%dD_m_Y", DAY, "2014-05-14"),
        ("%tdNN/DD/CCYY", DAY, "2014-05-14"),
        ("%tdMon_CCYY", DAY, "2014-05"),
        ("%tdMonth_CCYY", DAY, "2014-05"),
        ("%tdCCYY", DAY, "2014"),
        ("%tdDayname,_Month_DD,_CCYY", DAY, "2014-05-14"),
        ("%tc", DAY * 86_400_000 + 1500, "2014-05-14 00:00:01.5"),
        ("%tcDD/NN/CCYY", DAY * 86_400_000 + 1500, "2014-05-14"),
        ("%tcHH:MM", DAY * 86_400_000 + 60_000, "00:01:00"),
        ("%tcNN/DD/CCYY_HH:MM", DAY * 86_400_000 + 60_000, "2014-05-14 00:01"),
        ("%tm", 652, "2014-05"),
        ("%tm", -1, "1959-12"),
        ("%tq", 217, "2014q2"),
        ("%th", 108, "2014h1"),
        ("%tw", 54 * 52 + 19, "2014w20"),
        ("%ty", 2014, "2014"),
        ("%ty", 20140, None),
        ("%tm", 652.5, None),
        ("%tm", 1e6, None),
        ("%td", 2936550, None),
    ],
)
def test_formats_of_stata(written, number, text):
    assert shown("stata", written, number) == text


def test_leap_seconds_of_stata_are_taken_out(tmp_path):
    before = (datetime.datetime(2016, 12, 31, 23, 59, 59) - datetime.datetime(1960, 1, 1)).days
    start = (before * 86400 + 86399 + 26) * 1000
    texts = [shown("stata", "%tC", start + second * 1000) for second in range(3)]
    assert texts == ["2016-12-31 23:59:59", "2016-12-31 23:59:60", "2017-01-01 00:00"]
    assert shown("stata", "%tC", 0) == "1960-01-01 00:00"
    path = tmp_path / "a.dta"
    data = pd.DataFrame({"when": [float(start + 2000)]})
    pyreadstat.write_dta(data, str(path), variable_format={"when": "%tC"})
    raw = read(path)
    assert column(raw, "when") == ["2017-01-01 00:00"]
    assert [finding.rule for finding in raw.cell_findings] == ["leap_seconds"]


@given(st.datetimes(datetime.datetime(1600, 1, 1), datetime.datetime(3999, 12, 31)))
def test_any_moment_of_the_calendar_is_read_as_it_is(moment):
    stamp = f"{moment:%Y-%m-%d %H:%M}".rjust(16, "0")
    if moment.second or moment.microsecond:
        stamp += f":{moment:%S}"
    if moment.microsecond:
        stamp += f".{moment:%f}".rstrip("0")
    for kind, written, origin in (
        ("sas7bdat", "DATETIME20", datetime.datetime(1960, 1, 1)),
        ("spss", "DATETIME20", datetime.datetime(1582, 10, 14)),
        ("stata", "%tc", datetime.datetime(1960, 1, 1)),
    ):
        passed = moment - origin
        step = 1000 if kind == "stata" else 1_000_000
        micro = (passed.days * 86400 + passed.seconds) * 1_000_000 + passed.microseconds
        assert shown(kind, written, Decimal(micro) / step) == stamp


def test_one_bad_date_in_each_format_of_file(tmp_path):
    far = [float(DAY), 4e6, np.nan]
    pyreadstat.write_dta(pd.DataFrame({"d": far}), str(tmp_path / "a.dta"),
                         variable_format={"d": "%td"})  # fmt: skip
    rows = [[None if np.isnan(value) else value] for value in far]
    (tmp_path / "a.xpt").write_bytes(transport(Dataset("A", [("d", 8, "DATE9")], rows)))
    for name, written in (("a.dta", "%td"), ("a.xpt", "DATE9")):
        raw = read(tmp_path / name)
        assert column(raw, "d")[:2] == ["2014-05-14", f"4000000 ({written})"]
        (finding,) = raw.cell_findings
        assert (finding.row, finding.column, finding.rule) == (2, "d", "no_date")
        assert finding.severity == "error"


def test_a_format_that_shows_a_part_and_one_that_is_unknown_are_noted(tmp_path):
    variables = [("M", 8, "MONYY7"), ("V", 8, "VISITDT8"), ("N", 8, "BEST12"), ("S", 8, "SEXF1")]
    rows = [[float(DAY)] * 4, [DAY + 31.0] * 4]
    (tmp_path / "a.xpt").write_bytes(transport(Dataset("A", variables, rows)))
    raw = read(tmp_path / "a.xpt")
    assert column(raw, "M") == ["2014-05", "2014-06"]
    assert column(raw, "V") == column(raw, "N") == column(raw, "S") == [str(DAY), str(DAY + 31)]
    assert [(note.column, note.rule, note.severity) for note in raw.cell_findings] == [
        ("M", "part_of_date", "note"),
        ("V", "unknown_format", "note"),
    ]


def test_a_time_of_day_that_the_format_hides_is_noted(tmp_path):
    data = pd.DataFrame({"d": [DAY + 0.5, float(DAY)]})
    pyreadstat.write_dta(data, str(tmp_path / "a.dta"), variable_format={"d": "%td"})
    raw = read(tmp_path / "a.dta")
    assert column(raw, "d") == ["2014-05-14", "2014-05-14"]
    assert [finding.rule for finding in raw.cell_findings] == ["part_of_date"]


def test_dates_written_by_pandas(tmp_path):
    day = datetime.datetime(2014, 5, 14)
    data = pd.DataFrame({name: [day] for name in ("td", "tc", "tm", "tq", "th", "ty", "tw")})
    data.to_stata(
        tmp_path / "a.dta", write_index=False, convert_dates={name: name for name in data}
    )
    assert read(tmp_path / "a.dta").cells.astype("str").to_numpy().tolist() == [
        ["2014-05-14", "2014-05-14 00:00", "2014-05", "2014q2", "2014h1", "2014", "2014w20"]
    ]


def test_a_declared_missing_value_in_a_variable_of_dates(tmp_path):
    data = pd.DataFrame({"d": [float(SPSS_DAY), 99.0, 13e9]})
    pyreadstat.write_sav(
        data,
        str(tmp_path / "a.sav"),
        missing_ranges={"d": [99, 13e9]},
        variable_format={"d": "DATE11"},
    )
    raw = read(tmp_path / "a.sav")
    assert column(raw, "d")[:2] == ["2014-05-14", ".99"]
    assert column(raw, "d")[2].startswith(".1994-")
    assert raw.cell_findings == []
