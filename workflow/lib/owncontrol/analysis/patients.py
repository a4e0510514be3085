"""Who the subjects are (Table 1), when what happened, and what they were given."""

from collections.abc import Iterable, Sequence

import pandas as pd

from owncontrol.analysis.settings import PatientsSettings
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.conventions import Interpolated
from owncontrol.estimates.declared_statistics import Patients
from owncontrol.estimates.strata import HavingValue
from owncontrol.privacy.ages import OLDEST, YEARS
from owncontrol.study.subjects import Characteristic

QUARTILES = (
    (Patients.MEDIAN, 0.5),
    (Patients.FIRST_QUARTILE, 0.25),
    (Patients.THIRD_QUARTILE, 0.75),
    (Patients.MINIMUM, 0.0),
    (Patients.MAXIMUM, 1.0),
)
# What is described of treatments, with its unit; that of doses is declared.
GIVEN = (
    ("collection_day", "days"),
    ("culture_days", "days"),
    ("treatment_start_day", "days"),
    ("dose", ""),
    ("viability", "percent"),
    ("treatment_days", "days"),
)


def describe_number(
    estimates: Estimates, table: str, rows: pd.DataFrame, column: str, unit: str
) -> None:
    """Add median, quartiles, smallest and largest value of a column, with n of those known.

    Nothing where the study has no such column.
    """
    if column not in rows:
        return
    known = rows.dropna(subset=[column])
    if not len(known):
        for statistic, _ in QUARTILES:
            estimates.add_missing(
                statistic, "not known of anybody", endpoint=column, n=0, unit=unit
            )
        return
    inputs = estimates.inputs(rows=(table, known["row_id"]))
    oldest = YEARS.fullmatch(unit) is not None and known[column].max() == OLDEST
    for statistic, share in QUARTILES:
        estimates.add(
            statistic,
            float(known[column].quantile(share)),
            endpoint=column,
            n=len(known),
            method=statistic.replace("_", " "),
            convention=str(Interpolated(oldest)),
            unit=unit,
            inputs=inputs,
        )


def describe_category(
    estimates: Estimates, table: str, rows: pd.DataFrame, column: str, values: Sequence[str]
) -> None:
    """Add how many rows have each value of a column, of those where it is known."""
    if column not in rows:
        return
    known = rows.dropna(subset=[column])
    texts, inputs = known[column].astype(str), estimates.inputs(rows=(table, known["row_id"]))
    for value in values or sorted(texts.unique()):
        here = known.loc[texts == value]
        estimates.add_count(
            Patients.SUBJECTS,
            len(here),
            len(known),
            endpoint=column,
            stratum=HavingValue(value),
            unit="subjects",
            inputs=inputs,
        )


def describe_characteristics(
    estimates: Estimates, subjects: pd.DataFrame, characteristics: Iterable[Characteristic]
) -> None:
    """Add the declared characteristics of the subjects, by their types."""
    for item in characteristics:
        if item.type == "number":
            describe_number(estimates, "subjects", subjects, item.name, item.unit)
        else:
            values = ["True"] if item.type == "boolean" else item.values
            describe_category(estimates, "subjects", subjects, item.name, values)


def count_subjects(
    estimates: Estimates, subjects: pd.DataFrame, treatments: pd.DataFrame | None
) -> pd.DataFrame:
    """Add how many subjects were registered and treated; returns the treated subjects.

    ``treatments``: None in a study that has none; then all subjects are returned.
    """
    estimates.add(
        Patients.REGISTERED,
        len(subjects),
        n=len(subjects),
        method="count",
        unit="subjects",
        rows=("subjects", subjects["row_id"]),
    )
    if treatments is None:
        return subjects
    treated = subjects.loc[subjects["subject_id"].isin(treatments["subject_id"])]
    estimates.add_count(
        Patients.TREATED,
        len(treated),
        len(subjects),
        unit="subjects",
        rows=("treatments", treatments["row_id"]),
    )
    return treated


def count_attendance(
    estimates: Estimates, scores: pd.DataFrame, instrument: str, settings: PatientsSettings, n: int
) -> None:
    """Add at each visit how many subjects were assessed, of ``n``."""
    here = scores.loc[scores["instrument"] == instrument]
    for visit in settings.visits:
        now = here.loc[here["visit"] == visit.name]
        count = now["subject_id"].nunique()
        estimates.add_count(
            Patients.ASSESSED,
            count,
            n,
            endpoint=instrument,
            visit=visit.name,
            unit="subjects",
            scores=(now if len(now) else here).drop_duplicates("subject_id"),
        )


