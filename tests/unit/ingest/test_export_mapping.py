"""REDCap with labels, CDISC's long tables and visits in column names, by configuration alone."""

import csv
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from export_files import export_entry, ingest
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.redcap import read_dictionary
from owncontrol.isncsci import cells as exam_cells
from small_study import CONFIG, FILES, clean_small, write_files

REAL = Path(__file__).parents[4] / "shared" / "reference" / "redcap_isncsci_dictionary.csv"
REAL_ISNCSCI = {
    "columns": {
        "subject_id": "record_id",
        "visit": "visit",
        "date": "exam_date",
        "voluntary_anal_contraction": "voluntary_anal_contraction",
        "deep_anal_pressure": "deep_anal_pressure",
        "right_lowest_non_key_muscle": "lowest_non_key_muscle_with_motor_function_right",
        "left_lowest_non_key_muscle": "lowest_non_key_muscle_with_motor_function_left",
    },
    "patterns": [
        {
            "raw": "(right|left)_(light_touch|pinprick|motor)_(.+)_value",
            "column": "{1}_{2}_{3}",
            "words": {"pinprick": "pin_prick"},
            "mark": {"raw": "{1}_{2}_{3}_considernormal", "values": {"1": "*"}},
        }
    ],
    "item_codes": {
        "nt": "NT",
        **{
            f"ab-{code}": f"{code}*".replace("nt", "NT") for code in ("0", "1", "2", "3", "4", "nt")
        },
        **{
            f"ab-{code}*": f"{code}**".replace("nt", "NT")
            for code in ("0", "1", "2", "3", "4", "nt")
        },
    },
}
DICTIONARY = """Variable / Field Name,Form Name,Field Type,Field Label,\
"Choices, Calculations, OR Slider Labels",Identifier?
record_id,people,text,Study code,,
sex,people,radio,<b>Sex</b>,"1, Male | 2, Female",
history,people,checkbox,History,"1, High blood pressure | 2, Diabetes",
walks,walking,yesno,Walks?,,
level,walking,dropdown,WISCI level,"0, Cannot walk | 9, Walker, braces",
minutes,training,text,Minutes,,
"""
LABELLED = """Study code,Event Name,Repeat Instrument,Repeat Instance,Sex,\
History (choice=High blood pressure),History (choice=Diabetes),Complete?,Walks?,WISCI level,\
Complete?,Minutes,Complete?
P1,Baseline,,,Male,Checked,Unchecked,Complete,,,,,
P1,Day 7,,,,,,,Yes,"Walker, braces",Incomplete,,
P1,Day 7,Training,1,,,,,,,,30,Complete
P2,Baseline,,,,,,,No,Unknown (UNK),Unverified,,
"""


def labelled(tmp_path, text=LABELLED):
    (tmp_path / "dictionary.csv").write_text(DICTIONARY)
    (tmp_path / "export.csv").write_text(text)
    entry = export_entry("export.csv", labelled=True, dictionary="dictionary.csv")
    return read_export(tmp_path / "export.csv", entry).cells


def test_labels_become_names_and_codes(tmp_path):
    found = labelled(tmp_path)
    assert list(found.columns) == [
        "record_id",
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "sex",
        "history___1",
        "history___2",
        "people_complete",
        "walks",
        "level",
        "walking_complete",
        "minutes",
        "training_complete",
    ]
    assert list(found["sex"]) == ["1", "", "", ""]
    assert list(found["history___1"]) == ["1", "", "", ""]
    assert list(found["history___2"]) == ["0", "", "", ""]
    assert list(found["walks"]) == ["", "1", "", "0"]
    assert list(found["level"]) == ["", "9", "", "Unknown (UNK)"]
    assert list(found["redcap_repeat_instrument"]) == ["", "", "training", ""]
    assert list(found["people_complete"]) == ["2", "", "", ""]
    assert list(found["walking_complete"]) == ["", "0", "", "1"]


def test_one_label_of_two_fields_is_told_by_order_or_refused(tmp_path):
    both = DICTIONARY.replace("Minutes", "WISCI level")
    (tmp_path / "dictionary.csv").write_text(both)
    (tmp_path / "export.csv").write_text("Study code,WISCI level,WISCI level\nP1,Cannot walk,7\n")
    entry = export_entry("export.csv", labelled=True, dictionary="dictionary.csv")
    found = read_export(tmp_path / "export.csv", entry).cells
    assert list(found.columns) == ["record_id", "level", "minutes"]
    assert list(found.iloc[0]) == ["P1", "0", "7"]
    (tmp_path / "export.csv").write_text("Study code,WISCI level\nP1,7\n")
    with pytest.raises(InputError, match=r"stands for 2 fields .*\(level, minutes\)"):
        read_export(tmp_path / "export.csv", entry)


