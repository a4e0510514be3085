"""Telephone numbers, e-mail addresses and telling codes in cells; not dates, scores and codes."""

import time

import pandas as pd
import pytest
from export_files import ingest
from owncontrol.errors import InputError
from owncontrol.findings.rule import HIDDEN
from owncontrol.ingest.private_columns import free_text_columns, identifier_columns
from owncontrol.privacy.contacts import (
    contacts_in,
    hide_contacts,
    names_among_codes,
    telling_codes,
)
from small_study import CONFIG, FILES, clean_small, write_files


@pytest.mark.parametrize(
    "text",
    [
        "call +81 90 5550 0100 first",
        "mail a.b@example.org!",
        "a.b＠example.org",
        "03-5550-0100",
        "２０２１年 ０９０−１２３４−５６７８",
        "0171/2345678",
        "06 12 34 56 78",
        "(555) 555-0100",
        "0049 171 2345678",
        "Tel.: 138 1234 5678",
        "phone: 8 (495) 123-45-67",
        "тел 8 495 1234567",
        "電話0312345678",
    ],
)
def test_a_contact_inside_a_text_is_found_and_hidden(text):
    shown, kinds = hide_contacts(text, HIDDEN)
    assert kinds
    assert HIDDEN in shown
    assert not contacts_in(shown)


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-03 10:30",
        "03.04.2021 10:30",
        "2021/01/02-2021/03/04",
        "0.123456789",
        "186000000",
        "1,000,000.00",
        "0123456789012",
        "S-00012345",
        "0-1-2-3-4-5-6-7",
        "120/80 110/70",
        "Dose 0.5-1.5 mg/kg 10-20-30",
        "-180 to +180",
        "2019 2020 2021",
        "hotel 1234567",
        "day 07-14 of 21-28",
        "@ home",
    ],
)
def test_data_are_no_contact(text):
    assert contacts_in(text) == []


@pytest.mark.slow
def test_a_megabyte_of_digits_or_signs_takes_no_time():
    start = time.process_time()
    for text in ("1" * 2**20, "1 " * 2**19, "a@" * 2**19, "+" * 2**20, "(0" * 2**19):
        hide_contacts(text, HIDDEN)
    assert time.process_time() - start < 5


def test_numbers_of_subjects_and_barcodes_are_no_telephone_numbers():
    columns = {
        "USUBJID": ["01-701-1015", "01-701-1023", "01-701-1028"],
        "barcode": ["0123456789012", "0123456789029"],
        "sample_no": ["090-1234-5678", "090-1234-5679"],
        "day": ["186000000", "1.66"],
    }
    for name, cells in columns.items():
        assert not identifier_columns(pd.DataFrame({name: cells}, dtype="str"), {})


def test_one_contact_among_many_cells_is_hidden_and_named_without_its_text(tmp_path):
    write_files(tmp_path, events=("Cystitis", "Cystitis: patient rings on +81 90 5550 0100"))
    cleaned = clean_small(tmp_path)
    found = cleaned.findings.loc[cleaned.findings["rule"] == "identifier_in_cell"]
    assert list(zip(found["file"], found["row"], found["column"], strict=True)) == [
        ("events.csv", 2, "what"),
    ]
    assert f"Cystitis: patient rings on {HIDDEN}" in list(cleaned.tables["adverse_events"]["term"])
    for table in (cleaned.findings, cleaned.quarantine, *cleaned.tables.values()):
        assert "5550" not in table.to_csv()


def test_free_text_without_spaces_between_words_is_free_text():
    texts = {
        "ja": "患者は昨日の夕方に自宅の階段で転倒し、病院に運ばれた。{}",
        "zh": "患者昨天晚上在家中楼梯上摔倒后被送往医院进行治疗。{}",
        "th": "ผู้ป่วยหกล้มที่บ้านเมื่อวานนี้และถูกนำส่งโรงพยาบาลทันที{}",
        "ko": "환자는 어제 저녁 집 계단에서 넘어져 병원에 왔다. {}",
        "fi": "Potilas kertoi kaatuneensa kotona eilen illalla {}.",
    }
    for text in texts.values():
        cells = pd.DataFrame({"x": [text.format(number) for number in range(4)]}, dtype="str")
        assert list(free_text_columns(cells, {})) == ["x"], text
    terms = ["尿路感染症", "肺炎", "起立性低血圧", "深部静脈血栓症"]
    assert not free_text_columns(pd.DataFrame({"x": terms}, dtype="str"), {})


