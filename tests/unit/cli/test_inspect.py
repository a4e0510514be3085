"""inspect: each small file of tests/cases as the workflow reads it, and what it says of it."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from owncontrol.__main__ import main

TESTS = Path(__file__).parents[2]
CASES = TESTS / "cases"


def inspect(capfd, *arguments):
    """Exit code, rows of the table (the header first), and the lines on the standard error."""
    code = main(["inspect", *map(str, arguments)])
    out, err = capfd.readouterr()
    return code, list(csv.reader(io.StringIO(out, newline=""))), err.splitlines()


def column(rows, name):
    """The texts of a column, by the row's number."""
    place = rows[0].index(name)
    return {int(row[0]): row[place] for row in rows[1:]}


def case(number):
    return next(CASES.glob(f"{number}-*"))


# Case, file, options, column, some of its texts by row, how many rows, rules on standard error.
RIGHT = [
    ("01", "all.xpt", ["--dataset", "DM"], "AGE", {1: "41", 2: "52", 3: "33"}, 3, []),
    ("02", "vol.dta", [], "lesion_volume_total", {1: "12.3", 2: "10.1"}, 16, []),
    ("02", "vol.csv", [], "lesion_volume_total", {2: "12.3", 3: "10.1"}, 16, []),
    ("03", "walk.csv", [], "record_id", {2: "W-01", 3: "W-01", 24: "W-08"}, 23, ["mixed_line"]),
    ("04", "last.xlsx", [], "exam_date", {2: "2023-03-01", 5: "2023-05-01"}, 4, []),
    ("05", "walking_export.xlsx", [], "viability", {2: "91.9", 5: "95"}, 23, ["percent_cell"]),
    ("06", "walk.xlsx", [], "wisci_date", {2: "230430"}, 23, []),
    ("08", "exam.csv", [], "wisci_level", {2: "1"}, 16, ["invisible_sign", "U+200B", "U+00AD"]),
    ("09", "plain.xlsx", ["--header-rows", "2"], "Right C5", {3: "5"}, 2, ["formula_without"]),
    ("09", "prefixed.xlsx", ["--header-rows", "2"], "Right C5", {3: "5"}, 2, ["formula_without"]),
    ("10", "exam.xlsx", [], "wisci_level", {2: "3", 3: "", 4: "0", 5: ""}, 4, []),
    ("11", "exam.xlsx", [], "record_id", {2: "P-01", 5: "P-02"}, 4, []),
    ("12", "exam.xlsx", [], "wisci\nlevel", {2: "3"}, 1, []),
    ("13", "walk.csv", [], "record_id", {2: "W-01", 24: "W-08"}, 23, ["mixed_line"]),
    ("16", "far.sav", [], "exam", {1: "2023-05-04"}, 2, ["no_date"]),
    ("17", "walk.csv", [], "record_id", {3: "W-01", 25: "W-08"}, 23, ["separator_line"]),
    ("19", "exam.xlsx", [], "record_id", {2: "P-01"}, 4, ["hidden_sheet"]),
    ("20", "qs.csv", [], "QSTESTCD", {2: "scim_feeding"}, 114, []),
    ("21", "vload.csv", [], "copies", {2: "11234.56", 7: "10345.66"}, 8, []),
]


@pytest.mark.parametrize(("number", "file", "options", "name", "texts", "count", "rules"), RIGHT)
def test_each_case_is_read_as_it_is(capfd, number, file, options, name, texts, count, rules):
    code, rows, said = inspect(capfd, case(number) / file, *options)
    assert code == 0, said
    found = column(rows, name)
    assert {row: found[row] for row in texts} == texts
    assert len(rows) - 1 == count
    for rule in rules:
        assert any(rule in line for line in said), said


def labelled(capfd, number):
    folder = case(number)
    options = ["--labelled", "--dictionary", folder / "dictionary.csv"]
    return inspect(capfd, folder / "labels.csv", *options)


def test_a_label_of_two_choices_is_an_error_at_its_cell(capfd):
    code, rows, said = labelled(capfd, "07")
    assert (code, column(rows, "wisci_level")) == (0, {2: "Walks with help", 3: "3"})
    (line,) = [line for line in said if "label_of_two_choices" in line]
    assert line.startswith("error: row 2, column wisci_level: 'Walks with help': ")
    assert "codes 1 and 2" in line


def test_survey_timestamps_have_the_names_of_the_raw_export(capfd):
    _, rows, _ = labelled(capfd, "14")
    raw = inspect(capfd, case("14") / "raw.csv", "--dictionary", case("14") / "dictionary.csv")[1]
    assert rows[0] == raw[0]
    assert column(rows, "walk_timestamp")[3] == "[not completed]"


