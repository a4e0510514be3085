"""The raw files of a study, read and cleaned in this process as the steps of a run do it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from owncontrol.cleaning.clean import Cleaned, clean_study
from owncontrol.cleaning.corrections import COLUMNS, read_corrections
from owncontrol.ingest.export import Ingested, ingest_export
from owncontrol.instruments import Instrument
from owncontrol.study.model import Study
from owncontrol.study.parts import CleaningSettings
from owncontrol.study.subjects import CodeRules


def write_corrections(folder: Path, rows: Sequence[tuple[str, ...]]) -> None:
    """Write ``corrections.csv``."""
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(folder / "corrections.csv", index=False)


def ingest_files(
    folder: Path,
    study: Study,
    instruments: dict[str, Instrument],
    known: Mapping[str, Ingested] | None = None,
) -> dict[str, Ingested]:
    """By export, what ingest gives; ``known``: of exports that are not to be read again."""
    known = known or {}
    return {
        name: known[name]
        if name in known
        else ingest_export(
            folder / export.file,
            folder / export.dictionary if export.dictionary else None,
            export,
            instruments,
            study.characteristics,
            CodeRules.taken_from(study) if study.subject_code.key_file else None,
            study.file_names[name],
            study.is_selected,
        )
        for name, export in study.exports.items()
    }


def clean_ingested(
    folder: Path,
    study: Study,
    instruments: dict[str, Instrument],
    ingested: Mapping[str, Ingested],
    plan_dates: Mapping[str, str] | None = None,
) -> Cleaned:
    """What cleaning gives of what ingest gave; the corrections lie in ``folder``."""
    tables: dict[str, dict[str, pd.DataFrame]] = {}
    for name, part in ingested.items():
        for table, frame in part.tables.items():
            tables.setdefault(table, {})[name] = frame
    return clean_study(
        CleaningSettings.taken_from(study),
        instruments,
        tables,
        {name: part.rows for name, part in ingested.items()},
        {name: part.columns for name, part in ingested.items()},
        [part.findings for part in ingested.values()],
        read_corrections(folder / study.corrections) if study.corrections else None,
        plan_dates,
    )
