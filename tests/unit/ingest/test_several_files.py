"""Several files of one form: rows keep their file, columns are compared, sites are told apart."""

import copy

import pandas as pd
import pytest
from owncontrol.errors import InputError
from owncontrol.study.loading import load_study
from owncontrol.study.several_files import with_files_found
from small_study import CONFIG, FILES, clean_small, write_files
from traced_study import PEOPLE, check_cells, run_long

HEADER, FIRST, SECOND = FILES["people.csv"].splitlines()


def write_sites(folder, **lines):
    """The small study with its subjects in a file for each site: header and rows by site."""
    write_files(folder)
    (folder / "people.csv").unlink()
    for site, rows in lines.items():
        (folder / f"site-{site}.csv").write_text("\n".join(rows) + "\n", "utf-8")


def exports(folder, changes=None, **entry):
    """The study's exports with a file of subjects for each site."""
    config = copy.deepcopy(CONFIG)
    config["exports"]["people"] |= {"file": "site-*.csv", **entry}
    config["exports"]["people"]["tables"]["subjects"]["columns"] |= changes or {}
    config["raw"] = "."
    return with_files_found(config, folder, "test")["exports"]


def of(cleaned, rule):
    return cleaned.findings.loc[cleaned.findings["rule"] == rule]


def test_two_files_are_as_one_but_for_the_names_of_their_rows(tmp_path):
    write_files(tmp_path)
    before = clean_small(tmp_path)
    write_sites(tmp_path, a=[HEADER, FIRST], b=[HEADER, SECOND])
    found = clean_small(tmp_path, exports=exports(tmp_path))
    for table, rows in before.tables.items():
        left = found.tables[table].drop(columns="row_id")
        pd.testing.assert_frame_equal(left, rows.drop(columns="row_id"))
    assert found.tables["subjects"]["row_id"].tolist() == ["people_a:2", "people_b:2"]
    whole = found.flow.loc[found.flow["table"] == "(file)"].set_index("file")
    assert whole.loc[["site-a.csv", "site-b.csv"], "kept"].tolist() == [1, 1]
    assert len(found.findings) == len(before.findings)


@pytest.mark.slow
def test_findings_and_corrections_name_the_file_of_each_row(tmp_path):
    write_sites(tmp_path, a=[HEADER, FIRST], b=[HEADER, SECOND.replace("P2,2", "P2,7")])
    found = clean_small(tmp_path, exports=exports(tmp_path))
    (told,) = of(found, "not_permitted").to_dict("records")
    assert (told["file"], told["row"], told["column"]) == ("site-b.csv", 2, "sex")
    entry = ("site-b.csv", "id=P2", "sex", "7", "2", "asked", "me", "2024-01-01")
    found = clean_small(tmp_path, [entry], exports=exports(tmp_path))
    assert of(found, "not_permitted").empty
    assert found.tables["subjects"]["sex"].tolist() == ["male", "female"]


def test_the_site_is_that_of_the_name(tmp_path):
    write_sites(tmp_path, Bern=[HEADER, FIRST], Rom=[HEADER, SECOND])
    found = clean_small(tmp_path, exports=exports(tmp_path, site="from_name"))
    assert found.tables["subjects"]["site"].tolist() == ["Bern", "Rom"]
    assert of(found, "column_not_mapped").empty


def test_the_site_is_that_of_a_column(tmp_path):
    write_files(tmp_path)
    lines = [f"{HEADER},centre", f"{FIRST},Bern", f"{SECOND},Rom"]
    (tmp_path / "people.csv").write_text("\n".join(lines) + "\n", "utf-8")
    given = copy.deepcopy(CONFIG["exports"])
    given["people"] |= {"site": "centre"}
    found = clean_small(tmp_path, exports=given)
    assert found.tables["subjects"]["site"].tolist() == ["Bern", "Rom"]


def test_a_site_is_a_part_of_the_code_where_each_counts_from_1(tmp_path):
    first, second = FIRST.replace("P1", "1"), SECOND.replace("P2", "1")
    write_sites(tmp_path, P=[HEADER, first], Q=[HEADER, second])
    walks = FILES["walks.csv"].replace("P1", "P-1").replace("P2", "Q-1")
    (tmp_path / "walks.csv").write_text(walks, "utf-8")
    given = exports(tmp_path, {"subject_id": ["{site}", "id"]}, site="from_name")
    for name, text in FILES.items():
        if name in ("cells.csv", "events.csv"):
            changed = text.replace("P1", "P-1").replace("P2", "Q-1")
            (tmp_path / name).write_text(changed, "utf-8")
    found = clean_small(tmp_path, exports=given, subject_id={"pattern": "[PQ]-[0-9]"})
    assert found.tables["subjects"]["subject_id"].tolist() == ["P-1", "Q-1"]
    assert found.tables["wisci2"]["subject_id"].nunique() == 2
    assert of(found, "code_in_several_files").empty


