"""Of several assessments of one visit that nearest to the planned day is read, if so declared."""

import pytest
from owncontrol.errors import InputError
from owncontrol.study.loading import study_from
from small_study import CONFIG, clean_small, exports, found, small_study, write_files

# P1 was treated on 2021-02-02; the visit after is planned on day 180, which is 2021-08-01.
AFTER = "P1,after,2021-08-01,9,x"


def level_of(cleaned, visit="after"):
    rows = cleaned.tables["wisci2"].query(f"subject_id == 'P1' and visit == '{visit}'")
    return rows["wisci_level"].tolist()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "kept"),
    [
        ({"07-30": 1, "08-03": 2}, "1"),  # as near: the earlier
        ({"08-03": 2, "07-30": 1}, "1"),  # also where the file has it below
        ({"07-20": 1, "08-02": 2, "08-09": 3}, "2"),
        ({"08-01": "UNK", "08-09": 3}, "3"),  # without a value nothing was assessed
        ({"08-01": 1, "08-01 ": 2}, "1"),  # of one day that on top
    ],
)
def test_the_planned_day_on_the_visits_clock(tmp_path, days, kept):
    rows = [f"P1,after,2021-{day.strip()},{level},x" for day, level in days.items()]
    write_files(tmp_path, walks=(AFTER, "\n".join(rows)))
    cleaned = clean_small(tmp_path, **exports("walks", "wisci2", duplicates="keep_nearest"))
    assert level_of(cleaned) == [kept]
    told = [entry for entry in found(cleaned) if entry[3] == "duplicate_key"]
    assert [entry[4] for entry in told] == ["note"] * (len(days) - 1)
    aside = cleaned.quarantine["reason"].str.contains("keep_nearest")
    assert aside.sum() == len(days) - 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("targets", "kept"), [({}, "1"), ({"after": 181}, "2"), ({"after": 219}, "3")]
)
def test_the_target_of_a_window_that_makes_the_visit(tmp_path, targets, kept):
    rows = "P1,,2021-07-20,1,x\nP1,,2021-08-03,2,x\nP1,,2021-09-08,3,x"
    write_files(tmp_path, walks=(AFTER, rows))
    windows = {"before": [0, 0], "after": [100, 220]}
    columns = exports("walks")["exports"]["walks"]["tables"]["wisci2"]["columns"]
    made = exports("walks", "wisci2", duplicates="keep_nearest", columns=columns)
    walks = made["exports"]["walks"]
    walks["ignored"] = ["note", "when"]
    walks["visit_windows"] = {
        "column": "day",
        "since_first": ["id"],
        "windows": windows,
        "targets": targets,
    }
    columns["visit"] = "{window}"
    visits = [
        {key: value for key, value in visit.plain().items() if key != "window"}
        for visit in small_study().visits
    ]
    # The middle of the window is day 160 from the first date, 2021-07-11.
    assert level_of(clean_small(tmp_path, **made, visits=visits)) == [kept]


def windowed(duplicates, **columns):
    """The study with visits made of days, of which no column is read but the window."""
    made = exports("walks", "wisci2", duplicates=duplicates, columns=columns, undated=True)
    walks = made["exports"]["walks"]
    walks["ignored"] = ["note", "when"]
    walks["visit_windows"] = {
        "column": "day",
        "since_first": ["id"],
        "windows": {"before": [0, 0], "after": [100, 220]},
    }
    nominal = [
        {"name": name, "label": name, "day": day} for name, day in (("before", 0), ("after", 9))
    ]
    return {**made, "visits": nominal, "clock": "nominal"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("duplicates", "kept", "severity"),
    [("keep_nearest", ["1"], "note"), ("keep_last", ["1"], "warning"), ("keep_none", [], "error")],
)
def test_two_days_of_one_window_are_two_assessments_though_their_values_agree(
    tmp_path, duplicates, kept, severity
):
    columns = {"subject_id": "id", "visit": "{window}", "wisci_level": "level"}
    write_files(tmp_path, walks=(AFTER, "P1,,2021-07-20,1,x\nP1,,2021-08-03,1,x"))
    cleaned = clean_small(tmp_path, **windowed(duplicates, **columns))
    assert level_of(cleaned) == kept
    told = [(entry[3], entry[4]) for entry in found(cleaned) if entry[3].startswith("dupl")]
    assert told == [("duplicate_key", severity)] * (2 - len(kept))
    assert cleaned.flow["merged"].sum() == 0


def test_one_day_twice_is_one_assessment(tmp_path):
    columns = {"subject_id": "id", "visit": "{window}", "wisci_level": "level"}
    write_files(tmp_path, walks=(AFTER, "P1,,2021-07-20,1,x\nP1,,2021-07-20,1,x"))
    cleaned = clean_small(tmp_path, **windowed("keep_nearest", **columns))
    assert level_of(cleaned) == ["1"]
    assert [entry[3] for entry in found(cleaned) if "dupl" in entry[3]] == ["duplicate_row"]
    assert cleaned.flow["merged"].sum() == 2  # of the file and of its table


def test_nothing_to_be_near_to_is_a_fault_of_the_configuration():
    nominal = [
        {"name": name, "label": name, "day": day} for name, day in (("before", 0), ("after", 9))
    ]
    made = exports("walks", "wisci2", duplicates="keep_nearest")
    config = {**CONFIG, **made, "visits": nominal, "clock": "nominal"}
    with pytest.raises(InputError, match="keep_nearest, and no visit has a day on a clock"):
        study_from(config, "config.yaml")
