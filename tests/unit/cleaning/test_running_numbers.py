"""Gaps in running numbers; and how many follow-ups came before a date."""

from types import SimpleNamespace

import pandas as pd
import pytest
from owncontrol.cleaning.running_numbers import check_running_numbers, missing_codes
from small_study import FILES, clean_small, exports, found, write_files


def codes(*numbers, stem="OC-", width=2):
    return [f"{stem}{number:0{width}d}" for number in numbers]


@pytest.mark.parametrize(
    ("given", "gaps"),
    [
        (codes(*range(1, 14)), {}),
        (codes(1, 2, 3, 4, 6, 7), {"OC-01 to OC-07": ["OC-05"]}),
        (codes(3, 4, 5, 6), {"OC-03 to OC-06": ["OC-01", "OC-02"]}),
        (codes(101, 102, 104, width=3), {"OC-101 to OC-104": ["OC-103"]}),
        (codes(8, 9, 11, 12, width=1, stem="P"), {"P8 to P12": ["P10"]}),
        (codes(9, 10, 11, 12, width=1), {}),  # where they begin is not known
        (codes(17, 340, 1022), {}),  # numbers that do not run
        (codes(1, 3), {}),  # too few to run
        (["a", "b", "", "c7x"], {}),
        (
            [*codes(1, 2, 4, stem="A-"), *codes(1, 2, 3, stem="B-")],
            {"A-01 to A-04": ["A-03"]},
        ),
    ],
)
def test_codes_that_are_left_out_of_a_series_are_named(given, gaps):
    assert missing_codes(given) == gaps


def many(number):
    """The files of the small study with further people and lots up to a number."""
    people = "".join(
        f"P{place},1,1980-01-01,2021-01-01,2021-01-05,2021-01-06,1\n"
        for place in range(3, number + 1)
        if place != 4
    )
    old = "P2,2,1990-01-01,2021-02-01,2021-02-04,2021-02-05,1\n"
    return {"people": (old, old + people)}


def test_a_gap_in_the_codes_of_patients_is_a_finding_of_the_file(tmp_path):
    write_files(tmp_path, **many(6))
    found = clean_small(tmp_path).findings.query("rule == 'codes_left_out'")
    assert found[["file", "column", "detail"]].to_numpy().tolist() == [
        ["people.csv", "id", "codes run from P1 to P6, without P4"]
    ]


def test_an_excluded_patient_is_no_gap(tmp_path):
    write_files(tmp_path, **many(3))
    cleaned = clean_small(tmp_path, excluded=["P1"])
    assert "codes_left_out" not in set(cleaned.findings["rule"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("P2", "the configuration leaves out P2 (no reason given)"),
        ({"subject": "P2", "why": "withdrew"}, "the configuration leaves out P2 (withdrew)"),
        (
            {"row": "walks.csv:3", "why": "a copy"},
            "the configuration leaves out walks.csv:3 (a copy)",
        ),
    ],
)
def test_an_exclusion_says_why(tmp_path, given, told):
    write_files(tmp_path)
    found = clean_small(tmp_path, excluded=[given]).findings
    assert found.loc[found["rule"] == "excluded", "detail"].tolist() == [told]


def test_corrected_cells_are_named_by_what_they_are_read_as(tmp_path):
    write_files(tmp_path)
    cell = ("walks.csv", "id=P1;when=after", "level", "9", "8", "a slip", "me", "2022-01-01")
    table = clean_small(tmp_path, [cell]).corrected_cells
    assert table.to_dict("records") == [
        {
            "table": "wisci2",
            "column": "wisci_level",
            "file": "walks.csv",
            "row": 3,
            "raw_column": "level",
            "subject_id": "P1",
            "visit": "after",
        }
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("numbers", "within", "expected"),
    [
        ((1, 2, 3, 4), "", []),
        ((1, 2, 4, 5), "", [(4, "number_left_out")]),
        ((2, 1, 4, 3), "", []),
        ((2, 3, 4, 5), "", [(2, "number_left_out")]),
        ((1, 2, 2, 3), "", [(4, "number_twice")]),
        ((1, 2, 1, 2), "id", []),
        ((1, 2, 1, 3), "id", [(5, "number_left_out")]),
        ((1, 2, 2, 3), "id", [(4, "number_left_out")]),
    ],
)
def test_rows_that_are_missing_or_twice_in_a_numbered_file(tmp_path, numbers, within, expected):
    write_files(tmp_path)
    text = FILES["walks.csv"].replace(",x\n", ",W-{}\n").format(*numbers)
    (tmp_path / "walks.csv").write_text(text, "utf-8")
    settings = exports("walks", numbered=[{"column": "note", "within": within}], ignored=[])
    assert found(clean_small(tmp_path, **settings)) == [
        ("walks.csv", row, "note", rule, "warning") for row, rule in expected
    ]


@pytest.mark.slow
@pytest.mark.parametrize("numbers", [(1, 2, 4, 9), (3, 4, 9, 5), (9, 1, 2, 4), (1, 1, 5, 9)])
def test_a_gap_in_numbers_says_what_is_before_it_and_how_many_rows_are_missing(tmp_path, numbers):
    write_files(tmp_path)
    text = FILES["walks.csv"].replace(",x\n", ",W-{}\n").format(*numbers)
    (tmp_path / "walks.csv").write_text(text, "utf-8")
    settings = exports("walks", numbered=[{"column": "note", "within": ""}], ignored=[])
    expected = {}
    for row, number in enumerate(numbers, start=2):
        last = max((other for other in numbers if other < number), default=0)
        if number - last > 1:
            before = f"follows number {last}" if last else "is the first one"
            expected[row] = f"{before}; {number - last - 1} rows are missing before it"
    findings = clean_small(tmp_path, **settings).findings
    gaps = findings.loc[findings["rule"] == "number_left_out"]
    assert dict(zip(gaps["row"].astype(int), gaps["detail"], strict=True)) == expected


@pytest.mark.parametrize(("column", "count"), [("id", 1), ("{row}", 0)])
def test_row_numbers_that_stand_for_codes_do_not_run(column, count):
    """The header is row 1, so that the rows of a file begin with 2."""
    sheet = SimpleNamespace(
        values=pd.DataFrame({"subject_id": ["2", "3", "4", "5"]}),
        raw_columns={("people.csv", "subject_id"): column},
        files=["people.csv"],
    )
    config = SimpleNamespace(subject_code=SimpleNamespace(key_file=""), exports={})
    assert len(check_running_numbers({"subjects": sheet}, (), config)) == count
