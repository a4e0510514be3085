"""Visits made of numbers or dates: each row in its window, and no window over another."""

import pandas as pd
import pytest
from owncontrol.ingest.readers import RawTable
from owncontrol.ingest.visit_windows import visits_of_rows, with_windows
from owncontrol.study.exports import Export
from owncontrol.study.visit_windows import FROM_TARGET, VisitWindows
from pydantic import ValidationError
from small_study import FILES, clean_small, exports, write_files

WINDOWS = {"baseline": [0, 0], "month_3": [60, 120.5]}


def visits(cells, **keys):
    declared = VisitWindows(windows=WINDOWS, **keys)
    return visits_of_rows(pd.DataFrame(cells), declared, ["%d.%m.%Y"], ["NA"]).tolist()


def test_numbers():
    days = ["0", "0.0", "-1", "60", "120,5", "121", "NA", "", "soon", " 60 "]
    expected = ["baseline", "baseline", "", "month_3", "month_3", "", "", "", "", "month_3"]
    assert visits({"day": days}, column="day") == expected


def test_days_since_the_first_date_of_each_subject_in_any_order():
    cells = {
        "id": ["B", "A", "A", "B", "", "A", "C"],
        "on": [
            "01.05.2021",
            "2021-04-10",
            "01.02.2021",
            "01.02.2021",
            "01.02.2021",
            "31.02.2021",
            "NA",
        ],
    }
    found = visits(cells, column="on", since_first=["id"])
    assert found == ["month_3", "month_3", "baseline", "baseline", "", "", ""]


@pytest.mark.parametrize(
    "windows", [{"a": [0, 5], "b": [5, 9]}, {"a": [3, 1]}, {"a": [0, 9], "b": [2, 3]}, {}]
)
def test_windows_that_overlap_or_end_before_they_begin_are_refused(windows):
    with pytest.raises(ValidationError):
        VisitWindows(column="day", windows=windows)


@pytest.mark.parametrize("targets", [{"month_4": 60}, {"month_3": 121}])
def test_a_target_lies_in_its_own_window(targets):
    with pytest.raises(ValidationError, match="targets"):
        VisitWindows(column="day", windows=WINDOWS, targets=targets)


def test_the_target_is_that_declared_or_day_0_or_the_middle():
    declared = VisitWindows(
        column="day",
        windows={"before": [-30, 0], "a": [60, 120], "b": [150, 200]},
        targets={"b": 182},
    )
    assert [declared.target(name) for name in ("before", "a", "b")] == [0, 90, 182]


def test_a_row_outside_of_all_windows_is_no_note_and_one_without_a_date_is(tmp_path):
    rows = {"2021-02-01": 3, "2021-03-20": 4, "": 5, "soon": 6, "--": 7, "soon ": 8}
    text = "".join(f"P1,,{day},{level},x\n" for day, level in rows.items())
    write_files(tmp_path, walks=(FILES["walks.csv"].partition("\n")[2], text))
    columns = {"subject_id": "id", "visit": "{window}", "wisci_level": "level"}
    made = exports("walks", "wisci2", columns=columns, undated=True)
    windows = {"before": [0, 0], "after": [100, 220]}
    made["exports"]["walks"] |= {
        "ignored": ["note", "when"],
        "visit_windows": {"column": "day", "since_first": ["id"], "windows": windows},
        "keep": {"{window}": ["before"]},
    }
    visits = [{"name": name, "label": name, "day": n} for n, name in enumerate(windows)]
    found = clean_small(tmp_path, **made, visits=visits, clock="nominal").findings
    told = found.loc[found["file"] == "walks.csv", ["row", "column", "value", "rule"]]
    assert told.to_dict("records") == [
        {"row": 4, "column": "day", "value": "", "rule": "keep_value_blank"},
        {"row": 5, "column": "day", "value": "soon", "rule": "no_visit_told"},
        {"row": 6, "column": "day", "value": "--", "rule": "no_visit_told"},
    ]


def test_how_far_a_row_is_from_what_was_planned(tmp_path):
    """Planned are day 0, which lies in its window, and day 90, the middle of the other."""
    made = exports("walks", "wisci2", columns={"subject_id": "id", "visit": "{window}"})
    windows = {"before": [-7, 7], "after": [60, 120]}
    entry = made["exports"]["walks"] | {"visit_windows": {"column": "day", "windows": windows}}
    days = ["-2", "5", "60,5", "100", "200", "soon"]
    raw = RawTable(pd.DataFrame({"day": days}, dtype="str"))
    found = with_windows(tmp_path, raw, Export.model_validate(entry)).cells
    assert found[FROM_TARGET].astype("str").tolist() == ["-2", "5", "-29.5", "10", "", ""]
