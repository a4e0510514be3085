"""Scores of a large table are made some rows at a time, and are the same."""

from pathlib import Path

import pandas as pd
import pytest
from isncsci_exams import exam_at
from owncontrol.instruments import load_instrument
from owncontrol.scoring import score_table
from owncontrol.scoring.score_table import score_assessments, score_scales
from owncontrol.tables import read_text, write_parts
from owncontrol.tables.categories import all_categories

INSTRUMENTS = Path(__file__).parents[3] / "workflow/instruments"
EXAMS = [
    exam_at("C6"),
    exam_at("T4", deep_anal_pressure="NT"),
    exam_at("C4", right_motor_c5="NT"),
    exam_at("C4", left_light_touch_c2="1*"),
    exam_at("L1"),
    {},
    exam_at("C6"),
]


def cleaned(rows: list[dict[str, str]]) -> pd.DataFrame:
    """Cleaned rows of several subjects, the last one with another recorded grade."""
    table = pd.DataFrame(rows).fillna("")
    table["recorded_asia_impairment_scale"] = ["A", "", "B", "C", "D", "", "E"]
    about = {"visit": "before", "day_from_injury": "40", "day_from_treatment": ""}
    names = [f"S{place}" for place in range(len(table))]
    return table.assign(**about, subject_id=names, row_id=[f"x:{name}" for name in names])


@pytest.mark.slow
def test_scores_of_some_rows_at_a_time_are_those_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instrument = load_instrument(INSTRUMENTS / "isncsci.yaml")
    table = cleaned(EXAMS)
    whole = score_assessments(instrument, table)
    monkeypatch.setattr(score_table, "ROWS_AT_ONCE", 3)
    pd.testing.assert_frame_equal(score_assessments(instrument, table), whole)
    # As categories, but the row ids as they are: what is written is the same.
    days = dict.fromkeys(("day_from_injury", "day_from_treatment"), pd.NA)
    coded = all_categories(table).assign(row_id=table["row_id"].astype("str"), **days)
    parts = score_scales(instrument, coded, list(instrument.scales), coded=True)
    write_parts(parts, tmp_path / "scores.parquet")
    written = read_text(tmp_path / "scores.parquet")
    for column in ("text", "row_id", "scale", "recorded"):
        assert written[column].tolist() == whole[column].tolist()
