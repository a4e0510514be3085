"""Columns of days and dates in which nothing can be read: a run would set every row aside."""

from collections.abc import Collection, Iterator

import pandas as pd

from owncontrol.basics.date_forms import TYPED_DATES, has_form
from owncontrol.errors import InputError
from owncontrol.ingest.column_mapping import DAYS
from owncontrol.study.exports import Export
from owncontrol.tables.categories import by_value

DATES = {"date": "undated: true", "treatment_start": "leave it out of the mapping"}
NUMBERED = dict.fromkeys(DAYS, "undated: true")


def faults_of_days(table: str, cells: pd.DataFrame, export: Export) -> Iterator[InputError]:
    """A fault for each mapped column of days that is empty, or of which no cell can be read.

    ``cells``: the canonical table as ingested. No cell is shown.
    """
    for column, instead in {**DATES, **NUMBERED}.items():
        if column not in cells or not len(cells):
            continue
        texts = cells[column].astype("str").str.strip()
        texts = texts[(texts != "") & ~texts.isin(list(export.missing))]
        raw = " and ".join(export.tables[table].raw_columns(column))
        place = f"{export.file}: '{raw}' is mapped to {table}.{column}, and"
        if texts.empty:
            yield InputError(
                f"{place} all {len(cells)} cells are empty",
                f"map the column that has them; where they are not known: {instead}",
            )
        elif column in NUMBERED and pd.to_numeric(texts, errors="coerce").isna().all():
            yield InputError(
                f"{place} none of its {len(texts)} texts is a number of days",
                "map dates to 'date'; where the days are not known: undated: true",
            )
        elif column in DATES and not _any_date(texts, export.dates):
            yield InputError(
                f"{place} none of its {len(texts)} texts has a form of exports.*.dates",
                f"say how its dates are written; now: {', '.join(export.dates)}",
            )


def _any_date(texts: "pd.Series[str]", forms: Collection[str]) -> bool:
    def is_date(text: str) -> bool:
        return text.isdecimal() or any(has_form(text, form) for form in (*forms, *TYPED_DATES))

    return bool(by_value(texts.astype("category"), is_date).any())