def test_codes_that_several_files_have_are_told(tmp_path):
    write_sites(tmp_path, a=[HEADER, FIRST], b=[HEADER, FIRST, SECOND])
    found = clean_small(tmp_path, exports=exports(tmp_path))
    (told,) = of(found, "code_in_several_files").to_dict("records")
    assert (told["file"], told["row"], told["severity"]) == ("site-a.csv", 2, "warning")
    assert told["detail"].startswith("1 codes are in several files")


def with_column(lines, name, text):
    head, *rows = lines
    return [f"{head},{name}", *(f"{row},{text}" for row in rows)]


def test_a_file_with_a_further_column_has_one_finding(tmp_path):
    write_sites(
        tmp_path,
        a=[HEADER, FIRST],
        b=with_column([HEADER, SECOND], "extra", "x"),
        c=[HEADER, FIRST.replace("P1", "P3")],
    )
    found = clean_small(tmp_path, exports=exports(tmp_path))
    (told,) = of(found, "other_columns").to_dict("records")
    assert (told["file"], told["severity"]) == ("site-b.csv", "warning")
    assert "has 'extra', which they do not" in told["detail"]
    assert of(found, "column_not_mapped").empty


def test_a_file_without_a_column_that_is_read_has_one_finding_and_the_others_theirs(tmp_path):
    without = [line.replace(",sex,", ",gender,") for line in (HEADER, SECOND)]
    write_sites(tmp_path, a=[HEADER, FIRST], b=without, c=[HEADER, FIRST.replace("P1", "P3")])
    found = clean_small(tmp_path, exports=exports(tmp_path))
    (told,) = of(found, "other_columns").to_dict("records")
    assert (told["file"], told["severity"]) == ("site-b.csv", "error")
    assert "lacks 'sex' and has 'gender', which they do not" in told["detail"]
    assert "subjects.sex is not known of its rows" in told["detail"]
    sexes = found.tables["subjects"].set_index("subject_id")["sex"]
    assert sexes["P1"] == "male"
    assert pd.isna(sexes["P2"])
    about = found.findings.loc[found.findings["file"] == "site-b.csv"]
    assert about["rule"].tolist() == ["other_columns"]


def test_of_two_files_the_first_says_which_columns_there_are(tmp_path):
    write_sites(tmp_path, a=[HEADER, FIRST], b=with_column([HEADER, SECOND], "extra", "x"))
    found = clean_small(tmp_path, exports=exports(tmp_path))
    assert of(found, "other_columns")["file"].tolist() == ["site-b.csv"]


def test_a_column_that_no_table_reads_in_all_files_is_told_of_each(tmp_path):
    lines = {"a": [HEADER, FIRST], "b": [HEADER, SECOND]}
    write_sites(tmp_path, **{site: with_column(rows, "x", "1") for site, rows in lines.items()})
    found = clean_small(tmp_path, exports=exports(tmp_path))
    assert of(found, "column_not_mapped")["file"].tolist() == ["site-a.csv", "site-b.csv"]
    assert of(found, "other_columns").empty


def test_a_column_that_every_row_needs_stops_the_run(tmp_path):
    write_sites(tmp_path, a=[HEADER, FIRST], b=[HEADER.replace("id", "other"), SECOND])
    with pytest.raises(InputError, match=r"site-b.csv: column 'id' is missing"):
        clean_small(tmp_path, exports=exports(tmp_path))


def test_a_mapped_column_that_no_file_has_stops_the_run(tmp_path):
    write_sites(tmp_path, a=[HEADER, FIRST], b=[HEADER, SECOND])
    given = exports(tmp_path, {"age": "years"})
    with pytest.raises(InputError, match=r"exports.people: none of its files .*'years'"):
        clean_small(tmp_path, exports=given)


