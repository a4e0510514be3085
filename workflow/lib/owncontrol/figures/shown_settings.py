"""What the figures are told of a study, and which of them it has anything for."""

from collections.abc import Collection, Sequence

from owncontrol.figures.catalogue import figures_for
from owncontrol.figures.criteria import leading_criteria, shown_criteria
from owncontrol.figures.settings import (
    ExaminedEndpoint,
    PlannedVisit,
    ShownEndpoint,
    ShownEvent,
    ShownSettings,
    ShownVisit,
)
from owncontrol.study.clocks import DATED
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.instruments import has_exam_cells
from owncontrol.study.model import Study
from owncontrol.study.natural_recovery import Primary
from owncontrol.study.settings import AnalysisSettings
from owncontrol.study.visits import AnyClock

GRADE_SCALE = "asia_impairment_scale"


def what_study_has(
    settings: AnalysisSettings, tables: Collection[str], exam_cells: bool
) -> set[str]:
    """What there is to draw, in the words that the catalogue's ``needs`` are written in.

    ``tables``: that are mapped. ``exam_cells``: whether the cells of the exams are there, and not
    only the grades that came of them.
    """
    grades, scores = _endpoints(settings)
    found = {
        # One whose time point is the baseline has no change.
        "change": settings.time_point != settings.baseline,
        "grades": bool(grades),
        "scores": bool(_courses(scores)),
        "sizes of changes": bool(_examined(settings)),
        "criteria": bool(shown_criteria(settings)),
        # Days of assessments, whatever they count from; those of the study's clock.
        "days": bool(settings.clocks) or settings.clock != "treatment",
        "course": settings.clock != "treatment" or "treatment" in settings.clocks,
        "timeline": timeline_clock(settings) != "treatment" or "treatment" in settings.clocks,
        "exam cells": exam_cells,
        "adverse events": "adverse_events" in tables,
        "event times": bool(settings.event_times),
        "natural recovery": settings.natural_recovery is not None,
    }
    return {name for name, there in found.items() if there}


def figure_names(study: Study) -> list[str]:
    """The figures that a study has, in the order of the report."""
    tables = {table for _, table, _ in study.mappings}
    return list(
        figures_for(what_study_has(analysis_settings(study), tables, has_exam_cells(study)))
    )


def shown_settings(settings: AnalysisSettings) -> ShownSettings:
    """All that any figure is told; of each visit and endpoint only what is shown."""
    grades, scores = _endpoints(settings)
    criteria = shown_criteria(settings)
    visits = tuple(ShownVisit.taken_from(visit) for visit in settings.visits)
    before, after = _named(visits, [settings.baseline, settings.time_point])
    recovery = settings.natural_recovery
    return ShownSettings(
        synthetic=settings.synthetic,
        who=settings.design.called,
        visits=visits,
        visit_days=tuple(PlannedVisit.taken_from(visit) for visit in settings.visits),
        onset=settings.onset,
        clock=settings.clock,
        timeline_clock=timeline_clock(settings),
        event_clock=settings.event_clock,
        has_treatments=settings.has_treatments,
        severity=settings.severity,
        baseline=settings.baseline,
        time_point=settings.time_point,
        compared_visits=(before, after),
        level=settings.level,
        endpoints=(*grades, *scores),
        scores=_courses(scores),
        grade=grades[0].name if grades else "",
        graded_visits=_named(visits, _ends(settings, grades[0].name)) if grades else (),
        criteria=criteria,
        leading_criteria=leading_criteria(criteria),
        improved_by_weeks=settings.improved_by_weeks,
        events=_events(settings),
        comparison=recovery.primary_comparison.name if recovery else "",
        primary=recovery.primary if recovery else Primary(),
        examined=_examined(settings),
    )


def _events(settings: AnalysisSettings) -> tuple[ShownEvent, ...]:
    """The events whose times are followed, each with the unit of its column of times."""
    units = {item.name: item.unit for item in settings.characteristics}
    return tuple(
        ShownEvent(name=event.name, label=event.label, unit=units[event.time])
        for event in settings.event_times
    )


def _courses(scores: Sequence[ShownEndpoint]) -> tuple[ShownEndpoint, ...]:
    """Those whose course is a line with a median: not the ones of yes and no."""
    return tuple(item for item in scores if item.kind != "yes_no")


def _examined(settings: AnalysisSettings) -> tuple[ExaminedEndpoint, ...]:
    """The endpoints of the sensitivity analysis: those named, or all whose change has a size."""
    named = settings.sensitivity.endpoints
    return tuple(
        ExaminedEndpoint.taken_from(endpoint)
        for endpoint in settings.endpoints
        if (endpoint.name in named if named else endpoint.kind != "yes_no")
    )


def timeline_clock(settings: AnalysisSettings) -> AnyClock:
    """What the timeline counts from: the injury where days from it are known, or the clock."""
    return "injury" if "injury" in settings.clocks else settings.clock


def events_have_days(settings: AnalysisSettings) -> bool:
    """Whether days of events count on the clock of the timeline, and so can be drawn."""
    return settings.event_clock in DATED and settings.event_clock == timeline_clock(settings)


def _endpoints(
    settings: AnalysisSettings,
) -> tuple[tuple[ShownEndpoint, ...], tuple[ShownEndpoint, ...]]:
    """AIS grades, and all others."""
    shown = tuple(ShownEndpoint.taken_from(endpoint) for endpoint in settings.endpoints)
    grades = tuple(item for item in shown if item.scale == GRADE_SCALE)
    return grades, tuple(item for item in shown if item.scale != GRADE_SCALE)


def _ends(settings: AnalysisSettings, endpoint: str) -> list[str]:
    """Baseline and time point of an endpoint."""
    found = next(item for item in settings.endpoints if item.name == endpoint)
    return [found.baseline, found.time_point]


def _named(visits: Sequence[ShownVisit], names: Sequence[str]) -> tuple[ShownVisit, ...]:
    return tuple(visit for name in names for visit in visits if visit.name == name)
