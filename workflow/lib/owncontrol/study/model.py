"""A study: all that its configuration says, as one value that nobody can change."""

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated

from pydantic import Field

from owncontrol.study.base import (
    FrozenMapping,
    Items,
    Name,
    NotBlank,
    NotEmpty,
    Number,
    Pair,
    Part,
    Weeks,
)
from owncontrol.study.claims import Claim
from owncontrol.study.clocks import WORDS, ClockWords
from owncontrol.study.design import Design
from owncontrol.study.endpoints import Endpoint, EstimandDefaults, Responder
from owncontrol.study.event_times import EventTime
from owncontrol.study.exclusions import Exclusion
from owncontrol.study.exports import Export
from owncontrol.study.measures import Measure
from owncontrol.study.natural_course import NaturalCourse
from owncontrol.study.natural_recovery import NaturalRecovery
from owncontrol.study.of_exports import OfExports
from owncontrol.study.plan import Plan, Sensitivity
from owncontrol.study.subjects import Characteristic, SubjectCode, SubjectId
from owncontrol.study.table_mapping import TableMapping
from owncontrol.study.visits import Clock, StudyClock, Visit

# Unit of doses where the configuration names none.
CELLS = "10^8 cells"
Day = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
# By clock, the table and the column that hold its day 0.
DAY_0: dict[Clock, tuple[str, str]] = {
    "injury": ("subjects", "injury_date"),
    "treatment": ("treatments", "treatment_start"),
}


