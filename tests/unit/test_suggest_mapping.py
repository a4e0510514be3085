"""A proposed mapping is a valid one, finds what is there, and says what it is not sure of."""

import datetime
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
import yaml
from export_files import INSTRUMENTS
from owncontrol.__main__ import main
from owncontrol.column_guesses import date_columns, likeness, missing_codes, words
from owncontrol.commands.suggest_mapping import suggest_mapping
from owncontrol.config import SCHEMA, fill_defaults, read_yaml
from owncontrol.config import read_yaml as read_config
from owncontrol.errors import InputError
from owncontrol.ingest import ingest_export
from owncontrol.instruments import load_instrument

ROOT = Path(__file__).parents[2]
RAW = ROOT / "data" / "raw" / "example"
DECLARED = read_config(ROOT / "config.yaml")["exports"]


def proposed(path, dictionary=None):
    """The entry, checked by ingesting the file with it."""
    ((_, entry),) = yaml.safe_load(suggest_mapping(path, dictionary)).items()
    part = read_yaml(SCHEMA)["properties"]["exports"]["additionalProperties"]
    instruments = {file.stem: load_instrument(file) for file in sorted(INSTRUMENTS.glob("*.yaml"))}
    ingested = ingest_export(path, dictionary, fill_defaults(entry, part), instruments, [])
    return entry, ingested


def test_the_example_redcap_export():
    entry, ingested = proposed(RAW / "redcap_export.csv", RAW / "redcap_dictionary.csv")
    declared = DECLARED["redcap"]
    assert entry["dates"] == declared["dates"]
    assert set(entry["missing"]) == set(declared["missing"])
    private = {"family_name", "date_of_birth", "hospital_number", "phone", "enrolment_notes"}
    assert private <= set(entry["ignored"])
    scim = entry["tables"]["scim3"]["columns"]
    assert scim["recorded_total"] == "scim_total_recorded"
    assert scim["date"] == "scim_date"
    assert sum(name.startswith("scim_") for name in scim) == 19
    assert entry["tables"]["wisci2"]["columns"] == declared["tables"]["wisci2"]["columns"]
    subjects = entry["tables"]["subjects"]["columns"]
    assert all(
        declared["tables"]["subjects"]["columns"][name] == raw for name, raw in subjects.items()
    )
    assert len(ingested.tables["scim3"])
    text = suggest_mapping(RAW / "redcap_export.csv", RAW / "redcap_dictionary.csv")
    assert "- '-99'  # unsure: stands in 'scim_dressing_lower'" in text
    assert "CANARY" not in text
    assert "Synthetica" not in text


def test_the_example_workbook_has_every_cell_of_the_exam():
    entry, ingested = proposed(RAW / "isncsci_exams.xlsx")
    columns = entry["tables"]["isncsci"]["columns"]
    assert columns["right_motor_c5"] == "R C5 motor"
    assert columns["left_pin_prick_s4_5"] == "L S4-5 PP"
    declared = DECLARED["isncsci_workbook"]["tables"]["isncsci"]["columns"]
    for name in set(declared) & set(columns):
        assert columns[name] == declared[name], name
    assert len(set(declared) - set(columns)) <= 3
    assert len(columns) >= 132 + 2 + 3
    assert len(ingested.tables["isncsci"]) > 100


def test_the_example_logs():
    entry, _ = proposed(RAW / "cell_processing.csv")
    assert entry["delimiter"] == ";"
    assert entry["tables"]["treatments"]["columns"]["treatment_start"] == "infusion_start"
    text = suggest_mapping(RAW / "cell_processing.csv", None)
    assert "subject_id: marrow_patient  # unsure" in text
    entry, _ = proposed(RAW / "adverse_events.csv")
    declared = DECLARED["adverse_events"]["tables"]["adverse_events"]["columns"]
    assert entry["tables"]["adverse_events"]["columns"] == declared
    assert "narrative" in entry["ignored"]


def test_a_statistical_file_and_its_labels(tmp_path):
    path = tmp_path / "v.sav"
    data = pd.DataFrame(
        {"id": ["P1"], "visit": ["d1"], "d": [datetime.date(2021, 2, 1)], "v1": [3.0]}
    )
    pyreadstat.write_sav(data, str(path), column_labels={"v1": "WISCI level"})
    entry, _ = proposed(path)
    assert entry["format"] == "spss"
    assert entry["tables"]["wisci2"]["columns"]["wisci_level"] == "v1"


@pytest.mark.parametrize(
    ("encoding", "word"), [("utf-16", "歩"), ("shift_jis", "歩行"), ("utf-8-sig", "ü")]
)
def test_encodings_are_found(tmp_path, encoding, word):
    path = tmp_path / "walks.csv"
    text = f"id\tvisit\tdate\twisci level\tnote\nP1\tbefore\t01/02/2021\t3\t{word}\n"
    path.write_bytes(text.encode(encoding))
    entry, _ = proposed(path)
    assert entry.get("encoding", "utf-8") == encoding.removesuffix("-sig")
    assert entry["delimiter"] == "\t"
    assert "'%d/%m/%Y'  # unsure: 'date' can also be read as %m/%d/%Y" in suggest_mapping(
        path, None
    )


def test_a_file_that_is_like_nothing_says_so(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    assert "# unsure: no table or instrument" in suggest_mapping(tmp_path / "x.csv", None)
    with pytest.raises(InputError, match="no such file"):
        suggest_mapping(tmp_path / "none.csv", None)


def test_a_dictionary_in_place_of_the_export_is_told():
    with pytest.raises(InputError, match="data dictionary"):
        suggest_mapping(RAW / "redcap_dictionary.csv", None)


def test_the_command_prints_it(capsys):
    assert main(["suggest-mapping", str(RAW / "adverse_events.csv")]) == 0
    assert capsys.readouterr().out == suggest_mapping(RAW / "adverse_events.csv", None)


def test_words_of_the_field_are_spelt_out():
    assert words("R C5 LT") == words("right_light_touch_c5")
    assert words("patientCode") == {"subject", "id", "code"}
    assert likeness(words("date"), words("scim date")) == pytest.approx(0.9)
    assert likeness(words("feeding"), words("grooming")) == 0


def test_a_number_is_a_missing_code_only_far_from_the_others():
    cells = pd.DataFrame({"a": ["1", "5", "-99"], "b": ["90", "99", "100"], "c": ["UNK", "1", ""]})
    assert list(missing_codes(cells)) == ["-99", "UNK"]


def test_day_and_month_that_cannot_be_told_apart_are_two_forms():
    cells = pd.DataFrame({"a": ["01/02/2021", "03/04/2021"], "b": ["13/02/2021", "01/02/2021"]})
    found = date_columns(cells, [])
    assert found["a"].usual == ("%d/%m/%Y", "%m/%d/%Y")
    assert found["b"].usual == ("%d/%m/%Y",)
