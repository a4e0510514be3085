"""A baseline that every row of a follow-up repeats is one row per subject, followed to its cell."""

import pytest
import yaml
from owncontrol.__main__ import main
from owncontrol.cli.check_study import check_study
from owncontrol.errors import InputError
from owncontrol.ingest.export import ingest_export
from owncontrol.instruments import instrument_of
from owncontrol.lineage.differences import Differences, _compare_export
from owncontrol.lineage.reverse import touched
from owncontrol.study.exports import Export
from owncontrol.study.loading import load_study
from owncontrol.study.measures import Measure
from traced_study import PEOPLE, SUBJECTS, check_cells, run_long, traced

BDI = Measure.model_validate({"label": "BDI", "direction": "lower_is_better"})
REPEATED = {"visit": "baseline", "columns": {"bdi": "bdi_pre"}}
TEXT = (
    "id,month,bdi_pre,bdi\n"
    "P1,2,29,20\nP1,4,29.0,18\n"
    "P2,2,,10\nP2,4,15,\n"
    "P3,2,15,9\nP3,4,16,8\n"
    "P4,2,20,\n"
)


def table(**changes):
    return {
        "undated": True,
        "columns": {"subject_id": "id", "visit": "month", "bdi": "bdi"},
        "recode": {"visit": {"2": "month_2", "4": "month_4"}},
        "baseline_columns": REPEATED,
        **changes,
    }


def ingested(folder, text=TEXT, measure=BDI, **changes):
    (folder / "f.csv").write_text(text, "utf-8")
    export = Export.model_validate({"file": "f.csv", "tables": {"bdi": table(**changes)}})
    instruments = {"bdi": instrument_of(measure.definition("bdi"), "bdi")}
    return ingest_export(folder / "f.csv", None, export, instruments, [])


def values(found, visit):
    frame = found.tables["bdi"].astype("str")
    here = frame.loc[frame["visit"] == visit]
    return list(zip(here["source_row"], here["subject_id"], here["bdi"], strict=True))


def test_the_first_row_that_has_it_is_read_once_a_subject(tmp_path):
    found = ingested(tmp_path)
    # P3's differs between its rows and is not used; P4 has nothing but a baseline.
    assert values(found, "baseline") == [("2", "P1", "29"), ("5", "P2", "15"), ("8", "P4", "20")]
    assert values(found, "2") == [("2", "P1", "20"), ("4", "P2", "10"), ("6", "P3", "9")]
    assert set(found.rows["tables"]) == {"bdi"}
    assert "column_not_mapped" not in set(found.findings["rule"])


def test_a_baseline_that_differs_is_an_error_at_its_cell(tmp_path):
    found = ingested(tmp_path).findings
    assert found[["file", "row", "column", "value", "rule", "severity"]].to_numpy().tolist() == [
        ["f.csv", 7, "bdi_pre", "16", "baseline_differs", "error"]
    ]
    assert "'15' in row 6" in found["detail"].iloc[0]


def test_codes_for_missing_and_other_ways_to_write_a_number_do_not_differ(tmp_path):
    text = "id,month,bdi_pre,bdi\nP1,2,NA,20\nP1,4, 29,18\nP1,4,29.00,18\n"
    (tmp_path / "f.csv").write_text(text, "utf-8")
    export = {"file": "f.csv", "missing": ["NA"], "tables": {"bdi": table()}}
    instruments = {"bdi": instrument_of(BDI.definition("bdi"), "bdi")}
    found = ingest_export(tmp_path / "f.csv", None, Export.model_validate(export), instruments, [])
    assert not len(found.findings)
    assert values(found, "baseline") == [("3", "P1", " 29")]


def test_rows_that_are_not_read_give_no_baseline(tmp_path):
    text = "id,month,arm,bdi_pre,bdi\nP1,2,a,29,20\nP2,2,b,15,9\nP1,9,a,31,7\n"
    found = ingested(tmp_path, text, rows={"arm": "a", "month": "2"})
    # A visit that is not read is still a row of the subject: its baseline has to agree.
    assert found.findings["rule"].tolist() == ["baseline_differs"]
    assert values(found, "2") == [("2", "P1", "20")]
    found = ingested(tmp_path, text.replace("31", "29"), rows={"arm": "a", "month": "2"})
    assert values(found, "baseline") == [("2", "P1", "29")]
    assert values(found, "9") == []


