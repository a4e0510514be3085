"""suggest-mapping: propose the entry under ``exports`` for a raw file, with every doubt marked."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from owncontrol.column_guesses import (
    Dates,
    Guess,
    date_columns,
    match_columns,
    missing_codes,
    subject_column,
    visit_column,
)
from owncontrol.config import SCHEMA, fill_defaults, read_yaml
from owncontrol.errors import InputError
from owncontrol.headers import file_format
from owncontrol.ingest import CANONICAL, FORM_STATE
from owncontrol.instruments import Instrument, load_instrument
from owncontrol.privacy import free_text_columns, identifier_columns
from owncontrol.readers import read_export
from owncontrol.redcap import KIND, NAME, Field, read_dictionary
from owncontrol.statistical_files import FORMATS, variable_labels
from owncontrol.tables import fields

Config = dict[str, Any]
INSTRUMENTS = Path(__file__).parents[3] / "instruments"
ENCODINGS = ("utf-8", "shift_jis", "windows-1252")
LEAST_SHARE = 0.3  # of an instrument's items that have to be found for it to be proposed


def suggest_mapping(path: Path | str, dictionary: Path | str | None) -> str:
    """The text of a YAML entry under ``exports`` for the file, with a comment on each doubt.

    ``dictionary``: the file's REDCap data dictionary, where it has one. Raises InputError where a
    file cannot be read. Nothing of the file but column names, visit names and missing codes goes
    into the text.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file", "name a raw export")
    known = {} if dictionary is None else read_dictionary(dictionary)
    options, doubts = _options(path)
    part = read_yaml(SCHEMA)["properties"]["exports"]["additionalProperties"]
    entry = fill_defaults({"file": path.name, **options, "tables": {}}, part)
    cells = read_export(path, entry).cells
    if not len(cells.columns):
        raise InputError(f"{path}: no columns", "name a file with a header")
    if {NAME, KIND} <= set(cells.columns):
        raise InputError(
            f"{path}: a REDCap data dictionary, which has no data to map",
            f"name the export first: suggest-mapping EXPORT --dictionary {path.name}",
        )
    labels = {name: field.label for name, field in known.items()}
    if options["format"] in FORMATS:
        labels |= variable_labels(path, entry)
    lines = ["# Proposed from the data; check each line, above all those marked unsure."]
    lines += [f"{_name(path)}:", f"  file: {_text(path.name)}"]
    for key, value in options.items():
        lines.append(_line(f"  {key}: {_text(value)}", doubts.get(key, "")))
    if dictionary is not None:
        lines.append(f"  dictionary: {_text(Path(dictionary).name)}")
    return "\n".join(lines + _content(cells, known, labels)) + "\n"


def _content(cells: pd.DataFrame, known: dict[str, Field], labels: dict[str, str]) -> list[str]:
    """Lines for missing codes, dates, tables, and the columns that stay behind."""
    missing = missing_codes(cells)
    private = identifier_columns(cells, known) | free_text_columns(cells, known)
    subject = subject_column(cells, next(iter(known), ""))
    private.pop(subject.column, None)
    usable = {
        name: [name, *([labels[name]] if name in labels else [])]
        for name in map(str, cells.columns)
        if name not in private and name != subject.column and not FORM_STATE.fullmatch(name)
    }
    dates = date_columns(cells[list(usable)], missing)
    lines = []
    if missing:
        lines += ["  missing:"]
        lines += [_line(f"    - {_text(code)}", doubt) for code, doubt in missing.items()]
    lines += _date_lines(dates)
    tables, mapped = _tables(cells, usable, dates, subject)
    rest = [name for name in usable if name not in mapped]
    lines += ["  ignored:"] if private or rest else []
    lines += [f"    - {_text(name)}  # {reason}" for name, reason in private.items()]
    lines += [_line(f"    - {_text(name)}", "nothing like it is known") for name in rest]
    return [*lines, *tables]


def _date_lines(dates: dict[str, Dates]) -> list[str]:
    """Every form that some column needs; a column that can be read in two ways is a doubt."""
    certain = dict.fromkeys(forms.usual[0] for forms in dates.values() if len(forms.usual) == 1)
    chosen = dict.fromkeys(certain, "")
    for column, forms in dates.items():
        if not certain.keys() & set(forms.usual):
            also = " or ".join(forms.usual[1:])
            chosen.setdefault(forms.usual[0], f"'{column}' can also be read as {also}")
        for form, count in forms.others.items():
            chosen.setdefault(form, f"{count} of the cells in '{column}'")
    if not chosen:
        return []
    return ["  dates:", *(_line(f"    - {_text(form)}", doubt) for form, doubt in chosen.items())]


