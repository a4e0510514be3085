"""All figures of the report, in its order: what each reads, is told, and which studies have it.

The module of a figure is ``owncontrol.figures.<name>``; its ``make_figure`` makes it. It is named
here, and not imported, so that an edit of one figure's module redraws that figure alone.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from owncontrol.figures.settings import (
    ChangeMapSettings,
    CriteriaSettings,
    EventTimesFigureSettings,
    FigureSettings,
    ImprovementSettings,
    PairedSettings,
    RecoverySettings,
    SeveritySettings,
    ShiftSettings,
    SpecificationSettings,
    TimelineSettings,
    TrajectoriesSettings,
    TransitionsSettings,
    VisitsSettings,
)
from owncontrol.study.design import SubjectWords

PACKAGE = "owncontrol.figures"
# Inputs that are not a fixed file of the results: workflow/rules/common.smk says which they are.
SCORES, INSTRUMENTS = "scores", "instruments"
ADVERSE_EVENTS, TREATMENTS = "adverse_events", "treatments"
CHANGE = {"estimates": "statistics/change.csv"}
RESPONDERS = {"estimates": "statistics/responders.csv"}
COURSES = {"scores": SCORES, **CHANGE, "instruments": INSTRUMENTS}


@dataclass(frozen=True)
class FigureEntry:
    """One figure.

    ``inputs``: by the name that ``make_figure`` knows it by, a file below results/<study>/ or one
    of the words above. ``settings``: all that the figure is told of the study, so that it is
    redrawn for nothing else. ``title``: with ``{one}`` for what a subject is called. ``needs``:
    what a study must have, of ``what_study_has``. ``category``: in Snakemake's own report.
    """

    name: str
    category: str
    title: str
    inputs: dict[str, str] = field(default_factory=dict)
    settings: type[FigureSettings] = FigureSettings
    needs: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The module that makes the figure, by its import path."""
        return f"{PACKAGE}.{self.name}"

    def called(self, who: SubjectWords) -> str:
        """Its title in a study whose subjects are called ``who``."""
        return who.within(self.title)


def _of_recovery(name: str, title: str) -> FigureEntry:
    return FigureEntry(
        name,
        "Natural recovery",
        title,
        inputs={"estimates": "statistics/natural_recovery.csv"},
        settings=RecoverySettings,
        needs=("natural recovery",),
    )


FIGURES = (
    FigureEntry(
        "subject_flow",
        "Data",
        "Subject flow",
        inputs={
            "flow_subjects": "cleaned/flow_subjects.csv",
            "flow": "cleaned/flow.csv",
            "flow_cells": "cleaned/flow_cells.csv",
            "instruments": INSTRUMENTS,
        },
        settings=VisitsSettings,
    ),
    FigureEntry(
        "timeline",
        "Subjects",
        "Timeline of each {one}",
        inputs={
            "subjects": "cleaned/subjects.csv",
            "treatments": TREATMENTS,
            "adverse_events": ADVERSE_EVENTS,
            "scores": SCORES,
        },
        settings=TimelineSettings,
        needs=("timeline",),
    ),
    FigureEntry(
        "ais_transitions",
        "Change",
        "AIS grades over the visits",
        inputs=CHANGE,
        settings=TransitionsSettings,
        needs=("grades",),
    ),
    FigureEntry(
        "ais_shift",
        "Change",
        "AIS shift table",
        inputs=CHANGE,
        settings=ShiftSettings,
        needs=("grades", "change"),
    ),
    FigureEntry(
        "paired_change",
        "Change",
        "Before and after",
        inputs=COURSES,
        settings=PairedSettings,
        needs=("change",),
    ),
    FigureEntry(
        "trajectories",
        "Change",
        "Course of each {one}",
        inputs=COURSES,
        settings=TrajectoriesSettings,
        needs=("scores", "days"),
    ),
    FigureEntry(
        "change_map",
        "Change",
        "Change map",
        inputs=CHANGE,
        settings=ChangeMapSettings,
        needs=("exam cells", "change"),
    ),
    FigureEntry(
        "responders",
        "Responders",
        "Responders by domain",
        inputs=RESPONDERS,
        settings=CriteriaSettings,
        needs=("criteria",),
    ),
    FigureEntry(
        "time_to_improvement",
        "Responders",
        "Time to improvement",
        inputs=RESPONDERS,
        settings=ImprovementSettings,
        needs=("criteria", "course"),
    ),
    FigureEntry(
        "event_times",
        "Time to an event",
        "Time to an event",
        inputs={"estimates": "statistics/event_times.csv"},
        settings=EventTimesFigureSettings,
        needs=("event times",),
    ),
    _of_recovery("verdict", "Improved beside expected"),
    _of_recovery("natural_recovery", "p over published rates"),
    FigureEntry(
        "specification_curve",
        "Sensitivity",
        "Specification curve",
        inputs={"estimates": "statistics/sensitivity.csv"},
        settings=SpecificationSettings,
        needs=("change", "sizes of changes"),
    ),
    FigureEntry(
        "adverse_events",
        "Adverse events",
        "Adverse events by class",
        inputs={"estimates": "statistics/adverse_events.csv"},
        settings=SeveritySettings,
        needs=("adverse events",),
    ),
    FigureEntry(
        "recorded_grades",
        "Data",
        "Recorded and computed AIS",
        inputs={"estimates": "statistics/data_quality.csv"},
        needs=("grades", "exam cells"),
    ),
)


def title_of(name: str, who: SubjectWords) -> str:
    """The title of a figure; ``who``: what the subjects are called."""
    return next(entry for entry in FIGURES if entry.name == name).called(who)


def figures_for(has: Collection[str]) -> dict[str, FigureEntry]:
    """The figures of a study by name, in the order of the report; ``has``: ``what_study_has``."""
    return {entry.name: entry for entry in FIGURES if set(entry.needs) <= set(has)}