def describe_given(
    estimates: Estimates,
    treated: pd.DataFrame,
    treatments: pd.DataFrame | None,
    settings: PatientsSettings,
) -> None:
    """Add when subjects were registered and treated, and what they were given.

    Days on the clock of events, where that starts at another date than the treatment itself.
    """
    with_days = settings.event_clock in ("injury", "baseline")
    if with_days:
        describe_number(estimates, "subjects", treated, "registration_day", "days")
    if treatments is None:
        return
    for column, unit in GIVEN:
        if with_days or not column.endswith("_day"):
            describe_number(estimates, "treatments", treatments, column, unit or settings.dose_unit)
    _count_given(estimates, treatments)


def _count_given(estimates: Estimates, treatments: pd.DataFrame) -> None:
    """Add how many treatments a subject was given, where anybody was given several."""
    given = treatments.groupby("subject_id")["row_id"].count()
    if not (given > 1).any():
        return
    for statistic, share in QUARTILES:
        estimates.add(
            statistic,
            float(given.quantile(share)),
            endpoint="treatments_given",
            n=len(given),
            method=statistic.replace("_", " "),
            convention=str(Interpolated(oldest=False)),
            unit="treatments",
            rows=("treatments", treatments["row_id"]),
        )


def count_untreated(estimates: Estimates, scores: pd.DataFrame, treatments: pd.DataFrame) -> None:
    """Add how many subjects were assessed and not treated: whether there is a control group."""
    assessed = scores.drop_duplicates("subject_id")
    without = assessed.loc[~assessed["subject_id"].isin(treatments["subject_id"])]
    estimates.add_count(
        Patients.UNTREATED_ASSESSED,
        len(without),
        len(assessed),
        unit="subjects",
        scores=assessed,
    )


def trace_products(estimates: Estimates, treatments: pd.DataFrame) -> None:
    """Add how many treatments were not made of the subject's own cells, or given unreleased.

    And how many have no dose that is permitted. Where the study has no such columns there is no
    number. A release that is not known, failed, or is dated after the treatment counts as none.
    """
    about: About = {"unit": "treatments"}
    if "source_subject_id" in treatments:
        known = treatments.dropna(subset=["source_subject_id"])
        other = int((known["source_subject_id"] != known["subject_id"]).sum())
        estimates.add_count(
            Patients.OTHER_CELLS,
            other,
            len(known),
            convention="source and recipient differ in the log",
            rows=("treatments", known["row_id"]),
            **about,
        )
    if {"release", "release_day", "treatment_start_day"} <= set(treatments):
        released = (treatments["release"] == "passed") & (
            treatments["release_day"] <= treatments["treatment_start_day"]
        ).fillna(False)
        without = int((~released).sum())
        estimates.add_count(
            Patients.UNRELEASED,
            without,
            len(treatments),
            convention="no release passed by the day of the treatment",
            rows=("treatments", treatments["row_id"]),
            **about,
        )
    if "dose" in treatments:
        without = int(treatments["dose"].isna().sum())
        estimates.add_count(
            Patients.WITHOUT_DOSE,
            without,
            len(treatments),
            convention="no dose is recorded, or none that is permitted",
            rows=("treatments", treatments["row_id"]),
            **about,
        )


def count_outside(
    estimates: Estimates, treated: pd.DataFrame, characteristics: Iterable[Characteristic]
) -> None:
    """Add for each entry criterion how many of the treated do not meet it.

    A criterion that requires something of another column is not met where that column denies it,
    whatever was ticked; where that is not known, the tick counts. Nobody in whom neither is known.
    """
    for item in characteristics:
        if not item.eligibility or item.name not in treated:
            continue
        met = treated[item.name].astype("boolean")
        if item.requires and item.requires.column in treated:
            number = treated[item.requires.column].astype("Float64")
            inside = pd.Series(True, treated.index, dtype="boolean").mask(number.isna())
            if item.requires.minimum is not None:
                inside &= number >= item.requires.minimum
            if item.requires.maximum is not None:
                inside &= number <= item.requires.maximum
            met = inside.fillna(met)
        known = treated.loc[met.notna()]
        outside = int((~met.dropna()).sum())
        if not len(known):
            continue
        estimates.add_count(
            Patients.OUTSIDE_CRITERION,
            outside,
            len(known),
            endpoint=item.name,
            convention="by the column that the criterion is about, where that is known",
            unit="subjects",
            rows=("subjects", known["row_id"]),
        )
