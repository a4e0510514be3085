"""Long tables (one row per item) to the report: each raw row that was joined is traced by name."""

import csv
from itertools import pairwise

import pandas as pd
import pyreadstat
import pytest
from export_files import ingest
from owncontrol.errors import InputError
from owncontrol.lineage.differences import find_differences
from owncontrol.lineage.results import Results
from owncontrol.lineage.reverse import touched
from traced_study import CASES, PEOPLE, SUBJECTS, check_cells, run_long, traced

CASE = CASES / "20-long-table"
HEADER, *LINES = list(csv.reader((CASE / "qs.csv").read_text("utf-8").splitlines()))
SCIM = {
    "long": {"item": "QSTESTCD", "value": "QSORRES"},
    "columns": {"subject_id": "USUBJID", "visit": "VISIT", "date": "QSDTC"},
    "patterns": [{"raw": "(scim_.+)", "column": "{1}"}],
}
WISCI = {
    "long": {"item": "QSTESTCD", "value": "QSORRES"},
    "columns": {"subject_id": "USUBJID", "visit": "VISIT", "date": "QSDTC", "wisci_level": "WISCI"},
}
TOTALS = {"base": 0.0, "m6": 14.0}


def write(folder, lines, header=HEADER):
    with (folder / "qs.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *lines])
    (folder / "subj.csv").write_text(SUBJECTS)


def exports(scim=SCIM, **tables):
    return {"qs": {"file": "qs.csv", "tables": {"scim3": scim, **tables}}, "subj": PEOPLE}


def totals(results):
    scores = results.rows("scored/scores.csv")
    scores = scores.loc[(scores["instrument"] == "scim3") & (scores["scale"] == "total")]
    return {
        (subject, visit): float(value) if value else None
        for subject, visit, value in zip(
            scores["subject_id"], scores["visit"], scores["value"], strict=True
        )
    }


def all_rows(lines):
    return {("qs.csv", row) for row in range(2, len(lines) + 2)}


def by_item(lines):
    """One item after the other, so that the rows of every group lie apart."""
    return sorted(lines, key=lambda line: (line[3], line[0], line[1]))


ORDERS = {
    "as it is": LINES,
    "backwards": LINES[::-1],
    "groups interleaved": by_item(LINES),
    "visits spread": sorted(LINES, key=lambda line: (line[1], line[3])),
    "unmapped items first": [
        *(["P-01", "base", "2023-05-01", "NOTE", "x"], ["P-02", "m6", "2023-11-01", "NOTE", "y"]),
        *LINES,
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("lines", ORDERS.values(), ids=ORDERS.keys())
def test_each_joined_row_is_traced_whatever_the_order(tmp_path, lines):
    write(tmp_path, lines)
    cleaned, results = run_long(tmp_path, exports())
    expected = {(f"P-0{n}", visit): total for n in (1, 2, 3) for visit, total in TOTALS.items()}
    assert totals(results) == expected
    items = {row for row, line in enumerate(lines, start=2) if line[3] != "NOTE"}
    assert check_cells(results, tmp_path) == {("qs.csv", row) for row in items}
    assert len(traced(results, "rows.qs.csv")) >= len(items)
    flow = cleaned.flow.set_index(["file", "table"]).loc[("qs.csv", "(file)")]
    assert (flow["rows_in"], flow["kept"]) == (len(lines), len(items))


@pytest.mark.slow
def test_a_joined_row_leads_to_the_numbers_it_touches(tmp_path):
    write(tmp_path, LINES)
    _, results = run_long(tmp_path, exports())
    expected = {"all", "rows.qs.csv", "in.qs.csv", "cells.scim3"}
    for place in (("10",), ("10", "QSORRES"), ("10", "QSTESTCD"), ("10", "VISIT"), ("2", "VISIT")):
        assert set(touched(results, "qs.csv", *place)) == expected, place


@pytest.mark.slow
def test_one_long_file_feeds_two_instruments_that_share_no_key(tmp_path):
    walks = [
        ["P-01", "base", "2023-05-01", "WISCI", "3"],
        ["P-01", "m6", "2023-11-02", "WISCI", "9"],
    ]
    lines = [walks[0], *by_item(LINES), walks[1]]
    write(tmp_path, lines)
    timeless = {**SCIM, "undated": True, "columns": {"subject_id": "USUBJID", "visit": "VISIT"}}
    _, results = run_long(tmp_path, exports(timeless, wisci2=WISCI))
    assert check_cells(results, tmp_path) == all_rows(lines)
    record = results.rows("ingested/qs/rows.csv").set_index("source_row")
    assert record.at["2", "joined_to:wisci2"] == "2"
    assert record.at["2", "joined_to:scim3"] == ""


@pytest.mark.slow
def test_one_item_read_by_two_tables_has_a_head_in_each(tmp_path):
    lines = [*LINES, ["P-01", "base", "2023-05-01", "WISCI", "3"]]
    write(tmp_path, lines)
    feeding = {**SCIM, "patterns": [], "undated": True}
    feeding["columns"] = {"subject_id": "USUBJID", "visit": "VISIT", "scim_feeding": "scim_feeding"}
    _, results = run_long(
        tmp_path, exports(feeding, wisci2={**WISCI, "rows": {"QSTESTCD": "WISCI"}})
    )
    reached = check_cells(results, tmp_path)
    assert reached == {
        ("qs.csv", 2 + place)
        for place, line in enumerate(lines)
        if line[3] in ("scim_feeding", "WISCI")
    }


@pytest.mark.slow
def test_conditions_do_not_part_an_assessment(tmp_path):
    header = [*HEADER, "QSCAT"]
    lines = [[*line, f"SCIM {'A' if 'mob' in line[3] else 'B'}"] for line in LINES]
    other = ["P-01", "base", "2023-05-01", "scim_feeding", "2", "OTHER"]
    write(tmp_path, [other, *lines], header)
    asked = {**SCIM, "rows": {"QSCAT": ["SCIM A", "SCIM B"]}}
    cleaned, results = run_long(tmp_path, exports(asked))
    assert totals(results)["P-01", "m6"] == 14
    assert len(cleaned.tables["scim3"]) == 6
    assert ("qs.csv", 2) not in check_cells(results, tmp_path)


@pytest.mark.slow
def test_repeated_items_of_the_same_value_are_both_traced(tmp_path):
    lines = [*LINES, LINES[4], LINES[4]]
    write(tmp_path, lines)
    _, results = run_long(tmp_path, exports())
    assert check_cells(results, tmp_path) == all_rows(lines)
    assert totals(results)["P-01", "base"] == 0


@pytest.mark.slow
def test_a_repeat_of_the_second_value_belongs_to_the_second_row(tmp_path):
    second = [*LINES[0][:4], "3"]
    lines = [*LINES, second, second]
    write(tmp_path, lines)
    cleaned, results = run_long(tmp_path, exports())
    check_cells(results, tmp_path)
    record = results.rows("ingested/qs/rows.csv").set_index("source_row")["joined_to:scim3"]
    first, last = str(len(lines)), str(len(lines) + 1)
    assert record[first] == record[last] == first
    found = cleaned.findings.loc[cleaned.findings["rule"] == "duplicate_key"]
    assert len(found)
    aside = cleaned.quarantine.loc[cleaned.quarantine["table"] == "scim3", "row"]
    assert {int(first), int(last)} <= set(aside)  # both raw rows, not their head alone
    assert totals(results).get(("P-01", "base")) in (0, None)


def test_an_empty_value_beside_a_filled_one_says_nothing(tmp_path):
    lines = [[*LINES[1][:4], ""], *LINES]
    write(tmp_path, lines)
    cleaned, results = run_long(tmp_path, exports())
    assert "duplicate_key" not in set(cleaned.findings["rule"])
    assert totals(results)["P-01", "base"] == 0
    assert check_cells(results, tmp_path) >= {("qs.csv", row) for row in range(3, len(lines) + 2)}


def test_different_dates_are_two_assessments_and_no_row_goes_in_silence(tmp_path):
    lines = [list(line) for line in LINES]
    lines[5][2] = "2023-04-30"
    write(tmp_path, lines)
    cleaned, results = run_long(tmp_path, exports())
    check_cells(results, tmp_path)
    flow = cleaned.flow.set_index(["file", "table"]).loc[("qs.csv", "(file)")]
    aside = cleaned.quarantine.loc[cleaned.quarantine["file"] == "qs.csv"]
    assert flow["kept"] + len(aside) == len(lines)
    assert "duplicate_key" in set(cleaned.findings["rule"])


def test_findings_stand_at_the_row_of_the_item_and_are_traced_there(tmp_path):
    lines = [list(line) for line in LINES]
    lines[8][4] = "many"
    write(tmp_path, lines)
    cleaned, results = run_long(tmp_path, exports())
    fault = cleaned.findings.loc[cleaned.findings["value"] == "many"].iloc[0]
    assert (fault["row"], fault["column"]) == (10, "QSORRES")
    cell = next(cell for cell in traced(results) if cell.row == "10")
    assert (cell.written, cell.cleaned) == ("many", "")
    assert "not_permitted" in cell.notes


@pytest.mark.slow
def test_an_item_that_no_row_gives_has_no_cell(tmp_path):
    lines = [line for line in LINES if line[:2] != ["P-02", "m6"] or line[3] != "scim_bowel"]
    write(tmp_path, lines)
    _, results = run_long(tmp_path, exports())
    assert totals(results)["P-02", "m6"] is None
    assert check_cells(results, tmp_path) == all_rows(lines)


def correction(row_key, column, old, new):
    return ("qs.csv", row_key, column, old, new, "typing error", "AB", "2024-01-01")


ITEM_8 = "USUBJID=P-01;VISIT=base;QSTESTCD=scim_bladder"


def test_a_correction_names_a_joined_row_by_its_item(tmp_path):
    lines = [list(line) for line in LINES]
    lines[7][4] = "nought"
    write(tmp_path, lines)
    fix = [correction(ITEM_8, "QSORRES", "nought", "3")]
    cleaned, results = run_long(tmp_path, exports(), fix)
    assert totals(results)["P-01", "base"] == 3
    note = cleaned.findings.loc[cleaned.findings["rule"] == "correction"].iloc[0]
    assert (note["row"], note["column"]) == (9, "QSORRES")
    cell = next(cell for cell in traced(results) if cell.row == "9")
    assert (cell.written, cell.cleaned) == ("nought", "3")
    check_cells(results, tmp_path)


def test_a_correction_of_what_the_rows_agree_in_names_the_assessment(tmp_path):
    write(
        tmp_path, [[*line[:2], line[2].replace("2023-11", "2023-10"), *line[3:]] for line in LINES]
    )
    whole = correction("USUBJID=P-01;VISIT=m6", "QSDTC", "2023-10-01", "2023-11-01")
    alone = correction(ITEM_8, "QSDTC", "2023-05-01", "2023-05-02")
    cleaned, _ = run_long(tmp_path, exports(), [whole, alone])
    (refused,) = cleaned.findings.loc[cleaned.findings["rule"] == "correction_refused"].itertuples()
    assert "one of 19 rows" in refused.detail
    table = cleaned.tables["scim3"].set_index(["subject_id", "visit"])
    assert table.at[("P-01", "m6"), "day_from_treatment"] == 183


def test_a_correction_of_one_of_two_equal_rows_is_refused(tmp_path):
    write(tmp_path, [*LINES, LINES[7]])
    fix = correction(ITEM_8 + ";QSORRES=0", "QSORRES", "0", "3")
    cleaned, _ = run_long(tmp_path, exports(), [fix])
    (refused,) = cleaned.findings.loc[cleaned.findings["rule"] == "correction_refused"].itertuples()
    assert "rows match" in refused.detail


@pytest.mark.slow
def test_a_joined_row_that_is_left_out_takes_no_other_with_it(tmp_path):
    write(tmp_path, LINES)
    cleaned, results = run_long(tmp_path, exports(), excluded=["qs.csv:24"])
    assert totals(results)["P-01", "m6"] is None
    assert totals(results)["P-01", "base"] == 0
    row = cleaned.tables["scim3"].set_index(["subject_id", "visit"]).loc[("P-01", "m6")]
    assert row["scim_dressing_upper"] is None
    assert row["scim_feeding"] == "1"
    note = cleaned.findings.loc[cleaned.findings["rule"] == "excluded"].iloc[0]
    assert (note["row"], note["column"]) == (24, "QSORRES")
    assert set(cleaned.quarantine.loc[cleaned.quarantine["table"] == "scim3", "row"]) == {24}
    flow = cleaned.flow.set_index(["file", "table"]).loc[("qs.csv", "(file)")]
    assert (flow["kept"], flow["quarantined"]) == (len(LINES) - 1, 1)
    check_cells(results, tmp_path)


@pytest.mark.slow
def test_an_assessment_of_which_every_row_is_left_out_goes_whole(tmp_path):
    write(tmp_path, LINES)
    rows = [f"qs.csv:{row}" for row in range(21, 40)]
    cleaned, results = run_long(tmp_path, exports(), excluded=rows)
    assert ("P-01", "m6") not in totals(results)
    aside = cleaned.quarantine.loc[cleaned.quarantine["table"] == "scim3", "row"]
    assert sorted(aside) == list(range(21, 40))
    with pytest.raises(InputError, match=r"qs\.csv:900"):
        run_long(tmp_path, exports(), excluded=["qs.csv:900"])


@pytest.mark.slow
def test_the_difference_of_two_runs_names_the_joined_row(tmp_path):
    runs = []
    for name, value in (("first", "1"), ("second", "2")):
        (tmp_path / name).mkdir()
        lines = [list(line) for line in LINES]
        lines[20][4] = value
        write(tmp_path / name, lines)
        run_long(tmp_path / name, exports())
        folder = tmp_path / name / "results"
        (folder / "provenance" / "environment.csv").write_text("package,version,sha256\n")
        runs.append(Results(folder))
    (change,) = find_differences(*runs).cells
    assert (change.rows, change.column, change.written) == (("22", "22"), "QSORRES", ("1", "2"))


def sides(lines):
    """The item codes in three columns."""
    header = ["id", "visit", "date", "part", "what", "level", "score"]
    rows = [
        [*line[:3], "scim", *(line[3].removeprefix("scim_").partition("_")[::2]), line[4]]
        for line in lines
    ]
    return header, rows


@pytest.mark.slow
def test_item_codes_may_stand_in_several_columns(tmp_path):
    header, rows = sides(by_item(LINES))
    write(tmp_path, rows, header)
    mapping = {
        "long": {"item": ["part", "what", "level"], "value": "score"},
        "columns": {"subject_id": "id", "visit": "visit", "date": "date"},
        "patterns": [
            {"raw": "scim (\\w+)", "column": "scim_{1}"},
            {"raw": "scim (\\w+) (\\w+)", "column": "scim_{1}_{2}"},
        ],
    }
    fix = ("qs.csv", "id=P-01;visit=m6;part=scim;what=bathing;level=upper", "score", "1", "3")
    fix = [(*fix, "read again", "AB", "2024-01-01")]
    _, results = run_long(tmp_path, exports(mapping), fix)
    assert totals(results)["P-01", "m6"] == 16
    assert totals(results)["P-02", "m6"] == 14
    assert check_cells(results, tmp_path) == all_rows(rows)


def test_two_items_of_one_code_are_refused(tmp_path):
    header = ["id", "visit", "date", "side", "level", "score"]
    rows = [
        ["P-01", "base", "2023-05-01", "right", "", "1"],
        ["P-01", "base", "2023-05-01", "", "right", "2"],
    ]
    write(tmp_path, rows, header)
    mapping = {
        "long": {"item": ["side", "level"], "value": "score"},
        "columns": {"subject_id": "id", "visit": "visit", "date": "date", "scim_feeding": "right"},
    }
    with pytest.raises(InputError, match="row 3: 'right' is the code of two different items"):
        run_long(tmp_path, exports(mapping))


@pytest.mark.slow
def test_a_long_table_in_a_transport_file(tmp_path):
    write(tmp_path, [])
    lines = by_item(LINES)
    names = ["USUBJID", "VISIT", "QSDTC", "QSTESTCD", "QSORRES"]
    frame = pd.DataFrame(lines, columns=names)
    frame["QSTESTCD"] = frame["QSTESTCD"].str.removeprefix("scim_")
    pyreadstat.write_xport(frame, str(tmp_path / "qs.xpt"), file_format_version=8)
    mapping = {**SCIM, "patterns": [{"raw": "(.+)", "column": "scim_{1}"}]}
    files = {"qs": {"file": "qs.xpt", "tables": {"scim3": mapping}}, "subj": PEOPLE}
    _, results = run_long(tmp_path, files)
    assert totals(results)["P-03", "m6"] == 14
    # Rows of a transport file count from 1, without a header.
    cells = traced(results)
    assert {int(cell.row) for cell in cells} == set(range(1, len(lines) + 1))
    for cell in cells:
        assert frame[cell.column].iloc[int(cell.row) - 1] == cell.written


def test_an_invisible_sign_in_a_key_or_an_item_parts_nothing(tmp_path):
    lines = [list(line) for line in LINES]
    lines[3][0] = "P-01\u200b"
    lines[4][3] = "scim_dres\u00adsing_lower"
    lines[5][1] = "base\u00a0"
    write(tmp_path, lines)
    cleaned, results = run_long(tmp_path, exports())
    assert len(cleaned.tables["scim3"]) == 6
    assert totals(results)["P-01", "base"] == 0
    check_cells(results, tmp_path)
    found = cleaned.findings.loc[cleaned.findings["rule"] == "invisible_sign"]
    assert list(zip(found["row"], found["column"], strict=True)) == [
        (5, "USUBJID"),
        (6, "QSTESTCD"),
    ]
    assert "U+200B ZERO WIDTH SPACE (character 5)" in found["detail"].iloc[0]


def test_rows_are_traced_in_the_order_of_the_file(tmp_path):
    write(tmp_path, LINES)
    _, results = run_long(tmp_path, exports())
    rows = [int(cell.row) for cell in traced(results, "in.qs.csv")]
    assert all(one <= other for one, other in pairwise(rows))


def test_an_empty_value_above_the_filled_one_is_of_the_same_assessment(tmp_path):
    lines = ["P1,before,LEVEL,", "P1,before,LEVEL,3"]
    text = "\n".join(["id,visit,item,value", *lines]) + "\n"
    (tmp_path / "x.csv").write_text(text, "utf-8")
    columns = {"subject_id": "id", "visit": "visit", "wisci_level": "LEVEL"}
    mapping = {"columns": columns, "long": {"item": "item", "value": "value"}, "undated": True}
    table = ingest(tmp_path / "x.csv", tables={"wisci2": mapping}).tables["wisci2"]
    assert table["wisci_level"].tolist() == ["3"]
    assert table["source_row"].tolist() == [2]
