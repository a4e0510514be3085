"""How a raw file can be read, where no configuration says: format, encoding, delimiter, sheet.

What ``suggest-mapping``, ``new-study`` and ``score-isncsci`` propose or use. Each choice that could
be another one has its doubt.
"""

from pathlib import Path
from typing import Any

from owncontrol.basics.program_files import read_program_yaml
from owncontrol.errors import InputError
from owncontrol.ingest.readers.delimited import detect
from owncontrol.ingest.readers.file_formats import check_format, file_format
from owncontrol.ingest.readers.workbook import sheets
from owncontrol.study.config import SCHEMA, fill_defaults

Config = dict[str, Any]
TAB = ("\\t", "tab")  # how a tab is typed in a shell


def with_tab(options: Config) -> Config:
    """Options of a command line with a tab for the delimiter that is typed as ``\\t`` or tab.

    Raises InputError for a delimiter of several signs.
    """
    delimiter = options.get("delimiter")
    if delimiter in TAB:
        return options | {"delimiter": "\t"}
    if delimiter is not None and len(delimiter) != 1:
        raise InputError(
            f"--delimiter {delimiter!r}: {len(delimiter)} signs; allowed: one",
            "for example ';' or tab",
        )
    return options


def proposed_options(path: Path, declared: str = "auto") -> tuple[Config, dict[str, str]]:
    """What an entry under ``exports`` has to say of how a file is read, and the doubts by key.

    ``declared``: the file's format, where it is known.
    Raises InputError where the file cannot be read, or is of no format that is read.
    """
    kind = file_format(path, declared)
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
    if len(found) < 2:
        return {}
    first = next((sheet for sheet in found if sheet.visible), found[0])
    options["sheet"] = first.name
    others = [
        sheet.name + ("" if sheet.visible else " (hidden)") for sheet in found if sheet is not first
    ]
    return {"sheet": f"the workbook also has {', '.join(others)}"}


def entry_of(path: Path, options: Config) -> Config:
    """A whole entry under ``exports`` for a file, without tables; the rest as by default."""
    part = read_program_yaml(SCHEMA)["properties"]["exports"]["additionalProperties"]
    entry: Config = fill_defaults({"file": path.name, **options, "tables": {}}, part)
    return entry
