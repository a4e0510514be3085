"""keep: which rows of a raw file are part of the study; the others are counted, and no fault."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from owncontrol.analysis.quality import count_rows, count_table_rows
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import DataQuality
from owncontrol.estimates.selections import Matching
from owncontrol.ingest.export import ingest_export
from owncontrol.ingest.kept_rows import CODE, NOT_PART
from owncontrol.lineage.counts import matching_steps
from owncontrol.study.exports import Export
from owncontrol.study.model import Study
from small_study import CONFIG, FILES, clean_small, write_files
from traced_study import PEOPLE, SUBJECTS, check_cells, run_long

ARMS = {
    "P1": "active",
    "P2": "active",
    "P3": "control",
}
THIRD = {
    "people.csv": "P3,1,1970-01-01,2021-03-01,2021-03-05,2021-03-06,1\n",
    "walks.csv": "P3,before,no date,99,x\nP3,after,2021-10-01,5,x\n",
    "cells.csv": "P3;P3;2021-03-07;2021-03-07;20;passed;2021-03-30;2021-04-02 10:30;1.2\n",
    "events.csv": "P3,Pain,General,9,N,unrelated,2021-05-01,2020-01-01\n",
}


def write_arms(folder, arms=ARMS, header="arm"):
    """The small study with a third subject and the arm of each; P3's rows are full of faults."""
    for name, text in FILES.items():
        text += THIRD[name]
        if name == "people.csv":
            head, *lines = text.splitlines()
            lines = [f"{line},{arms[line[:2]]}" for line in lines]
            text = "\n".join([f"{head},{header}", *lines]) + "\n"
        (folder / name).write_text(text, "utf-8")


def exports(keep, of="people", **others):
    """The study's exports with ``keep`` in one of them."""
    changed = {name: dict(entry) for name, entry in CONFIG["exports"].items()}
    changed[of] |= {"keep": keep, **others}
    return changed


def counts(cleaned, file, table="(file)"):
    """What became of the rows of a file: read, kept, quarantined, merged, not part."""
    flow = cleaned.flow
    (row,) = flow.loc[(flow["file"] == file) & (flow["table"] == table)].to_dict("records")
    return [int(row[name]) for name in ("rows_in", "kept", "quarantined", "merged", "not_part")]


@pytest.mark.slow
def test_a_subject_that_is_not_kept_is_no_part_of_any_file(tmp_path):
    write_files(tmp_path)
    before = clean_small(tmp_path)
    write_arms(tmp_path)
    found = clean_small(tmp_path, exports=exports({"arm": "active"}))
    for table, rows in before.tables.items():
        pd.testing.assert_frame_equal(found.tables[table], rows)
    pd.testing.assert_frame_equal(found.findings, before.findings)
    assert counts(found, "people.csv") == [3, 2, 0, 0, 1]
    assert counts(found, "walks.csv") == [6, 4, 0, 0, 2]
    assert counts(found, "walks.csv", "wisci2") == [6, 4, 0, 0, 2]
    assert counts(found, "events.csv") == [3, 2, 0, 0, 1]
    aside = found.quarantine.to_dict("records")
    assert [(row["file"], row["row"], row["table"], row["reason"]) for row in aside] == [
        ("cells.csv", 4, "treatments", f"{NOT_PART}: the subject is not"),
        ("events.csv", 4, "adverse_events", f"{NOT_PART}: the subject is not"),
        ("people.csv", 4, "", NOT_PART),
        ("walks.csv", 6, "wisci2", f"{NOT_PART}: the subject is not"),
        ("walks.csv", 7, "wisci2", f"{NOT_PART}: the subject is not"),
    ]
    steps = found.flow_subjects.set_index("step")
    assert steps.loc["in_files", ["subjects_in", "kept"]].tolist() == [3, 3]
    assert steps.loc["listed", ["kept", "lost", "lost_subjects"]].tolist() == [2, 1, "P3"]
    assert steps.loc["listed", "reasons"] == NOT_PART
    # Cells that are read are those of the study.
    pd.testing.assert_frame_equal(found.flow_cells, before.flow_cells)


def test_without_keep_no_table_speaks_of_it(tmp_path):
    write_files(tmp_path)
    found = clean_small(tmp_path)
    assert "not_part" not in found.flow
    assert "in_files" not in found.flow_subjects["step"].tolist()


