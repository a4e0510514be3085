"""What each figure is told of a study: the few things that it shows, and no others.

A figure is drawn again where one of them changes. The rule passes them as plain values
(``Part.plain``); the script that draws makes types of them again at its first line.
"""

from owncontrol.study.base import Items, Number, Pair, Part, Weeks
from owncontrol.study.design import PATIENTS, SubjectWords
from owncontrol.study.measures import Kind
from owncontrol.study.natural_recovery import Primary
from owncontrol.study.visits import AnyClock, StudyClock, VisitClock


class ShownVisit(Part):
    """A visit by its name and its label."""

    name: str
    label: str


class PlannedVisit(Part):
    """When a visit is planned: days from day 0 of its clock."""

    name: str
    clock: VisitClock
    day: int | None = None


class ShownEndpoint(Part):
    """An endpoint by its name and its label, where its scores are, and of what kind they are."""

    name: str
    label: str
    instrument: str
    scale: str
    kind: Kind


class ExaminedEndpoint(Part):
    """An endpoint whose main result is compared with that of other choices."""

    name: str
    label: str
    lower_is_better: bool
    kind: Kind
    unit: str


class ShownCriterion(Part):
    """A criterion of improvement; ``domain``: the heading that it is under."""

    name: str
    label: str
    domain: str
    time_point: str


class FigureSettings(Part):
    """What every figure is told: whether the data are made up, which each figure then says.

    ``who``: what the subjects are called.
    """

    synthetic: bool
    who: SubjectWords = PATIENTS


class SeveritySettings(FigureSettings):
    """``severity``: the words that stand for grades of events, mildest first; none: numbers."""

    severity: Items[str] = ()


class VisitsSettings(FigureSettings):
    """The visits, in order."""

    visits: Items[ShownVisit]


class ClockSettings(VisitsSettings):
    """The visits with their planned days, and the clock of the study."""

    visit_days: Items[PlannedVisit]
    clock: StudyClock = "treatment"


class TimelineSettings(ClockSettings, SeveritySettings):
    """The schedule; ``onset``: what the clock called injury counts from, in a word.

    ``timeline_clock``: what the timeline counts from; ``event_clock``: what days of events do.
    """

    onset: str
    timeline_clock: AnyClock = "injury"
    event_clock: AnyClock = "injury"


class TransitionsSettings(VisitsSettings):
    """``grade``: the endpoint of AIS grades; an empty text where there is none."""

    grade: str


class ShiftSettings(FigureSettings):
    """The endpoint of AIS grades, and its baseline and time point (none without an endpoint)."""

    grade: str
    graded_visits: Items[ShownVisit]


class PairedSettings(FigureSettings):
    """All endpoints, grades first; baseline and time point of the study."""

    endpoints: Items[ShownEndpoint]
    compared_visits: Pair[ShownVisit]


class TrajectoriesSettings(ClockSettings):
    """``scores``: all endpoints but those of AIS grades.

    ``has_treatments``: whether anybody was given anything.
    """

    has_treatments: bool = True

    scores: Items[ShownEndpoint]
    baseline: str


class ChangeMapSettings(FigureSettings):
    """The visit that is compared with the baseline."""

    time_point: str


class CriteriaSettings(FigureSettings):
    """All criteria of improvement."""

    criteria: Items[ShownCriterion]


class ImprovementSettings(ClockSettings):
    """The leading criteria (figures.criteria), and weeks by which an improvement is known."""

    leading_criteria: Items[ShownCriterion]
    improved_by_weeks: Items[Weeks]


class ShownEvent(Part):
    """An event whose time is followed; ``unit``: of the times."""

    name: str
    label: str
    unit: str


class EventTimesFigureSettings(FigureSettings):
    """The events whose times are followed; ``level``: of the intervals."""

    events: Items[ShownEvent] = ()
    level: Number


class RecoverySettings(FigureSettings):
    """``comparison``: name of the main comparison with published rates; ``primary``: its level."""

    comparison: str
    primary: Primary


class SpecificationSettings(VisitsSettings):
    """The endpoints whose main results are compared with those of other choices."""

    examined: Items[ExaminedEndpoint]
    level: Number


class ShownSettings(
    TimelineSettings,
    TransitionsSettings,
    ShiftSettings,
    PairedSettings,
    TrajectoriesSettings,
    ChangeMapSettings,
    CriteriaSettings,
    ImprovementSettings,
    EventTimesFigureSettings,
    RecoverySettings,
    SpecificationSettings,
):
    """All that any figure is told."""
