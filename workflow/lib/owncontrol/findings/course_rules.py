"""Rules about the course of a subject: dates, treatments, events, one visit beside the others."""

from typing import Literal

from owncontrol.findings.rule import FLAGGED, QUARANTINED, Rule

NOT_DAY_0 = "kept as written, not used as day 0"


class LiesBefore(Rule):
    """Something ends or begins before what comes first."""

    code = "date_order"
    severity = "error"
    about = "cell"
    sentence = "lies before {earlier}"
    action = FLAGGED
    advice = "correct the wrong one of the two dates"
    earlier: str


class OutOfOrder(Rule):
    """A date contradicts the order of the subject's other dates."""

    code = "date_order"
    severity = "error"
    about = "cell"
    sentence = "lies {contradicted}"
    action = "{outcome}"
    advice = "correct the date; if another one is wrong, correct that"
    contradicted: str
    outcome: Literal["kept as written, not used as day 0", "kept and flagged"]


class ShiftedDay0(Rule):
    """A day 0 from which most visits are outside their windows by the same days."""

    code = "day_0"
    severity = "error"
    about = "cell"
    sentence = (
        "{outside} of {visits} visits lie outside their windows when counted from this date, all "
        "by about {shift}"
    )
    action = NOT_DAY_0
    advice = "correct the date"
    outside: int
    visits: int
    shift: str


class BeforeInjury(Rule):
    """An assessment before the injury."""

    code = "before_injury"
    severity = "error"
    about = "row"
    sentence = "the assessment lies before the subject's injury"
    action = QUARANTINED
    advice = "correct the date of the assessment, or of the injury"


class ImplausibleDate(Rule):
    """An assessment months away from its planned day."""

    code = "implausible_date"
    severity = "error"
    about = "row"
    sentence = "day {day} from {clock}; planned is day {planned}"
    action = QUARANTINED
    advice = "correct the date or the visit"
    day: str
    clock: str
    planned: int


class VisitWindow(Rule):
    """An assessment outside the window of its visit."""

    code = "visit_window"
    severity = "warning"
    about = "row"
    sentence = "day {day} from {clock}; the window is {first} to {last}"
    action = FLAGGED
    advice = "nothing, if the assessment was early or late; else correct the date"
    day: str
    clock: str
    first: int
    last: int


class ForeignProduct(Rule):
    """A treatment with the cells of somebody else."""

    code = "foreign_product"
    severity = "error"
    about = "cell"
    sentence = "the product was made from another subject's cells than the one treated"
    action = FLAGGED
    advice = "ask at once whether this is a slip of the pen or has happened"


class CultureDays(Rule):
    """More days of culture than there were."""

    code = "culture_days"
    severity = "warning"
    about = "cell"
    sentence = "more days than lie between the start of culture and release"
    action = FLAGGED
    advice = "correct the number, or one of the dates"


class BeforeConsent(Rule):
    """An event that began before the subject consented."""

    code = "before_consent"
    severity = "warning"
    about = "cell"
    sentence = "the event began before the subject consented"
    action = FLAGGED
    advice = "ask whether the event belongs to the study"


class DeathNotSerious(Rule):
    """An event that is a death and is recorded as not serious."""

    code = "death_not_serious"
    severity = "error"
    about = "cell"
    sentence = "the event is a death, and a death is serious by definition (ICH E2A)"
    action = FLAGGED
    advice = "ask whether the event is serious, or no death"


class NotKnown(Rule, abstract=True):
    """What the rules share about something of an event that nobody wrote."""

    code = "not_known"
    about = "cell"
    action = "kept, counted as not known"


class NotWritten(NotKnown):
    """Something that is counted of an event is empty."""

    severity = "warning"
    sentence = "the cell is empty"
    advice = "ask for it, or write a code for a missing value"


class MissingCode(NotKnown):
    """Something that is counted of an event is declared as missing."""

    severity = "note"
    sentence = "the cell holds a code for a missing value"
    advice = "nothing"


class BlankEvent(Rule):
    """A row of which nothing is an event."""

    code = "blank_event"
    severity = "warning"
    about = "row"
    sentence = "every cell of the event is empty or holds a code for a missing value"
    action = QUARANTINED
    advice = "ask whether there was an event"


class EventNumberReused(Rule):
    """Different events have one number."""

    code = "event_number_reused"
    severity = "error"
    about = "cell"
    sentence = "{rows} have the same number, but different terms or onsets"
    action = "kept as different events"
    advice = "give one of the events another number, or correct term or onset"
    rows: str


class EventMerged(Rule):
    """A row of an event that another row is kept for."""

    code = "event_merged"
    severity = "warning"
    about = "row"
    sentence = "{rows} are one event; taken: {taken}"
    action = "merged with row {kept}"
    advice = "nothing, unless the rows are two events"
    rows: str
    taken: str
    kept: str


class ValueOfSameEvent(Rule):
    """A cell of an event that another of its rows gave."""

    code = "event_merged"
    severity = "note"
    about = "cell"
    sentence = "another row of the same event has it"
    action = "taken from {row}"
    advice = "nothing"
    row: str


class EventsAlike(Rule):
    """Events of one term and onset that count as different ones."""

    code = "events_alike"
    severity = "warning"
    about = "row"
    sentence = (
        "{rows} have the same term and onset; they are counted as different events, because {why}"
    )
    action = FLAGGED
    advice = "give them one number if they are one event"
    rows: str
    why: str


class TermNotGiven(Rule):
    """An event without a term."""

    code = "term_not_given"
    severity = "error"
    about = "cell"
    sentence = "the event has no term, and counts as one"
    action = "kept as {term!r}"
    advice = "ask what the event was"
    term: str


class Copied(Rule, abstract=True):
    """What the rules share about an assessment whose items equal those of another visit."""

    code = "copied_assessment"
    about = "row"
    sentence = "every item equals row {row} (visit {visit}{same_day})"
    advice = "ask whether the assessment was made at this visit"
    row: int
    visit: str
    same_day: str


class CopiedAside(Copied):
    """A copied assessment that is set aside."""

    severity = "error"
    action = QUARANTINED


class CopiedFlagged(Copied):
    """A copied assessment that is kept."""

    severity = "warning"
    action = FLAGGED


class ImpossibleJump(Rule):
    """An assessment far above or below both neighbouring ones."""

    code = "impossible_jump"
    severity = "warning"
    about = "row"
    sentence = "{jumps}"
    action = FLAGGED
    advice = "compare the assessment with its form on paper"
    jumps: str


class SidesSwapped(Rule):
    """The right cells give the left totals, and the left cells the right ones."""

    code = "sides_swapped"
    severity = "error"
    about = "row"
    sentence = "the cells of each side give the recorded totals of the other ({totals})"
    action = QUARANTINED
    advice = "ask which side is which, and correct cells or totals"
    totals: str


class SidesMirrored(Rule):
    """An assessment that fits its neighbours far better with right and left exchanged."""

    code = "sides_mirrored"
    severity = "warning"
    about = "row"
    sentence = (
        "{before} and {after} grades from the visits before and after, with right and left "
        "exchanged {before_mirrored} and {after_mirrored}"
    )
    action = FLAGGED
    advice = "compare the assessment with its form on paper"
    before: str
    after: str
    before_mirrored: str
    after_mirrored: str
