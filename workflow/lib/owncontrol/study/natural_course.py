"""The comparison of scores with a published course without the treatment."""

from pydantic import Field, model_validator

from owncontrol.study.base import FrozenMapping, NotEmpty, Number, Part

SCALE = r"^([a-z0-9_]+\.[a-z0-9_]+)?$"


class Correlations(Part):
    """How strongly a person's scores on two days are taken to be correlated."""

    main: Number = Field(
        default=0.87,
        description=(
            "The one of the main result. 0.87 fits the paired changes after spinal cord injury of "
            "Kirshblum et al. 2022 and the standard deviations of the Sygen trial."
        ),
        ge=0,
        lt=1,
    )
    low: Number = Field(default=0.5, description="The lowest that is shown.", ge=0, lt=1)
    high: Number = Field(default=0.9, description="The highest that is shown.", ge=0, lt=1)

    @model_validator(mode="after")
    def _in_order(self) -> "Correlations":
        if not self.low <= self.main <= self.high:
            raise ValueError("low, main and high must be in order")
        return self


class Walking(Part):
    """Who walks at the time point, beside published rules for walking after an ISNCSCI exam."""

    outcome: str = Field(
        description=(
            "Scale of walking as instrument.scale (scim3.mob_indoors). The rules are those of van "
            "Middendorp et al. 2011 and Hicks et al. 2017, for walking indoors without help."
        ),
        pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$",
    )
    at_least: Number = Field(description="The lowest value of a patient who walks alone (4 there).")


class NaturalCourse(Part):
    """The comparison of scores with a published course."""

    table: NotEmpty = Field(
        description=(
            "Published courses (see data/reference), in a folder with a MANIFEST; relative to the "
            "working folder, or else to the project."
        ),
    )
    grade: str = Field(
        default="",
        description=(
            "Scale of grades as instrument.scale (isncsci.asia_impairment_scale): a patient's "
            "expected change is that of the grade at baseline. Empty where the table has no grades."
        ),
        pattern=SCALE,
    )
    level: str = Field(
        default="",
        description=(
            "Level of the injury of all patients, as the table writes it (tetraplegia). Empty "
            "where level_from gives it, or the table has no levels."
        ),
    )
    level_from: str = Field(
        default="",
        description=(
            "Scale of the level of the injury as instrument.scale, from which each patient's group "
            "at baseline comes."
        ),
        pattern=SCALE,
    )
    level_groups: FrozenMapping[str, str] = Field(
        default=FrozenMapping(
            {"C": "tetraplegia", "T": "paraplegia", "L": "paraplegia", "S": "paraplegia"}
        ),
        description="Group by the first letter of a level of that scale.",
    )
    correlations: Correlations = Field(
        default=Correlations(),
        description="Correlation between two exams of a person, with the range that is shown.",
    )

    walking: Walking | None = Field(
        default=None,
        description=(
            "Who walks, compared with published rules for walking one year after the injury. Left "
            "out where the study has no ISNCSCI exams or no scale of walking."
        ),
    )

    @model_validator(mode="after")
    def _one_level(self) -> "NaturalCourse":
        if self.level and self.level_from:
            raise ValueError("either level or level_from")
        return self

    @property
    def scales(self) -> set[tuple[str, str]]:
        """Instrument and scale of grade, level and walking, as far as they are given."""
        walking = self.walking.outcome if self.walking else ""
        named = filter(None, (self.grade, self.level_from, walking))
        return {(name.split(".")[0], name.split(".")[1]) for name in named}
