"""Faults of the clock, of treatments and of days, and studies that have none of them."""

from copy import deepcopy

import pytest
from owncontrol.errors import InputError
from owncontrol.study.loading import study_from
from small_study import CONFIG

DROPPED = object()
WALKS = ("exports", "walks", "tables", "wisci2")
CELLS = ("exports", "cells")
UNTREATED = {("treatment",): DROPPED, CELLS: DROPPED}
NOMINAL = [{"name": "before", "label": "B", "day": 0}, {"name": "after", "label": "A", "day": 9}]
ORDER = [{"name": "before", "label": "B"}, {"name": "after", "label": "A"}]


def changed(changes):
    """The small study with changes at paths of keys."""
    config = deepcopy(CONFIG)
    for path, value in changes.items():
        place = config
        for key in path[:-1]:
            place = place[key]
        if value is DROPPED:
            del place[path[-1]]
        else:
            place[path[-1]] = value
    return study_from(config, "config.yaml")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (UNTREATED, "clock: counts from the treatment, and no file feeds the table treatments"),
        ({**UNTREATED, ("clock",): "baseline"}, "visits.before.clock: counts from the treatment"),
        (
            {CELLS: DROPPED, ("clock",): "nominal", ("visits",): NOMINAL},
            "treatment: is named, and no file feeds the table treatments",
        ),
        ({("treatment",): DROPPED}, "treatment: is missing"),
        (
            {**UNTREATED, ("clock",): "nominal", ("visits",): NOMINAL,
             (*WALKS, "columns", "day_from_treatment"): "x"},
            "columns.day_from_treatment: no file feeds the table treatments",
        ),
        (
            {**UNTREATED, ("clock",): "nominal", ("visits",): NOMINAL,
             (*WALKS, "duplicates"): "last_before_treatment"},
            "duplicates: last_before_treatment, and no file feeds",
        ),
        ({(*WALKS, "columns", "study_day"): "d"}, "columns.study_day: the clock is treatment"),
        ({("clock",): "recorded"}, "clock: recorded, and no assessment has a study_day"),
        (
            {("clock",): "baseline", (*WALKS, "columns", "date"): DROPPED},
            "no assessment has a date or a study_day",
        ),
        ({("visits", 1, "day"): DROPPED}, "visits.after.day: is missing"),
        ({("visits", 1, "clock"): "baseline"}, "visits.after.clock: baseline, and the study's"),
        (
            {("clock",): "nominal", ("visits", 1): NOMINAL[1]},
            "the days of the visits count from different days",
        ),
    ],
)  # fmt: skip
def test_a_contradiction_names_its_place(changes, message):
    with pytest.raises(InputError) as raised:
        changed(changes)
    assert message in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize(
    ("clock", "visits"),
    [("baseline", NOMINAL), ("nominal", NOMINAL), ("order", ORDER), ("order", NOMINAL)],
)
def test_a_study_without_treatments(clock, visits):
    study = changed({**UNTREATED, ("clock",): clock, ("visits",): visits})
    assert not study.has_treatments
    assert study.event_clock == "injury"  # its date is known


def test_days_of_events_count_from_the_injury_or_else_on_the_clock_of_the_study():
    unhurt = {("exports", "people", "tables", "subjects", "columns", "injury_date"): DROPPED}
    assert changed(unhurt).event_clock == "treatment"
    baseline = {**unhurt, ("clock",): "baseline", ("visits",): NOMINAL}
    assert changed(baseline).event_clock == "baseline"
