"""Estimands: defaults, facts of the scale, what the plan declares; faults are one line, a hint."""

import pytest
from analysis_study import ROOT
from owncontrol.errors import InputError
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import load_study


@pytest.fixture
def config():
    return load_study({}, ROOT).plain()


def settings_of(config):
    """The settings as plain values, of plain values."""
    return analysis_settings(load_study(config, ROOT)).plain()


def endpoint(settings, name):
    return next(item for item in settings["endpoints"] if item["name"] == name)


def test_an_endpoint_takes_what_it_does_not_say_from_the_defaults(config):
    config["endpoints"][1] |= {"baseline": "registration", "population": "eligible"}
    config["endpoints"][1]["time_point"] = "injury_day_220"
    settings = settings_of(config)
    other, own = endpoint(settings, "uems"), endpoint(settings, "motor_total")
    assert (other["baseline"], other["time_point"], other["population"]) == (
        "baseline",
        "day_180",
        "treated",
    )
    assert (own["baseline"], own["time_point"], own["population"]) == (
        "registration",
        "injury_day_220",
        "eligible",
    )
    assert own["intercurrent_events"] == config["estimand_defaults"]["intercurrent_events"]


def test_the_scale_says_direction_range_and_grades(config):
    ais = endpoint(settings_of(config), "ais")
    assert ais["grades"] == ["A", "B", "C", "D", "E"]
    assert (ais["minimum"], ais["maximum"], ais["lower_is_better"]) == (1, 5, False)
    config["endpoints"].append(
        {"name": "mrs", "label": "mRS", "instrument": "mrs", "scale": "grade", "family": "x"}
    )
    mrs = endpoint(settings_of(config), "mrs")
    assert mrs["lower_is_better"]
    assert mrs["grades"] == ["0", "1", "2", "3", "4", "5", "6"]


def test_an_important_difference_is_the_instruments_or_says_where_it_is_from(config):
    walking, wisci = (endpoint(settings_of(config), name) for name in ("walking", "wisci"))
    assert "Scivoletto 2014" in wisci["important_difference"]["source"]
    assert walking["important_difference"]["kind"] == "declared"
    endpoint(config, "wisci")["important_difference"]["threshold"] = 3
    with pytest.raises(InputError) as caught:
        settings_of(config)
    assert "cites no threshold 3" in caught.value.message
    assert "2 (Scivoletto 2014" in caught.value.hint


def test_what_the_plan_does_not_name_is_post_hoc_and_what_is_not_there_is_undefined(config):
    settings = settings_of(config)
    levels = [f"{kind}_level_{side}" for kind in ("motor", "sensory") for side in ("right", "left")]
    assert settings["post_hoc"] == ["nli", *levels]
    assert not endpoint(settings, "nli")["declared"]
    assert settings["undefined"] == []
    config["plan"]["endpoints"].append("spasticity")
    config["plan"]["endpoints"].remove("hand_use")
    settings = settings_of(config)
    assert settings["undefined"] == ["spasticity"]
    assert "hand_use" in settings["post_hoc"]


def test_without_a_plan_everything_is_post_hoc(config):
    del config["plan"]
    settings = settings_of(config)
    assert not any(item["declared"] for item in settings["endpoints"])
    assert len(settings["post_hoc"]) == 19 + 3 + 5


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        (lambda c: c["endpoints"][0].update(baseline="basline"), "not one of the visits", "base"),
        (lambda c: c["endpoints"][0].update(scale="motor_totl"), "no scale", "motor_total"),
        (lambda c: c["endpoints"][0].update(instrument="scim"), "no instrument", "scim3"),
        (lambda c: c["endpoints"][0].update(time_point="registration"), "before its", "order"),
        (lambda c: c["responders"][0].update(name="ais"), "'ais' is duplicated", "once"),
        (lambda c: c["sensitivity"].update(baselines=["day_0"]), "sensitivity.baselines", "day_"),
        (
            lambda c: c["natural_recovery"]["comparisons"][0]["follow_up"].update(visit="day_18"),
            "comparisons.ais_180.follow_up",
            "day_180",
        ),
        (
            lambda c: c["natural_course"]["walking"].update(outcome="scim3.mob_indors"),
            "scim3 has no scale 'mob_indors'",
            "mob_indoors",
        ),
        (
            lambda c: c["exports"].pop("isncsci_workbook"),
            "walking: the study has no ISNCSCI exams",
            "leave walking out",
        ),
    ],
)
def test_a_fault_is_one_line_and_a_hint(config, change, message, hint):
    change(config)
    with pytest.raises(InputError) as caught:
        settings_of(config)
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("natural_recovery", "comparisons", 0, "baseline"), {"visit": "baseline", "day": 3}),
        (("natural_recovery", "comparisons", 0, "baseline"), {"clock": "injury", "day": 3}),
        (("claims", 0, "conditions", 0), {"estimate": "x"}),
        (("claims", 0, "conditions", 0), {"estimate": "x", "above": 1, "below": 2}),
        (("endpoints", 0, "important_difference"), {"threshold": 0}),
        (("plan", "date"), "January 2019"),
    ],
)
def test_the_schema_refuses_what_has_two_meanings_or_none(path, value):
    config = load_study({}, ROOT).plain()
    place = config
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(InputError):
        load_study(config, ROOT)
