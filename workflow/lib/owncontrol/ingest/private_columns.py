"""What may not leave the raw files: identifiers, free text, and study codes where they are keyed.

Rules by heading (``headings``) and content find what people forget to declare; they are a net with
holes. A name of a person inside a column with another heading is not found by any of them.

Dates: a date of birth goes no further than the raw file. Other dates are text in the ingested
tables and the findings, where a fault in them has to be seen, and study days from cleaning on.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding, without_value
from owncontrol.findings.mapping_rules import IdentifierInCell
from owncontrol.findings.rule import HIDDEN
from owncontrol.ingest.readers import RawTable
from owncontrol.ingest.redcap import Field
from owncontrol.privacy.contacts import (
    AN_EMAIL,
    EMAIL,
    POSSIBLE,
    contacts_in,
    hide_contacts,
    is_mobile,
    names_among_codes,
    telling_codes,
)
from owncontrol.privacy.headings import kind_of_heading
from owncontrol.study.exports import Export
from owncontrol.study.table_mapping import TableMapping
from owncontrol.tables.categories import (
    as_categories,
    by_value,
    codes,
    present_texts,
    recoded,
    texts,
)

# What to do about a column that may not be mapped; ``key``: the setting that permits it.
LEFT_OUT = "leave it out of the mapping and list it under 'ignored', or under '{key}' if it is none"
KEYED = (
    "give the subjects other codes, replace these by keyed codes (subject_code.key_file), or list "
    "the column under '{key}'"
)
YEAR = re.compile(r"\D*?((?:19|20)\d\d)(?!\d)\D.*\d.*|\d{1,2}\D\d{1,2}\D((?:19|20)\d\d)\b.*")
MOBILE = re.compile(r"0\d{9,10}")
MOBILES = 0.8  # of the filled cells are plain digits that are a mobile telephone's number
SHARE = 0.2  # of the filled cells, from which on a column is what its cells look like
YEARS_BACK, YEARS_APART = 18, 10  # a birth date lies so far back, and births so far apart
A_NAME = "what looks like the name of a person"
FIRST_CELLS = 5000  # of a column, that are looked at
BEGINNING = 200  # signs of a cell that are looked at
PROSE_WORDS = 8  # half of the cells have at least so many words
SENTENCE_WORDS = 4  # or half are sentences: so many words and a sign that ends one
SENTENCE_END = re.compile("[.!?。！？…؟।]['\"”」』）)]?$")
# Scripts without spaces between words: two signs count as one word.
UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
# Columns of codes hold digits in groups, which are no telephone numbers.
CODES = re.compile(
    r"(?:^|[^a-z])(?:\w*subjid|id|ids|code|codes|no|nr|number|barcode|sample|specimen|serial|lot|kit|batch|ref)"
    r"(?:$|[^a-z])"
)
FEW = 200  # distinct texts of a column that are compared with the forms of telephone numbers


class Sample(NamedTuple):
    """The distinct texts of some filled cells, and how many cells hold each."""

    texts: list[str]
    counts: NDArray[np.int64]


def identifier_columns(cells: pd.DataFrame, fields: dict[str, Field]) -> dict[str, str]:
    """Raw columns that look like an identifier of a person, and why: name, dictionary, content.

    ``fields``: the data dictionary, or nothing. Its first field is the record's own code and is
    no identifier by its flag.
    """
    flagged = {name for name, entry in list(fields.items())[1:] if entry.identifier}
    found: dict[str, str] = {}
    for column in cells.columns:
        entry = fields.get(column)
        kind = kind_of_heading(str(column))
        kind_by_label = kind_of_heading(entry.label) if entry else ""
        if column in flagged:
            found[column] = "the data dictionary marks it as an identifier"
        elif kind:
            found[column] = f"its name says that it is {kind}"
        elif entry and kind_by_label:
            found[column] = f"its label in {entry.file} says that it is {kind_by_label}"
        else:
            kind = _kind_by_content(str(column), cells[column])
            if kind:
                found[column] = f"its cells look like {kind}"
    return found | {
        column: "its dates look like dates of birth"
        for column in _birth_dates(cells)
        if column not in found
    }


def free_text_columns(cells: pd.DataFrame, fields: dict[str, Field]) -> dict[str, str]:
    """Raw columns of free text, and why: a notes field, or cells that read like sentences."""
    found = {}
    for column in cells.columns:
        if column in fields and fields[column].kind == "notes":
            found[column] = "the data dictionary has it as a notes field"
            continue
        sample = _sample(cells[column])
        number = int(sample.counts.sum())
        if number < 3 or len(sample.texts) * 2 <= number:
            continue
        words = np.array([_words(text) for text in sample.texts])
        ends = np.array([SENTENCE_END.search(text) is not None for text in sample.texts])
        sentences = sample.counts[ends & (words >= SENTENCE_WORDS)].sum()
        if np.median(np.repeat(words, sample.counts)) >= PROSE_WORDS or sentences * 2 > number:
            found[column] = "its cells read like sentences"
    return found


def _words(text: str) -> float:
    unspaced = len(UNSPACED.findall(text))
    return len(UNSPACED.sub(" ", text).split()) + unspaced / 2


def telling_columns(cells: pd.DataFrame, tables: Mapping[str, TableMapping]) -> dict[str, str]:
    """Raw columns that are mapped as study codes, but tell who a person is, and what they hold."""
    found = {}
    for column in code_columns(tables) & set(cells.columns):
        what = telling_codes(present_texts(as_categories(cells[column].iloc[:FIRST_CELLS])))
        if what:
            found[column] = f"its codes look like {what}"
    return found


def code_columns(tables: Mapping[str, TableMapping]) -> set[str]:
    """The raw columns that the tables of an export take study codes from."""
    return {
        name
        for mapping in tables.values()
        for code in ("subject_id", "source_subject_id")
        for name in mapping.raw_columns(code)
    }


def without_contacts(
    path: Path, raw: RawTable, export: Export, suspects: Collection[str]
) -> RawTable:
    """``raw`` without telephone numbers and e-mail addresses inside its cells.

    Each is replaced by ``HIDDEN``, and is an error among the findings of its cell, which do not
    show it. A study code that holds one, or that is a name among codes with digits, is none: its
    cell is emptied, or all such rows would be those of one subject. ``suspects``: columns that are
    refused as a whole if they are mapped. Columns that the configuration ignores, or permits as
    identifiers, are left as they are.
    """
    left = {*suspects, *export.ignored, *export.identifiers_allowed}
    codes_of = code_columns(export.tables)
    cells, findings = raw.cells, list(raw.cell_findings)
    for name in [name for name in raw.cells if name not in left]:
        column = as_categories(raw.cells[name])
        any_country = name not in codes_of and not CODES.search(str(name).casefold())
        hidden = {
            text: hide_contacts(text, HIDDEN, any_country)
            for text in texts(column)
            if POSSIBLE.search(text)
        }
        hidden = {text: (new, kinds) for text, (new, kinds) in hidden.items() if kinds}
        if name in codes_of:
            given = set(present_texts(column)) - set(export.missing)
            names = dict.fromkeys(names_among_codes(given), ("", [A_NAME]))
            hidden = {text: ("", kinds) for text, (_, kinds) in hidden.items()} | names
        if not hidden:
            continue
        for row, text in column.loc[by_value(column, hidden.__contains__)].items():
            rule = IdentifierInCell(kinds=" and ".join(dict.fromkeys(hidden[text][1])))
            findings.append(Finding(rule, path.name, int(str(row)), str(name), HIDDEN))
        new = recoded(column, {text: shown for text, (shown, _) in hidden.items()})
        cells = cells.assign(**{str(name): new})
    return replace(raw, cells=cells, cell_findings=findings)


class Private(NamedTuple):
    """Raw columns that may not be mapped, each with the reason, without those permitted.

    ``identifiers``: all of them, permitted or not, because no finding shows their values.
    """

    identifiers: dict[str, str]
    refused: dict[str, tuple[str, str]]


def private_columns(
    cells: pd.DataFrame, fields: dict[str, Field], export: Export, is_coded: bool
) -> Private:
    """What of a raw file may not be mapped. ``is_coded``: keyed codes replace the study codes."""
    identifiers = identifier_columns(cells, fields)
    refused: dict[str, tuple[str, str]] = {}
    if not is_coded:
        telling = telling_columns(cells, export.tables)
        refused |= _not_permitted(
            telling, export.identifiers_allowed, KEYED.format(key="identifiers_allowed")
        )
    refused |= _not_permitted(
        free_text_columns(cells, fields),
        export.free_text_allowed,
        LEFT_OUT.format(key="free_text_allowed"),
    )
    refused |= _not_permitted(
        identifiers, export.identifiers_allowed, LEFT_OUT.format(key="identifiers_allowed")
    )
    return Private(identifiers, refused)


def _not_permitted(
    suspects: dict[str, str], permitted: Collection[str], hint: str
) -> dict[str, tuple[str, str]]:
    return {column: (why, hint) for column, why in suspects.items() if column not in permitted}


def refuse(path: Path, mapped: dict[str, str], private: Private) -> None:
    """Raise InputError where a raw column that may not be mapped is.

    ``mapped``: raw column and where it would go.
    """
    for column, place in mapped.items():
        if column in private.refused:
            why, hint = private.refused[column]
            raise InputError(f"{path.name}: '{column}' is mapped to {place}, but {why}", hint)


def mask(findings: pd.DataFrame, hidden: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """``findings`` without the values of the columns in ``hidden`` (file, raw column)."""
    places = set(hidden)
    # As lists: to set one cell of a column of text copies the column.
    changed = {name: findings[name].tolist() for name in ("value", "action", "detail")}
    files, columns = (findings[name].tolist() for name in ("file", "column"))
    for row, place in enumerate(zip(files, columns, strict=True)):
        value = changed["value"][row]
        if place in places and value:
            changed["value"][row] = HIDDEN
            for name in ("action", "detail"):
                changed[name][row] = without_value(changed[name][row], value)
    return findings.assign(
        **{
            name: pd.Series(texts, findings.index, dtype=findings[name].dtype)
            for name, texts in changed.items()
        }
    )


def _kind_by_content(name: str, column: pd.Series) -> str:
    sample = _sample(column)
    whole = [EMAIL.fullmatch(text) is not None for text in sample.texts]
    if _share(sample, whole) >= SHARE:
        return "e-mail addresses"
    possible = [bool(POSSIBLE.search(text)) for text in sample.texts]
    if CODES.search(name.casefold()) or _share(sample, possible) < SHARE:
        return ""
    few = Sample(sample.texts[:FEW], sample.counts[:FEW])
    if _share(few, [_is_contact(text) for text in few.texts]) >= SHARE:
        return "telephone numbers"
    plain = [MOBILE.fullmatch(text) is not None for text in few.texts]
    if _share(few, plain) >= MOBILES and _share(few, map(is_mobile, few.texts)) >= MOBILES:
        return "telephone numbers"
    return ""


def _is_contact(text: str) -> bool:
    """Whether a cell holds a telephone number and hardly anything else."""
    return any(len(part) * 2 > len(text) for part, kind in contacts_in(text) if kind != AN_EMAIL)


def _share(sample: Sample, matches: Iterable[bool]) -> float:
    """The share of the filled cells whose text matches."""
    return float(np.average(list(matches), weights=sample.counts)) if sample.texts else 0.0


def _birth_dates(cells: pd.DataFrame) -> list[str]:
    """Columns of dates whose years lie far before the latest ones in the file, and far apart."""
    years = {}
    for column in cells.columns:
        sample = _sample(cells[column])
        matches = [YEAR.search(text) for text in sample.texts]
        dated = np.array([match is not None for match in matches], bool)
        found = [int(match[1] or match[2]) for match in matches if match]
        if found and sample.counts[dated].sum() >= 0.8 * sample.counts.sum():
            years[column] = np.repeat(found, sample.counts[dated])
    medians = {column: float(np.median(found)) for column, found in years.items()}
    latest = max(map(int, medians.values()), default=0)
    return [
        column
        for column, found in years.items()
        if medians[column] <= latest - YEARS_BACK and np.ptp(found) >= YEARS_APART
    ]


def _sample(column: pd.Series) -> Sample:
    """The filled cells among the first thousands: enough to see what a column holds.

    Of each the beginning, because the patterns take their time over a megabyte in one cell.
    """
    column = as_categories(column.iloc[:FIRST_CELLS])
    places, numbers = np.unique(codes(column), return_counts=True)
    counts: Counter[str] = Counter()
    for text, number in zip(column.cat.categories.take(places), numbers.tolist(), strict=True):
        counts[text.strip()[:BEGINNING]] += number
    del counts[""]
    return Sample(list(counts), np.array(list(counts.values()), np.int64))
