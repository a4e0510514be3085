"""Cleaning: each fault once, at its place, with what was done; no false alarm; no row lost."""

from copy import deepcopy

import pandas as pd
import pytest
from owncontrol.errors import InputError
from small_study import CONFIG, clean_small, write_files


def found(cleaned):
    """Findings as (file, row, column, rule, severity)."""
    columns = ["file", "row", "column", "rule", "severity"]
    return [tuple(row) for row in cleaned.findings[columns].astype(object).to_numpy()]


def test_a_clean_study_gives_no_finding_and_keeps_every_row(tmp_path):
    write_files(tmp_path)
    cleaned = clean_small(tmp_path)
    assert found(cleaned) == []
    assert cleaned.quarantine.empty
    files = cleaned.flow.loc[cleaned.flow["table"] == "(file)"]
    assert dict(zip(files["file"], files["kept"], strict=True)) == {
        "cells.csv": 2,
        "events.csv": 2,
        "people.csv": 2,
        "walks.csv": 4,
    }


@pytest.mark.slow
def test_each_sheet_of_a_workbook_is_a_file_of_its_own(tmp_path):
    write_files(tmp_path, walks=("P1,before,2021-02-01,3", "P1,before,2021-02-01,33"))
    from_text = clean_small(tmp_path)
    exports = deepcopy(CONFIG["exports"])
    with pd.ExcelWriter(tmp_path / "all.xlsx") as book:
        for name, export in exports.items():
            file = tmp_path / f"{name}.csv"
            cells = pd.read_csv(
                file, sep=export.pop("delimiter", ","), dtype=str, keep_default_na=False
            )
            cells.to_excel(book, sheet_name=name, index=False)
            export |= {"file": "all.xlsx", "format": "excel", "sheet": name}
    cleaned = clean_small(tmp_path, exports=exports)
    assert found(cleaned) == [("all.xlsx (walks)", 2, "level", "not_permitted", "error")]
    for part in ("flow", "flow_cells", "findings", "quarantine"):
        expected = getattr(from_text, part).copy()
        expected["file"] = [f"all.xlsx ({name[:-4]})" for name in expected["file"]]
        pd.testing.assert_frame_equal(getattr(cleaned, part), expected, check_dtype=False)
    for name, table in from_text.tables.items():
        pd.testing.assert_frame_equal(cleaned.tables[name], table)
    entry = ("all.xlsx (walks)", "id=P1;when=before", "level", "33", "3", "slip", "X", "2021")
    corrected = clean_small(tmp_path, [entry], exports=exports)
    assert list(corrected.findings["rule"]) == ["correction"]


def test_instances_of_a_repeating_event_are_visits_by_their_number(tmp_path):
    write_files(tmp_path)
    (tmp_path / "walks.csv").write_text(
        "id,redcap_event_name,redcap_repeat_instance,day,level\n"
        "P1,base_arm_1,,2021-02-01,3\n"
        "P1,follow_arm_1,1,2021-08-01,9\n"
        "P2,base_arm_1,,2021-03-01,0\n"
        "P2,follow_arm_1,1,2021-09-01,4\n"
        "P2,follow_arm_1,2,2021-09-02,5\n"
    )
    exports = deepcopy(CONFIG["exports"])
    table = exports["walks"]["tables"]["wisci2"]
    del table["columns"]["visit"]
    mark = {"raw": "redcap_repeat_instance", "values": {"1": " 1", "2": " 2"}}
    table["patterns"] = [{"raw": "(redcap_event_name)", "column": "visit", "mark": mark}]
    table["recode"] = {"visit": {"base_arm_1": "before", "follow_arm_1 1": "after"}}
    cleaned = clean_small(tmp_path, exports=exports)
    place = ("walks.csv", 6, "redcap_event_name", "not_permitted", "error")
    assert found(cleaned) == [place]
    assert list(cleaned.tables["wisci2"]["visit"]) == ["before", "after"] * 2


@pytest.mark.slow
def test_dates_become_study_days(tmp_path):
    write_files(tmp_path)
    tables = clean_small(tmp_path).tables
    assert tables["treatments"]["treatment_start_day"].tolist() == [32, 29]
    walks = tables["wisci2"]
    assert walks["day_from_injury"].tolist() == [31, 212, 28, 212]
    assert walks["day_from_treatment"].tolist() == [-1, 180, -1, 183]
    assert walks["row_id"].tolist() == ["walks:2", "walks:3", "walks:4", "walks:5"]
    for table in tables.values():
        assert not any("2021" in str(value) for value in table.to_numpy().ravel())


