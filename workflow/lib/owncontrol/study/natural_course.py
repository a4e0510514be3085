"""The comparison of scores with a published course without the treatment."""

from pydantic import Field, model_validator

from owncontrol.study.base import NotEmpty, Number, Part


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
    correlations: Correlations = Field(
        default=Correlations(),
        description="Correlation between two exams of a person, with the range that is shown.",
    )
