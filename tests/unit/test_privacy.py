"""Identifiers and free text stay in the raw files; study codes can be replaced by keyed ones."""

import time

import pandas as pd
import pytest
from export_files import ingest
from owncontrol.errors import InputError
from owncontrol.ingest.privacy import HIDDEN, free_text_columns, identifier_columns, mask
from owncontrol.ingest.redcap import Field
from owncontrol.subject_codes import code_pattern, key_fingerprint, keyed_code, read_key
from small_study import CONFIG, FILES, clean_small, small_config, write_files

KEY = b"0123456789abcdef0123456789abcdef"


def looks(**columns):
    return identifier_columns(pd.DataFrame(columns, dtype="str"), {})


@pytest.mark.parametrize(
    "name",
    [
        "family_name",
        "Patient Name",
        "patientName",
        "NAME",
        "examiner_name",
        "initials",
        "date_of_birth",
        "DOB",
        "BRTHDTC",
        "phone",
        "Tel.",
        "e-mail",
        "home_address",
        "postcode",
        "MRN",
        "hospital_number",
        "medical record no",
        "氏名",
        "生年月日",
        "電話番号",
        "カルテ番号",
    ],
)
def test_a_column_whose_name_says_that_it_is_an_identifier(name):
    assert looks(**{name: ["x"]})


@pytest.mark.parametrize(
    "name",
    [
        "record_id",
        "Patient",
        "USUBJID",
        "redcap_event_name",
        "visit name",
        "lot_name",
        "scim_mobile",
        "R C5 motor",
        "treatment_start",
        "Examiner",
        "telemetry",
    ],
)
def test_a_column_whose_name_says_nothing_of_the_kind(name):
    assert not looks(**{name: ["x"]})


@pytest.mark.parametrize(
    "cells",
    [
        ["a.b@example.org", "", "c@d.example"],
        ["03-5550-0100", "03-5550-0101"],
        ["+81 90 5550 0100", "090 5550 0101"],
        ["(555) 555-0100", "555-555-0101"],
    ],
)
def test_a_column_whose_cells_look_like_an_identifier(cells):
    assert looks(x=cells)


def test_dates_of_birth_are_known_by_how_far_back_they_lie():
    visits = ["2021-02-01", "2021-08-01", "2022-01-01"]
    assert list(looks(a=["1950-01-01", "1980-05-01", "1999-12-31"], b=visits)) == ["a"]
    assert list(looks(a=["01/02/1950", "05.01.1980", "31.12.1999"], b=visits)) == ["a"]
    assert not looks(a=["2019-01-01", "2020-05-01", "2021-12-31"], b=visits)


@pytest.mark.parametrize(
    "cells",
    [
        ["2021-02-01", "2021-08-01"],
        ["2021-02-01 10:30", "2021-08-01 09:00"],
        ["0.123456789", "1.5"],
        ["186000000", "1.66"],
        ["OC-01", "OC-02"],
        ["12", "0"],
    ],
)
def test_data_do_not_look_like_an_identifier(cells):
    assert not looks(x=cells)


def test_a_megabyte_in_a_cell_is_looked_at_by_its_beginning():
    start = time.process_time()
    assert not looks(x=["1" * 2**20, "1 " * 2**19, "a@" * 2**19, "2021-02-03"])
    assert time.process_time() - start < 1


def test_free_text_is_known_by_dictionary_and_content():
    note = Field("remark", "form", "notes", "Remark", {}, "", "", "", False, "dictionary.csv")
    cells = pd.DataFrame(
        {
            "remark": ["x", "y", "z"],
            "story": [f"SYNTHETIC patient {n} came in by ambulance on that day" for n in range(3)],
            "term": ["Injury, poisoning and procedural complications", "Fever", "Pain"],
        }
    )
    assert list(free_text_columns(cells, {"remark": note})) == ["remark", "story"]