def test_rows_that_no_table_takes_are_those_of_their_subject(tmp_path):
    write_arms(tmp_path)
    given = exports({"arm": "active"})
    given["walks"] = {**given["walks"], "ignored": [], "tables": {
        "wisci2": {**given["walks"]["tables"]["wisci2"], "rows": {"note": "y"}}
    }}  # fmt: skip
    walks = (tmp_path / "walks.csv").read_text("utf-8").replace("9,x", "9,y").replace("3,x", "3,y")
    (tmp_path / "walks.csv").write_text(walks.replace("99,y", "99,x"), "utf-8")
    found = clean_small(tmp_path, exports=given)
    assert counts(found, "walks.csv") == [6, 2, 2, 0, 2]
    rows = found.findings.loc[found.findings["rule"] == "content_not_taken", "row"]
    assert rows.tolist() == [4, 5]


def test_an_unknown_subject_is_still_a_fault(tmp_path):
    write_arms(tmp_path)
    with (tmp_path / "events.csv").open("a", encoding="utf-8") as file:
        file.write("P4,Pain,General,1,N,unrelated,2021-05-01,2021-06-01\n")
    found = clean_small(tmp_path, exports=exports({"arm": "active"}))
    assert counts(found, "events.csv") == [4, 2, 1, 0, 1]
    assert "unknown_subject" in found.findings["rule"].tolist()


def test_a_subject_with_a_kept_row_is_part_of_the_study(tmp_path):
    write_arms(tmp_path, {**ARMS, "P3": "active"})
    with (tmp_path / "people.csv").open("a", encoding="utf-8") as file:
        file.write("P3,1,1970-01-01,2021-03-01,2021-03-05,2021-03-06,1,screening\n")
    found = clean_small(tmp_path, exports=exports({"arm": "active"}))
    assert counts(found, "people.csv") == [4, 3, 0, 0, 1]
    assert counts(found, "walks.csv")[-1] == 0


def test_keep_is_for_one_file_where_it_feeds_no_subjects(tmp_path):
    write_arms(tmp_path, dict.fromkeys(ARMS, "active"))
    found = clean_small(tmp_path, exports=exports({"when": ["before"]}, of="walks"))
    assert counts(found, "walks.csv") == [6, 2, 1, 0, 3]
    assert counts(found, "people.csv") == [3, 3, 0, 0, 0]


@pytest.mark.parametrize(
    ("keep", "message", "hint"),
    [
        (
            {"arm": "activ"},
            "none has 'activ' in column arm, which holds 'active' (2 rows), 'control' (1 row)",
            "did you mean 'active'?",
        ),
        ({"arm": "zzz"}, "none has 'zzz' in column arm", "correct exports.*.keep"),
        ({"arm": "control", "sex": "2"}, "'control' in arm and '2' in sex together", "correct"),
        ({"army": "control"}, "column 'army' is missing", "did you mean 'arm'?"),
    ],
)
def test_a_keep_that_keeps_nothing_stops_with_a_line(tmp_path, keep, message, hint):
    write_arms(tmp_path)
    with pytest.raises(InputError) as caught:
        clean_small(tmp_path, exports=exports(keep))
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "\n" not in f"{caught.value.message}{caught.value.hint}"


def test_no_message_shows_the_values_of_a_column_of_names(tmp_path):
    write_arms(tmp_path, {"P1": "Ann Bee", "P2": "Cid Dee", "P3": "Eve Fox"}, header="last_name")
    with pytest.raises(InputError, match="'last_name' is mapped to keep") as caught:
        clean_small(tmp_path, exports=exports({"last_name": "zz"}))
    assert "Ann" not in str(caught.value)
    write_arms(tmp_path, {"P1": "Ann Bee", "P2": "Cid Dee", "P3": "Eve Fox"}, header="by")
    with pytest.raises(InputError, match="3 texts, not shown, as they may be names") as caught:
        clean_small(tmp_path, exports=exports({"by": "Ann Be"}))
    assert "Bee" not in str(caught.value)


def test_values_that_are_not_there_or_almost_kept_are_told(tmp_path):
    write_arms(tmp_path, {"P1": "active", "P2": " Active", "P3": ""})
    found = clean_small(tmp_path, exports=exports({"arm": ["active", "activ"]}))
    told = found.findings.loc[found.findings["column"] == "arm"]
    assert told[["row", "value", "rule", "severity"]].to_dict("records") == [
        {"row": 1, "value": "activ", "rule": "keep_value_absent", "severity": "warning"},
        {"row": 3, "value": "Active", "rule": "keep_value_alike", "severity": "warning"},
        {"row": 4, "value": "", "rule": "keep_value_blank", "severity": "note"},
    ]
    assert "nearest is 'active'" in told["detail"].iloc[0]
    assert counts(found, "people.csv") == [3, 1, 0, 0, 2]