def test_labels_without_a_dictionary_are_refused(tmp_path):
    from owncontrol.study.loading import study_from

    exports = {"people": {**CONFIG["exports"]["people"], "labelled": True}}
    with pytest.raises(InputError, match="read back by a data dictionary"):
        study_from({**CONFIG, "exports": exports}, "config.yaml")


def test_a_checkbox_is_a_boolean(tmp_path):
    write_files(tmp_path, people=("old enough", "criteria___1"))
    people = CONFIG["exports"]["people"]
    columns = {**people["tables"]["subjects"]["columns"], "old_enough": "criteria___1"}
    subjects = {**people["tables"]["subjects"], "columns": columns}
    exports = {**CONFIG["exports"], "people": {**people, "tables": {"subjects": subjects}}}
    cleaned = clean_small(tmp_path, exports=exports)
    assert list(cleaned.tables["subjects"]["old_enough"]) == [True, True]


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_file(), reason="the real data dictionary is not beside the project")
def test_the_real_dictionary_maps_to_every_cell_of_the_exam(tmp_path):
    fields = read_dictionary(REAL)
    row = {"record_id": "P1"}
    for name, field in fields.items():
        row[name] = next(reversed(field.choices), "") if name.endswith("_value") else ""
    row |= {"visit": "2", "exam_date": "2021-02-01", "deep_anal_pressure": "Yes"}
    row |= {"voluntary_anal_contraction": "NT", "right_motor_c5_value": "ab-3"}
    row |= {"right_motor_c5_considernormal": "1", "left_pinprick_s4_5_value": "1"}
    row["left_light_touch_t3_value"] = "ab-1"
    row["left_light_touch_t3_considernormal"] = "2"
    with (tmp_path / "export.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    found = ingest(tmp_path / "export.csv", dictionary=REAL, tables={"isncsci": REAL_ISNCSCI})
    exam = found.tables["isncsci"].iloc[0]
    tested = [name for name in exam_cells.ALL_CELLS if not name.endswith("non_key_muscle")]
    assert len(tested) == 134
    codes = REAL_ISNCSCI["item_codes"]
    values = {name: codes.get(exam[name], exam[name]) for name in tested}
    assert values["right_motor_c5"] == "3**"
    assert values["left_light_touch_t3"] == "1*"
    assert values["left_pin_prick_s4_5"] == "1"
    assert values["deep_anal_pressure"] == "Yes"
    assert values["voluntary_anal_contraction"] == "NT"
    others = set(tested) - {
        "right_motor_c5",
        "left_light_touch_t3",
        "left_pin_prick_s4_5",
        "deep_anal_pressure",
        "voluntary_anal_contraction",
    }
    assert {values[name] for name in others} == {"NT*"}
    # Every code of the form can be read.
    permitted = {"0", "1", "2", "3", "4", "5", "NT"}
    for name, field in fields.items():
        if name.endswith("_value"):
            read = {codes.get(code, code).rstrip("*") for code in field.choices}
            assert read <= permitted, name


QS = """USUBJID,VISIT,QSDTC,QSCAT,QSTESTCD,QSORRES
P1,BASELINE,2021-02-01,SCIM,SCIM01,2
P1,BASELINE,2021-02-01,WISCI,WISCI,3
P2,BASELINE,2021-03-01,WISCI,WISCI,zero
P1,DAY 180,2021-08-01,WISCI,WISCI,9
P1,DAY 180,2021-08-01,WISCI,WISCI,9
P2,DAY 180,2021-09-01,WISCI,OTHER,x
"""
LONG = {
    "rows": {"QSCAT": "WISCI"},
    "long": {"item": "QSTESTCD", "value": "QSORRES"},
    "columns": {"subject_id": "USUBJID", "visit": "VISIT", "date": "QSDTC", "wisci_level": "WISCI"},
    "recode": {"visit": {"BASELINE": "before", "DAY 180": "after"}},
}


def small_with_walks(entry):
    return {**CONFIG["exports"], "walks": entry}


@pytest.mark.slow
def test_a_long_table_is_gathered_and_its_faults_stand_at_their_raw_row(tmp_path):
    write_files(tmp_path)
    (tmp_path / "qs.csv").write_text(QS)
    found = ingest(tmp_path / "qs.csv", tables={"wisci2": LONG})
    table = found.tables["wisci2"]
    assert list(zip(table["source_row"], table["wisci_level"], strict=True)) == [
        (3, "3"),
        (4, "zero"),
        (5, "9"),
    ]
    rows = found.rows.set_index("source_row")
    assert dict(rows["tables"]) == {
        2: "",
        3: "wisci2",
        4: "wisci2",
        5: "wisci2",
        6: "wisci2",
        7: "",
    }
    assert rows.at[6, "joined_to:wisci2"] == "5"
    (warning,) = found.findings.loc[found.findings["rule"] == "item_not_mapped"].itertuples()
    assert (warning.row, warning.column, warning.value) == (7, "QSTESTCD", "OTHER")
    walks = {"file": "qs.csv", "format": "csv", "tables": {"wisci2": LONG}}
    cleaned = clean_small(tmp_path, exports=small_with_walks(walks))
    assert list(cleaned.tables["wisci2"]["wisci_level"].fillna("none")) == ["3", "9", "none"]
    fault = cleaned.findings.loc[cleaned.findings["value"] == "zero"].iloc[0]
    assert (fault["file"], fault["row"], fault["column"]) == ("qs.csv", 4, "QSORRES")
    flow = cleaned.flow.set_index(["file", "table"]).loc[("qs.csv", "(file)")]
    assert (flow["rows_in"], flow["kept"], flow["quarantined"]) == (6, 4, 2)


def test_the_item_of_a_long_row_is_located_where_it_is_not_the_first_of_its_row(tmp_path):
    text = (
        "id,visit,date,code,value\nP1,b,2021-02-01,A,1\nP2,b,2021-02-01,A,1\nP1,b,2021-02-01,B,x\n"
    )
    (tmp_path / "qs.csv").write_text(text)
    mapping = {
        "long": {"item": "code", "value": "value"},
        "columns": {"subject_id": "id", "visit": "visit", "date": "date"},
        "patterns": [
            {"raw": "(A|B)", "column": "scim_{1}", "words": {"A": "feeding", "B": "bowel"}}
        ],
    }
    found = ingest(tmp_path / "qs.csv", tables={"scim3": mapping})
    table = found.tables["scim3"]
    assert list(table["source_row"]) == [2, 3]
    assert list(table["scim_bowel"]) == ["x", ""]
    rows = found.rows.set_index("source_row")
    assert tuple(rows.loc[4, ["joined_to:scim3", "item:scim3"]]) == ("2", "B")


def test_two_values_of_one_item_are_two_rows_for_the_rule_of_duplicates(tmp_path):
    text = QS.replace(
        "P1,DAY 180,2021-08-01,WISCI,WISCI,9\n", "P1,DAY 180,2021-08-01,WISCI,WISCI,8\n", 1
    )
    (tmp_path / "qs.csv").write_text(text)
    write_files(tmp_path)
    walks = {"file": "qs.csv", "format": "csv", "tables": {"wisci2": LONG}}
    cleaned = clean_small(tmp_path, exports=small_with_walks(walks))
    assert "after" not in set(cleaned.tables["wisci2"]["visit"])
    assert "duplicate_key" in set(cleaned.findings["rule"])


def xport(path, **columns):
    pyreadstat.write_xport(pd.DataFrame(columns), str(path), file_format_version=5)


def test_sdtm_domains_from_transport_files(tmp_path):
    xport(tmp_path / "dm.xpt", USUBJID=["P1"], SEX=["M"], AGE=[41.0], RFSTDTC=["2021-01-01"])
    xport(tmp_path / "ex.xpt", USUBJID=["P1"], EXSTDTC=["2021-02-02T10:30"], EXDOSE=[1.2])
    xport(tmp_path / "sv.xpt", USUBJID=["P1"], VISIT=["BASELINE"], SVSTDTC=["2021-02-01"])
    xport(
        tmp_path / "ae.xpt",
        USUBJID=["P1"],
        AEDECOD=["Cystitis"],
        AEBODSYS=["Infections"],
        AETOXGR=["2"],
        AESER=["N"],
        AEREL=["UNRELATED"],
        AESTDTC=["2021-03-01"],
    )
    xport(
        tmp_path / "qs.xpt",
        USUBJID=["P1", "P1"],
        VISIT=["BASELINE", "DAY 180"],
        QSDTC=["2021-02-01", "2021-08-01"],
        QSCAT=["WISCI", "WISCI"],
        QSTESTCD=["WISCI", "WISCI"],
        QSORRES=["3", "9"],
    )
    subject = {"subject_id": "USUBJID"}
    mappings = {
        "dm": {"subjects": {**subject, "sex": "SEX", "age": "AGE", "injury_date": "RFSTDTC"}},
        "ex": {"treatments": {**subject, "treatment_start": "EXSTDTC", "dose": "EXDOSE"}},
        "sv": {"visits": {**subject, "visit": "VISIT", "date": "SVSTDTC"}},
        "ae": {
            "adverse_events": {
                **subject,
                "term": "AEDECOD",
                "system_organ_class": "AEBODSYS",
                "grade": "AETOXGR",
                "serious": "AESER",
                "relation": "AEREL",
                "onset_date": "AESTDTC",
            }
        },
    }
    recode = {"sex": {"M": "male"}, "relation": {"UNRELATED": "unrelated"}}
    recode |= {"visit": {"BASELINE": "before", "DAY 180": "after"}}
    exports = {
        name: {
            "file": f"{name}.xpt",
            "dates": ["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
            "tables": {
                table: {
                    "columns": columns,
                    "recode": {key: recode[key] for key in recode if key in columns},
                }
                for table, columns in tables.items()
            },
        }
        for name, tables in mappings.items()
    }
    exports["qs"] = {"file": "qs.xpt", "tables": {"wisci2": LONG}}
    cleaned = clean_small(tmp_path, exports=exports, characteristics=[])
    assert cleaned.findings.loc[cleaned.findings["severity"] != "note"].empty
    assert list(cleaned.tables["subjects"]["sex"]) == ["male"]
    assert list(cleaned.tables["treatments"]["treatment_start_day"]) == [32]
    assert list(cleaned.tables["adverse_events"]["onset_day"]) == [59]
    assert list(cleaned.tables["visits"]["day_from_treatment"]) == [-1]
    assert list(cleaned.tables["wisci2"]["wisci_level"]) == ["3", "9"]
    assert set(cleaned.tables["wisci2"]["row_id"]) == {"qs:1", "qs:2"}


WIDE_TEXT = """id,sex,level_d0,day_d0,level_d180,day_d180
P1,1,3,2021-02-01,x9,2021-08-01
P2,2,0,2021-03-01,,
"""
WIDE = {
    "wide": "d[0-9]+",
    "columns": {
        "subject_id": "id",
        "visit": "{visit}",
        "date": "day_{visit}",
        "wisci_level": "level_{visit}",
    },
    "recode": {"visit": {"d0": "before", "d180": "after"}},
}


@pytest.mark.slow
def test_visits_in_column_names_become_rows(tmp_path):
    write_files(tmp_path)
    (tmp_path / "wide.csv").write_text(WIDE_TEXT)
    found = ingest(tmp_path / "wide.csv", ignored=["sex"], tables={"wisci2": WIDE})
    table = found.tables["wisci2"]
    assert list(zip(table["source_row"], table["visit"], table["wisci_level"], strict=True)) == [
        (2, "d0", "3"),
        (2, "d180", "x9"),
        (3, "d0", "0"),
    ]
    assert found.findings.empty
    assert list(found.rows["tables"]) == ["wisci2", "wisci2"]
    walks = {"file": "wide.csv", "ignored": ["sex"], "tables": {"wisci2": WIDE}}
    cleaned = clean_small(tmp_path, exports=small_with_walks(walks))
    fault = cleaned.findings.loc[cleaned.findings["value"] == "x9"].iloc[0]
    assert (fault["row"], fault["column"]) == (2, "level_d180")
    mended = clean_small(
        tmp_path,
        [("wide.csv", "id=P1", "level_d180", "x9", "9", "paper", "manager", "2022-01-01")],
        exports=small_with_walks(walks),
    )
    levels = mended.tables["wisci2"].set_index(["subject_id", "visit"])["wisci_level"]
    assert levels["P1", "after"] == "9"
    assert levels["P1", "before"] == "3"


def test_a_wide_pattern_for_items(tmp_path):
    (tmp_path / "wide.csv").write_text("id,d1_date,feeding_d1,bowel_d1\nP1,2021-02-01,2,8\n")
    mapping = {
        "wide": "d[0-9]+",
        "columns": {"subject_id": "id", "visit": "{visit}", "date": "{visit}_date"},
        "patterns": [{"raw": "([a-z]+)_{visit}", "column": "scim_{1}"}],
    }
    table = ingest(tmp_path / "wide.csv", tables={"scim3": mapping}).tables["scim3"]
    assert list(table["scim_feeding"]) == ["2"]
    assert list(table["scim_bowel"]) == ["8"]


def test_a_wide_name_that_fits_no_column_is_one_line(tmp_path):
    (tmp_path / "wide.csv").write_text("id,level\nP1,3\n")
    with pytest.raises(InputError, match=r"no column fits a mapped name with \{visit\}"):
        ingest(tmp_path / "wide.csv", tables={"wisci2": WIDE})
    (tmp_path / "qs.csv").write_text("id,level\nP1,3\n")
    with pytest.raises(InputError, match="column 'QSTESTCD' is missing"):
        ingest(tmp_path / "qs.csv", tables={"wisci2": LONG})


def test_small_files_are_as_this_test_takes_them():
    assert FILES["walks.csv"].startswith("id,when,day,level")
