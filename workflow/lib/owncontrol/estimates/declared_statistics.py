"""Every statistic that an analysis can add: how it is printed, what it reads, what it is about.

One enumeration an analysis. A member is its name in the results table, and with it:

- ``printed``: what kind of number it is, which decides on its digits (estimates.digits)
  and on how a claim shows it;
- ``reads``: what its lineage has beside what its ``inputs`` name (owncontrol.lineage.chain);
- ``strata``: the kinds of strata that it has; none: it is about the whole group.

A new statistic is a new member; ``Estimates.add`` takes nothing else.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Self

from owncontrol.estimates.event_strata import (
    ClassTerm,
    CtcaeGrade,
    EventKind,
    ListedEvent,
    Onset,
    OrganClass,
    Relation,
    Severity,
)
from owncontrol.estimates.recovery_strata import (
    AllGrades,
    AtRate,
    BaselineGrade,
    ExamDays,
    GainedIn,
    Misjudged,
    NullWorld,
    PublishedRate,
    TrialGrade,
)
from owncontrol.estimates.strata import (
    AllFiles,
    AssessorOfPair,
    ByWeek,
    CanonicalTable,
    CurveStep,
    HavingValue,
    Move,
    OfArm,
    OfFindings,
    OfInstrument,
    OfPlan,
    OfSubject,
    PublishedCohort,
    RatingShift,
    RawFile,
    RecordedGrade,
    ScoreGrade,
    Specification,
    TableInFile,
    Visits,
)
from owncontrol.estimates.stratum import Stratum, WholeGroup


class Printed(Enum):
    """What kind of number a statistic is."""

    COUNT = auto()
    PROPORTION = auto()  # events of n, with an interval
    SHARE = auto()  # a share that is not counted here
    OBSERVED = auto()  # a value of the scale, or the day of a visit
    ESTIMATED = auto()  # an estimate on the scale
    DAYS = auto()  # an estimated day whose bounds are days of visits
    A_WEEK = auto()  # a change a week
    EXPECTED = auto()  # a number of subjects expected from a rate
    TEST = auto()  # the statistic of a test whose p-value is adjusted
    SMALLEST_P = auto()
    LARGEST_P = auto()
    BOUND = auto()  # a share of which the upper bound is what counts
    OTHER = auto()  # a test statistic, a coefficient


@dataclass(frozen=True)
class Reads:
    """What an estimate is made of beside what its inputs name.

    ``dates``: time is what is estimated. ``recorded``: the score that the examiner wrote.
    ``deciding``: cleaned columns that decide which rows it counts, in place of the one that it
    describes. ``every_set``: all analysis sets of the sensitivity analysis.
    """

    dates: bool = False
    recorded: bool = False
    deciding: tuple[str, ...] = ()
    every_set: bool = False


INPUTS = Reads()
DATES = Reads(dates=True)
RECORDED = Reads(recorded=True)
EVERY_SET = Reads(every_set=True)


class Statistic(StrEnum):
    """Base of the statistics of every analysis."""

    printed: Printed
    reads: Reads
    strata: tuple[type[Stratum], ...]

    def __new__(cls, name: str, printed: Printed, reads: Reads, *strata: type[Stratum]) -> Self:
        """A member of that name."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.printed, member.reads = printed, reads
        member.strata = strata or (WholeGroup,)
        return member

    def stratum(self, text: str) -> Stratum:
        """The stratum that a text of the results table is; ValueError if it is of no kind here."""
        for kind in self.strata:
            try:
                return kind.parse(text)
            except ValueError:
                continue
        raise ValueError(f"{self!r} has no stratum '{text}': {self.kinds}")

    def check(self, stratum: Stratum) -> None:
        """ValueError for a stratum of a kind that is not declared for this statistic."""
        if not isinstance(stratum, self.strata):
            raise ValueError(f"{self!r} has no stratum {stratum!r}: {self.kinds}")

    @property
    def kinds(self) -> str:
        """The declared kinds of its strata, for a message."""
        return f"declared are {', '.join(kind.__name__ for kind in self.strata)}"


