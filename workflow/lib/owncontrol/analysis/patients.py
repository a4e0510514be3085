"""Who the subjects are (Table 1), when what happened, and what they were given."""

from typing import Any

import pandas as pd

from owncontrol.estimates import Estimates

Config = dict[str, Any]
QUARTILES = (
    ("median", 0.5),
    ("first_quartile", 0.25),
    ("third_quartile", 0.75),
    ("minimum", 0.0),
    ("maximum", 1.0),
)


def describe_number(
    estimates: Estimates, table: str, rows: pd.DataFrame, column: str, unit: str
) -> None:
    """Add median, quartiles, smallest and largest value of a column, with n of those known."""
    known = rows.dropna(subset=[column])
    if not len(known):
        return
    for statistic, share in QUARTILES:
        estimates.add(
            statistic,
            float(known[column].quantile(share)),
            endpoint=column,
            n=len(known),
            method=statistic.replace("_", " "),
            convention="linear interpolation between order statistics",
            unit=unit,
            rows=(table, known["row_id"]),
        )


def describe_category(
    estimates: Estimates, table: str, rows: pd.DataFrame, column: str, values: list[str]
) -> None:
    """Add how many rows have each value of a column, of those where it is known."""
    known = rows.dropna(subset=[column])
    for value in values or sorted(known[column].astype(str).unique()):
        here = known.loc[known[column].astype(str) == value]
        estimates.add(
            "subjects",
            len(here),
            endpoint=column,
            stratum=value,
            n=len(known),
            events=len(here),
            method="count",
            unit="subjects",
            rows=(table, known["row_id"]),
        )


def describe_characteristics(
    estimates: Estimates, subjects: pd.DataFrame, characteristics: list[Config]
) -> None:
    """Add the declared characteristics of the subjects, by their types."""
    for item in characteristics:
        if item["name"] not in subjects:
            continue
        if item["type"] == "number":
            describe_number(estimates, "subjects", subjects, item["name"], item["unit"])
        else:
            values = ["True"] if item["type"] == "boolean" else item["values"]
            describe_category(estimates, "subjects", subjects, item["name"], values)


def count_subjects(
    estimates: Estimates, subjects: pd.DataFrame, treatments: pd.DataFrame
) -> pd.DataFrame:
    """Add how many subjects were registered and treated; returns the treated subjects."""
    estimates.add(
        "registered",
        len(subjects),
        n=len(subjects),
        method="count",
        unit="subjects",
        rows=("subjects", subjects["row_id"]),
    )
    treated = subjects.loc[subjects["subject_id"].isin(treatments["subject_id"])]
    estimates.add(
        "treated",
        len(treated),
        n=len(subjects),
        events=len(treated),
        method="count",
        unit="subjects",
        rows=("treatments", treatments["row_id"]),
    )
    return treated


def count_attendance(
    estimates: Estimates, scores: pd.DataFrame, instrument: str, settings: Config, n: int
) -> None:
    """Add at each visit how many subjects were assessed, of ``n``."""
    here = scores.loc[scores["instrument"] == instrument]
    for visit in settings["visits"]:
        now = here.loc[here["visit"] == visit["name"]]
        count = now["subject_id"].nunique()
        estimates.add(
            "assessed",
            count,
            endpoint=instrument,
            visit=visit["name"],
            n=n,
            events=count,
            method="count",
            unit="subjects",
            scores=now.drop_duplicates("subject_id"),
        )