@pytest.mark.parametrize(
    ("file", "old", "new", "expected", "kept"),
    [
        (
            "walks",
            "after,2021-08-01,9",
            "after,2021-08-01,21",
            ("walks.csv", 3, "level", "not_permitted", "error"),
            4,
        ),
        ("walks", "P1,after", "p1,after", ("walks.csv", 3, "id", "spelling", "note"), 4),
        ("walks", "P1,after", "P1 ,after", ("walks.csv", 3, "id", "spelling", "note"), 4),
        ("walks", "P1,after", "P7,after", ("walks.csv", 3, "id", "unknown_subject", "error"), 3),
        ("walks", "P1,after", "1P,after", ("walks.csv", 3, "id", "not_permitted", "error"), 3),
        ("walks", "P1,after", "P1,later", ("walks.csv", 3, "when", "not_permitted", "error"), 3),
        (
            "walks",
            "after,2021-08-01",
            "after,",
            ("walks.csv", 3, "day", "required_value", "error"),
            3,
        ),
        (
            "walks",
            "after,2021-08-01",
            "after,2020-08-01",
            ("walks.csv", 3, "day", "before_injury", "error"),
            3,
        ),
        (
            "walks",
            "after,2021-08-01",
            "after,2121-08-01",
            ("walks.csv", 3, "day", "implausible_date", "error"),
            3,
        ),
        (
            "walks",
            "after,2021-08-01",
            "after,2021-09-01",
            ("walks.csv", 3, "day", "visit_window", "warning"),
            4,
        ),
        (
            "walks",
            "after,2021-08-01,9,x",
            "after,2021-08-01,9",
            ("walks.csv", 3, "", "row_length", "error"),
            3,
        ),
        ("walks", "9,x\n", "9,x\n,,,,\n", ("walks.csv", 4, "", "blank_row", "note"), 4),
        ("walks", "note\n", "note,extra\n", None, None),
        (
            "walks",
            "9,x",
            "9,other\nP1,after,2021-08-01,9,x",
            ("walks.csv", 4, "", "duplicate_row", "warning"),
            4,
        ),
        (
            "walks",
            "P1,after,2021-08-01,9,x",
            "P1,after,2021-08-01,,x",
            ("walks.csv", 3, "level", "blank_item", "warning"),
            4,
        ),
        ("cells", "P1;P1", "P1;P2", ("cells.csv", 2, "from", "foreign_product", "error"), 2),
        ("cells", ";1.2", ";120000000", ("cells.csv", 2, "dose", "not_permitted", "error"), 2),
        ("cells", ";20;", ";40;", ("cells.csv", 2, "days", "culture_days", "warning"), 2),
        ("cells", "2021-01-30", "2021-02-20", ("cells.csv", 2, "out", "date_order", "error"), 2),
        ("events", "2021-03-08", "2021-02-08", ("events.csv", 2, "to", "date_order", "error"), 2),
        (
            "events",
            "2021-03-01",
            "2021-01-02",
            ("events.csv", 2, "from", "before_consent", "warning"),
            2,
        ),
        (
            "events",
            "Infections,2,N",
            "Infections,5,N",
            ("events.csv", 2, "serious", "death_not_serious", "error"),
            2,
        ),
        (
            "people",
            "2021-01-06,1",
            "2021-01-06,0",
            ("people.csv", 2, "old enough", "not_eligible", "warning"),
            2,
        ),
        (
            "people",
            "2021-01-05",
            "05.01.2021",
            ("people.csv", 2, "consent", "not_permitted", "error"),
            2,
        ),
    ],
)
def test_each_fault_is_found_once_at_its_place(tmp_path, file, old, new, expected, kept):
    write_files(tmp_path, **{file: (old, new)})
    if expected is None:
        # Every row is now shorter than its header: all are quarantined, none is guessed at.
        with pytest.raises(InputError, match="no row belongs to the table wisci2"):
            clean_small(tmp_path)
        cleaned = clean_small(tmp_path, may_be_empty=["wisci2"])
        assert {rule for *_, rule, _ in found(cleaned)} >= {"row_length", "column_not_mapped"}
        return
    cleaned = clean_small(tmp_path)
    assert found(cleaned) == [expected]
    flow = cleaned.flow.loc[cleaned.flow["table"] == "(file)"].set_index("file")
    assert flow.loc[f"{file}.csv", "kept"] == kept


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "kept"), [("keep_first", [9]), ("keep_last", [12]), ("keep_none", [])]
)
def test_two_rows_for_one_visit_are_settled_by_the_declared_rule(tmp_path, rule, kept):
    write_files(tmp_path, walks=("9,x", "9,x\nP1,after,2021-08-02,12,x"))
    from small_study import CONFIG

    exports = {**CONFIG["exports"]}
    table = {**exports["walks"]["tables"]["wisci2"], "duplicates": rule}
    exports["walks"] = {**exports["walks"], "tables": {"wisci2": table}}
    cleaned = clean_small(tmp_path, exports=exports)
    walks = cleaned.tables["wisci2"]
    chosen = walks.loc[(walks["subject_id"] == "P1") & (walks["visit"] == "after")]
    assert chosen["wisci_level"].tolist() == [str(level) for level in kept]
    assert set(cleaned.findings["rule"]) == {"duplicate_key"}
    assert len(cleaned.findings) == 2 - len(kept)
    assert not cleaned.findings["detail"].str.contains("in the files").any()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "dates", "kept", "by_file"),
    [
        ("keep_first", ("2021-08-01", "2021-08-01"), 9, True),
        ("keep_last", ("2021-08-01", "2021-08-01"), 12, True),
        ("keep_last", ("2021-08-02", "2021-08-01"), 9, False),
        ("keep_first", (None, None), 9, True),
        ("keep_last", (None, None), 12, True),
    ],
)
def test_the_order_of_the_file_decides_only_where_no_date_does_and_is_said(
    tmp_path, rule, dates, kept, by_file
):
    first, second = dates
    write_files(
        tmp_path,
        walks=("P1,after,2021-08-01,9,x", f"P1,after,{first},9,x\nP1,after,{second},12,x"),
    )
    from small_study import CONFIG

    exports = {**CONFIG["exports"]}
    table = {**exports["walks"]["tables"]["wisci2"], "duplicates": rule}
    if first is None:
        columns = {key: name for key, name in table["columns"].items() if key != "date"}
        table |= {"columns": columns, "undated": True}
    exports["walks"] = {**exports["walks"], "tables": {"wisci2": table}}
    if first is None:
        exports["walks"]["ignored"] = [*exports["walks"].get("ignored", []), "day"]
    cleaned = clean_small(tmp_path, exports=exports)
    walks = cleaned.tables["wisci2"]
    chosen = walks.loc[(walks["subject_id"] == "P1") & (walks["visit"] == "after")]
    assert chosen["wisci_level"].tolist() == [str(kept)]
    told = cleaned.findings.loc[cleaned.findings["rule"] == "duplicate_key", "detail"]
    assert told.str.contains("by their order in the files, as no date").tolist() == [by_file]
    reasons = cleaned.quarantine["reason"]
    assert reasons.str.contains("order in the files").any() == by_file