class DataQuality(Statistic):
    """Rows, cells, findings and recorded scores."""

    ROWS_IN = "rows_in", Printed.COUNT, INPUTS, AllFiles, RawFile
    KEPT = "kept", Printed.COUNT, INPUTS, AllFiles, RawFile
    QUARANTINED = "quarantined", Printed.COUNT, INPUTS, AllFiles, RawFile
    MERGED = "merged", Printed.COUNT, INPUTS, AllFiles, RawFile
    NOT_PART = "not_part", Printed.COUNT, INPUTS, AllFiles, RawFile
    TABLE_ROWS = "table_rows", Printed.COUNT, INPUTS, CanonicalTable
    ROWS_SET_ASIDE = "rows_set_aside", Printed.COUNT, INPUTS, CanonicalTable
    CELLS_IN = "cells_in", Printed.COUNT, INPUTS, TableInFile
    AS_WRITTEN = "as_written", Printed.COUNT, INPUTS, TableInFile
    OTHER_FORM = "other_form", Printed.COUNT, INPUTS, TableInFile
    CORRECTED = "corrected", Printed.COUNT, INPUTS, TableInFile
    MISSING = "missing", Printed.COUNT, INPUTS, TableInFile
    REFUSED = "refused", Printed.COUNT, INPUTS, TableInFile
    SET_ASIDE = "set_aside", Printed.COUNT, INPUTS, TableInFile
    FINDINGS = "findings", Printed.COUNT, INPUTS, OfFindings
    RECORDED_SCORES_DIFFERING = (
        "recorded_scores_differing",
        Printed.COUNT,
        RECORDED,
        OfInstrument,
    )
    RECORDED_GRADES = "recorded_grades", Printed.COUNT, RECORDED, RecordedGrade


class Patients(Statistic):
    """Who the subjects are and what they were given."""

    REGISTERED = "registered", Printed.COUNT, INPUTS
    TREATED = "treated", Printed.COUNT, INPUTS
    MEDIAN = "median", Printed.ESTIMATED, INPUTS
    FIRST_QUARTILE = "first_quartile", Printed.ESTIMATED, INPUTS
    THIRD_QUARTILE = "third_quartile", Printed.ESTIMATED, INPUTS
    MINIMUM = "minimum", Printed.OBSERVED, INPUTS
    MAXIMUM = "maximum", Printed.OBSERVED, INPUTS
    SUBJECTS = "subjects", Printed.COUNT, INPUTS, HavingValue
    ASSESSED = "assessed", Printed.COUNT, INPUTS
    UNTREATED_ASSESSED = "untreated_assessed", Printed.COUNT, INPUTS
    OTHER_CELLS = "other_cells", Printed.COUNT, Reads(deciding=("source_subject_id",))
    UNRELEASED = (
        "unreleased",
        Printed.COUNT,
        Reads(deciding=("release", "release_day", "treatment_start_day")),
    )
    WITHOUT_DOSE = "without_dose", Printed.COUNT, Reads(deciding=("dose",))
    OUTSIDE_CRITERION = "outside_criterion", Printed.COUNT, INPUTS


COURSES = (WholeGroup, PublishedCohort)


