"""Endpoints, their estimands, and the criteria by which a patient counts as improved."""

from typing import Literal

from pydantic import Field

from owncontrol.study.base import Items, Name, Part, Positive

Population = Literal["treated", "all", "eligible", "in_window"]
Needs = Literal["any", "all"]
Strategy = Literal[
    "treatment policy",
    "hypothetical",
    "composite",
    "while on treatment",
    "principal stratum",
    "missing data",
]

# Of the study's subjects, whatever one of them is called.
USUAL_SUMMARY = "Hodges-Lehmann estimate of the within-{one} change, exact signed-rank test (Pratt)"
YES_NO_SUMMARY = "{capital_many} with yes at both visits, exact McNemar test of the changes"


class IntercurrentEvent(Part):
    """What may happen after baseline, and how the analysis handles it."""

    event: str = Field(description="What may happen.")
    strategy: Strategy = Field(
        description="Strategy of ICH E9 (R1); missing data is no intercurrent event.",
    )
    handling: str = Field(description="What that means here.")


class EstimandDefaults(Part):
    """The estimand as far as an endpoint does not say otherwise."""

    population: Population = Field(
        default="treated",
        description=(
            "Whom it is about: treated (all who were given the treatment), all (all in the files), "
            "eligible (of the treated, all who met every entry criterion), in_window (of the "
            "treated, assessments inside the visit's window). In each, the subjects with a value "
            "at both visits. In a study without treatments all stands for treated."
        ),
    )
    summary: str | None = Field(
        default=None,
        description=(
            "What sums up the population, as the report prints it; where it is left out, the "
            "usual estimate and test of the endpoint's kind."
        ),
    )
    intercurrent_events: Items[IntercurrentEvent] = Field(
        default=(),
        description="What may happen after baseline, and how the analysis handles it (ICH E9 R1).",
    )


class ImportantDifference(Part):
    """Least improvement that counts."""

    threshold: Positive = Field(description="Least improvement, in the scale's unit, without sign.")
    source: str = Field(
        default="",
        description="Where a threshold comes from that the instrument's definition does not cite.",
    )


class Endpoint(Part):
    """One endpoint, as the configuration declares it."""

    name: Name = Field(description="Name in every table.")
    label: str = Field(description="Name in the report.")
    instrument: str = Field(
        description="Instrument: a file in workflow/instruments, or a name under `instruments`.",
    )
    scale: str | None = Field(
        default=None,
        description="Scale of the instrument; may be left out where it has one.",
    )
    family: Name = Field(
        description="Endpoints of one family are adjusted for multiplicity together (Holm).",
    )
    baseline: str | None = Field(
        default=None,
        description="Visit that its change is counted from; the study's where it is left out.",
    )
    time_point: str | None = Field(
        default=None,
        description="Visit at which its change is the main result; the study's where left out.",
    )
    population: Population | None = Field(
        default=None,
        description="Whom it is about; the default's where it is left out.",
    )
    summary: str | None = Field(
        default=None,
        description="What sums up the population; the default's where it is left out.",
    )
    intercurrent_events: Items[IntercurrentEvent] | None = Field(
        default=None,
        description="Intercurrent events; the defaults' where they are left out.",
    )
    important_difference: ImportantDifference | None = Field(
        default=None,
        description=(
            "Least improvement that counts. Without a source it is one of the thresholds that "
            "the instrument's definition cites."
        ),
    )


class Responder(Part):
    """A criterion by which a patient counts as improved."""

    name: Name = Field(description="Name in every table.")
    label: str = Field(description="Name in the report.")
    of: Items[str] = Field(
        description=(
            "Endpoints whose important difference has to be reached, or criteria defined above."
        ),
        min_length=1,
    )
    needs: Needs = Field(
        default="any",
        description="Whether any or all of them have to be reached.",
    )
