"""The comparison with published rates of recovery."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from owncontrol.study.base import Days, FrozenMapping, Items, Name, NotEmpty, Number, Part, Whole
from owncontrol.study.visits import Clock

Grades = Annotated[Whole, Field(json_schema_extra={"unit": "grades"})]
NEAREST = ("clock", "day", "within")
ONE_OF: dict[str, Any] = {
    "oneOf": [
        {"required": ["visit"], "not": {"anyOf": [{"required": [key]} for key in NEAREST]}},
        {"required": list(NEAREST), "not": {"required": ["visit"]}},
    ]
}


class Exam(Part):
    """An exam: a visit of the schedule, or the exam nearest to a day."""

    model_config = ConfigDict(json_schema_extra=ONE_OF)

    visit: str | None = Field(default=None, description="Visit of the schedule.")
    clock: Clock | None = Field(default=None, description="What the day counts from.")
    day: Days | None = Field(
        default=None,
        description="The day; of several exams the nearest counts, of two the earlier.",
    )
    within: Days | None = Field(
        default=None,
        description="How many days the exam may be away from it.",
    )

    @model_validator(mode="after")
    def _visit_or_day(self) -> Self:
        given = sum(getattr(self, key) is not None for key in NEAREST)
        if given != (0 if self.visit is not None else len(NEAREST)):
            raise ValueError("either a visit, or clock, day and within")
        return self


class Comparison(Part):
    """One comparison with published rates."""

    name: Name = Field(description="Name in every table.")
    label: str = Field(description="Name in the report.")
    baseline: Exam = Field(
        description="An exam; a visit of the schedule, or the exam nearest to a day.",
    )
    follow_up: Exam = Field(
        description="An exam; a visit of the schedule, or the exam nearest to a day.",
    )
    gain: FrozenMapping[str, Grades] = Field(
        default=FrozenMapping(),
        description="Grades that a patient of a baseline grade has to gain, where not one.",
    )
    benchmark: FrozenMapping[str, str] = Field(
        default=FrozenMapping(),
        description="Source of a grade's main rate, where not the one above.",
    )


class Eligible(Part):
    """Which published rates are combined, and how."""

    level: str = Field(
        default="",
        description=(
            "Level of the injury of the study's patients, as the table writes it (cervical). A "
            "source of another level does not enter; one of mixed levels does."
        ),
    )
    exam_by: Days = Field(
        default=30,
        description="Latest day from onset on which a source may have made its baseline exams.",
    )
    follow_up_from: Days = Field(
        default=150,
        description="Earliest day from onset on which a source may have counted improvement.",
    )
    tau2: Literal["DL", "REML", "PM"] = Field(
        default="DL",
        description=(
            "Estimate of the variance between sources: DerSimonian and Laird, restricted maximum "
            "likelihood, Paule and Mandel."
        ),
    )
    test: Literal["z", "knha"] = Field(
        default="z",
        description="Quantiles of the intervals: normal, or those of Knapp and Hartung.",
    )


class Primary(Part):
    """The comparison that the verdict is about."""

    comparison: str = Field(
        default="", description="Name of the comparison; the first one where it is left out."
    )
    grades: Items[str] = Field(
        default=(),
        description="Grades at baseline, in order; all grades of the endpoint where left out.",
    )
    alpha: Number = Field(
        default=0.025,
        description=(
            "Chance of a wrong verdict in each direction (more, fewer) where the treatment does "
            "nothing. It does not follow `level`."
        ),
        gt=0,
        lt=0.5,
    )
    looks: Items[Annotated[Whole, Field(ge=1)]] = Field(
        default=(),
        description=(
            "Numbers of judged patients at which the verdict is looked at, growing; the last is "
            "the planned end. Each look is tested at a share of `alpha`, so that all together are "
            "wrong no more often than it says. A run belongs to the first look that its patients "
            "do not exceed. Left out: one look."
        ),
        max_length=20,
    )
    spending: Literal["obrien_fleming", "pocock"] = Field(
        default="obrien_fleming",
        description=(
            "How `alpha` is shared out among the looks (Lan and DeMets 1983): obrien_fleming "
            "spends little early, pocock about the same at each."
        ),
    )
    death: Literal["not improved", "left out"] = Field(
        default="not improved",
        description=(
            "What becomes of a patient with the baseline exam who died after the treatment without "
            "a follow-up exam, by the adverse events: counted as not improved (the composite "
            "strategy of ICH E9 R1), or left out as one whose exam is missing. The report says "
            "how many there are, and the verdict by the other choice."
        ),
    )
    power: Number = Field(
        default=0.8,
        description="Power for which the report says what rate could have been shown.",
        gt=0.5,
        lt=1,
    )

    @model_validator(mode="after")
    def _looks_grow(self) -> Self:
        if list(self.looks) != sorted(set(self.looks)):
            raise ValueError("looks: numbers of patients that grow from look to look")
        return self

    def look(self, patients: int) -> int:
        """Which of the declared looks (from 1) a verdict on so many patients is; 1 without any."""
        later = [number for number, most in enumerate(self.looks, 1) if patients <= most]
        return later[0] if later else max(len(self.looks), 1)


Chance = Annotated[Number, Field(ge=0, lt=1)]


class Misrated(Part):
    """How often ratings of grades are known to be wrong by one, by the grade that was rated."""

    too_high: FrozenMapping[str, Chance] = Field(
        default=FrozenMapping(),
        description="Share of the exams rated with a grade that were one grade worse.",
    )
    too_low: FrozenMapping[str, Chance] = Field(
        default=FrozenMapping(),
        description=(
            "Share of the exams rated with a grade that were one grade better (B for C, A for B)."
        ),
    )

    @property
    def is_known(self) -> bool:
        """Whether anything is known of misclassification."""
        return bool(self.too_high or self.too_low)

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        for grade, share in self.too_high.items():
            if share + self.too_low.get(grade, 0) > 1:
                raise ValueError(f"grade {grade}: too_high and too_low are more than all exams")
        return self


class Trial(Part):
    """The controlled trial whose size is simulated."""

    power: Number = Field(default=0.8, description="Power that it shall have.", gt=0.5, lt=1)
    replicates: Whole = Field(default=4000, description="Simulated trials for each size.")
    most_per_arm: Whole = Field(default=1000, description="Largest arm that is tried.")
    seed: Whole = Field(default=1, description="Seed of the simulation.")


class NaturalRecovery(Part):
    """The comparison with published rates."""

    table: NotEmpty = Field(
        description=(
            "Published rates (see data/reference), in a folder with a MANIFEST; relative to the "
            "working folder, or else to the project."
        ),
    )
    endpoint: str = Field(
        description=(
            "Endpoint of grades; a published rate is compared within its grade at baseline."
        ),
    )
    benchmark: str = Field(
        description="Source in the table whose rate is the main comparison of each grade.",
    )
    eligible: Eligible = Field(
        default=Eligible(),
        description=(
            "Which published rates are combined into one distribution, of each registry one. "
            "`benchmark` is a single source, compared beside it."
        ),
    )
    primary: Primary = Field(
        default=Primary(),
        description="The comparison that the verdict on page one is about, and its error.",
    )
    misrated: Misrated = Field(
        default=Misrated(),
        description=(
            "Known misclassification of grades; the report says what it does to the verdict. "
            "Left out where nothing is known of it."
        ),
    )
    exam_days: Items[Days] = Field(
        default=(14, 28, 56),
        description="Days from injury that part the patients by the day of their baseline exam.",
    )
    function: str = Field(
        default="",
        description="Endpoint of function that is compared with the motor endpoint (learning).",
    )
    motor: str = Field(
        default="",
        description="Motor endpoint that the endpoint of function is compared with.",
    )
    comparisons: Items[Comparison] = Field(
        description="What is compared; the first is the main one.",
        min_length=1,
    )
    trial: Trial = Field(
        default=Trial(),
        description=(
            "The controlled trial whose size is simulated, with the rates of the first comparison."
        ),
    )

    @property
    def primary_comparison(self) -> Comparison:
        """The comparison that the verdict is about."""
        name = self.primary.comparison or self.comparisons[0].name
        return next(item for item in self.comparisons if item.name == name)
