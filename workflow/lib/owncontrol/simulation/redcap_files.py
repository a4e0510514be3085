"""The study's REDCap project: its data dictionary and its longitudinal raw export.

One row per record and event that has data, empty cells for forms that are not on the event, rows of
the repeating instrument under the event they were entered in, checkboxes as field___1 …, forms'
states 0-2 and missing-data codes as text, as REDCap writes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from owncontrol.simulation.cohort import Ints
from owncontrol.simulation.function_scales import SCIM_ITEMS, SCIM_NAMES
from owncontrol.simulation.truth import Truth

MISSING_CODES = ("UNK", "NASK", "ND", "-99")
DICTIONARY_HEADER = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
FAMILY_NAMES = (
    *("Tanaka", "Sato", "Suzuki", "Takahashi", "Ito", "Watanabe", "Yamamoto", "Nakamura"),
    *("Kobayashi", "Kato", "Yoshida", "Yamada", "Sasaki", "Matsumoto", "Inoue", "Kimura"),
)
COMORBIDITIES = ("Hypertension", "Diabetes", "Earlier spinal surgery", "Smoking", "None")
CAUSES = ("Fall", "Traffic", "Sport", "Minor trauma", "Other")
CAUSE_SHARES = (0.45, 0.7, 0.8, 0.95, 1.0)
REHABILITATION_KINDS = ("Physiotherapy", "Occupational therapy", "Gait training", "Other")
YES_NO = "0, No | 1, Yes"


@dataclass(frozen=True)
class Field:
    """One field of the data dictionary; `kind` and `check` in REDCap's own words."""

    name: str
    form: str
    kind: str
    label: str
    choices: str = ""
    note: str = ""
    check: str = ""
    low: str = ""
    high: str = ""
    identifier: bool = False
    required: bool = False


def _coded(labels: tuple[str, ...]) -> str:
    return " | ".join(f"{code}, {label}" for code, label in enumerate(labels, start=1))


ENROLMENT = (
    Field("record_id", "enrolment", "text", "Study code", note="OC- and a number"),
    Field("family_name", "enrolment", "text", "Family name (SYNTHETIC)", identifier=True),
    Field("date_of_birth", "enrolment", "text", "Date of birth", check="date_ymd", identifier=True),
    Field("hospital_number", "enrolment", "text", "Hospital number (SYNTHETIC)", identifier=True),
    Field("phone", "enrolment", "text", "Phone number (SYNTHETIC)", identifier=True),
    Field("sex", "enrolment", "radio", "Sex", "1, Male | 2, Female", required=True),
    Field(
        "age",
        "enrolment",
        "text",
        "Age at registration",
        note="years",
        check="integer",
        low="20",
        high="70",
        required=True,
    ),
    Field("consent_date", "enrolment", "text", "Date of consent", check="date_ymd", required=True),
    Field(
        "registration_date",
        "enrolment",
        "text",
        "Date of registration",
        check="date_ymd",
        required=True,
    ),
    Field("injury_date", "enrolment", "text", "Date of injury", check="date_ymd", required=True),
    Field("injury_cause", "enrolment", "radio", "Cause of injury", _coded(CAUSES)),
    Field("injury_penetrating", "enrolment", "yesno", "Penetrating injury?", YES_NO),
    Field("elig_age", "enrolment", "yesno", "Age 20 to 70 years?", YES_NO),
    Field("elig_onset_14d", "enrolment", "yesno", "Onset within 14 days?", YES_NO),
    Field("elig_cervical", "enrolment", "yesno", "Cervical injury?", YES_NO),
    Field("elig_ais_abc", "enrolment", "yesno", "AIS A, B or C?", YES_NO),
    Field("comorbidity", "enrolment", "checkbox", "Comorbidity", _coded(COMORBIDITIES)),
    Field(
        "enrolment_notes",
        "enrolment",
        "notes",
        "Notes",
        note="free text, SYNTHETIC",
        identifier=True,
    ),
)
SCIM = (
    Field("scim_date", "scim_iii", "text", "Date of assessment", check="date_ymd"),
    *(
        Field(
            name,
            "scim_iii",
            "dropdown",
            name.removeprefix("scim_").replace("_", " "),
            " | ".join(f"{value}, {value}" for value in values),
        )
        for name, values, *_ in SCIM_ITEMS
    ),
    Field(
        "scim_total_recorded",
        "scim_iii",
        "text",
        "Total as recorded",
        check="integer",
        low="0",
        high="100",
    ),
)
WISCI = (
    Field("wisci_date", "wisci_ii", "text", "Date of assessment", check="date_ymd"),
    Field("wisci_level", "wisci_ii", "text", "WISCI II level", check="integer", low="0", high="20"),
)
REHABILITATION = (
    Field("rehab_week_start", "rehabilitation", "text", "First day of the week", check="date_ymd"),
    Field(
        "rehab_minutes",
        "rehabilitation",
        "text",
        "Minutes in the week",
        note="minutes",
        check="integer",
        low="0",
        high="3000",
    ),
    Field("rehab_kind", "rehabilitation", "radio", "Kind", _coded(REHABILITATION_KINDS)),
)
FIELDS = (*ENROLMENT, *SCIM, *WISCI, *REHABILITATION)


