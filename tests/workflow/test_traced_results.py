"""Every number, followed to its raw cells: they are there, and the number comes from them alone."""

import json
import math
import re
import subprocess
import sys
import unicodedata
from collections import defaultdict
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
import yaml
from owncontrol.lineage.chain import Chain
from owncontrol.lineage.results import Results
from owncontrol.lineage.reverse import touched
from owncontrol.scoring.score_table import agrees, score_assessments
from owncontrol.statistics.hodges_lehmann import hodges_lehmann
from owncontrol.statistics.proportions import clopper_pearson, upper_bound
from owncontrol.statistics.sign_tests import sign_test
from owncontrol.statistics.signed_rank import rank_biserial, signed_rank_test, smallest_p
from owncontrol.study.table_mapping import CANONICAL
from raw_files import raw_text, read_raw

QUANTILES = {
    "median": 0.5,
    "first_quartile": 0.25,
    "third_quartile": 0.75,
    "minimum": 0.0,
    "maximum": 1.0,
}
PUBLISHED = {"lowest_published", "highest_published", "published_rate", "highest_exceeded"}
COUNTED = ("registered", "treated")
SCORED = {
    "assessed",
    "at_visit",
    "course_median",
    "hodges_lehmann",
    "improved",
    "median",
    "median_baseline",
    "median_visit",
    "rank_biserial",
    "recorded_scores_differing",
    "shift",
    "sign_test",
    "signed_rank_pratt",
    "signed_rank_wilcoxon",
    "smallest_p",
    "subjects",
    "to_next_visit",
    "unchanged",
    "worse",
}
CORRECTED = re.compile(r"correction: corrected to ('.*?'|\".*?\");")


@pytest.fixture(scope="module")
def study(finished):
    return Results(finished / "results/example")


@pytest.fixture(scope="module")
def chain(study):
    return Chain(study, study.estimates)


@pytest.fixture(scope="module")
def cells_of(chain):
    """By step, its raw cells; many estimates share a step."""
    steps = {step for named in chain.named.values() for step in named.steps}
    return {step: chain.step_cells(step) for step in steps}


@pytest.fixture(scope="module")
def config(finished):
    text = (finished / "results/example/provenance/configuration.yaml").read_text("utf-8")
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def raw(finished):
    return read_raw(finished / "data/raw/example")


def test_every_cell_that_a_number_names_is_in_the_raw_file_with_that_text(cells_of, raw):
    cells = {cell[:4] for found in cells_of.values() for cell in found}
    assert len(cells) > 15_000
    for file, row, column, written in cells:
        assert raw_text(raw, file, row, column) == written, (file, row, column)


def test_a_short_chain_has_the_first_raw_rows_and_findings_of_all_it_counts(study, chain):
    kinds = {"raw row", "finding"}
    counting = [
        name
        for name, named in chain.named.items()
        if len(named.steps) > 3 and {step.kind for step in named.steps} <= kinds
    ]
    short = Chain(study, counting, limit=3)
    assert {step.kind for name in counting for step in chain.named[name].steps} == kinds
    for name in counting:
        assert short.named[name].total == chain.named[name].total
        assert short.named[name].steps == chain.named[name].steps[:3]


def test_every_number_of_something_names_what_it_was_computed_from(study, chain):
    without = [
        estimate_id
        for estimate_id, named in chain.named.items()
        if not named.total and float(study.estimates[estimate_id]["n"] or 0) > 0
    ]
    # A published rate is no number of this study; its convention names the source.
    assert {study.estimates[name]["statistic"] for name in without} <= PUBLISHED


def test_every_number_names_the_notebook_cell_that_made_it(study, finished):
    for entry in study.estimates.values():
        name, _, cell = entry["cell"].partition("#")
        notebook = json.loads((finished / "notebooks" / name).read_text("utf-8"))
        assert cell in {part["id"] for part in notebook["cells"] if part["cell_type"] == "code"}


