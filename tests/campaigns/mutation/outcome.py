"""What the project made of a corrupted file: found, refused, harmless, or nothing it could know."""

import re
import tempfile
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from owncontrol.errors import InputError
from owncontrol.ingest.export import Ingested
from read_study import ingest_files
from study_run import Run, clean_and_score

from mutation.model import Mutation

# By outcome: what it means. The last ones must not be.
OUTCOMES = {
    "found": "a new finding at the cell, row or column that was touched",
    "found elsewhere": "a new finding at what contradicts the cell that was touched",
    "refused": "the run stops with one line that names the file",
    "harmless": "every cleaned value and every score is the same",
    "unnoticed": "a rule of form is broken, and nothing is said; results are the same",
    "undetectable": "a plausible value replaced by another; nothing else has changed",
    "CHANGED": "results have changed where nothing was touched, or by a broken rule, unfound",
    "NOT LOCATED": "refused by a line that does not name the file",
    "TRACE": "a stack trace",
}
FORBIDDEN = ("CHANGED", "NOT LOCATED", "TRACE")
FROM_DATES = re.compile(r"(day_from_\w+|\w+_day|\w+_known|after_treatment)")

Key = tuple[str, str]  # export and row of the original file


@dataclass(frozen=True)
class Outcome:
    """How one mutation ended, and by what (a rule, a message, a class)."""

    outcome: str
    by: str
    detail: str = ""


@dataclass
class Seen:
    """What a run says, with rows as in the original files."""

    findings: Counter[tuple[Any, ...]]
    values: dict[str, dict[Key, dict[str, str]]]
    scores: set[tuple[Any, ...]]


@dataclass
class Study:
    """A folder of raw files, its run, and what is needed to run it again with one other file."""

    folder: Path
    run: Run
    instruments: dict[str, Any]
    seen: Seen = field(init=False)

    def __post_init__(self) -> None:
        self.seen = see(self.run, "", ())

    def judge(self, mutation: Mutation) -> Outcome:
        """Run the study with the mutated file in place of its own."""
        try:
            run = self._run_with(mutation)
        except InputError as error:
            first = str(error).splitlines()[0]
            named = mutation.file in first
            return Outcome("refused" if named else "NOT LOCATED", _refusal(first), str(error))
        except Exception:
            return Outcome("TRACE", "", traceback.format_exc())
        return self._compared(mutation, see(run, mutation.file, mutation.origin))

    def _run_with(self, mutation: Mutation) -> Run:
        study = self.run.study
        known: dict[str, Ingested] = {
            name: part
            for name, part in self.run.ingested.items()
            if study.exports[name].file != mutation.file
            and study.exports[name].dictionary != mutation.file
        }
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            for path in self.folder.iterdir():
                if path.name != mutation.file:
                    (folder / path.name).symlink_to(path)
            (folder / mutation.file).write_bytes(mutation.content)
            ingested = ingest_files(folder, study, self.instruments, known)
            return clean_and_score(folder, study, self.instruments, ingested, self.run)

    def _compared(self, mutation: Mutation, seen: Seen) -> Outcome:
        new = list((seen.findings - self.seen.findings).elements())
        if new:
            here = [finding for finding in new if _is_at(finding, mutation)]
            rules = ", ".join(sorted({finding[3] for finding in here or new}))
            return Outcome("found" if here else "found elsewhere", rules, str((here or new)[0]))
        different = _differences(self.seen.values, seen.values)
        if not different and seen.scores == self.seen.scores:
            if self._is_unread(mutation):
                return Outcome("harmless", "a cell that is not read")
            if mutation.breaks and not (self.seen.findings - seen.findings):
                return Outcome("unnoticed", "results are the same")
            return Outcome("harmless", mutation.looks_like)
        strange = [place for place in different if not self._is_touched(place, mutation)]
        if strange:
            return Outcome("CHANGED", "elsewhere", str(strange[:3]))
        if mutation.breaks:
            return Outcome("CHANGED", mutation.looks_like or "a broken rule", str(different[:3]))
        return Outcome("undetectable", mutation.looks_like)

    def _is_unread(self, mutation: Mutation) -> bool:
        """Whether only cells were touched that the configuration does not read in their rows."""
        for name, part in self.run.ingested.items():
            export = self.run.study.exports[name]
            if export.file != mutation.file:
                continue
            tables = part.rows.set_index("source_row")["tables"].astype("str").str.split()
            read = set(zip(part.columns["table"], part.columns["raw_column"], strict=True))
            for table, mapping in export.tables.items():
                read |= {(table, column) for column in mapping.rows}
            return not any(
                column is None or (table, column) in read
                for row, column in mutation.places
                for table in (export.tables if row is None else tables.get(row, []))
            )
        read_there = {"file", "row_key", "column", "from", "to", None}
        is_corrections = mutation.file == self.run.study.corrections
        touched = {name for _, name in mutation.places}
        return bool(not is_corrections or not touched & read_there)

    def _is_touched(self, place: tuple[str, str, str, str], mutation: Mutation) -> bool:
        """Whether a cleaned value was read from a cell that was touched, or from its date."""
        export, table, row, column = place
        if mutation.file == self.run.study.corrections:
            return True
        columns = self.run.ingested[export].columns
        raw = columns.loc[columns["table"] == table].set_index("column")["raw_column"].to_dict()
        touched = mutation.places
        if row.startswith("new"):
            return True
        subject = raw["subject_id"]
        dates = {"injury_date", "infusion_start", subject}
        if FROM_DATES.fullmatch(column):
            if any(name in dates or name is None for _, name in touched):
                return True
            raw_names = {raw.get(f"{column.removesuffix('_day')}{end}") for end in ("", "_date")}
            names = raw_names | {raw.get("date")}
        else:
            names = {raw.get(column), None} if column else {None}
        if self.run.study.exports[export].file != mutation.file:
            return False
        return any(
            (touched_row is None or str(touched_row) == row)
            and (touched_column is None or touched_column in names or column == "")
            for touched_row, touched_column in touched
        )