class Change(Statistic):
    """Change from baseline, its tests, the course of an endpoint, grades and their moves."""

    HODGES_LEHMANN = "hodges_lehmann", Printed.ESTIMATED, INPUTS
    SIGNED_RANK_PRATT = "signed_rank_pratt", Printed.TEST, INPUTS
    SIGNED_RANK_WILCOXON = "signed_rank_wilcoxon", Printed.TEST, INPUTS
    IMPROVED = "improved", Printed.PROPORTION, INPUTS
    UNCHANGED = "unchanged", Printed.PROPORTION, INPUTS
    WORSE = "worse", Printed.PROPORTION, INPUTS
    MEDIAN_BASELINE = "median_baseline", Printed.ESTIMATED, INPUTS
    MEDIAN_VISIT = "median_visit", Printed.ESTIMATED, INPUTS
    RANK_BISERIAL = "rank_biserial", Printed.OTHER, INPUTS
    SIGN_TEST = "sign_test", Printed.OTHER, INPUTS
    SMALLEST_P = "smallest_p", Printed.SMALLEST_P, INPUTS
    MAX_T = "max_t", Printed.OTHER, INPUTS
    FRIEDMAN = "friedman", Printed.OTHER, INPUTS, WholeGroup, Visits
    PAGE = "page", Printed.OTHER, INPUTS, WholeGroup, Visits
    MEDIAN = "median", Printed.ESTIMATED, INPUTS
    MEDIAN_DAY = "median_day", Printed.ESTIMATED, DATES
    # Of the subjects who were seen throughout, so that nobody's absence moves it.
    COURSE_MEDIAN = "course_median", Printed.ESTIMATED, INPUTS
    SUBJECTS = "subjects", Printed.COUNT, INPUTS, ScoreGrade
    SHIFT = "shift", Printed.COUNT, INPUTS, Move
    MARGINAL_HOMOGENEITY = "marginal_homogeneity", Printed.OTHER, INPUTS
    STUART_MAXWELL = "stuart_maxwell", Printed.OTHER, INPUTS
    BOWKER = "bowker", Printed.OTHER, INPUTS
    AT_VISIT = "at_visit", Printed.COUNT, INPUTS, ScoreGrade
    TO_NEXT_VISIT = "to_next_visit", Printed.COUNT, INPUTS, Move
    MEAN_BASELINE = "mean_baseline", Printed.ESTIMATED, INPUTS
    SD_BASELINE = "sd_baseline", Printed.ESTIMATED, INPUTS
    MEAN_VISIT = "mean_visit", Printed.ESTIMATED, INPUTS
    SD_VISIT = "sd_visit", Printed.ESTIMATED, INPUTS
    MEAN_CHANGE = "mean_change", Printed.ESTIMATED, INPUTS
    SD_CHANGE = "sd_change", Printed.ESTIMATED, INPUTS
    PAIRED_T = "paired_t", Printed.OTHER, INPUTS
    YES = "yes", Printed.PROPORTION, INPUTS
    YES_BASELINE = "yes_baseline", Printed.PROPORTION, INPUTS
    YES_VISIT = "yes_visit", Printed.PROPORTION, INPUTS
    MCNEMAR = "mcnemar", Printed.OTHER, INPUTS
    CELL_BETTER = "cell_better", Printed.COUNT, INPUTS
    CELL_WORSE = "cell_worse", Printed.COUNT, INPUTS
    ARM_MISSING = "arm_missing", Printed.COUNT, INPUTS, OfArm
    ARM_CHANGE = "arm_change", Printed.ESTIMATED, INPUTS, OfArm
    ARM_MEAN_CHANGE = "arm_mean_change", Printed.ESTIMATED, INPUTS, OfArm
    ARM_IMPROVED = "arm_improved", Printed.PROPORTION, INPUTS, OfArm
    # Negative controls: where no change is expected, and whether it depends on who examined.
    CONTROL_BETTER = "control_better", Printed.COUNT, INPUTS
    CONTROL_WORSE = "control_worse", Printed.COUNT, INPUTS
    BY_ASSESSOR = "by_assessor", Printed.ESTIMATED, INPUTS, AssessorOfPair
    # Days from onset, grade, level and sex decide which part of a published course is expected.
    EXPECTED_CHANGE = "expected_change", Printed.ESTIMATED, DATES, *COURSES
    OBSERVED_CHANGE = "observed_change", Printed.ESTIMATED, INPUTS, *COURSES
    OBSERVED_MINUS_EXPECTED = "observed_minus_expected", Printed.ESTIMATED, DATES, *COURSES


UNDER_OBSERVATION = Reads(
    dates=True, deciding=("registration_day", "treatment_start_day", "onset_day")
)
EVENT_STRATA = (EventKind, Onset, Relation, CtcaeGrade, Severity, ClassTerm, OrganClass)


class AdverseEvents(Statistic):
    """Adverse events, and subjects with at least one."""

    EVENTS = "events", Printed.COUNT, INPUTS, *EVENT_STRATA
    SUBJECTS_WITH_EVENT = "subjects_with_event", Printed.PROPORTION, INPUTS, *EVENT_STRATA
    UPPER_BOUND = "upper_bound", Printed.BOUND, INPUTS, *EVENT_STRATA
    EVENTS_GRADE_1 = "events_grade_1", Printed.COUNT, INPUTS, OrganClass
    EVENTS_GRADE_2 = "events_grade_2", Printed.COUNT, INPUTS, OrganClass
    EVENTS_GRADE_3 = "events_grade_3", Printed.COUNT, INPUTS, OrganClass
    EVENTS_GRADE_4 = "events_grade_4", Printed.COUNT, INPUTS, OrganClass
    EVENTS_GRADE_5 = "events_grade_5", Printed.COUNT, INPUTS, OrganClass
    EVENTS_GRADE_NOT_KNOWN = "events_grade_not_known", Printed.COUNT, INPUTS, OrganClass
    EVENTS_OF_UNTREATED = "events_of_untreated", Printed.COUNT, INPUTS
    # Time under observation, and what is said of an event that is listed by itself.
    DAYS_OBSERVED = "days_observed", Printed.COUNT, UNDER_OBSERVATION, Onset
    EVENT_RATE = "event_rate", Printed.OTHER, UNDER_OBSERVATION, Onset
    EVENT_RATE_RATIO = "event_rate_ratio", Printed.OTHER, UNDER_OBSERVATION
    DEATHS = "deaths", Printed.COUNT, Reads(deciding=("grade", "outcome"))
    SERIOUS_EVENT_DAY = "serious_event_day", Printed.COUNT, INPUTS, ListedEvent


