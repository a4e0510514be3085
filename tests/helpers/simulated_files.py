"""Reading the files of a SYNTHETIC study as a person sees them."""

import csv
import datetime
import functools
from pathlib import Path

import openpyxl
import pandas as pd
from owncontrol.simulation.exports import CELL_COLUMNS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "data" / "raw" / "example"
REFERENCE = ROOT.parent / "shared" / "reference"
REDCAP, WORKBOOK = "redcap_export.csv", "isncsci_exams.xlsx"
CELLS, EVENTS = "cell_processing.csv", "adverse_events.csv"


@functools.cache
def rows_of(folder: Path, name: str) -> list[list[str]]:
    """A file's rows as a person sees them: text, the header first."""
    if name == WORKBOOK:
        sheet = openpyxl.load_workbook(folder / name)["Exams"]
        return [[text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    delimiter = ";" if name == CELLS else ","
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def text(value: object) -> str:
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)


def frame_of(folder: Path, name: str) -> pd.DataFrame:
    header, *rows = rows_of(folder, name)
    return pd.DataFrame(rows, columns=header)


def planted(folder: Path) -> list[dict[str, str]]:
    return frame_of(folder, "planted_faults.csv").to_dict("records")


def canonical(exams: pd.DataFrame) -> pd.DataFrame:
    """The workbook's cells under the classifier's column names."""
    names = {"VAC": "voluntary_anal_contraction", "DAP": "deep_anal_pressure"}
    kinds = {"motor": "motor", "LT": "light_touch", "PP": "pin_prick"}
    for short, side in (("R", "right"), ("L", "left")):
        names[f"{short} non-key"] = f"{side}_lowest_non_key_muscle"
        for column in CELL_COLUMNS:
            if column.startswith(f"{short} "):
                _, level, kind = column.split(" ")
                names[column] = f"{side}_{kinds[kind]}_{level.lower().replace('-', '_')}"
    return exams[list(names)].astype(str).rename(columns=names)
