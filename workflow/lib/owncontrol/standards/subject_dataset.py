"""ADSL: one row per subject."""

import pandas as pd

from owncontrol.standards.columns import (
    Column,
    Results,
    copied,
    first_treatment,
    identifiers,
    since,
)
from owncontrol.standards.dataset import (
    YES_NO,
    Dataset,
    Variable,
    dataset,
    short_label,
    short_name,
    source_of,
    yes_or_no,
)
from owncontrol.study.model import Study
from owncontrol.study.subjects import Characteristic

SEXES = {"male": "M", "female": "F", "other": "U"}
SEX_CODES = (("F", "Female"), ("M", "Male"), ("U", "Unknown or other"))
# The days of a subject, by column of the cleaned table; that of the onset is 0 on its own clock.
DAYS = {
    "consent_day": ("CONSDAY", "Day of consent"),
    "registration_day": ("REGDAY", "Day of registration"),
}


def subject_level(results: Results) -> Dataset:
    """The dataset of the subjects, with what the study knows of them."""
    study, table = results.study, results.subjects
    source = source_of(study, "subjects", "subject_id")
    columns = identifiers(study, table["subject_id"], source)
    if "site" in table:
        columns.append(copied(study, ("subjects", "site"), "SITEID", "Study Site", table))
    if "sex" in table:
        source = source_of(study, "subjects", "sex")
        sex = Variable("SEX", "Sex", "text", "Predecessor", source, 0, SEX_CODES)
        columns.append((sex, table["sex"].map(SEXES)))
    if "age" in table:
        label = "Age (years)" if study.ages_above_89 else "Age (years; 90 is 90 or more)"
        columns.append(copied(study, ("subjects", "age"), "AGE", label, table, "float"))
    columns += [
        copied(study, ("subjects", day), name, f"{label} ({since(study)})", table, "integer")
        for day, (name, label) in DAYS.items()
        if day in table
    ]
    columns += _treated(results)
    taken = {variable.name for variable, _ in columns}
    for item in study.characteristics:
        if item.name in table:
            name = short_name(item.name, taken)
            taken.add(name)
            columns.append(_characteristic(study, item, name, table))
    label, of_class = "Subject-Level Analysis Dataset", "SUBJECT LEVEL ANALYSIS DATASET"
    return dataset("ADSL", label, "One record per subject", of_class, columns)


def _characteristic(study: Study, item: Characteristic, name: str, table: pd.DataFrame) -> Column:
    if item.type == "number":
        return copied(study, ("subjects", item.name), name, item.label, table, "float")
    variable, values = copied(study, ("subjects", item.name), name, item.label, table)
    if item.type == "category":
        return variable, values
    label, source = variable.label, variable.source
    return Variable(name, label, "text", "Predecessor", source, 0, YES_NO), yes_or_no(values)


def _treated(results: Results) -> list[Column]:
    """Whether, with what and when a subject was first treated; nothing of a study without."""
    study, codes = results.study, results.subjects["subject_id"]
    if results.treatments is None:
        return []
    treated = codes.isin(results.treatments["subject_id"])
    how = "Y where cleaned/treatments.csv has a row of the subject"
    flag = Variable("SAFFL", "Treated (Safety) Population Flag", "text", "Derived", how, 0, YES_NO)
    columns: list[Column] = [(flag, yes_or_no(treated))]
    if study.treatment:
        given = pd.Series(study.treatment, index=codes.index).where(treated)
        source = "treatment (configuration)"
        columns.append((Variable("TRT01A", "Actual Treatment", "text", "Assigned", source), given))
    if "treatment_start_day" in results.treatments:
        first = codes.map(first_treatment(results.treatments))
        source = "smallest treatment_start_day of the subject in cleaned/treatments.csv"
        label = short_label(f"Day of first treatment ({since(study)})")
        columns.append((Variable("TRTSDAY", label, "integer", "Derived", source), first))
    return columns
