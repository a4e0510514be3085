"""The analysis plan, and the choices that are varied in the sensitivity analysis."""

from pydantic import Field

from owncontrol.study.base import Items, Part
from owncontrol.study.endpoints import Population


class Plan(Part):
    """The analysis plan; without version and date there is none."""

    version: str = Field(
        description="Version of the plan; empty, as the date and the endpoints then are, for none.",
    )
    date: str = Field(
        description='Date of the plan, in quotes ("2019-01-31").',
        pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$",
    )
    endpoints: Items[str] = Field(
        description="Names of the endpoints, responders and comparisons that the plan declares.",
    )


class Sensitivity(Part):
    """The choices that the main results are checked against."""

    endpoints: Items[str] = Field(
        default=(),
        description="Endpoints; all of them where it is left out.",
    )
    baselines: Items[str] = Field(
        default=(),
        description="Baseline visits; each endpoint's own where it is left out.",
    )
    time_points: Items[str] = Field(
        default=(),
        description="Visits; each endpoint's own where it is left out.",
    )
    populations: Items[Population] = Field(
        default=("treated",),
        description="Analysis sets (see estimand_defaults.population).",
    )