def see(run: Run, file: str, origin: tuple[int | None, ...]) -> Seen:
    """What a run says; ``origin``: the original row of each row of ``file``, where rows moved."""

    def original(row: Any, of: str) -> str:
        if not origin or of != file or pd.isna(row) or row == "":
            return "" if pd.isna(row) else str(row)
        found = origin[int(row) - 1] if int(row) <= len(origin) else None
        return f"new {row}" if found is None else str(found)

    findings = Counter(
        (
            *(f.file, original(f.row, f.file), f.column, f.rule, f.severity, f.value, f.action),
            re.sub(r"rows? [\d, ]+", "row ", f.detail),
        )
        for f in run.found().itertuples()
    )
    files = {name: export.file for name, export in run.study.exports.items()}

    def key(row_id: str) -> Key:
        export, _, row = row_id.rpartition(":")
        return export, original(row, files[export])

    values = {
        table: {
            key(row["row_id"]): {n: str(v) for n, v in row.items() if n != "row_id"}
            for row in frame.to_dict("records")
        }
        for table, frame in run.cleaned.tables.items()
    }
    columns = ["row_id", "instrument", "scale", "visit", "value", "text", "day_from_injury"]
    scores = {
        (key(row_id), *map(str, rest))
        for row_id, *rest in run.scores[columns].itertuples(index=False)
    }
    return Seen(findings, values, scores)


def _differences(
    before: dict[str, dict[Key, dict[str, str]]], after: dict[str, dict[Key, dict[str, str]]]
) -> list[tuple[str, str, str, str]]:
    """Export, table, row and column of each value that differs; no column for a whole row."""
    found = []
    for table in before:
        for key in before[table].keys() | after[table].keys():
            one, other = before[table].get(key), after[table].get(key)
            if one is None or other is None:
                found.append((key[0], table, key[1], ""))
            elif one != other:
                found += [(key[0], table, key[1], name) for name in one if one[name] != other[name]]
    return sorted(found)


def _is_at(finding: tuple[Any, ...], mutation: Mutation) -> bool:
    file, row, column = finding[:3]
    if file != mutation.file:
        return False
    return any(
        (touched_row is None or row in ("", str(touched_row), "1") or row.startswith("new"))
        and (touched_column is None or column in ("", touched_column))
        for touched_row, touched_column in mutation.places
    )


def _refusal(message: str) -> str:
    """The message without what belongs to one file only."""
    plain = re.sub(r"\S*/", "", message)
    plain = re.sub(r"'[^']*'|\"[^\"]*\"", "'...'", plain)
    plain = re.sub(r"0x[0-9a-f]+|\d+", "N", plain)
    return plain[:90]
