"""Every statistic that an analysis can add: one enumeration an analysis.

What a member says is in ``statistic``; those of adverse events and of published rates are in
``event_statistics`` and ``recovery_statistics``, the others here. A new statistic is a new member;
``Estimates.add`` takes nothing else.
"""

from owncontrol.estimates.event_statistics import AdverseEvents
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import AllGrades, NullWorld, TrialGrade
from owncontrol.estimates.statistic import (
    DATES,
    EVERY_SET,
    INPUTS,
    RECORDED,
    Printed,
    Reads,
    Statistic,
)
from owncontrol.estimates.strata import (
    AllFiles,
    AssessorOfPair,
    AtTime,
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
    PredictionRule,
    PublishedCohort,
    RatingShift,
    RawFile,
    RecordedGrade,
    ScoreGrade,
    Specification,
    TableInFile,
    Visits,
)
from owncontrol.estimates.stratum import WholeGroup
from owncontrol.isncsci.cells import WALKING_CELLS


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
WALKING = Reads(dates=True, deciding=("age", *WALKING_CELLS))


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
    # Age and early grades decide who is predicted to walk.
    WALKING_PREDICTED = "walking_predicted", Printed.EXPECTED, WALKING, PredictionRule
    WALKING_SEEN = "walking_seen", Printed.PROPORTION, WALKING, PredictionRule


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


class EventTimes(Statistic):
    """The time to a declared event."""

    HAD_EVENT = "had_event", Printed.PROPORTION, INPUTS
    TIME_OBSERVED = "time_observed", Printed.OBSERVED, INPUTS
    LONGEST_TIME = "longest_time", Printed.OBSERVED, INPUTS
    MEDIAN_TIME = "median_time", Printed.OBSERVED, INPUTS
    WITHOUT_EVENT = "without_event", Printed.SHARE, INPUTS, AtTime
    STEP_TIME = "step_time", Printed.OBSERVED, INPUTS, CurveStep
    STEP_WITHOUT = "step_without", Printed.SHARE, INPUTS, CurveStep
    AT_RISK = "at_risk", Printed.COUNT, INPUTS, CurveStep
    LAST_LOOKS = "last_looks", Printed.COUNT, INPUTS, AtTime
    STILL_AT_RISK = "still_at_risk", Printed.COUNT, INPUTS, AtTime


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
    "event_times": EventTimes,
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
