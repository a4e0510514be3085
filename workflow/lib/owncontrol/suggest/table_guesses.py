"""Which canonical tables and instruments a raw file seems to feed, and from which columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from owncontrol.basics.program_files import INSTRUMENTS
from owncontrol.cleaning.cell_values import BOOLEANS
from owncontrol.instruments import Instrument, load_instrument
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.suggest.column_guesses import (
    ALIASES,
    ONLY_NAMES,
    Dates,
    Guess,
    code_list,
    match_columns,
    words,
)
from owncontrol.suggest.exam_layout import ANAL, ExamLayout, exam_layout, recoded_anal, said_in
from owncontrol.suggest.instrument_facts import may_be_item, may_be_score
from owncontrol.suggest.known_words import headings
from owncontrol.tables import fields

# What a domain of SDTM feeds; the findings of others are measures, which a person names.
TABLES_OF_DOMAINS = {
    "DM": ("subjects",), "EX": ("treatments",), "AE": ("adverse_events",),
    "CM": ("co_interventions",), "SV": ("visits",),
}  # fmt: skip
LEAST_SHARE = 0.3  # of an instrument's items that have to be found for it to be proposed
MOST_CODES, LONGEST_CODE = 6, 12  # what is shown of codes whose meaning is not known
YES_NO = ("yes", "no")
EVENTS = "adverse_events"
ISNCSCI = "isncsci"
Columns = dict[str, list[str]]


@dataclass(frozen=True)
class ProposedTable:
    """A table with the raw column of each canonical one, None where a needed one was not found.

    ``recode``: by canonical column, what its raw texts seem to stand for. ``unknown``: raw texts
    that are not permitted and stand for something. ``recorded``: the file has an instrument's
    scores and not its items. ``layout``: of an exam with a row for each level.
    """

    name: str
    columns: dict[str, Guess | None]
    recode: dict[str, dict[str, Guess]] = field(default_factory=dict)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    recorded: bool = False
    layout: ExamLayout | None = None

    def used(self) -> set[str]:
        """The raw columns that are read."""
        of_layout = {*self.layout.item, *self.layout.value} if self.layout else set()
        return {*self.raw().values(), *of_layout}

    def raw(self) -> dict[str, str]:
        """Raw column by canonical column, of those that were found."""
        return {name: guess.column for name, guess in self.columns.items() if guess}


def proposed_tables(
    cells: pd.DataFrame,
    usable: Columns,
    dates: dict[str, Dates],
    whose: tuple[Guess, Guess | None],
    choices: Mapping[str, Mapping[str, str]],
) -> list[ProposedTable]:
    """The tables that a file seems to feed.

    ``usable``: by raw column that may be mapped, the names it goes by. ``whose``: the columns of
    study codes and of visits. ``choices``: by raw column, the labels of its codes, where the file
    or a data dictionary has them.
    """
    subject, visit = whose
    domain = _domain(cells)
    if domain:
        tables = TABLES_OF_DOMAINS.get(domain, ())
        found = [_canonical(name, cells, usable, dates, subject, choices) for name in tables]
        return list(filter(None, found))
    assessments: list[ProposedTable] = []
    layout = exam_layout(cells, list(usable))
    if layout:
        exam = _of_layout(layout, usable, cells)
        usable = {name: texts for name, texts in usable.items() if name not in exam.used()}
        date = _date_of(ISNCSCI, {name: dates[name] for name in dates if name in usable})
        assessments.append(replace(exam, columns={**_head(subject, visit, date), **exam.columns}))
    for instrument in (load_instrument(path) for path in sorted(INSTRUMENTS.glob("*.yaml"))):
        if layout and instrument.name == ISNCSCI:
            continue
        taken = {raw for table in assessments for raw in table.used()}
        rest = {name: texts for name, texts in usable.items() if name not in taken}
        table = _of_items(instrument, usable, cells) or _of_scores(instrument, rest, cells)
        if table:
            head = _head(subject, visit, _date_of(instrument.name, dates))
            columns = {**head, **table.columns}
            assessments.append(ProposedTable(table.name, columns, recorded=table.recorded))
    names = [name for name in CANONICAL if name != "visits" or not assessments]
    events = _canonical(EVENTS, cells, usable, dates, subject, choices)
    # The onset of an event is not that of the injury, nor its end that of a treatment.
    taken = set(events.raw().values()) if events else set()
    rest = {name: texts for name, texts in usable.items() if name not in taken}
    found = [
        events if name == EVENTS else _canonical(name, cells, rest, dates, subject, choices)
        for name in names
    ]
    return [*assessments, *filter(None, found)]


def _head(subject: Guess, visit: Guess | None, date: Guess | None) -> dict[str, Guess | None]:
    return {"subject_id": subject, "visit": visit, "date": date}


def _of_layout(layout: ExamLayout, usable: Columns, cells: pd.DataFrame) -> ProposedTable:
    """An exam with a row for each level; the anal examination may have columns of its own."""
    columns = dict(layout.columns)
    recode = {name: dict(codes) for name, codes in layout.recode.items()}
    for name, texts in usable.items():
        said = next(filter(None, (said_in(text, ANAL) for text in texts)), "")
        if said and said not in columns and name not in (*layout.item, *layout.value):
            columns[said] = Guess(name)
            recode[said] = recoded_anal([text for text in cells[name].unique() if text])
    recode = {name: codes for name, codes in recode.items() if codes}
    return ProposedTable(ISNCSCI, {**columns}, recode, layout=layout)


def _domain(cells: pd.DataFrame) -> str:
    """The domain that a dataset of CDISC's SDTM says it is of; empty for any other file."""
    if not {"DOMAIN", "USUBJID"} <= set(cells.columns):
        return ""
    said = set(cells["DOMAIN"].astype("str").str.strip()) - {""}
    return said.pop() if len(said) == 1 else ""