# By the grade of the events, None where it is not known.
EVENTS_OF_GRADE = {
    1: AdverseEvents.EVENTS_GRADE_1,
    2: AdverseEvents.EVENTS_GRADE_2,
    3: AdverseEvents.EVENTS_GRADE_3,
    4: AdverseEvents.EVENTS_GRADE_4,
    5: AdverseEvents.EVENTS_GRADE_5,
    None: AdverseEvents.EVENTS_GRADE_NOT_KNOWN,
}


class Responders(Statistic):
    """Who reached a criterion, and the time to the first improvement that lasts."""

    RESPONDERS = "responders", Printed.PROPORTION, INPUTS
    RESPONDERS_WILSON = "responders_wilson", Printed.SHARE, INPUTS
    LASTING = "lasting", Printed.PROPORTION, INPUTS
    UNCONFIRMED = "unconfirmed", Printed.COUNT, INPUTS
    KNOWN_IMPROVED_BY = "known_improved_by", Printed.PROPORTION, DATES, ByWeek
    TURNBULL_LEAST = "turnbull_least", Printed.SHARE, DATES, ByWeek
    TURNBULL_MOST = "turnbull_most", Printed.SHARE, DATES, ByWeek
    KAPLAN_MEIER = "kaplan_meier", Printed.SHARE, DATES, ByWeek
    TURNBULL_LEFT = "turnbull_left", Printed.OBSERVED, DATES, CurveStep
    TURNBULL_RIGHT = "turnbull_right", Printed.OBSERVED, DATES, CurveStep
    TURNBULL_SURVIVAL = "turnbull_survival", Printed.SHARE, DATES, CurveStep
    KAPLAN_MEIER_DAY = "kaplan_meier_day", Printed.OBSERVED, DATES, CurveStep
    KAPLAN_MEIER_SURVIVAL = "kaplan_meier_survival", Printed.SHARE, DATES, CurveStep
    MEDIAN_LEFT = "median_left", Printed.OBSERVED, DATES
    MEDIAN_RIGHT = "median_right", Printed.OBSERVED, DATES
    INTERVAL_LEFT = "interval_left", Printed.OBSERVED, DATES, OfSubject
    INTERVAL_RIGHT = "interval_right", Printed.OBSERVED, DATES, OfSubject


GROUPS = (AllGrades, ExamDays, BaselineGrade)


