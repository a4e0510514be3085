"""The kind of a measure: as declared, or as its unit, steps and items say."""

import pytest
from owncontrol.instruments import instrument_of
from owncontrol.study.design import PATIENTS
from owncontrol.study.endpoints import YES_NO_SUMMARY
from owncontrol.study.estimands import complete_endpoint
from owncontrol.study.measures import Measure
from pydantic import ValidationError
from small_study import small_study


def measure(**keys):
    return Measure.model_validate({"label": "X", "direction": "higher_is_better", **keys})


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ({}, "rated_scale"),  # the usual unit is a point
        ({"unit": "Points"}, "rated_scale"),
        ({"unit": "kg"}, "measurement"),
        ({"unit": "kg", "minimum": 0, "maximum": 300}, "measurement"),
        ({"unit": "mm", "minimum": 0, "maximum": 100, "step": 1}, "rated_scale"),
        ({"unit": "points", "kind": "measurement"}, "measurement"),
        ({"items": ["a", "b"]}, "sum"),
        ({"kind": "yes_no"}, "yes_no"),
        ({"kind": "count", "unit": "fall"}, "count"),
    ],
)
def test_the_kind(keys, kind):
    assert measure(**keys).kind_of == kind


def test_a_rated_scale_without_ends_reads_any_number():
    found = instrument_of(measure(unit="points").definition("x"), "x").items["x"]
    assert str(found.range) == "any number"
    bounded = {"kind": "rated_scale", "minimum": 0, "maximum": 10}
    found = instrument_of(measure(**bounded).definition("x"), "x").items["x"]
    assert str(found.range) == "0 to 10 in steps of 1"


def test_a_time_to_an_event_is_refused():
    with pytest.raises(ValidationError, match="kind"):
        measure(kind="time_to_event", unit="day")


@pytest.mark.parametrize("keys", [{"kind": "sum"}, {"kind": "count", "items": ["a", "b"]}])
def test_items_belong_to_a_sum(keys):
    with pytest.raises(ValidationError, match="items and kind: sum go together"):
        measure(**keys)


def test_what_sums_up_a_yes_or_no():
    walks = {"label": "Walks", "direction": "higher_is_better", "kind": "yes_no"}
    study = small_study(
        instruments={"walks": walks},
        endpoints=[{"name": "w", "label": "W", "instrument": "walks", "family": "one"}],
    )
    assert complete_endpoint(study.endpoints[0], study).summary == PATIENTS.within(YES_NO_SUMMARY)
    own = {"summary": "as we say"}
    study = small_study(
        instruments={"walks": walks},
        estimand_defaults=own,
        endpoints=[{"name": "w", "label": "W", "instrument": "walks", "family": "one"}],
    )
    assert complete_endpoint(study.endpoints[0], study).summary == "as we say"


def test_the_usual_summary_says_whom_the_study_is_about():
    walks = {"label": "Walks", "direction": "higher_is_better", "kind": "yes_no"}
    study = small_study(
        design={"subjects": {"one": "rat", "many": "rats"}},
        instruments={"walks": walks},
        endpoints=[{"name": "w", "label": "W", "instrument": "walks", "family": "one"}],
    )
    assert complete_endpoint(study.endpoints[0], study).summary.startswith("Rats with yes")
    assert study.estimand_defaults.summary is None
