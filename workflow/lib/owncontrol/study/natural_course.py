"""The comparison of scores with a published course without the treatment."""

from pydantic import Field, model_validator

from owncontrol.study.base import FrozenMapping, NotEmpty, Number, Part


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
            "Endpoint of grades: a patient's expected change is that of the grade at baseline. "
            "Empty where the table has no grades."
        ),
    )
    level: str = Field(
        default="",
        description=(
            "Level of the injury of all patients, as the table writes it (tetraplegia). Empty "
            "where level_endpoint gives it, or the table has no levels."
        ),
    )
    level_endpoint: str = Field(
        default="",
        description="Endpoint of the level of the injury, from which each patient's group comes.",
    )
    level_groups: FrozenMapping[str, str] = Field(
        default=FrozenMapping(
            {"C": "tetraplegia", "T": "paraplegia", "L": "paraplegia", "S": "paraplegia"}
        ),
        description="Group by the first letter of a level of that endpoint.",
    )
    correlations: Correlations = Field(
        default=Correlations(),
        description="Correlation between two exams of a person, with the range that is shown.",
    )

    @model_validator(mode="after")
    def _one_level(self) -> "NaturalCourse":
        if self.level and self.level_endpoint:
            raise ValueError("either level or level_endpoint")
        return self