def _of_items(instrument: Instrument, usable: Columns, cells: pd.DataFrame) -> ProposedTable | None:
    """An instrument of which enough items are there, with what else belongs to it."""
    items = {name: [name, item.label] for name, item in instrument.items.items()}
    needed = [name for name, item in instrument.items.items() if not item.optional]
    found = {
        name: guess
        for name, guess in match_columns(items, usable).items()
        if may_be_item(instrument, name, usable[guess.column], cells[guess.column])
    }
    if sum(name in found for name in needed) < LEAST_SHARE * len(needed):
        return None
    taken = {guess.column for guess in found.values()}
    rest = {name: texts for name, texts in usable.items() if name not in taken}
    recorded = {
        f"recorded_{name}": [f"{instrument.name} {name}", scale.label]
        for name, scale in instrument.scales.items()
    }
    return ProposedTable(
        instrument.name, {**found, **match_columns({"assessor": ["assessor"], **recorded}, rest)}
    )


def _of_scores(
    instrument: Instrument, usable: Columns, cells: pd.DataFrame
) -> ProposedTable | None:
    """An instrument of which the scores alone are there: one by its own name, or several."""
    scales = instrument.scales
    names = {name: [f"{instrument.name} {name}"] for name in scales}
    for name, texts in names.items():
        texts += [name] if len(words(name)) > 1 else []
        texts += [instrument.name] if name == "total" or len(scales) == 1 else []
    matched = match_columns({f"recorded_{name}": texts for name, texts in names.items()}, usable)
    found = {
        column: guess
        for column, guess in matched.items()
        if may_be_score(
            scales[column.removeprefix("recorded_")], usable[guess.column], cells[guess.column]
        )
    }
    sure = [name for name, guess in found.items() if not guess.doubt]
    return ProposedTable(instrument.name, {**found}, recorded=True) if sure else None


def _canonical(
    name: str,
    cells: pd.DataFrame,
    usable: Columns,
    dates: dict[str, Dates],
    subject: Guess,
    choices: Mapping[str, Mapping[str, str]],
) -> ProposedTable | None:
    """A table that is no instrument; a date is looked for among the columns of dates alone."""
    schema = fields(name)
    wanted = {
        key: [*ONLY_NAMES.get(key, (key, *ALIASES.get(key, ()))), *headings(key)]
        for key in schema
        if key != "subject_id"
    }
    found = _match_by_kind(wanted, schema, usable, dates)
    required = [
        key
        for key in wanted
        if schema[key].get("constraints", {}).get("required")
        or schema[key].get("mapped")
        or schema[key].get("expected")
    ]
    has_required = any(key in found for key in required or wanted)
    least = 1 if name in ("subjects", "treatments") else 2
    if len(found) < least or not (has_required or (name == "subjects" and len(found) > 1)):
        return None
    # A beginning and an end are those of many things.
    if name == EVENTS and all(
        guess.column in dates or key == "event_number" for key, guess in found.items()
    ):
        return None
    head = {"subject_id": subject, **{key: found.get(key) for key in required}}
    columns = {**head, **{key: found[key] for key in wanted if key in found}}
    recode, unknown = {}, {}
    for key, guess in found.items():
        permitted = _permitted(schema[key])
        if permitted:
            texts = set(cells[guess.column].str.strip())
            if schema[key]["type"] == "boolean":
                texts = {text for text in texts if text.lower() not in BOOLEANS}
            recode[key] = code_list(texts, permitted, choices.get(guess.column, {}))
            unknown[key] = _not_known(texts - {*permitted, *recode[key]})
    return ProposedTable(
        name,
        columns,
        {key: codes for key, codes in recode.items() if codes},
        {key: texts for key, texts in unknown.items() if texts},
    )


def _permitted(field: Mapping[str, Any]) -> Sequence[str]:
    """The values of a column of codes; none where it is no such column."""
    if field["type"] == "boolean":
        return YES_NO
    permitted: Sequence[str] = field.get("constraints", {}).get("enum", ())
    return permitted


def _match_by_kind(
    wanted: Columns, schema: Mapping[str, Any], usable: Columns, dates: Mapping[str, Dates]
) -> dict[str, Guess]:
    """Columns of dates for what is a date, others for the rest; "onset" may stand for its date."""
    is_date = {key: schema[key]["type"] in ("date", "datetime") for key in wanted}
    found: dict[str, Guess] = {}
    for kind in (True, False):
        found |= match_columns(
            {key: texts for key, texts in wanted.items() if is_date[key] == kind},
            {
                raw: [*texts, *(_as_date(text) for text in texts if kind)]
                for raw, texts in usable.items()
                if (raw in dates) == kind
            },
        )
    return found


def _as_date(text: str) -> str:
    return text if "date" in words(text) else f"{text} date"


def _not_known(texts: Iterable[str]) -> list[str]:
    """The shortest of codes that stand for nothing known; no text that says more than a code."""
    short = sorted(text for text in texts if 0 < len(text) <= LONGEST_CODE)
    return short[:MOST_CODES]


def _date_of(instrument: str, dates: Mapping[str, Any]) -> Guess | None:
    """The date column whose name has most in common with the instrument's."""
    stem = instrument.rstrip("0123456789")
    for column in dates:
        if stem in column.casefold():
            return Guess(column)
    if len(dates) == 1:
        return Guess(next(iter(dates)), "the only column of dates")
    near = [
        column for column in dates if "exam" in column.casefold() or column.casefold() == "date"
    ]
    first = next(iter(near or dates), None)
    return None if first is None else Guess(first, "one of several columns of dates")
