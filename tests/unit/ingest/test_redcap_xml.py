"""A REDCap project in one XML file: the same tables as from its CSV export, or one line."""

import re
from pathlib import Path

import pytest
from owncontrol.errors import InputError
from owncontrol.ingest.export import ingest_export
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.redcap_xml import read_project
from owncontrol.ingest.redcap import all_fields
from owncontrol.study.exports import ReadingOptions
from owncontrol.study.instruments import study_instrument
from owncontrol.study.loading import load_study
from redcap_project_xml import write_project

ROOT = Path(__file__).parents[3]
RAW = ROOT / "data/raw/example"
EXPORT, DICTIONARY = RAW / "redcap_export.csv", RAW / "redcap_dictionary.csv"
STUDY = load_study({}, ROOT)
DAYS = {
    f"{visit.name}_arm_1": (visit.day or 0, 2, 5) for visit in STUDY.visits
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The example study's project, with its data."""
    path = tmp_path_factory.mktemp("project") / "project.xml"
    write_project(path, DICTIONARY, EXPORT, DAYS, "UNK, Unknown | NASK, Not asked")
    return path


def read(path):
    return read_export(path, ReadingOptions(file=path.name, format="redcap_xml"))


def test_every_cell_is_that_of_the_csv(project):
    by_hand = read_export(EXPORT, ReadingOptions(file=EXPORT.name)).cells.astype("str")
    found = read(project).cells.astype("str")
    assert sorted(found) == sorted(by_hand)
    kept = found[list(by_hand)].reset_index(drop=True)
    blank = by_hand.eq("").all(axis=1)
    different = kept.ne(by_hand[~blank].reset_index(drop=True))
    assert not different.any().any()


def test_the_tables_are_those_of_the_export(project):
    export = STUDY.exports["redcap"]
    instruments = {name: study_instrument(STUDY, name) for name in ("scim3", "wisci2")}
    other = export.model_copy(
        update={"file": project.name, "dictionary": project.name, "format": "redcap_xml"}
    )
    by_hand = ingest_export(EXPORT, DICTIONARY, export, instruments, STUDY.characteristics)
    found = ingest_export(project, project, other, instruments, STUDY.characteristics)
    assert list(found.tables) == list(by_hand.tables)
    places = ["source_file", "source_row"]
    for name, table in by_hand.tables.items():
        assert len(table) > 10
        expected = table.drop(columns=places).astype("str")
        assert found.tables[name].drop(columns=places).astype("str").equals(expected)


def test_the_dictionary_is_that_of_the_download(project):
    found, expected = all_fields(project), all_fields(DICTIONARY)
    assert [field.name for field in found] == [field.name for field in expected]
    for field, other in zip(found, expected, strict=True):
        for part in ("form", "kind", "label", "choices", "validation", "minimum", "maximum"):
            assert getattr(field, part) == getattr(other, part), (field.name, part)
        assert field.identifier == other.identifier
    assert sum(field.identifier for field in found) == 5


def test_events_have_their_days_and_the_days_around_them(project):
    events = {event.name: event for event in read_project(project).events}
    assert len(events) == 12
    day_28 = events["day_28_arm_1"]
    assert (day_28.label, day_28.day, day_28.before, day_28.after) == ("Day 28", 28, 2, 5)
    assert read_project(project).missing == "UNK, Unknown | NASK, Not asked"


def test_a_project_without_data_has_its_columns_and_no_row(tmp_path):
    path = tmp_path / "empty.xml"
    write_project(path, DICTIONARY, None, DAYS)
    cells = read(path).cells
    assert len(cells) == 0
    assert {"record_id", "redcap_event_name", "comorbidity___5", "wisci_ii_complete"} <= set(cells)


SMALL = """<?xml version="1.0"?>{doctype}
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:redcap="https://projectredcap.org">
<Study OID="S"><GlobalVariables>{globals}</GlobalVariables>
<MetaDataVersion OID="M" Name="N" redcap:RecordIdField="id">{events}
<FormDef OID="Form.f" redcap:FormName="f"><ItemGroupRef ItemGroupOID="f.id"/></FormDef>
<ItemGroupDef OID="f.id"><ItemRef ItemOID="id"/><ItemRef ItemOID="age"/></ItemGroupDef>
<ItemDef OID="id" redcap:Variable="id" redcap:FieldType="text"/>
<ItemDef OID="age" redcap:Variable="age" redcap:FieldType="text"/>
</MetaDataVersion></Study>
<ClinicalData>{data}</ClinicalData></ODM>
"""
PARTS = {"doctype": "", "globals": "", "events": "", "data": ""}


def small(tmp_path, **parts):
    path = tmp_path / "small.xml"
    path.write_text(SMALL.format(**{**PARTS, **parts}), "utf-8")
    return path


def form(value, repeat="1", event="event_1_arm_1", time="1"):
    return (
        f'<StudyEventData StudyEventOID="Event.{event}" StudyEventRepeatKey="{time}">'
        f'<FormData FormOID="Form.f" FormRepeatKey="{repeat}"><ItemGroupData>'
        f'<ItemData ItemOID="age" Value="{value}"/></ItemGroupData></FormData></StudyEventData>'
    )


def subject(*forms, key="P1"):
    return f'<SubjectData SubjectKey="{key}">{"".join(forms)}</SubjectData>'


@pytest.mark.parametrize("named", [True, False])
def test_a_project_without_events_has_a_row_for_each_record(tmp_path, named):
    forms = [form("61"), form("62")]
    if not named:  # as REDCap writes them: forms are in the record, and in no event
        forms = [re.sub("</?StudyEventData[^>]*>", "", text) for text in forms]
    cells = read(small(tmp_path, data=subject(forms[0]) + subject(forms[1], key="P2"))).cells
    assert cells.astype("str").values.tolist() == [["P1", "61"], ["P2", "62"]]
    assert list(cells) == ["id", "age"]
    assert list(cells.index) == [2, 3]


def test_the_time_of_a_survey_is_no_field_and_may_be_defined_in_each_form(tmp_path):
    path = small(tmp_path, data=subject(form("61")))
    time = '<ItemDef OID="f_timestamp" redcap:Variable="f_timestamp" redcap:FieldType="text"/>'
    text = path.read_text("utf-8").replace(
        '<ItemRef ItemOID="age"/>', '<ItemRef ItemOID="age"/><ItemRef ItemOID="f_timestamp"/>'
    )
    path.write_text(text.replace("</MetaDataVersion>", f"{time}{time}</MetaDataVersion>"), "utf-8")
    assert list(read(path).cells) == ["id", "age", "f_timestamp"]
    assert [field.name for field in all_fields(path)] == ["id", "age"]


def test_a_repeating_form_has_a_row_for_each_instance(tmp_path):
    repeating = (
        '<redcap:RepeatingInstrument redcap:UniqueEventName="event_1_arm_1" '
        'redcap:RepeatInstrument="f"/>'
    )
    path = small(tmp_path, globals=repeating, data=subject(form("61", "1"), form("62", "2")))
    assert read(path).cells.astype("str").values.tolist() == [
        ["P1", "f", "1", "61"],
        ["P1", "f", "2", "62"],
    ]


def test_a_repeating_event_has_a_row_for_each_time(tmp_path):
    repeating = '<redcap:RepeatingEvent redcap:UniqueEventName="visit_arm_1"/>'
    events = '<StudyEventDef OID="Event.visit_arm_1" redcap:UniqueEventName="visit_arm_1"/>'
    times = [
        form(value, event="visit_arm_1", time=time) for value, time in (("61", "1"), ("62", "2"))
    ]
    path = small(tmp_path, globals=repeating, events=events, data=subject(*times))
    assert read(path).cells.astype("str").values.tolist() == [
        ["P1", "visit_arm_1", "", "1", "61"],
        ["P1", "visit_arm_1", "", "2", "62"],
    ]


BOMB = '<!DOCTYPE ODM [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE ODM [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE, "<!DOCTYPE ODM>"])
def test_a_document_type_is_refused(tmp_path, doctype):
    with pytest.raises(InputError, match="declares a document type"):
        read_project(small(tmp_path, doctype=doctype))


def test_an_item_that_is_not_defined_is_refused(tmp_path):
    odd = form("61").replace('"age"', '"aeg"')
    with pytest.raises(InputError, match="the item 'aeg' is not defined"):
        read(small(tmp_path, data=subject(odd)))


@pytest.mark.parametrize("cut", [300, 600, -20])
def test_a_file_that_is_cut_short_is_one_line(tmp_path, cut):
    path = small(tmp_path, data=subject(form("61")))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match="cannot be read as XML"):
        read(path)


def test_the_odm_of_another_system_is_no_project_of_redcap(tmp_path):
    path = small(tmp_path)
    text = path.read_text("utf-8").replace("https://projectredcap.org", "urn:other")
    path.write_text(text.replace('redcap:RecordIdField="id"', ""), "utf-8")
    with pytest.raises(InputError, match="CDISC ODM of another system than REDCap"):
        read(path)


def test_a_file_inside_is_passed_over(tmp_path):
    inside = (
        '<ItemDataBase64Binary ItemOID="age" redcap:DocName="x.pdf">AAAA</ItemDataBase64Binary>'
    )
    odd = form("61").replace("</ItemGroupData>", inside + "</ItemGroupData>")
    assert read(small(tmp_path, data=subject(odd))).cells["age"].tolist() == ["61"]


def test_two_different_definitions_of_an_item_are_refused(tmp_path):
    path = small(tmp_path)
    text = path.read_text("utf-8").replace('<ItemDef OID="age"', '<ItemDef OID="id"')
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match="'id' is defined in two ways"):
        read(path)
