"""Two patients behind one code: contradictions are errors, and none of the rows is used."""

from pathlib import Path

import pandas as pd
import pytest
from owncontrol.ingest.identity import repeated_codes
from owncontrol.ingest.readers import RawTable
from owncontrol.study.exports import Export
from small_study import CONFIG, clean_small, write_files

PEOPLE = "id,sex,born,hurt,consent,registered,old enough,age,centre\n"
FIRST = "P1,1,1980-01-01,2021-01-01,2021-01-05,2021-01-06,1,40,A\n"
SECOND = "P2,2,1990-01-01,2021-02-01,2021-02-04,2021-02-05,1,30,A\n"
COLUMNS = {**CONFIG["exports"]["people"]["tables"]["subjects"]["columns"], "age": "age"}
# The other tables of these small studies name patients that are not there.
TABLES = ["subjects", "treatments", "adverse_events", "wisci2"]


def run(folder, rows, *, ignored=("born", "centre"), columns=None, **changes):
    write_files(folder)
    (folder / "people.csv").write_text(PEOPLE + "".join(rows))
    people = CONFIG["exports"]["people"]
    table = {**people["tables"]["subjects"], "columns": columns or COLUMNS}
    people = {**people, "ignored": list(ignored), "tables": {"subjects": table}}
    return clean_small(folder, exports={**CONFIG["exports"], "people": people}, **changes)


def of_rule(cleaned, rule):
    return cleaned.findings.loc[cleaned.findings["rule"] == rule]


def other(sex="1", registered="2021-01-06", age="40", hurt="2021-01-01", centre="A"):
    return f"P1,{sex},1980-01-01,{hurt},2021-01-05,{registered},1,{age},{centre}\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "said"),
    [
        (other(sex="2"), "in sex (male, female)"),
        (other(age="61"), "in age (40, 61)"),
        (other(sex="2", age="61"), "in sex (male, female) and age (40, 61)"),
        (other(registered="2023-01-06", age="40"), "in age (40, 40)"),
        (other(registered="2022-01-06", age="39"), "in age (40, 39)"),
    ],
)
def test_rows_of_one_code_that_contradict_each_other_are_all_set_aside(tmp_path, row, said):
    cleaned = run(tmp_path, [FIRST, SECOND, row])
    found = of_rule(cleaned, "two_people")
    assert list(found["row"]) == [2, 4]
    assert set(found["severity"]) == {"error"}
    assert said in found["detail"].iloc[0]
    assert "people.csv row 2, people.csv row 4" in found["detail"].iloc[0]
    assert list(cleaned.tables["subjects"]["subject_id"]) == ["P2"]
    assert "P1" not in set(cleaned.tables["wisci2"]["subject_id"])
    aside = cleaned.quarantine.loc[cleaned.quarantine["table"] == "subjects", "reason"]
    assert all(reason.startswith("rows of one code contradict") for reason in aside)
    lost = cleaned.flow_subjects.set_index("step").loc["registered"]
    assert (lost["subjects_in"], lost["kept"], lost["lost_subjects"]) == (2, 1, "P1")


@pytest.mark.slow
@pytest.mark.parametrize(
    "row",
    [
        other(age="41"),  # a birthday, or another way to round
        other(registered="2024-01-06", age="43"),
        other(sex="", age=""),
        other(hurt="2021-01-02"),
    ],
)
def test_rows_that_may_be_of_one_person_are_left_to_the_rule_for_duplicates(tmp_path, row):
    cleaned = run(tmp_path, [FIRST, SECOND, row])
    assert of_rule(cleaned, "two_people").empty


@pytest.mark.slow
def test_the_years_that_ages_may_differ_are_a_setting(tmp_path):
    rule = {"pattern": "P[0-9]"}
    rows = [FIRST, SECOND, other(age="43")]
    assert len(of_rule(run(tmp_path, rows, subject_id=rule), "two_people")) == 2
    rule["years_apart"] = 3
    assert of_rule(run(tmp_path, rows, subject_id=rule), "two_people").empty


def test_a_year_of_birth_among_the_characteristics_is_compared(tmp_path):
    year = {"name": "birth_year", "label": "Year of birth", "type": "number", "unit": "years"}
    columns = {name: raw for name, raw in COLUMNS.items() if name != "age"}
    columns["birth_year"] = "age"
    rows = [FIRST, SECOND, other(age="41")]
    items = [*CONFIG["characteristics"], year]
    cleaned = run(tmp_path, rows, columns=columns, characteristics=items)
    assert "birth_year (40, 41)" in of_rule(cleaned, "two_people")["detail"].iloc[0]


TWO_CENTRES = [
    "P1,1,x,2021-01-01,2021-01-05,2021-01-06,1,40,A\n",
    "P2,2,x,2021-02-01,2021-02-04,2021-02-05,1,30,A\n",
    "P3,2,x,2021-02-01,2021-02-04,2021-02-05,1,50,A\n",
    "P1,2,x,2021-01-01,2021-01-05,2021-01-06,1,70,B\n",
    "P2,2,x,2021-02-01,2021-02-04,2021-02-05,1,55,B\n",
]


