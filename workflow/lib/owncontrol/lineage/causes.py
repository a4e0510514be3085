"""Which differences of two runs explain which: followed along the lineage of each number.

A score is explained by the raw cells of its row that differ, by the findings at it, or by its row
being there in one run only; an estimate by the scores and raw rows that it names in either run, a
verdict by the estimates that its conditions name. What none of these explains is put down to what
differs in settings, packages or code; if nothing does, it stays unexplained and says so.
"""

from collections.abc import Iterable

from owncontrol.lineage.chain import Chain
from owncontrol.lineage.counts import Step
from owncontrol.lineage.differences import Differences, Row
from owncontrol.lineage.results import Results

FAMILY = "the other tests that p is adjusted for"
UNEXPLAINED = "unexplained"


class Explanations:
    """The causes of each difference, as words in the order of the lineage."""

    def __init__(self, first: Results, second: Results, differences: Differences) -> None:
        """Index the differences by raw row; the estimates' lineage is read when it is asked for."""
        self.runs, self.found = (first, second), differences
        self._cells: list[dict[Row, list[tuple[str, str]]]] = [{}, {}]
        for change in differences.cells:
            for side in (0, 1):
                at = (change.file, change.rows[side])
                where = f"{change.file} row {change.rows[side]}, {change.column}"
                self._cells[side].setdefault(at, []).append((change.canonical, where))
        self._findings: list[dict[Row, list[str]]] = [{}, {}]
        for side, entries in enumerate((differences.findings_fewer, differences.findings_more)):
            for entry in entries:
                at = (entry["file"], entry["row"])
                words = f"finding {entry['rule']} at {entry['file']} row {entry['row']}"
                self._findings[side].setdefault(at, []).append(words)
        self._lost = [set(differences.rows_fewer), set(differences.rows_more)]
        self.general = [
            *(f"setting {key}" for key in differences.settings),
            *(f"package {name}" for name in differences.packages),
            *(f"code {name}" for name in differences.code),
        ] or [UNEXPLAINED]

    def scores(self) -> dict[str, list[str]]:
        """The causes of every score that differs."""
        return {key: self._of_score(key) for key in self.found.scores}

    def estimates(self) -> dict[str, list[str]]:
        """The causes of every estimate that differs."""
        causes: dict[str, dict[str, None]] = {name: {} for name in self.found.estimates}
        names: list[set[str]] = []
        for side, run in enumerate(self.runs):
            chain = Chain(run, [name for name in causes if name in run.estimates])
            names.append(set(chain.named))
            used = {name: set(named.steps) for name, named in chain.named.items()}
            for name, steps in used.items():
                for step in sorted(steps, key=lambda step: step.label):
                    causes[name] |= dict.fromkeys(self._of_step(side, chain, step))
        return {name: list(found) or self._without_lineage(name) for name, found in causes.items()}

    def verdicts(self) -> dict[str, list[str]]:
        """The estimates that differ and that each verdict's conditions name."""
        claims = [claim for run in self.runs for claim in run.study.claims]
        causes = {}
        for name in self.found.verdicts:
            claim = next(run.estimates[name] for run in self.runs if name in run.estimates)
            named = [
                condition.estimate
                for entry in claims
                if entry.id == claim["endpoint"]
                for condition in entry.conditions
            ]
            changed = [other for other in dict.fromkeys(named) if other in self.found.estimates]
            causes[name] = changed or self.general
        return causes

    def _of_score(self, key: str) -> list[str]:
        instrument, scale = key.rsplit("/", 1)[1].split(".")
        causes: dict[str, None] = {}
        for side, row_id in enumerate(self.found.score_rows[key]):
            if row_id:
                items = {"subject_id", "visit", "date"}
                items |= set(self.runs[side].instrument(instrument).scales[scale].items)
                causes |= dict.fromkeys(self._at_row(side, row_id, items))
                # A row that one run has set aside is explained by the finding of that run.
                for place in self._places(side, row_id):
                    causes |= dict.fromkeys(self._findings[1 - side].get(place, []))
        if not causes and "" in self.found.score_rows[key]:
            causes = dict.fromkeys(self._of_subject(key.rsplit("/", 2)[0]))
        return list(causes) or self.general

    def _of_subject(self, subject: str) -> list[str]:
        """Findings at the subject's own row, which all its other rows go with."""
        causes: list[str] = []
        for side, run in enumerate(self.runs):
            row_id = run.subject_rows.get(subject)
            if row_id:
                for place in self._places(side, row_id):
                    causes += self._findings[0].get(place, []) + self._findings[1].get(place, [])
        return causes

    def _of_step(self, side: int, chain: Chain, step: Step) -> Iterable[str]:
        if step.kind == "score":
            if step.label in self.found.scores:
                yield f"score {step.label}"
        elif step.kind == "finding":
            yield from self._findings[side].get((step.file, step.row), [])
        elif step.kind == "raw row":
            yield from self._at_place(side, (step.file, step.row))
        elif step.row_id:
            yield from self._at_row(side, step.row_id, set(step.columns))
            if step.kind == "row":
                for place in self._places(side, step.row_id):
                    yield from self._findings[1 - side].get(place, [])
                yield from self._of_subject(chain.rows.subject(step.table, step.row_id))

    def _at_row(self, side: int, row_id: str, columns: set[str]) -> list[str]:
        places = self._places(side, row_id)
        cells = [
            f"cell {where}"
            for place in places
            for canonical, where in self._cells[side].get(place, [])
            if canonical in columns
        ]
        return cells + [words for place in places for words in self._at_place(side, place)]

    def _at_place(self, side: int, place: Row) -> list[str]:
        lost = f"row {place[1]} of {place[0]} in {'first' if side == 0 else 'second'} run only"
        return ([lost] if place in self._lost[side] else []) + self._findings[side].get(place, [])

    def _places(self, side: int, row_id: str) -> list[Row]:
        """The raw rows of a cleaned row: several, where a long table has one an item."""
        export, _, row = row_id.rpartition(":")
        run = self.runs[side]
        return [(run.files[export], member) for member in run.rows_of(export, row)]

    def _without_lineage(self, name: str) -> list[str]:
        """Of an estimate whose own numbers are the same in both runs, or are about everybody."""
        if set(self.found.estimates[name]) == {"p_adjusted"}:
            return [FAMILY]
        return self.general
