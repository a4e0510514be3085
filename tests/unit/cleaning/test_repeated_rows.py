"""Rows of a subject that repeat because each visit has a row are no finding; others are."""

from copy import deepcopy

import pytest
from small_study import CONFIG, FILES, clean_small, write_files


def repeated(folder, walks: str, in_walks: bool) -> list[tuple[str, int]]:
    """File and row of each finding of a repeated row, treatments read from one of two files."""
    exports = deepcopy(CONFIG["exports"])
    if in_walks:
        del exports["cells"]
        exports["walks"]["tables"]["treatments"] = {"columns": {"subject_id": "id"}}
    write_files(folder, walks=(FILES["walks.csv"], walks))
    found = clean_small(folder, exports=exports).findings
    found = found.loc[found["rule"] == "duplicate_row"]
    return list(zip(found["file"], found["row"].astype(int), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("in_walks", [True, False])
def test_a_row_a_visit_is_no_repeated_row(tmp_path, in_walks):
    assert repeated(tmp_path, FILES["walks.csv"], in_walks) == []


def test_a_repeated_assessment_is_still_one(tmp_path):
    walks = FILES["walks.csv"] + "P1,before,2021-02-01,3,x\n"
    assert repeated(tmp_path, walks, True) == [("walks.csv", 6)]
