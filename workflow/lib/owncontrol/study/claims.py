"""Claims, each with a criterion that was fixed beforehand."""

from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from owncontrol.study.base import Items, Number, Part
from owncontrol.study.endpoints import Needs

BOUNDS = ("above", "below", "at_least", "at_most")
ONE_OF: dict[str, Any] = {"oneOf": [{"required": [bound]} for bound in BOUNDS]}


class Condition(Part):
    """One number of a criterion, and the one bound that it has to keep."""

    model_config = ConfigDict(json_schema_extra=ONE_OF)

    estimate: str = Field(description="estimate_id of the number.")
    field: Literal["value", "lower", "upper", "p", "p_adjusted", "n", "events"] = Field(
        default="value",
        description="Which number of the estimate.",
    )
    above: Number | None = Field(default=None, description="It has to be larger than this.")
    below: Number | None = Field(default=None, description="It has to be smaller than this.")
    at_least: Number | None = Field(default=None, description="It has to be this or larger.")
    at_most: Number | None = Field(default=None, description="It has to be this or smaller.")

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if sum(getattr(self, bound) is not None for bound in BOUNDS) != 1:
            raise ValueError(f"exactly one of {', '.join(BOUNDS)}")
        return self


class Claim(Part):
    """A claim that is checked against the results."""

    id: str = Field(description="Short name.", pattern="^[A-Za-z0-9]+$")
    claim: str = Field(description="The claim in one sentence.")
    criterion: str = Field(description="What the results must show for it, in words.")
    needs: Needs = Field(
        default="all",
        description="Whether any or all of the conditions have to hold.",
    )
    conditions: Items[Condition] = Field(
        default=(),
        description=(
            "The criterion in numbers. A claim without conditions, or whose estimates do not "
            "exist or are not estimable, cannot be tested."
        ),
    )
    numbers: Items[str] = Field(
        default=(),
        description="Further estimate_ids that the report prints with the claim.",
    )
    cannot_be_tested: str = Field(
        default="",
        description="Why this design cannot test the claim, whatever the numbers.",
    )
    remark: str = Field(
        default="",
        description="What follows from the verdict, or what it leaves open.",
    )