def test_the_way_back_is_the_way_there(study, chain, cells_of):
    cells = sorted({cell[:3] for found in cells_of.values() for cell in found})
    some = cells[:: len(cells) // 6]
    for place in some:
        here = {step for step, found in cells_of.items() if place in {c[:3] for c in found}}
        touching = [name for name, named in chain.named.items() if here & set(named.steps)]
        assert touched(study, *place) == touching, place


def test_the_command_prints_the_same_chain(finished, chain):
    estimate_id = "patients.dose.maximum"
    done = subprocess.run(
        [sys.executable, "-m", "owncontrol", "trace", estimate_id, "--json"],
        cwd=finished.folder,
        env={"PYTHONPATH": str(finished / "workflow/lib")},
        check=True,
        capture_output=True,
        text=True,
    )
    printed = [cell for step in json.loads(done.stdout)["steps"] for cell in step["cells"]]
    assert printed == [cell._asdict() for cell in chain.cells(estimate_id)]
    assert [cell["cleaned"] for cell in printed if cell["notes"]] == ["1.86", "0.76"]


# From raw cells alone


class Rebuilt:
    """Values read from raw cells, without any table that the run has made of them."""

    def __init__(self, chain, config):
        self.chain, self.config, self.study = chain, config, chain.results
        self.scores = {}
        steps = {step for named in chain.named.values() for step in named.steps}
        by_scale = defaultdict(dict)
        for step in sorted((s for s in steps if s.kind == "score"), key=lambda s: s.label):
            by_scale[step.label.rsplit("/", 1)[1]][step.label] = step
        for scale, members in by_scale.items():
            self._score(*scale.split("."), members)

    def _score(self, instrument, scale, members):
        definition = self.study.instrument(instrument)
        needed = ["subject_id", "visit", *definition.scales[scale].items]
        rows = pd.DataFrame([self.row(step, needed) for step in members.values()])
        empty = dict.fromkeys({*definition.items} - {*rows.columns}, "")
        rows = rows.assign(day_from_injury=0, day_from_treatment=0, row_id="", **empty)
        table = score_assessments(definition, rows)
        table = table.loc[table["scale"] == scale]
        for label, entry in zip(members, table.to_dict("records"), strict=True):
            assert label == f"{entry['subject_id']}/{entry['visit']}/{instrument}.{scale}"
            self.scores[label] = (entry["value"], entry["text"])

    def row(self, step, only=None):
        """Canonical column: value of the cells of a step, read as the configuration says."""
        return {
            cell.canonical: self.read(cell)
            for cell in self.chain.step_cells(step)
            if only is None or cell.canonical in only
        }

    def read(self, cell):
        export = self.config["exports"][cell.row_id.rpartition(":")[0]]
        mapping = export["tables"][cell.table]
        corrected = CORRECTED.search(cell.notes)
        text = corrected.group(1)[1:-1] if corrected else cell.written
        text = unicodedata.normalize("NFKC", text).strip()
        if text in export["missing"]:
            return ""
        text = mapping["recode"].get(cell.canonical, {}).get(text, text)
        if cell.canonical == "subject_id":
            return text.upper()
        if cell.table not in CANONICAL:
            items = self.study.instrument(cell.table).items
            if cell.canonical in items:
                text = mapping["recode_items"].get(text, text)
                return text if text in items[cell.canonical].values else ""
        return text

    def day(self, text, export):
        for form in self.config["exports"][export]["dates"]:
            try:
                return datetime.strptime(text, form).date()
            except ValueError:
                continue
        return None


@pytest.fixture(scope="module")
def rebuilt(chain, config):
    return Rebuilt(chain, config)


def test_every_score_comes_from_its_raw_cells_alone(rebuilt, chain):
    """The items of the scale, all other items of the instrument left empty."""
    steps = {s for named in chain.named.values() for s in named.steps if s.kind == "score"}
    assert len(steps) > 2500
    wrong = {s.label: (s.value, rebuilt.scores[s.label][1]) for s in steps}
    assert {label: pair for label, pair in wrong.items() if pair[0] != pair[1]} == {}


def test_every_number_comes_from_its_raw_cells_alone(rebuilt, study, chain, config):
    done = set()
    for estimate_id, named in chain.named.items():
        entry = study.estimates[estimate_id]
        result = recomputed(entry, named, rebuilt, config)
        for key, number in result.items():
            written = float(entry[key]) if entry[key] else math.nan
            assert number == pytest.approx(written, rel=1e-12, nan_ok=True), (estimate_id, key)
        if result:
            done.add((entry["analysis"], entry["statistic"]))
    assert len(done) > 25


def recomputed(entry, named, rebuilt, config):
    """The number (and its interval and p) from what the steps' raw cells say.

    Empty for analyses that are built upon the same values in a further step (published rates,
    resampling, simulation): their scores are covered above, their statistics by unit tests.
    """
    analysis, statistic = entry["analysis"], entry["statistic"]
    scored = [step for step in named.steps if step.kind == "score"]
    rows = [(step, rebuilt.row(step)) for step in named.steps if step.kind == "row"]
    if scored and statistic in SCORED and analysis in ("patients", "change", "data_quality"):
        if statistic in ("at_visit", "to_next_visit"):
            return from_grades(entry, scored, {row["subject_id"] for _, row in rows}, rebuilt)
        return from_scores(entry, scored, rebuilt, config)
    if entry["unit"] == "cells":
        return from_cells(entry, named, rebuilt)
    if analysis == "data_quality":
        return {"value": len(named.steps)}
    if analysis == "adverse_events":
        return from_events(entry, [row for _, row in rows], config)
    if analysis == "patients" and rows and (entry["endpoint"] or statistic in COUNTED):
        return from_rows(entry, named, rows, rebuilt)
    return {}


def from_cells(entry, named, rebuilt):
    """Of rows that go into a table as a whole, every cell is counted."""
    if entry["statistic"] == "corrected" and entry["value"] != "0.0":
        cells = {cell for step in named.steps for cell in rebuilt.chain.step_cells(step)}
        return {"value": sum(CORRECTED.search(cell.notes) is not None for cell in cells)}
    (table,) = {step.table for step in named.steps} or {""}
    if not table or entry["statistic"] not in ("cells_in", "set_aside"):
        return {}
    (export,) = {step.row_id.rpartition(":")[0] for step in named.steps}
    return {"value": len(named.steps) * len(rebuilt.study.raw_columns[export, table])}


def from_scores(entry, steps, rebuilt, config):
    statistic = entry["statistic"]
    parts = {step: step.label.split("/") for step in steps}
    if statistic == "assessed":
        here = [subject for subject, visit, _ in parts.values() if visit == entry["visit"]]
        return {"value": len(set(here))}
    if statistic == "recorded_scores_differing":
        recorded = [rebuilt.row(step)[f"recorded_{step.label.rsplit('.')[-1]}"] for step in steps]
        texts = [rebuilt.scores[step.label][1] for step in steps]
        return {"value": sum(agrees(a, b) is False for a, b in zip(recorded, texts, strict=True))}
    values = [rebuilt.scores[step.label] for step in steps]
    if statistic == "subjects":
        grades = ["undetermined" if math.isnan(value) else text for value, text in values]
        return {"value": grades.count(entry["stratum"])}
    if statistic in ("median", "course_median"):
        return {"value": np.nanmedian([value for value, _ in values])}
    if statistic.startswith("median_"):
        when = config["baseline"] if statistic == "median_baseline" else entry["visit"]
        there = [
            value
            for (value, _), (_, visit, _) in zip(values, parts.values(), strict=True)
            if visit == when
        ]
        return {"value": np.median(there) if there else math.nan}
    by_visit = defaultdict(dict)
    for step, (subject, visit, _) in parts.items():
        by_visit[visit][subject] = rebuilt.scores[step.label]
    before, after = by_visit[config["baseline"]], by_visit[entry["visit"]]
    assert set(before) == set(after)
    if statistic == "shift":
        moves = [f"{before[subject][1]} to {after[subject][1]}" for subject in before]
        return {"value": moves.count(entry["stratum"])}
    change = np.array([after[subject][0] - before[subject][0] for subject in sorted(before)])
    return from_changes(statistic, change, config["level"])


def from_grades(entry, steps, treated, rebuilt):
    """How many of all who were treated have the grade, or go from one to the next."""
    grades = defaultdict(dict)
    for step in steps:
        subject, visit, _ = step.label.split("/")
        value, text = rebuilt.scores[step.label]
        grades[visit][subject] = "unknown" if math.isnan(value) else text
    visits = [entry["visit"], *(visit for visit in grades if visit != entry["visit"])]
    moves = [" to ".join(grades[v].get(subject, "unknown") for v in visits) for subject in treated]
    assert len(treated) == int(float(entry["n"]))
    return {"value": moves.count(entry["stratum"])}


def from_changes(statistic, change, level):
    counts = {"improved": change > 0, "unchanged": change == 0, "worse": change < 0}
    if statistic in counts:
        result = clopper_pearson(int(counts[statistic].sum()), len(change), level)
    elif statistic == "smallest_p":
        return {"value": smallest_p(len(change))}
    else:
        result = {
            "hodges_lehmann": lambda: hodges_lehmann(change, level),
            "signed_rank_pratt": lambda: signed_rank_test(change),
            "signed_rank_wilcoxon": lambda: signed_rank_test(change, zeros="wilcoxon"),
            "rank_biserial": lambda: rank_biserial(change),
            "sign_test": lambda: sign_test(change),
        }[statistic]()
    return {key: getattr(result, key) for key in ("value", "lower", "upper", "p")}


def from_events(entry, rows, config):
    stratum = entry["stratum"]
    counted = ("events", "subjects_with_event", "upper_bound")
    known = entry["value"] and not entry["endpoint"]
    if not known or not entry["statistic"].startswith(counted) or not stratum:
        return {}  # of dates and days, of other subjects, or not known
    if entry["statistic"] == "events_of_untreated":
        return {}
    grades = ("1", "2", "3", "4", "5")
    rows = [
        row | {"grade": row["grade"] if row["grade"] in grades else "not known"} for row in rows
    ]
    serious = {"Y": True, "N": False}
    related = ("possible", "probable", "definite")
    tests = {
        "any": lambda row: True,
        "serious": lambda row: serious[row["serious"]],
        "related": lambda row: row["relation"] in related,
        "serious and related": lambda row: serious[row["serious"]] and row["relation"] in related,
        "serious not known": lambda row: row["serious"] not in serious,
        "serious and related not known": lambda row: False,
        "grade": lambda row: row["grade"] == stratum.removeprefix("grade "),
        "relation": lambda row: row["relation"] == stratum.removeprefix("relation "),
        "class": lambda row: (
            stratum.removeprefix("class ")
            in (row["system_organ_class"], f"{row['system_organ_class']}: {row['term']}")
        ),
    }
    here = tests.get(stratum) or tests[stratum.split()[0]]
    chosen = [row for row in rows if here(row)]
    if entry["statistic"] == "events":
        return {"value": len(chosen)}
    if entry["statistic"].startswith("events_grade_"):
        grade = entry["statistic"].removeprefix("events_grade_").replace("_", " ")
        return {"value": sum(row["grade"] == grade for row in chosen)}
    subjects = len({row["subject_id"] for row in chosen})
    n = int(entry["n"])
    if entry["statistic"] == "upper_bound":
        result = upper_bound(subjects, n, config["level"])
    else:
        result = clopper_pearson(subjects, n, config["level"])
    return {key: getattr(result, key) for key in ("value", "lower", "upper")}


def number(text):
    """A raw number; the configuration declares that commas and percent signs are read."""
    return float(text.replace(",", ".").replace("%", ""))


def is_met(rebuilt, criterion, row):
    """Whether a row meets an entry criterion: by the column it is about, or as it was ticked."""
    (item,) = (one for one in rebuilt.study.study.characteristics if one.name == criterion)
    if item.requires is None:
        return row[criterion] == "1"
    value = number(row[item.requires.column])
    return item.requires.minimum <= value <= item.requires.maximum


def from_rows(entry, named, rows, rebuilt):
    column, statistic = entry["endpoint"], entry["statistic"]
    if statistic in COUNTED:
        return {"value": len({row["subject_id"] for _, row in rows})}
    if statistic == "outside_criterion":
        return {"value": sum(not is_met(rebuilt, column, row) for _, row in rows)}
    if statistic == "subjects":
        values = [row[column] for _, row in rows]
        wanted = {"True": ("1",)}.get(entry["stratum"], (entry["stratum"],))
        return {"value": sum(value in wanted for value in values)}
    if column.endswith("_day"):
        values = list(days(column, named, rows, rebuilt))
    else:
        values = [number(row[column]) for _, row in rows]
    return {"value": np.quantile(values, QUANTILES[statistic])}


def days(column, named, rows, rebuilt):
    """Days from the subject's injury, each from two dates as written."""
    injuries = {}
    for step in named.steps:
        row = rebuilt.row(step) if step.kind == "origin" else {}
        if "injury_date" in row:
            export = step.row_id.rpartition(":")[0]
            injuries[row["subject_id"]] = rebuilt.day(row["injury_date"], export)
    stem = column.removesuffix("_day")
    for step, row in rows:
        text = row.get(f"{stem}_date") or row[stem]
        date = rebuilt.day(text, step.row_id.rpartition(":")[0])
        yield (date - injuries[row["subject_id"]]).days


def test_a_shorter_chain_that_goes_on_from_a_longer_one_is_the_same_as_one_by_itself(study):
    names = [
        name
        for name, row in study.estimates.items()
        if row["analysis"] == "data_quality" or name.endswith("median")
    ]
    longer = Chain(study, names, 40)
    for limit in (7, 3):
        shorter, alone = Chain(study, names, limit, earlier=longer), Chain(study, names, limit)
        assert shorter.named == alone.named
        assert all(shorter.cells(name) == alone.cells(name) for name in names)
