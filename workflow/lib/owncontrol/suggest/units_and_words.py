"""The unit of doses and the words of severity that the files of a new study use."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from owncontrol.study.model import CELLS
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.suggest.draft import DraftExport, DraftTable
from owncontrol.suggest.raw_file import RawFile
from owncontrol.tables import fields

# Words of severity as sources write them, the mildest first.
SEVERITIES = (
    ("mild", "moderate", "severe"),
    ("mild", "moderate", "severe", "life threatening", "fatal"),
    ("leicht", "mittel", "schwer"),
    ("leicht", "mäßig", "schwer"),
    ("leicht", "mittelschwer", "schwer"),
    ("léger", "modéré", "sévère"),
    ("leve", "moderado", "grave"),
    ("leve", "moderada", "grave"),
    ("lieve", "moderato", "grave"),
    ("軽度", "中等度", "高度"),
)
# Names of columns with the unit of a dose, beside one that is called after the column of the dose.
UNITS = ("EXDOSU", "dose_unit", "dose unit", "unit", "Einheit", "Dosiseinheit")


def with_units_and_words(
    files: Sequence[RawFile], exports: Sequence[DraftExport]
) -> tuple[list[DraftExport], str, tuple[str, ...]]:
    """The exports, the unit of their doses (empty: that of cells) and the words of severity.

    A dose of which no unit is known is left out where it cannot be of cells, and a severity
    where its texts are neither numbers nor known words.
    """
    found, unit = [], ""
    severity: tuple[str, ...] = ()
    for raw, export in zip(files, exports, strict=True):
        tables = []
        for table in export.tables:
            if table.name == "treatments" and table.columns.get("dose"):
                table, said = _with_unit(raw, table)
                unit = unit or said
            if table.name == "adverse_events" and table.columns.get("grade"):
                table, words = _with_words(raw, table)
                severity = severity or words
            tables.append(table)
        used = {name for table in tables for name in table.raw_columns()}
        back = {name: "" for of in export.tables for name in of.raw_columns() if name not in used}
        found.append(replace(export, tables=tuple(tables), ignored={**export.ignored, **back}))
    return found, unit, severity


def _with_unit(raw: RawFile, table: DraftTable) -> tuple[DraftTable, str]:
    dose = _column(table, "dose")
    called = (f"{dose}U", f"{dose}_unit", f"{dose} unit", *UNITS)
    for name in called:
        if name in raw.cells:
            texts = set(raw.texts(name).unique()) - {""}
            if len(texts) == 1:
                unit = texts.pop()
                return table, "" if unit == CELLS else unit
    limits = fields("treatments")["dose"]["constraints"]
    numbers = pd.to_numeric(raw.texts(dose), errors="coerce").dropna()
    if numbers.between(limits["minimum"], limits["maximum"]).all():
        return table, ""
    return _without(table, "dose"), ""


def _with_words(raw: RawFile, table: DraftTable) -> tuple[DraftTable, tuple[str, ...]]:
    texts = raw.texts(_column(table, "grade"))
    texts = texts[texts != ""]
    if pd.to_numeric(texts, errors="coerce").notna().mean() > 0.5 or texts.empty:
        return table, ()
    said = {text.casefold() for text in texts.unique()}
    for words in SEVERITIES:
        if said <= set(words):
            return table, words
    return _without(table, "grade"), ()


def _column(table: DraftTable, name: str) -> str:
    guess = table.columns[name]
    return guess.column if guess else ""


def _without(table: DraftTable, name: str) -> DraftTable:
    columns = {key: guess for key, guess in table.columns.items() if key != name}
    return replace(table, columns=columns)


def fed_once(exports: Sequence[DraftExport]) -> list[DraftExport]:
    """Subjects and treatments from the files that list them, not also from each exam's row."""
    found = list(exports)
    for name in ("subjects", "treatments"):
        feeding = [export for export in found if any(table.name == name for table in export.tables)]
        listed = [export for export in feeding if not _has_assessments(export)]
        if listed and len(feeding) > len(listed):
            found = [
                replace(
                    export,
                    tables=tuple(
                        table
                        for table in export.tables
                        if table.name != name or not _has_assessments(export)
                    ),
                )
                for export in found
            ]
    return found


def _has_assessments(export: DraftExport) -> bool:
    return any(table.name not in CANONICAL for table in export.tables)
