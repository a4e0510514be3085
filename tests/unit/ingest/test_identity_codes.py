"""A study code that several raw columns make up, through to the trace."""

import csv

import pytest
from export_files import ingest
from owncontrol.basics.invisible import describe
from owncontrol.errors import InputError
from owncontrol.ingest.export import ingest_export
from owncontrol.study.exports import Export
from owncontrol.study.loading import study_from
from small_study import CONFIG
from traced_study import CASES, INSTRUMENTS, check_cells, load_instrument, run_long, traced

CODE = ["centre", "no"]
SUBJECTS = """centre,no,sex,age,injury,treat
01,1,male,40,2023-03-01,2023-05-02
01,2,male,40,2023-03-01,2023-05-02
02,1,female,40,2023-03-01,2023-05-02
"""
WALKS = """no,centre,visit,date,level
1,01,base,2023-05-01,3
2,01,base,2023-05-01,4
1,02,base,2023-05-01,5
1,01,m6,2023-11-01,6
2,01,m6,2023-11-01,7
1,02,m6,2023-11-01,8
"""
ID = {"pattern": "[0-9]{2}-[0-9]+"}
WISCI_COLUMNS = {"subject_id": CODE, "visit": "visit", "date": "date", "wisci_level": "level"}


def exports(**wisci):
    return {
        "walks": {"file": "walks.csv", "tables": {"wisci2": {"columns": WISCI_COLUMNS, **wisci}}},
        "people": {
            "file": "subj.csv",
            "tables": {
                "subjects": {
                    "columns": {
                        "subject_id": CODE,
                        "sex": "sex",
                        "age": "age",
                        "injury_date": "injury",
                    }
                },
                "treatments": {"columns": {"subject_id": CODE, "treatment_start": "treat"}},
            },
        },
    }


ENDPOINTS = [
    {"name": "wisci", "label": "W", "instrument": "wisci2", "scale": "level", "family": "primary"}
]


def run(folder, walks=WALKS, corrections=None, subjects=SUBJECTS, tables=None, **changes):
    (folder / "walks.csv").write_text(walks, "utf-8")
    (folder / "subj.csv").write_text(subjects, "utf-8")
    changes = {"subject_id": ID, "endpoints": ENDPOINTS} | changes
    return run_long(folder, tables or exports(), corrections, **changes)


def levels(results):
    scores = results.rows("scored/scores.csv")
    return dict(zip(scores["subject_id"] + " " + scores["visit"], scores["text"], strict=True))


EXPECTED = {
    "01-1 base": "3",
    "01-2 base": "4",
    "02-1 base": "5",
    "01-1 m6": "6",
    "01-2 m6": "7",
    "02-1 m6": "8",
}


def test_two_centres_that_count_from_1_have_patients_of_their_own(tmp_path):
    cleaned, results = run(tmp_path)
    assert levels(results) == EXPECTED
    assert not (cleaned.findings["severity"] == "error").any()
    check_cells(results, tmp_path)
    cells = {(cell.row, cell.column, cell.written) for cell in traced(results)}
    assert {("4", "centre", "02"), ("4", "no", "1"), ("4", "level", "5")} <= cells
    columns = results.rows("ingested/walks/columns.csv")
    of_code = columns.loc[columns["column"] == "subject_id", ["raw_column", "raw_position"]]
    assert of_code.to_numpy().tolist() == [["centre", "2"], ["no", "1"]]


@pytest.mark.slow
@pytest.mark.parametrize("part", [" 02", "02 ", "0\u200b2", "\ufeff02", "02\u00a0"])
def test_parts_are_read_as_they_are_seen(tmp_path, part):
    cleaned, results = run(tmp_path, WALKS.replace("1,02,base", f"1,{part},base"))
    assert levels(results) == EXPECTED
    check_cells(results, tmp_path)
    found = cleaned.findings.loc[cleaned.findings["rule"] == "invisible_sign"]
    assert list(zip(found["row"], found["column"], strict=True)) == (
        [(4, "centre")] if describe(part) else []
    )