@pytest.mark.parametrize(
    "codes",
    [
        ["JD19610314"],
        ["MUE-14.03.1961", "SCH-01.02.1950"],
        ["JD610314", "AB700203", "XY801112", "MM450506"],
        ["S001-19610314", "S002-19500203", "S003-19700203", "S004-19450506"],
        ["19610314", "19500102"],
        ["Müller, Hans", "Schmidt, Eva"],
        ["TANAKA Yuki", "SUZUKI Ken"],
        ["田中太郎", "鈴木花子"],
        ["김철수", "이영희"],
        ["Иванов И.И.", "Петров П.П."],
    ],
)
def test_codes_that_tell_who_a_person_is(codes):
    assert telling_codes(codes)


@pytest.mark.parametrize(
    "codes",
    [
        ["OC-01", "OC-02"],
        ["01-701-1015", "01-701-1023"],
        ["P010101", "P010102", "P010203", "P020304"],
        ["S20210304", "S20210305", "S20210401", "S20220101"],
        ["A", "B", "C"],
        ["ABC", "DEF"],
        ["1", "2"],
        [],
    ],
)
def test_codes_that_tell_nothing(codes):
    assert not telling_codes(codes)


def test_codes_made_of_a_birth_date_stop_the_run_unless_permitted_or_keyed(tmp_path):
    walks = FILES["walks.csv"].replace("P1", "JD19610314").replace("P2", "AB19700203")
    (tmp_path / "walks.csv").write_text(walks)
    tables = {"wisci2": CONFIG["exports"]["walks"]["tables"]["wisci2"]}
    with pytest.raises(InputError, match=r"'id' is mapped to wisci2\.subject_id, but its") as told:
        ingest(tmp_path / "walks.csv", tables=tables)
    assert "19610314" not in told.value.message
    assert "identifiers_allowed" in told.value.hint
    ingest(tmp_path / "walks.csv", tables=tables, identifiers_allowed=["id"])


@pytest.mark.parametrize("name", ["Źdźbłowska Bożydara", "Müller", "佐藤花子", "Иванов И.И."])
def test_a_name_among_codes_is_no_code_and_is_not_shown(tmp_path, name):
    rows = FILES["walks.csv"] + f"{name},before,2021-08-01,5,x\n"
    (tmp_path / "walks.csv").write_text(rows, "utf-8")
    tables = {"wisci2": CONFIG["exports"]["walks"]["tables"]["wisci2"]}
    found = ingest(tmp_path / "walks.csv", tables=tables)
    assert "" in found.tables["wisci2"]["subject_id"].tolist()
    shown = found.tables["wisci2"].to_csv() + found.findings.to_csv() + found.rows.to_csv()
    assert name not in shown
    (told,) = found.findings.loc[found.findings["rule"] == "identifier_in_cell", "detail"]
    assert "name of a person" in told
    permitted = ingest(tmp_path / "walks.csv", tables=tables, identifiers_allowed=["id"])
    assert name in permitted.tables["wisci2"]["subject_id"].tolist()


def test_two_codes_that_are_telephone_numbers_are_not_one_subject(tmp_path):
    rows = "".join(f"+81 90 5550 010{n},before,2021-08-01,5,x\n" for n in range(2))
    (tmp_path / "walks.csv").write_text(FILES["walks.csv"] + rows, "utf-8")
    tables = {"wisci2": CONFIG["exports"]["walks"]["tables"]["wisci2"]}
    found = ingest(tmp_path / "walks.csv", tables=tables)
    assert found.tables["wisci2"]["subject_id"].tolist().count("") == 2
    assert not found.tables["wisci2"]["subject_id"].str.contains("shown").any()


@pytest.mark.parametrize(
    "codes", [["P1", "P2", "P3a"], ["A", "B", "C1"], ["P1", "TOTAL"], ["P1", "P-X"], []]
)
def test_codes_without_names_among_them(codes):
    assert not names_among_codes(codes)
