"""The first page's words on the plan: when it was frozen, what departs from it, what to know."""

import math
from collections.abc import Sequence
from typing import Any

from owncontrol.analysis.plan_disclosures import Kind
from owncontrol.basics.number_texts import percent
from owncontrol.estimates.collect import slug
from owncontrol.estimates.looks import level_of_verdict
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import Misjudged
from owncontrol.reporting.departure_sentences import most_told, told_by_area
from owncontrol.reporting.frozen_sentences import frozen_sentences
from owncontrol.reporting.plan_facts import PlanFacts, Version
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.sentences import Sentence, listed
from owncontrol.study.design import SubjectWords
from owncontrol.study.plan_departures import Area
from owncontrol.study.plan_timing import Moment
from owncontrol.study.settings import AnalysisSettings

MOST_TOLD = 8  # patients, cells and files that are named
MOST_SCORES = 5  # scores without endpoint that are named
MOST_LISTED = 100  # departures in the report's table
USUAL_LEVEL = 0.95
SHOWN = 12  # characters of a hash
WHAT_IF = "what-if/"
AFTER = "after the first follow-up: every result is post hoc"


def status_sentences(facts: PlanFacts, settings: AnalysisSettings) -> list[str]:
    """When the plan was frozen and by whom, beside the first follow-up; or that it was not."""
    if settings.study.startswith(WHAT_IF):
        return ["This run is a variation of a study; it is not compared with a frozen plan."]
    dated = []
    if facts.declared is Moment.AFTER:
        dated = [f"The plan of the configuration is dated {settings.plan.date}, {AFTER}."]
    if not facts.versions:
        return [_not_frozen(settings), *dated]
    first, *amended = facts.versions
    registry = f" (registry number as entered: {first.registry})" if first.registry else ""
    told = [
        f"Plan frozen on {first.frozen} by {first.who}{registry}{_moment(first)}",
        f"The hash of the plan begins with {first.sha256[:SHOWN]}: compare it with the one that "
        "was deposited when it was frozen",
    ]
    if first.raw_files:
        told.append(_raw_files(first))
    for version in amended:
        when = {Moment.NOT_KNOWN: ""}.get(version.moment, f", {version.moment} the first follow-up")
        told.append(f"Amended on {version.frozen} by {version.who}{when}: {version.why}")
    if amended:
        told.append(f"This run is compared with the version of {facts.compared.frozen}.")
    return [f"{sentence.rstrip('.')}." for sentence in [*told, *dated]]


def _raw_files(version: Version) -> str:
    total = f"{version.raw_files} raw file{'' if version.raw_files == 1 else 's'}"
    verb = "was" if version.raw_files == 1 else "were"
    return (
        f"{total} of the study {verb} already there when it was frozen, "
        f"{version.raw_unchanged or 'none'} of them with the content that is analysed now"
    )


def _not_frozen(settings: AnalysisSettings) -> str:
    chosen = {
        "endpoints": True,
        "windows": any(visit.window for visit in settings.visits),
        "benchmark": settings.natural_recovery is not None,
        "claims": bool(settings.claims),
    }
    words = listed([word for word, is_there in chosen.items() if is_there])
    return f"The plan was not frozen: {words} may have been chosen with the results in view."


def _moment(version: Version) -> str:
    return {
        Moment.BEFORE: ", before the first follow-up.",
        Moment.AFTER: f", {AFTER}.",
        Moment.NOT_KNOWN: (
            "; no follow-up has a known date, so whether that was before the first one is "
            "not known."
        ),
    }[version.moment]


def departure_sentences(
    facts: PlanFacts, numbers: Numbers, settings: AnalysisSettings
) -> list[Sentence]:
    """The first departures of each area from the frozen plan, a sentence each, and how many more.

    No area is left out, so that many departures of one do not hide that of another.
    """
    sentences: list[Sentence] = []
    for area, told in told_by_area(facts.departures, settings):
        sentences += [[text] for text in told[: most_told(area)]]
        if len(told) > most_told(area):
            sentences.append(
                [
                    f"On {area.value} there are ",
                    numbers.value(f"plan.{slug(area)}.departures"),
                    " departures in all.",
                ]
            )
    return sentences


