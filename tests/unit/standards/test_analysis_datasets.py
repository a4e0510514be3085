"""ADSL, ADQS, ADAE and define.xml of a small study: by hand, and read back by another reader."""

import json
from datetime import datetime

import pandas as pd
import pyreadstat
import pytest
from lxml import etree
from owncontrol.ingest.readers import read_export
from owncontrol.standards.analysis_datasets import analysis_datasets
from owncontrol.standards.columns import Results
from owncontrol.standards.dataset import short_label, short_name
from owncontrol.standards.define_xml import write_define
from owncontrol.standards.files import write_dataset_json, write_transport
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.exports import ReadingOptions
from owncontrol.study.model import Study
from small_study import CONFIG

MADE = datetime(2026, 11, 29, 10, 15)
ODM, DEF = "{http://www.cdisc.org/ns/odm/v1.3}", "{http://www.cdisc.org/ns/def/v2.1}"
ENDPOINTS = [
    {
        "name": "walking",
        "label": "Walking",
        "instrument": "wisci2",
        "scale": "level",
        "family": "primary",
    },
]
STUDY = Study.model_validate(CONFIG | {"endpoints": ENDPOINTS})
SUBJECTS = pd.DataFrame(
    {
        "subject_id": ["P2", "P1", "P3"],
        "sex": ["female", "male", None],
        "consent_day": pd.array([3, 4, None], "Int64"),
        "injury_day": pd.array([0, 0, 0], "Int64"),
        "old_enough": pd.array([True, False, None], "boolean"),
    }
)
TREATMENTS = pd.DataFrame(
    {"subject_id": ["P1", "P2", "P2"], "treatment_start_day": pd.array([32, 40, 28], "Int64")}
)
EVENTS = pd.DataFrame(
    {
        "row_id": ["events:2", "events:3", "events:4"],
        "subject_id": ["P2", "P1", "P2"],
        "term": ["Fever", "Cystitis", "é" * 150],
        "grade": pd.array([1, 2, None], "Int64"),
        "serious": pd.array([False, True, None], "boolean"),
        "onset_day": pd.array([28, 31, None], "Int64"),
        "after_treatment": pd.array([True, False, None], "boolean"),
    }
)
SCORES = pd.DataFrame(
    [
        ("P1", "before", -1, 3.0, "walks:2"),
        ("P1", "after", 180, 9.0, "walks:3"),
        ("P2", "before", 0, 0.1, "walks:4"),
        ("P2", "after", 200, None, "walks:5"),
        ("P3", "after", None, 4.0, "walks:6"),
    ],
    columns=["subject_id", "visit", "day_from_treatment", "value", "row_id"],
).assign(instrument="wisci2", scale="level")
SCORES["text"] = SCORES["value"].map(lambda value: "" if pd.isna(value) else f"{value:g}")


@pytest.fixture(scope="module")
def datasets():
    endpoints = analysis_settings(STUDY).endpoints
    results = Results(STUDY, endpoints, SUBJECTS, TREATMENTS, EVENTS, SCORES)
    return {data.name: data for data in analysis_datasets(results)}


def columns(data, *names):
    rows = data.rows[list(names)].astype(object)
    return rows.where(rows.notna(), None).values.tolist()


def test_a_subject_has_sex_treatment_and_characteristics(datasets):
    adsl = datasets["ADSL"]
    assert columns(adsl, "USUBJID", "SEX", "CONSDAY", "SAFFL", "TRT01A", "TRTSDAY", "OLDENOUG") == [
        ["P1", "M", 4, "Y", "treatment", 32, "N"],
        ["P2", "F", 3, "Y", "treatment", 28, "Y"],
        ["P3", "", None, "N", "", None, ""],
    ]


def test_measurements_have_baseline_change_flags_and_windows(datasets):
    adqs = datasets["ADQS"]
    assert columns(
        adqs, "USUBJID", "AVISITN", "AVAL", "BASE", "CHG", "ABLFL", "ANL01FL", "ANL02FL"
    ) == [
        ["P1", 1, 3.0, 3.0, None, "Y", "Y", ""],
        ["P1", 2, 9.0, 3.0, 6.0, "", "Y", "Y"],
        ["P2", 1, 0.1, 0.1, None, "Y", "Y", ""],
        ["P2", 2, None, 0.1, None, "", "", "Y"],
        ["P3", 2, 4.0, None, None, "", "", "Y"],
    ]
    assert columns(adqs, "ADY", "AWTARGET", "AWLO", "AWHI", "AWTDIFF", "INWINFL") == [
        [-1, 0, -7, 0, -1, "Y"],
        [181, 180, 166, 194, 0, "Y"],
        [1, 0, -7, 0, 0, "Y"],
        [201, 180, 166, 194, 20, "N"],
        [None, 180, 166, 194, None, ""],
    ]


