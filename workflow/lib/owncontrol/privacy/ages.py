"""Ages above 89: so few people reach them that an age alone may name one.

Cleaning puts ``OLDEST`` in their place once its rules have seen the age itself; what is shown then
says ``OR_OLDER``. An age is the subjects' ``age``, or a number among the characteristics that is
counted in years and has a word for age in its name or label.
"""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from owncontrol.privacy.headings import plain_words
from owncontrol.study.subjects import Characteristic

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


def age_columns(characteristics: Iterable[Characteristic], above_89: bool) -> set[str]:
    """The columns of the subjects table that hold an age, and may not show one above 89.

    ``above_89``: the study shows these ages as they are, so that no column may not.
    """
    if above_89:
        return set()
    named = {
        item.name
        for item in characteristics
        if item.type == "number"
        and YEARS.fullmatch(item.unit.strip())
        and WORDS.intersection([*plain_words(item.name), *plain_words(item.label)])
    }
    return {"age", *named}


def capped(ages: Any) -> Any:
    """Numbers with ``OLDEST`` for those of 90 and above; missing ones stay missing."""
    return np.where(ages >= OLDEST, float(OLDEST), ages)


def hidden(text: str) -> str:
    """A text with ``OR_OLDER`` for every number in it that may be an age above 89."""
    return NUMBER.sub(OR_OLDER, text)
