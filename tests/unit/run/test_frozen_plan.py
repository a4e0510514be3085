"""The run by the whole frozen plan: when there is one, what it takes, and what it reports."""

from pathlib import Path

import pandas as pd
import pytest
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import AllGrades
from owncontrol.files import sha256
from owncontrol.reporting.plan_facts import FrozenResult, read_as_frozen
from owncontrol.run.frozen_plan import frozen_runs
from owncontrol.run.frozen_results import (
    files_of,
    not_run,
    nothing_reported,
    reported,
    targets,
    without_values,
)
from owncontrol.study.frozen_configuration import AsFrozen
from owncontrol.study.loading import study_from
from owncontrol.study.manifest import read_manifest, write_manifest
from owncontrol.study.plan_lock import read_lock
from owncontrol.study.plan_parts import frozen_parts
from owncontrol.tables import write_table
from plan_study import CONFIG, FROZEN, ROOT, Raw, changed, config, freeze_plan

CORRECTIONS = "corrections.csv"
RATES = "data/reference/natural_recovery.csv"
LATER = ("exams.csv", "id=P-01;visit=day_90", "uems", "13", "50", "x", "me", "2020-06-02")
EARLY = (*LATER[:1], "id=P-02;visit=day_90", *LATER[2:7], "2020-06-01")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project of the study, in which the project's own table of rates is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / RATES).parent.mkdir(parents=True)
    (tmp_path / RATES).write_bytes((ROOT / RATES).read_bytes())
    return tmp_path


def runs(values, *corrections, raw_files=None, plan=None):
    """What the versions' runs take, of a study whose plan was frozen as ``plan`` (CONFIG)."""
    freeze_plan(folder := Path(), plan, FROZEN, raw_files)
    Raw(corrections=corrections).write(folder / CONFIG["raw"])
    write_manifest(CONFIG["raw"])
    given = values | ({"corrections": CORRECTIONS} if corrections else {})
    study = study_from(given, "test")
    return frozen_runs(
        study,
        read_lock("moved"),
        frozen_parts(study, folder),
        read_manifest(CONFIG["raw"]),
        sha256,
    )


def test_the_frozen_parts_are_run_with_the_raw_files_of_now(folder):
    found = runs(changed("visits.2.window", [100, 250]))
    assert list(found) == ["1"]
    run = found["1"]
    assert run["values"]["visits"][2]["window"] == [166, 194]
    assert run["files"] == ["exams.csv", "people.csv"]
    assert (run["day"], run["why_not"], run["not_put_back"]) == ("2020-06-01", "", [])
    assert targets(run["values"]) == ["statistics/change.csv", "statistics/natural_recovery.csv"]
    assert targets({}) == ["statistics/change.csv"]


@pytest.mark.parametrize(
    "values",
    [
        CONFIG,
        config(title="Another"),
        changed("visits.2.label", "Month 6"),
        changed("plan.date", "2020-06-02"),
        config(subject_code={"key_file": "key"}),
        changed("claims.0.claim", "Patients are better."),
    ],
)
def test_where_no_number_can_change_nothing_is_run_again(folder, values):
    assert runs(values) == {}
    study = study_from(config(), "test")
    assert frozen_runs(study, None, frozen_parts(study, folder), {}, sha256) == {}


def test_what_the_plan_read_and_is_gone_is_the_reason_why_it_cannot_be_run(folder):
    run = runs(CONFIG, plan=changed("exports.exams.file", "former.csv"))["1"]
    assert run["why_not"].startswith("data/raw/moved/former.csv: missing; the configuration names")
    assert run["values"] == {}


def test_a_file_that_only_the_plan_reads_is_read_again(folder):
    (folder / CONFIG["raw"]).mkdir(parents=True)
    (folder / CONFIG["raw"] / "former.csv").write_text("id,visit,day,ais,uems,touch\n", "utf-8")
    run = runs(CONFIG, plan=changed("exports.exams.file", "former.csv"))["1"]
    assert run["files"] == ["former.csv", "people.csv"]
    assert run["values"]["exports"]["exams"]["file"] == "former.csv"


