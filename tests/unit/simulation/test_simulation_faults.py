"""The faults of the SYNTHETIC example study are where their list says, and nowhere else."""

import pandas as pd
import pytest
from owncontrol.isncsci import classify
from owncontrol.simulation.exports import CELL_COLUMNS
from owncontrol.simulation.simulated_study import write_study
from simulated_files import (
    CELLS,
    EVENTS,
    EXAMPLE,
    REDCAP,
    WORKBOOK,
    canonical,
    frame_of,
    planted,
    rows_of,
)

#: Kinds whose one fault changes more cells than the one it is found at.
WIDE = {
    "sides_swapped": set(CELL_COLUMNS) | {"R non-key", "L non-key"},
    "impossible_jump": None,
    "complete_but_blank": {"wisci_date", "wisci_level"},
    "release_after_infusion": {"release_date", "culture_days"},
}
INSERTED = {
    *("duplicate_row", "duplicate_exam_other_comment", "duplicate_repeat_instance", "blank_row"),
    *("summary_row", "two_baselines", "unscheduled_visit", "exam_copied_to_other_visit"),
    *("subject_not_in_workbook", "correction_other_value", "correction_without_row"),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean")
    write_study(folder, 13, 2021, clean=True)
    return folder


def test_clean_twin_has_true_late_visits_and_no_correction(clean):
    assert {fault["kind"] for fault in planted(clean)} == {"visit_out_of_window"}
    assert rows_of(clean, "corrections.csv") == [
        ["file", "row_key", "column", "from", "to", "why", "who", "when"]
    ]
    assert not (clean / EVENTS).read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"\r" not in (clean / CELLS).read_bytes()


def test_enough_kinds_of_fault_and_each_place_only_once():
    faults = planted(EXAMPLE)
    assert len({fault["kind"] for fault in faults}) >= 28
    places = [(fault["file"], fault["row"], fault["column"]) for fault in faults]
    assert len(set(places)) == len(places)
    rows = [(f["file"], f["row"]) for f in faults if f["row"] not in ("", "1")]
    assert len(set(rows)) == len(rows)
    actions = {
        "quarantine row",
        "quarantine cell",
        "merge",
        "correct by rule",
        "correct by corrections.csv",
        "flag",
        "refuse correction",
    }
    assert {fault["expected_action"] for fault in faults} == actions
    assert {fault["severity"] for fault in faults} == {"error", "warning", "note"}


def test_each_fault_stands_where_the_list_says():
    for fault in planted(EXAMPLE):
        rows = rows_of(EXAMPLE, fault["file"])
        if fault["row"] and fault["column"].startswith("(column "):
            position = int(fault["column"][8:-1])
            assert len(rows[0]) == position
            assert rows[0][-1].strip() == ""
        elif fault["row"] and fault["column"]:
            cell = dict(zip(rows[0], rows[int(fault["row"]) - 1], strict=True))[fault["column"]]
            assert cell == fault["value"], fault


@pytest.mark.parametrize("name", [REDCAP, WORKBOOK, CELLS, EVENTS])
def test_faulty_and_clean_file_differ_at_the_planted_places_only(clean, name):
    faults = [fault for fault in planted(EXAMPLE) if fault["file"] == name and fault["row"]]
    inserted = {int(fault["row"]) for fault in faults if fault["kind"] in INSERTED}
    allowed: dict[int, set[str] | None] = {}
    for fault in faults:
        allowed[int(fault["row"])] = WIDE.get(fault["kind"], {fault["column"]})
    header, *right = rows_of(clean, name)
    faulty = rows_of(EXAMPLE, name)
    numbered = [(n, row) for n, row in enumerate(faulty, start=1) if n not in inserted][1:]
    assert len(numbered) == len(right)
    for (number, row), twin in zip(numbered, right, strict=True):
        pairs = zip(header, row, twin, strict=False)
        changed = {column for column, found, true in pairs if found != true}
        assert not changed or number in allowed, (number, changed)
        places = allowed.get(number, set())
        assert places is None or changed <= places, (number, changed)
        is_late = number in allowed and not changed
        late = {int(f["row"]) for f in faults if f["kind"] == "visit_out_of_window"}
        # A number typed as text reads the same; only its cell type differs.
        same_text = {int(f["row"]) for f in faults if f["kind"] == "number_as_text"}
        assert not is_late or number in late | same_text, number


def test_faults_spare_the_exams_that_decide_the_endpoint(clean):
    wanted = ["Pre-infusion", "Day 180", "Day 220 post injury"]
    right, faulty = frame_of(clean, WORKBOOK), frame_of(EXAMPLE, WORKBOOK)
    added = [int(f["row"]) - 2 for f in planted(EXAMPLE) if f["kind"] == "two_baselines"]
    faulty = faulty.drop(index=added)
    columns = list(right.columns)
    expected = right.loc[right["Visit"].isin(wanted), columns].to_numpy().tolist()
    assert faulty.loc[faulty["Visit"].isin(wanted), columns].to_numpy().tolist() == expected


def test_doubled_baseline_is_earlier_within_the_window_and_of_the_same_grade():
    faulty = frame_of(EXAMPLE, WORKBOOK)
    (place,) = [int(f["row"]) - 2 for f in planted(EXAMPLE) if f["kind"] == "two_baselines"]
    extra, true = faulty.loc[place], faulty.loc[place + 1]
    assert (extra["Patient"], extra["Visit"]) == (true["Patient"], true["Visit"])
    assert extra["Exam date"] < true["Exam date"]
    assert classify(canonical(faulty.loc[[place]]))["asia_impairment_scale"].iloc[0] == true["AIS"]


def test_impossible_jump_departs_from_both_neighbours_and_keeps_its_grade():
    faulty = frame_of(EXAMPLE, WORKBOOK)
    (place,) = [int(f["row"]) - 2 for f in planted(EXAMPLE) if f["kind"] == "impossible_jump"]
    before, here, after = (faulty.loc[place + step] for step in (-1, 0, 1))
    assert before["Patient"] == here["Patient"] == after["Patient"]
    assert int(here["UEMS"]) - max(int(before["UEMS"]), int(after["UEMS"])) >= 10
    computed = classify(canonical(faulty.loc[[place]])).iloc[0]
    assert computed["asia_impairment_scale"] == here["AIS"]
    assert str(computed["upper_extremity_motor_score"]) == here["UEMS"]


def test_corrections_restore_the_truth_or_are_listed_as_refused(clean):
    refused = {f["row"] for f in planted(EXAMPLE) if f["file"] == "corrections.csv"}
    corrections = frame_of(EXAMPLE, "corrections.csv")
    assert len(refused) == 2
    for place, entry in corrections.iterrows():
        raw, right = frame_of(EXAMPLE, entry["file"]), frame_of(clean, entry["file"])
        here = pd.Series(True, index=raw.index)
        for part in entry["row_key"].split(";"):
            column, _, value = part.partition("=")
            here &= raw[column] == value
        if str(place + 2) in refused:
            assert not here.any() or raw.loc[here, entry["column"]].item() != entry["from"]
            continue
        assert here.sum() == 1, entry["row_key"]
        assert raw.loc[here, entry["column"]].item() == entry["from"]
        restored = raw.loc[here].assign(**{entry["column"]: entry["to"]})
        columns = [name for name in right.columns if name in restored]
        assert (right[columns] == restored[columns].iloc[0]).all(axis=1).sum() == 1


def test_readme_lists_every_fault():
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    for fault in planted(EXAMPLE):
        assert f"| {fault['fault_id']} | {fault['file']} | {fault['row'] or ' '} |" in readme


@pytest.mark.slow
@pytest.mark.parametrize(("subjects", "seed"), [(13, 1), (26, 99)])
def test_other_seeds_and_sizes_plant_all_faults(tmp_path, subjects, seed):
    table = write_study(tmp_path, subjects, seed, clean=False)
    kinds = {fault["kind"] for fault in planted(EXAMPLE)}
    assert set(table["kind"]) | {"visit_out_of_window"} == kinds