class Study(OfExports, Part):
    """One study, from its raw exports to its report."""

    study: str = Field(
        description=(
            "Name of the study; results go to results/<study>. Small letters, digits, - and _; "
            "`make what-if` puts what-if/ before it."
        ),
        pattern="^(what-if/)?[a-z0-9][a-z0-9_-]*$",
    )
    title: NotBlank = Field(description="Title of the report.")
    question: NotBlank = Field(
        description="What was studied, in one or two sentences, as the report prints it.",
    )
    treatment: NotBlank | None = Field(
        default=None,
        description=(
            'What the subjects were given, as it is inside a sentence ("infusion of ..."). '
            "Left out in a study that has no table of treatments; the report then says nothing "
            "about any."
        ),
    )
    dose_unit: NotBlank = Field(
        default=CELLS,
        description=(
            "Unit of the doses of the treatments, as the report prints it (mg, MBq, sessions, "
            "10^6 cells). In 10^8 cells a dose lies between 0.01 and 10; in another unit any that "
            "is not negative is possible."
        ),
    )
    severity: Items[NotBlank] = Field(
        default=(),
        description=(
            "Words for the severity of adverse events, the mildest first (mild, moderate, severe); "
            "a text of the file that is one of them, in either case, is read as `grade` by its "
            "place, and the report says the words. Left out: grades 1 to 5."
        ),
        max_length=5,
    )
    onset: NotBlank = Field(
        default="injury",
        description=(
            'What the clock called injury counts from, as it is in a sentence ("injury", '
            '"infarction").'
        ),
    )
    design: Design = Field(
        default=Design(),
        description="How the study was made. The report says what is declared here, and no more.",
    )
    caution: str = Field(
        default="",
        description=(
            "What a reader has to know before any number (source, doubts), on the first page."
        ),
    )
    synthetic: bool = Field(
        description=(
            "True where the data are made up. Every figure, table and page then says SYNTHETIC."
        ),
    )
    raw: NotEmpty = Field(
        description=(
            "Folder of the raw exports with their MANIFEST, relative to the working folder."
        ),
    )
    excluded: Items[NotEmpty | Exclusion] = Field(
        default=(),
        description=(
            "What is left out of everything, each with the reason: `{subject: CODE, why: ...}` or "
            "`{row: FILE:ROW, why: ...}` (the header is row 1). A bare code or FILE:ROW is valid; "
            "the first page then says that no reason is given. Each is a finding and is in "
            "the quarantine. `make what-if` sets it."
        ),
    )
    ages_above_89: bool = Field(
        default=False,
        description=(
            "Show ages above 89 as they are. Otherwise an age of 90 or above (`age`, and numbers "
            "in years among the characteristics with a word for age in name or label) is 90 in "
            'every cleaned table and number, and shown as "90+"; entry criteria still see the '
            "age itself."
        ),
    )
    strict: bool = Field(
        default=False,
        description=(
            "Stop after cleaning at the first finding of severity error. Otherwise the run goes "
            "on without the rows and cells that were set aside."
        ),
    )
    may_be_empty: Items[NotEmpty] = Field(
        default=(),
        description=(
            "Tables of which no row may be kept, and endpoints without a patient who has a value "
            "at baseline and time point. The report then says what is not known. Any other table "
            "of which nothing is kept stops the run, and so does a primary endpoint without a "
            "pair. A study in which no adverse event was recorded names adverse_events."
        ),
    )
    period: Pair[Day] | None = Field(
        default=None,
        description=(
            "First and last day (YYYY-MM-DD) that any date of the study can have. A date outside "
            "is an error: a century or a year mistyped. Left out, any date is possible."
        ),
    )
    subject_id: SubjectId = Field(
        description="How a subject's study code is written, so that slips of the pen are found.",
    )
    subject_code: SubjectCode = Field(
        default=SubjectCode(),
        description=(
            "Keyed codes in place of the study codes, from ingest on (HMAC-SHA-256). The same "
            "key gives the same codes; without the key nobody finds the study code of a keyed "
            "one. Raw rows have other numbers in all results, in an order that the key decides; "
            "`trace --key` finds the raw rows, and FILE:ROW under `excluded` names a row as the "
            "results do. Corrections still name a subject by the study code; one that was "
            "mistyped in the raw file cannot be corrected then."
        ),
    )
    visits: Items[Visit] = Field(description="The visit schedule, in order of time.", min_length=1)
    clock: StudyClock = Field(
        default="treatment",
        description=(
            "What the days of courses and of the time to improvement count from. treatment: the "
            "subject's first treatment. baseline: the subject's own date of the baseline visit. "
            "recorded: whatever the source counts from; its days are mapped as study_day. "
            "nominal: the planned day of the visit, whenever the exam was. order: no day is "
            "known, only the order of the visits; axes then have their names at equal distances."
        ),
    )
    baseline: str = Field(description="Visit that changes are counted from.")
    time_point: str = Field(
        description="Visit at which the change from baseline is the main result.",
    )
    level: Number = Field(
        default=0.95,
        description="Confidence level of all intervals.",
        gt=0.5,
        lt=1,
    )
    characteristics: Items[Characteristic] = Field(
        default=(),
        description=(
            "Columns of the subjects table beyond the common ones (subject_id, sex, age and the "
            "dates): what Table 1 and the eligibility check show."
        ),
    )
    arms: Name | None = Field(
        default=None,
        description=(
            "Characteristic (a category) that says which arm a subject is of. The change of each "
            "endpoint is then described by arm too, side by side. Arms are never compared with "
            "each other, and the main results stay those of all subjects together."
        ),
    )
    instruments: FrozenMapping[Name, Measure] = Field(
        default=FrozenMapping(),
        description=(
            "Instruments of this study alone, beside those of workflow/instruments: by name a "
            "measure. It is a table under `tables` with a column of its name (of a sum, those of "
            "its items)."
        ),
    )
    instrument_files: FrozenMapping[Name, NotEmpty] = Field(
        default=FrozenMapping(),
        description=(
            "Set by the program: instruments of this study alone that are files, "
            "config/STUDY/NAME.yaml, in the form of those in workflow/instruments."
        ),
    )
    exports: FrozenMapping[Name, Export] = Field(
        description="The raw files, and how each maps to the canonical tables.",
        min_length=1,
    )
    corrections: str = Field(default="", description="File of corrections inside the raw folder.")
    plan: Plan = Field(
        default=Plan(version="", date="", endpoints=()),
        description=(
            "The analysis plan that was written before the data were seen. What it does not name "
            "is analysed and marked post hoc in every result and table."
        ),
    )
    estimand_defaults: EstimandDefaults = Field(
        default=EstimandDefaults(),
        description=(
            "The estimand of every endpoint, as far as the endpoint does not say otherwise."
        ),
    )
    endpoints: Items[Endpoint] = Field(
        description="What is analysed. An endpoint that is not listed is not analysed.",
        min_length=1,
    )
    responders: Items[Responder] = Field(
        default=(),
        description=(
            "Criteria by which a patient counts as improved; each is an endpoint of its own."
        ),
    )
    event_times: Items[EventTime] = Field(
        default=(),
        description=(
            "Times to an event (relapse, discharge) that was seen or not by a last look. Each is "
            "described by Kaplan-Meier, and tested against nothing: it has no baseline. Its two "
            "columns are characteristics of the subjects, and are then not in Table 1."
        ),
    )
    improved_by_weeks: Items[Weeks] = Field(
        default=(1, 2, 4, 8),
        description=(
            "Weeks by which the share with a lasting improvement is reported, counted on the "
            "study's clock."
        ),
    )
    natural_recovery: NaturalRecovery | None = Field(
        default=None,
        description=(
            "Comparison of the share improved with published rates, within each baseline grade."
        ),
    )
    natural_course: NaturalCourse | None = Field(
        default=None,
        description=(
            "Comparison of scores with their published course without the treatment: of every "
            "endpoint whose scale the table has. Days count from the onset."
        ),
    )
    sensitivity: Sensitivity = Field(
        default=Sensitivity(),
        description="Which defensible choices the main results are checked against, all combined.",
    )
    claims: Items[Claim] = Field(
        default=(),
        description=(
            "Claims that are checked against the results, each with a criterion fixed beforehand."
        ),
    )

    def visit(self, name: str) -> Visit:
        """The visit of a name; KeyError where the schedule has none."""
        for visit in self.visits:
            if visit.name == name:
                return visit
        raise KeyError(name)

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of a name; KeyError where there is none."""
        for endpoint in self.endpoints:
            if endpoint.name == name:
                return endpoint
        raise KeyError(name)

    @cached_property
    def raw_files(self) -> tuple[str, ...]:
        """Names of all files in the raw folder that the study reads, sorted."""
        names = {self.corrections}
        for export in self.exports.values():
            names |= {export.file, export.dictionary}
        return tuple(sorted(names - {""}))

    @cached_property
    def mappings(self) -> tuple[tuple[str, str, TableMapping], ...]:
        """Every export's key, table and mapping, in their order."""
        return tuple(
            (key, table, mapping)
            for key, export in self.exports.items()
            for table, mapping in export.tables.items()
        )

    @property
    def has_treatments(self) -> bool:
        """Whether the study has a table of who was treated; without, nothing is said of any."""
        return any(table == "treatments" for _, table, _ in self.mappings)

    @property
    def clock_words(self) -> ClockWords:
        """How the study's clock is spoken of."""
        return WORDS[self.clock]

    def known_clocks(self, instruments: Iterable[str]) -> tuple[Clock, ...]:
        """The clocks on which days of assessments can be known.

        An assessment has days in the file itself, or a date and the subject a day 0.
        ``instruments``: names of all instruments, which tables of assessments go by.
        """
        known = set(instruments)
        mapped = [(table, mapping.columns) for _, table, mapping in self.mappings]
        assessed = [columns for table, columns in mapped if table in known]
        dated = any("date" in columns for columns in assessed)
        return tuple(
            clock
            for clock, (table, column) in DAY_0.items()
            if any(f"day_from_{clock}" in columns for columns in assessed)
            or (dated and any(name == table and column in columns for name, columns in mapped))
        )
