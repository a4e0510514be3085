"""The tables and records of a finished run, read row by row as an audit needs them.

Tables are streamed and filtered, so that a large study's results need no more memory than the rows
that were asked for.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pydantic import ValidationError

from owncontrol.basics.yaml_text import read_yaml
from owncontrol.errors import InputError
from owncontrol.estimates.estimate import About
from owncontrol.estimates.selections import Matching, RowSelection, ScoreSelection, read_selections
from owncontrol.findings.cleaning_rules import NotPermitted
from owncontrol.findings.rule import HIDDEN
from owncontrol.instruments import Instrument, load_instrument
from owncontrol.study.dotted_keys import by_dotted_key
from owncontrol.study.instruments import study_instrument
from owncontrol.study.model import Study
from owncontrol.tables import records, stored_table


class StoredRun:
    """A finished run of a study.

    ``columns``: what ingest recorded, with the export's name: export, file, table, column,
    raw_column, raw_position.
    """

    def __init__(self, folder: Path | str, for_report: bool = False) -> None:
        """Take the folder (``results/<study>``); nothing is read yet.

        ``for_report``: findings without the text of cells that were refused, and ages above 89.
        """
        self.folder, self.for_report = Path(folder), for_report

    @cached_property
    def estimates(self) -> dict[str, dict[str, str]]:
        """All analysis results as text, by their id, in the table's order."""
        rows = records(self.rows("statistics/estimates.csv"))
        return {row["estimate_id"]: row for row in rows}

    def about(self, estimate_id: str) -> About:
        """What an analysis result is about; InputError for one that this version does not declare.

        So nothing can lose its lineage without a word.
        """
        try:
            return About.of(self.estimates[estimate_id])
        except ValueError as error:
            raise InputError(
                f"{self.folder}/statistics/estimates.csv, {estimate_id}: {error}",
                "the results are of another version; run the study again (make)",
            ) from error

    def matching_estimates(self, conditions: Mapping[str, str]) -> list[str]:
        """Ids of the estimates whose columns have these values."""
        if set(conditions) == {"estimate_id"}:
            return [name for name in conditions.values() if name in self.estimates]
        return [
            estimate_id
            for estimate_id, row in self.estimates.items()
            if all(row[column] == value for column, value in conditions.items())
        ]

    @cached_property
    def subjects(self) -> list[str]:
        """The study's subject codes, sorted: what the ranges of ``inputs`` run over."""
        return sorted(self.subject_rows)

    @cached_property
    def subject_rows(self) -> dict[str, str]:
        """The id of each subject's row in the subjects table."""
        rows = self.rows("cleaned/subjects.csv")
        return dict(zip(rows["subject_id"], rows["row_id"], strict=True))

    @cached_property
    def positions(self) -> dict[str, int]:
        """The place of each subject in the sorted codes."""
        return {subject: place for place, subject in enumerate(self.subjects)}

    def selections(self, inputs: str) -> list[ScoreSelection | RowSelection | Matching]:
        """What the ``inputs`` of an estimate select; many estimates have the same."""
        if inputs not in self._selections:
            self._selections[inputs] = read_selections(inputs, self.positions)
        return self._selections[inputs]

    @cached_property
    def _selections(self) -> dict[str, list[ScoreSelection | RowSelection | Matching]]:
        return {}

    @cached_property
    def columns(self) -> pd.DataFrame:
        """Which raw column each canonical column was read from, of all exports.

        Without the columns of one of several files that no table reads, and without files of an
        earlier run that are no longer there.
        """
        known = self.study.exports if self._record.is_file() else None
        parts = [
            self.rows(path.relative_to(self.folder)).assign(export=path.parent.name)
            for path in sorted(self.folder.glob("ingested/*/columns.csv"))
            if known is None or path.parent.name in known
        ]
        if not parts:
            raise InputError(
                f"{self.folder}: holds no ingested export", "name the results folder of a study"
            )
        both = pd.concat(parts, ignore_index=True)
        return both.loc[both["table"] != ""].reset_index(drop=True)

    @cached_property
    def raw_columns(self) -> dict[tuple[str, str], dict[str, str]]:
        """By export and table: the raw column of each canonical column, in order.

        Of a code that several columns make up, the last of them (see ``parts``).
        """
        groups = self.columns.groupby(["export", "table"], sort=False)
        return {
            (str(export), str(table)): dict(zip(group["column"], group["raw_column"], strict=True))
            for (export, table), group in groups
        }

    @cached_property
    def parts(self) -> dict[tuple[str, str, str], list[str]]:
        """By export, table and canonical column: the raw columns of a code that several make up."""
        groups = self.columns.groupby(["export", "table", "column"], sort=False)["raw_column"]
        several = groups.filter(lambda names: len(names) > 1).index
        found: dict[tuple[str, str, str], list[str]] = {}
        for entry in self.columns.loc[several].itertuples():
            place = (str(entry.export), str(entry.table), str(entry.column))
            found.setdefault(place, []).append(str(entry.raw_column))
        return found

    @cached_property
    def files(self) -> dict[str, str]:
        """The raw file of each export."""
        return dict(zip(self.columns["export"], self.columns["file"], strict=True))

    @cached_property
    def findings(self) -> pd.DataFrame:
        """All findings, as text."""
        found = self.rows("cleaned/findings.csv")
        return _without_refused(found) if self.for_report else found

    @cached_property
    def quarantine(self) -> pd.DataFrame:
        """The raw rows that were set aside or merged, by table, as text."""
        return self.rows("cleaned/quarantine.csv")

    def findings_of(self, file: str) -> pd.DataFrame:
        """The findings of one raw file: of many files, each is asked for many times."""
        return self._findings_by_file.get(file, self.findings.iloc[:0])

    @cached_property
    def _findings_by_file(self) -> dict[str, pd.DataFrame]:
        return _by_file(self.findings)

    def quarantine_of(self, file: str) -> pd.DataFrame:
        """The rows of one raw file that were set aside or merged."""
        return self._quarantine_by_file.get(file, self.quarantine.iloc[:0])

    @cached_property
    def _quarantine_by_file(self) -> dict[str, pd.DataFrame]:
        return _by_file(self.quarantine)

    def instrument(self, name: str) -> Instrument:
        """An instrument's definition."""
        if name not in self._instruments:
            copy = self.folder / "instruments" / f"{name}.yaml"
            is_file = name in self.study.instrument_files
            self._instruments[name] = (
                load_instrument(copy) if is_file else study_instrument(self.study, name)
            )
        return self._instruments[name]

    @cached_property
    def _instruments(self) -> dict[str, Instrument]:
        return {}

    @cached_property
    def study(self) -> Study:
        """What the study of the run declares.

        Raises InputError where the run has no record of it, or one of another version.
        """
        if not self._record.is_file():
            raise InputError(f"{self._record}: no such file", "run the study again (make)")
        try:
            return Study.model_validate(read_yaml(self._record))
        except ValidationError as error:
            place = ".".join(map(str, error.errors()[0]["loc"]))
            raise InputError(
                f"{self._record}, {place}: {error.errors()[0]['msg']}",
                "the results are of another version; run the study again (make)",
            ) from error

    @cached_property
    def recorded_settings(self) -> dict[str, str]:
        """The configuration of the run by dotted keys, as recorded by whatever version.

        Empty where the run has no record of it.
        """
        return by_dotted_key(read_yaml(self._record)) if self._record.is_file() else {}

    @property
    def _record(self) -> Path:
        return self.folder / "provenance/configuration.yaml"

    def has(self, name: str) -> bool:
        """Whether the run has this table."""
        return stored_table(self.folder / name).exists()

    def rows(
        self, name: Path | str, at_most: int | None = None, **where: Collection[str]
    ) -> pd.DataFrame:
        """The rows of one of its tables in which each of these columns has one of the values.

        ``at_most``: how many there can be; reading stops when they are found. Raises InputError
        where the table is absent: the study has not been run, or not to its end.
        """
        return stored_table(self.folder / name).find_rows(where, at_most)

    def counts(self, name: str, column: str) -> Counter[str]:
        """How many rows of one of its tables have each text in a column."""
        parts = stored_table(self.folder / name).column_parts(column)
        counted = [part.value_counts() for part in parts]
        if not counted:
            return Counter()
        texts = pa.chunked_array([part.field("values").cast(pa.string()) for part in counted])
        times = pa.chunked_array([part.field("counts") for part in counted])
        total = pa.table({"text": texts, "n": times}).group_by("text").aggregate([("n", "sum")])
        return Counter(dict(zip(*(column.to_pylist() for column in total.columns), strict=True)))


def _by_file(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(file): rows for file, rows in table.groupby("file", sort=False)}


def _without_refused(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings without the value wherever a cell was refused: it may be anything at all."""
    is_refused = (findings["rule"] == NotPermitted.code) | (findings["severity"] == "error")
    is_refused &= (findings["row"] != "") & (findings["value"] != "")
    return findings.assign(
        value=findings["value"].where(~is_refused, HIDDEN),
        detail=findings["detail"].where(~is_refused, HIDDEN),
    )
