"""Sentences about a study's design: each says what is declared, and is silent where nothing is."""

from collections.abc import Sequence

from owncontrol.reporting.sentences import capital, listed
from owncontrol.study.design import Design

COURSES = {
    "recovery": "Such {many} also improve without treatment, and that is part of the change.",
    "stable": "Such {many} are expected to stay as they are without treatment.",
    "worsening": "Such {many} are expected to get worse without treatment.",
}


def blinding(design: Design) -> str:
    """Who was blinded and who was not; empty where nothing is declared."""
    said = {
        design.called.many: design.blinded.patients,
        "assessors": design.blinded.assessors,
    }
    blinded = [who for who, is_blinded in said.items() if is_blinded]
    open_to = [who for who, is_blinded in said.items() if is_blinded is False]
    if len(open_to) == 2:
        return f"Neither {design.called.many} nor assessors were blinded."
    parts = [f"{' and '.join(blinded)} were blinded"] if blinded else []
    parts += [f"{who} were not blinded" for who in open_to]
    return _sentence(", ".join(parts))


def placebo(design: Design) -> str:
    """Whether there was a placebo; empty where that is not declared."""
    if design.placebo is None:
        return ""
    return "A placebo was given." if design.placebo else "Nobody was given a placebo."


def comparison(design: Design, has_treatments: bool = True) -> str:
    """What the change can be compared with, and what is expected without the treatment."""
    many = design.called.many
    course = COURSES.get(design.natural_course or "", "").format(many=many)
    if not has_treatments:
        return f"What the numbers show is change within {many}; they do not show what caused it."
    said = (
        f"What the numbers show is change within {many}. Whether the treatment caused any of it "
        f"cannot be tested here: these data have no {many} without it."
    )
    return " ".join(filter(None, [said, course]))


def limits(design: Design) -> str:
    """What else may be part of a change, by what the design leaves open."""
    causes = ["natural recovery"] if design.natural_course == "recovery" else []
    causes += ["other care", "learning"]
    unblinded = False in (design.blinded.patients, design.blinded.assessors)
    causes += ["expectation"] if unblinded else []
    said = f"There is no control group: {listed(causes)} may be part of the change."
    return " ".join(filter(None, [said, blinding(design), design.controls]))


ENROLLED = {
    "consecutive": "{many} were enrolled consecutively.",
    "selected": "{many} were selected; those who were not may differ.",
}


def enrolment(design: Design) -> str:
    """How patients were enrolled; empty where that is not declared."""
    said = ENROLLED.get(design.enrolment or "", "")
    return said.format(many=design.called.capital_many)


def conduct(design: Design) -> list[str]:
    """Enrolment, registration, ethics and funding, a sentence each."""
    found = [enrolment(design)]
    found += [f"Registered: {design.registration}." if design.registration else ""]
    found += [f"Ethics: {design.ethics}." if design.ethics else ""]
    found += [f"Funding: {design.funding}." if design.funding else ""]
    return [sentence for sentence in found if sentence]


def graded_by(design: Design, severity: Sequence[str] = ()) -> str:
    """What events are graded by: ``CTCAE grade``, ``grade`` without a scale, or ``severity``.

    ``severity``: the words for it, where these are declared.
    """
    noun = "severity" if severity else "grade"
    return f"{design.event_scale} {noun}" if design.event_scale else noun


def _sentence(text: str) -> str:
    return f"{capital(text)}." if text else ""
