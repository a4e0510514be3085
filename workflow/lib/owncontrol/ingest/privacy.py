"""What may not leave the raw files: identifiers, free text, and study codes where they are keyed.

Rules by name and content find what people forget to declare; they are a net with holes. A name of
a person inside a column with another heading is not found by any of them.

Dates: a date of birth goes no further than the raw file. Other dates are text in the ingested
tables and the findings, where a fault in them has to be seen, and study days from cleaning on.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.errors import InputError
from owncontrol.ingest.redcap import Field
from owncontrol.ingest.reshape import joined_code
from owncontrol.invisible import visible
from owncontrol.patterns import compiled
from owncontrol.subject_codes import keyed_code, read_key
from owncontrol.text_columns import as_categories, codes

Config = dict[str, Any]
HIDDEN, NO_CODE = "(not shown)", "(no study code)"
# Words of a column's name that make it an identifier; a text of two words means both of them.
NAMES: dict[str, tuple[str, ...]] = {
    "the name of a person": (
        "family name", "last name", "first name", "given name", "middle name", "full name",
        "sur name", "maiden name", "patient name", "subject name", "person name",
        "participant name", "mother name", "father name", "examiner name", "assessor name",
        "investigator name", "physician name", "doctor name", "contact name", "kin name",
        "surname", "lastname", "firstname", "forename", "fullname", "patientname", "initials",
    ),
    "a date of birth": ("birth", "birthday", "birthdate", "dob", "born", "brthdtc"),
    "a telephone number": ("phone", "telephone", "tel", "cellphone", "fax"),
    "an address": ("address", "street", "postcode", "zip", "zipcode", "postal"),
    "an e-mail address": ("email", "e mail"),
    "a record number": (
        "mrn", "ssn", "passport", "insurance", "nhs", "hospital number", "hospital id",
        "chart number", "medical record", "record number", "social security",
    ),
}  # fmt: skip
SIGNS = {
    "氏名": "the name of a person",
    "名前": "the name of a person",
    "生年月日": "a date of birth",
    "電話": "a telephone number",
    "住所": "an address",
    "メール": "an e-mail address",
    "カルテ": "a record number",
}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# Nine to fifteen digits that begin with + or 0, or in groups; a decimal number is none.
PHONE = re.compile(
    r"(?!\d*\.\d*$)(?=(?:\D*\d){9,15}\D*$)"
    r"(?:(?:\+|0)[\d ()/.-]{8,}|\(?\d{2,4}\)?[ -]\d{2,4}[ -]\d{4})"
)
YEAR = re.compile(r"\D*?((?:19|20)\d\d)(?!\d)\D.*\d.*|\d{1,2}\D\d{1,2}\D((?:19|20)\d\d)\b.*")
SHARE = 0.2  # of the filled cells, from which on a column is what its cells look like
YEARS_BACK, YEARS_APART = 18, 10  # a birth date lies so far back, and births so far apart
FIRST_CELLS = 5000  # of a column, that are looked at
BEGINNING = 200  # signs of a cell that are looked at
PROSE_WORDS = 8  # half of the cells have at least so many words


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
        kind = _kind_by_name(column)
        kind_by_label = _kind_by_name(entry.label) if entry else ""
        if column in flagged:
            found[column] = "the data dictionary marks it as an identifier"
        elif kind:
            found[column] = f"its name says that it is {kind}"
        elif entry and kind_by_label:
            found[column] = f"its label in {entry.file} says that it is {kind_by_label}"
        else:
            kind = _kind_by_content(cells[column])
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
        words = np.repeat([len(text.split()) for text in sample.texts], sample.counts)
        if (
            len(words) >= 3
            and len(sample.texts) * 2 > len(words)
            and np.median(words) >= PROSE_WORDS
        ):
            found[column] = "its cells read like sentences"
    return found


def refuse(path: Path, mapped: dict[str, str], suspects: dict[str, str], allowed: str) -> None:
    """Raise InputError where a suspect raw column is mapped.

    ``mapped``: raw column and where it would go. ``allowed``: the key of the configuration under
    which such a column may be permitted (those that are have to be left out of ``suspects``).
    """
    for column, place in mapped.items():
        if column in suspects:
            raise InputError(
                f"{path.name}: '{column}' is mapped to {place}, but {suspects[column]}",
                "leave it out of the mapping and list it under 'ignored', or under "
                f"'{allowed}' if it is none",
            )


def mask(findings: pd.DataFrame, hidden: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """``findings`` without the values of the columns in ``hidden`` (file, raw column)."""
    masked = findings.copy()
    places = set(hidden)
    cells = (masked[name].tolist() for name in ("file", "column", "value"))
    for index, file, column, value in zip(masked.index, *cells, strict=True):
        if (file, column) in places and value:
            masked.loc[index, "value"] = HIDDEN
            for text in ("action", "detail"):
                masked.loc[index, text] = masked.at[index, text].replace(value.strip(), HIDDEN)
    return masked


def code_subjects(
    column: pd.Series, rule: Config, code: Config, recode: dict[str, str], missing: Iterable[str]
) -> pd.Series:
    """A column of study codes with the keyed code for each.

    A text is read as the cleaning reads it (signs, spaces, capitals, ``recode``) before it is
    coded, so that one subject has one code. What is no study code by the ``rule`` is hidden.
    """
    key = read_key(code["key_file"])
    codes = {}
    for text in column.unique():
        plain = visible(unicodedata.normalize("NFKC", text)).strip()
        plain = recode.get(plain, plain)
        plain = plain.upper() if rule["upper_case"] else plain
        if plain == "" or plain in missing:
            codes[text] = text
        elif compiled(rule["pattern"], "subject_id.pattern").fullmatch(plain):
            codes[text] = keyed_code(plain, key, code["prefix"])
        else:
            codes[text] = HIDDEN
    return as_categories(column.map(codes).astype("str"))


def code_corrections(
    corrections: pd.DataFrame,
    rule: Config,
    code: Config,
    of_subjects: set[tuple[str, str]],
    parts: Mapping[tuple[str, str], list[str]],
) -> pd.DataFrame:
    """Corrections with the keyed code wherever they name a row, or a value, by a study code.

    ``of_subjects``: file and raw column of each column of study codes. ``parts``: by file and
    canonical column, the raw columns that make up a code together; a row key that names all of
    them names the last of them with the keyed code. What is no study code there
    is not shown, and names no row: codes that are mistyped in different ways would look the same.
    """
    key = read_key(code["key_file"])

    def coded(file: str, column: str, text: str) -> str:
        plain = visible(text).strip()
        plain = plain.upper() if rule["upper_case"] else plain
        if compiled(rule["pattern"], "subject_id.pattern").fullmatch(plain):
            return keyed_code(plain, key, code["prefix"])
        return NO_CODE if plain and (file, column.strip()) in of_subjects else text

    def coded_key(file: str, row_key: str) -> str:
        pairs = (pair.partition("=") for pair in row_key.split(";"))
        named = {column.strip(): value for column, _, value in pairs}
        for (of_file, _), names in parts.items():
            if of_file == file and set(names) <= set(named):
                whole = joined_code([named.pop(name) for name in names])
                named[names[-1]] = whole
        return ";".join(f"{column}={coded(file, column, text)}" for column, text in named.items())

    entries = corrections.to_dict("records")
    return corrections.assign(
        row_key=[coded_key(entry["file"], entry["row_key"]) for entry in entries],
        **{
            name: [coded(entry["file"], entry["column"], entry[name]) for entry in entries]
            for name in ("from", "to")
        },
    )


def _kind_by_name(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name)
    for sign, kind in SIGNS.items():
        if sign in plain:
            return kind
    parts = re.sub(r"([a-z])([A-Z])", r"\1 \2", plain).casefold()
    words = set(re.findall(r"[^\W\d_]+", parts))
    if words == {"name"}:
        return "the name of a person"
    for kind, groups in NAMES.items():
        if any(words.issuperset(group.split()) for group in groups):
            return kind
    return ""


def _kind_by_content(column: pd.Series) -> str:
    sample = _sample(column)
    if not sample.texts:
        return ""
    if _share(sample, EMAIL) >= SHARE:
        return "e-mail addresses"
    if _share(sample, PHONE) >= SHARE:
        return "telephone numbers"
    return ""


def _share(sample: Sample, pattern: re.Pattern[str]) -> float:
    """The share of the filled cells that a pattern matches as a whole."""
    matches = [pattern.fullmatch(text) is not None for text in sample.texts]
    return float(np.average(matches, weights=sample.counts))


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
