"""What an edit reruns: all that depends on it, also with its time set back, and nothing else."""

import os

import pytest


def edit(path, old, new, keep_time=True):
    """Replace text in a file; its modification time then is that of long ago."""
    content = path.read_text("utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), "utf-8")
    if keep_time:
        os.utime(path, (1_000_000_000, 1_000_000_000))


def test_a_second_run_has_nothing_to_do(finished):
    assert "Nothing to be done" in finished.run().stdout


def test_a_fresh_copy_plans_every_stage(finished, tmp_path):
    from workflow.conftest import copy_project

    planned = copy_project(tmp_path).planned()
    assert {
        "verify_raw_file",
        "clean_tables",
        "score_assessments",
        "estimate_change",
        "render_page",
        "render_paper",
        "record_outputs",
    } <= planned


def test_an_edited_raw_cell_reruns_what_depends_on_it(project):
    path = project / "data/raw/example/adverse_events.csv"
    edit(path, "urinary", "Urinary") if "urinary" in path.read_text("utf-8") else edit(
        path, "Urinary", "urinary"
    )
    project.record_raw_files()
    planned = project.planned()
    assert {
        "verify_raw_file",
        "ingest_adverse_events",
        "clean_tables",
        "summarise_adverse_events",
        "render_page",
    } <= planned
    assert not {"ingest_redcap", "ingest_isncsci_workbook", "ingest_cell_processing"} & planned


def test_an_edited_figure_reruns_the_figure_and_the_report_only(project):
    edit(project / "workflow/lib/owncontrol/figures/timeline.py", '"""', '"""Edited. ')
    assert project.planned() == {
        "draw_timeline",
        "render_page",
        "render_paper",
        "render_manuscript",
        "describe_tables",
        "record_outputs",
    }


def test_an_edited_library_module_reruns_what_imports_it(project):
    edit(project / "workflow/lib/owncontrol/statistics/hodges_lehmann.py", '"""', '"""Edited. ')
    planned = project.planned()
    assert {"estimate_change", "gather_estimates", "render_page"} <= planned
    assert not {"clean_tables", "score_assessments", "describe_data_quality"} & planned


def test_an_edited_lock_reruns_everything(project):
    edit(project / "envs/analysis.lock", "# ", "# edited ")
    assert {"verify_raw_file", "clean_tables", "estimate_change", "draw_timeline"} <= (
        project.planned()
    )


@pytest.mark.parametrize("name", ["workflow/report/page.css", "README.md"])
def test_other_files_rerun_only_what_reads_them(project, name):
    path = project / name
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    report = {"render_text", "render_page", "render_paper", "render_manuscript"}
    expected = {*report, "record_outputs"} if "report" in name else set()
    assert project.planned() == expected


def test_a_changed_setting_reruns_what_uses_it(project):
    planned = project.planned("--config", "level=0.9")
    assert {"estimate_change", "summarise_adverse_events", "render_page"} <= planned
    assert not {"clean_tables", "score_assessments", "ingest_redcap"} & planned


def test_a_lost_result_is_made_again(project):
    (project / "results/example/scored/scores.csv").unlink()
    assert "score_assessments" in project.planned()