def is_cut(facts: PlanFacts, settings: AnalysisSettings) -> bool:
    """Whether there are more departures than have a sentence."""
    by_area = told_by_area(facts.departures, settings)
    return any(len(told) > most_told(area) for area, told in by_area)


def disclosure_sentences(
    facts: PlanFacts, numbers: Numbers, settings: AnalysisSettings
) -> list[Sentence]:
    """What a reader has to know, whether or not there is a frozen plan."""
    told = [
        *_excluded(facts, numbers, settings),
        *_corrected(facts, numbers, settings),
        *_left_out(facts, numbers),
        *_without_baseline(facts, numbers, settings),
        *_lost(facts, numbers, settings),
        *_untreated(facts, numbers, settings),
        *_scores(facts, numbers),
        *_choices(facts, settings),
        *_not_comparable(facts, numbers.who),
        _looks(facts, numbers),
    ]
    return told


def _excluded(facts: PlanFacts, numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    found, who = [], numbers.who
    for kind, noun, more in (
        (Kind.UNPLANNED_PATIENT, who, " that the frozen plan does not exclude"),
        (Kind.UNPLANNED_ROW, "raw row", " that the frozen plan does not exclude"),
        (Kind.EXCLUDED_PATIENT, who, ""),
        (Kind.EXCLUDED_ROW, "raw row", ""),
    ):
        items = facts.of(kind)
        if items:
            verb = "is" if len(items) == 1 else "are"
            named = _named([f"{item.name} ({item.detail})" for item in items])
            counted = _counted(numbers, kind, noun, len(items))
            effect = if_they_count(numbers, settings, len(items)) if noun == who else []
            found.append([*counted, f" {verb} excluded{more}: {named}.", *effect])
    return found


def if_they_count(numbers: Numbers, settings: AnalysisSettings, patients: int) -> Sentence:
    """What so many patients would make of a verdict, had all of them spoken against it."""
    if settings.natural_recovery is None:
        return []
    recovery = settings.natural_recovery
    stem = f"natural_recovery.{recovery.primary_comparison.name}"
    verdict = f"{stem}.all_grades.verdict"
    if verdict not in numbers or not numbers.raw(verdict) or math.isnan(numbers.raw(verdict)):
        return []
    had = "Had none" if numbers.raw(verdict) > 0 else "Had all"
    name = f"{stem}.{slug(str(Misjudged(0, patients)))}.{NaturalRecovery.IF_MISJUDGED}"
    if name not in numbers:
        return [f" {had} of them improved: whether the verdict would stand is not known."]
    alpha = level_of_verdict(numbers, recovery.primary, recovery.primary_comparison.name)
    stands = "still stand" if numbers.row(name).p <= alpha else "not stand"
    return [
        f" {had} of them improved, the verdict would {stands} (one-sided ",
        numbers.p(name),
        ").",
    ]


def _corrected(facts: PlanFacts, numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    label = settings.endpoints[0].label
    found = []
    for kind, noun, words in (
        (Kind.CORRECTION, "corrected cell", f"touch the primary endpoint, {label}"),
        (Kind.PERSON_CORRECTION, "corrected cell", f"concern {numbers.who.many} or treatments"),
        (Kind.OTHER_CORRECTION, "other cell", "were corrected"),
    ):
        items = facts.of(kind)
        if items:
            named = _named(
                [f"{item.name}, {item.detail} ({item.file} row {item.row})" for item in items], "; "
            )
            counted = _counted(numbers, kind, noun, len(items))
            found.append([*counted, f" {_inflected(words, len(items))}: {named}."])
    return found


def _inflected(words: str, count: int) -> str:
    """Words that begin with a verb in the plural, as they go with a count."""
    verb, _, rest = words.partition(" ")
    one = {"touch": "touches", "concern": "concerns", "were": "was"}
    return f"{one[verb] if count == 1 else verb} {rest}"


def _left_out(facts: PlanFacts, numbers: Numbers) -> list[Sentence]:
    found: list[Sentence] = [
        [f"Numbers are left out in {item.file}, {item.name}: {item.detail}."]
        for item in facts.of(Kind.CODES)
    ]
    items = facts.of(Kind.NUMBER)
    if items:
        places = _named([f"{item.file} row {item.row} ({item.name})" for item in items])
        counted = _counted(numbers, Kind.NUMBER, "gap", len(items))
        found.append(["Numbers of raw rows have ", *counted, f", before: {places}."])
    return found


def _without_baseline(
    facts: PlanFacts, numbers: Numbers, settings: AnalysisSettings
) -> list[Sentence]:
    items, primary = facts.of(Kind.NO_BASELINE), settings.endpoints[0]
    if not items:
        return []
    label = next(visit.label for visit in settings.visits if visit.name == primary.baseline)
    name = "plan.without_baseline"
    verb = "has" if len(items) == 1 else "have"
    named = _named([item.name for item in items])
    words = f" treated {numbers.who.many} {verb} no {primary.label} at {label}: {named}."
    return [[numbers.events(name), " of ", numbers.n(name), words]]


def _lost(facts: PlanFacts, numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    items, primary = facts.of(Kind.LOST), settings.endpoints[0]
    if not items:
        return []
    labels = {visit.name: visit.label for visit in settings.visits}
    name = f"plan.{primary.name}.{primary.time_point}.lost"
    named = _named([f"{item.name} (last seen at {item.detail})" for item in items])
    return [
        [
            numbers.events(name),
            " of ",
            numbers.n(name),
            f" {numbers.who.many} with {primary.label} at {labels[primary.baseline]} "
            f"{'has' if len(items) == 1 else 'have'} none at {labels[primary.time_point]}: "
            f"{named}.",
        ]
    ]


def _untreated(facts: PlanFacts, numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    items, primary = facts.of(Kind.UNTREATED), settings.endpoints[0]
    if not items:
        return []
    label = next(visit.label for visit in settings.visits if visit.name == primary.time_point)
    counted = _counted(numbers, Kind.UNTREATED, numbers.who, len(items))
    verb = "has" if len(items) == 1 else "have"
    words = f" examined at {label} {verb} no treatment on record: "
    return [[*counted, words, f"{_named([item.name for item in items])}."]]


def _scores(facts: PlanFacts, numbers: Numbers) -> list[Sentence]:
    items, name = facts.of(Kind.NOT_ANALYSED), "plan.scores_analysed"
    if not items:
        return []
    named = f"; not analysed: {_named([item.detail for item in items])}"
    return [
        [
            "Of ",
            numbers.n(name),
            " scores recorded at both visits, ",
            numbers.events(name),
            f" {'is' if numbers.row(name).events == 1 else 'are'} analysed"
            f"{named if len(items) <= MOST_SCORES else ''}.",
        ]
    ]


def _choices(facts: PlanFacts, settings: AnalysisSettings) -> list[Sentence]:
    found: list[Sentence] = []
    departs = any(item.area is Area.LEVEL for item in facts.departures)
    if settings.level != USUAL_LEVEL and not departs:
        found.append(
            [
                f"The level of confidence is {percent(settings.level)} %, not the usual "
                f"{percent(USUAL_LEVEL)} %."
            ]
        )
    found += [
        [f"The table of published rates ({item.name}) is not one that comes with the project."]
        for item in facts.of(Kind.OTHER_RATES)
    ]
    found += [
        [f"The table of published courses ({item.name}) is not one that comes with the project."]
        for item in facts.of(Kind.OTHER_COURSE)
    ]
    found += [
        [f"The study defines the instrument {item.name} otherwise than the project does."]
        for item in facts.of(Kind.OTHER_INSTRUMENT)
    ]
    graded = any(endpoint.grades for endpoint in settings.endpoints)
    if graded and settings.natural_recovery is None and settings.design.natural_course != "stable":
        found.append(
            [
                "No published rates are configured: how many "
                f"{settings.design.called.many} would have improved by a grade in any case "
                "cannot be said."
            ]
        )
    return found


def _not_comparable(facts: PlanFacts, who: SubjectWords) -> list[Sentence]:
    """What the frozen plan does not hold, and what cannot be seen of the raw files."""
    found: list[Sentence] = []
    parts = [f"{item.name} ({item.detail.replace('_', ' ')})" for item in facts.of(Kind.NOT_HELD)]
    if parts:
        found.append(
            [
                "The frozen plan was written by an earlier version of the program. Not held by "
                f"this lock, and so not compared: {listed(parts)}."
            ]
        )
    if since := facts.of(Kind.RAW_SINCE):
        named = _named([f"{item.name} ({item.detail})" for item in since])
        found.append([f"Raw files are not as they were when the plan was frozen: {named}."])
    if missing := facts.of(Kind.RAW_GONE):
        named = _named([item.name for item in missing])
        found.append([f"Raw files that MANIFEST lists are not there: {named}."])
    if facts.of(Kind.KEYED):
        found.append(
            [f"{who.capital_many} have keyed codes, so that no gap in their numbers can be seen."]
        )
    return found


def _looks(facts: PlanFacts, numbers: Numbers) -> Sentence:
    name = "plan.data_cuts"
    record = "Every set of raw files analysed here is counted in provenance/history-looks.txt."
    items = facts.of(Kind.RAW_CHANGE)
    if not items:
        return [f"MANIFEST.history records no change of a raw file since it was listed. {record}"]
    named = _named([f"{item.file} on {item.name} ({item.detail})" for item in items])
    return [
        f"Listed raw files were changed: {named}. These data are at least cut ",
        numbers.value(name),
        f" of the study. {record}",
    ]


def _counted(numbers: Numbers, kind: Kind, noun: str | SubjectWords, count: int) -> Sentence:
    """How many of a kind, with the noun."""
    if isinstance(noun, str):
        noun = SubjectWords(one=noun, many=f"{noun}s")
    name = f"plan.{slug(kind)}.disclosed"
    return [numbers.value(name), f" {noun.of(count)}"]


def _named(names: Sequence[str], between: str = ", ") -> str:
    """The first names, and that there are more."""
    more = f"{between}and others (plan/disclosures.csv)" if len(names) > MOST_TOLD else ""
    return between.join(names[:MOST_TOLD]) + more


def plan_table(facts: PlanFacts, study: str) -> Table:
    """What differs from the frozen plan: key, frozen, now."""
    rows: list[list[Any]] = []
    groups: dict[int, str] = {}
    area = None
    for item in sorted(facts.departures, key=lambda item: list(Area).index(item.area)):
        if item.area is not area:
            groups[len(rows)] = f"{item.area[:1].upper()}{item.area[1:]}"
            area = item.area
        rows.append([item.key, item.frozen or "nothing", item.now or "nothing"])
    cut = len(rows) > MOST_LISTED
    return Table(
        "plan",
        "Departures from the frozen plan",
        ["Key", "Frozen", "Now"],
        rows[:MOST_LISTED],
        "Keys as in the configuration. The whole plan is in config/"
        f"{study}.plan.lock.{' The first ones; plan/departures.csv has all.' if cut else ''}",
        {place: text for place, text in groups.items() if place < MOST_LISTED},
    )


def plan_words(
    facts: PlanFacts | None, numbers: Numbers, settings: AnalysisSettings
) -> dict[str, Any] | None:
    """What the template of the first page needs of the plan; None where nothing is known of it."""
    if facts is None:
        return None
    return {
        "status": status_sentences(facts, settings),
        "is_frozen": bool(facts.versions),
        "is_late": facts.is_late,
        "departures": departure_sentences(facts, numbers, settings),
        "as_frozen": frozen_sentences(facts, numbers, settings),
        "is_cut": is_cut(facts, settings),
        "disclosures": disclosure_sentences(facts, numbers, settings),
        "table": plan_table(facts, settings.study),
    }
