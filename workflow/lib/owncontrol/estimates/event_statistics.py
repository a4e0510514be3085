"""The statistics of adverse events: see owncontrol.estimates.declared_statistics."""

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
from owncontrol.estimates.statistic import INPUTS, Printed, Reads, Statistic

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
