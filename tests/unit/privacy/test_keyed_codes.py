"""Keyed codes in place of study codes: nothing leads back but the key."""

import re

import pandas as pd
import pytest
from owncontrol.errors import InputError
from owncontrol.findings import reading_rules, workbook_rules
from owncontrol.findings.catalogue import RULES, rules_of
from owncontrol.findings.rule import HIDDEN, template_fields
from owncontrol.ingest.export import ingest_export
from owncontrol.ingest.keyed_rows import raw_rows
from owncontrol.instruments import load_instrument
from owncontrol.privacy.keyed_codes import code_pattern, key_fingerprint, keyed_code, read_key
from owncontrol.study.subjects import CodeRules
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("shown", [False, True])
def test_why_and_who_of_a_correction_undo_keyed_codes(tmp_path, shown):
    write_files(tmp_path)
    about = ("typed on paper by CANARY", "CANARY-who", "2022-01-01")
    entry = ("walks.csv", "id=P1;when=before", "level", "3", "4", *about)
    findings = keyed_study(tmp_path, [entry], correction_reasons=shown).findings
    assert "correction" in set(findings["rule"])
    assert ("CANARY" in findings.to_csv()) is shown
    assert ("2022-01-01" in findings.to_csv()) is shown


@pytest.mark.parametrize("path", ["/proc/self/mem", "/dev/zero", "/", "/proc/kcore"])
def test_what_is_no_key_is_refused_and_not_read_for_ever(path):
    with pytest.raises(InputError, match=r"subject_code\.key_file: ") as caught:
        read_key(path)
    assert "\n" not in caught.value.message


def test_a_key_of_a_megabyte_is_none(tmp_path):
    (tmp_path / "key").write_bytes(b"k" * 2**20)
    with pytest.raises(InputError, match="over 65536 bytes, which no key has"):
        read_key(tmp_path / "key")
    (tmp_path / "key").write_bytes(b"k" * 65_536)
    assert len(read_key(tmp_path / "key")) == 65_536
