"""What each column of each table of the results holds: type, unit, permitted values, meaning.

Made from the table schemas, the instruments and the configuration, in the words of Frictionless
Table Schema (https://specs.frictionlessdata.io/table-schema/).
"""

from pathlib import PurePosixPath
from typing import Any

from owncontrol.ingest.kept_rows import CODE
from owncontrol.ingest.keyed_rows import TOKEN
from owncontrol.ingest.long_tables import ITEM, JOINED
from owncontrol.instruments import Instrument
from owncontrol.study.clocks import DATED
from owncontrol.study.parts import DescribedTables
from owncontrol.study.subjects import Characteristic
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.study.visit_windows import FROM_TARGET
from owncontrol.tables import (
    CHARACTERISTIC_TYPES,
    TABLE_SCHEMAS,
    derived_fields,
    fields,
    load_schema,
)

Field = dict[str, Any]
DATES = ("date", "datetime")


def schema_name(path: str) -> str:
    """The schema of a table that a stage writes, by its path inside the results of a study.

    Raises ValueError for one that has no schema: whoever writes it has to describe it.
    """
    place = PurePosixPath(path)
    name = place.stem
    if place.parts[0] == "statistics":
        name = "estimates"
    elif place.parts[0] == "figures":
        name = f"figure_{name}"
    if not (TABLE_SCHEMAS / f"{name}.yaml").is_file():
        raise ValueError(
            f"{path}: no schema; describe the table in {TABLE_SCHEMAS.name}/{name}.yaml"
        )
    return name


def table_description(path: str, instruments: dict[str, Instrument]) -> str:
    """What a table holds, in a sentence or two."""
    if not is_canonical(path, instruments):
        return str(load_schema(schema_name(path))["description"])
    table = PurePosixPath(path).stem
    about = load_schema(table)["description"] if table in CANONICAL else ""
    if not about:
        instrument = instruments[table]
        about = f"One row per subject and visit: {instrument.label}, {instrument.edition}."
    if path.startswith("ingested/"):
        return f"{about} The text of one raw file, as it is written there."
    return f"{about} Cleaned: typed, with study days in place of dates."


def is_canonical(path: str, instruments: dict[str, Instrument]) -> bool:
    """Whether the path is an ingested or a cleaned table that exports map to."""
    place = PurePosixPath(path)
    stage = place.parts[0] in ("ingested", "cleaned")
    return stage and (place.stem in CANONICAL or place.stem in instruments)


def table_fields(
    path: str, header: list[str], study: DescribedTables, instruments: dict[str, Instrument]
) -> list[Field]:
    """A Table Schema field for each column of the table at ``path`` (inside the results).

    Raises ValueError for a column that no schema, instrument or configuration knows.
    """
    if is_canonical(path, instruments):
        known = _canonical_fields(PurePosixPath(path).stem, study, instruments)
        if path.startswith("ingested/"):
            known = _as_text(known)
        else:
            clock = study.event_clock
            known = _as_cleaned(known, clock if clock in DATED else "start of the study's clock")
        if path.startswith("cleaned/") and PurePosixPath(path).stem in CANONICAL:
            added = derived_fields(PurePosixPath(path).stem)
            known |= {name: _tidy(field) for name, field in added.items()}
            known |= _in_own_unit(PurePosixPath(path).stem, known, study)
    else:
        known = {name: _tidy(field) for name, field in fields(schema_name(path)).items()}
        if PurePosixPath(path).name == "rows.csv":
            known |= _of_raw_rows(path, study, known)
            known[CODE] = _field(CODE, "string", "Study code of a row that no table took")
            known[FROM_TARGET] = _field(
                FROM_TARGET, "number", "How far the row is from what was planned for its visit"
            )
            known[TOKEN] = _field(TOKEN, "string", "Mark of the raw row, made by the key")
    unknown = [name for name in header if name not in known]
    if unknown:
        raise ValueError(f"{path}: nothing describes the column '{unknown[0]}'")
    return [known[name] for name in header]


