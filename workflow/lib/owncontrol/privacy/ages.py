"""Ages above 89: so few people reach them that an age alone may name one.

Cleaning puts ``OLDEST`` in their place once its rules have seen the age itself; what is shown then
says ``OR_OLDER``. An age is the subjects' ``age``, or a number among the characteristics that is
counted in years and has a word for age in its name or label.
"""

import re
from typing import Any

import numpy as np

from owncontrol.privacy.headings import plain_words

OLDEST, OR_OLDER = 90, "90+"
MEANING = f"{OLDEST} means {OLDEST} or older"
YEARS = re.compile("(?:years?|yrs?|a|jahre?n?|ans?|anni|anos?|歳|岁|年)", re.IGNORECASE)
WORDS = frozenset(
    re.findall(
        r"\S+",
        "age ages aged alter lebensalter edad idade eta leeftijd alder ika wiek vek kor eletkor "
        "yas varsta возраст ηλικια възраст вік عمر גיל سن आय उम 年齢 年龄 年齡 나이 연령 tuoi "
        "อาย umur usia starost vanus vecums amzius",
    )
)
NUMBER = re.compile(r"(?<![\d.,])(?:9\d|1[01]\d|120)(?:[.,]\d+)?(?![\d.,]?\d)")


def is_age(name: str, label: str, unit: str) -> bool:
    """Whether a column of numbers holds an age, by its name, label and unit."""
    words = [*plain_words(name), *plain_words(label)]
    return bool(YEARS.fullmatch(unit.strip()) and WORDS.intersection(words))


def capped(ages: Any) -> Any:
    """Numbers with ``OLDEST`` for those of 90 and above; missing ones stay missing."""
    return np.where(ages >= OLDEST, float(OLDEST), ages)


def hidden(text: str) -> str:
    """A text with ``OR_OLDER`` for every number in it that may be an age above 89."""
    return NUMBER.sub(OR_OLDER, text)
