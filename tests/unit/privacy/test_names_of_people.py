"""Which texts have the form of people's names, and which are words of a rating."""

import pytest
from owncontrol.privacy.names import people_in

NAMES = "names of people"


@pytest.mark.parametrize(
    "texts",
    [
        ["Anna Schmidt", "Peter Müller"],
        ["SCHMIDT, Anna", "MÜLLER, P."],
        ["Dr. Jan van der Berg", "A. Novák", "Ana María López-Ruiz"],
        ["Анна Иванова", "Пётр Петров"],
        ["Anna Schmidt", "Peter Müller", "mild"],
        ["O'Neill, Sean"],
    ],
)
def test_names(texts):
    assert people_in(texts) == NAMES


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["", " "],
        ["mild", "moderate", "severe"],
        ["Mild", "Moderate", "Severe"],
        ["very good", "not at all"],
        ["Not at all", "Several days", "Nearly every day"],
        ["C4", "A B", "1 Point", "Visit 2", "T1-weighted"],
        ["軽度", "中等度"],
        ["2021-03-04", "07 Mar 2021"],
    ],
)
def test_words_of_a_rating_and_codes(texts):
    assert people_in(texts) == ""


def test_numbers_and_addresses():
    assert people_in(["poor", "0170 1234567"]) == "numbers or addresses of people"
    assert people_in(["a@b.org"]) == "numbers or addresses of people"