def test_the_same_form_under_two_visits_is_kept_once(tmp_path):
    write_files(tmp_path, walks=("P1,after,2021-08-01,9,x", "P1,after,2021-02-01,3,x"))
    cleaned = clean_small(tmp_path)
    assert ("walks.csv", 3, "when", "copied_assessment", "error") in found(cleaned)
    assert cleaned.tables["wisci2"]["row_id"].tolist() == ["walks:2", "walks:4", "walks:5"]


@pytest.mark.slow
def test_a_subject_without_rows_elsewhere_is_reported(tmp_path):
    write_files(
        tmp_path,
        cells=("P2;P2;2021-02-07;2021-02-07;20;passed;2021-02-28;2021-03-02 09:00;0.8\n", ""),
    )
    cleaned = clean_small(tmp_path)
    assert ("absent_subject", "P2") in set(
        zip(cleaned.findings["rule"], cleaned.findings["value"], strict=True)
    )


@pytest.mark.slow
def test_a_correction_is_applied_only_where_the_cell_holds_what_it_expects(tmp_path):
    write_files(tmp_path)
    applied = (
        "walks.csv",
        "id=P1;when=after",
        "level",
        "9",
        "10",
        "typing error",
        "monitor",
        "2021-10-01",
    )
    cleaned = clean_small(
        tmp_path,
        [
            applied,
            ("walks.csv", "id=P1;when=before", "level", "9", "10", "w", "monitor", "2021-10-01"),
            ("walks.csv", "id=P1", "level", "3", "4", "w", "monitor", "2021-10-01"),
            ("walks.csv", "id=P9;when=before", "level", "3", "4", "w", "monitor", "2021-10-01"),
            ("nofile.csv", "id=P9", "level", "3", "4", "w", "monitor", "2021-10-01"),
            ("walks.csv", "id=P1;when=before", "nocolumn", "3", "4", "w", "monitor", "2021-10-01"),
        ],
    )
    walks = cleaned.tables["wisci2"].set_index("row_id")["wisci_level"]
    assert walks["walks:3"] == "10"
    assert walks["walks:2"] == "3"
    made = cleaned.findings.loc[cleaned.findings["rule"] == "correction"].iloc[0]
    assert (made["file"], made["row"], made["column"], made["value"]) == (
        "walks.csv",
        3,
        "level",
        "9",
    )
    for part in applied[5:]:
        assert part in made["detail"]
    refused = cleaned.findings.loc[cleaned.findings["rule"] == "correction_refused"]
    assert refused["row"].tolist() == [3, 4, 5, 6, 7]
    assert "holds '3'" in refused["detail"].iloc[0]
    assert "2 rows match" in refused["detail"].iloc[1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id,when", "id,wen", "column 'when' is missing"),
        ("id,when", "id,id", "names two columns"),
        ("id,when", "id,", "no column name above filled cells"),
        ("P1,before", "P1\x00,before", "NUL byte"),
    ],
)
def test_a_file_that_cannot_be_what_it_should_stops_with_a_line(tmp_path, old, new, message):
    write_files(tmp_path, walks=(old, new))
    with pytest.raises(InputError, match=message):
        clean_small(tmp_path)


