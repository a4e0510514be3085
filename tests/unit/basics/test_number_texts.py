"""Numbers as journals print them."""

import math

import pytest
from owncontrol.basics import number_texts


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0305, "p = 0.031"),
        (0.0009, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.2449, "p = 0.24"),
        (1.0, "p = 1.00"),
        (math.nan, "p not estimable"),
    ],
)
def test_p_values(p, text):
    assert number_texts.p_value(p) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (-3.0, None, "\u22123"),
        (2.5, None, "2.5"),
        (1234567.0, None, "1\u202f234\u202f567"),
        (-0.04, 1, "\u22120.04"),
        (0.000244, 5, "0.00024"),
        (math.nan, None, "not estimable"),
    ],
)
def test_numbers(value, digits, text):
    assert number_texts.number(value, digits) == text


def test_changes_intervals_and_shares():
    assert number_texts.signed(3.0) == "+3"
    assert number_texts.signed(-3.0) == "\u22123"
    assert number_texts.signed(0.0) == "0"
    assert number_texts.interval(-1.0, 2.5) == "\u22121.0 to 2.5"
    assert number_texts.interval(math.nan, 2.5) == "not estimable"
    assert number_texts.share(12, 13) == "12/13 (92\u00a0%)"
    assert number_texts.share(0, 0) == "0/0"
    assert number_texts.percent(0.2058) == "20.6"
    assert number_texts.percent(1.0) == "100"
