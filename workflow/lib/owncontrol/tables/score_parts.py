"""What analyses read of the scores table: of a columnar file only the scales that they need.

A text file is read whole: it is small, and rows of other scales do no harm.
"""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from owncontrol.tables.backend import Part
from owncontrol.tables.schemas import fields
from owncontrol.tables.table_files import table_file

# Columns of the scores that no analysis of an endpoint looks at, and that are most of their bytes.
NOT_ANALYSED = ("recorded", "agrees", "method", "row_id")


def read_scores(path: Path | str, scales: Collection[tuple[str, str]]) -> pd.DataFrame:
    """The scores, without NOT_ANALYSED; of a columnar file only these scales.

    ``scales``: instrument and scale of each.
    """

    def of_scales(parts: list[Part]) -> list[int]:
        named = [(part.lowest["instrument"], part.lowest["scale"]) for part in parts]
        return [place for place, scale in enumerate(named) if scale in scales]

    return table_file(path).read("scores", NOT_ANALYSED, of_scales)


def read_assessments(path: Path | str) -> pd.DataFrame:
    """Who was assessed when: of a columnar file the first scale of each instrument.

    Every scale has the same assessments, so that one of them tells.
    """
    return table_file(path).read("scores", ("value", "text", *NOT_ANALYSED), _first_scales)


def read_row_ids(path: Path | str) -> pd.DataFrame:
    """The cleaned row of each assessment, read as ``read_assessments`` does."""
    known = ("subject_id", "visit", "instrument", "scale", "row_id")
    without = [column for column in fields("scores") if column not in known]
    return table_file(path).read("scores", without, _first_scales)


def read_recorded(path: Path | str) -> pd.DataFrame:
    """Scores beside the recorded ones, of a columnar file only of scales that have such.

    Without days, numbers and rows, which would be most of the bytes (``read_row_ids``).
    """
    without = ("day_from_injury", "day_from_treatment", "study_day", "value", "row_id")
    return table_file(path).read("scores", without, _recorded_scales)


def _first_scales(parts: list[Part]) -> list[int]:
    first: dict[str, int] = {}
    for place, part in enumerate(parts):
        first.setdefault(part.lowest["instrument"], place)
    return list(first.values())


def _recorded_scales(parts: list[Part]) -> list[int]:
    """The scales that an examiner wrote anything for."""
    return [place for place, part in enumerate(parts) if "agrees" in part.filled]
