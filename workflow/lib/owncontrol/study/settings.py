"""What the analyses and the report are given: the study with every endpoint complete."""

from owncontrol.study.base import Items, Number, Part
from owncontrol.study.endpoints import Endpoint, ImportantDifference, IntercurrentEvent, Population
from owncontrol.study.measures import Kind
from owncontrol.study.model import Study
from owncontrol.study.visits import Clock


class ChosenDifference(ImportantDifference):
    """The least improvement that counts, with where it is from.

    ``kind``: what the source calls it; ``declared`` where the configuration names the source.
    ``population``: whom the source studied.
    """

    kind: str
    population: str


class CompleteEndpoint(Endpoint):
    """An endpoint with its defaults, the facts of its scale, and whether the plan declares it.

    ``instrument_label``: its instrument as people call it. ``kind``: what its values are, which
    decides on the statistics that describe them. ``minimum``, ``maximum`` and ``resolution`` in
    ``unit``, not set where the scale has no end, the resolution 0 where it has no smallest step.
    ``grades``: texts of the grades in order, for a scale of grades. ``names``: those of the steps
    of a scale from its minimum on, where they are no plain numbers.
    """

    instrument_label: str
    scale: str
    kind: Kind
    baseline: str
    time_point: str
    population: Population
    summary: str
    intercurrent_events: Items[IntercurrentEvent]
    important_difference: ChosenDifference | None = None
    declared: bool
    lower_is_better: bool
    minimum: Number | None = None
    maximum: Number | None = None
    resolution: Number
    unit: str
    grades: Items[str]
    names: Items[str] = ()


class RecordedInstrument(Part):
    """An instrument of which the study has scores without items.

    ``scales``: labels of the scores that the files have; ``summed``: of those that are sums of
    them.
    """

    instrument: str
    label: str
    scales: Items[str]
    summed: Items[str]


class AnalysisSettings(Study):
    """A study as the analyses read it.

    ``post_hoc``: what the plan does not declare; ``undefined``: what it declares and the study does
    not define; ``clocks``: on which of them days are known.
    """

    endpoints: Items[CompleteEndpoint]
    post_hoc: Items[str]
    undefined: Items[str]
    clocks: Items[Clock]
    recorded: Items[RecordedInstrument]
