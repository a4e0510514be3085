"""score-isncsci: classify a file of ISNCSCI exams, without a study or a workflow."""

import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from owncontrol.basics.program_files import INSTRUMENTS
from owncontrol.cleaning.cell_values import Column, read_cell
from owncontrol.errors import InputError
from owncontrol.ingest.readers import RawTable, read_export
from owncontrol.ingest.readers.proposed import proposed_options, reading_of, with_tab
from owncontrol.instruments import Instrument, load_instrument
from owncontrol.isncsci import cells, classify, parse_exams
from owncontrol.tables import write_table

# Exams classified between two steps of the progress bar.
BLOCK = 20_000
LONG_FILE = 2_000_000  # bytes; reading a larger one takes a while


def score_file(
    path: Path | str,
    output: Path | str | None,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> int:
    """Classify the exams of a file in any format that is read; returns how many there were.

    The file has one exam per row under the column names of the standard's cells (right_motor_c5,
    left_light_touch_s4_5, voluntary_anal_contraction ...); all other columns, such as a patient
    code, are carried over, and one that is called like an output as ``recorded_...``. The result
    goes to ``output``, or to the standard output. What is not given of ``sheet``, ``encoding`` and
    ``delimiter`` is found as a proposed mapping finds it; doubts and warnings go to the standard
    error.

    Raises InputError with one line per fault: for a file that cannot be read, a missing column, and
    every cell that is not permitted (row as the file counts it, column, value, what is).
    """
    path = Path(path)
    on_terminal = sys.stderr.isatty()
    if on_terminal and path.is_file() and path.stat().st_size > LONG_FILE:
        print(f"reading {path} ...", file=sys.stderr)
    given = {"sheet": sheet, "encoding": encoding, "delimiter": delimiter}
    exams = _read(path, {key: value for key, value in given.items() if value is not None})
    _check(path, exams)
    exams = _with_recorded(path, exams)
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


def _read(path: Path, given: dict[str, str]) -> pd.DataFrame:
    options, doubts = proposed_options(path)
    given = with_tab(given)
    for key in sorted(doubts.keys() & options.keys() - given.keys() - {"format"}):
        _say(f"{path}: {key} {options[key]!r} is a guess: {doubts[key]}")
    raw = read_export(path, reading_of(path, options | given))
    for row, reason in raw.set_aside.items():
        if reason != "blank row":
            raise InputError(f"{path}, row {row}: {reason}", "correct the row, or delete it")
    _say_findings(path, raw)
    exams = raw.cells.apply(_as_permitted)
    _say_earlier(path, raw.cells)
    return exams


def _say_findings(path: Path, raw: RawTable) -> None:
    for finding in [*raw.findings, *raw.cell_findings]:
        if finding.severity != "note":
            row = "" if finding.row is None else f", row {finding.row}"
            column = f", column {finding.column}" if finding.column else ""
            _say(f"{path}{row}{column}: {finding.detail} ({finding.action})")


def _say(text: str) -> None:
    print(f"warning: {text}", file=sys.stderr)


def _as_permitted(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of an exam's cells as cleaning reads them; what it does not permit as written."""
    name = str(column.name)
    if name not in cells.ALL_CELLS:
        return column
    permitted = tuple(text for text in cells.vocabulary(name).codes if text)
    known = Column(name, "string", permitted=permitted, earlier=_earlier(name))
    read: dict[str, str] = {}
    for text in column.cat.categories:
        reading = read_cell(text, known)
        read[text] = text if reading.error else (reading.value or "")
    return column.astype("str").map(read)


@cache
def _isncsci() -> Instrument:
    return load_instrument(INSTRUMENTS / "isncsci.yaml")


def _earlier(column: str) -> dict[str, str]:
    """What earlier editions of the standard wrote in a column, and the value that it stands for."""
    return dict(_isncsci().items[column].earlier)


def _say_earlier(path: Path, exams: pd.DataFrame) -> None:
    """One line for each text of an earlier edition that was read as another value."""
    counts: Counter[tuple[str, str]] = Counter()
    for name in set(exams.columns) & set(cells.ALL_CELLS):
        for written, value in _earlier(name).items():
            here = exams[name].astype("str").str.strip() == written
            counts[written, value] += int(here.sum())
    for (written, value), count in sorted(counts.items()):
        if count:
            many = "1 cell" if count == 1 else f"{count} cells"
            note = _isncsci().items[cells.MOTOR_CELLS[0]].earlier_note
            print(f"{path}: {written} read as {value} in {many}; {note}", file=sys.stderr)


def _with_recorded(path: Path, exams: pd.DataFrame) -> pd.DataFrame:
    """The exams with columns that are called like an output under the name of recorded ones."""
    names = {name: f"recorded_{name}" for name in exams.columns if name in cells.OUTPUTS}
    for name, new in names.items():
        if new in exams.columns:
            raise InputError(
                f"{path}: has the columns '{name}' and '{new}'; '{name}' is a result of the "
                f"classification and would become '{new}'",
                "rename or delete one of them",
            )
    if names:
        listed = ", ".join(f"{name} as {new}" for name, new in names.items())
        print(f"{path}: columns that are results here are carried over: {listed}", file=sys.stderr)
    return exams.rename(columns=names)


def _check(path: Path, exams: pd.DataFrame) -> None:
    examined = [name for name in cells.ALL_CELLS if not name.endswith("non_key_muscle")]
    for name in cells.ALL_CELLS:
        if name not in exams and name not in examined:
            exams[name] = ""  # the lowest non-key muscle may be left out
    try:
        problems = parse_exams(exams)[1].sort_values("row", kind="stable")
    except InputError as error:
        raise InputError(f"{path}: {error.message}", error.hint) from error
    if len(problems):
        *first, last = [
            f"{path}, row {problem.row}, column {problem.column}: {problem.value!r} is not "
            f"permitted; permitted: {problem.permitted}"
            for problem in problems.itertuples()
        ]
        for line in first:
            print(f"error: {line}", file=sys.stderr)
        raise InputError(last, "correct the cells; a cell that could not be tested is NT")
