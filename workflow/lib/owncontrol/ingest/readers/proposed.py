"""How a raw file can be read, where no configuration says: format, encoding, delimiter, sheet.

What ``suggest-mapping``, ``new-study`` and ``score-isncsci`` propose or use. Each choice that could
be another one has its doubt.
"""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from owncontrol.errors import InputError
from owncontrol.ingest.readers.delimited import detect
from owncontrol.ingest.readers.file_formats import check_format, file_format
from owncontrol.ingest.readers.workbook import sheets
from owncontrol.study.exports import ReadingOptions

Options = dict[str, Any]  # keys of ReadingOptions
TAB = ("\\t", "tab")  # how a tab is typed in a shell


def with_tab(options: Options) -> Options:
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


def proposed_options(path: Path, declared: str = "auto") -> tuple[Options, dict[str, str]]:
    """What an entry under ``exports`` has to say of how a file is read, and the doubts by key.

    ``declared``: the file's format, where it is known.
    Raises InputError where the file cannot be read, or is of no format that is read.
    """
    kind = file_format(path, declared)
    check_format(path, kind)
    options: Options = {"format": kind}
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


def _sheet(path: Path, options: Options) -> dict[str, str]:
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


def reading_of(path: Path, options: Options) -> ReadingOptions:
    """How a file is read where no study says it: by these options, the rest as by default.

    Raises InputError for an option that is not permitted.
    """
    try:
        return ReadingOptions.model_validate({"file": path.name, **options})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{path}: {key}: {first['msg']}", f"see exports.*.{key} in config/README.md"
        ) from error
