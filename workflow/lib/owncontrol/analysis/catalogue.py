"""All analyses: the notebook of each, what it reads and is told, and which studies have it.

Each writes statistics/<name>.csv.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from owncontrol.analysis.settings import (
    AdverseEventsSettings,
    ChangeSettings,
    ClaimWorldsSettings,
    EventTimesSettings,
    PatientsSettings,
    PlanSettings,
    RecoverySettings,
    RespondersSettings,
    SensitivitySettings,
)
from owncontrol.study.base import Part

# Inputs that are not a fixed file of the results: workflow/rules/common.smk says which they are.
SCORES, EXAMS, RATES, TREATMENTS = "scores", "exams", "rates", "treatments"
COURSES, EVENTS = "courses", "adverse_events"
SUBJECTS = {
    "subjects": "cleaned/subjects.csv",
    "treatments": TREATMENTS,
    "scores": SCORES,
}
FLOW = "cleaned/flow.csv"


@dataclass(frozen=True)
class AnalysisEntry:
    """One analysis.

    ``inputs``: by the parameter of the notebook, a file below results/<study>/ or one of the words
    above. ``settings``: what of the study the notebook depends on. ``needs``: a table that is
    mapped or a key of the configuration, without which a study has no such analysis. ``long``:
    takes longer than others, and starts before them. ``after_all``: reads what all others found,
    as its parameter ``analyses``.
    """

    name: str
    rule: str
    notebook: str
    inputs: dict[str, str] = field(default_factory=dict)
    settings: type[Part] | None = None
    needs: str = ""
    long: bool = False
    after_all: bool = False


ANALYSES = (
    AnalysisEntry(
        "data_quality",
        "describe_data_quality",
        "01_data_quality",
        inputs={
            "subjects": "cleaned/subjects.csv",
            "flow": FLOW,
            "flow_cells": "cleaned/flow_cells.csv",
            "findings": "cleaned/findings.csv",
            "scores": SCORES,
        },
        long=True,
    ),
    AnalysisEntry(
        "patients",
        "describe_patients",
        "02_patients",
        inputs=SUBJECTS,
        settings=PatientsSettings,
    ),
    AnalysisEntry(
        "change",
        "estimate_change",
        "03_change",
        inputs={**SUBJECTS, "exams": EXAMS, "courses": COURSES},
        settings=ChangeSettings,
        long=True,
    ),
    AnalysisEntry(
        "responders",
        "estimate_responders",
        "05_responders",
        inputs=SUBJECTS,
        settings=RespondersSettings,
        long=True,
    ),
    AnalysisEntry(
        "event_times",
        "describe_event_times",
        "10_time_to_event",
        inputs={"subjects": "cleaned/subjects.csv", "treatments": TREATMENTS},
        settings=EventTimesSettings,
        needs="event_times",
    ),
    AnalysisEntry(
        "sensitivity",
        "examine_sensitivity",
        "07_sensitivity",
        inputs=SUBJECTS,
        settings=SensitivitySettings,
        long=True,
    ),
    AnalysisEntry(
        "adverse_events",
        "summarise_adverse_events",
        "04_adverse_events",
        inputs={
            **SUBJECTS,
            "adverse_events": "cleaned/adverse_events.csv",
            "flow": FLOW,
        },
        settings=AdverseEventsSettings,
        needs="adverse_events",
    ),
    AnalysisEntry(
        "natural_recovery",
        "compare_natural_recovery",
        "06_natural_recovery",
        inputs={**SUBJECTS, "rates": RATES, "adverse_events": EVENTS},
        settings=RecoverySettings,
        needs="natural_recovery",
    ),
    AnalysisEntry(
        "plan",
        "count_departures",
        "09_plan",
        inputs={
            **SUBJECTS,
            "departures": "plan/departures.csv",
            "disclosures": "plan/disclosures.csv",
        },
        settings=PlanSettings,
    ),
    AnalysisEntry(
        "claims",
        "audit_claims",
        "08_claims",
        inputs={**SUBJECTS, "courses": COURSES, "rates": RATES},
        settings=ClaimWorldsSettings,
        after_all=True,
    ),
)


def analyses_for(has: Collection[str]) -> list[AnalysisEntry]:
    """The analyses of a study; ``has``: its mapped tables, and what its configuration declares."""
    return [entry for entry in ANALYSES if not entry.needs or entry.needs in has]
