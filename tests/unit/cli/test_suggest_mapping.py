"""A proposed mapping is a valid one, finds what is there, and says what it is not sure of."""

import datetime
import re
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
import yaml
from export_files import INSTRUMENTS
from owncontrol.__main__ import main
from owncontrol.basics.yaml_text import read_yaml as read_config
from owncontrol.cli.suggest_mapping import suggest_mapping
from owncontrol.errors import InputError
from owncontrol.ingest.export import ingest_export
from owncontrol.instruments import load_instrument
from owncontrol.study.exports import Export
from owncontrol.study.loading import load_study
from owncontrol.suggest.column_guesses import date_columns, likeness, missing_codes, words

ROOT = Path(__file__).parents[3]
RAW = ROOT / "data" / "raw" / "example"
ALL_INSTRUMENTS = {file.stem: load_instrument(file) for file in sorted(INSTRUMENTS.glob("*.yaml"))}
DECLARED = read_config(ROOT / "config.yaml")["exports"]


def proposed(path, dictionary=None):
    """The entry, checked by ingesting the file with it."""
    ((_, entry),) = yaml.safe_load(suggest_mapping(path, dictionary)).items()
    export = Export.model_validate(entry)
    ingested = ingest_export(path, dictionary, export, ALL_INSTRUMENTS, [])
    return entry, ingested


@pytest.mark.slow
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
    assert "- '-99'  # unsure: is in 'scim_dressing_lower'" in text
    assert "CANARY" not in text
    assert "Synthetica" not in text


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_example_logs():
    entry, _ = proposed(RAW / "cell_processing.csv")
    assert entry["delimiter"] == ";"
    assert entry["numbers"] == ["decimal_comma", "percent_sign"]
    declared = DECLARED["cell_processing"]["tables"]["treatments"]["columns"]
    assert entry["tables"]["treatments"]["columns"] == declared
    text = suggest_mapping(RAW / "cell_processing.csv", None)
    assert "subject_id: infusion_patient  # unsure: taken for its name, not marrow_patient" in text
    entry, _ = proposed(RAW / "adverse_events.csv")
    declared = DECLARED["adverse_events"]["tables"]["adverse_events"]["columns"]
    assert entry["tables"]["adverse_events"]["columns"] == declared
    assert "narrative" in entry["ignored"]


@pytest.mark.slow
@pytest.mark.parametrize("study", ["example", "honmou2021", "case-report", "stroke"])
def test_what_is_not_declared_like_that_is_marked(study):
    config = load_study({"study": study}, ROOT)
    for export in config.exports.values():
        path, name = ROOT / config.raw / export.file, export.dictionary
        dictionary = path.with_name(name) if name else None
        text = suggest_mapping(path, dictionary)
        sure = yaml.safe_load(re.sub(r".*# unsure.*\n", "", text))
        ((_, entry),) = sure.items()
        declared = ingest_export(path, dictionary, export, ALL_INSTRUMENTS, config.characteristics)
        raw = {(row.table, row.column): row.raw_column for row in declared.columns.itertuples()}
        for table, proposal in (entry["tables"] or {}).items():
            for column, raw_column in (proposal["columns"] or {}).items():
                assert raw.get((table, column)) == raw_column, (export.file, table, column)


def test_scores_without_items_are_recorded_ones():
    entry = yaml.safe_load(suggest_mapping(ROOT / "data/raw/case-report/visits.csv", None))
    tables = entry["visits"]["tables"]
    assert {name: table["scores"] for name, table in tables.items()} == {
        "fim_motor": "recorded",
        "isncsci": "recorded",
    }
    assert tables["fim_motor"]["columns"]["recorded_total"] == "fim_motor"


@pytest.mark.slow
def test_codes_are_recoded_by_the_dictionary_or_by_how_they_begin(tmp_path):
    text = suggest_mapping(RAW / "redcap_export.csv", RAW / "redcap_dictionary.csv")
    assert "          '1': male\n          '2': female\n" in text
    assert "# unsure: meaning of '3' in sex" in text
    text = suggest_mapping(ROOT / "data/raw/stroke/patients.csv", None)
    assert "F: female  # unsure: the word begins like that" in text


@pytest.mark.slow
def test_other_sheets_of_a_workbook_are_named():
    text = suggest_mapping(RAW / "isncsci_exams.xlsx", None)
    assert "sheet: Exams  # unsure: the workbook also has About" in text
    assert "missing" not in yaml.safe_load(text)["isncsci_exams"]  # ND is a level there


def test_dates_lie_in_columns_of_dates(tmp_path):
    path = tmp_path / "patients.csv"
    path.write_text(
        "patient,sex,age,injury,release_test,release,infusion\n"
        "P1,male,40,2021-01-01,passed,2021-02-01,2021-02-02 10:00\n"
    )
    ((_, entry),) = yaml.safe_load(suggest_mapping(path, None)).items()
    assert entry["tables"]["subjects"]["columns"]["injury_date"] == "injury"
    treatments = entry["tables"]["treatments"]["columns"]
    assert (treatments["release"], treatments["release_date"]) == ("release_test", "release")
    assert treatments["treatment_start"] == "infusion"


def test_a_statistical_file_and_its_labels(tmp_path):
    path = tmp_path / "v.sav"
    data = pd.DataFrame(
        {"id": ["P1"], "visit": ["d1"], "d": [datetime.date(2021, 2, 1)], "v1": [3.0]}
    )
    pyreadstat.write_sav(data, str(path), column_labels={"v1": "WISCI level"})
    entry, _ = proposed(path)
    assert entry["format"] == "spss"
    assert entry["tables"]["wisci2"]["columns"]["wisci_level"] == "v1"


@pytest.mark.slow
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
