"""The state of the data, as numbers: rows, cells, findings, discrepancies."""

import pandas as pd

from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import DataQuality
from owncontrol.estimates.selections import name_matching
from owncontrol.estimates.strata import (
    AllFiles,
    CanonicalTable,
    OfFindings,
    OfInstrument,
    RawFile,
    RecordedGrade,
    TableInFile,
)
from owncontrol.isncsci.cells import AIS

ROWS = (DataQuality.ROWS_IN, DataQuality.KEPT, DataQuality.QUARANTINED, DataQuality.MERGED)
CELLS = (
    DataQuality.CELLS_IN,
    DataQuality.AS_WRITTEN,
    DataQuality.OTHER_FORM,
    DataQuality.CORRECTED,
    DataQuality.MISSING,
    DataQuality.REFUSED,
    DataQuality.SET_ASIDE,
)
CANONICAL = ("subjects", "treatments", "adverse_events", "co_interventions")
SEVERITIES = ("error", "warning", "note")


def count_rows(estimates: Estimates, flow: pd.DataFrame) -> None:
    """Rows read, kept, quarantined and merged: for each file, and over all files.

    Those that are not part of the study, too, where the configuration says which are.
    """
    files = flow.loc[flow["table"] == "(file)"]
    for state in (*ROWS, *(state for state in (DataQuality.NOT_PART,) if state.value in flow)):
        for file, count in zip(files["file"], files[state.value], strict=True):
            estimates.add(
                state,
                int(count),
                stratum=RawFile(file),
                method="count",
                unit="rows",
                n=int(count),
                inputs=name_matching("flow", file=file, table="(file)"),
            )
        total = int(files[state.value].sum())
        estimates.add(
            state,
            total,
            stratum=AllFiles(),
            method="count",
            unit="rows",
            n=total,
            inputs=name_matching("flow", table="(file)"),
        )


def count_table_rows(estimates: Estimates, flow: pd.DataFrame) -> None:
    """Rows read for each canonical table that is no instrument's, and rows set aside of them.

    Rows that are not part of the study are none of them.
    Rows merged with another one are not among those: nothing of them is lost.
    """
    for table in (name for name in CANONICAL if (flow["table"] == name).any()):
        here = flow.loc[flow["table"] == table]
        for statistic, column in (
            (DataQuality.TABLE_ROWS, "rows_in"),
            (DataQuality.ROWS_SET_ASIDE, "quarantined"),
        ):
            count = int(here[column].sum())
            if column == "rows_in" and DataQuality.NOT_PART.value in here:
                count -= int(here[DataQuality.NOT_PART.value].sum())
            estimates.add(
                statistic,
                count,
                stratum=CanonicalTable(table),
                method="count",
                unit="rows",
                n=count,
                inputs=name_matching("flow", table=table),
            )


def count_cells(estimates: Estimates, flow_cells: pd.DataFrame) -> None:
    """Cells read, by table and file: as written, in another form, corrected, missing and so on."""
    for entry in flow_cells.to_dict("records"):
        table, file = str(entry["table"]), str(entry["file"])
        for state in CELLS:
            count = int(entry[state.value])
            estimates.add(
                state,
                count,
                stratum=TableInFile(table, file),
                method="count",
                unit="cells",
                n=count,
                inputs=name_matching("flow_cells", file=file, table=table),
            )


def count_findings(estimates: Estimates, findings: pd.DataFrame) -> None:
    """Findings by severity, and by rule within severity."""
    for severity in SEVERITIES:
        here = findings.loc[findings["severity"] == severity]
        estimates.add(
            DataQuality.FINDINGS,
            len(here),
            stratum=OfFindings(severity),
            method="count",
            unit="findings",
            n=len(here),
            inputs=name_matching("findings", severity=severity),
        )
        for rule, group in here.groupby("rule", sort=True):
            estimates.add(
                DataQuality.FINDINGS,
                len(group),
                stratum=OfFindings(severity, str(rule)),
                method="count",
                unit="findings",
                n=len(group),
                inputs=name_matching("findings", severity=severity, rule=str(rule)),
            )


def count_discrepancies(estimates: Estimates, scores: pd.DataFrame) -> None:
    """Scores that the examiner wrote, and how many of them differ from the computed ones."""
    for instrument in sorted(scores["instrument"].unique()):
        here = (scores["instrument"] == instrument) & scores["agrees"].notna()
        # Where these are all rows, no copy of what may be millions of them.
        written = scores if here.all() else scores.loc[here]
        differing = written.loc[~written["agrees"].astype(bool)]
        estimates.add_count(
            DataQuality.RECORDED_SCORES_DIFFERING,
            len(differing),
            len(written),
            stratum=OfInstrument(str(instrument)),
            unit="scores",
            scores=written,
        )


def differing(scores: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The scores that differ from the recorded ones, with the row that each was computed from.

    ``scores`` as from ``read_recorded``, ``rows`` as from ``read_row_ids``.
    """
    columns = ["subject_id", "visit", "instrument", "scale", "recorded", "text"]
    found = scores.loc[scores["agrees"].eq(False).fillna(False), columns]
    key = ["subject_id", "visit", "instrument"]
    rows = rows.loc[rows["subject_id"].isin(found["subject_id"]), [*key, "row_id"]]
    row_ids = found[key].astype("str").merge(rows.astype("str").drop_duplicates(key), "left", key)
    return found.drop(columns="instrument").assign(row_id=row_ids["row_id"].to_numpy())


def count_graded(estimates: Estimates, scores: pd.DataFrame) -> None:
    """Exams by the AIS grade that the examiner wrote and the one computed from the cells.

    Only pairs that occur; several computed grades (C,D) where cells are not testable.
    """
    computed = (scores["scale"] == AIS) & (scores["method"] != "recorded")
    written = scores.loc[computed & (scores["recorded"] != "")]
    for (recorded, computed), rows in written.groupby(["recorded", "text"], sort=True):
        estimates.add_count(
            DataQuality.RECORDED_GRADES,
            len(rows),
            len(rows),
            stratum=RecordedGrade(str(recorded), str(computed)),
            unit="exams",
            scores=rows,
        )
