"""Numbers recomputed by their notebooks from nothing but what they name.

Every score that an estimate names is known to come from its raw cells alone
(test_traced_results). Here the notebook of the estimate runs on tables that hold what the estimate
names and nothing else: of the scores these, days only where it names dates; of another table these
rows, and of them these columns; of the counts and findings the ones that its conditions choose; of
other estimates those that name no more than it does. The same number has to come out. So nothing
that an estimate depends on is missing from its lineage. Who is in the study, and who was treated,
is taken from subjects and treatments as a whole where no row of them is named. An adjusted p
depends on its whole family: it is recomputed from what the members of the family name. `make
recompute` takes all; here a sample drawn from a seed.
"""

import json
import os
import random
from collections import defaultdict

import pandas as pd
import pytest
from analysis_study import told
from owncontrol.analysis.catalogue import ANALYSES
from owncontrol.estimates.selections import Matching
from owncontrol.lineage.chain import Chain
from owncontrol.lineage.raw_cells import cleaned_column
from owncontrol.lineage.results import Results
from owncontrol.study.estimands import analysis_settings

ENTRIES = {entry.name: entry for entry in ANALYSES}
# Analyses whose numbers do not depend on another endpoint's.
BY_ENDPOINT = ("change", "sensitivity")
DAYS = ["day_from_injury", "day_from_treatment"]
# What every row has, whatever is asked of it.
ALWAYS = {"subject_id", "visit", "row_id", "source_file", "source_row"}
WHOLE = ("subjects", "treatments")
COMPARED = ("value", "lower", "upper", "p", "n", "events")
SAMPLE = int(os.environ.get("RECOMPUTED", "2"))  # groups of an analysis; 0: all


