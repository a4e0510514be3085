"""score-isncsci: classify a file of ISNCSCI exams, without a study or a workflow."""

import sys
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from owncontrol.config import SCHEMA, fill_defaults, read_yaml
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.isncsci import cells, classify, parse_exams
from owncontrol.tables import write_table

# Exams classified between two steps of the progress bar.
BLOCK = 20_000
LONG_FILE = 2_000_000  # bytes; reading a larger one takes a while


def score_file(path: Path | str, output: Path | str | None) -> int:
    """Classify the exams of a CSV file or workbook; returns how many there were.

    The file has one exam a row under the column names of the standard's cells (right_motor_c5,
    left_light_touch_s4_5, voluntary_anal_contraction ...); all other columns, such as a patient
    code, are carried over. The result goes to ``output``, or to the standard output.

    Raises InputError with one line a fault: for a file that cannot be read, a missing column, and
    every cell that is not permitted (row as the file counts it, column, value, what is).
    """
    on_terminal = sys.stderr.isatty()
    if on_terminal and Path(path).is_file() and Path(path).stat().st_size > LONG_FILE:
        print(f"reading {path} ...", file=sys.stderr)
    exams = _read(Path(path))
    _check(Path(path), exams)
    others = [name for name in exams.columns if name not in cells.ALL_CELLS]
    parts = []
    short = len(exams) <= BLOCK  # done before a bar would be seen
    with tqdm(total=len(exams), unit=" exams", disable=short or not on_terminal) as bar:
        for start in range(0, len(exams), BLOCK):
            block = exams.iloc[start : start + BLOCK]
            parts.append(pd.concat([block[others], classify(block[list(cells.ALL_CELLS)])], axis=1))
            bar.update(len(block))
    result = pd.concat(parts) if parts else exams[others].reindex(columns=[*others, *cells.OUTPUTS])
    if output is None:
        result.to_csv(sys.stdout, index=False, lineterminator="\n")
    else:
        write_table(result, output)
    return len(result)


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"{path}: no such file", "name a .csv or .xlsx file of exams")
    kinds = {".csv": "csv", ".xlsx": "excel"}
    if path.suffix.lower() not in kinds:
        raise InputError(
            f"{path}: files ending in '{path.suffix}' are not read; allowed: .csv, .xlsx",
            "export the exams as CSV (UTF-8, comma) or as a workbook",
        )
    part = read_yaml(SCHEMA)["properties"]["exports"]["additionalProperties"]
    export = fill_defaults({"file": path.name, "format": kinds[path.suffix.lower()]}, part)
    raw = read_export(path, export)
    for row, reason in raw.set_aside.items():
        if reason != "blank row":
            raise InputError(f"{path}, row {row}: {reason}", "correct the row, or delete it")
    return raw.cells


def _check(path: Path, exams: pd.DataFrame) -> None:
    examined = [name for name in cells.ALL_CELLS if not name.endswith("non_key_muscle")]
    for name in cells.ALL_CELLS:
        if name not in exams and name not in examined:
            exams[name] = ""  # the lowest non-key muscle may be left out
    problems = parse_exams(exams)[1].sort_values("row", kind="stable")
    if len(problems):
        *first, last = [
            f"{path}, row {problem.row}, column {problem.column}: {problem.value!r} is not "
            f"permitted; permitted: {problem.permitted}"
            for problem in problems.itertuples()
        ]
        for line in first:
            print(f"error: {line}", file=sys.stderr)
        raise InputError(last, "correct the cells; a cell that could not be tested is NT")