def _canonical_fields(
    table: str, study: DescribedTables, instruments: dict[str, Instrument]
) -> dict[str, Field]:
    """The fields of a canonical table as the schemas have them, dates still dates."""
    if table in CANONICAL:
        known = dict(fields(table))
        extra = study.characteristics if table == "subjects" else ()
        return known | {item.name: _characteristic(item) for item in extra}
    instrument = instruments[table]
    known = dict(fields("assessment"))
    for name, item in instrument.items.items():
        known[name] = _field(name, "string", item.label)
        if item.range:
            ends = {"minimum": item.range.minimum, "maximum": item.range.maximum}
            limits = {key: float(end) for key, end in ends.items() if end.is_finite()}
            known[name] |= {"type": "number", "constraints": limits}
        else:
            known[name]["constraints"] = {"enum": list(item.values)}
    for name, scale in instrument.scales.items():
        column = f"recorded_{name}"
        known[column] = _field(column, "string", f"{scale.label}, as the examiner wrote it")
        if scale.unit:
            known[column]["unit"] = scale.unit
    return known


def _in_own_unit(table: str, known: dict[str, Field], study: DescribedTables) -> dict[str, Field]:
    """The dose in the study's unit, the grade as its words, where the study declares them."""
    if table == "treatments" and study.dose_unit not in ("", known["dose"].get("unit")):
        limits = {"minimum": 0}
        return {"dose": known["dose"] | {"unit": study.dose_unit, "constraints": limits}}
    if table == "adverse_events" and study.severity:
        words = ", ".join(f"{place} {word}" for place, word in enumerate(study.severity, start=1))
        limits = {"minimum": 1, "maximum": len(study.severity)}
        text = f"Severity: {words}"
        return {"grade": known["grade"] | {"description": text, "constraints": limits}}
    return {}


def _characteristic(item: Characteristic) -> Field:
    field = _field(item.name, CHARACTERISTIC_TYPES[item.type], item.label)
    if item.unit:
        field["unit"] = item.unit
    if item.values:
        field["constraints"] = {"enum": list(item.values)}
    return field


def _as_text(known: dict[str, Field]) -> dict[str, Field]:
    """The same columns in an ingested table: text as written, whatever it should be."""
    own = {
        "source_file": _field("source_file", "string", "Raw file"),
        "source_row": _field("source_row", "integer", "Row as a person counts it in the raw file"),
    }
    return own | {
        name: _field(name, "string", f"{field['description']}, as written")
        for name, field in known.items()
    }


def _as_cleaned(known: dict[str, Field], clock: str) -> dict[str, Field]:
    """The same columns in a cleaned table: a row's name, and study days for dates.

    ``clock``: what days of events count from.
    """
    found = {"row_id": _field("row_id", "string", "Export and raw row, such as redcap:2")}
    for name, field in known.items():
        if name in found:  # days that a raw file has in place of dates
            continue
        if field["type"] not in DATES:
            found[name] = _tidy(field)
        elif name == "date":
            for clock in ("injury", "treatment"):
                text = f"{field['description']}, in days from the {clock}"
                found[f"day_from_{clock}"] = _days(f"day_from_{clock}", text)
        else:
            column = f"{name.removesuffix('_date')}_day"
            found[column] = _days(column, f"{field['description']}, in days from the {clock}")
    return found


def _of_raw_rows(path: str, study: DescribedTables, known: dict[str, Field]) -> dict[str, Field]:
    """The columns of ingest's record of raw rows that depend on the export."""
    export = study.exports[PurePosixPath(path).parts[1]]
    found = {
        name: _field(name, "string", "Raw column that tells rows, items or subjects apart")
        for name in export.recorded_columns()
        if name not in known
    }
    for table, mapping in export.tables.items():
        if mapping.long:
            joined, item = f"{JOINED}{table}", f"{ITEM}{table}"
            found[joined] = _field(
                joined, "integer", f"Raw row that stands for the whole assessment of {table}"
            )
            found[item] = _field(
                item, "string", "Item code; empty where another row gives the item's value"
            )
    return found


def _days(name: str, description: str) -> Field:
    return _field(name, "integer", description) | {"unit": "days"}


def _field(name: str, kind: str, description: str) -> Field:
    return {"name": name, "type": kind, "description": description}


def _tidy(field: Field) -> Field:
    """A field of a table schema as a field of the package: without what only stages need."""
    keys = ("name", "type", "description", "unit", "constraints")
    tidy = {key: field[key] for key in keys if field.get(key)}
    if "constraints" in tidy:
        tidy["constraints"] = dict(tidy["constraints"])
    return tidy
