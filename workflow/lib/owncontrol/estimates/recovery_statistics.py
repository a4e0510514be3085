"""The statistics beside published rates: see owncontrol.estimates.declared_statistics."""

from owncontrol.estimates.recovery_strata import (
    AllGrades,
    AtRate,
    BaselineGrade,
    ExamDays,
    GainedIn,
    Misjudged,
    NullWorld,
    PublishedRate,
)
from owncontrol.estimates.statistic import DATES, INPUTS, Printed, Reads, Statistic

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
