"""The adverse events of a study in one sentence."""

from owncontrol.estimates.counted import events_state, not_counted
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.sentences import Ref, Sentence
from owncontrol.reporting.study_words import grade_word
from owncontrol.study.settings import AnalysisSettings

STEM = "adverse_events."
ROWS = "data_quality.adverse_events.table_rows"


def events_sentence(numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    """Events, patients with one, the serious and related ones, and what is not known of them.

    Where a treatment was given and the study has no table of events, that it has none; empty where
    nothing was given.
    """
    state = events_state(numbers)
    if not state:
        none = "No file of this study has adverse events: nothing is known of them here."
        return [none] if settings.has_treatments else []
    if state == "not known":
        return _not_known(numbers)
    if state == "none":
        aside = _aside(numbers, "subjects", "treatments")
        held = "No adverse event was recorded: the source holds no row of an adverse event ("
        return [held, Ref("table", "flow"), ")", *aside, "."]
    return _counted(numbers, settings)


def _not_known(numbers: Numbers) -> Sentence:
    if numbers.raw(ROWS) == 1:
        said: Sentence = ["The only row of adverse events was set aside"]
    else:
        said = ["None of the ", numbers.value(ROWS), " rows of adverse events could be kept"]
    return ["Adverse events: not known. ", *said, "; cleaned/quarantine.csv gives the reasons."]


def _counted(numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    anybody, serious = (f"{STEM}{kind}.subjects_with_event" for kind in ("any", "serious"))
    events = f"{STEM}any.events"
    subjects = numbers.who.of(numbers.raw_n(anybody))
    return [
        numbers.value(events), " ", numbers.noun(events, "adverse event"), " in ",
        numbers.share(anybody), f" {subjects}; serious: ", numbers.share(serious),
        *_unknown(numbers, "serious", "whether serious"),
        *_related(numbers),
        *_unknown(numbers, grade_word(settings), grade_word(settings)),
        *_aside(numbers), ".",
    ]  # fmt: skip


def _related(numbers: Numbers) -> Sentence:
    both = f"{STEM}serious_and_related.subjects_with_event"
    if both not in numbers:
        return []
    unclear = f"{STEM}serious_and_related_not_known.subjects_with_event"
    upper = f"{STEM}serious_and_related.upper_bound"
    if unclear in numbers and numbers.raw(unclear):
        said = [numbers.share(both), "; not known whether both: events of ", numbers.share(unclear)]
    elif upper in numbers and not numbers.raw(both):
        subjects = numbers.who.of(numbers.raw_n(upper))
        said = [
            "none, which with ", numbers.n(upper), f" {subjects} does not exclude a true rate of "
            "up to ", numbers.upper_percent(upper), " %",
        ]  # fmt: skip
    else:
        said = [numbers.share(both)]
    unknown = _unknown(numbers, "relation", "relation to the treatment")
    return ["; serious and related: ", *said, *unknown]


def _unknown(numbers: Numbers, what: str, words: str) -> Sentence:
    """Of how many events something is not known; empty where it is known of all."""
    name = f"{STEM}{what}_not_known.events"
    if name not in numbers or not numbers.raw(name):
        return []
    return [f"; {words} not known: ", numbers.value(name), " ", numbers.noun(name, "event")]


def _aside(numbers: Numbers, *tables: str) -> Sentence:
    parts = not_counted(numbers, tables) if tables else not_counted(numbers)
    return ["; ", *parts] if parts else []
