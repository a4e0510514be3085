"""The checklists TREND and STROBE, filled as far as configuration and results answer them.

TREND: Des Jarlais et al., Am J Public Health 2004;94:361-366, 22 items. STROBE: von Elm et al.,
Lancet 2007;370:1453-1457, 22 items, here for cohorts. The numbers are theirs; what an item asks for
is said in words of our own, and the authors' text is what counts.
"""

from dataclasses import dataclass

from owncontrol.basics.markdown_texts import markdown
from owncontrol.publication import evidence as of
from owncontrol.publication.evidence import Evidence, Fact

NOT_DECLARED = "not declared"


@dataclass(frozen=True)
class Item:
    """An item of a checklist by its number, what it asks for, and the facts that answer it.

    ``asks``: with {many} for what the subjects are called.
    """

    number: int
    asks: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Checklist:
    """A checklist. ``source``: where its authors' own text is."""

    name: str
    source: str
    items: tuple[Item, ...]


TREND = Checklist(
    "TREND",
    "Des Jarlais et al., Am J Public Health 2004;94:361-366",
    (
        Item(1, "title and summary", (of.TITLE, of.SUMMARY)),
        Item(2, "why the study was made", (of.BACKGROUND,)),
        Item(3, "who took part, how and where found", (of.CRITERIA, of.ENROLMENT, of.SETTING)),
        Item(4, "what was given", (of.TREATMENT, of.DELIVERY)),
        Item(5, "aims", (of.QUESTION,)),
        Item(6, "what was measured", (of.OUTCOMES,)),
        Item(7, "number of {many}", (of.SIZE,)),
        Item(8, "how {many} came to be treated", (of.ENROLMENT, of.CONTROLS)),
        Item(9, "blinding", (of.SUBJECTS_BLINDED, of.ASSESSORS_BLINDED)),
        Item(10, "smallest unit that is analysed", (of.METHODS,)),
        Item(11, "statistics", (of.METHODS, of.MISSING, of.PLAN)),
        Item(12, "how many at each stage, departures", (of.FLOW, of.DEPARTURES)),
        Item(13, "when {many} were enrolled and followed", (of.PERIOD,)),
        Item(14, "{many} at the start", (of.BASELINE,)),
        Item(15, "whether groups were alike at the start", (of.CONTROLS, of.COURSE)),
        Item(16, "numbers in each analysis", (of.CHANGE,)),
        Item(17, "results with their precision", (of.CHANGE,)),
        Item(18, "other analyses, which were planned", (of.FURTHER, of.SENSITIVITY, of.PLAN)),
        Item(19, "harm", (of.HARMS, of.EVENT_SCALE)),
        Item(20, "reading of the results with their weaknesses", (of.LIMITS, of.MEANING)),
        Item(21, "for whom the results hold", (of.OTHERS,)),
        Item(22, "the evidence as a whole", (of.MEANING,)),
    ),
)
STROBE = Checklist(
    "STROBE",
    "von Elm et al., Lancet 2007;370:1453-1457",
    (
        Item(1, "design in the title, summary", (of.TITLE, of.SUMMARY)),
        Item(2, "why the study was made", (of.BACKGROUND,)),
        Item(3, "aims", (of.QUESTION,)),
        Item(4, "design", (of.METHODS, of.ENROLMENT)),
        Item(5, "place and dates", (of.SETTING, of.PERIOD)),
        Item(6, "who could take part", (of.CRITERIA, of.ENROLMENT)),
        Item(7, "what is measured, exposure, confounders", (of.OUTCOMES, of.TREATMENT, of.COURSE)),
        Item(8, "where the values are from", (of.OUTCOMES, of.ASSESSORS_BLINDED)),
        Item(9, "bias and what was done against it", (of.COURSE, of.LIMITS)),
        Item(10, "number of {many}", (of.SIZE,)),
        Item(11, "how numbers were treated", (of.METHODS,)),
        Item(12, "statistics", (of.METHODS, of.MISSING, of.SENSITIVITY)),
        Item(13, "how many at each stage", (of.FLOW,)),
        Item(14, "{many} at the start, missing values", (of.BASELINE, of.MISSING)),
        Item(15, "outcomes over time", (of.CHANGE,)),
        Item(16, "estimates with intervals", (of.CHANGE,)),
        Item(17, "other analyses", (of.FURTHER, of.SENSITIVITY)),
        Item(18, "main results", (of.SUMMARY,)),
        Item(19, "limitations", (of.LIMITS,)),
        Item(20, "reading of the results", (of.MEANING,)),
        Item(21, "for whom the results hold", (of.OTHERS,)),
        Item(22, "who paid", (of.FUNDING,)),
    ),
)
CHECKLISTS = (TREND, STROBE)


def open_items(checklist: Checklist, evidence: Evidence) -> int:
    """How many items have a gap."""
    return sum(any(not fact.found(evidence) for fact in item.facts) for item in checklist.items)


def checklist_text(checklist: Checklist, evidence: Evidence) -> str:
    """The filled checklist as Markdown, an item a row, its gaps named."""
    total = len(checklist.items)
    lines = [
        f"# {checklist.name}: {markdown(evidence.study.title)}",
        "",
        f"By the numbers of {checklist.source}; the words are not theirs. Filled from the "
        "configuration and the results: where an item is answered, not how well. Tables are those "
        f"of results/{evidence.study.study} in the archive. "
        f"{open_items(checklist, evidence)} of {total} items have a gap.",
        "",
        "| item | asks for | where it is answered | gaps |",
        "|---|---|---|---|",
    ]
    for item in checklist.items:
        places, gaps = [], []
        asks = evidence.study.design.called.within(item.asks)
        for fact in item.facts:
            found = fact.found(evidence)
            places += [place for place in found if place not in places]
            gaps += [] if found else [f"{fact.named(evidence)}: {NOT_DECLARED}"]
        lines.append(f"| {item.number} | {asks} | {'; '.join(places)} | {'; '.join(gaps)} |")
    return "\n".join(lines) + "\n"
