"""Where a study answers what a reporting checklist asks: in its report, tables or configuration.

A fact is one such question. It gives the places of its answer, or none where the study's
configuration and results do not say it; then the gap is named, and nothing is made up.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from owncontrol.basics.markdown_texts import markdown
from owncontrol.study.model import Study

REPORT = "report/report.html"
HEADING = re.compile(r'<h2 id="([^"]+)">([^<]*)')


@dataclass(frozen=True)
class Evidence:
    """A study and what its report has: ``sections``, titles by id; ``tables``, names of files."""

    study: Study
    sections: dict[str, str]
    tables: frozenset[str]

    def section(self, *names: str) -> list[str]:
        """Of these sections those that the report has."""
        found = [self.sections[name] for name in names if name in self.sections]
        return [f'report, section "{markdown(title)}"' for title in found]

    def table(self, *names: str) -> list[str]:
        """Of these tables of the report those that are there."""
        return [f"report/tables/{name}.csv" for name in names if name in self.tables]


@dataclass(frozen=True)
class Fact:
    """One question. ``found``: the places of its answer.

    ``name``: how a gap is named, with {many} for what the subjects are called.
    """

    name: str
    found: Callable[[Evidence], list[str]]

    def named(self, evidence: Evidence) -> str:
        """How a gap is named in this study."""
        return evidence.study.design.called.within(self.name)


def read_evidence(study: Study, results: Path) -> Evidence:
    """What the finished report in a results folder has."""
    page = (results / REPORT).read_text("utf-8")
    sections = {name: html.unescape(title) for name, title in HEADING.findall(page)}
    tables = {path.stem for path in (results / "report/tables").glob("*.csv")}
    return Evidence(study, sections, frozenset(tables))


def _key(key: str, is_given: Callable[[Study], object]) -> Callable[[Evidence], list[str]]:
    """The configuration's key where it says something; False is an answer, None is none."""

    def found(evidence: Evidence) -> list[str]:
        return [] if is_given(evidence.study) in (None, "", ()) else [f"configuration, `{key}`"]

    return found


def _in(*sections: str) -> Callable[[Evidence], list[str]]:
    return lambda evidence: evidence.section(*sections)


def _listed(*tables: str) -> Callable[[Evidence], list[str]]:
    return lambda evidence: evidence.table(*tables)


def _nowhere(_evidence: Evidence) -> list[str]:
    return []


def _criteria(evidence: Evidence) -> list[str]:
    entry = any(one.eligibility for one in evidence.study.characteristics)
    return ["configuration, `characteristics` (eligibility)"] if entry else []


def _harms(evidence: Evidence) -> list[str]:
    return evidence.table("adverse_events", "serious-events") and [
        *evidence.section("adverse-events"),
        *evidence.table("adverse_events", "serious-events"),
    ]


TITLE = Fact("title", _key("title", lambda study: study.title))
SUMMARY = Fact("summary", _in("summary"))
QUESTION = Fact("question", _key("question", lambda study: study.question))
BACKGROUND = Fact("scientific background and theory", _nowhere)
SETTING = Fact("where and in which hospitals", _nowhere)
PERIOD = Fact("period of the study", _key("period", lambda study: study.period))
CRITERIA = Fact("criteria of eligibility", _criteria)
ENROLMENT = Fact(
    "how {many} were enrolled", _key("design.enrolment", lambda study: study.design.enrolment)
)
TREATMENT = Fact("treatment", _key("treatment", lambda study: study.treatment))
DELIVERY = Fact("who gave the treatment, how and where", _nowhere)
OUTCOMES = Fact("endpoints and how they are measured", _in("estimands", "data-dictionary"))
PLAN = Fact("analysis plan", _key("plan", lambda study: study.plan.version))
SIZE = Fact("how the number of {many} was decided", _nowhere)
CONTROLS = Fact(
    "{many} without the treatment", _key("design.controls", lambda study: study.design.controls)
)
SUBJECTS_BLINDED = Fact(
    "blinding of {many}",
    _key("design.blinded.patients", lambda study: study.design.blinded.patients),
)
ASSESSORS_BLINDED = Fact(
    "blinding of assessors",
    _key("design.blinded.assessors", lambda study: study.design.blinded.assessors),
)
COURSE = Fact(
    "what is expected without the treatment",
    lambda evidence: [
        *_key("design.natural_course", lambda study: study.design.natural_course)(evidence),
        *evidence.section("natural-recovery"),
        *evidence.table("natural-course", "published-rates"),
    ],
)
METHODS = Fact("statistical methods", _in("methods"))
MISSING = Fact("missing data", _listed("missing-and-rating", "attendance"))
SENSITIVITY = Fact(
    "sensitivity analyses",
    lambda evidence: evidence.section("sensitivity") + evidence.table("multiverse"),
)
FLOW = Fact("flow of {many}", _listed("flow"))
DEPARTURES = Fact("departures from the plan", _listed("deviations"))
BASELINE = Fact("{many} at baseline", _listed("patients"))
CHANGE = Fact(
    "change of each endpoint, with n and interval",
    lambda evidence: evidence.section("change-from-baseline") + evidence.table("change"),
)
FURTHER = Fact("further analyses", _listed("responders", "course", "arms"))
HARMS = Fact("adverse events", _harms)
EVENT_SCALE = Fact(
    "scale of adverse events", _key("design.event_scale", lambda study: study.design.event_scale)
)
LIMITS = Fact("limitations", _in("limitations"))
MEANING = Fact("what the results mean beside other evidence", _nowhere)
OTHERS = Fact("for whom else they hold", _nowhere)
REGISTRATION = Fact(
    "registration", _key("design.registration", lambda study: study.design.registration)
)
ETHICS = Fact("approval", _key("design.ethics", lambda study: study.design.ethics))
FUNDING = Fact("funding", _key("design.funding", lambda study: study.design.funding))
