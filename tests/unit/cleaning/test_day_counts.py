"""Assessments that are told by a day on a clock, without a date."""

import copy

import pytest
from small_study import CONFIG, clean_small, write_files


def on_days(rows, **table):
    """The small study whose walks are given by days from treatment, and how they are mapped."""
    exports = copy.deepcopy(CONFIG["exports"])
    mapping = exports["walks"]["tables"]["wisci2"]
    mapping["columns"]["day_from_treatment"] = mapping["columns"].pop("date")
    mapping.update(table)
    text = "id,when,day,level,note\n" + "".join(f"{row},x\n" for row in rows)
    return text, {"exports": exports}


@pytest.mark.slow
@pytest.mark.parametrize(("first", "last"), [(2, 3), (3, 2)])
def test_of_two_equal_assessments_the_later_one_is_the_copy_whatever_the_order(
    tmp_path, first, last
):
    rows = {first: "P1,before,0,9", last: "P1,after,180,9"}
    text, settings = on_days([rows[2], rows[3], "P2,before,0,1", "P2,after,180,2"], copied="flag")
    write_files(tmp_path)
    (tmp_path / "walks.csv").write_text(text, "utf-8")
    findings = clean_small(tmp_path, **settings).findings
    assert findings[["row", "rule"]].astype(object).values.tolist() == [[last, "copied_assessment"]]
    assert findings["detail"].tolist() == [f"every item equals row {first} (visit before)"]
