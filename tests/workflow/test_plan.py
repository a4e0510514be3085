"""The frozen plan of the example: on its first page, and a reason to run again."""

import re
import subprocess
import sys

import pytest
from owncontrol.reporting.plan_facts import read_as_frozen
from workflow.conftest import copy_project

LOCK = "config/example.plan.lock"
JUDGING = {"judge_plan", "compare_plan"}


def first_page(project):
    page = (project / "results/example/report/report.html").read_text("utf-8")
    summary = page[page.index('id="summary"') : page.index('id="methods"')]
    return " ".join(re.sub(r"<[^>]+>", "", summary).split())


def test_the_example_was_frozen_before_its_first_follow_up(finished):
    text = first_page(finished)
    assert (
        "Plan frozen on 2019-02-01 by SYNTHETIC: the program that makes this study, before the "
        "first follow-up. The hash of the plan begins with "
    ) in text
    assert "deposited when it was frozen. Nothing departs from the frozen plan." in text
    assert "3 corrected cells touch the primary endpoint, AIS grade: OC-11, Day 120" in text


def test_which_look_at_the_data_a_run_is_stands_beside_the_report(finished):
    text = (finished / "results/example/provenance/history-looks.txt").read_text("utf-8")
    assert text.startswith("This is look 1 at the data; 1 different set of raw files analysed")


def test_a_lock_that_goes_or_changes_is_a_reason_to_run_again(project):
    assert project.planned() == set()
    path = project / LOCK
    text = path.read_text("utf-8")
    path.unlink()
    assert project.planned() >= JUDGING
    path.write_text(text, "utf-8")
    configuration = project / "config.yaml"
    said = configuration.read_text("utf-8")
    configuration.write_text(said.replace("\nlevel: 0.95\n", "\nlevel: 0.8\n"), "utf-8")
    planned = project.planned()
    assert planned >= {"compare_plan", "run_frozen_plan"}
    assert "judge_plan" not in planned


def test_a_lock_that_was_edited_stops_the_run_before_its_first_step(project):
    path = project / LOCK
    path.write_text(path.read_text("utf-8").replace("level: 0.95", "level: 0.8"), "utf-8")
    done = project.run()
    assert done.returncode != 0
    lines = [line for line in done.stdout.splitlines() if line.startswith("error:")]
    assert lines == [
        f"error: {LOCK}: version 1 was edited after it was frozen: its hash does not fit"
    ]
    assert "rule " not in done.stdout


@pytest.mark.slow
def test_the_verdict_by_the_whole_plan_is_computed_where_something_departs(tmp_path):
    """Published rates and patients here: the frozen parts are put back and run."""
    project = copy_project(tmp_path)
    command = [sys.executable, "-m", "owncontrol", "freeze", "honmou2021", "--who", "me"]
    subprocess.run(command, cwd=project.folder, check=True, capture_output=True)
    path = project / "config/honmou2021.yaml"
    said = path.read_text("utf-8").replace(
        "eligible: {level: cervical}", "eligible: {exam_by: 400}"
    )
    path.write_text(f"{said}\nexcluded: [P02, P03, P04, P05, P06]\n", "utf-8")
    table = "results/honmou2021/plan/as_frozen.csv"
    done = project.run(table, "--config", "study=honmou2021")
    assert done.returncode == 0, done.stdout
    verdict, main, *others = read_as_frozen(str(project / table))
    assert (verdict.value, verdict.events, verdict.n) == (1, 10, 11)
    assert (main.events, main.n) == (12, 13)
    assert others == []
