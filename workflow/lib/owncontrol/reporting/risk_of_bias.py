"""The domains of ROBINS-I as a table: what is declared or seen, and a judgement where it follows.

Sterne 2016, *BMJ* 355:i4919. A judgement is given only where the design or the data leave no
other; the rest is for the reader, who finds here what it depends on.
"""

import math
from typing import Any

from owncontrol.estimates.declared_statistics import Patients
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.report_tables import Table
from owncontrol.study.settings import AnalysisSettings

Cell = list[Any] | str
SERIOUS = "serious"
LOW = "low"
OPEN = "for the reader"
NOT_DECLARED = "Not declared."


def risk_table(
    numbers: Numbers, settings: AnalysisSettings, plan: dict[str, Any] | None
) -> Table | None:
    """A row per domain; None of a study without treatments, which claims no effect.

    ``plan``: the words of the report on the plan, None where nothing is known of one.
    """
    if not settings.has_treatments:
        return None
    rows: list[list[Any]] = [
        ["Confounding", *_confounding(settings)],
        [f"Selection of {settings.design.called.many}", *_selection(settings)],
        ["Classification of the treatment", *_classification(settings)],
        ["Deviations from the intended treatment", *_deviations(numbers, settings)],
        ["Missing data", *_missing(numbers, settings)],
        ["Measurement of outcomes", *_measurement(settings)],
        ["Selection of the reported result", *_reporting(settings, plan)],
    ]
    return Table(
        "risk-of-bias",
        "Risk of bias by the domains of ROBINS-I",
        ["Domain", "Declared or seen", "Risk"],
        rows,
        "A risk is given only where it follows from the design or the data; otherwise the reader "
        "judges by what is declared. ROBINS-I: Sterne 2016, BMJ 355:i4919.",
    )


def _confounding(settings: AnalysisSettings) -> tuple[Cell, str]:
    said, many = "No control group.", settings.design.called.many
    if settings.design.natural_course == "stable":
        return f"{said} Such {many} are declared to stay as they are without treatment.", OPEN
    if settings.natural_recovery:
        return f"{said} The share improved is compared with published rates only.", SERIOUS
    return f"{said} Nothing shows what would have come without the treatment.", SERIOUS


def _selection(settings: AnalysisSettings) -> tuple[Cell, str]:
    many = settings.design.called.capital_many
    said = {
        "consecutive": (f"{many} were enrolled consecutively.", OPEN),
        "selected": (f"{many} were selected; those who were not may differ.", SERIOUS),
    }
    return said.get(settings.design.enrolment or "", (NOT_DECLARED, OPEN))


def _classification(settings: AnalysisSettings) -> tuple[Cell, str]:
    if "treatment" in settings.clocks:
        return "Exams count as before or after by the recorded start of the treatment.", LOW
    return "Exams count as before or after by their place in the schedule.", OPEN


def _deviations(numbers: Numbers, settings: AnalysisSettings) -> tuple[Cell, str]:
    given = (Patients.OTHER_CELLS, Patients.UNRELEASED, Patients.WITHOUT_DOSE)
    names = [f"patients.{name}" for name in given]
    names += [
        f"patients.{item.name}.{Patients.OUTSIDE_CRITERION}" for item in settings.characteristics
    ]
    known = [name for name in names if name in numbers]
    if not known:
        return "The data do not show what was given to whom.", OPEN
    found = [name for name in known if numbers.raw(name)]
    if not found:
        return "None found in what the data allow to check.", OPEN
    words = {
        names[0]: f"with another {numbers.who.one}'s product",
        names[1]: "without a release before it",
        names[2]: "without a permitted dose on record",
    }
    parts: list[Any] = []
    for name in found:
        is_of_treatment = name in words
        count = numbers.who.of(numbers.raw(name))
        noun = numbers.noun(name, "treatment") if is_of_treatment else count
        parts += [
            "; " if parts else "", numbers.value(name),
            f" {noun} {words.get(name, 'outside an entry criterion')}",
        ]  # fmt: skip
    return [*parts, "."], OPEN


def _missing(numbers: Numbers, settings: AnalysisSettings) -> tuple[Cell, str]:
    endpoint = settings.endpoints[0]
    name = f"sensitivity.{endpoint.name}.{endpoint.time_point}.missing_subjects"
    if name not in numbers or math.isnan(numbers.raw(name)):
        return "Not known for the primary endpoint.", OPEN
    if not numbers.raw(name):
        return f"{endpoint.label}: no {numbers.who.one} lacks the change at its time point.", LOW
    return [
        f"{endpoint.label}: ", numbers.value(name), " of ", numbers.n(name),
        f" {numbers.who.many} lack the change at its time point.",
    ], OPEN  # fmt: skip


def _measurement(settings: AnalysisSettings) -> tuple[Cell, str]:
    blinded = settings.design.blinded.assessors
    if blinded is None:
        return f"Blinding of assessors: {NOT_DECLARED[:1].lower()}{NOT_DECLARED[1:]}", OPEN
    if blinded:
        return "Assessors were blinded.", OPEN
    rated = [item for item in settings.endpoints[:1] if item.kind != "measurement"]
    return "Assessors were not blinded.", SERIOUS if rated else OPEN


def _reporting(settings: AnalysisSettings, plan: dict[str, Any] | None) -> tuple[Cell, str]:
    if not settings.plan.version:
        return "No analysis plan is declared: everything is post hoc.", SERIOUS
    if plan is None:
        return f"An analysis plan of {settings.plan.date} is declared.", OPEN
    if plan["is_late"]:
        return "The plan was dated or frozen after the first follow-up.", SERIOUS
    if plan["is_frozen"]:
        return "A plan was frozen; page one says when, and what departs from it.", OPEN
    return f"A plan of {settings.plan.date} is declared and was not frozen.", OPEN
