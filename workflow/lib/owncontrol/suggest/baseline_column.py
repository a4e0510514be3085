"""The column that repeats the baseline of a measure in every row, as a person names it."""

from collections.abc import Sequence

from owncontrol.basics.nearest import did_you_mean
from owncontrol.errors import InputError
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import AskedMeasure, Request


def repeated_baseline(
    asked: AskedMeasure, request: Request, raw: RawFile, items: Sequence[str]
) -> dict[str, str]:
    """By item the column that repeats its baseline in every row; empty where none was said.

    Raises InputError where the file lacks a column, or they are not as many as the items.
    """
    said = request.baseline_columns
    columns = said.get(asked.name, said.get(""))
    if columns is None:
        return {}
    if len(columns) != len(items):
        raise InputError(
            f"--baseline-column: {len(columns)} columns for {len(items)} of --measure {asked.name}",
            "name a column for each that is added up, joined by +",
        )
    for column in columns:
        if column not in raw.cells:
            raise InputError(
                f"--baseline-column: {raw.path.name} has no column '{column}'",
                did_you_mean(column, list(map(str, raw.cells.columns))),
            )
    return dict(zip(items, columns, strict=True))