class Recomputation:
    """Runs notebooks on parts of the tables."""

    def __init__(self, project, place):
        self.folder, self.place = project / "results/example", place
        self.run = Results(self.folder)
        self.settings = analysis_settings(self.run.study).plain()
        self.chain = Chain(self.run, self.run.estimates)
        self.groups = defaultdict(list)
        for name, row in self.run.estimates.items():
            self.groups[row["analysis"], row["endpoint"], row["inputs"]].append(name)
        self.adjusted = [name for name, row in self.run.estimates.items() if row["p_adjusted"]]
        scores = self.table("scored/scores.csv")
        scale = scores["instrument"] + "." + scores["scale"]
        scores.index = scores["subject_id"] + "/" + scores["visit"] + "/" + scale
        self.scores = scores
        self.labels = {
            name: {(step.kind, step.table, step.label) for step in named.steps}
            for name, named in self.chain.named.items()
        }
        self.code = {}
        for analysis, entry in ENTRIES.items():
            path = project / f"notebooks/{entry.notebook}.ipynb"
            cells = json.loads(path.read_text("utf-8"))["cells"]
            self.code[analysis] = [
                "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"
            ]

    def table(self, name):
        return pd.read_csv(self.folder / name, dtype=str, keep_default_na=False)

    def recomputed(self, analysis, endpoint, names):
        """The estimates of an analysis, from what these estimates name alone."""
        settings = dict(self.settings)
        mine = [entry for entry in settings["endpoints"] if entry["name"] == endpoint]
        if mine and analysis in BY_ENDPOINT:
            settings["endpoints"] = mine
        variables = {"display": lambda *shown: None}
        parameters, *cells = self.code[analysis]
        exec(parameters, variables)
        steps = [step for name in names for step in self.chain.named[name].steps]
        parts = {"scores": self.named_scores(steps)}
        for table in ("subjects", "treatments", "adverse_events", "exams"):
            parts[table] = self.named_rows({"exams": "isncsci"}.get(table, table), steps)
        for table in ("flow", "flow_cells", "findings"):
            parts[table] = self.matching(table, names)
        parts["analyses"] = self.known(names)
        for name in {*parts} & {*variables}:
            parts[name].to_csv(self.place / f"{name}.csv", index=False, lineterminator="\n")
            variables[name] = str(self.place / f"{name}.csv")
        variables["estimates"] = str(self.place / "estimates.csv")
        variables["settings"] = told(ENTRIES[analysis], settings)
        for cell in cells:
            exec(cell, variables)
        table = pd.read_csv(variables["estimates"], dtype=str, keep_default_na=False)
        return table.set_index("estimate_id")

    def named_scores(self, steps):
        steps = [step for step in steps if step.kind == "score"]
        part = self.scores.loc[self.scores.index.isin({step.label for step in steps})].copy()
        dated = {step.label for step in steps if "date" in step.columns}
        part.loc[~part.index.isin(dated), DAYS] = ""
        return part

    def named_rows(self, table, steps):
        """The rows of a cleaned table that are named, all but the named columns empty."""
        rows = self.table(f"cleaned/{table}.csv")
        named = defaultdict(set)
        for step in steps:
            if step.kind == "row" and step.table == table:
                named[step.row_id] |= {cleaned_column(name) for name in step.columns}
                if "onset_day" in named[step.row_id]:  # what cleaning makes of the same date
                    named[step.row_id] |= {"onset_known", "after_treatment"}
        if table in WHOLE and not named:
            return rows
        rows = rows.loc[rows["row_id"].isin(named)].copy()
        for index, row_id in rows["row_id"].items():
            rows.loc[index, [name for name in rows if name not in named[row_id] | ALWAYS]] = ""
        return rows

    def matching(self, table, names):
        """The rows of the counts or of the findings that the conditions of the inputs choose."""
        rows = self.table(f"cleaned/{table}.csv")
        chosen = pd.Series(False, index=rows.index)
        for name in names:
            for selection in self.run.selections(self.run.estimates[name]["inputs"]):
                if isinstance(selection, Matching) and selection.table == table:
                    here = pd.Series(True, index=rows.index)
                    for column, value in selection.conditions.items():
                        here &= rows[column] == value
                    chosen |= here
        return rows.loc[chosen]

    def known(self, names):
        """The estimates that are made of nothing but what these name.

        A count of tests looks at the scores that a test names, not at its number: dates and entry
        criteria are not asked for.
        """
        known = self.table("statistics/estimates.csv")
        counted = all(name.endswith("_subject_tests") for name in names)
        left_out = {"origin"} if counted else set()
        places = {place for name in names for place in self.labels[name]}
        within = [
            row.analysis != "claims"
            and all(p in places for p in self.labels[row.estimate_id] if p[0] not in left_out)
            for row in known.itertuples()
        ]
        return known.loc[within]

    def differing(self, names, table, compared):
        """What was written and what was found for those of these estimates where it differs.

        A number about nobody is there because its instrument is in the study at all. ``n`` of
        events is how many there are altogether.
        """
        wrong = {}
        for name in names:
            if self.run.estimates[name]["unit"] == "events":
                compared = [key for key in compared if key != "n"]
            nobody = self.run.estimates[name]["n"] == "0" and not self.chain.named[name].total
            if nobody and name not in table.index:
                continue
            written = {key: self.run.estimates[name][key] for key in compared}
            found = dict(table.loc[name, list(compared)]) if name in table.index else None
            if found != written:
                wrong[name] = (written, found)
        return wrong


@pytest.fixture(scope="module")
def recomputation(finished, tmp_path_factory):
    return Recomputation(finished, tmp_path_factory.mktemp("recomputed"))


@pytest.mark.parametrize("analysis", ENTRIES)
def test_a_number_needs_nothing_but_what_it_names(recomputation, analysis, monkeypatch):
    monkeypatch.chdir(recomputation.folder.parents[1])
    groups = [group for group in recomputation.groups if group[0] == analysis]
    assert groups or ENTRIES[analysis].needs == "event_times"  # which the example has none of
    chosen = random.Random(11).sample(groups, SAMPLE) if SAMPLE and groups else groups
    count, wrong = 0, {}
    for group in chosen:
        names = recomputation.groups[group]
        count += len(names)
        table = recomputation.recomputed(*group[:2], names)
        wrong |= recomputation.differing(names, table, COMPARED)
    print(f"{analysis}: {count - len(wrong)} of {count} numbers recomputed", flush=True)
    assert not wrong
    assert count >= len(chosen)


def test_an_adjusted_p_needs_nothing_but_what_its_family_names(recomputation, monkeypatch):
    monkeypatch.chdir(recomputation.folder.parents[1])
    names = recomputation.adjusted
    table = recomputation.recomputed("change", "", names)
    wrong = recomputation.differing(names, table, (*COMPARED, "p_adjusted"))
    print(f"adjusted p: {len(names) - len(wrong)} of {len(names)} recomputed")
    assert not wrong
    assert len(names) > 20
