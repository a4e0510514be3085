"""Findings as the record shows them: at their raw cells, without what identifies a person."""

import pandas as pd

from owncontrol.cleaning.working_table import Sheet
from owncontrol.ingest.long_tables import locate_findings
from owncontrol.ingest.private_columns import mask
from owncontrol.privacy.ages import hidden as hide_ages
from owncontrol.study.parts import CleaningSettings


def shown_findings(
    findings: pd.DataFrame, config: CleaningSettings, rows: dict[str, pd.DataFrame], subjects: Sheet
) -> pd.DataFrame:
    """Findings at the raw cell they belong to, without values of columns that identify a person."""
    names = config.file_names
    hidden = {
        (names[name], column)
        for name, export in config.exports.items()
        for column in export.identifiers_allowed
    }
    shown = mask(locate_findings(findings, config.exports, rows), hidden)
    return _without_ages(shown, config.age_columns, subjects) if not shown.empty else shown


def _without_ages(findings: pd.DataFrame, ages: frozenset[str], subjects: Sheet) -> pd.DataFrame:
    """Findings at the cell of an age that show none above 89; other rules hide it themselves."""
    places = {(file, raw) for (file, name), raw in subjects.raw_columns.items() if name in ages}
    cells = list(zip(findings["file"], findings["column"], strict=True))
    shown = {name: findings[name].astype("str").tolist() for name in ("value", "action", "detail")}
    for row, place in enumerate(cells):
        if place in places:
            for texts in shown.values():
                texts[row] = hide_ages(texts[row])
    return findings.assign(**shown)
