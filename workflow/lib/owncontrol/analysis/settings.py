"""What each analysis notebook is told of a study: the few keys that it reads, and no others.

A notebook is run again where one of them changes. The rule passes them as plain values
(``Part.plain``); the notebook makes types of them in its set-up cell.
"""

from owncontrol.study.base import Items, Number, Part, Weeks
from owncontrol.study.claims import Claim
from owncontrol.study.endpoints import Responder
from owncontrol.study.event_times import EventTime
from owncontrol.study.model import CELLS
from owncontrol.study.natural_course import NaturalCourse
from owncontrol.study.natural_recovery import NaturalRecovery
from owncontrol.study.plan import Sensitivity
from owncontrol.study.settings import CompleteEndpoint
from owncontrol.study.subjects import Characteristic
from owncontrol.study.visits import AnyClock, StudyClock, Visit


class PatientsSettings(Part):
    """Who the subjects are, and when they are seen; ``event_clock``: what days of events are."""

    characteristics: Items[Characteristic]
    visits: Items[Visit]
    has_treatments: bool = True
    event_clock: AnyClock = "injury"
    dose_unit: str = CELLS


class AdverseEventsSettings(Part):
    """Who the subjects are; ``level``: of all intervals; ``severity``: words, mildest first.

    ``event_clock``: what days of events are.
    """

    characteristics: Items[Characteristic]
    event_clock: AnyClock = "injury"
    level: Number
    severity: Items[str] = ()


class EstimandSettings(PatientsSettings):
    """The estimands; ``post_hoc``: what the plan does not declare."""

    endpoints: Items[CompleteEndpoint]
    post_hoc: Items[str]
    baseline: str
    time_point: str
    level: Number
    clock: StudyClock = "treatment"

    @property
    def scales(self) -> set[tuple[str, str]]:
        """Instrument and scale of each endpoint."""
        return {(endpoint.instrument, endpoint.scale) for endpoint in self.endpoints}


class ChangeSettings(EstimandSettings):
    """The estimands; ``undefined``: what the plan declares and the study does not define.

    ``arms``: the characteristic that says which arm a subject is of. ``onset``: what the clock
    called injury counts from.
    """

    undefined: Items[str]
    arms: str | None = None
    onset: str = "injury"
    natural_course: NaturalCourse | None = None

    @property
    def scales(self) -> set[tuple[str, str]]:
        """Instrument and scale of each endpoint, and of what the natural course depends on."""
        more = self.natural_course.scales if self.natural_course else set()
        return super().scales | more


class RespondersSettings(EstimandSettings):
    """The estimands, and the criteria by which a subject counts as improved."""

    responders: Items[Responder]
    improved_by_weeks: Items[Weeks]


class EventTimesSettings(Part):
    """The times to events, and the columns of the subjects that they are in."""

    characteristics: Items[Characteristic]
    event_times: Items[EventTime]
    post_hoc: Items[str]
    level: Number


class SensitivitySettings(EstimandSettings):
    """The estimands, and the choices that they are checked against.

    ``onset``: what the clock called injury counts from.
    """

    sensitivity: Sensitivity
    onset: str = "injury"


class RecoverySettings(EstimandSettings):
    """The estimands, and the comparisons with published rates.

    ``severity``: words for that of adverse events, mildest first.
    """

    natural_recovery: NaturalRecovery
    severity: Items[str] = ()


class PlanSettings(Part):
    """The endpoints, of which the first is the primary one, and the visits that are compared."""

    endpoints: Items[CompleteEndpoint]
    baseline: str
    time_point: str

    @property
    def compared_visits(self) -> set[str]:
        """Those of the study and those of the primary endpoint."""
        primary = self.endpoints[0]
        return {self.baseline, self.time_point, primary.baseline, primary.time_point}


class ClaimsSettings(Part):
    """The claims, and the controlled trial whose size is simulated."""

    level: Number
    claims: Items[Claim]
    natural_recovery: NaturalRecovery | None = None


class ClaimWorldsSettings(ClaimsSettings, PatientsSettings):
    """The claims, and what of the study is simulated to see how often they would be supported."""

    endpoints: Items[CompleteEndpoint]
    responders: Items[Responder]
    baseline: str
    natural_course: NaturalCourse | None = None

    @property
    def scales(self) -> set[tuple[str, str]]:
        """Instrument and scale of each endpoint, and of what the natural course depends on."""
        more = self.natural_course.scales if self.natural_course else set()
        return {(endpoint.instrument, endpoint.scale) for endpoint in self.endpoints} | more
