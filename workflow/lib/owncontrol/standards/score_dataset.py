"""ADQS: one row per subject, endpoint and visit, with baseline, change, windows and flags."""

from collections.abc import Mapping

import pandas as pd

from owncontrol.basics.units import plural
from owncontrol.standards.columns import Column, Results, identifiers, row_id
from owncontrol.standards.dataset import (
    YES,
    YES_NO,
    Dataset,
    Kind,
    Variable,
    dataset,
    short_name,
    since_first,
    yes_or_no,
)
from owncontrol.study.instruments import study_instrument
from owncontrol.study.model import Study
from owncontrol.study.settings import CompleteEndpoint

SCORES = "scored/scores.csv"
DAY_OF_CLOCK = {
    "injury": "day_from_injury",
    "treatment": "day_from_treatment",
    "baseline": "study_day",
    "recorded": "study_day",
}
# What the configuration says: variable, label, kind, where it is from, place in the key.
ASSIGNED: tuple[tuple[str, str, Kind, str, int], ...] = (
    ("PARAMCD", "Parameter Code", "text", "name of the endpoint", 2),
    ("PARAM", "Parameter", "text", "label of the endpoint, unit of its scale", 0),
    ("PARAMN", "Parameter (N)", "integer", "place among the endpoints", 0),
    ("PARCAT1", "Instrument", "text", "label of the instrument", 0),
    ("AVISIT", "Analysis Visit", "text", "label of the visit", 0),
    ("AVISITN", "Analysis Visit (N)", "integer", "place of the visit in the schedule", 3),
    ("AWTARGET", "Analysis Window Target", "float", "planned day, on the clock of the visit", 0),
    ("AWLO", "Analysis Window Beginning Timepoint", "float", "window of the visit", 0),
    ("AWHI", "Analysis Window Ending Timepoint", "float", "window of the visit", 0),
)
# What is computed: variable, label, kind, how.
DERIVED: tuple[tuple[str, str, Kind, str], ...] = (
    ("AVAL", "Analysis Value", "float", f"{SCORES}: value; scored as the instrument defines"),
    ("AVALC", "Analysis Value (C)", "text", f"{SCORES}: text; as the scale writes it"),
    ("BASE", "Baseline Value", "float", "AVAL at the baseline visit of the endpoint"),
    ("CHG", "Change from Baseline", "float", "AVAL - BASE, at visits after the baseline"),
    ("AWDAY", "Day on the clock of the visit", "float", f"{SCORES}: day on the visit's clock"),
    ("AWTDIFF", "Analysis Window Diff from Target", "float", "AWDAY - AWTARGET"),
)
# What is Y where it holds and empty where not: variable, label, how.
FLAGS: tuple[tuple[str, str, str], ...] = (
    ("ABLFL", "Baseline Record Flag", "Y at the baseline visit, where AVAL is known"),
    (
        "ANL01FL",
        "Value and Baseline Known",
        "Y where AVAL and BASE are known, from the baseline on",
    ),
    ("ANL02FL", "Visit of the Main Result", "Y at the time point of the endpoint"),
)


def score_dataset(results: Results) -> Dataset:
    """The dataset of all endpoints that are scores of an instrument."""
    study = results.study
    order = {visit.name: place for place, visit in enumerate(study.visits, start=1)}
    taken: set[str] = set()
    parts = []
    for number, endpoint in enumerate(results.endpoints, start=1):
        code = short_name(endpoint.name, taken)
        taken.add(code)
        rows = _of_endpoint(results.scores, endpoint, order)
        parts.append(rows.assign(PARAMCD=code, PARAMN=number, **_words(study, endpoint)))
    table = pd.concat(parts, ignore_index=True)
    table = _with_visits(study, table[table["visit"].isin(order)].reset_index(drop=True), order)
    columns = identifiers(study, table["subject_id"], f"{SCORES}: subject_id")
    columns += [
        (Variable(name, label, kind, "Assigned", f"configuration: {source}", key), table[name])
        for name, label, kind, source, key in ASSIGNED
    ]
    columns += [
        (Variable(name, label, kind, "Derived", how), table[name])
        for name, label, kind, how in DERIVED
    ]
    columns += [
        (Variable(name, label, "text", "Derived", how, 0, YES), table[name].map({True: "Y"}))
        for name, label, how in FLAGS
    ]
    columns += [_in_window(table), *_relative_day(study, table), row_id(table)]
    structure = "One record per subject per parameter per analysis visit"
    return dataset("ADQS", "Scores Analysis Dataset", structure, "BASIC DATA STRUCTURE", columns)


