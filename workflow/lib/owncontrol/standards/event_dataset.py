"""ADAE: one row per adverse event."""

import pandas as pd

from owncontrol.standards.columns import (
    Column,
    Results,
    copied,
    first_treatment,
    identifiers,
    row_id,
    since,
)
from owncontrol.standards.dataset import (
    YES_NO,
    Dataset,
    Variable,
    dataset,
    since_first,
    source_of,
    yes_or_no,
)
from owncontrol.study.model import Study

TABLE = "adverse_events"
TEXTS = {
    "event_number": ("AESPID", "Number in the source"),
    "term": ("AETERM", "Reported Term for the Adverse Event"),
    "system_organ_class": ("AESOC", "System Organ Class as recorded"),
    "relation": ("AEREL", "Relation to the treatment"),
    "outcome": ("AEOUT", "Outcome of Adverse Event"),
}
DAYS = {"onset_day": ("ASTDAY", "Day of onset"), "end_day": ("AENDAY", "Day of the end")}


def event_dataset(study: Study, results: Results, table: pd.DataFrame) -> Dataset:
    """The dataset of the adverse events; ``table``: the cleaned one."""
    number = table.groupby("subject_id").cumcount() + 1
    how = "number of the event within its subject, in the order of the cleaned table"
    columns = [
        *identifiers(study, table["subject_id"], source_of(study, TABLE, "subject_id")),
        (Variable("AESEQ", "Sequence Number", "integer", "Derived", how, 2), number),
    ]
    columns += [
        copied(study, (TABLE, column), name, label, table)
        for column, (name, label) in TEXTS.items()
        if column in table
    ]
    if "grade" in table:
        columns.append(_grade(study, table))
    if "serious" in table:
        source = source_of(study, TABLE, "serious")
        serious = Variable("AESER", "Serious Event", "text", "Predecessor", source, 0, YES_NO)
        columns.append((serious, yes_or_no(table["serious"])))
    columns += [*_days(study, table), *_from_treatment(results, table), row_id(table)]
    structure = "One record per subject per adverse event"
    label, of_class = "Adverse Events Analysis Dataset", "OCCURRENCE DATA STRUCTURE"
    return dataset("ADAE", label, structure, of_class, columns)


def _grade(study: Study, table: pd.DataFrame) -> Column:
    """The grade, or the word for it where the study has words."""
    source = source_of(study, TABLE, "grade")
    if not study.severity:
        label = "Toxicity Grade (N)"
        return Variable("AETOXGRN", label, "integer", "Predecessor", source), table["grade"]
    words = dict(enumerate(study.severity, start=1))
    return Variable("AESEV", "Severity", "text", "Predecessor", source), table["grade"].map(words)


def _days(study: Study, table: pd.DataFrame) -> list[Column]:
    """When an event began and ended, and how far that is known."""
    columns = [
        copied(study, (TABLE, day), name, f"{label} ({since(study)})", table, "integer")
        for day, (name, label) in DAYS.items()
        if day in table
    ]
    if "onset_known" in table:
        how = "cleaned/adverse_events.csv: onset_known; how far the date of onset is known"
        known = Variable("ASTKNOWN", "Onset known to the", "text", "Derived", how)
        columns.append((known, table["onset_known"]))
    return columns


def _from_treatment(results: Results, table: pd.DataFrame) -> list[Column]:
    """When an event began, seen from the first treatment; nothing of a study without."""
    columns: list[Column] = []
    treatments = results.treatments
    if treatments is None:
        return columns
    if "treatment_start_day" in treatments and "onset_day" in table:
        start = table["subject_id"].map(first_treatment(treatments))
        how = "day of onset - day of the first treatment, counted from 1: the day itself is 1"
        day = Variable("ASTDY", "Analysis Start Relative Day", "integer", "Derived", how)
        columns.append((day, since_first(table["onset_day"] - start)))
    if "after_treatment" in table:
        how = "Y where the event began on or after the day of the first treatment"
        label = "Treatment Emergent Analysis Flag"
        flag = Variable("TRTEMFL", label, "text", "Derived", how, 0, YES_NO)
        columns.append((flag, yes_or_no(table["after_treatment"])))
    return columns
