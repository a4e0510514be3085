"""How each column of each table is read: its schema, its instrument and the configuration."""

import datetime
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from owncontrol.basics.date_forms import TYPED_DATES
from owncontrol.basics.decimals import of_float
from owncontrol.basics.patterns import compiled
from owncontrol.cleaning.cell_values import Column
from owncontrol.errors import InputError
from owncontrol.findings.cleaning_rules import NotPermitted, RecordedNotPermitted
from owncontrol.ingest.readers.file_formats import file_format
from owncontrol.ingest.readers.statistical import FORMATS
from owncontrol.instruments import Instrument, Range, Scale
from owncontrol.privacy.keyed_codes import code_pattern
from owncontrol.study.exports import Export
from owncontrol.study.parts import CleaningSettings
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.tables import CHARACTERISTIC_TYPES, fields

RECORDED = "recorded_"
# An examiner may write that a score cannot be determined, or does not apply.
UNDETERMINED = ("ND", "NA")


def column_reader(
    table: str,
    name: str,
    export: Export,
    config: CleaningSettings,
    instruments: dict[str, Instrument],
) -> Column:
    """How one canonical column of one export is read.

    Raises InputError where the configuration sets limits for a column that holds no number.
    """
    column = _general(table, name, export, config, instruments)
    given = export.tables[table].permitted.get(name)
    if given is None:
        return column
    if (given.minimum, given.maximum) != (None, None) and column.kind not in ("number", "integer"):
        raise InputError(
            f"exports, {export.file}, table {table}, permitted.{name}: limits for a column of "
            f"kind {column.kind}",
            "minimum and maximum are for numbers; a text has values or a pattern",
        )
    return replace(
        column,
        permitted=column.permitted if given.values is None else given.values,
        pattern=column.pattern if given.pattern is None else given.pattern,
        minimum=column.minimum if given.minimum is None else max(column.minimum, given.minimum),
        maximum=column.maximum if given.maximum is None else min(column.maximum, given.maximum),
    )


def _general(
    table: str,
    name: str,
    export: Export,
    config: CleaningSettings,
    instruments: dict[str, Instrument],
) -> Column:
    """The column as its schema, its instrument and the study's own rules have it."""
    mapping = export.tables[table]
    column = Column(
        name,
        "string",
        missing=export.missing,
        recode=dict(mapping.recode.get(name, {})),
        dates=export.dates,
        typed_dates=TYPED_DATES if _has_typed_dates(export) else (),
        period=study_period(config.period),
        numbers=export.numbers,
    )
    schema = fields(table if table in CANONICAL else "assessment")
    if name in schema:
        column = _with_units(table, _with_schema(column, schema[name]), config)
        return _with_code_rules(column, config)
    if table == "subjects":
        declared = next(item for item in config.characteristics if item.name == name)
        return replace(
            column,
            kind=CHARACTERISTIC_TYPES[declared.type],
            permitted=declared.values,
            unit=declared.unit,
        )
    instrument = instruments[table]
    if name in instrument.items:
        item = instrument.items[name]
        return replace(
            column,
            kind="measure" if item.range else "string",
            range=item.range,
            permitted=item.values,
            report_blank=not item.optional,
            recode={**mapping.item_codes, **column.recode},
            spellings=dict(mapping.recode_items),
            earlier=dict(item.earlier),
            earlier_note=item.earlier_note,
        )
    recorded = _recorded(column, instrument.scales[name.removeprefix(RECORDED)])
    if mapping.scores == "recorded":
        return replace(recorded, refusal=NotPermitted, report_blank=True)
    return recorded


def _has_typed_dates(export: Export) -> bool:
    """Whether the export's format stores dates as such, not as text."""
    return file_format(Path(export.file), export.format) in ("excel", *FORMATS)


def study_period(
    period: tuple[str, str] | None,
) -> tuple[datetime.date, datetime.date] | None:
    """First and last possible day, where the configuration declares them.

    Raises InputError where one is no day, or they are in the wrong order.
    """
    if period is None:
        return None
    hint = "first and last day as YYYY-MM-DD"
    try:
        first, last = map(datetime.date.fromisoformat, period)
    except ValueError as error:
        raise InputError(f"period: {list(period)}: {error}", hint) from error
    if first > last:
        raise InputError(f"period: {first} lies after {last}", hint)
    return first, last


def _with_schema(column: Column, field: dict[str, Any]) -> Column:
    limits = field.get("constraints", {})
    return replace(
        column,
        kind="partial_date" if field.get("partial") else field["type"],
        required=limits.get("required", False),
        permitted=tuple(limits.get("enum", ())),
        minimum=limits.get("minimum", column.minimum),
        maximum=limits.get("maximum", column.maximum),
        unit=field.get("unit", ""),
    )


def _with_units(table: str, column: Column, config: CleaningSettings) -> Column:
    """A dose in the study's own unit; a severity in the study's own words, read by their place."""
    if (table, column.name) == ("treatments", "dose") and config.dose_unit not in ("", column.unit):
        return replace(column, unit=config.dose_unit, minimum=0.0, maximum=math.inf)
    if (table, column.name) == ("adverse_events", "grade") and config.severity:
        ranks = {
            text: str(place)
            for place, word in enumerate(config.severity, start=1)
            for text in (word, word.lower(), word.upper(), word.capitalize())
        }
        return replace(
            column, recode={**ranks, **column.recode}, maximum=float(len(config.severity))
        )
    return column


def _with_code_rules(column: Column, config: CleaningSettings) -> Column:
    """Study codes follow the declared pattern; visits are those of the schedule."""
    if column.name in ("subject_id", "source_subject_id"):
        rule, code = config.subject_id, config.subject_code
        compiled(rule.pattern, "subject_id.pattern")
        pattern = code_pattern(code.prefix) if code.key_file else rule.pattern
        return replace(column, pattern=pattern, upper_case=rule.upper_case)
    if column.name == "visit":
        return replace(column, permitted=tuple(visit.name for visit in config.visits))
    return column


def _recorded(column: Column, scale: Scale) -> Column:
    """What an examiner may have written as a score: one of the scale's values, or none.

    Compared with the computed score and not analysed, one that cannot be is a warning.
    """
    column = replace(column, refusal=RecordedNotPermitted)
    if scale.levels:
        values = [level.text for level in scale.levels]
        return replace(column, permitted=(*values, *UNDETERMINED))
    step = of_float(scale.resolution) if scale.resolution else None
    limits = Range(of_float(scale.minimum), of_float(scale.maximum), step)
    return replace(column, kind="measure", range=limits, permitted=UNDETERMINED)