def people(**changes):
    mapping = CONFIG["exports"]["people"]["tables"]["subjects"]
    columns = {**mapping["columns"], **changes}
    del columns["old_enough"]  # a characteristic, which ingest() does not declare
    return {"subjects": {"columns": columns}}


def test_a_mapped_identifier_stops_the_run_in_one_line(tmp_path):
    write_files(tmp_path)
    tables = people(consent_date="born")
    with pytest.raises(
        InputError, match=r"'born' is mapped to subjects\.consent_date, but its name"
    ):
        ingest(tmp_path / "people.csv", tables=tables)
    found = ingest(tmp_path / "people.csv", tables=tables, identifiers_allowed=["born"])
    assert list(found.tables["subjects"]["consent_date"]) == ["1980-01-01", "1990-01-01"]


def test_mapped_free_text_stops_the_run_in_one_line(tmp_path):
    head, *lines = FILES["events.csv"].splitlines()
    text = [
        line.replace(",", f",it was on that day that he said {n} of ", 1)
        for n, line in enumerate(lines * 2)
    ]
    (tmp_path / "events.csv").write_text("\n".join([head, *text]) + "\n")
    tables = {"adverse_events": CONFIG["exports"]["events"]["tables"]["adverse_events"]}
    with pytest.raises(
        InputError, match=r"'what' is mapped to adverse_events\.term, but its cells"
    ):
        ingest(tmp_path / "events.csv", tables=tables)
    assert len(
        ingest(tmp_path / "events.csv", tables=tables, free_text_allowed=["what"]).tables[
            "adverse_events"
        ]
    )


def test_findings_do_not_carry_what_a_permitted_identifier_holds(tmp_path):
    write_files(tmp_path, people=("1980-01-01", "CANARY-1"))
    entry = CONFIG["exports"]["people"]
    subjects = entry["tables"]["subjects"]
    columns = {**subjects["columns"], "consent_date": "born"}
    exports = {
        **CONFIG["exports"],
        "people": {
            **entry,
            "ignored": ["consent"],
            "identifiers_allowed": ["born"],
            "tables": {"subjects": {**subjects, "columns": columns}},
        },
    }
    cleaned = clean_small(tmp_path, exports=exports)
    fault = cleaned.findings.loc[cleaned.findings["column"] == "born"].iloc[0]
    assert fault["value"] == HIDDEN
    assert not cleaned.findings.map(lambda cell: "CANARY-1" in str(cell)).any(axis=None)
    assert not cleaned.findings.map(lambda cell: "1990-01-01" in str(cell)).any(axis=None)


def test_planted_identifiers_do_not_get_past_ingest(tmp_path):
    text = "id,family_name,phone,remark,level,when,day\n" + "".join(
        f"P{n},CANARY-name{n},000-5550-010{n},CANARY-note{n} was here,{n},before,2021-02-01\n"
        for n in (1, 2)
    )
    (tmp_path / "walks.csv").write_text(text + "P3,CANARY-name3,000-5550-0103\n")
    tables = {"wisci2": CONFIG["exports"]["walks"]["tables"]["wisci2"]}
    found = ingest(tmp_path / "walks.csv", tables=tables, ignored=["remark"])
    for table in (*found.tables.values(), found.rows, found.columns, found.findings):
        whole = table.to_csv()
        assert "CANARY" not in whole
        assert "5550" not in whole


def test_mask_hides_a_value_wherever_the_finding_repeats_it():
    columns = ["file", "row", "column", "value", "rule", "severity", "action", "detail"]
    rows = [
        ("a.csv", 2, "dob", " X1 ", "r", "error", "read as X1", "'X1' is no date"),
        ("a.csv", 2, "level", "X1", "r", "error", "none", "'X1'"),
        ("b.csv", 2, "dob", "X1", "r", "error", "none", "'X1'"),
    ]
    masked = mask(pd.DataFrame(rows, columns=columns), [("a.csv", "dob")])
    assert tuple(masked.loc[0, ["value", "action", "detail"]]) == (
        HIDDEN,
        f"read as {HIDDEN}",
        f"'{HIDDEN}' is no date",
    )
    assert list(masked["value"][1:]) == ["X1", "X1"]


