"""Identifiers and free text stay in the raw files; study codes can be replaced by keyed ones."""

import random
import re
import time
import unicodedata

import pandas as pd
import pytest
from export_files import ingest
from owncontrol.analysis.patients import describe_number
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.numbers import Numbers
from owncontrol.findings import reading_rules, workbook_rules
from owncontrol.findings.catalogue import RULES, rules_of
from owncontrol.findings.rule import HIDDEN, template_fields
from owncontrol.ingest.export import ingest_export
from owncontrol.ingest.keyed_rows import raw_rows
from owncontrol.ingest.private_columns import free_text_columns, identifier_columns, mask
from owncontrol.ingest.redcap import Field
from owncontrol.instruments import load_instrument
from owncontrol.lineage.results import Results
from owncontrol.privacy.keyed_codes import code_pattern, key_fingerprint, keyed_code, read_key
from owncontrol.study.subjects import Characteristic, CodeRules, age_columns
from small_study import (
    CONFIG,
    FILES,
    INSTRUMENTS,
    clean_small,
    small_config,
    small_study,
    write_files,
)

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


@pytest.mark.parametrize("rule", sorted((rule for rule in RULES if rule.raw_places), key=str))
def test_a_finding_under_keyed_codes_names_no_raw_row_in_its_sentence(rule):
    facts = dict.fromkeys(template_fields(rule), "7")
    made = rule(**{**facts, "point": 7} if "point" in facts else facts)
    assert "7" in made.detail
    hidden = made.without_raw_places()
    assert all(vars(hidden)[name] == HIDDEN for name in rule.raw_places)


def test_rules_of_reading_that_name_a_raw_row_say_so():
    # What names a line, a row or an area of the raw file, by the words around the field.
    naming = re.compile(r"\b(?:lines?|rows?|cells?) \{(\w+)\}|\{(area)\}")
    for rule in [*rules_of(reading_rules), *rules_of(workbook_rules)]:
        found = {name for pair in naming.findall(rule.sentence) for name in pair if name}
        assert found <= set(rule.raw_places), rule


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


def keyed_study(tmp_path, corrections=None, **changes):
    """The small study under keyed codes, with more rows than two."""
    (tmp_path / "key").write_bytes(KEY)
    code = {"key_file": str(tmp_path / "key"), "prefix": "S-", "correction_reasons": False}
    return clean_small(tmp_path, corrections, subject_code={**code, **changes})


def many_walks(tmp_path):
    write_files(tmp_path)
    head, *lines = FILES["walks.csv"].splitlines()
    wrong = [f"P1,before,2021-02-01,{number},x" for number in range(60, 100)]
    (tmp_path / "walks.csv").write_text("\n".join([head, *lines, *wrong]) + "\n")


def test_under_keyed_codes_a_row_has_another_number_and_another_place(tmp_path):
    many_walks(tmp_path)
    findings = keyed_study(tmp_path).findings
    refused = findings.loc[findings["rule"] == "not_permitted"]
    rows = dict(zip(refused["value"].astype(int), refused["row"], strict=True))
    raw = {level: level - 60 + 6 for level in rows}
    assert set(rows.values()) <= set(range(2, 47))
    assert sum(rows[level] == raw[level] for level in rows) < 8
    in_order = [rows[level] for level in sorted(rows)]
    assert in_order != sorted(in_order)
    assert (
        findings["row"]
        .dropna()
        .groupby(findings["file"])
        .apply(lambda rows: rows.is_monotonic_increasing)
        .all()
    )


def test_the_holder_of_the_key_finds_the_raw_rows_again_and_nobody_else(tmp_path):
    many_walks(tmp_path)
    (tmp_path / "key").write_bytes(KEY)
    code = {"key_file": str(tmp_path / "key"), "prefix": "S-", "correction_reasons": False}
    study = small_study(subject_code=code)
    instruments = {"wisci2": load_instrument(INSTRUMENTS / "wisci2.yaml")}
    read = ingest_export(
        tmp_path / "walks.csv",
        None,
        study.exports["walks"],
        instruments,
        [],
        CodeRules.taken_from(study),
    )
    found = raw_rows(read.rows, KEY, "walks.csv")
    table = read.tables["wisci2"]
    assert list(table["source_row"]) == sorted(table["source_row"])
    for row, level in zip(table["source_row"], table["wisci_level"].astype("str"), strict=True):
        if level.isdecimal() and int(level) >= 60:
            assert found[row] == int(level) - 60 + 6
    with pytest.raises(InputError, match="not those of this key"):
        raw_rows(read.rows, KEY[::-1], "walks.csv")