def test_events_count_from_the_first_treatment(datasets):
    adae = datasets["ADAE"]
    assert columns(adae, "USUBJID", "AESEQ", "AETOXGRN", "AESER", "ASTDY", "TRTEMFL", "SRCID") == [
        ["P1", 1, 2, "Y", -1, "N", "events:3"],
        ["P2", 1, 1, "N", 1, "Y", "events:2"],
        ["P2", 2, None, "", None, "", "events:4"],
    ]


def test_a_study_without_treatments_says_nothing_of_any():
    endpoints = analysis_settings(STUDY).endpoints
    found = analysis_datasets(Results(STUDY, endpoints, SUBJECTS, None, None, SCORES))
    assert [data.name for data in found] == ["ADSL", "ADQS"]
    assert not {"SAFFL", "TRT01A", "TRTSDAY"} & {*found[0].rows}


def test_every_variable_has_an_origin_with_its_raw_column(datasets):
    for data in datasets.values():
        assert all(variable.source for variable in data.variables)
        assert all(
            len(variable.name) <= 8 and len(variable.label) <= 40 for variable in data.variables
        )
        assert list(data.rows) == [variable.name for variable in data.variables]
    sources = {variable.name: variable.source for variable in datasets["ADSL"].variables}
    assert sources["SEX"] == "cleaned/subjects.csv: sex (raw: people.csv: sex)"
    assert sources["CONSDAY"].startswith(
        "cleaned/subjects.csv: consent_day (raw: people.csv: consent"
    )


def test_other_readers_read_the_same_values(datasets, tmp_path):
    for name, data in datasets.items():
        written = tmp_path / f"{name.lower()}.json"
        write_dataset_json(written, data, "small", MADE)
        notes = write_transport(written.with_suffix(".xpt"), data, MADE)
        assert bool(notes) == (name == "ADAE")  # a text of 300 bytes
        about = json.loads(written.read_text("utf-8"))
        assert about["records"] == len(data.rows) == len(about["rows"])
        frame, meta = pyreadstat.read_xport(written.with_suffix(".xpt"))
        assert meta.table_name == name
        assert meta.column_labels == [column["label"] for column in about["columns"]]
        found = read_export(written, ReadingOptions(file=written.name)).cells.astype("str")
        for variable in data.variables:
            values, transport = data.rows[variable.name], frame[variable.name]
            if variable.kind == "text":
                assert found[variable.name].tolist() == values.tolist()
                assert transport.tolist() == [text.encode()[:200].decode() for text in values]
            else:
                expected = values.astype("Float64").astype("float64")
                pd.testing.assert_series_equal(transport, expected, check_names=False)
                read = pd.to_numeric(found[variable.name]).reset_index(drop=True).astype("float64")
                pd.testing.assert_series_equal(read, expected, check_names=False)


def test_the_same_results_give_the_same_bytes(datasets, tmp_path):
    for path in (tmp_path / "a.xpt", tmp_path / "b.xpt"):
        write_transport(path, datasets["ADQS"], MADE)
    first, second = ((tmp_path / name).read_bytes() for name in ("a.xpt", "b.xpt"))
    assert first == second
    assert first.count(b"29NOV26:10:15:00") == 4


def test_define_xml_defines_every_variable_once(datasets, tmp_path):
    write_define(tmp_path / "define.xml", STUDY, list(datasets.values()), MADE)
    root = etree.parse(tmp_path / "define.xml").getroot()
    items = {item.get("OID"): item for item in root.iter(f"{ODM}ItemDef")}
    methods = {item.get("OID") for item in root.iter(f"{ODM}MethodDef")}
    lists = {item.get("OID") for item in root.iter(f"{ODM}CodeList")}
    groups = {group.get("Name"): group for group in root.iter(f"{ODM}ItemGroupDef")}
    assert list(groups) == ["ADSL", "ADQS", "ADAE"]
    for name, data in datasets.items():
        refs = groups[name].findall(f"{ODM}ItemRef")
        assert [ref.get("ItemOID") for ref in refs] == [
            f"IT.{name}.{v.name}" for v in data.variables
        ]
        for ref, variable in zip(refs, data.variables, strict=True):
            item = items.pop(ref.get("ItemOID"))
            origin = item.find(f"{DEF}Origin")
            assert (item.get("DataType"), origin.get("Type")) == (variable.kind, variable.origin)
            assert (ref.get("MethodOID") in methods) == (variable.origin == "Derived")
            listed = item.find(f"{ODM}CodeListRef")
            assert (listed is not None and listed.get("CodeListOID") in lists) == bool(
                variable.codes
            )
            said = "".join(origin.itertext())
            assert said == ("" if variable.origin == "Derived" else variable.source)
    assert not items
    assert "SYNTHETIC" in root.findtext(f".//{ODM}StudyDescription")


def test_short_names_and_labels():
    taken = set()
    for text, name in (
        ("motor_level_right", "MOTORLEV"),
        ("motor_level_left", "MOTORLE2"),
        ("6mwt", "X6MWT"),
        ("é", "X"),
    ):
        assert short_name(text, taken) == name
        taken.add(name)
    assert short_label("a" * 41) == "a" * 37 + "..."
