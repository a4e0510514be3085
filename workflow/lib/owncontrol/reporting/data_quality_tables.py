"""The report's tables on the raw data: where rows and cells went, and what was found in them."""

import pandas as pd

from owncontrol.estimates.declared_statistics import DataQuality
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.strata import OfFindings
from owncontrol.reporting.report_tables import Table, visit_labels
from owncontrol.study.settings import AnalysisSettings

ROWS = (DataQuality.KEPT, DataQuality.QUARANTINED, DataQuality.MERGED)
CELLS = (
    DataQuality.AS_WRITTEN,
    DataQuality.OTHER_FORM,
    DataQuality.CORRECTED,
    DataQuality.MISSING,
    DataQuality.REFUSED,
    DataQuality.SET_ASIDE,
)
MOST_LISTED = 100  # rows of a table that lists what is in a file of the results


def flow_table(numbers: Numbers) -> Table:
    """Where the rows of each raw file went."""
    ids = numbers.find(analysis="data_quality", statistic=DataQuality.ROWS_IN)
    states, parts, said = list(ROWS), "kept + quarantined + merged", ""
    if numbers.find(analysis="data_quality", statistic=DataQuality.NOT_PART):
        states, parts = [*ROWS, DataQuality.NOT_PART], f"{parts} + not part"
        said = " Rows that are not part of this study are those that the configuration leaves out."
    return Table(
        "flow",
        "Rows of the raw files",
        ["File", "Read", *(state.replace("_", " ").capitalize() for state in states)],
        [
            [
                str(numbers.row(read).stratum),
                numbers.value(read),
                *(numbers.value(numbers.beside(read, state)) for state in states),
            ]
            for read in ids
        ],
        f"Read = {parts}. Merged rows are equal to a row that is kept, or report the same adverse "
        f"event again.{said}",
    )


def cells_table(numbers: Numbers) -> Table:
    """What became of the cells that are read, by table and raw file."""
    ids = numbers.find(analysis="data_quality", statistic=DataQuality.CELLS_IN)
    return Table(
        "cells",
        "Cells that are read",
        ["Table (file)", "Read", *(state.replace("_", " ").capitalize() for state in CELLS)],
        [
            [
                str(numbers.row(read).stratum),
                numbers.value(read),
                *(numbers.value(numbers.beside(read, state)) for state in CELLS),
            ]
            for read in ids
        ],
        "Read = the sum of the others. Other form: another way to write the value, declared and "
        "noted. Missing: empty, or a code for it. Refused: not permitted, read as missing. Set "
        "aside: in a row that was not kept.",
    )


def findings_table(numbers: Numbers) -> Table:
    """Findings by severity and rule."""
    ids = numbers.find(analysis="data_quality", statistic=DataQuality.FINDINGS)
    rows = []
    for estimate_id in ids:
        here = numbers.row(estimate_id).stratum
        if isinstance(here, OfFindings) and here.rule:
            rows.append([here.severity, here.rule.replace("_", " "), numbers.value(estimate_id)])
    return Table(
        "findings",
        "Findings in the raw files",
        ["Severity", "Rule", "Findings"],
        rows,
        "Each with file, row, column and value in cleaned/findings.csv.",
    )


def discrepancies_table(discrepancies: pd.DataFrame, settings: AnalysisSettings) -> Table:
    """Scores that differ from what the examiner wrote, each with its reason and its raw row."""
    labels = visit_labels(settings)
    more = len(discrepancies) > MOST_LISTED
    rows = []
    for entry in discrepancies.head(MOST_LISTED).to_dict("records"):
        export, _, row = entry["row_id"].rpartition(":")
        rows.append(
            [
                entry["subject_id"],
                labels[entry["visit"]],
                entry["scale"].replace("_", " "),
                entry["recorded"],
                entry["text"],
                entry["explanation"],
                f"{settings.file_names[export]}, row {row}",
            ]
        )
    return Table(
        "discrepancies",
        "Recorded and computed scores that differ",
        [
            settings.design.called.capital_one,
            "Visit",
            "Scale",
            "Recorded",
            "Computed",
            "Why",
            "Raw row",
        ],
        rows,
        "The analysis uses the computed score."
        + (" The first ones; scored/discrepancies.csv has all." if more else ""),
    )
