"""Instruments of one study as files: ``config/<study>/<name>.yaml``, as those of the library are.

A study reads the files of its own folder that its tables are called after, and no other study's.
"""

from pathlib import Path
from typing import Any

KEY = "instrument_files"


def with_own_instruments(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """``values`` (a configuration) with the path of each file of its own that a table needs.

    ``folder``: of the project. A file that no table is called after is not looked at.
    """
    exports, study = values.get("exports"), values.get("study")
    if not isinstance(exports, dict) or not isinstance(study, str):
        return values
    tables = {
        str(table)
        for export in exports.values()
        if isinstance(export, dict) and isinstance(export.get("tables"), dict)
        for table in export["tables"]
    }
    found = {
        path.stem: path.relative_to(folder).as_posix()
        for path in sorted((folder / "config" / study).glob("*.yaml"))
        if path.stem in tables and path.is_file()
    }
    return {**values, KEY: found} if found else values
