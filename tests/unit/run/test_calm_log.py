"""What a run says while it is at work."""

import logging
from importlib import import_module
from types import SimpleNamespace

import pytest
from owncontrol.run.calm_log import Calm, CalmHandler, spoken_time, stage_of
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry


def record(text="", level=logging.INFO, **fields):
    made = logging.LogRecord("snakemake", level, __file__, 1, text, (), None)
    vars(made).update(fields)
    return made


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def said():
    return []


@pytest.fixture
def plain(said, clock):
    return Calm(said.append, terminal=False, clock=lambda: clock[0])


def run_info(total):
    return record(event=LogEvent.RUN_INFO, stats={"total": total})


def progress(done, total):
    return record(event=LogEvent.PROGRESS, done=done, total=total)


def job(log):
    return record(event=LogEvent.JOB_INFO, log=[log])


def test_a_long_run_is_four_plain_lines_with_the_time_left(plain, said, clock):
    plain.take(run_info(50))
    for done in range(1, 51):
        clock[0] += 4
        plain.take(job("logs/example/analyse/change.log"))
        plain.take(progress(done, 50))
    assert said == [
        "  10 of 50 steps, 40 s, about 2 min 40 s left: analysing\n",
        "  20 of 50 steps, 1 min 20 s, about 2 min left: analysing\n",
        "  30 of 50 steps, 2 min, about 1 min 20 s left: analysing\n",
        "  40 of 50 steps, 2 min 40 s, about 40 s left: analysing\n",
    ]
    assert plain.worked and not plain.failed


def test_a_short_run_says_nothing_between_its_first_and_last_line(plain, said, clock):
    plain.take(run_info(50))
    for done in range(1, 51):
        clock[0] += 0.03
        plain.take(progress(done, 50))
    assert said == []


def test_a_terminal_has_one_line_that_is_drawn_again_and_removed(said, clock):
    calm = Calm(said.append, terminal=True, columns=60, clock=lambda: clock[0])
    calm.take(run_info(4))
    clock[0] = 90
    calm.take(job("logs/what-if/a/draw/timeline.log"))
    calm.take(progress(1, 4))
    assert said[-1] == "\r\x1b[K[######..................]  25%, 1 min 30 s, about 4 min 30"
    assert not any("\n" in text for text in said)
    assert all(len(text) <= 59 + len("\r\x1b[K") for text in said)
    calm.end()
    calm.end()
    assert said[-1] == "\r\x1b[K" and said[-2] != said[-1]


def test_of_all_the_other_words_only_errors_and_slower_runs_are_said(plain, said):
    plain.take(record("Building DAG of jobs..."))
    plain.take(record("Select jobs to execute...", event=None))
    plain.take(record("odd", logging.WARNING))
    assert said == []
    plain.take(record("slower, with the same results: without forked scripts (x is missing)"))
    plain.take(record("error: config.yaml: level: 2\n  Hint: below 1", logging.ERROR))
    assert len(said) == 2 and said[1].startswith("error: config.yaml") and not plain.worked


def test_a_failed_step_is_kept_and_what_snakemake_adds_to_it_is_not_said(plain, said):
    plain.take(run_info(3))
    plain.take(
        record(
            "Error in rule clean_tables, jobid: 3",
            logging.ERROR,
            event=LogEvent.JOB_ERROR,
            rule_name="clean_tables",
            log=["logs/example/clean/tables.log"],
        )
    )
    plain.take(record("Exiting because a job execution failed.", logging.ERROR))
    assert said == []
    assert plain.failed == ["clean tables (see logs/example/clean/tables.log)"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (113, "1 min 53 s"), (7500, "2 h 5 min"),
     (3599.9, "1 h"), (7200, "2 h")],
)  # fmt: skip
def test_times_as_people_say_them(seconds, words):
    assert spoken_time(seconds) == words


def test_a_log_elsewhere_names_no_stage():
    assert stage_of(["logs/example/odd/x.log"]) == stage_of(None) == ""
    assert stage_of(["logs/clean/verify/a.csv.log"]) == "checking the raw files"


def test_snakemake_finds_the_handler_by_its_name():
    handler = import_module("snakemake_logger_plugin_owncontrol").LogHandler
    assert isinstance(handler(SimpleNamespace(), None), CalmHandler)
    assert "owncontrol" in LoggerPluginRegistry().plugins
