"""The table of ROBINS-I says what is declared, and judges only where that follows."""

from types import SimpleNamespace

import pandas as pd
import pytest
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Patients, Sensitivity
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.risk_of_bias import LOW, OPEN, SERIOUS, risk_table
from owncontrol.study.design import PATIENTS

PLAN = {"is_late": False, "is_frozen": True}


def settings(**changed):
    design = SimpleNamespace(
        called=PATIENTS,
        natural_course=changed.pop("natural_course", None),
        enrolment=changed.pop("enrolment", None),
        blinded=SimpleNamespace(assessors=changed.pop("blinded", None)),
    )
    kind = changed.pop("kind", "ordinal")
    endpoint = SimpleNamespace(name="ais", label="AIS", time_point="day_180", kind=kind)
    known = {
        "has_treatments": True, "natural_recovery": None, "characteristics": [],
        "clocks": ("treatment",), "endpoints": [endpoint], "design": design,
        "plan": SimpleNamespace(version="1", date="2019-02-01"),
    }  # fmt: skip
    return SimpleNamespace(**{**known, **changed})


def numbers(missing=None, other=None, dose=None):
    lost, given = Estimates("sensitivity", "treated", []), Estimates("patients", "treated", [])
    if missing is not None:
        lost.add(
            Sensitivity.MISSING_SUBJECTS, missing, endpoint="ais", visit="day_180", n=13,
            events=missing,
        )  # fmt: skip
    if other is not None:
        given.add(Patients.OTHER_CELLS, other, n=13, events=other)
    if dose is not None:
        given.add(Patients.WITHOUT_DOSE, dose, n=13, events=dose)
    tables = pd.concat([lost.table(), given.table()], ignore_index=True)
    return Numbers(tables, lambda shown: shown.text)


def row(place, found=None, plan=PLAN, **changed):
    table = risk_table(found or numbers(), settings(**changed), plan)
    _, said, risk = table.rows[place]
    return "".join(map(str, said)), risk


@pytest.mark.parametrize(
    ("place", "changed", "words", "risk"),
    [
        (0, {}, "Nothing shows what would have come", SERIOUS),
        (0, {"natural_recovery": True}, "published rates only", SERIOUS),
        (0, {"natural_course": "stable"}, "declared to stay", OPEN),
        (1, {}, "Not declared.", OPEN),
        (1, {"enrolment": "selected"}, "were selected", SERIOUS),
        (1, {"enrolment": "consecutive"}, "consecutively", OPEN),
        (2, {}, "recorded start", LOW),
        (2, {"clocks": ()}, "place in the schedule", OPEN),
        (3, {}, "do not show", OPEN),
        (3, {"found": numbers(other=0)}, "None found", OPEN),
        (3, {"found": numbers(other=1)}, "1 treatment with another patient's product.", OPEN),
        (3, {"found": numbers(dose=0)}, "None found", OPEN),
        (3, {"found": numbers(dose=2)}, "2 treatments without a permitted dose", OPEN),
        (4, {}, "Not known", OPEN),
        (4, {"found": numbers(missing=0)}, "no patient lacks", LOW),
        (4, {"found": numbers(missing=2)}, "2 of 13 patients lack", OPEN),
        (5, {}, "not declared.", OPEN),
        (5, {"blinded": True}, "were blinded", OPEN),
        (5, {"blinded": False}, "were not blinded", SERIOUS),
        (5, {"blinded": False, "kind": "measurement"}, "were not blinded", OPEN),
        (6, {}, "A plan was frozen", OPEN),
        (6, {"plan": {"is_late": True, "is_frozen": True}}, "after the first", SERIOUS),
        (6, {"plan": {"is_late": False, "is_frozen": False}}, "not frozen", OPEN),
        (6, {"plan": None}, "is declared", OPEN),
    ],
)
def test_each_domain_says_what_is_known_of_it(place, changed, words, risk):
    said, judged = row(place, **changed)
    assert words in said
    assert judged == risk


def test_without_a_plan_or_a_treatment():
    without = settings(plan=SimpleNamespace(version="", date=""))
    assert risk_table(numbers(), without, None).rows[6][2] == SERIOUS
    assert risk_table(numbers(), settings(has_treatments=False), PLAN) is None