def test_a_rule_that_asks_for_the_first_row_gets_that_of_the_raw_file(tmp_path):
    write_files(tmp_path)
    head, *lines = FILES["walks.csv"].splitlines()
    again = [f"P1,before,2021-02-01,{level},x" for level in (4, 5, 6, 7, 8)]
    (tmp_path / "walks.csv").write_text("\n".join([head, *lines, *again]) + "\n")
    walks = CONFIG["exports"]["walks"]
    table = {**walks["tables"]["wisci2"], "duplicates": "keep_first"}
    exports = {**CONFIG["exports"], "walks": {**walks, "tables": {"wisci2": table}}}
    (tmp_path / "key").write_bytes(KEY)
    code = {"key_file": str(tmp_path / "key"), "prefix": "S-", "correction_reasons": False}
    plain = clean_small(tmp_path, exports=exports).tables["wisci2"]
    keyed = clean_small(tmp_path, exports=exports, subject_code=code).tables["wisci2"]
    assert sorted(keyed["wisci_level"].dropna()) == sorted(plain["wisci_level"].dropna())


@pytest.mark.parametrize("shown", [False, True])
def test_why_and_who_of_a_correction_undo_keyed_codes(tmp_path, shown):
    write_files(tmp_path)
    about = ("typed on paper by CANARY", "CANARY-who", "2022-01-01")
    entry = ("walks.csv", "id=P1;when=before", "level", "3", "4", *about)
    findings = keyed_study(tmp_path, [entry], correction_reasons=shown).findings
    assert "correction" in set(findings["rule"])
    assert ("CANARY" in findings.to_csv()) is shown
    assert ("2022-01-01" in findings.to_csv()) is shown


