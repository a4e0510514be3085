"""The first page's words on safety: events before and after, the worst, deviations of treatment."""

from owncontrol.basics.natural_order import natural_key
from owncontrol.estimates.counted import events_state
from owncontrol.estimates.declared_statistics import Patients
from owncontrol.estimates.event_statistics import AdverseEvents
from owncontrol.estimates.event_strata import ListedEvent
from owncontrol.estimates.listed_events import ListedFacts
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.report_tables import MISSING, Table
from owncontrol.reporting.sentences import Sentence
from owncontrol.study.settings import AnalysisSettings

MOST_NAMED = 3  # serious events in a sentence
BEFORE, AFTER = (f"adverse_events.onset_day.{side}_treatment" for side in ("before", "after"))
RATIO = "adverse_events.onset_day.event_rate_ratio"
DEATHS = "adverse_events.deaths"
SERIOUS = "adverse_events.serious.events"
UNKNOWN_SIDE = "adverse_events.onset_day.not_known.events"


def safety_words(numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    """Sentences on safety for the first page; none where the study has nothing of it."""
    found: list[Sentence] = []
    if events_state(numbers) == "counted":
        found += [*_rates(numbers), _worst(numbers, settings)]
    if settings.has_treatments:
        found += _deviations(numbers, settings)
    return found


def _rates(numbers: Numbers) -> list[Sentence]:
    """How many events an amount of time brought before and after the treatment."""
    rates = [f"{side}.event_rate" for side in (BEFORE, AFTER)]
    if any(name not in numbers or numbers.raw(name) != numbers.raw(name) for name in rates[1:]):
        return []
    after = [*_counted(numbers, AFTER), " from the treatment on"]
    unknown: Sentence = []
    if UNKNOWN_SIDE in numbers and numbers.raw(UNKNOWN_SIDE):
        unknown = [" On which side of the treatment they began is not known of ",
                   numbers.value(UNKNOWN_SIDE), "."]  # fmt: skip
    if numbers.raw(rates[0]) != numbers.raw(rates[0]):
        return [[
            "Adverse events over time: ", *after,
            f"; no {numbers.who.one} was under observation before it, so no rate can be "
            "compared with "
            "that.",
            *unknown,
        ]]  # fmt: skip
    ratio: Sentence = []
    if RATIO in numbers and numbers.raw(RATIO) == numbers.raw(RATIO):
        ratio = [" (ratio of the rates ", numbers.value(RATIO), ", interval ",
                 numbers.interval(RATIO), ")"]  # fmt: skip
    return [
        ["Adverse events over time: ", *_counted(numbers, BEFORE), " before the treatment, ",
         *after, *ratio, ".", *unknown]
    ]  # fmt: skip


def _counted(numbers: Numbers, stem: str) -> Sentence:
    rate, days = f"{stem}.event_rate", f"{stem}.days_observed"
    return [
        numbers.events(rate), " in ", numbers.value(days), f" {numbers.who.one}-days (",
        numbers.value(rate), " per 100 days)",
    ]  # fmt: skip


def _worst(numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    """Who died, and which events were serious; the first few of them by name."""
    said: Sentence = []
    if DEATHS in numbers:
        said += ["Deaths: ", numbers.value(DEATHS) if numbers.raw(DEATHS) else "none recorded"]
    listed = _listed(numbers)
    if SERIOUS in numbers:
        serious = [numbers.value(SERIOUS)] if numbers.raw(SERIOUS) else ["none recorded"]
        said += ["; serious events: " if said else "Serious events: ", *serious]
    shown = list(listed.items())[:MOST_NAMED]
    for place, (stratum, name) in enumerate(shown):
        said += ["; " if place else " (", *_one(numbers, stratum, name, settings)]
    if shown:
        said.append("; and others)" if len(listed) > len(shown) else ")")
    return [*said, "."]


def _listed(numbers: Numbers) -> dict[ListedEvent, str]:
    """The serious events by the number of the patient, those of one as they are recorded."""
    found = numbers.by_stratum(
        ListedEvent, analysis="adverse_events", statistic=AdverseEvents.SERIOUS_EVENT_DAY
    )
    return dict(sorted(found.items(), key=lambda entry: natural_key(entry[0].subject)))


def _facts(numbers: Numbers, name: str) -> ListedFacts:
    said = numbers.row(name).convention
    return ListedFacts.parse(said.words or said.reason)


def _one(numbers: Numbers, stratum: ListedEvent, name: str, settings: AnalysisSettings) -> Sentence:
    facts = _facts(numbers, name)
    relation = f"relation: {facts.relation or 'not known'}" if settings.has_treatments else ""
    known = [f"{stratum.subject}, {_inside_a_sentence(facts.term)}"]
    if facts.died:
        known.append("a death" if facts.serious != "False" else "a death not recorded as serious")
    day: Sentence = [", day not known"]
    if numbers.raw(name) == numbers.raw(name):
        day = [", day ", numbers.value(name)]
        day += [" from the treatment"] if facts.from_treatment else []
    return [", ".join(known), *day, *([f", {relation}"] if relation else [])]


def _inside_a_sentence(term: str) -> str:
    """A term with a small first letter, unless it is in capitals (SYNCOPE) or begins so (ECG)."""
    return term if term[1:2].isupper() else f"{term[:1].lower()}{term[1:]}"


def serious_events_table(numbers: Numbers, settings: AnalysisSettings) -> Table | None:
    """Each death and serious event; None where there is none."""
    listed = _listed(numbers)
    if not listed:
        return None
    grade = "Severity" if settings.severity else "Grade"
    rows = []
    for stratum, name in listed.items():
        facts = _facts(numbers, name)
        known = numbers.raw(name) == numbers.raw(name)
        cells = [
            f"{stratum.subject}: {facts.term}",
            numbers.value(name) if known else MISSING,
            facts.grade or MISSING,
            *([facts.relation or MISSING] if settings.has_treatments else []),
            {"True": "yes", "False": "no", "": "not known"}[facts.serious],
            "yes" if facts.died else "no",
        ]
        rows.append(cells)
    header = [f"{numbers.who.capital_one} and event", "Day", grade]
    header += ["Relation"] if settings.has_treatments else []
    counts_from = (
        "Day: from the first treatment" if settings.has_treatments else "Day: of the onset"
    )
    return Table(
        "serious-events",
        "Deaths and serious adverse events",
        [*header, "Serious", "Death"],
        rows,
        f"{counts_from}. Whether an event was serious and what it is related to is what the "
        "investigators recorded. All events: cleaned/adverse_events.csv.",
    )


def _deviations(numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    """What was given otherwise than it should have been, and to whom it should not have been."""
    checked: list[tuple[str, str]] = [
        (f"patients.{statistic}", words)
        for statistic, words in (
            (Patients.OTHER_CELLS, f"with another {numbers.who.one}'s product"),
            (Patients.UNRELEASED, "without a release before it"),
            (Patients.WITHOUT_DOSE, "without a permitted dose on record"),
        )
        if f"patients.{statistic}" in numbers
    ]
    treatments = [(name, words) for name, words in checked if numbers.raw(name)]
    criteria = [
        (f"patients.{item.name}.{Patients.OUTSIDE_CRITERION}", item.label)
        for item in settings.characteristics
        if f"patients.{item.name}.{Patients.OUTSIDE_CRITERION}" in numbers
    ]
    outside = [(name, label) for name, label in criteria if numbers.raw(name)]
    if not checked and not criteria:
        return []
    parts: list[Sentence] = []
    for name, words in treatments:
        parts.append([numbers.value(name), f" {numbers.noun(name, 'treatment')} {words}"])
    for name, label in outside:
        parts.append(
            [numbers.value(name), f" treated {numbers.who.of(numbers.raw(name))} outside the entry "
             f"criterion “{label}”"]
        )  # fmt: skip
    if not parts:
        return [["Deviations of treatment: none found in what the data allow to check."]]
    said: Sentence = ["Deviations of treatment: "]
    for place, part in enumerate(parts):
        said += ["; " if place else "", *part]
    return [[*said, "."]]
