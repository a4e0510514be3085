"""What the datasets of a study have in common: the tables they are made of, and columns of all."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from owncontrol.standards.dataset import Kind, Variable, short_label, source_of
from owncontrol.study.model import Study
from owncontrol.study.settings import CompleteEndpoint

Column = tuple[Variable, "pd.Series[object]"]


@dataclass(frozen=True)
class Results:
    """The tables of a finished run that the datasets are made of."""

    study: Study
    endpoints: Sequence[CompleteEndpoint]
    subjects: pd.DataFrame
    treatments: pd.DataFrame | None
    adverse_events: pd.DataFrame | None
    scores: pd.DataFrame


def identifiers(study: Study, codes: "pd.Series[object]", source: str) -> list[Column]:
    """Study and subject; ``source``: where the codes are from."""
    name = pd.Series(study.study, index=codes.index)
    assigned = Variable("STUDYID", "Study Identifier", "text", "Assigned", "study (configuration)")
    label = "Unique Subject Identifier"
    return [
        (assigned, name),
        (Variable("USUBJID", label, "text", "Predecessor", source, 1), codes),
    ]


def copied(
    study: Study,
    place: tuple[str, str],
    name: str,
    label: str,
    rows: pd.DataFrame,
    kind: Kind = "text",
) -> Column:
    """A column as a cleaned table has it; ``place``: table and column, which ``rows`` has."""
    table, column = place
    # What the cleaned table has as a day was a date in the raw file.
    known = f"{column.removesuffix('_day')}_date" if column.endswith("_day") else column
    source = source_of(study, table, known).replace(f".csv: {known}", f".csv: {column}")
    return Variable(name, short_label(label), kind, "Predecessor", source), rows[column]


def since(study: Study) -> str:
    """What the days of events count from, as a label says it."""
    return "from onset" if study.event_clock == "injury" else f"on the clock {study.event_clock}"


def first_treatment(treatments: pd.DataFrame) -> "pd.Series[float]":
    """By subject the day of the first treatment."""
    return treatments.groupby("subject_id")["treatment_start_day"].min()


def row_id(table: pd.DataFrame) -> Column:
    """The export and the raw row that a record is from."""
    what = "row_id: export of the configuration and row of its raw file"
    return Variable("SRCID", "Export and raw row", "text", "Predecessor", what), table["row_id"]