def test_keyed_codes_are_those_of_the_key_and_of_nothing_else(tmp_path):
    (tmp_path / "key").write_bytes(KEY + b"\n")
    (tmp_path / "other").write_bytes(KEY[::-1])
    key = read_key(tmp_path / "key")
    assert key == KEY
    # printf P1 | openssl dgst -sha256 -hmac 0123... -binary | base32
    assert keyed_code("P1", key, "S-") == "S-3H4PSP454H"
    assert keyed_code("P1", key, "S-") != keyed_code("P2", key, "S-")
    assert keyed_code("P1", key, "S-") != keyed_code("P1", KEY[::-1], "S-")
    assert key_fingerprint(tmp_path / "key") != key_fingerprint(tmp_path / "other")
    assert pd.Series([keyed_code("P1", key, "S-")]).str.fullmatch(code_pattern("S-")).all()


def test_a_key_that_is_missing_short_or_in_the_results_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_key("key")
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(InputError, match="5 bytes; a key has 16 or more"):
        read_key("key")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "key").write_bytes(KEY)
    with pytest.raises(InputError, match="lies in the results"):
        read_key("results/key")


def test_a_study_with_keyed_codes_has_no_study_code_left(tmp_path):
    (tmp_path / "key").write_bytes(KEY)
    write_files(tmp_path, events=("P2,Fever", "p2 ,Fever"), walks=("P2,before", "X9,before"))
    code = {"key_file": str(tmp_path / "key"), "prefix": "S-"}
    plain = clean_small(tmp_path)
    keyed = clean_small(tmp_path, subject_code=code)
    codes = {name: keyed_code(name, KEY, "S-") for name in ("P1", "P2")}
    for name, table in plain.tables.items():
        expected = table.copy()
        for column in ("subject_id", "source_subject_id"):
            if column in table:
                expected[column] = table[column].map(codes).astype("object")
        # A row has another name, too.
        columns = list(expected.columns.drop("row_id"))
        pd.testing.assert_frame_equal(
            keyed.tables[name][columns].sort_values(columns, ignore_index=True),
            expected[columns].sort_values(columns, ignore_index=True),
        )
    shown = keyed.findings.to_csv(index=False)
    assert "X9" not in shown
    assert "P2" not in shown
    hidden = keyed.findings.loc[keyed.findings["rule"] == "not_permitted"].iloc[0]
    assert (hidden["file"], hidden["value"]) == ("walks.csv", HIDDEN)


def test_corrections_name_a_subject_by_the_study_code_and_show_the_keyed_one(tmp_path):
    (tmp_path / "key").write_bytes(KEY)
    write_files(tmp_path)
    code = {"key_file": str(tmp_path / "key"), "prefix": "S-"}
    who = ("paper", "manager", "2022-01-01")
    entry = ("walks.csv", "id=P1;when=before", "level", "3", "4", *who)
    mistyped = ("walks.csv", "id=X9;when=before", "id", "X9", "P1", *who)
    cleaned = clean_small(tmp_path, [entry, mistyped], subject_code=code)
    refused = cleaned.findings.loc[cleaned.findings["rule"] == "correction_refused"]
    assert list(refused["value"]) == ["id=(no study code);when=before"]
    assert "X9" not in cleaned.findings.to_csv(index=False)
    walks = cleaned.tables["wisci2"].set_index(["subject_id", "visit"])["wisci_level"]
    assert walks[keyed_code("P1", KEY, "S-"), "before"] == "4"
    assert "correction" in set(cleaned.findings["rule"])
    assert "P1" not in cleaned.findings.to_csv(index=False)


def test_the_default_keeps_the_study_codes():
    assert small_config()["subject_code"]["key_file"] == ""
