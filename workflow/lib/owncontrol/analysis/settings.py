"""What each analysis notebook is told of a study: the few keys that it reads, and no others.

A notebook is run again where one of them changes. The rule passes them as plain values
(``Part.plain``); the notebook makes types of them in its set-up cell.
"""

from owncontrol.study.base import Items, Number, Part, Weeks
from owncontrol.study.claims import Claim
from owncontrol.study.endpoints import Responder
from owncontrol.study.natural_recovery import NaturalRecovery
from owncontrol.study.plan import Sensitivity
from owncontrol.study.settings import CompleteEndpoint
from owncontrol.study.subjects import Characteristic
from owncontrol.study.visits import Visit


class PatientsSettings(Part):
    """Who the subjects are, and when they are seen."""

    characteristics: Items[Characteristic]
    visits: Items[Visit]


class AdverseEventsSettings(Part):
    """Who the subjects are; ``level``: confidence level of all intervals."""

    characteristics: Items[Characteristic]
    level: Number


class EstimandSettings(PatientsSettings):
    """The estimands; ``post_hoc``: what the plan does not declare."""

    endpoints: Items[CompleteEndpoint]
    post_hoc: Items[str]
    baseline: str
    time_point: str
    level: Number

    @property
    def scales(self) -> set[tuple[str, str]]:
        """Instrument and scale of each endpoint."""
        return {(endpoint.instrument, endpoint.scale) for endpoint in self.endpoints}


class ChangeSettings(EstimandSettings):
    """The estimands; ``undefined``: what the plan declares and the study does not define."""

    undefined: Items[str]


class RespondersSettings(EstimandSettings):
    """The estimands, and the criteria by which a subject counts as improved."""

    responders: Items[Responder]
    improved_by_weeks: Items[Weeks]


class SensitivitySettings(EstimandSettings):
    """The estimands, and the choices that they are held against."""

    sensitivity: Sensitivity


class RecoverySettings(EstimandSettings):
    """The estimands, and the comparisons with published rates."""

    natural_recovery: NaturalRecovery


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
