"""suggest-mapping: propose the entry under ``exports`` for a raw file, with every doubt marked."""

import math
import re
from pathlib import Path

import pandas as pd
import yaml

from owncontrol.errors import InputError
from owncontrol.ingest.export import FORM_STATE
from owncontrol.ingest.private_columns import free_text_columns, identifier_columns
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.proposed import proposed_options, reading_of
from owncontrol.ingest.readers.statistical import FORMATS, variable_labels
from owncontrol.ingest.redcap import KIND, NAME, Field, read_dictionary
from owncontrol.suggest.column_guesses import (
    Dates,
    Guess,
    date_columns,
    missing_codes,
    number_forms,
    subject_column,
    visit_column,
)
from owncontrol.suggest.table_guesses import ProposedTable, proposed_tables

REPEATS = ("redcap_repeat_instrument", "redcap_repeat_instance")
MOST_VISITS = 40
SHOWN = 200  # characters of a visit's name; a longer text is no name


def suggest_mapping(path: Path | str, dictionary: Path | str | None) -> str:
    """The text of a YAML entry under ``exports`` for the file, with a comment on each doubt.

    ``dictionary``: the file's REDCap data dictionary, where it has one. Raises InputError where a
    file cannot be read. Nothing of the file but the names of sheets, columns and visits and short
    codes goes into the text.
    """
    path = Path(path)
    known = {} if dictionary is None else read_dictionary(dictionary)
    options, doubts = proposed_options(path)
    entry = reading_of(path, options)
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
    private = identifier_columns(cells, known) | free_text_columns(cells, known)
    subject = subject_column(cells, next(iter(known), ""))
    private.pop(subject.column, None)
    usable = {
        name: [name, *([labels[name]] if name in labels else [])]
        for name in map(str, cells.columns)
        if name not in private and name != subject.column and not FORM_STATE.fullmatch(name)
    }
    dates = date_columns(cells[list(usable)], missing_codes(cells))
    choices = {name: field.choices for name, field in known.items()}
    tables = proposed_tables(cells, usable, dates, subject, choices)
    # A level that could not be determined (ND) is no missing value.
    levels = [
        raw
        for table in tables
        for column, raw in table.raw().items()
        if table.name == "isncsci" and column.startswith("recorded_")
    ]
    missing = missing_codes(cells.drop(columns=levels))
    lines = []
    if missing:
        lines += ["  missing:"]
        lines += [_line(f"    - {_text(code)}", doubt) for code, doubt in missing.items()]
    lines += _date_lines(dates)
    numbers = number_forms(cells[[name for name in usable if name not in dates]])
    lines += ["  numbers:"] if numbers else []
    lines += [_line(f"    - {form}", doubt) for form, doubt in numbers.items()]
    repeats = [name for name in usable if name in REPEATS]
    mapped = {raw for table in tables for raw in table.raw().values()}
    rest = [name for name in usable if name not in {*mapped, *repeats}]
    lines += ["  ignored:"] if private or repeats or rest else []
    lines += [f"    - {_text(name)}  # {_comment(reason)}" for name, reason in private.items()]
    lines += [f"    - {name}  # REDCap's own count of repeats" for name in repeats]
    lines += [_line(f"    - {_text(name)}", "nothing like it is known") for name in rest]
    lines.append("  tables:")
    if not tables:
        lines.append("    # unsure: no table or instrument has columns like those of this file")
    visit = visit_column(cells)
    names = cells[visit.column].str.strip().unique().tolist() if visit else []
    short = [name for name in names if name and len(_text(name)) <= SHOWN][:MOST_VISITS]
    for table in tables:
        lines += _table(table, short)
    left = sum(bool(name) for name in names) - len(short)
    if left:
        lines.append(f"    # unsure: {left} more texts stand where visits are named")
    return lines


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


def _table(table: ProposedTable, visits: list[str]) -> list[str]:
    """Lines of one table; ``visits``: names of the file's visits."""
    lines = [f"    {table.name}:", *["      scores: recorded"] * table.recorded, "      columns:"]
    for column, guess in table.columns.items():
        if guess is None:
            lines.append(f"        # unsure: no column found for {column}, which every row needs")
        else:
            lines.append(_line(f"        {column}: {_text(guess.column)}", guess.doubt))
    recode = {column: dict(codes) for column, codes in table.recode.items()}
    if visits and table.columns.get("visit"):
        doubt = "name of the visit in 'visits'"
        recode["visit"] = {name: Guess(_visit_name(name), doubt) for name in visits}
    lines += ["      recode:"] if recode else []
    for column, codes in recode.items():
        lines.append(f"        {column}:")
        for text, guess in codes.items():
            lines.append(_line(f"          {_text(text)}: {_text(guess.column)}", guess.doubt))
    for column, texts in table.unknown.items():
        lines.append(f"      # unsure: meaning of {', '.join(map(repr, texts))} in {column}")
    return lines


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
    style = '"' if isinstance(value, str) and not value.isprintable() else None
    text = yaml.safe_dump(value, allow_unicode=True, width=math.inf, default_style=style)
    return str(text).removesuffix("\n...\n").strip()


def _line(text: str, doubt: str) -> str:
    return f"{text}  # unsure: {_comment(doubt)}" if doubt else text


def _comment(text: str) -> str:
    """A text on one line, without what YAML does not allow even in a comment."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
