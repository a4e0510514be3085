"""How a raw file can be read, where no configuration says: format, encoding, delimiter, sheet.

What ``suggest-mapping``, ``new-study`` and ``score-isncsci`` propose or use. Each choice that could
be another one has its doubt.
"""

from pathlib import Path
from typing import Any

from owncontrol.config import SCHEMA, fill_defaults, read_yaml
from owncontrol.ingest.readers.delimited import detect
from owncontrol.ingest.readers.formats import check_format, file_format
from owncontrol.ingest.readers.workbook import sheets

Config = dict[str, Any]


def proposed_options(path: Path) -> tuple[Config, dict[str, str]]:
    """What an entry under ``exports`` has to say of how a file is read, and the doubts by key.

    Raises InputError where the file cannot be read, or is of no format that is read.
    """
    kind = file_format(path, "auto")
    check_format(path, kind)
    options: Config = {"format": kind}
    if kind == "excel":
        return options, _sheet(path, options)
    if kind != "csv":
        return options, {}
    found = detect(path)
    if found.encoding != "utf-8":
        options["encoding"] = found.encoding
    if found.delimiter != ",":
        options["delimiter"] = found.delimiter
    return options, found.doubts


def _sheet(path: Path, options: Config) -> dict[str, str]:
    """Put the first visible sheet into ``options`` where there are several; returns the doubt."""
    found = sheets(path)
    visible = [sheet.name for sheet in found if sheet.visible]
    if len(found) < 2 or not visible:
        return {}
    options["sheet"] = visible[0]
    others = [
        sheet.name + ("" if sheet.visible else " (hidden)")
        for sheet in found
        if sheet.name != visible[0]
    ]
    return {"sheet": f"the workbook also has {', '.join(others)}"}


def entry_of(path: Path, options: Config) -> Config:
    """A whole entry under ``exports`` for a file, without tables; the rest as by default."""
    part = read_yaml(SCHEMA)["properties"]["exports"]["additionalProperties"]
    entry: Config = fill_defaults({"file": path.name, **options, "tables": {}}, part)
    return entry
