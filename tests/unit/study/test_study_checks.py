"""Faults between two parts of a study, each with its own words."""

from copy import deepcopy
from pathlib import Path

import pytest
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.errors import InputError
from owncontrol.study.loading import study_from

ROOT = Path(__file__).parents[3]
DROPPED = object()
EVENTS = ("exports", "adverse_events", "tables", "adverse_events")
SUBJECTS = ("exports", "redcap", "tables", "subjects")
CASES = [
    ({("baseline",): "basline"}, "baseline: 'basline' is not one of the visits"),
    ({("time_point",): "zzz"}, "time_point: 'zzz' is not one of the visits"),
    ({("visits", 2, "name"): "day_180"}, "visits: 'day_180' is there twice"),
    ({("endpoints", 1, "name"): "ais"}, "endpoints: 'ais' is there twice"),
    ({("characteristics", 1, "name"): "injury_cause"}, "characteristics: "),
    ({("visits", 1, "window"): [300, 301]}, "lies outside its window [300, 301]"),
    (
        {("exports", "redcap", "labelled"): True, ("exports", "redcap", "dictionary"): ""},
        "exports.redcap.labelled: labels are read back",
    ),
    (
        {(*SUBJECTS, "long"): {"item": "a", "value": "b"}, (*SUBJECTS, "wide"): "x"},
        "exports.redcap.tables.subjects: is both long and wide",
    ),
    ({("plan", "date"): ""}, "plan.date: is empty"),
    ({("plan", "version"): ""}, "plan.version: is empty"),
    ({("exports", "redcap", "dates"): ["%Y%Y"]}, "each directive may occur only once"),
    ({("exports", "redcap", "dates"): ["%!"]}, "a directive that strptime does not know"),
    ({("exports", "redcap", "dates"): ["%"]}, "a directive that strptime does not know"),
    ({("exports", "redcap", "dates"): ["x" * 101]}, "at most 100 characters"),
    ({("exports", "redcap", "file"): "adverse_events.csv"}, "another export reads"),
    (
        {
            ("exports", "redcap", "file"): "a.xpt",
            ("exports", "adverse_events", "file"): "a.xpt",
            ("exports", "redcap", "dataset"): "dm",
            ("exports", "adverse_events", "dataset"): "DM",
        },
        "exports.adverse_events: reads dataset 'DM' of a.xpt, as exports.redcap does",
    ),
    ({SUBJECTS: DROPPED}, "exports: no file feeds the table subjects"),
    ({(*EVENTS, "duplicates"): "last_before_treatment"}, "is for assessments"),
    (
        {("exports", "redcap", "tables", "isncsci"): {"columns": {}, "scores": "recorded"}},
        "exports.*.tables.isncsci.scores: exports disagree (computed, recorded)",
    ),
    ({("may_be_empty",): ["subjects"]}, "may_be_empty: without subjects"),
    ({("may_be_empty",): ["adverse_event"]}, "may_be_empty: 'adverse_event' is neither"),
    ({("raw",): "/etc"}, "raw: '/etc' leads out of the project"),
    ({("corrections",): "../x"}, "corrections: '../x' leads out of the project"),
    ({("exports", "redcap", "dictionary"): "a{b}"}, "contains a brace"),
    ({("natural_recovery", "table"): "data/../../x"}, "natural_recovery.table: "),
    ({("visits", 3, "clock"): "nominal"}, "visits.day_7.window: a nominal visit has no window"),
    (
        {("instruments",): {"scim3": {"label": "x", "direction": "lower_is_better"}}},
        "instruments.scim3: is the name of an instrument of the library",
    ),
    (
        {("instruments",): {"subjects": {"label": "x", "direction": "lower_is_better"}}},
        "instruments.subjects: is the name of a table",
    ),
]


@pytest.mark.parametrize(("changes", "message"), CASES, ids=[message for _, message in CASES])
def test_a_contradiction_is_told_with_its_place(changes, message):
    config = deepcopy(read_yaml(ROOT / "config.yaml"))
    for path, value in changes.items():
        place = config
        for key in path[:-1]:
            place = place[key]
        if value is DROPPED:
            del place[path[-1]]
        else:
            place[path[-1]] = value
    with pytest.raises(InputError) as typed:
        study_from(config, "config.yaml")
    assert message in typed.value.message
    assert typed.value.hint
