"""What a raw column seems to be, from its name, its label and its cells. Guesses, each with doubt.

Names are compared as sets of words, after the abbreviations of the field are spelt out, so that
``R C5 LT`` and ``right_light_touch_c5`` are the same.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import pandas as pd

from owncontrol.basics.date_forms import has_form
from owncontrol.study.exports import SHEETS, label_of
from owncontrol.suggest.known_words import (
    WORD,
    letters_of,
    plain,
    plain_words,
    terms,
    value_of,
)
from owncontrol.suggest.visit_words import is_visit_text, named_day

# Standard abbreviations of ISNCSCI work sheets and of CDISC's SDTM variables.
WORDS = {
    "r": "right", "l": "left", "lt": "light touch", "pp": "pin prick", "pinprick": "pin prick",
    "vac": "voluntary anal contraction", "dap": "deep anal pressure", "s45": "s4 5",
    "usubjid": "subject id", "subjid": "subject id", "patient": "subject id", "dob": "birth date",
    "record": "subject", "examiner": "assessor", "rater": "assessor", "dt": "date",
    "infusion": "treatment", "exstdtc": "treatment start", "exendtc": "treatment end",
    "exdose": "dose", "aeterm": "term",
    "aedecod": "term", "aebodsys": "system organ class", "soc": "system organ class",
    "aetoxgr": "grade", "aesev": "severity", "trtsdt": "treatment start",
    "trtedt": "treatment end", "ctcae": "", "aeser": "serious", "aerel": "relation",
    "aestdtc": "onset date", "aeendtc": "end date", "aeout": "outcome", "gender": "sex",
    "rficdtc": "consent date", "qsdtc": "date", "svstdtc": "date", "visitnum": "visit",
    "event": "visit", "timepoint": "visit", "ais": "asia impairment scale", "sens": "sensory",
    "uer": "right upper extremity motor score", "uel": "left upper extremity motor score",
    "ler": "right lower extremity motor score", "lel": "left lower extremity motor score",
    "uems": "upper extremity motor score", "lems": "lower extremity motor score",
    "nli": "neurological level of injury", "marrow": "source", "donor": "source",
    "1e8": "dose",
}  # fmt: skip
# Words that say which form a column is of, its unit, or that it is a value; not what it holds.
FORM_WORDS = {
    "value", "score", "item", "name", "recorded", "percent", "cells", "ml", "grade", "test",
    "scim", "scim3", "iii", "wisci", "wisci2", "asia", "isncsci",
}  # fmt: skip
# Other names of a canonical column, beside its own.
ALIASES = {
    "collection_date": ("source date",),
    "treatment_start": ("treatment date",),
}
# Names of a canonical column whose own would be taken for something else (event: a visit).
ONLY_NAMES = {
    "event_number": ("ae number", "adverse event number", "aeseq", "redcap repeat instance"),
}
NO_SUBJECT = "no column is called subject, patient or id"
SURE, LIKELY = 0.99, 0.6
DATES_SHARE = 0.8
MOST_LOOKED_AT = 2_000  # different texts of a column, spread over all
NUMBER_FORMS = {
    "decimal_comma": re.compile(r"-?\d+,\d+ ?%?"),
    "percent_sign": re.compile(r"-?\d+([.,]\d+)? ?%"),
}
PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
MISSING = (
    "UNK",
    "NASK",
    "ND",
    "NI",
    "NA",
    "N/A",
    "NAVU",
    "unknown",
    "missing",
    "not done",
    ".",
    "--",
    "---",
)
NUMBERS_FOR_MISSING = ("-9", "-99", "-999", "99", "999", "9999")
FORMS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y", "%m/%d/%Y",
    "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d-%m-%Y", "%Y/%m/%d",
    "%d %b %Y", "%d-%b-%Y", "%Y%m%d",
)  # fmt: skip
ISO, ISO_IN_PART = "%Y-%m-%d", re.compile(r"\d{4}(-\d{2})?")
SUBJECT_NAMES = (
    "studysubjectid", "subject_id", "usubjid", "subjid", "record_id", "patient_id", "patient",
    "subject", "study_id", "id", "subjectkey",
)  # fmt: skip
SURE_WORDS = ("female", "male", "yes", "no")  # what a word in another language surely says
MOST_VISITS = 40  # different texts of a column of visits
# That of an analysis (ADaM) before the visit at which its value was collected.
VISIT_NAMES = (
    "avisit", "visit", "redcap_event_name", "studyeventoid", "event", "timepoint", "time_point",
    "visitnum", "when",
)  # fmt: skip
SURE_VISITS = VISIT_NAMES[:3]


@dataclass(frozen=True)
class Guess:
    """A raw column for something, and why it may be wrong (empty: it is what it is called)."""

    column: str
    doubt: str = ""


# A column, and the words of each name and label that it goes by.
Source = tuple[str, list[frozenset[str]]]


@lru_cache(maxsize=200_000)
def words(name: str) -> frozenset[str]:
    """The words of a name or label, plain, with abbreviations spelt out."""
    parts = WORD.findall(plain(re.sub(r"([a-z])([A-Z])", r"\1 \2", name)))
    known = _spelt_out()
    return frozenset(word for part in parts for word in known.get(part, part).split())


@cache
def _spelt_out() -> dict[str, str]:
    """By word what it stands for: abbreviations, dates in other languages; fillers for nothing."""
    return {
        **dict.fromkeys(terms("fillers"), ""),
        **dict.fromkeys(terms("date_words"), "date"),
        **WORDS,
    }


def likeness(wanted: frozenset[str], found: frozenset[str]) -> float:
    """Share of common words, 0 to 1; a little less where words for the form have to be dropped."""

    def share(one: frozenset[str], other: frozenset[str]) -> float:
        return len(one & other) / len(one | other) if one and other else 0.0

    whole = share(wanted - {"value"}, found - {"value"})
    return max(whole, 0.9 * share(wanted - FORM_WORDS, found - FORM_WORDS))


def match_columns(
    wanted: Mapping[str, Iterable[str]], columns: Mapping[str, Iterable[str]]
) -> dict[str, Guess]:
    """By canonical column the raw column that is most like it; no raw column is given twice.

    ``wanted``, ``columns``: by name, the names and labels that it goes by.
    """
    targets = {name: [words(text) for text in texts] for name, texts in wanted.items()}
    sources = {name: [words(text) for text in texts] for name, texts in columns.items()}
    # Columns without a common word are not alike at all, and most have none.
    having: dict[str, dict[int, Source]] = {}
    for place, (source, others) in enumerate(sources.items()):
        for word in frozenset().union(*others):
            having.setdefault(word, {})[place] = (source, others)
    scores = sorted(
        (-max(likeness(one, other) for one in ones for other in others), place, target, source)
        for target, ones in targets.items()
        for place, (source, others) in _with_any(frozenset().union(*ones), having)
    )
    found: dict[str, Guess] = {}
    taken: set[str] = set()
    for negative, _, target, source in scores:
        if -negative < LIKELY:
            break
        if target in found or source in taken:
            continue
        doubt = "" if -negative >= SURE else "the name is only similar"
        found[target] = Guess(source, doubt)
        taken.add(source)
    return {name: found[name] for name in wanted if name in found}


def _with_any(
    wanted: frozenset[str], having: Mapping[str, Mapping[int, Source]]
) -> Iterable[tuple[int, Source]]:
    """The columns that have one of the words, by their place."""
    found: dict[int, Source] = {}
    for word in wanted:
        found |= having.get(word, {})
    return found.items()


def subject_column(cells: pd.DataFrame, first_field: str) -> Guess:
    """The column of study codes: the dictionary's first field, else by its name, else the first.

    Of several, the subject is who was treated, not who the cells came from.
    """
    if first_field in cells:
        return Guess(first_field)
    by_name = _by_name(cells)
    for name in SUBJECT_NAMES:
        if name in by_name:
            return Guess(by_name[name])
    plain_names = {plain_words(label_of(str(n))): str(n) for n in reversed(cells.columns)}
    for heading, name in reversed(plain_names.items()):
        if heading in terms("subject_headings"):
            return Guess(name)
    named = [name for name in map(str, cells.columns) if words(name) & {"subject", "id"}]
    if named:
        first, *others = sorted(named, key=lambda name: "source" in words(name))
        return Guess(first, f"taken for its name{', not ' * bool(others)}{' or '.join(others)}")
    for name in filter(SHEETS.fullmatch, map(str, cells.columns)):
        has_digits = all(any(map(str.isdigit, text)) for text in cells[name].unique())
        if has_digits and not _has_visits(cells[name]):
            return Guess(name, "each subject seems to have a sheet")
    return Guess(str(cells.columns[0]), NO_SUBJECT)


def _by_name(cells: pd.DataFrame) -> dict[str, str]:
    """The columns by their names in small letters, the first of those that become the same."""
    names = reversed(list(map(str, cells.columns)))
    return {re.sub(r"\W+", "_", label_of(name).casefold()): name for name in names}


def visit_column(cells: pd.DataFrame) -> Guess | None:
    """The column of visits, by its name; else one whose texts name visits, the baseline too."""
    by_name = _by_name(cells)
    for name in VISIT_NAMES:
        if name in by_name:
            doubt = "" if name in SURE_VISITS else "taken for its name"
            return Guess(by_name[name], doubt)
    for name in map(str, cells.columns):
        if plain_words(label_of(name)) in terms("visit_headings"):
            return Guess(name, "taken for its name")
    named = (name for name in map(str, cells.columns) if _has_visits(cells[name]))
    return next((Guess(name, "its texts name visits") for name in named), None)


def _has_visits(cells: "pd.Series[Any]") -> bool:
    """Whether a column's texts are names of visits, of two days or more, one of them day 0."""
    texts = {text.strip() for text in cells.unique()} - {""}
    if not 2 <= len(texts) <= MOST_VISITS or not all(map(is_visit_text, texts)):
        return False
    days = {named_day(text) for text in texts}
    return 0 in days and len(days) > 1