def test_wrong_encoding_names_line_and_byte(tmp_path):
    write_files(tmp_path)
    path = tmp_path / "walks.csv"
    path.write_bytes(path.read_bytes().replace(b"9,x", b"9,\xe9", 1))
    with pytest.raises(InputError, match=r"walks\.csv, line 3: byte 0xe9 is no utf-8"):
        clean_small(tmp_path)


def test_an_identifier_of_the_dictionary_cannot_be_mapped(tmp_path):
    from small_study import CONFIG

    write_files(tmp_path)
    (tmp_path / "dictionary.csv").write_text(
        '"Variable / Field Name",Identifier?\nid,\nsex,y\n', "utf-8"
    )
    exports = {**CONFIG["exports"]}
    exports["people"] = {**exports["people"], "dictionary": "dictionary.csv"}
    with pytest.raises(InputError, match=r"'sex' is mapped to subjects\.sex"):
        clean_small(tmp_path, exports=exports)


def test_a_subject_that_is_excluded_goes_with_all_its_rows(tmp_path):
    write_files(tmp_path)
    cleaned = clean_small(tmp_path, excluded=["P1"])
    assert found(cleaned) == [("people.csv", 2, "id", "excluded", "note")]
    assert all(set(table["subject_id"]) == {"P2"} for table in cleaned.tables.values())
    assert cleaned.flow["quarantined"].sum() == 2 * len(cleaned.quarantine)


def test_a_raw_row_that_is_excluded_goes_alone(tmp_path):
    write_files(tmp_path)
    cleaned = clean_small(tmp_path, excluded=["walks.csv:3"])
    assert ("walks.csv", 3, "id", "excluded", "note") in found(cleaned)
    assert cleaned.tables["wisci2"]["row_id"].tolist() == ["walks:2", "walks:4", "walks:5"]
    assert len(cleaned.quarantine) == 1


@pytest.mark.slow
@pytest.mark.parametrize("entry", ["P9", "walks.csv:77", "walks:3"])
def test_an_exclusion_of_nothing_is_refused(tmp_path, entry):
    write_files(tmp_path)
    with pytest.raises(InputError, match="neither a subject nor a raw row"):
        clean_small(tmp_path, excluded=[entry])