def test_the_items_of_a_sum_come_from_one_row(tmp_path):
    given = {"label": "Sum", "direction": "lower_is_better", "kind": "sum", "items": ["a", "b"]}
    measure = Measure.model_validate(given)
    text = "id,month,a,b,a0,b0\nP1,2,1,2,5,\nP1,4,3,4,5,6\nP2,2,1,1,7,8\n"
    columns = {"subject_id": "id", "visit": "month", "a": "a", "b": "b"}
    repeated = {"visit": "baseline", "columns": {"a": "a0", "b": "b0"}}
    found = ingested(tmp_path, text, measure, columns=columns, baseline_columns=repeated)
    frame = found.tables["bdi"].astype("str")
    rows = frame.loc[frame["visit"] == "baseline", ["source_row", "a", "b"]].to_numpy().tolist()
    assert rows == [["3", "5", "6"], ["4", "7", "8"]]


@pytest.mark.parametrize("written", ["baseline", "0"])
def test_a_file_with_rows_of_the_baseline_is_refused(tmp_path, written):
    text = f"id,month,bdi_pre,bdi\nP1,2,29,20\nP1,{written},29,29\n"
    codes = {"visit": {"2": "month_2", "0": "baseline"}}
    with pytest.raises(InputError) as refused:
        ingested(tmp_path, text, recode=codes)
    assert f"row 3, column month: '{written}' is the visit 'baseline'" in refused.value.message
    assert values(ingested(tmp_path, text, rows={"month": "2"}), "baseline") == [("2", "P1", "29")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wide": "x", "baseline_columns": REPEATED}, "a long or wide table has none"),
        ({"baseline_columns": {"visit": "baseline"}}, "visit and columns go together"),
        (
            {"baseline_columns": {"visit": "baseline", "columns": {"b": "b0"}}},
            "b is not mapped under columns",
        ),
        (
            {"baseline_columns": {"visit": "baseline", "columns": {"bdi": "bdi"}}},
            "each value has a raw column of its own",
        ),
        (
            {"baseline_columns": {"visit": "baseline", "columns": {"subject_id": "x"}}},
            "visit and study code are no repeated values",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        Export.model_validate({"file": "f.csv", "tables": {"bdi": table(**changes)}})


STUDY_TEXT = "id,month,bdi_pre,bdi,walk,walk_pre\n" + "".join(
    f"P{number},{month},{20 + number},{20 - number - month},{number + month},{number}\n"
    for number in range(1, 5)
    for month in (2, 4)
)


def new_study(folder, monkeypatch, *options, text=STUDY_TEXT):
    monkeypatch.chdir(folder)
    (folder / "f.csv").write_text(text, "utf-8")
    return main(["new-study", "new", "--from", "f.csv", "--visit", "month", *options])


MEASURES = ["--measure", "bdi:lower:points", "--measure", "walk:higher:m"]


def test_one_command_makes_a_study_that_runs(tmp_path, monkeypatch):
    options = ["--time-point", "4", "--baseline-column", "bdi=bdi_pre,walk=walk_pre", *MEASURES]
    assert new_study(tmp_path, monkeypatch, *options) == 0
    assert check_study("new", tmp_path) == []
    study = load_study({"study": "new"}, tmp_path)
    assert [(visit.name, visit.day) for visit in study.visits] == [
        ("baseline", 0),
        ("visit_2", 61),
        ("visit_4", 122),
    ]
    tables = study.exports["f"].tables
    assert tables["walk"].baseline_columns.raw == {"walk": "walk_pre"}
    assert study.exports["f"].ignored == ()
    head = (tmp_path / "config/new.yaml").read_text("utf-8")
    assert "--baseline-column bdi=bdi_pre,walk=walk_pre" in head


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--baseline-column", "bdi_pre", *MEASURES], "does not say which measure 'bdi_pre' is of"),
        (["--baseline-column", "bdi=bdi_per", *MEASURES[:2]], "did you mean 'bdi_pre'?"),
        (["--baseline-column", "bdi=bdi_pre,wlk=walk_pre", *MEASURES], "no measure 'wlk'"),
        (["--baseline-column", "bdi_pre+x", *MEASURES[:2]], "2 columns for 1 of --measure bdi"),
        (
            ["--baseline-column", "bdi_pre", "--baseline", "2", *MEASURES[:2]],
            "the file has rows of the visit '2'",
        ),
    ],
)
def test_what_is_said_wrongly_is_named(tmp_path, monkeypatch, capsys, options, said):
    new_study(tmp_path, monkeypatch, "--time-point", "4", *options)
    told = capsys.readouterr()
    assert said in told.out + told.err