def test_what_only_a_hash_is_held_of_stays_as_it_is_and_is_named(folder):
    freeze_plan(folder)
    (folder / RATES).write_bytes((ROOT / RATES).read_bytes() + b"\n")
    lock = read_lock("moved")
    for values, why, left in (
        (config(), "of natural_recovery.table (content) the lock holds only a hash", 1),
        (config(level=0.8), "", 1),
    ):
        Raw().write(folder / CONFIG["raw"])
        write_manifest(CONFIG["raw"])
        manifest = read_manifest(CONFIG["raw"])
        study = study_from(values, "test")
        run = frozen_runs(study, lock, frozen_parts(study, folder), manifest, sha256)["1"]
        assert (run["why_not"], len(run["not_put_back"])) == (why, left)


def test_corrections_made_later_are_left_out_where_the_plan_found_the_file(folder):
    held = {CORRECTIONS: "0" * 64}
    run = runs(CONFIG, LATER, EARLY, raw_files=held)["1"]
    assert (run["later"], run["had_corrections"], run["why_not"]) == (1, True, "")
    values, files = files_of(run, CONFIG["raw"], folder)
    assert values["corrections"] == CORRECTIONS
    assert pd.read_csv(files[CORRECTIONS])["row_key"].tolist() == [EARLY[1]]
    # Nothing is left of a file in which all are later, or have no day.
    run |= {"day": "2020-01-01"}
    values, files = files_of(run, CONFIG["raw"], folder)
    assert "corrections" not in values
    assert CORRECTIONS not in files


def test_corrections_of_a_plan_that_found_none_are_kept_and_counted(folder):
    assert runs(CONFIG, LATER, EARLY) == {}
    (folder / "config/moved.plan.lock").unlink()
    run = runs(config(level=0.8), LATER, EARLY)["1"]
    assert (run["later"], run["had_corrections"]) == (1, False)
    assert files_of(run, CONFIG["raw"], folder)[1][CORRECTIONS] == CORRECTIONS


def test_what_was_run_is_reported(folder):
    run = runs(changed("endpoints", CONFIG["endpoints"][::-1]), LATER)["1"]
    recovery, change = Estimates("natural_recovery", "all", []), Estimates("change", "all", [])
    about = {"n": 8, "method": "x", "inputs": "", "unit": ""}
    main = about | {"endpoint": "main", "stratum": AllGrades(), "convention": "x"}
    recovery.add(NaturalRecovery.VERDICT, -1, events=2, **main)
    ais = about | {"endpoint": "ais", "visit": "day_180", "convention": "x"}
    change.add(Change.IMPROVED, 0.25, events=2, **ais)
    for name, results in (("natural_recovery", recovery), ("change", change)):
        write_table(results.table(), f"results/statistics/{name}.csv")
    table = reported(run, folder / "results")
    write_table(table, "as_frozen.csv")
    label = "AIS grade, Baseline to Day 180"
    assert read_as_frozen(["as_frozen.csv"]) == (
        FrozenResult(AsFrozen.VERDICT, "natural_recovery.main.all_grades.verdict", -1, 2, 8, ""),
        FrozenResult(AsFrozen.IMPROVED, "change.ais.day_180.improved", 0.25, 2, 8, label),
        FrozenResult(AsFrozen.CORRECTIONS_KEPT, "", None, None, 1, ""),
    )
    write_table(nothing_reported(), "as_frozen.csv")
    assert read_as_frozen("as_frozen.csv") == read_as_frozen([]) == ()
    write_table(not_run("gone"), "as_frozen.csv")
    assert [row.text for row in read_as_frozen("as_frozen.csv")] == ["gone"]


def test_a_reason_shows_no_text_of_the_raw_files():
    said = "error: x.csv, row 3, column 'visit': 'Jane Roe' is none of \"P's\""
    assert without_values(said, CONFIG) == (
        "error: x.csv, row 3, column 'visit': (a value) is none of (a value)"
    )
