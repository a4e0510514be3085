"""The data dictionary of a study's results: a Frictionless data package, and a table to read.

Data package and table schemas by https://specs.frictionlessdata.io/ (version 1); ``unit`` and
``source`` of a field are words of our own, which the standard permits.
"""

import json
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from owncontrol.instruments import Instrument
from owncontrol.provenance.table_fields import (
    Field,
    is_canonical,
    schema_name,
    table_description,
    table_fields,
)
from owncontrol.study.parts import DescribedTables
from owncontrol.study.table_mapping import CANONICAL, BaselineColumns
from owncontrol.tables import conform, fields, load_schema, read_text, records, table_file

# A data package, or a part of one, as its JSON holds it.
Package = dict[str, Any]
SUBJECTS = "cleaned/subjects.csv"
# The standard's own profile of a table is for CSV.
PROFILES = {"csv": "tabular-data-resource", "parquet": "data-resource"}


def describe_tables(
    folder: Path | str,
    paths: list[str],
    later: list[str],
    study: DescribedTables,
    instruments: dict[str, Instrument],
) -> Package:
    """The data package of the tables in ``folder`` (results/<study>) as one JSON object.

    ``paths``: tables that are there, inside the folder. ``later``: tables that are written after
    this one, known by their schema alone. Raises ValueError for a table or column that nothing
    describes.
    """
    folder = Path(folder)
    sources = _sources(folder, paths, study)
    resources = []
    for path in sorted([*paths, *later]):
        if path in later:
            header = list(fields(schema_name(path)))
        else:
            header = table_file(folder / path).header()
        described = table_fields(path, header, study, instruments)
        for field in described:
            field["source"] = _source(path, field["name"], sources, instruments)
        resources.append(_resource(path, described, instruments, SUBJECTS in paths))
    return {
        "profile": "tabular-data-package",
        "name": study.study,
        "title": study.title,
        "description": ("SYNTHETIC data. " if study.synthetic else "") + study.question,
        "resources": resources,
    }


def package_text(package: Package) -> str:
    """The package as its file holds it."""
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def dictionary_table(package: Package) -> pd.DataFrame:
    """The same for a reader: one row per column of a table (schema ``data_dictionary``)."""
    rows = [
        {
            "file": resource["path"],
            "column": field["name"],
            "type": field["type"],
            "unit": field.get("unit", ""),
            "permitted": _permitted(field.get("constraints", {})),
            "meaning": field["description"],
            "source": field["source"],
        }
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
    ]
    return conform(pd.DataFrame(rows), "data_dictionary")


def _resource(
    path: str, described: list[Field], instruments: dict[str, Instrument], with_subjects: bool
) -> Package:
    names = [field["name"] for field in described]
    schema: Package = {"fields": described, "missingValues": [""]}
    key = _key(path, instruments)
    if key and set(key) <= set(names):
        schema["primaryKey"] = key
    cleaned = path.startswith("cleaned/") and is_canonical(path, instruments)
    if cleaned and with_subjects and path != SUBJECTS:
        reference = {"resource": _resource_name(SUBJECTS), "fields": ["subject_id"]}
        schema["foreignKeys"] = [{"fields": ["subject_id"], "reference": reference}]
    file = table_file(path)
    return {
        "profile": PROFILES[file.format_name],
        "name": _resource_name(path),
        "path": path,
        "description": table_description(path, instruments),
        "format": file.format_name,
        "mediatype": file.media_type,
        "encoding": "utf-8",
        "schema": schema,
    }


def _key(path: str, instruments: dict[str, Instrument]) -> list[str]:
    """The columns that name a row; none in an ingested table, where faults still stand."""
    if not is_canonical(path, instruments):
        return list(load_schema(schema_name(path))["key"])
    if path.startswith("ingested/"):
        return []
    table = PurePosixPath(path).stem
    return list(load_schema(table if table in CANONICAL else "assessment")["key"])


def _resource_name(path: str) -> str:
    return str(PurePosixPath(path).with_suffix("")).replace("/", "-").lower()


def _sources(folder: Path, paths: list[str], study: DescribedTables) -> dict[tuple[str, str], str]:
    """By canonical table and column: the raw files and columns that it is read from.

    With the column that repeats the values of one visit in every row.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(paths):
        if PurePosixPath(path).name == "columns.csv" and path.startswith("ingested/"):
            for row in records(read_text(folder / path)):
                place = found.setdefault((row["table"], row["column"]), [])
                place.append(f"{row['file']}: {row['raw_column']}")
                export = study.exports.get(PurePosixPath(path).parts[1])
                mapping = export.tables.get(row["table"]) if export else None
                repeated = mapping.baseline_columns if mapping else BaselineColumns()
                if row["column"] in repeated.raw:
                    at = f"at {repeated.visit}"
                    place.append(f"{row['file']}: {repeated.raw[row['column']]} ({at})")
    return {place: "; ".join(texts) for place, texts in found.items()}


def _source(
    path: str,
    column: str,
    sources: dict[tuple[str, str], str],
    instruments: dict[str, Instrument],
) -> str:
    """Raw file and column of a canonical column; else that the workflow makes it."""
    place = PurePosixPath(path)
    if is_canonical(path, instruments):
        names = (column, f"{column.removesuffix('_day')}_date", column.removesuffix("_day"), "date")
        wanted = names if column.endswith("_day") else (column,)
        if column.startswith("day_from_"):
            wanted = ("date",)
        for name in wanted:
            if (place.stem, name) in sources:
                return sources[place.stem, name]
    return "made by the workflow"


def _permitted(constraints: Package) -> str:
    parts = []
    if "enum" in constraints:
        parts.append(" | ".join(map(str, constraints["enum"])))
    if "minimum" in constraints:
        parts.append(f"from {constraints['minimum']}")
    if "maximum" in constraints:
        parts.append(f"to {constraints['maximum']}")
    if "pattern" in constraints:
        parts.append(f"like {constraints['pattern']}")
    if constraints.get("required"):
        parts.append("never empty")
    return ", ".join(parts)