@pytest.mark.slow
def test_each_value_is_followed_to_its_raw_cell_and_corrected_there(tmp_path):
    (tmp_path / "subj.csv").write_text(SUBJECTS, "utf-8")
    text = "id,month,before,level\nP-01,6,3,9\nP-01,9,3,12\nP-02,6,99,10\nP-03,6,5,\n"
    (tmp_path / "w.csv").write_text(text, "utf-8")
    walks = {
        "undated": True,
        "rows": {"month": "6"},
        "columns": {"subject_id": "id", "visit": "month", "wisci_level": "level"},
        "recode": {"visit": {"6": "m6"}},
        "baseline_columns": {"visit": "base", "columns": {"wisci_level": "before"}},
    }
    exports = {"subj": PEOPLE, "w": {"file": "w.csv", "tables": {"wisci2": walks}}}
    cleaned, results = run_long(tmp_path, exports)
    assert check_cells(results, tmp_path) == {("w.csv", row) for row in (2, 4, 5)}
    read = {(cell.row, cell.column, cell.written) for cell in traced(results)}
    assert {("2", "before", "3"), ("2", "level", "9"), ("5", "before", "5")} <= read
    assert ("2", "month", "6") in read  # of the follow-up; no cell says that the other is the base
    # A value that is not permitted is told at the repeated cell.
    found = cleaned.findings.loc[cleaned.findings["rule"] == "not_permitted"]
    assert found[["file", "row", "column", "value"]].to_numpy().tolist() == [
        ["w.csv", 4, "before", "99"]
    ]
    # A correction of the repeated cell leaves the follow-up of the same raw row as it is.
    entry = ("w.csv", "id=P-02;month=6", "before", "99", "9", "slip", "AB", "2024-01-01")
    cleaned, _ = run_long(tmp_path, exports, [entry])
    wisci = cleaned.tables["wisci2"].set_index(["subject_id", "visit"])["wisci_level"]
    assert (wisci["P-02", "base"], wisci["P-02", "m6"]) == ("9", "10")


def test_the_cells_of_two_runs_that_differ_are_named_by_their_columns(tmp_path):
    walks = {
        "undated": True,
        "columns": {"subject_id": "id", "visit": "month", "wisci_level": "level"},
        "recode": {"visit": {"6": "m6"}},
        "baseline_columns": {"visit": "base", "columns": {"wisci_level": "before"}},
    }
    exports = {"subj": PEOPLE, "w": {"file": "w.csv", "tables": {"wisci2": walks}}}
    runs = []
    for name, line in (("one", "P-01,6,3,9"), ("two", "P-01,6,4,8")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "subj.csv").write_text(SUBJECTS, "utf-8")
        (folder / "w.csv").write_text(f"id,month,before,level\n{line}\n", "utf-8")
        runs.append(run_long(folder, exports)[1])
    found = Differences()
    _compare_export(*runs, "w", found, {})
    assert {(change.column, *change.written) for change in found.cells} == {
        ("before", "3", "4"),
        ("level", "9", "8"),
    }


def test_a_repeated_cell_is_known_to_touch_its_numbers(tmp_path):
    (tmp_path / "subj.csv").write_text(SUBJECTS, "utf-8")
    (tmp_path / "w.csv").write_text("id,month,before,level\nP-01,6,3,9\nP-01,9,3,12\n", "utf-8")
    walks = table(
        columns={"subject_id": "id", "visit": "month", "wisci_level": "level"},
        recode={"visit": {"6": "m6"}},
        rows={"month": "6"},
        baseline_columns={"visit": "base", "columns": {"wisci_level": "before"}},
    )
    exports = {"subj": PEOPLE, "w": {"file": "w.csv", "tables": {"wisci2": walks}}}
    _, results = run_long(tmp_path, exports)
    assert "all" in touched(results, "w.csv", "2", "before")
    assert "all" not in touched(results, "w.csv", "3", "before")


@pytest.mark.parametrize(
    ("name", "visit", "said"),
    [
        ("bdi", "base", "'base' is not one of the visits"),
        ("subjects", "baseline", "only an instrument has them"),
    ],
)
def test_a_study_is_checked_for_the_visit_and_the_table(tmp_path, monkeypatch, name, visit, said):
    new_study(tmp_path, monkeypatch, "--time-point", "4", *MEASURES[:2])
    given = yaml.safe_load((tmp_path / "config/new.yaml").read_text("utf-8"))
    tables = given["exports"]["f"]["tables"]
    tables[name] = {
        "undated": True,
        "columns": {"subject_id": "id", "visit": "month", "bdi": "bdi"},
        "baseline_columns": {"visit": visit, "columns": {"bdi": "bdi_pre"}},
    }
    (tmp_path / "config/new.yaml").write_text(yaml.safe_dump(given), "utf-8")
    with pytest.raises(InputError) as refused:
        load_study({"study": "new"}, tmp_path)
    assert said in refused.value.message
