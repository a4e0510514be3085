"""The first page as data: a structured abstract, and what would change its conclusion.

One content for page, paper and manuscript; each writer has ``abstract`` and ``sentence`` for it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from owncontrol.basics.number_texts import percent, significance
from owncontrol.estimates.counted import not_counted
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting import design_sentences
from owncontrol.reporting.event_sentences import events_sentence
from owncontrol.reporting.first_page_changes import what_would_change
from owncontrol.reporting.first_page_results import results
from owncontrol.reporting.frozen_sentences import other_verdict
from owncontrol.reporting.plan_facts import PlanFacts
from owncontrol.reporting.report_tables import Table, signed_rank_words, visit_labels
from owncontrol.reporting.safety_sentences import safety_words
from owncontrol.reporting.sentences import Ref, Sentence, in_brackets, verb
from owncontrol.reporting.study_words import before, everyone, has_items
from owncontrol.reporting.verdict_sentences import verdict_words
from owncontrol.study.plan_timing import Moment
from owncontrol.study.settings import AnalysisSettings

# Figures of which the first page has small ones, by how much they say about the conclusion.
LEADING = (
    "verdict",
    "ais_transitions",
    "paired_change",
    "responders",
    "adverse_events",
    "trajectories",
    "specification_curve",
    "time_to_improvement",
    "subject_flow",
)
MOST_FIGURES = 4
# Figures with a panel for each endpoint, and of how many that can still be read in small.
PANELS, MOST_PANELS = ("paired_change", "trajectories"), 6
OF_MANY = ("responders", "specification_curve", "time_to_improvement")
ALL_FILES = "data_quality.all_files."


@dataclass(frozen=True)
class Part:
    """A part of the abstract: its heading, and sentences that make one paragraph.

    ``leads``: whether a reader who reads one part has to read this one.
    """

    heading: str
    sentences: list[Sentence]
    leads: bool = False


@dataclass(frozen=True)
class FirstPage:
    """``parts``: those that the study has something for. ``changes``: a point each, below
    ``changes_heading``.
    """

    parts: list[Part]
    changes: list[Sentence]
    changes_heading: str


def first_page(
    numbers: Numbers,
    settings: AnalysisSettings,
    tables: Mapping[str, Table],
    plan: PlanFacts | None = None,
) -> FirstPage:
    """The first page of a study; ``tables``: those of the report by name, to refer to."""
    verdict = verdict_words(numbers, settings)
    parts = [
        Part("Background", [[settings.question]]),
        Part("Design", design(settings, numbers.raw(everyone(settings)) == 1)),
        Part(numbers.who.capital_many, patients(numbers, settings)),
        Part("Methods", methods(numbers, settings, verdict, plan)),
        Part("Results", results(numbers, settings, tables)),
        Part("Safety", [events_sentence(numbers, settings), *safety_words(numbers, settings)]),
        Part("Data quality", data_quality(numbers, settings, tables)),
        Part(
            "Conclusion",
            conclusion(settings, verdict, other_verdict(plan, numbers, settings)),
            leads=True,
        ),
    ]
    told = (Part(part.heading, [*filter(None, part.sentences)], part.leads) for part in parts)
    return FirstPage(
        [part for part in told if part.sentences],
        what_would_change(numbers, settings, verdict, tables),
        f"What would change this {'conclusion' if verdict else 'result'}",
    )


def small_figures(available: Collection[str], endpoints: int, is_single: bool) -> list[str]:
    """The figures that the first page shows in small, of those that the report has.

    ``endpoints``: how many the study has. ``is_single``: whether it is about one patient, of whom
    there are no shares and no estimates.
    """
    left_out = (*(PANELS if endpoints > MOST_PANELS else ()), *(OF_MANY if is_single else ()))
    return [name for name in LEADING if name in available and name not in left_out][:MOST_FIGURES]


def design(settings: AnalysisSettings, is_single: bool) -> list[Sentence]:
    """What is compared with what, who was blinded, how patients were enrolled.

    ``is_single``: whether the results are about one patient.
    """
    declared = settings.design
    who = declared.called
    compared = f"compared with the same {who.one} {before(settings)}."
    said = [
        f"Course of a single {who.one}, {compared}"
        if is_single
        else f"Series of {who.many} without a control group; each {who.one} is {compared}",
        design_sentences.blinding(declared),
        design_sentences.placebo(declared),
        design_sentences.enrolment(declared),
    ]
    return [[sentence] for sentence in said if sentence]


def patients(numbers: Numbers, settings: AnalysisSettings) -> list[Sentence]:
    """How many there are, when they were treated, and whom the main result is known of."""
    return [
        _treated(numbers, settings) if settings.has_treatments else _registered(numbers),
        _age_and_sex(numbers),
        _known(numbers, settings),
    ]


def _registered(numbers: Numbers) -> Sentence:
    name = "patients.registered"
    noun = numbers.who.of(numbers.raw(name))
    return [numbers.value(name), f" {noun} in the files", *_aside(numbers, "subjects"), "."]


def _treated(numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    count, day = "patients.treated", "patients.treatment_start_day"
    when: Sentence = []
    if f"{day}.median" in numbers and numbers.raw(f"{day}.median") == numbers.raw(f"{day}.median"):
        onset = settings.onset if settings.event_clock == "injury" else "baseline"
        middle = f"{day}.median"
        when = [
            ", a median of ", numbers.value(middle), " ", numbers.noun(middle, "day"),
            f" after the {onset} (range ", numbers.value(f"{day}.minimum"), " to ",
            numbers.value(f"{day}.maximum"), ")",
        ]  # fmt: skip
    registered = "patients.registered"
    return [
        numbers.value(count), " of ", numbers.value(registered),
        f" {numbers.who.of(numbers.raw(registered))} in the files "
        f"{verb(numbers.raw(count), 'was', 'were')} given the treatment ({settings.treatment})",
        *when,
        *_aside(numbers, "subjects", "treatments"), ".",
    ]  # fmt: skip


def _age_and_sex(numbers: Numbers) -> Sentence:
    """Median age with its range, and how many are female; empty where neither is known."""
    age, female = "patients.age", "patients.sex.female.subjects"
    said: Sentence = []
    known = f"{age}.median" in numbers and numbers.row(f"{age}.median").n
    if known:
        said = [
            "Median age ", numbers.value(f"{age}.median"), " years (range ",
            numbers.value(f"{age}.minimum"), " to ", numbers.value(f"{age}.maximum"), ")",
        ]  # fmt: skip
    if female in numbers and numbers.row(female).n:
        said += ["; female: " if said else "Female: ", numbers.share(female)]
    return [*said, "."] if said else []


def _known(numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    """Of how many the main result is known; empty where nobody has both visits."""
    primary, labels = settings.endpoints[0], visit_labels(settings)
    name = f"change.{primary.name}.{primary.time_point}.improved"
    if not numbers.raw_n(name):
        return []
    ends = f"{labels[primary.baseline]} and {labels[primary.time_point]}"
    if numbers.raw(everyone(settings)) == 1:
        return [f"{primary.label} is known at both {ends}."]
    if numbers.raw_n(name) == numbers.raw(everyone(settings)):
        return [f"{primary.label} is known for all of them at both {ends}."]
    return [f"{primary.label} is known for ", numbers.n(name), f" of them at both {ends}."]


def methods(
    numbers: Numbers,
    settings: AnalysisSettings,
    verdict: dict[str, Any] | None,
    plan: PlanFacts | None,
) -> list[Sentence]:
    """The main result with its test, the comparison with published rates, the plan: two lines."""
    primary, labels = settings.endpoints[0], visit_labels(settings)
    test = "exact McNemar test" if primary.kind == "yes_no" else signed_rank_words(numbers)
    tested = f"{test}, two-sided; {percent(settings.level)} % intervals"
    if numbers.raw(everyone(settings)) == 1:
        tested = "it is described, not tested"
    said = [
        f"Main result: change in {primary.label} from {labels[primary.baseline]} to "
        f"{labels[primary.time_point]}; {tested}."
    ]
    if verdict and settings.natural_recovery:
        declared = settings.natural_recovery.primary
        alpha = significance(1 - declared.alpha)
        alpha += " over all declared looks together" if declared.looks else ""
        said.append(
            f"The number of {numbers.who.many} who improved is compared with the number "
            "expected from "
            "published rates of untreated patients of the same grade; more and fewer are each "
            f"tested one-sided at {alpha}."
        )
    return [[sentence] for sentence in [*said, _frozen(plan)] if sentence]


def _frozen(plan: PlanFacts | None) -> str:
    """Whether the plan was frozen, and when; empty where nothing is known of a plan."""
    if plan is None:
        return ""
    if not plan.versions:
        return "The analysis plan was not frozen."
    return {
        Moment.BEFORE: "The analysis plan was frozen before the first follow-up.",
        Moment.AFTER: "The analysis plan was frozen after the first follow-up.",
        Moment.NOT_KNOWN: "The analysis plan was frozen; whether before the first follow-up is not "
        "known.",
    }[plan.versions[0].moment]


def data_quality(
    numbers: Numbers, settings: AnalysisSettings, tables: Mapping[str, Table]
) -> list[Sentence]:
    """Where the raw rows went, what was found in them, which scores differ."""
    differ: Sentence = []
    if has_items(settings):
        differ = ["No recorded score differs from the computed one."]
    if tables["discrepancies"].rows:
        differ = ["Recorded and computed scores that differ: ", Ref("table", "discrepancies"), "."]
    return [_rows(numbers), _findings(numbers), *([differ] if differ else [])]


def _rows(numbers: Numbers) -> Sentence:
    """How many raw rows were kept, and what became of the others."""
    read, kept = f"{ALL_FILES}rows_in", f"{ALL_FILES}kept"
    rows = numbers.noun(read, "raw row")
    flow = in_brackets([[Ref("table", "flow")]])
    if numbers.raw(read) == numbers.raw(kept):
        all_of = "The only" if numbers.raw(read) == 1 else "All"
        were = verb(numbers.raw(read), "was", "were")
        return [f"{all_of} ", numbers.value(read), f" {rows} {were} kept", *flow, "."]
    said: Sentence = [
        "Of ", numbers.value(read), f" {rows}, ", numbers.value(kept),
        f" {verb(numbers.raw(kept), 'was', 'were')} kept, ",
        numbers.value(f"{ALL_FILES}quarantined"), " set aside as unusable and ",
        numbers.value(f"{ALL_FILES}merged"), " merged with another row",
    ]  # fmt: skip
    outside = f"{ALL_FILES}not_part"
    if outside in numbers:
        said += ["; ", numbers.value(outside)]
        said.append(f" {verb(numbers.raw(outside), 'is', 'are')} not part of this study")
    return [*said, *flow, "."]


def _findings(numbers: Numbers) -> Sentence:
    """How many findings there are, by severity."""
    ids = {name: f"data_quality.{name}.findings" for name in ("error", "warning", "note")}
    if not any(map(numbers.raw, ids.values())):
        return ["No rule objects to anything in them."]
    found: Sentence = ["Findings: "]
    for place, (severity, name) in enumerate(ids.items()):
        found += [", " if place else "", numbers.value(name), " ", numbers.noun(name, severity)]
    return [*found, *in_brackets([[Ref("table", "findings")]]), "."]


def conclusion(
    settings: AnalysisSettings, verdict: dict[str, Any] | None, by_the_plan: str = ""
) -> list[Sentence]:
    """The verdict where there is one, and what a change within patients can show.

    ``by_the_plan``: that the frozen plan leads to another verdict; empty where it does not.
    """
    lead, further = (verdict["lead"], verdict["further"]) if verdict else ([], [])
    told = [*lead, *([[by_the_plan]] if by_the_plan else []), *further]
    return [*told, [design_sentences.comparison(settings.design, settings.has_treatments)]]


def _aside(numbers: Numbers, *tables: str) -> Sentence:
    parts = not_counted(numbers, tables)
    return ["; ", *parts] if parts else []
