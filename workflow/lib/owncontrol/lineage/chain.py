"""From an estimate to its raw cells: estimate, scored values, cleaned rows, raw cells.

An estimate names what it was computed from (``inputs``, see estimates.selections). A score
names its cleaned row; which columns of that row it was made of, the scale's definition says. A
row's id names its export and raw row, and ingest's record names the raw column of each canonical
one.

Which cells of a row per estimate needs:

- a score: whose row it is, which visit, and the items of its scale; what the examiner recorded
  where the estimate is about recorded scores;
- a row of another table: whose row it is, and the column that the estimate describes (its
  ``endpoint``, or what its statistic declares as deciding which rows are counted); where it counts
  rows of a kind (its ``stratum``), every column but the dates;
- dates only where time is what is estimated (an endpoint ``..._day``; of scores, as the statistic
  declares, or a stratum on the clock) or decides who is in it (the set ``in_window``): then also
  the injury and the treatment from which the days are counted;
- of the set ``eligible``: the entry criteria of each subject.

Statistics and strata are those that are declared (owncontrol.estimates.declared_statistics).

An estimate that was made from other estimates (a verdict) is followed through them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from owncontrol.errors import InputError
from owncontrol.estimates.declared_statistics import Patients
from owncontrol.estimates.estimate import About
from owncontrol.estimates.selections import RowSelection, ScoreSelection
from owncontrol.estimates.statistic import Statistic
from owncontrol.estimates.strata import Specification
from owncontrol.estimates.stratum import WHOLE
from owncontrol.instruments import recorded_parts
from owncontrol.lineage.counts import Step, matching_steps
from owncontrol.lineage.raw_cells import Cell, RawCells, cleaned_column
from owncontrol.lineage.results import Results
from owncontrol.tables import fields

ORIGINS = {"subjects": "injury_date", "treatments": "treatment_start"}
RECORDED = "recorded_"
DATES = ("date", "datetime")


# The inputs of an estimate, the place of one of their selections, and what is counted of it.
Matched = tuple[str, int, Statistic]


@dataclass
class Named:
    """What one estimate names: ``total`` things, of which ``steps`` has the first ones."""

    total: int = 0
    steps: list[Step] = field(default_factory=list)
    scores: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)


class Chain:
    """What the given estimates were made from, read once for all of them.

    ``limit``: how many of the things that an estimate names are followed; None for all. ``only``:
    a raw row (file, row number); then only what comes from the subjects of that row is followed.
    ``earlier``: a chain of the same run with a larger limit; what it has read is not read again.
    ``named``: by estimate. ``rows``: the rows that the steps name, with their raw cells.
    """

    def __init__(
        self,
        results: Results,
        estimate_ids: Iterable[str],
        limit: int | None = None,
        only: tuple[str, str] | None = None,
        others: Mapping[str, Named] | None = None,
        earlier: "Chain | None" = None,
    ) -> None:
        """Follow the estimates, and other things that name scores or steps, by any name.

        InputError where the tables of the folder do not fit together.
        """
        self.results, self.limit, self.only = results, limit, only
        self._places: set[int] | None = None
        self._row_ids: set[str] | None = None
        if only is not None:
            self._places, self._row_ids = self._same_subject(*only)
        self._columns: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.rows: RawCells = earlier.rows if earlier else RawCells(results)
        self._scores: dict[str, tuple[str, str, str]] = earlier._scores if earlier else {}
        self._matched: dict[Matched, tuple[int, list[Step]]] = earlier._matched if earlier else {}
        self.named = {estimate_id: self._name(estimate_id) for estimate_id in estimate_ids}
        self.named |= others or {}
        self._add_scores()
        self._load()
        self._add_origins()
        self._add_criteria()
        self._load()

    def cells(self, estimate_id: str) -> list[Cell]:
        """The raw cells of an estimate, each once."""
        found: list[Cell] = []
        columns: dict[tuple[str, str, str], dict[str, None]] = {}
        for step in self.named[estimate_id].steps:
            if step.columns:
                row = (step.table, step.row_id, step.visit)
                columns.setdefault(row, {}).update(dict.fromkeys(step.columns))
            elif step.raw_column:
                found += self.step_cells(step)
        for (table, row_id, visit), names in columns.items():
            found += self.rows.cells(table, row_id, names, visit)
        return found

    def step_cells(self, step: Step) -> list[Cell]:
        """The raw cells of one step."""
        if step.raw_column:
            notes = self.rows.notes.get((step.file, step.row, step.raw_column), "")
            return [Cell(step.file, step.row, step.raw_column, step.written, notes=notes)]
        if not step.columns:
            return []
        return self.rows.cells(step.table, step.row_id, step.columns, step.visit)

    def _name(self, estimate_id: str) -> Named:
        """Count what an estimate names and take its first things, as far as the limit allows."""
        named = Named()
        todo, seen = [estimate_id], set()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += self._follow(named, self.results.about(name))
        return named

    def _follow(self, named: Named, estimate: About) -> list[str]:
        """Enter what the inputs of one estimate name; gives the estimates that it is made from."""
        others: list[str] = []
        for place, selection in enumerate(self.results.selections(estimate.inputs)):
            room = None
            if self.limit is not None:
                room = max(0, self.limit - len(named.scores) - len(named.steps))
            if isinstance(selection, ScoreSelection):
                named.total += len(selection)
                keys = selection.keys(self.results.subjects, self._places)
                columns = needed_beside_items(estimate, self._sets(estimate))
                named.scores += [(key, columns) for key in islice(keys, room)]
            elif isinstance(selection, RowSelection):
                named.total += len(selection)
                for row_id in islice(selection.row_ids(self._row_ids), room):
                    row_columns = self._row_columns(estimate, selection.table, row_id)
                    named.steps.append(Step("row", row_id, selection.table, row_id, row_columns))
            elif selection.table == "estimates":
                found = self.results.matching_estimates(selection.conditions)
                named.total += len(found)
                named.steps += [
                    Step("estimate", other, value=self.results.estimates[other]["value"])
                    for other in found[:room]
                ]
                others += found
            else:
                asked = (estimate.inputs, place, estimate.statistic)
                if asked not in self._matched:
                    self._matched[asked] = matching_steps(
                        self.results, selection, estimate.statistic, self.only, self.limit
                    )
                # Of an earlier chain, whose limit was larger, they are as many or more.
                total, steps = self._matched[asked]
                named.total += total
                named.steps += steps[:room]
        return others

    def _add_scores(self) -> None:
        """Look up the scores that the estimates name, all in one pass over their table."""
        keys = {key for named in self.named.values() for key, _ in named.scores}
        if not keys:
            return
        if not keys <= set(self._scores):
            self._scores |= self._read_scores(keys)
        known = self._scores
        for estimate_id, named in self.named.items():
            for key, more in dict.fromkeys(named.scores):
                if key not in known:
                    raise InputError(
                        f"{estimate_id}: its inputs name the score {key}, which is not there",
                        "the tables are of different runs; run the study again (make)",
                    )
                text, row_id, method = known[key]
                instrument, scale = key.rsplit("/", 1)[1].split(".")
                columns = self._score_columns(instrument, scale, row_id, more, method)
                wide = self.results.is_wide(row_id.rpartition(":")[0], instrument)
                visit = key.rsplit("/", 2)[1] if wide else ""
                step = Step("score", key, instrument, row_id, columns, text, visit=visit)
                named.steps.append(step)

    def _read_scores(self, keys: Collection[str]) -> dict[str, tuple[str, str, str]]:
        """Text, row and method of the scores with these keys, and of others in the same rows."""
        parts = [key.rsplit("/", 2) for key in keys]
        scales = {scale for _, _, scale in parts}
        found = self.results.rows(
            "scored/scores.csv",
            subject_id={subject for subject, _, _ in parts},
            visit={visit for _, visit, _ in parts},
            instrument={scale.split(".")[0] for scale in scales},
            scale={scale.split(".")[1] for scale in scales},
        )
        names = found["subject_id"] + "/" + found["visit"] + "/"
        names += found["instrument"] + "." + found["scale"]
        about = zip(found["text"], found["row_id"], found["method"], strict=True)
        return dict(zip(names, about, strict=True))

    def _score_columns(
        self, instrument: str, scale: str, row_id: str, more: tuple[str, ...], method: str
    ) -> tuple[str, ...]:
        """The columns of the row that a score was made of; of a recorded one the score itself."""
        more = tuple(name.format(scale=scale) for name in more)
        asked = (instrument, scale, row_id.rpartition(":")[0], *more)
        if asked not in self._columns:
            items = self.results.instrument(instrument).scales[scale].items
            if method != "computed":
                items = self._recorded_columns(instrument, scale, row_id)
            recorded_day = ["study_day"] if "date" in more else []
            wanted = ["subject_id", "visit", *items, *more, *recorded_day]
            self._columns[asked] = self._mapped(instrument, row_id, wanted)
        return self._columns[asked]

    def _recorded_columns(self, instrument: str, scale: str, row_id: str) -> tuple[str, ...]:
        mapped = self.results.raw_columns[row_id.rpartition(":")[0], instrument]
        known = {name.removeprefix(RECORDED) for name in mapped if name.startswith(RECORDED)}
        parts = recorded_parts(self.results.instrument(instrument), known)[scale]
        return tuple(RECORDED + part for part in parts)

    def _row_columns(self, estimate: About, table: str, row_id: str) -> tuple[str, ...]:
        mapped = self.results.raw_columns[row_id.rpartition(":")[0], table]
        wanted = estimate.statistic.reads.deciding or (estimate.endpoint,)
        if estimate.statistic == Patients.OUTSIDE_CRITERION:
            # The column that the criterion says something of decides, where it is known.
            wanted += tuple(
                item.requires.column
                for item in self.results.study.characteristics
                if item.requires and item.name == estimate.endpoint
            )
        described = [name for name in mapped if cleaned_column(name) in wanted]
        if not described and estimate.stratum != WHOLE:
            types = {name: entry["type"] for name, entry in fields(table).items()}
            described = [name for name in mapped if types.get(name) not in DATES]
        return self._mapped(table, row_id, ["subject_id", *described])

    def _mapped(self, table: str, row_id: str, columns: Sequence[str]) -> tuple[str, ...]:
        """Of these columns, each once, those that the row's export has."""
        mapped = self.results.raw_columns[row_id.rpartition(":")[0], table]
        return tuple(name for name in dict.fromkeys(columns) if name in mapped)

    def _sets(self, estimate: About) -> set[str]:
        """The analysis sets that decide which scores an estimate is made of."""
        if estimate.statistic.reads.every_set:
            return set(self.results.study.sensitivity.populations)
        sets = {self._endpoint_sets[estimate.endpoint]}
        if isinstance(estimate.stratum, Specification):
            sets.add(estimate.stratum.population)
        return sets

    @cached_property
    def _endpoint_sets(self) -> dict[str, str]:
        """The analysis set of each endpoint; none for what is no endpoint."""
        usual = self.results.study.estimand_defaults.population
        sets: dict[str, str] = defaultdict(str)
        for endpoint in self.results.study.endpoints:
            sets[endpoint.name] = endpoint.population or usual
        return sets

    def _add_criteria(self) -> None:
        """Of estimates in the set of the eligible, add the entry criteria of each subject."""
        items = self.results.study.characteristics
        criteria = [item.name for item in items if item.eligibility]
        for estimate_id, named in self.named.items():
            if estimate_id not in self.results.estimates:
                continue
            if "eligible" in self._sets(self.results.about(estimate_id)):
                steps = (step for step in named.steps if step.kind == "score")
                for subject in sorted({step.label.rsplit("/", 2)[0] for step in steps}):
                    row_id = self.results.subject_rows[subject]
                    columns = self._mapped("subjects", row_id, ["subject_id", *criteria])
                    label = f"{row_id} entry criteria"
                    named.steps.append(Step("origin", label, "subjects", row_id, columns))

    def _add_origins(self) -> None:
        """Where time is estimated, add the dates from which each subject's days are counted."""
        asking = {estimate_id: self._on_clock(estimate_id) for estimate_id in self.named}
        subjects = set().union(*asking.values())
        for table, column in ORIGINS.items():
            if not subjects or not self.results.has(f"cleaned/{table}.csv"):
                continue
            found = self.results.rows(f"cleaned/{table}.csv", subject_id=subjects)
            by_subject: dict[str, list[Step]] = {}
            for subject, row_id in zip(found["subject_id"], found["row_id"], strict=True):
                columns = self._mapped(table, row_id, ["subject_id", column])
                step = Step("origin", f"{row_id} {column}", table, row_id, columns)
                by_subject.setdefault(subject, []).append(step)
            for estimate_id, those in asking.items():
                for subject in sorted(those):
                    self.named[estimate_id].steps += by_subject.get(subject, [])

    def _on_clock(self, estimate_id: str) -> set[str]:
        """The subjects whose days since injury or treatment an estimate is made of."""
        subjects = set()
        for step in self.named[estimate_id].steps:
            if step.kind == "score" and "date" in step.columns:
                subjects.add(step.label.rsplit("/", 2)[0])
            elif step.kind == "row" and any(
                cleaned_column(column).endswith("_day") for column in step.columns
            ):
                subjects.add(self.rows.subject(step.table, step.row_id))
        return subjects

    def _same_subject(self, file: str, row: str) -> tuple[set[int], set[str]]:
        """Places of the subjects that a raw row is about, and the ids of all their rows."""
        exports = [export for export, name in self.results.files.items() if name == file]
        row_ids = {
            f"{export}:{head}" for export in exports for head in self.results.heads(export, row)
        }
        tables = {str(table) for table in self.results.columns["table"]}
        names = [f"cleaned/{table}.csv" for table in sorted(tables)]
        subjects = {
            subject
            for name in names
            for subject in self.results.rows(name, row_id=row_ids)["subject_id"]
        }
        of_them = {
            row_id
            for name in names
            for row_id in self.results.rows(name, subject_id=subjects)["row_id"]
        }
        return {self.results.positions[subject] for subject in subjects}, of_them

    def _load(self) -> None:
        """Read the rows that the steps name and that are not read yet."""
        wanted: dict[str, set[str]] = {}
        for named in self.named.values():
            for step in named.steps:
                if step.columns:
                    wanted.setdefault(step.table, set()).add(step.row_id)
        self.rows.load(wanted)


def needed_beside_items(estimate: About, sets: Collection[str] = ()) -> tuple[str, ...]:
    """Columns that an estimate needs of a score's row beside the items of the scale.

    ``sets``: the analysis sets that it is made in.
    """
    reads = estimate.statistic.reads
    more = ["recorded_{scale}"] if reads.recorded else []
    timed = reads.dates or estimate.stratum.on_clock
    return (*more, "date") if timed or "in_window" in sets else tuple(more)
