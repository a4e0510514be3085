"""The project's own configuration run in process over a folder: ingest, clean, score."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from owncontrol.cleaning.clean import Cleaned
from owncontrol.ingest.export import Ingested
from owncontrol.instruments import Instrument, load_instrument
from owncontrol.scoring.score_table import discrepancies, score_assessments
from owncontrol.study.loading import load_study
from owncontrol.study.model import Study
from owncontrol.tables import concat
from read_study import clean_ingested, ingest_files

ROOT = Path(__file__).resolve().parents[2]
INSTRUMENTS = ("isncsci", "scim3", "wisci2")


@dataclass
class Run:
    """What the steps give, and all that they found."""

    study: Study
    ingested: dict[str, Ingested]
    cleaned: Cleaned
    scores: pd.DataFrame

    def found(self) -> pd.DataFrame:
        """Findings and discrepancies: file, row, column (as in planted_faults.csv), rule, ..."""
        findings = self.cleaned.findings
        rows = ["" if number is pd.NA else str(number) for number in findings["row"]]
        findings = findings.assign(row=rows)
        return pd.concat([findings, self._discrepancies()], ignore_index=True)

    def _discrepancies(self) -> pd.DataFrame:
        """The recorded scores that differ, each at its raw cell."""
        places = {
            (export, entry.table, entry.column): (entry.file, entry.raw_column)
            for export, part in self.ingested.items()
            for entry in part.columns.itertuples()
        }
        rows = []
        for entry in discrepancies(self.scores).itertuples():
            export, _, row = entry.row_id.rpartition(":")
            file, column = places[export, entry.instrument, f"recorded_{entry.scale}"]
            rows.append(
                (file, row, column, entry.recorded, "discrepancy", "warning", "kept", entry.text)
            )
        return pd.DataFrame(rows, columns=self.cleaned.findings.columns)


def run_study(folder: Path, **changes: Any) -> Run:
    """Run a folder of raw files with the project's configuration."""
    study = load_study({**load_study({}, ROOT).plain(), **changes})
    instruments = load_instruments()
    return clean_and_score(folder, study, instruments, ingest_files(folder, study, instruments))


def load_instruments(names: Sequence[str] = INSTRUMENTS) -> dict[str, Instrument]:
    """Instruments by name, those of the example study unless others are named."""
    folder = ROOT / "workflow" / "instruments"
    return {name: load_instrument(folder / f"{name}.yaml") for name in names}


def clean_and_score(
    folder: Path,
    study: Study,
    instruments: dict[str, Instrument],
    ingested: dict[str, Ingested],
    known: Run | None = None,
) -> Run:
    """The steps after ingest; tables that are as in a ``known`` run are not scored again."""
    cleaned = clean_ingested(folder, study, instruments, ingested)
    parts = []
    for name in instruments:
        table = cleaned.tables[name]
        if known is not None and table.equals(known.cleaned.tables[name]):
            parts.append(known.scores.loc[known.scores["instrument"] == name])
        else:
            parts.append(score_assessments(instruments[name], table))
    scores = concat(parts, "scores")
    return Run(study, ingested, cleaned, scores)
