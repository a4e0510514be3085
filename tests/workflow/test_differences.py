"""What differs between two runs, and why: along the lineage, from a raw cell to the verdict."""

import csv
import json
import shutil
import subprocess
import sys

import pytest
from owncontrol.cli.diff import compare_runs

CELL = ("isncsci_workbook", "isncsci", "right_motor_c6")
SCALE = "isncsci.right_upper_extremity_motor_score"


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@pytest.fixture
def runs(finished, tmp_path):
    """The finished run and a copy that a test changes."""
    first, second = finished / "results/example", tmp_path / "changed"
    shutil.copytree(first, second)
    return first, second


def test_a_run_does_not_differ_from_itself(runs):
    found = compare_runs(*map(str, runs))
    assert not any(found[kind] for kind in found if kind != "runs")


def test_a_raw_cell_explains_its_score_that_its_estimates(runs):
    first, second = runs
    path = second / "ingested/isncsci_workbook/isncsci.csv"
    rows = rows_of(path)
    column, place = rows[0].index(CELL[2]), rows[0].index("source_row")
    row = next(row for row in rows[1:] if row[rows[0].index("visit")] == "Day 180")
    row[column] = "9"
    write(path, rows)

    path = second / "scored/scores.csv"
    scores = rows_of(path)
    head = scores[0]
    row_id = f"isncsci_workbook:{row[place]}"
    score = next(
        entry
        for entry in scores[1:]
        if entry[head.index("row_id")] == row_id
        and entry[head.index("scale")] == SCALE.split(".")[1]
    )
    score[head.index("text")] = "999"
    write(path, scores)
    key = f"{score[head.index('subject_id')]}/day_180/{SCALE}"

    path = second / "statistics/estimates.csv"
    estimates = rows_of(path)
    names = estimates[0]
    inputs, value = names.index("inputs"), names.index("value")
    ours = next(
        entry for entry in estimates[1:] if SCALE in entry[inputs] and "day_180" in entry[inputs]
    )
    ours[value] = "999"
    write(path, estimates)

    found = compare_runs(str(first), str(second))
    (cell,) = found["raw_cells"]
    assert (cell["rows"], cell["canonical"]) == ((row[place], row[place]), CELL[2])
    where = f"cell {cell['file']} row {row[place]}, {cell['column']}"
    assert found["scores"][key]["because"] == [where]
    assert found["estimates"][ours[0]]["because"][0] == f"score {key}"
    assert set(found["estimates"]) == {ours[0]}


def test_a_row_put_in_before_others_moves_none_of_them(runs):
    first, second = runs
    for name in ("rows", "adverse_events"):
        path = second / f"ingested/adverse_events/{name}.csv"
        rows = rows_of(path)
        place = rows[0].index("source_row")
        new = list(rows[5])
        for row in rows[5:]:
            row[place] = str(int(row[place]) + 1)
        if name == "adverse_events":
            new[rows[0].index("term")] = "a new event"
        write(path, [*rows[:5], new, *rows[5:]])
    found = compare_runs(str(first), str(second))
    assert found["raw_rows_more"] == [("adverse_events.csv", "6")]
    assert not found["raw_cells"]
    assert not found["raw_rows_fewer"]


def test_a_setting_explains_what_no_cell_explains(runs):
    first, second = runs
    path = second / "provenance/configuration.yaml"
    text = path.read_text("utf-8")
    assert "\nlevel: 0.95\n" in text
    path.write_text(text.replace("\nlevel: 0.95\n", "\nlevel: 0.9\n"), "utf-8")
    path = second / "statistics/estimates.csv"
    rows = rows_of(path)
    rows[1][rows[0].index("upper")] = "1"
    write(path, rows)
    found = compare_runs(str(first), str(second))
    assert found["settings"] == {"level": ("0.95", "0.9")}
    assert found["estimates"][rows[1][0]]["because"] == ["setting level"]


def test_the_command_says_it_in_words_and_as_json(finished, runs):
    command = [sys.executable, "-m", "owncontrol", "diff", *map(str, runs)]
    environment = {"PYTHONPATH": str(finished / "workflow/lib")}
    words, data = (
        subprocess.run(
            [*command, *more], check=True, capture_output=True, text=True, env=environment
        ).stdout
        for more in ([], ["--json"])
    )
    assert "estimates: none" in words
    assert json.loads(data)["estimates"] == {}