def test_the_hint_names_the_column_that_tells_two_centres_apart(tmp_path):
    cleaned = run(tmp_path, TWO_CENTRES, may_be_empty=TABLES)
    found = of_rule(cleaned, "two_people")
    assert list(found["row"]) == [2, 3, 5, 6]
    assert all("subject_id: [centre, id]" in detail for detail in found["detail"])
    assert list(of_rule(cleaned, "repeated_code")["severity"]) == ["warning"]


def test_codes_of_centre_and_number_are_all_there(tmp_path):
    columns = {**COLUMNS, "subject_id": ["centre", "id"]}
    write_files(tmp_path)
    cleaned = run(
        tmp_path,
        TWO_CENTRES,
        ignored=["born"],
        columns=columns,
        subject_id={"pattern": "[AB]-P[0-9]"},
        may_be_empty=TABLES,
    )
    codes = ["A-P1", "A-P2", "A-P3", "B-P1", "B-P2"]
    assert list(cleaned.tables["subjects"]["subject_id"]) == codes
    assert of_rule(cleaned, "two_people").empty
    assert of_rule(cleaned, "repeated_code").empty


def test_two_files_of_one_table_that_contradict_each_other(tmp_path):
    write_files(tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE + FIRST + SECOND)
    (tmp_path / "site2.csv").write_text(PEOPLE + other(sex="2"))
    people = CONFIG["exports"]["people"]
    table = {**people["tables"]["subjects"], "columns": COLUMNS}
    people = {**people, "ignored": ["born", "centre"], "tables": {"subjects": table}}
    site = {**people, "file": "site2.csv"}
    exports = {**CONFIG["exports"], "people": people, "site2": site}
    cleaned = clean_small(tmp_path, exports=exports, may_be_empty=TABLES)
    found = of_rule(cleaned, "two_people")
    assert list(zip(found["file"], found["row"], strict=True)) == [
        ("people.csv", 2),
        ("site2.csv", 2),
    ]
    assert list(cleaned.tables["subjects"]["subject_id"]) == ["P2"]


def test_a_column_of_sex_that_is_not_mapped_is_compared_too(tmp_path):
    write_files(tmp_path)
    text = (tmp_path / "walks.csv").read_text().replace("note", "Gender")
    text = text.replace("3,x", "3,m").replace("9,x", "9,F").replace(",x", ",f")
    (tmp_path / "walks.csv").write_text(text)
    walks = {**CONFIG["exports"]["walks"], "ignored": ["Gender"]}
    cleaned = clean_small(tmp_path, exports={**CONFIG["exports"], "walks": walks})
    (found,) = of_rule(cleaned, "two_people").itertuples()
    assert (found.file, found.row, found.column, found.value) == ("walks.csv", 3, "Gender", "F")
    assert "row 2" in found.detail


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "code", "upper_case"),
    [
        ("P-?[0-9]+", "P01", True),
        ("P[0-9.]+", "P1.0", True),
        ("[Pp][0-9]+", "p1", False),
        ("P[0-9]+", "P0001", True),
        (".+", "\u0420\u0031", True),  # a Cyrillic letter
        (".+", "\u03a11", True),  # a Greek one
        (".+", "Pl", False),
        (".+", "PI", True),
        (".+", "P 1", True),
        (".+", "P\u20131", True),
        (".+", "P_01", True),
    ],
)
def test_codes_that_look_alike_are_named(tmp_path, pattern, code, upper_case):
    write_files(tmp_path, walks=("P1,after", f"{code},after"))
    rule = {"pattern": pattern, "upper_case": upper_case}
    cleaned = clean_small(tmp_path, subject_id=rule)
    (found,) = of_rule(cleaned, "codes_alike").itertuples()
    assert (found.file, found.row, found.column, found.value) == ("walks.csv", 3, "id", code)
    assert f"'{code}' and 'P1'" in found.detail


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("P1", code) for code in ("P10", "P11", "P1.01", "P100", "R1")),
        *(("1-11", code) for code in ("11-1", "111", "1-1-1")),
    ],
)
def test_other_codes_are_not_alike(tmp_path, one, other):
    write_files(tmp_path)
    [path] = tmp_path.rglob("walks.csv")
    rows = path.read_text("utf-8").replace("P1,before", f"{one},before")
    path.write_text(rows.replace("P1,after", f"{other},after"), "utf-8")
    cleaned = clean_small(tmp_path, subject_id={"pattern": "[PR0-9.-]+"})
    assert of_rule(cleaned, "codes_alike").empty


LONG = {
    "file": "long.csv",
    "format": "csv",
    "tables": {
        "subjects": {"columns": {"subject_id": "id"}},
        "pain": {"columns": {"subject_id": "id", "visit": "when", "pain": "pain"}},
    },
}


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        (["P1,before,1,7", "P1,after,2,5", "P2,before,1,6", "P2,after,2,4"], 0),
        (["P1,before,1,7", "P1,before,2,5", "P2,before,1,6", "P2,before,2,4"], 1),
    ],
    ids=["the visits tell the rows apart", "two centres with each code once"],
)
def test_rows_of_one_code_that_are_its_visits_are_no_doubt(rows, count):
    header = ["id", "when", "number", "pain"]
    split = pd.DataFrame([row.split(",") for row in rows], range(2, 6), header)
    raw, listed = RawTable(split.astype("category")), pd.Series(range(2, 6))
    export = Export.model_validate(LONG)
    used = {"id", "when", "pain"}
    found = repeated_codes(Path("long.csv"), raw, export, listed, used)
    assert len(found) == count
