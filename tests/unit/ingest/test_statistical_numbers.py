"""Numbers of SAS, SPSS and Stata: the decimal that somebody typed, whatever stores it."""

import struct
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from export_files import export_entry
from hypothesis import given, settings
from hypothesis import strategies as st
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.statistical.stored_numbers import number_text
from sas7bdat_files import NUMBER, sas7bdat
from transport_files import Dataset, ibm_float, transport

CASE = Path(__file__).parents[2] / "cases" / "02-stata-float"


def read(path, **given):
    raw = read_export(path, export_entry(path.name, **given))
    return raw.cells.astype("str")


def decimals(digits, low=-12, high=9):
    """Decimals of at most ``digits`` digits, as people write them."""
    return st.builds(
        lambda number, place: Decimal(number).scaleb(place),
        st.integers(-(10**digits) + 1, 10**digits - 1),
        st.integers(low, high),
    ).filter(lambda number: number == 0 or 1e-9 <= abs(number) < 1e17)


def plain(number):
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "0") else text


def test_the_case_of_stata_floats():
    stata, text = read(CASE / "vol.dta"), read(CASE / "vol.csv")
    assert stata.to_numpy().tolist() == text.to_numpy().tolist()


@given(decimals(15))
@settings(max_examples=500)
def test_a_double_gives_back_fifteen_digits(number):
    for kind in ("stata", "spss", "sas7bdat", "xport"):
        assert number_text(kind, "double", 8)(float(number)) == plain(number)


@given(decimals(6))
@settings(max_examples=500)
def test_a_float_gives_back_six_digits(number):
    stored = float(np.float32(float(number)))
    assert number_text("stata", "float", 4)(stored) == plain(number)


@given(decimals(7))
@settings(max_examples=500)
def test_a_float_gives_back_seven_digits_where_it_can_tell_them_apart(number):
    stored = np.float32(float(number))
    text = number_text("stata", "float", 4)(float(stored))
    # From 2**33 on, for example, floats lie further apart than decimals of seven digits.
    nearest = [float(np.nextafter(stored, np.float32(side))) for side in (-np.inf, np.inf)]
    unit = Decimal(1).scaleb(number.adjusted() - 6)
    if all(abs(Decimal(other) - Decimal(float(stored))) < unit for other in nearest):
        assert text == plain(number)
    assert np.float32(text) == stored


@pytest.mark.slow
@pytest.mark.parametrize("width", range(3, 8))
@given(data=st.data())
@settings(max_examples=200)
def test_a_cut_ieee_double_gives_back_the_digits_that_it_holds(width, data):
    digits = int((8 * width - 12) * 0.30103)
    number = data.draw(decimals(min(digits, 15)))
    cut = struct.unpack(">d", struct.pack(">d", float(number))[:width].ljust(8, b"\0"))[0]
    assert number_text("sas7bdat", "double", width)(cut) == plain(number)


@pytest.mark.slow
@pytest.mark.parametrize("width", range(2, 8))
@given(data=st.data())
@settings(max_examples=200)
def test_a_cut_ibm_float_gives_back_the_digits_that_it_holds(width, data):
    digits = int((8 * (width - 1) - 4) * 0.30103)
    number = data.draw(decimals(min(digits, 15)))
    cut = from_ibm(ibm_float(float(number), width))
    assert number_text("xport", "double", width)(cut) == plain(number)


def from_ibm(content):
    fraction = int.from_bytes(content[1:].ljust(7, b"\0"), "big") / 2**56
    value = fraction * 16.0 ** ((content[0] & 0x7F) - 64)
    return -value if content[0] & 0x80 else value


def test_cut_numbers_in_whole_files(tmp_path):
    values = [12.3, -0.1, 98.6, 0.0, 100.0, 1234.5, 8191.0]
    columns = [(f"w{width}", NUMBER, width) for width in (4, 5, 6, 7, 8)]
    path = tmp_path / "a.sas7bdat"
    path.write_bytes(sas7bdat(columns, [[value] * 5 for value in values]))
    texts = ["12.3", "-0.1", "98.6", "0", "100", "1234.5", "8191"]
    assert read(path).to_numpy().tolist() == [[text] * 5 for text in texts]
    path = tmp_path / "a.xpt"
    rows = [[value] * 5 for value in values]
    path.write_bytes(transport(Dataset("A", [(f"W{w}", w, "") for w in range(4, 9)], rows)))
    assert read(path).to_numpy().tolist() == [[text] * 5 for text in texts]


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_floats_and_whole_numbers_written_by_pandas(tmp_path, version):
    data = pd.DataFrame(
        {
            "real": np.array([12.3, -0.07, 1e6], dtype=np.float32),
            "longs": np.array([2147483620, -2147483647, 0], dtype=np.int32),
            "shorts": np.array([32740, -32767, 5], dtype=np.int16),
            "bytes": np.array([100, -127, 0], dtype=np.int8),
            "doubles": [0.1, 1e16, 123456789.125],
        }
    )
    path = tmp_path / "a.dta"
    data.to_stata(path, write_index=False, version=version)
    assert read(path).to_numpy().tolist() == [
        ["12.3", "2147483620", "32740", "100", "0.1"],
        ["-0.07", "-2147483647", "-32767", "-127", "10000000000000000"],
        ["1000000", "0", "5", "0", "123456789.125"],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9007199254740994.0, "9007199254740994"),
        (72057594037927936.0, "72057594037927936"),
        (99999999999999900.0, "99999999999999900"),
        (1e17, "1e+17"),
        (0.00001, "0.00001"),
        (1e-10, "1e-10"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (4.07142857142857, "4.07142857142857"),
    ],
)
def test_doubles_that_are_long(tmp_path, value, text):
    pyreadstat.write_sav(pd.DataFrame({"x": [value]}), str(tmp_path / "a.sav"))
    assert read(tmp_path / "a.sav").to_numpy().tolist() == [[text]]


def test_a_whole_number_that_a_float_holds_is_written_in_full():
    write = number_text("stata", "float", 4)
    assert [write(float(np.float32(value))) for value in (16777216, 123456789, 12345670000)] == [
        "16777216",
        "123456792",
        "12345670000",
    ]