def test_a_sign_that_nobody_sees_does_not_decide_who_is_kept(tmp_path):
    write_arms(tmp_path, {**ARMS, "P2": "active\u200b"})
    found = clean_small(tmp_path, exports=exports({"arm": "active"}))
    assert counts(found, "people.csv") == [3, 2, 0, 0, 1]
    assert "invisible_sign" in found.findings["rule"].tolist()


def test_numbers_count_all_rows_of_the_file(tmp_path):
    write_arms(tmp_path)
    lines = (tmp_path / "events.csv").read_text("utf-8").splitlines()
    numbers = ["number", "1", "3", "2"]
    texts = [f"{line},{number}" for line, number in zip(lines, numbers, strict=True)]
    (tmp_path / "events.csv").write_text("\n".join(texts) + "\n", "utf-8")
    given = exports({"arm": "active"})
    given["events"] = {**given["events"], "keep": {"id": ["P1", "P2"]},
                       "numbered": [{"column": "number"}]}  # fmt: skip
    found = clean_small(tmp_path, exports=given)
    assert "number_left_out" not in found.findings["rule"].tolist()


@pytest.mark.slow
def test_a_correction_of_a_subject_outside_the_study_is_no_fault(tmp_path):
    write_arms(tmp_path)
    entry = ("people.csv", "id=P3", "sex", "1", "2", "asked", "me", "2024-01-01")
    found = clean_small(tmp_path, [entry], exports=exports({"arm": "active"}))
    (told,) = found.findings.loc[found.findings["file"] == "corrections.csv"].to_dict("records")
    assert (told["rule"], told["severity"]) == ("correction_not_part", "note")
    entry = ("people.csv", "id=P9", "sex", "1", "2", "asked", "me", "2024-01-01")
    found = clean_small(tmp_path, [entry], exports=exports({"arm": "active"}))
    (told,) = found.findings.loc[found.findings["file"] == "corrections.csv"].to_dict("records")
    assert told["rule"] == "correction_refused"


def test_a_corrected_code_decides_whose_row_it_is(tmp_path):
    write_arms(tmp_path)
    entry = ("events.csv", "id=P3", "id", "P3", "P1", "asked", "me", "2024-01-01")
    found = clean_small(tmp_path, [entry], exports=exports({"arm": "active"}))
    assert counts(found, "events.csv") == [3, 3, 0, 0, 0]


def test_keyed_codes_are_recorded_in_place_of_study_codes(tmp_path):
    write_arms(tmp_path)
    (tmp_path / "key").write_bytes(bytes(range(32)))
    found = clean_small(
        tmp_path,
        exports=exports({"arm": "active"}),
        subject_code={"key_file": str(tmp_path / "key")},
    )
    assert counts(found, "people.csv") == [3, 2, 0, 0, 1]
    assert counts(found, "walks.csv") == [6, 4, 0, 0, 2]
    assert not found.quarantine.astype("str").isin(["P3"]).any(axis=None)
    assert "P3" not in found.flow_subjects.to_csv()


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    arms=st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=3, max_size=3),
    kept=st.sets(st.sampled_from(["a", "b", "c"]), min_size=1),
    of=st.sampled_from(["people", "walks"]),
)
def test_every_row_is_kept_quarantined_merged_or_not_part(tmp_path_factory, arms, kept, of):
    folder = tmp_path_factory.mktemp("arms")
    write_arms(folder, dict(zip(ARMS, arms, strict=True)))
    if not set(arms) & kept:
        return
    given = exports({"arm": sorted(kept)})
    if of == "walks":
        given["walks"] = {**given["walks"], "keep": {"when": "before"}}
    found = clean_small(folder, exports=given, may_be_empty=["wisci2", "adverse_events"])
    states = ["kept", "quarantined", "merged", "not_part"]
    assert (found.flow["rows_in"] == found.flow[states].sum(axis=1)).all()
    inside = {code for code, arm in zip(ARMS, arms, strict=True) if arm in kept}
    for frame in found.tables.values():
        assert set(frame["subject_id"]) <= inside
    whole = found.flow.loc[found.flow["table"] == "(file)"].set_index("file")
    for file, name in (("people.csv", "id"), ("walks.csv", "id"), ("events.csv", "id")):
        raw = pd.read_csv(folder / file, dtype="str", keep_default_na=False)
        outside = ~raw[name].isin(inside)
        if of == "walks" and file == "walks.csv":
            outside |= raw["when"] != "before"
        assert whole.loc[file, "not_part"] == outside.sum()
        aside = found.quarantine.loc[found.quarantine["file"] == file]
        numbers = aside.loc[aside["reason"].str.startswith(NOT_PART), "row"]
        assert set(numbers) == set(raw.index[outside] + 2)


