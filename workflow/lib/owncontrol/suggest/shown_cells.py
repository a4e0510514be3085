"""Texts of cells as questions and messages show them: never what may tell who a person is."""

from collections.abc import Collection, Iterable, Sequence

import pandas as pd

from owncontrol.privacy.names import people_in
from owncontrol.suggest.column_guesses import NO_SUBJECT
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.study_parts import near

EXAMPLES, LONGEST_EXAMPLE = 3, 20
SHOWN = 6  # texts in a line
SUBJECTS_LEAST = 5  # of whom each has words of their own, which then may be names
FEW_LEAST = 2  # of whom each has one word of their own, written as a name is
NOT_SHOWN = "not shown, as they may be"


def examples(raw: RawFile, column: str) -> str:
    """Some values of a column, in the order of the file."""
    texts = [text for text in raw.texts(column).unique() if text]
    if what := told_by(raw, [column], texts):
        return f"{NOT_SHOWN} {what}"
    return ", ".join(text[:LONGEST_EXAMPLE] for text in texts[:EXAMPLES])


def listed_texts(raw: RawFile, columns: Iterable[str], texts: Collection[str]) -> str:
    """The first of some ``texts`` of columns, quoted, and how many more there are."""
    if what := told_by(raw, columns, texts):
        return f"{len(texts)} texts, {NOT_SHOWN} {what}"
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return ", ".join(map(repr, list(texts)[:SHOWN])) + more


def near_text(word: str, files: Sequence[RawFile], column: str) -> str:
    """What may have been meant by a word that is in no cell of a column of these files."""
    texts = {raw.path: [text for text in raw.texts(column).unique() if text] for raw in files}
    what = next(filter(None, (told_by(raw, [column], texts[raw.path]) for raw in files)), "")
    if what:
        return f"its texts are {NOT_SHOWN} {what}"
    said = [raw.said(column, pd.Series(texts[raw.path], dtype=str)) for raw in files]
    return near(word, [text for of_file in said for text in of_file])


def told_by(raw: RawFile, columns: Iterable[str], texts: Collection[str]) -> str:
    """What ``texts`` of columns tell of people, in words; empty where nothing is seen.

    Also words of which each subject has others, as no rating has: they may be names in one word.
    """
    if what := people_in(texts):
        return what
    known = set(texts)
    words = {text for text in known if not any(map(str.isdigit, text))}
    return next(
        (
            "names of people"
            for column in columns
            if column != raw.subject.column and _one_each(raw, column, words, known)
        ),
        "",
    )


def _one_each(raw: RawFile, column: str, words: Collection[str], texts: Collection[str]) -> bool:
    """Whether several subjects have a word in a column, and each another one.

    Of fewer than five subjects, whose ratings may well differ, only one word each that begins with
    a capital.
    """
    if len(words) < FEW_LEAST or len(words) * 2 < len(texts):
        return False
    cells = raw.texts(column)
    of_word = cells.isin(list(words))
    rows = pd.Series(cells.index, cells.index)  # a subject each, where nothing says whose they are
    subjects = rows if raw.subject.doubt == NO_SUBJECT else raw.texts(raw.subject.column)
    subjects = subjects[of_word]
    number = subjects.nunique()
    pairs = subjects.groupby(cells[of_word]).nunique()
    if number < SUBJECTS_LEAST:
        alike = all(word.istitle() and word.isalpha() for word in words)
        return alike and len(pairs) == number >= FEW_LEAST and bool((pairs == 1).all())
    return bool((pairs == 1).mean() > 0.8 and len(pairs) >= 0.8 * number)
