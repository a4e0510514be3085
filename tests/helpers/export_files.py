"""One export with the schema's defaults, read or ingested, for tests of formats and mappings."""

from pathlib import Path
from typing import Any

from owncontrol.ingest.export import Ingested, ingest_export
from owncontrol.instruments import load_instrument
from owncontrol.study.exports import Export, ReadingOptions

INSTRUMENTS = Path(__file__).parents[2] / "workflow" / "instruments"


def export_entry(file: str, **given: Any) -> ReadingOptions:
    """An entry under ``exports``; without ``tables``, only how the file is read."""
    kind = Export if "tables" in given else ReadingOptions
    return kind.model_validate({"file": file, **given})


def ingest(path: Path, dictionary: Path | None = None, **given: Any) -> Ingested:
    """Ingest one file by the entry that ``given`` describes."""
    export = export_entry(path.name, **given)
    tables = [table for table in export.tables if (INSTRUMENTS / f"{table}.yaml").is_file()]
    instruments = {name: load_instrument(INSTRUMENTS / f"{name}.yaml") for name in tables}
    return ingest_export(path, dictionary, export, instruments, [])