@pytest.mark.slow
@pytest.mark.parametrize("part", ["", " ", "NA"])
def test_an_empty_part_is_no_code(tmp_path, part):
    tables = exports()
    tables["walks"]["missing"] = ["NA"]
    cleaned, results = run(tmp_path, WALKS.replace("1,02,base", f"1,{part},base"), tables=tables)
    assert "02-1 base" not in levels(results)
    found = cleaned.findings.loc[cleaned.findings["severity"] == "error"]
    places = set(zip(found["row"], found["column"], found["rule"], strict=True))
    assert (4, "centre", "incomplete_code") in places
    aside = cleaned.quarantine.loc[cleaned.quarantine["table"] == "wisci2", "row"]
    assert list(aside) == [4]


def test_one_code_of_two_different_pairs_is_refused(tmp_path):
    walks = WALKS.replace("1,02,base", "2-1,0,base").replace("1,02,m6", "1,0-2,m6")
    with pytest.raises(InputError, match=r"row 7: centre '0-2' with no '1' gives the code '0-2-1'"):
        run(tmp_path, walks)


def test_a_part_that_the_file_lacks_is_named(tmp_path):
    with pytest.raises(InputError, match="column 'centre' is missing"):
        run(tmp_path, WALKS.replace("centre", "site"))


def correction(row_key, column, old, new):
    return ("walks.csv", row_key, column, old, new, "typing error", "AB", "2024-01-01")


def test_corrections_name_rows_by_the_parts_and_change_parts(tmp_path):
    walks = WALKS.replace("1,02,base,2023-05-01,5", "7,03,base,2023-05-01,5")
    walks = walks.replace("1,01,m6,2023-11-01,6", "1,01,m6,2023-11-01,66")
    fixes = [
        correction("centre=03;no=7", "centre", "03", "02"),
        correction("centre=03;no=7", "no", "7", "1"),
        correction("no=1;centre=01;visit=m6", "level", "66", "6"),
        correction("centre=09;no=1;visit=m6", "level", "66", "6"),
    ]
    cleaned, results = run(tmp_path, walks, fixes)
    assert levels(results) == EXPECTED
    refused = cleaned.findings.loc[cleaned.findings["rule"] == "correction_refused"]
    assert list(refused["row"]) == [5]
    check_cells(results, tmp_path)


def test_a_subject_is_left_out_by_the_whole_code(tmp_path):
    _, results = run(tmp_path, excluded=["02-1"])
    assert {name for name in levels(results) if name.startswith("02")} == set()


def test_a_code_is_recoded_whole(tmp_path):
    walks = WALKS.replace("1,02,base", "1,2,base").replace("1,02,m6", "1,2,m6")
    _, results = run(tmp_path, walks, tables=exports(recode={"subject_id": {"2-1": "02-1"}}))
    assert levels(results) == EXPECTED
    check_cells(results, tmp_path)


def test_keyed_codes_replace_the_whole_code_and_no_part_is_left(tmp_path):
    key = tmp_path / "key"
    key.write_text("0123456789abcdef0123")
    code = {"key_file": str(key), "prefix": "S-"}
    walks = WALKS.replace("1,02,base,2023-05-01,5", "1,02,base,2023-05-01,55").replace("01,", "17,")
    fixes = [correction("centre=02;no=1;visit=base", "level", "55", "5")]
    subjects = SUBJECTS.replace("01,1", "17,1").replace("01,2", "17,2")
    cleaned, results = run(tmp_path, walks, fixes, subjects, subject_code=code)
    assert len(set(cleaned.tables["wisci2"]["subject_id"])) == 3
    assert all(name.startswith("S-") for name in levels(results))
    assert sorted(levels(results).values()) == sorted(EXPECTED.values())
    assert cleaned.findings.loc[cleaned.findings["severity"] == "error"].empty
    for path in (tmp_path / "results").rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert not any("17" in row for row in csv.reader(file)), path
            file.seek(0)
            assert "17-" not in file.read(), path