class NaturalRecovery(Statistic):
    """The share improved beside published rates; gains in function beside motor gains."""

    IMPROVED = "improved", Printed.PROPORTION, INPUTS, *GROUPS
    BASELINE_AFTER_TREATMENT = "baseline_after_treatment", Printed.COUNT, INPUTS, *GROUPS
    BASELINE_DAY_FROM_INJURY = "baseline_day_from_injury", Printed.DAYS, DATES, *GROUPS
    BASELINE_DAY_FROM_TREATMENT = "baseline_day_from_treatment", Printed.DAYS, DATES, *GROUPS
    FOLLOW_UP_DAY_FROM_INJURY = "follow_up_day_from_injury", Printed.DAYS, DATES, *GROUPS
    FOLLOW_UP_DAY_FROM_TREATMENT = "follow_up_day_from_treatment", Printed.DAYS, DATES, *GROUPS
    TIPPING_RATE = "tipping_rate", Printed.SHARE, INPUTS, *GROUPS
    BENCHMARK = "benchmark", Printed.SHARE, INPUTS, *GROUPS
    BEST_POSSIBLE = "best_possible", Printed.SHARE, INPUTS, *GROUPS
    TO_SPARE = "to_spare", Printed.COUNT, INPUTS, *GROUPS
    # Its convention says on which days the subjects were examined.
    PUBLISHED_RATE = "published_rate", Printed.SHARE, DATES, PublishedRate
    LOWEST_PUBLISHED = "lowest_published", Printed.SHARE, INPUTS, BaselineGrade
    HIGHEST_PUBLISHED = "highest_published", Printed.SHARE, INPUTS, BaselineGrade
    HIGHEST_EXCEEDED = "highest_exceeded", Printed.SHARE, INPUTS, BaselineGrade
    # The rates together: which enter, their mean, what they predict for a cohort of this size.
    SOURCE_ENTERS = "source_enters", Printed.COUNT, INPUTS, PublishedRate
    SOURCES = "sources", Printed.COUNT, INPUTS, BaselineGrade
    PUBLISHED_MEAN = "published_mean", Printed.SHARE, INPUTS, BaselineGrade
    PREDICTED_MORE = "predicted_more", Printed.SHARE, INPUTS, BaselineGrade
    PREDICTED_FEWER = "predicted_fewer", Printed.SHARE, INPUTS, BaselineGrade
    PREDICTED_MORE_HIGHEST = "predicted_more_highest", Printed.SHARE, INPUTS, BaselineGrade
    PREDICTED_FEWER_LOWEST = "predicted_fewer_lowest", Printed.SHARE, INPUTS, BaselineGrade
    P_AT_RATE = "p_at_rate", Printed.SHARE, INPUTS, AtRate
    # The verdict on the primary comparison: 1 more than expected, -1 fewer, 0 not decided.
    VERDICT = "verdict", Printed.OTHER, INPUTS, AllGrades
    VERDICT_AS_FROZEN = "verdict_as_frozen", Printed.OTHER, INPUTS, AllGrades
    # Died after the treatment, without a follow-up exam; the verdict by the other choice on them.
    DIED = "died", Printed.COUNT, Reads(deciding=("grade", "outcome")), AllGrades
    VERDICT_OTHERWISE = "verdict_otherwise", Printed.OTHER, INPUTS, AllGrades
    MORE_THAN_EXPECTED = "more_than_expected", Printed.EXPECTED, INPUTS, AllGrades
    FEWER_THAN_EXPECTED = "fewer_than_expected", Printed.EXPECTED, INPUTS, AllGrades
    MORE_FROM = "more_from", Printed.COUNT, INPUTS, AllGrades
    FEWER_TO = "fewer_to", Printed.COUNT, INPUTS, AllGrades
    ERROR_MORE = "error_more", Printed.SHARE, INPUTS, AllGrades
    ERROR_FEWER = "error_fewer", Printed.SHARE, INPUTS, AllGrades
    SHOWN_MORE = "shown_more", Printed.SHARE, INPUTS, AllGrades
    SHOWN_FEWER = "shown_fewer", Printed.SHARE, INPUTS, AllGrades
    CLOSED_MORE = "closed_more", Printed.EXPECTED, INPUTS, BaselineGrade
    CLOSED_FEWER = "closed_fewer", Printed.EXPECTED, INPUTS, BaselineGrade
    NOT_JUDGED = "not_judged", Printed.COUNT, INPUTS, BaselineGrade
    IF_MISJUDGED = "if_misjudged", Printed.COUNT, INPUTS, Misjudged
    FALSE_MORE = "false_more", Printed.PROPORTION, INPUTS, NullWorld
    FALSE_FEWER = "false_fewer", Printed.PROPORTION, INPUTS, NullWorld
    MISRATED_TO_SPARE = "misrated_to_spare", Printed.COUNT, INPUTS, AllGrades
    MISSING_TO_SPARE = "missing_to_spare", Printed.COUNT, INPUTS, AllGrades
    TRULY_IMPROVED = "truly_improved", Printed.EXPECTED, INPUTS, AllGrades
    SAME_VERDICT = "same_verdict", Printed.SHARE, INPUTS, AllGrades
    MIXED = "mixed", Printed.SHARE, INPUTS, AllGrades
    EXPECTED = "expected", Printed.EXPECTED, INPUTS, AllGrades
    SUBJECTS = "subjects", Printed.COUNT, INPUTS, GainedIn