@dataclass(frozen=True)
class Dates:
    """Forms of a column of dates: ``usual`` read most of it (several: day and month cannot be told
    apart), ``others`` the rest, with the number of different texts that need each.
    """

    usual: tuple[str, ...]
    others: dict[str, int]


def date_columns(cells: pd.DataFrame, missing: Iterable[str]) -> dict[str, Dates]:
    """The columns that hold dates (four of five different texts), and in which forms."""
    found = {}
    for name in cells.columns:
        texts = sorted({text for text in cells[name].str.strip().unique() if text} - set(missing))
        texts = texts[:: 1 + len(texts) // MOST_LOOKED_AT]
        fitting = {form: {text for text in texts if has_form(text, form)} for form in FORMS}
        read = set().union(*fitting.values())
        if fitting[ISO]:  # SDTM writes of a date what is known of it
            read |= {text for text in texts if ISO_IN_PART.fullmatch(text)}
        if not read or len(read) < DATES_SHARE * len(texts):
            continue
        most = max(map(len, fitting.values()))
        usual = tuple(form for form in FORMS if len(fitting[form]) == most)
        left, others = set().union(*fitting.values()) - fitting[usual[0]], {}
        for form in FORMS:
            if fitting[form] & left:
                others[form] = len(fitting[form] & left)
                left -= fitting[form]
        found[str(name)] = Dates(usual, others)
    return found


def missing_codes(cells: pd.DataFrame) -> dict[str, str]:
    """Texts that seem to stand for a missing value, with the doubt about each."""
    found = {}
    for name in cells.columns:
        texts = cells[name].str.strip()
        filled = texts[texts != ""]
        values = set(filled)
        for code in MISSING:
            if code in values:
                found[code] = ""
        if values.isdisjoint(NUMBERS_FOR_MISSING):
            continue
        numbers = pd.to_numeric(filled, errors="coerce").dropna()
        for code in NUMBERS_FOR_MISSING:
            others = numbers[numbers != float(code)]
            if code in values and len(others) and abs(float(code)) > 3 * others.abs().max():
                found.setdefault(code, f"is in '{name}', far from its other values")
    return found


def number_forms(cells: pd.DataFrame) -> dict[str, str]:
    """How numbers are written that are no plain ones, and in which column that was seen first.

    Looked at are columns of which four of five texts are numbers in one way or another.
    """
    found: dict[str, str] = {}
    for name in cells.columns:
        texts = Counter(text.strip() for text in cells[name])
        del texts[""]
        counts = dict.fromkeys(NUMBER_FORMS, 0)
        numbers = 0
        for text, times in texts.items():
            forms = [form for form, pattern in NUMBER_FORMS.items() if pattern.fullmatch(text)]
            for form in forms:
                counts[form] += times
            if forms or PLAIN_NUMBER.fullmatch(text):
                numbers += times
        if numbers < DATES_SHARE * texts.total():
            continue
        for form, count in counts.items():
            if count:
                is_all = count == texts.total()
                found.setdefault(form, "" if is_all else f"{count} of the cells in '{name}'")
    return found


def code_list(
    texts: Iterable[str], permitted: Iterable[str], labels: Mapping[str, str]
) -> dict[str, Guess]:
    """By raw text that is not permitted, the permitted value it stands for.

    ``labels``: of the codes, from a data dictionary. Without one, a word for the value in another
    language, its beginning, or a letter that is told by the others in its column.
    """
    permitted = list(permitted)
    open_texts = sorted(set(texts) - set(permitted) - {""})
    found = {}
    for text in open_texts:
        said = labels.get(text, text).casefold()
        known = [value for value in permitted if value == said]
        word = value_of(said, permitted)
        begun = [value for value in permitted if value.startswith(text.casefold())]
        if known:
            found[text] = Guess(known[0])
        elif word:
            is_sure = text in labels or word in SURE_WORDS
            found[text] = Guess(word, "" if is_sure else "a word for it")
        elif len(begun) == 1:
            found[text] = Guess(begun[0], "the word begins like that")
    for text, values in letters_of(set(open_texts) - set(labels), permitted).items():
        if len(values) > 1:
            found.pop(text, None)
        elif text not in found or found[text].column != values[0]:
            found[text] = Guess(values[0], "a letter that is told by the others")
    return {text: found[text] for text in open_texts if text in found}