def dictionary_frame() -> pd.DataFrame:
    """The data dictionary in REDCap's 18 columns, one row per field."""
    rows = [
        (
            field.name,
            field.form,
            "",
            field.kind,
            field.label,
            "" if field.kind == "yesno" else field.choices,
            field.note,
            field.check,
            field.low,
            field.high,
            "y" if field.identifier else "",
            "",
            "y" if field.required else "",
            "",
            "",
            "",
            "",
            "",
        )
        for field in FIELDS
    ]
    return pd.DataFrame(rows, columns=list(DICTIONARY_HEADER))


def export_columns() -> list[str]:
    """Columns of the export: keys, then each form's fields and its state."""
    columns = [
        "record_id",
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
    ]
    form = ""
    for field in FIELDS[1:]:
        if form and field.form != form:
            columns.append(f"{form}_complete")
        form = field.form
        if field.kind == "checkbox":
            columns += [f"{field.name}___{code}" for code in range(1, len(COMORBIDITIES) + 1)]
        else:
            columns.append(field.name)
    return [*columns, f"{form}_complete"]


def redcap_frame(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """The export as text, in the order of records, events and repeat instances."""
    events = _event_rows(truth, rng)
    enrolment = _enrolment_rows(truth, rng)
    events = events.merge(enrolment, on=["subject", "visit"], how="left")
    frame = pd.concat([events, _rehabilitation_rows(truth, rng)], ignore_index=True)
    frame = frame.sort_values(["subject", "visit", "instance"], kind="stable", ignore_index=True)
    cohort = truth.cohort
    names = np.array([f"{visit.name}_arm_1" for visit in cohort.schedule])
    frame["record_id"] = cohort.code[frame["subject"]]
    frame["redcap_event_name"] = names[frame["visit"]]
    repeating = frame["instance"] > 0
    frame["redcap_repeat_instrument"] = np.where(repeating, "rehabilitation", "")
    frame["redcap_repeat_instance"] = frame["instance"].astype(str).where(repeating, "")
    return frame[export_columns()].fillna("").astype(object)


def _event_rows(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """SCIM-III and WISCI II, one row per subject and event that has either."""
    scales, cohort = truth.scales, truth.cohort
    has_scim, has_wisci = scales.scim[..., 0] >= 0, scales.wisci >= 0
    subject, visit = np.nonzero(has_scim | has_wisci)
    dates = cohort.visit_date[subject, visit].astype(str).astype(object)
    scim, wisci = has_scim[subject, visit], has_wisci[subject, visit]
    frame = pd.DataFrame({"subject": subject, "visit": visit, "instance": 0})
    frame["scim_date"] = np.where(scim, dates, "")
    unknown = scales.scim_unknown[subject, visit]
    codes = np.array(MISSING_CODES, dtype=object)[
        rng.integers(0, len(MISSING_CODES), unknown.shape)
    ]
    values = scales.scim[subject, visit]
    for item, name in enumerate(SCIM_NAMES):
        text = np.where(
            unknown[:, item], codes[:, item], values[:, item].astype(str).astype(object)
        )
        frame[name] = np.where(scim, text, "")
    total = values.sum(axis=1).astype(str).astype(object)
    total = np.where(unknown.any(axis=1), "UNK", total)
    frame["scim_total_recorded"] = np.where(scim, total, "")
    frame["scim_iii_complete"] = np.where(scim, np.where(unknown.any(axis=1), "1", "2"), "0")
    frame["wisci_date"] = np.where(wisci, dates, "")
    level = scales.wisci[subject, visit].astype(str).astype(object)
    frame["wisci_level"] = np.where(wisci, level, "")
    frame["wisci_ii_complete"] = np.where(wisci, "2", "0")
    return frame


def _enrolment_rows(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """The enrolment form at registration: one row per subject."""
    cohort = truth.cohort
    n = cohort.size
    number = np.arange(n)
    frame = pd.DataFrame({"subject": number, "visit": cohort.visit_index("registration")})
    frame["family_name"] = [f"Synthetica-{FAMILY_NAMES[i % len(FAMILY_NAMES)]}" for i in number]
    frame["date_of_birth"] = cohort.birth.astype(str)
    frame["hospital_number"] = [f"SYN-{i:07d}" for i in rng.permutation(9_000_000 + number)]
    frame["phone"] = [f"000-5550-{i:04d}" for i in 100 + number]
    frame["sex"] = cohort.sex.astype(str)
    frame["age"] = cohort.age.astype(str)
    frame["consent_date"] = cohort.consent.astype(str)
    frame["registration_date"] = cohort.registration.astype(str)
    frame["injury_date"] = cohort.injury.astype(str)
    cause = np.searchsorted(np.array(CAUSE_SHARES), rng.random(n), side="right")
    frame["injury_cause"] = (1 + cause).astype(str)
    frame["injury_penetrating"] = "0"
    for question in ("elig_age", "elig_onset_14d", "elig_cervical", "elig_ais_abc"):
        frame[question] = "1"
    checked = rng.random((n, len(COMORBIDITIES) - 1)) < 0.2
    for column in range(len(COMORBIDITIES) - 1):
        frame[f"comorbidity___{column + 1}"] = checked[:, column].astype(int).astype(str)
    frame[f"comorbidity___{len(COMORBIDITIES)}"] = (~checked.any(axis=1)).astype(int).astype(str)
    marks = canaries(rng, n)
    frame["enrolment_notes"] = [
        f"SYNTHETIC patient. {CAUSES[cause[i]]}, brought in by ambulance; lives with family. "
        f"{marks[i]}"
        for i in number
    ]
    frame["enrolment_complete"] = "2"
    return frame


def _rehabilitation_rows(truth: Truth, rng: np.random.Generator) -> pd.DataFrame:
    """Weeks of rehabilitation after the infusion, a repeating instrument under the baseline."""
    cohort = truth.cohort
    weeks = rng.integers(10, 19, cohort.size)
    subject = np.repeat(np.arange(cohort.size), weeks)
    instance: Ints = 1 + np.arange(len(subject)) - np.repeat(np.cumsum(weeks) - weeks, weeks)
    start = cohort.infusion[subject] + 7 * instance
    minutes = (15 * rng.integers(12, 61, len(subject))).astype(str).astype(object)
    minutes[rng.random(len(subject)) < 0.01] = "-99"
    return pd.DataFrame(
        {
            "subject": subject,
            "visit": cohort.visit_index("baseline"),
            "instance": instance,
            "rehab_week_start": start.astype(str),
            "rehab_minutes": minutes,
            "rehab_kind": rng.integers(1, len(REHABILITATION_KINDS) + 1, len(subject)).astype(str),
            "rehabilitation_complete": "2",
        }
    )


def canaries(rng: np.random.Generator, number: int) -> list[str]:
    """Strings that must never be seen downstream: a mark in each free text of the study."""
    return [f"CANARY-{value:08x}" for value in rng.integers(0, 2**32, number)]