def _tables(
    cells: pd.DataFrame, usable: dict[str, list[str]], dates: dict[str, Dates], subject: Guess
) -> tuple[list[str], set[str]]:
    """Lines of the tables that the file seems to feed, and the raw columns they read."""
    lines, mapped = ["  tables:"], set()
    visit = visit_column(cells)
    for instrument in _instruments():
        items = {name: [name, item.label] for name, item in instrument.items.items()}
        needed = [name for name, item in instrument.items.items() if not item.optional]
        found = match_columns(items, usable)
        if sum(name in found for name in needed) < LEAST_SHARE * len(needed):
            continue
        head = {"subject_id": subject, "visit": visit, "date": _date_of(instrument, dates)}
        rest = {name: texts for name, texts in usable.items() if name not in _columns(found)}
        found |= match_columns({"assessor": ["assessor"], **_recorded(instrument)}, rest)
        lines += _table(instrument.name, head, found)
        mapped |= _columns(head) | _columns(found)
        lines += _visit_lines(cells, visit) if visit else []
    for table in CANONICAL:
        schema = fields(table)
        wanted = {name: [name] for name in schema if name != "subject_id"}
        found = match_columns(wanted, usable)
        required = [
            name for name in wanted if schema[name].get("constraints", {}).get("required")
        ] or list(wanted)
        least = 1 if table in ("subjects", "treatments") else 2
        if len(found) < least or not any(name in found for name in required):
            continue
        head = {"subject_id": subject, **{name: found.get(name) for name in required}}
        lines += _table(table, head, {name: found[name] for name in found if name not in head})
        mapped |= _columns(found)
    if len(lines) == 1:
        lines.append("    # unsure: no table or instrument has columns like those of this file")
    return lines, mapped


def _columns(guesses: Mapping[str, Guess | None]) -> set[str]:
    return {guess.column for guess in guesses.values() if guess}


def _recorded(instrument: Instrument) -> dict[str, list[str]]:
    """The columns for scores that the examiner wrote, by the names they may go by."""
    return {
        f"recorded_{name}": [f"{instrument.name} {name}", scale.label]
        for name, scale in instrument.scales.items()
    }


def _table(name: str, head: dict[str, Guess | None], found: dict[str, Guess]) -> list[str]:
    lines = [f"    {name}:", "      columns:"]
    for column, guess in {**head, **found}.items():
        if guess is None:
            lines.append(f"        # unsure: no column found for {column}, which every row needs")
        else:
            lines.append(_line(f"        {column}: {_text(guess.column)}", guess.doubt))
    return lines


def _date_of(instrument: Instrument, dates: dict[str, Dates]) -> Guess | None:
    """The date column whose name has most in common with the instrument's."""
    stem = instrument.name.rstrip("0123456789")
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


def _visit_lines(cells: pd.DataFrame, visit: Guess) -> list[str]:
    names = [name for name in cells[visit.column].str.strip().unique() if name]
    return [
        "      recode:",
        "        visit:",
        *(
            _line(
                f"          {_text(name)}: {_text(_visit_name(name))}",
                "name of the visit in 'visits'",
            )
            for name in names[:40]
        ),
    ]


def _options(path: Path) -> tuple[Config, dict[str, str]]:
    """How the file is read, and the doubt about each choice."""
    kind = file_format(path, "auto")
    if kind != "csv":
        return {"format": kind}, {}
    raw = path.read_bytes()
    options, doubts = {"format": "csv"}, {}
    encoding = "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""
    fitting = [encoding] if encoding else [name for name in ENCODINGS if _decodes(raw, name)]
    if fitting[0] != "utf-8":
        options["encoding"] = fitting[0]
        if len(fitting) > 1:
            doubts["encoding"] = f"{' and '.join(fitting[1:])} would fit too"
    text = raw.decode(fitting[0]).lstrip("\ufeff")
    widths = {
        sign: Counter(len(row) for row in list(csv.reader(io.StringIO(text), delimiter=sign))[:200])
        for sign in ",;\t|"
    }
    best = max(widths, key=lambda sign: max(width * count for width, count in widths[sign].items()))
    if best != ",":
        options["delimiter"] = best
    if max(widths[best]) == 1:
        doubts["format"] = "no delimiter found; the file seems to have one column"
    return options, doubts


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _instruments() -> list[Instrument]:
    return [load_instrument(path) for path in sorted(INSTRUMENTS.glob("*.yaml"))]


def _name(path: Path) -> str:
    name = _slug(path.stem)
    return name if name[:1].isalpha() else f"export_{name}"


def _visit_name(text: str) -> str:
    """A name for the schedule: without the arm of a REDCap event, and a letter first."""
    name = _slug(re.sub(r"_arm_[0-9]+$", "", text.strip()))
    return name if name[0].isalpha() else f"visit_{name}"


def _slug(text: str) -> str:
    signs = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in text.casefold())
    return "_".join(signs.split()) or "x"


def _text(value: object) -> str:
    """A value as YAML writes it on one line; text that could be read as something else quoted."""
    return (
        str(yaml.safe_dump(value, allow_unicode=True, width=10**6)).removesuffix("\n...\n").strip()
    )


def _line(text: str, doubt: str) -> str:
    return f"{text}  # unsure: {doubt}" if doubt else text
