"""Numbers recomputed by their notebooks from nothing but the scores that they name.

Every score that an estimate names is known to come from its raw cells alone
(test_traced_results). Here the notebook of the estimate runs on a scores table that holds these
scores and no other, days only where the estimate names dates: the same number has to come out. So
nothing that an estimate depends on is missing from its lineage. `make recompute` takes all; here a
sample drawn from a seed. Adjusted p-values are left out: they depend on the other tests of their
family, whose p are all recomputed.
"""

import json
import os
import random
from collections import defaultdict

import pandas as pd
import pytest
from owncontrol.estimands import analysis_settings
from owncontrol.results import Results
from owncontrol.trace import Chain

NOTEBOOKS = {
    "change": "03_change",
    "responders": "05_responders",
    "natural_recovery": "06_natural_recovery",
    "sensitivity": "07_sensitivity",
}
# Analyses whose numbers do not depend on another endpoint's.
BY_ENDPOINT = ("change", "sensitivity")
DAYS = ["day_from_injury", "day_from_treatment"]
COMPARED = ("value", "lower", "upper", "p", "n", "events")
SAMPLE = int(os.environ.get("RECOMPUTED", "2"))  # groups of an analysis; 0: all


class Recomputation:
    """Runs notebooks on parts of the scores table."""

    def __init__(self, project, place):
        self.folder, self.place = project / "results/example", place
        self.run = Results(self.folder)
        self.settings = analysis_settings(self.run.configuration)
        wanted = [name for name, row in self.run.estimates.items() if row["analysis"] in NOTEBOOKS]
        self.chain = Chain(self.run, wanted)
        self.groups = defaultdict(list)
        for name in wanted:
            row = self.run.estimates[name]
            self.groups[row["analysis"], row["endpoint"], row["inputs"]].append(name)
        scores = pd.read_csv(self.folder / "scored/scores.csv", dtype=str, keep_default_na=False)
        scale = scores["instrument"] + "." + scores["scale"]
        scores.index = scores["subject_id"] + "/" + scores["visit"] + "/" + scale
        self.scores = scores
        self.code = {}
        for analysis, name in NOTEBOOKS.items():
            cells = json.loads((project / f"notebooks/{name}.ipynb").read_text("utf-8"))["cells"]
            self.code[analysis] = [
                "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"
            ]

    def recomputed(self, analysis, endpoint, names):
        """The estimates of an analysis, from the scores that these estimates name alone."""
        steps = [s for name in names for s in self.chain.named[name].steps if s.kind == "score"]
        part = self.scores.loc[self.scores.index.isin({step.label for step in steps})].copy()
        dated = {step.label for step in steps if "date" in step.columns}
        part.loc[~part.index.isin(dated), DAYS] = ""
        part.to_csv(self.place / "scores.csv", index=False, lineterminator="\n")
        settings = dict(self.settings)
        mine = [entry for entry in settings["endpoints"] if entry["name"] == endpoint]
        if mine and analysis in BY_ENDPOINT:
            settings["endpoints"] = mine
        names = {"display": lambda *shown: None}
        parameters, *cells = self.code[analysis]
        exec(parameters, names)
        for name in ("subjects", "treatments"):
            names[name] = str(self.folder / f"cleaned/{name}.csv")
        names["scores"] = str(self.place / "scores.csv")
        names["estimates"] = str(self.place / "estimates.csv")
        names["settings"] = settings
        for cell in cells:
            exec(cell, names)
        table = pd.read_csv(names["estimates"], dtype=str, keep_default_na=False)
        return table.set_index("estimate_id")


@pytest.fixture(scope="module")
def recomputation(finished, tmp_path_factory):
    return Recomputation(finished, tmp_path_factory.mktemp("recomputed"))


@pytest.mark.parametrize("analysis", NOTEBOOKS)
def test_a_number_needs_nothing_but_what_it_names(recomputation, analysis, monkeypatch):
    monkeypatch.chdir(recomputation.folder.parents[1])
    groups = [group for group in recomputation.groups if group[0] == analysis]
    chosen = random.Random(11).sample(groups, SAMPLE) if SAMPLE else groups
    count, wrong = 0, {}
    for group in chosen:
        names = recomputation.groups[group]
        table = recomputation.recomputed(*group[:2], names)
        for name in names:
            count += 1
            written = {key: recomputation.run.estimates[name][key] for key in COMPARED}
            found = dict(table.loc[name, list(COMPARED)]) if name in table.index else None
            if found != written:
                wrong[name] = (written, found)
    print(f"{analysis}: {count - len(wrong)} of {count} numbers recomputed")
    assert not wrong
    assert count >= len(chosen)
