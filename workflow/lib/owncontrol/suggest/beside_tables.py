"""Labelled cells above, below and beside a table that say whose exam it is, and when."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.proposed import Options, reading_of
from owncontrol.ingest.readers.titles import ENDS_LABEL
from owncontrol.privacy.headings import kind_of_heading
from owncontrol.suggest.column_guesses import SUBJECT_NAMES, VISIT_NAMES
from owncontrol.suggest.exam_layout import ANAL, said_in
from owncontrol.suggest.header_place import first_rows
from owncontrol.suggest.known_words import headings, plain_words, terms


def labels_beside(path: Path, options: Options) -> tuple[str, ...]:
    """Labels of the cells that are of use, in the order in which they appear.

    Above the header those of a study code, a visit, a date and the assessor; anywhere those of the
    anal examination. Each occurs once, and none that may name a person is among them.
    """
    rows = first_rows(path, options)
    above = int(options.get("title_rows", 0))
    found: list[str] = []
    for number, row in enumerate(rows):
        for text in _labels(row):
            known = _is_of_use(text) if number < above else bool(said_in(text, ANAL))
            is_code = plain_words(text) in terms("subject_headings")
            if known and (is_code or not kind_of_heading(text)):
                found.append(text)
    once = tuple(text for text in found if found.count(text) == 1)
    return tuple(label for label in once if _can_be_read(path, options, label))


def _labels(row: Sequence[str]) -> Iterator[str]:
    """What may be a label of each cell: the text before a colon, or all of it."""
    for text in row:
        for sign in ENDS_LABEL:
            text = text.partition(sign)[0]
        if text.strip():
            yield text.strip()


def _is_of_use(text: str) -> bool:
    bare = plain_words(text)
    named = {plain_words(name) for name in (*SUBJECT_NAMES, *VISIT_NAMES, "date", "assessor")}
    known = {*named, *terms("subject_headings"), *terms("visit_headings")}
    known |= {*headings("date"), *headings("assessor")}
    return bare in known or bool(said_in(text, ANAL))


def _can_be_read(path: Path, options: Options, label: str) -> bool:
    """Whether the label's cell has a text: a row of levels below it is none."""
    try:
        raw = read_export(path, reading_of(path, {**options, "labelled_cells": (label,)}))
    except InputError:
        return False
    return bool(len(raw.cells)) and str(raw.cells.iloc[0, -1]) != ""