def _of_endpoint(
    scores: pd.DataFrame, endpoint: CompleteEndpoint, order: Mapping[str, int]
) -> pd.DataFrame:
    """The scores of one endpoint, with the baseline of each subject."""
    here = (scores["instrument"] == endpoint.instrument) & (scores["scale"] == endpoint.scale)
    rows = scores[here].rename(columns={"value": "AVAL", "text": "AVALC"})
    known = rows["AVAL"].notna()
    is_baseline = rows["visit"] == endpoint.baseline
    later = rows["visit"].map(order) > order[endpoint.baseline]
    bases = rows[is_baseline & known].set_index("subject_id")["AVAL"]
    rows["BASE"] = rows["subject_id"].map(bases)
    rows["CHG"] = (rows["AVAL"] - rows["BASE"]).where(later)
    rows["ABLFL"] = is_baseline & known
    rows["ANL01FL"] = known & rows["BASE"].notna() & (later | is_baseline)
    rows["ANL02FL"] = rows["visit"] == endpoint.time_point
    return rows


def _words(study: Study, endpoint: CompleteEndpoint) -> dict[str, str]:
    instrument = study_instrument(study, endpoint.instrument)
    unit = instrument.scales[endpoint.scale].unit
    label = f"{endpoint.label} ({plural(unit)})" if unit else endpoint.label
    return {"PARAM": label, "PARCAT1": instrument.label}


def _with_visits(study: Study, table: pd.DataFrame, order: Mapping[str, int]) -> pd.DataFrame:
    """The rows with what the schedule says of their visits, and when they really were."""
    visits = {visit.name: visit for visit in study.visits}
    of_row = table["visit"].map(visits)
    table["AVISIT"] = of_row.map(lambda visit: visit.label)
    table["AVISITN"] = table["visit"].map(order)
    limits = {"AWTARGET": {name: visit.day for name, visit in visits.items()}}
    for place, name in enumerate(("AWLO", "AWHI")):
        limits[name] = {key: of.window[place] for key, of in visits.items() if of.window}
    for name, days in limits.items():
        table[name] = pd.to_numeric(table["visit"].map(days)).astype("Float64")
    actual = pd.Series(pd.NA, index=table.index, dtype="Float64")
    clocks = of_row.map(lambda visit: visit.clock)
    for clock, column in DAY_OF_CLOCK.items():
        if column in table:
            days = pd.to_numeric(table[column]).astype("Float64")
            actual = actual.where(clocks != clock, days)
    table["AWDAY"] = actual
    table["AWTDIFF"] = actual - table["AWTARGET"]
    return table


def _in_window(table: pd.DataFrame) -> Column:
    how = "Y where AWLO <= AWDAY <= AWHI, N where not; empty where one of them is not known"
    inside = (table["AWDAY"] >= table["AWLO"]) & (table["AWDAY"] <= table["AWHI"])
    return (
        Variable("INWINFL", "Inside the window", "text", "Derived", how, 0, YES_NO),
        yes_or_no(inside),
    )


def _relative_day(study: Study, table: pd.DataFrame) -> list[Column]:
    """The day on the study's own clock, where any is known."""
    own = table.get("day_from_treatment" if study.clock == "treatment" else "study_day")
    if own is None or not own.notna().any():
        return []
    label = "Analysis Relative Day"
    if study.clock == "recorded":
        how = f"{SCORES}: study_day, as recorded"
        return [(Variable("ADY", label, "float", "Predecessor", how), own)]
    how = f"day from the {study.clock}; the day itself is 1, the one before it -1"
    return [(Variable("ADY", label, "integer", "Derived", how), since_first(own))]