def test_keep_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        Study.model_validate({**CONFIG, "exports": exports({"arm": []})})


def test_the_record_of_rows_has_codes_only_where_keep_asks(tmp_path):
    write_arms(tmp_path)
    study = Study.model_validate({**CONFIG, "exports": exports({"arm": "active"})})
    export = study.exports["people"]
    args = (tmp_path / "people.csv", None, export, {}, study.characteristics)
    with_codes = ingest_export(*args, is_selected=True).rows
    assert with_codes[CODE].tolist() == ["", "", "P3"]
    assert CODE not in ingest_export(*args).rows


def test_a_code_of_two_columns_is_recorded_whole(tmp_path):
    (tmp_path / "p.csv").write_text("centre,no,sex,arm\n01,7,m,active\n02,7,f,control\n")
    table = {"subjects": {"columns": {"subject_id": ["centre", "no"], "sex": "sex"}}}
    entry = {"file": "p.csv", "tables": table, "keep": {"arm": "active"}}
    export = Export.model_validate(entry)
    rows = ingest_export(tmp_path / "p.csv", None, export, {}, [], is_selected=True).rows
    assert rows[CODE].tolist() == ["", "02-7"]


LONG = """USUBJID,VISIT,QSDTC,QSTESTCD,QSORRES
P-01,base,2023-05-01,scim_feeding,1
P-01,base,2023-05-01,scim_bathing_upper,1
P-02,base,2023-05-01,scim_feeding,1
P-03,base,2023-05-01,scim_bathing_upper,2
P-03,base,2023-05-01,other,2
P-03,m6,2023-11-01,scim_feeding,x
"""


@pytest.mark.slow
def test_each_row_of_a_long_table_is_traced_to_what_became_of_it(tmp_path):
    (tmp_path / "qs.csv").write_text(LONG, "utf-8")
    (tmp_path / "subj.csv").write_text(SUBJECTS.replace("P-03,male", "P-03,female"), "utf-8")
    scim = {
        "long": {"item": "QSTESTCD", "value": "QSORRES"},
        "columns": {"subject_id": "USUBJID", "visit": "VISIT", "date": "QSDTC"},
        "patterns": [{"raw": "(scim_.+)", "column": "{1}"}],
    }
    given = {
        "qs": {"file": "qs.csv", "tables": {"scim3": scim}},
        "subj": {**PEOPLE, "keep": {"sex": "male"}},
    }
    cleaned, results = run_long(tmp_path, given)
    assert counts(cleaned, "qs.csv") == [6, 3, 0, 0, 3]
    assert set(cleaned.tables["subjects"]["subject_id"]) == {"P-01", "P-02"}
    assert (
        not cleaned.findings.loc[cleaned.findings["file"] == "qs.csv", "row"].isin([5, 6, 7]).any()
    )
    of_file = Matching("flow", {"file": "qs.csv", "table": "(file)"})
    for state in (DataQuality.KEPT, DataQuality.QUARANTINED, DataQuality.NOT_PART):
        whole = cleaned.flow.loc[
            (cleaned.flow["file"] == "qs.csv") & (cleaned.flow["table"] == "(file)")
        ]
        assert matching_steps(results, of_file, state, None, None)[0] == whole[state.value].item()
    _, steps = matching_steps(results, of_file, DataQuality.NOT_PART, None, None)
    assert [step.row for step in steps] == ["5", "6", "7"]
    assert all(step.value.startswith(NOT_PART) for step in steps)
    check_cells(results, tmp_path)


def test_the_numbers_of_the_data_count_rows_that_are_not_part(tmp_path):
    write_arms(tmp_path)
    found = clean_small(tmp_path, exports=exports({"arm": "active"}))
    estimates = Estimates("data_quality", "all rows", [*ARMS])
    count_rows(estimates, found.flow)
    count_table_rows(estimates, found.flow)
    values = estimates.table().set_index("estimate_id")["value"]
    assert values["data_quality.walks_csv.not_part"] == 2
    assert values["data_quality.all_files.not_part"] == 5
    assert values["data_quality.adverse_events.table_rows"] == 2