def test_blank_items_of_a_file_without_the_column_are_told_once(tmp_path):
    head, *rows = FILES["walks.csv"].splitlines()
    write_files(tmp_path)
    (tmp_path / "walks.csv").unlink()
    (tmp_path / "w-a.csv").write_text("\n".join([head, *rows[:2]]) + "\n", "utf-8")
    lines = [line.replace("level", "grade") for line in (head, *rows[2:])]
    (tmp_path / "w-b.csv").write_text("\n".join(lines) + "\n", "utf-8")
    given = copy.deepcopy(CONFIG)
    given["raw"] = "."
    given["exports"]["walks"]["file"] = "w-*.csv"
    found = clean_small(tmp_path, exports=with_files_found(given, tmp_path, "t")["exports"])
    about = found.findings.loc[found.findings["file"] == "w-b.csv"]
    assert about["rule"].tolist() == ["other_columns"]


def test_keep_that_leaves_nothing_of_a_file_is_told_and_of_all_stops(tmp_path):
    lines = {"a": [HEADER, FIRST], "b": [HEADER, SECOND]}
    arms = {"a": "active", "b": "control"}
    with_arms = {site: with_column(rows, "arm", arms[site]) for site, rows in lines.items()}
    write_sites(tmp_path, **with_arms)
    found = clean_small(tmp_path, exports=exports(tmp_path, keep={"arm": "active"}))
    (told,) = of(found, "keeps_nothing").to_dict("records")
    assert (told["file"], told["severity"]) == ("site-b.csv", "warning")
    assert "which holds 'control' (1 row)" in told["detail"]
    assert found.tables["subjects"]["subject_id"].tolist() == ["P1"]
    with pytest.raises(InputError) as caught:
        clean_small(tmp_path, exports=exports(tmp_path, keep={"arm": "activ"}))
    assert "which holds 'active' (1 row)" in caught.value.message


def test_each_number_is_traced_to_the_file_of_its_row(tmp_path):
    head = "id,sex,age,injury,treat,number"
    for site, code in (("a", "P-01"), ("b", "P-02")):
        line = f"{code},male,40,2023-03-01,2023-05-02,1"
        (tmp_path / f"s-{site}.csv").write_text(f"{head}\n{line}\n", "utf-8")
        text = f"id,visit,day,level\n{code},base,2023-05-01,3\n{code},m6,2023-11-01,9\n"
        (tmp_path / f"w-{site}.csv").write_text(text, "utf-8")
    walks = {"subject_id": "id", "visit": "visit", "date": "day", "wisci_level": "level"}
    given = {
        "exports": {
            "s": {**PEOPLE, "file": "s-*.csv", "site": "from_name"},
            "w": {"file": "w-*.csv", "tables": {"wisci2": {"columns": walks}}},
        },
        "raw": ".",
    }
    _, results = run_long(tmp_path, with_files_found(given, tmp_path, "t")["exports"])
    assert check_cells(results, tmp_path) == {
        (file, row) for file in ("w-a.csv", "w-b.csv") for row in (2, 3)
    }


def test_a_study_of_several_files_knows_each(tmp_path):
    write_sites(tmp_path, a=[HEADER, FIRST], b=[HEADER, SECOND])
    config = copy.deepcopy(CONFIG) | {"raw": "."}
    config["exports"]["people"]["file"] = "site-*.csv"
    found = load_study(config, tmp_path)
    assert {"site-a.csv", "site-b.csv"} <= set(found.raw_files)
    assert set(found.file_names.values()) >= {"site-a.csv", "site-b.csv"}


def test_what_an_earlier_run_left_of_a_file_is_not_counted(tmp_path):
    text = "id,sex,age,injury,treat\nP-01,male,40,2023-03-01,2023-05-02\n"
    for site in "ab":
        (tmp_path / f"s-{site}.csv").write_text(text.replace("P-01", f"P-0{site}"), "utf-8")
    given = {"exports": {"s": {**PEOPLE, "file": "s-*.csv"}}, "raw": "."}
    (tmp_path / "w.csv").write_text("id,visit,day,level\nP-0a,base,2023-05-01,3\n", "utf-8")
    walks = {"subject_id": "id", "visit": "visit", "date": "day", "wisci_level": "level"}
    given["exports"]["w"] = {"file": "w.csv", "tables": {"wisci2": {"columns": walks}}}
    code = {"subject_id": {"pattern": "P-0[A-Z0-9]"}}
    _, results = run_long(tmp_path, with_files_found(given, tmp_path, "t")["exports"], **code)
    assert set(results.files) == {"s_a", "s_b", "w"}
    (tmp_path / "s-b.csv").unlink()
    _, results = run_long(tmp_path, with_files_found(given, tmp_path, "t")["exports"], **code)
    assert set(results.files) == {"s_a", "w"}