CANARIES = [
    "Müller, Hans", "佐藤花子", "Иванов Пётр", "محمد علي", "1961-03-14", "14.03.1961",
    "１９６１−０３−１４", "090-1234-5678", "+81 90 5550 0100", "A123456789", "hans@example.org",
    "MRN 00112233",
    "Er stürzte am Abend zu Hause.", "患者は自宅で転倒した。", "JD19610314",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("canary", CANARIES)
def test_what_a_refused_cell_holds_is_in_no_table_but_the_findings(tmp_path, canary):
    """Planted into columns of each file, drawn again for each text; not where any text may be."""
    drawn = random.Random(canary)
    for name, text in FILES.items():
        sign = ";" if name == "cells.csv" else ","
        head, *lines = text.splitlines()
        names = [*enumerate(head.split(sign))]
        names = [pair for pair in names if pair[1] not in ("what", "class", "note", "born")]
        for place, column in drawn.sample(names, 2):
            write_files(tmp_path)
            number = drawn.randrange(len(lines))
            cells = lines[number].split(sign)
            cells[place] = f'"{canary}"'
            planted = [*lines[:number], sign.join(cells), *lines[number + 1 :]]
            (tmp_path / name).write_text("\n".join([head, *planted]) + "\n", "utf-8")
            try:
                cleaned = clean_small(tmp_path)
            except InputError as error:
                assert canary not in error.message
                continue
            flows = (cleaned.flow, cleaned.flow_cells, cleaned.flow_subjects, cleaned.quarantine)
            for table in (*flows, *cleaned.tables.values()):
                whole = table.to_csv()
                assert canary not in whole, (name, column)
                assert unicodedata.normalize("NFKC", canary) not in whole, (name, column)


def test_the_report_shows_no_text_of_a_refused_cell(tmp_path):
    (tmp_path / "cleaned").mkdir()
    columns = ["file", "row", "column", "value", "rule", "severity", "action", "detail"]
    findings = pd.DataFrame(
        [
            ("a.csv", 3, "day", "CANARY", "not_permitted", "error", "aside", "'CANARY' is no date"),
            ("a.csv", 4, "day", "1", "date_form", "note", "read as 2", "another form"),
        ],
        columns=columns,
    )
    findings.to_csv(tmp_path / "cleaned" / "findings.csv", index=False)
    shown = Results(tmp_path, for_report=True).findings
    assert "CANARY" not in shown.to_csv()
    assert list(shown["value"]) == [HIDDEN, "1"]
    assert "CANARY" in Results(tmp_path).findings.to_csv()


def aged(tmp_path, ages, again=(), **config):
    """A small study whose subjects have these ages; ``again``: subjects with one row more."""
    head, *lines = FILES["people.csv"].splitlines()
    lines += [line for line in lines if line.partition(",")[0] in again]
    rows = [f"{line},{age}" for line, age in zip(lines, ages, strict=True)]
    write_files(tmp_path)
    (tmp_path / "people.csv").write_text("\n".join([f"{head},age", *rows]) + "\n")
    people = CONFIG["exports"]["people"]
    subjects = people["tables"]["subjects"]
    table = {**subjects, "columns": {**subjects["columns"], "age": "age"}}
    exports = {**CONFIG["exports"], "people": {**people, "tables": {"subjects": table}}}
    return clean_small(tmp_path, exports=exports, **config)


@pytest.mark.parametrize(("age", "kept"), [("89", 89), ("90", 90), ("93", 90), ("101.5", 90)])
def test_an_age_above_89_is_90_unless_permitted(tmp_path, age, kept):
    cleaned = aged(tmp_path, ("41", age))
    assert list(cleaned.tables["subjects"]["age"]) == [41, kept]
    shown = aged(tmp_path, ("41", age), ages_above_89=True)
    assert list(shown.tables["subjects"]["age"]) == [41, float(age)]


def test_an_age_above_89_is_in_no_finding(tmp_path):
    findings = aged(tmp_path, ("41", " 93,5 ")).findings
    assert "93" not in findings.loc[findings["column"] == "age"].to_csv(index=False)


def test_an_age_above_89_is_in_no_finding_of_another_rule(tmp_path):
    item = CONFIG["characteristics"][0]
    requires = {"column": "age", "minimum": 20, "maximum": 70}
    findings = aged(
        tmp_path, ("41", "93"), characteristics=[{**item, "requires": requires}]
    ).findings
    told = findings.loc[findings["rule"] == "contradicts", "detail"]
    assert len(told) == 1
    assert "93" not in told.iloc[0]


def test_an_age_above_89_is_in_no_finding_of_a_refused_correction(tmp_path):
    wrong = {"file": "people.csv", "row_key": "id=P2", "column": "age", "from": "97", "to": "60"}
    wrong |= {"why": "typed wrong", "who": "ada", "when": "2022-01-01"}
    findings = aged(tmp_path, ("41", "93"), corrections=[wrong]).findings
    (told,) = findings.loc[findings["rule"] == "correction_refused"].to_dict("records")
    assert told["value"] == "90+"
    assert "holds '90+'" in told["detail"]


def test_ages_above_89_of_two_people_with_one_code_are_in_no_finding(tmp_path):
    findings = aged(tmp_path, ("96", "41", "91"), again=["P1"]).findings
    (two, also) = findings.loc[findings["rule"] == "two_people", "detail"]
    assert two == also
    assert "contradict each other in age (90+, 90+):" in two


@pytest.mark.parametrize(
    ("name", "label", "unit", "is_age"),
    [
        ("age_at_onset", "Onset", "years", True),
        ("x", "Alter bei Aufnahme", "Jahre", True),
        ("x", "発症時年齢", "歳", False),  # a word inside another is not looked for
        ("x", "年齢", "歳", True),
        ("schooling", "Education", "years", False),
        ("age_score", "Age score", "points", False),
    ],
)
def test_which_characteristic_is_an_age(name, label, unit, is_age):
    item = Characteristic(name=name, label=label, type="number", unit=unit)
    assert (name in age_columns([item], above_89=False)) is is_age
    assert age_columns([item], above_89=True) == set()


def test_the_report_prints_an_age_of_90_or_above_as_90_plus():
    estimates = Estimates("patients", "treated", ["P1", "P2", "P3"])
    rows = pd.DataFrame({"age": [41.0, 60.0, 90.0], "row_id": ["p:2", "p:3", "p:4"]})
    describe_number(estimates, "subjects", rows, "age", "years")
    table = estimates.table()
    numbers = Numbers(table, lambda shown: shown.text)
    assert numbers.value("patients.age.maximum") == "90+"
    assert numbers.value("patients.age.minimum") == "41"
    assert "90+" in numbers.columns()["value"]