class Sensitivity(Statistic):
    """All defensible choices, missing visits, two baselines, observer bias."""

    SPECIFICATION = "specification", Printed.ESTIMATED, INPUTS, Specification
    SPECIFICATIONS = "specifications", Printed.COUNT, EVERY_SET
    SIGNIFICANT = "significant", Printed.COUNT, EVERY_SET
    SMALLEST_ESTIMATE = "smallest_estimate", Printed.ESTIMATED, EVERY_SET
    LARGEST_ESTIMATE = "largest_estimate", Printed.ESTIMATED, EVERY_SET
    SMALLEST_P = "smallest_p", Printed.SMALLEST_P, EVERY_SET
    LARGEST_P = "largest_p", Printed.LARGEST_P, EVERY_SET
    MISSING_SUBJECTS = "missing_subjects", Printed.COUNT, INPUTS
    COMPLETE_CASE = "complete_case", Printed.ESTIMATED, INPUTS
    WORST_CASE = "worst_case", Printed.ESTIMATED, INPUTS
    BEST_CASE = "best_case", Printed.ESTIMATED, INPUTS
    TIPPING_CHANGE = "tipping_change", Printed.OBSERVED, INPUTS
    FROM_FIRST = "from_first", Printed.ESTIMATED, INPUTS
    FROM_SECOND = "from_second", Printed.ESTIMATED, INPUTS
    FROM_MEAN = "from_mean", Printed.ESTIMATED, INPUTS
    RUN_IN = "run_in", Printed.ESTIMATED, INPUTS
    RATE_BEFORE = "rate_before", Printed.A_WEEK, DATES
    RATE_AFTER = "rate_after", Printed.A_WEEK, DATES
    RATE_DIFFERENCE = "rate_difference", Printed.A_WEEK, DATES
    DOUBLING_BEFORE = "doubling_before", Printed.ESTIMATED, DATES
    DOUBLING_AFTER = "doubling_after", Printed.ESTIMATED, DATES
    DOUBLING_DIFFERENCE = "doubling_difference", Printed.ESTIMATED, DATES
    EARLY_OF_IMPROVED = "early_of_improved", Printed.PROPORTION, DATES
    REPEATABILITY = "repeatability", Printed.ESTIMATED, INPUTS
    BEYOND_REPEATABILITY = "beyond_repeatability", Printed.PROPORTION, INPUTS
    OBSERVER_SHIFT = "observer_shift", Printed.OBSERVED, INPUTS, RatingShift
    TIPPING_SHIFT = "tipping_shift", Printed.OBSERVED, INPUTS


class Claims(Statistic):
    """Verdicts, how easily they come, kinds of tests, and the size of a controlled trial."""

    VERDICT = "verdict", Printed.OTHER, INPUTS
    # How often a claim is supported where the treatment does nothing.
    FALSE_SUPPORT = "false_support", Printed.PROPORTION, DATES, WholeGroup, NullWorld
    WITHIN_SUBJECT_TESTS = "within_subject_tests", Printed.COUNT, INPUTS
    BETWEEN_SUBJECT_TESTS = "between_subject_tests", Printed.COUNT, INPUTS
    PER_ARM = "per_arm", Printed.COUNT, INPUTS, AllGrades, TrialGrade
    POWER = "power", Printed.SHARE, INPUTS, AllGrades, TrialGrade


class Plan(Statistic):
    """What differs from the frozen plan, and what a reader has to know without one."""

    DEPARTURES = "departures", Printed.COUNT, INPUTS, WholeGroup, OfPlan
    DISCLOSED = "disclosed", Printed.COUNT, INPUTS, OfPlan
    SCORES_ANALYSED = "scores_analysed", Printed.COUNT, INPUTS
    WITHOUT_BASELINE = "without_baseline", Printed.COUNT, INPUTS
    LOST = "lost", Printed.COUNT, INPUTS
    DATA_CUTS = "data_cuts", Printed.COUNT, INPUTS


# By the name of the analysis, which is that of its notebook.
ANALYSES: dict[str, type[Statistic]] = {
    "data_quality": DataQuality,
    "patients": Patients,
    "change": Change,
    "adverse_events": AdverseEvents,
    "responders": Responders,
    "natural_recovery": NaturalRecovery,
    "sensitivity": Sensitivity,
    "claims": Claims,
    "plan": Plan,
}


DECLARED = {
    (analysis, member.value): member for analysis, kind in ANALYSES.items() for member in kind
}
NAMES = frozenset(name for _, name in DECLARED)


def statistics_of(analysis: str) -> type[Statistic]:
    """The statistics of an analysis; ValueError for one that declares none."""
    if analysis not in ANALYSES:
        raise ValueError(
            f"analysis '{analysis}' declares no statistics (estimates/declared_statistics.py); "
            f"those that do: {', '.join(ANALYSES)}"
        )
    return ANALYSES[analysis]


def declared(analysis: str, statistic: str) -> Statistic:
    """The statistic of that name in an analysis; ValueError where it is not declared."""
    if (analysis, statistic) not in DECLARED:
        raise ValueError(
            f"statistic '{statistic}' of {statistics_of(analysis).__name__} is not declared "
            "(estimates/declared_statistics.py)"
        )
    return DECLARED[analysis, statistic]
