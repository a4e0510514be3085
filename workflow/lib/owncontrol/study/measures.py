"""Instruments of one study alone: a measure in a few words, as a definition like the library's."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from owncontrol.study.base import Different, Name, NotEmpty, Number, Part

SCALE = "value"  # the one scale of a measure
AS_RECORDED = "as the study recorded it"
Kind = Literal["rated_scale", "sum", "measurement", "count", "yes_no"]
POINTS = ("point", "points", "score", "scores", "grade", "grades")  # units of ratings


class Measure(Part):
    """A measure of the study: one number (or word) at each visit, or the sum of several."""

    label: NotEmpty = Field(description="Name in the report.")
    kind: Kind | None = Field(
        default=None,
        description=(
            "rated_scale: a rating, a number from `minimum` to `maximum` in steps (of 1 where "
            "the kind is named, the ends too and `step` is not); sum: of `items`; measurement: "
            "any number, described by mean and SD and a paired t-test too; count: whole numbers "
            "from 0; yes_no: the words yes and no (`recode` maps others to them), described by "
            "number and percentage and McNemar's test. Left out, it is a sum where there are "
            "items, a rated scale where a `step` is declared or the unit is points, and else a "
            "measurement. A time to an event has no baseline, and is one of `event_times`."
        ),
    )
    direction: Literal["higher_is_better", "lower_is_better"] = Field(
        description="Which way is better.",
    )
    unit: NotEmpty = Field(default="point", description="What one step counts, or the unit.")
    items: Different[Name] = Field(
        default=(),
        description="Of a sum the columns that it adds up; none of them may be missing.",
    )
    minimum: Number | None = Field(default=None, description="Lowest possible value.")
    maximum: Number | None = Field(default=None, description="Highest possible value.")
    step: Number | None = Field(
        default=None,
        description="Smallest difference that it is recorded with; left out, any number is read.",
    )
    words: Different[NotEmpty] = Field(
        default=(),
        description=(
            "Of a rating in words (poor, fair, good) these, the lowest first; it has no unit, "
            "minimum, maximum or step."
        ),
    )
    source: NotEmpty = Field(
        default=AS_RECORDED,
        description="Publication that defines the measure.",
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.kind_of == "sum") != bool(self.items):
            raise ValueError("items and kind: sum go together")
        if self.step is not None and self.step <= 0:
            raise ValueError("a step is above 0")
        limits = (self.minimum, self.maximum, self.step)
        if self.kind == "yes_no" and limits != (None, None, None):
            raise ValueError("a yes_no has no minimum, maximum or step")
        if self.words and (limits != (None, None, None) or self.kind_of != "rated_scale"):
            raise ValueError("words are those of a rated_scale without minimum, maximum and step")
        if len(self.words) == 1:
            raise ValueError("words: at least two")
        return self

    @property
    def kind_of(self) -> Kind:
        """The kind as declared, or as the rest of the declaration says."""
        if self.kind is not None:
            return self.kind
        if self.items:
            return "sum"
        is_rated = bool(self.words) or self.step is not None or self.unit.casefold() in POINTS
        return "rated_scale" if is_rated else "measurement"

    def definition(self, name: str) -> dict[str, Any]:
        """What a file of the library would hold for the instrument ``name``."""
        items = self.items or (name,)
        limits = self._range()
        scale: dict[str, Any] = {
            "name": SCALE,
            "label": self.label,
            "kind": "sum" if self.items else "item",
            "items": list(items),
            "direction": self.direction,
            "unit": "answer" if self.kind == "yes_no" else "grade" if self.words else self.unit,
        }
        if self.kind == "yes_no":
            values: dict[str, Any] = {"values": ["no", "yes"], "rank_from": 0}
            scale |= {"minimum": 0, "maximum": 1, "resolution": 1}
        elif self.words:
            values = {"values": list(self.words), "rank_from": 1}
            scale |= {"minimum": 1, "maximum": len(self.words), "resolution": 1}
        else:
            values = {"range": limits}
            ends = {key: limits[key] for key in ("minimum", "maximum") if key in limits}
            scale |= {key: end * len(items) for key, end in ends.items()}
            scale |= {"resolution": limits["step"]} if "step" in limits else {}
        return {
            "name": name,
            "label": self.label,
            "edition": AS_RECORDED,
            "source": self.source,
            "missing": {"rule": "require_all", "source": "nothing stands for a missing value"},
            "value_sets": {"values": values},
            "items": [
                {"name": item, "label": self._item_label(item), "values": "values"}
                for item in items
            ],
            "scales": [scale],
        }

    def _item_label(self, item: str) -> str:
        return item.replace("_", " ") if self.items else self.label

    def _range(self) -> dict[str, Number]:
        limits = {"minimum": self.minimum, "maximum": self.maximum, "step": self.step}
        is_bounded = None not in (self.minimum, self.maximum)
        if self.kind == "rated_scale" and is_bounded and self.step is None:
            limits["step"] = 1
        if self.kind == "count" and self.minimum is None:
            limits["minimum"] = 0
        if self.kind == "count" and self.step is None:
            limits["step"] = 1
        return {key: value for key, value in limits.items() if value is not None}
