"""Findings as the record shows them: at their raw cells, without what identifies a person."""

from typing import Any

import pandas as pd

from owncontrol.cleaning.working_table import Sheet
from owncontrol.ingest.long_tables import locate_findings
from owncontrol.ingest.private_columns import mask
from owncontrol.privacy.ages import age_columns
from owncontrol.privacy.ages import hidden as hide_ages
from owncontrol.study.config import file_names

Config = dict[str, Any]


def shown_findings(
    findings: pd.DataFrame, config: Config, rows: dict[str, pd.DataFrame], subjects: Sheet
) -> pd.DataFrame:
    """Findings at the raw cell they belong to, without values of columns that identify a person."""
    exports = config["exports"]
    names = file_names(exports)
    hidden = {
        (names[name], column)
        for name, export in exports.items()
        for column in export["identifiers_allowed"]
    }
    shown = mask(locate_findings(findings, exports, rows), hidden)
    return _without_ages(shown, age_columns(config), subjects) if not shown.empty else shown


def _without_ages(findings: pd.DataFrame, ages: set[str], subjects: Sheet) -> pd.DataFrame:
    """Findings at the cell of an age that show none above 89; other rules hide it themselves."""
    places = {(file, raw) for (file, name), raw in subjects.raw_columns.items() if name in ages}
    cells = list(zip(findings["file"], findings["column"], strict=True))
    shown = {name: findings[name].astype("str").tolist() for name in ("value", "action", "detail")}
    for row, place in enumerate(cells):
        if place in places:
            for texts in shown.values():
                texts[row] = hide_ages(texts[row])
    return findings.assign(**shown)