def test_labels_without_their_quotes_are_those_of_the_dictionary(capfd):
    _, rows, said = labelled(capfd, "15")
    assert column(rows, "aids___2") == {2: "1"}
    assert not [line for line in said if line.startswith(("error", "warning"))]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("empty.csv", b"", "empty"),
        ("page.csv", b"<!DOCTYPE html><html><body><table></table></body></html>", "a web page"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old workbook"),
        ("cut.xlsx", b"PK\x03\x04" + bytes(60), "cut short"),
        ("text.xlsx", b"id,level\n1,2\n", "text"),
        ("two.csv", b"id,id\n1,2\n", "'id' names two columns"),
        ("data.sav", b"$FL2" + bytes(300), "cannot be read as spss"),
        ("data.xyz", b"id,level\n1,2\n", "no format goes with the suffix '.xyz'"),
    ],
)
def test_what_is_refused_is_one_line_and_exit_code_2(tmp_path, capfd, file, content, said):
    (tmp_path / file).write_bytes(content)
    code, rows, lines = inspect(capfd, tmp_path / file)
    assert (code, rows) == (2, [])
    (line,) = lines
    assert line.startswith("error: ")
    assert file in line and said in line
    assert "; " in line  # what to do


def test_several_datasets_are_named(capfd):
    code, _, (line,) = inspect(capfd, case("01") / "all.xpt")
    assert code == 2
    assert "DM, QS" in line


def test_as_json_cells_and_findings_can_be_read_by_a_program(capfd):
    assert main(["inspect", str(case("08") / "exam.csv"), "--as", "json"]) == 0
    out, err = capfd.readouterr()
    table = json.loads(out)
    assert table["columns"] == ["record_id", "visit", "exam_date", "wisci_level"]
    assert table["rows"][0] == {
        "row": 2,
        "cells": {
            "record_id": "W-01",
            "visit": "baseline",
            "exam_date": "2023-03-01",
            "wisci_level": "1",
        },
    }
    found = [json.loads(line) for line in err.splitlines()]
    signs = [entry for entry in found if entry["rule"] == "invisible_sign"]
    assert [(entry["row"], entry["column"]) for entry in signs] == [
        (3, "record_id"),
        (5, "record_id"),
    ]
    assert "U+200B ZERO WIDTH SPACE" in signs[0]["sentence"]


def test_rows_that_are_set_aside_are_named_and_not_in_the_table(tmp_path, capfd):
    path = tmp_path / "a.csv"
    path.write_text("id,level\n1,2\n,\n1,2,3\n2,4\n")
    code, rows, said = inspect(capfd, path)
    assert (code, column(rows, "id")) == (0, {2: "1", 5: "2"})
    assert any("row 3" in line and "blank_row" in line for line in said)
    assert any("row 4" in line and "row_length" in line for line in said)


@pytest.mark.parametrize("delimiter", ["tab", "\\t"])
def test_a_tab_can_be_typed(tmp_path, capfd, delimiter):
    path = tmp_path / "a.txt"
    path.write_text("id\tlevel\n1\t2,5\n")
    _, rows, _ = inspect(capfd, path, "--delimiter", delimiter)
    assert rows == [["row", "id", "level"], ["2", "1", "2,5"]]


@pytest.mark.slow
def test_the_output_is_utf_8_in_every_locale(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,note\n1,脊髄損傷\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "owncontrol", "inspect", str(path)],
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode("utf-8") == "row,id,note\n2,1,脊髄損傷\n"


# Files of one table by writers of other origin (tests/writers/README.md).
@pytest.mark.parametrize(
    "path", sorted((TESTS / "writers").glob("*.*")), ids=lambda path: path.name
)
def test_every_writer_gives_the_same_table(capfd, path):
    if path.suffix == ".md":
        return
    expected = inspect(capfd, TESTS / "writers" / "table.csv")[1]
    code, rows, _ = inspect(capfd, path)
    assert code == 0
    decimal = "," if path.name == "base_r_csv2.csv" else "."
    plain = [[cell.replace(decimal, ".") if n == 4 else cell for n, cell in enumerate(row[1:])]
             for row in rows]  # fmt: skip
    wanted = [row[1:] for row in expected]
    if path.name == "base_r.csv":  # R writes NA where it has no value
        wanted = [
            [cell or ("NA" if n == 3 else "") for n, cell in enumerate(row)] for row in wanted
        ]
    assert plain == wanted


def test_an_option_that_is_not_permitted_is_refused_in_one_line(capfd):
    code, _, (line,) = inspect(capfd, case("08") / "exam.csv", "--header-rows", "0")
    assert code == 2
    assert "exam.csv: header_rows: Input should be greater than or equal to 1" in line