@pytest.mark.slow
def test_codes_of_several_columns_in_wide_and_long_tables(tmp_path):
    wide = "centre,no,level_base,level_m6\n01,1,3,6\n01,2,4,7\n02,1,5,8\n"
    mapping = {
        "wide": "base|m6",
        "undated": True,
        "columns": {"subject_id": CODE, "visit": "{visit}", "wisci_level": "level_{visit}"},
    }
    tables = exports()
    tables["walks"]["tables"]["wisci2"] = mapping
    _, results = run(tmp_path, wide, tables=tables)
    assert levels(results) == EXPECTED
    assert check_cells(results, tmp_path)
    lines = [line.split(",") for line in WALKS.splitlines()]
    long = "no,centre,visit,date,test,value\n" + "".join(
        f"{','.join(line[:4])},W,{line[4]}\n" for line in lines[1:]
    )
    columns = {**WISCI_COLUMNS, "wisci_level": "W"}
    mapping = {"long": {"item": "test", "value": "value"}, "columns": columns}
    tables["walks"]["tables"]["wisci2"] = mapping
    _, results = run(tmp_path, long, tables=tables)
    assert levels(results) == EXPECTED
    check_cells(results, tmp_path)


def test_a_list_of_columns_is_for_codes_alone():
    columns = {
        **CONFIG["exports"]["walks"]["tables"]["wisci2"]["columns"],
        "visit": ["day", "when"],
    }
    table = {**CONFIG["exports"]["walks"]["tables"]["wisci2"], "columns": columns}
    walks = {**CONFIG["exports"]["walks"], "tables": {"wisci2": table}}
    with pytest.raises(InputError, match=r"columns\.visit"):
        study_from({**CONFIG, "exports": {**CONFIG["exports"], "walks": walks}}, "test")


def test_signs_that_nobody_sees_decide_no_condition_and_are_named(tmp_path):
    text = (CASES / "08-invisible-signs-in-codes" / "exam.csv").read_text("utf-8")
    text = text.replace("W-03,day_28", "W-03,day\u2060_28")
    (tmp_path / "exam.csv").write_text(text, "utf-8")
    export = {
        "file": "exam.csv",
        "format": "csv",
        "tables": {
            "wisci2": {
                "rows": {"visit": ["day_28"]},
                "columns": {
                    "subject_id": "record_id",
                    "visit": "visit",
                    "date": "exam_date",
                    "wisci_level": "wisci_level",
                },
            }
        },
    }

    instruments = {"wisci2": load_instrument(INSTRUMENTS / "wisci2.yaml")}
    found = ingest_export(
        tmp_path / "exam.csv", None, Export.model_validate(export), instruments, []
    )
    assert len(found.tables["wisci2"]) == 8
    (finding,) = found.findings.loc[found.findings["rule"] == "invisible_sign"].itertuples()
    assert (finding.row, finding.column, finding.severity) == (7, "visit", "warning")
    assert finding.detail == "U+2060 WORD JOINER (character 4)"


def test_of_a_long_table_the_rows_that_are_joined_have_their_signs_named(tmp_path):
    """The first row of an assessment is read by cleaning; no row of another item is read."""
    lines = ["P1,before,LEVEL,3", "P1\u200b,before,DAY,2023-05-01", "P1\u200b,before,OTHER,5"]
    text = "\n".join(["id,visit,item,value", *lines]) + "\n"
    (tmp_path / "x.csv").write_text(text, "utf-8")
    columns = {"subject_id": "id", "visit": "visit", "date": "DAY", "wisci_level": "LEVEL"}
    mapping = {"columns": columns, "long": {"item": "item", "value": "value"}}
    found = ingest(tmp_path / "x.csv", ignored=["OTHER"], tables={"wisci2": mapping}).findings
    signs = found.loc[found["rule"] == "invisible_sign"]
    assert list(zip(signs["row"], signs["column"], strict=True)) == [(3, "id")]
