"""What the figures are told of a study's configuration, and which of them it has anything for."""

from collections.abc import Collection
from typing import Any

from owncontrol.figures.criteria import leading_criteria, shown_criteria

Config = dict[str, Any]
GRADE_SCALE = "asia_impairment_scale"


def what_study_has(settings: Config, tables: Collection[str], exam_cells: bool) -> set[str]:
    """What there is to draw, in the words that the catalogue's ``needs`` are written in.

    ``settings``: complete, see study.estimands. ``tables``: that are mapped. ``exam_cells``:
    whether the cells of the exams are there, and not only the grades that came of them.
    """
    grades, scores = _endpoints(settings)
    clocks = settings["clocks"]
    found = {
        # One whose time point is the baseline has no change.
        "change": settings["time_point"] != settings["baseline"],
        "grades": bool(grades),
        "scores": bool(scores),
        "criteria": bool(shown_criteria(settings)),
        "days": bool(clocks),
        **{f"days from {clock}": True for clock in clocks},
        "exam cells": exam_cells,
        "adverse events": "adverse_events" in tables,
        "natural recovery": "natural_recovery" in settings,
    }
    return {name for name, there in found.items() if there}


def shown_settings(settings: Config) -> Config:
    """All that any figure is told, by the names that the catalogue's ``settings`` are written in.

    ``settings``: complete, see study.estimands. Of each visit and endpoint only what is shown.
    """
    grades, scores = _endpoints(settings)
    criteria = shown_criteria(settings)
    visits = [_of(visit, "name", "label") for visit in settings["visits"]]
    compared = [settings["baseline"], settings["time_point"]]
    recovery = settings.get("natural_recovery", {"comparisons": []})["comparisons"]
    examined = settings["sensitivity"]["endpoints"]
    plain = ("baseline", "time_point", "onset", "level", "improved_by_weeks", "synthetic")
    return {
        **_of(settings, *plain),
        "visits": visits,
        "visit_days": [_of(visit, "name", "clock", "day") for visit in settings["visits"]],
        "compared_visits": _named(visits, compared),
        "endpoints": [*grades, *scores],
        "scores": scores,
        "grade": grades[0]["name"] if grades else "",
        # The visits of the shift table are those of the endpoint.
        "graded_visits": _named(visits, _ends(settings, grades[0]["name"])) if grades else [],
        "criteria": criteria,
        "leading_criteria": leading_criteria(criteria),
        "comparison": recovery[0]["name"] if recovery else "",
        "examined": [
            _of(endpoint, "name", "label", "lower_is_better")
            for endpoint in settings["endpoints"]
            if endpoint["name"] in examined or not examined
        ],
    }


def _endpoints(settings: Config) -> tuple[list[Config], list[Config]]:
    """AIS grades, and all others."""
    shown = [_of(item, "name", "label", "instrument", "scale") for item in settings["endpoints"]]
    grades = [item for item in shown if item["scale"] == GRADE_SCALE]
    return grades, [item for item in shown if item not in grades]


def _ends(settings: Config, endpoint: str) -> list[str]:
    """Baseline and time point of an endpoint."""
    found = next(item for item in settings["endpoints"] if item["name"] == endpoint)
    return [found["baseline"], found["time_point"]]


def _named(visits: list[Config], names: list[str]) -> list[Config]:
    return [visit for name in names for visit in visits if visit["name"] == name]


def _of(entry: Config, *keys: str) -> Config:
    return {key: entry[key] for key in keys}
