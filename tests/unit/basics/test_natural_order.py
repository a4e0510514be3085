"""Codes in the order of a person."""

import pytest
from owncontrol.basics.natural_order import natural_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["P-1", "P-2", "P-10"],
        ["1", "2", "10", "100"],
        ["A-9/1", "A-9/2", "A-10/1", "B-1"],
        ["OC-01", "OC-02", "OC-10"],
        ["", "1", "2", "10", "A", "A1", "AA"],
        ["\u0663", "脊髄2", "脊髄10"],
    ],
)
def test_numbers_in_codes_count_as_numbers(ordered):
    assert sorted(sorted(ordered), key=natural_key) == ordered


def test_only_the_same_code_has_the_same_key():
    assert natural_key("P-01") != natural_key("P-1")
    assert natural_key("9" * 40) != natural_key("9" * 39)
