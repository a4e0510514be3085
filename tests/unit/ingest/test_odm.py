"""CDISC ODM of any system: a row per subject, event and time of it, or one line."""

import pytest
import yaml
from owncontrol.__main__ import main
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.odm import labels_and_choices, read_odm
from owncontrol.study.exports import ReadingOptions

V13, V20 = "http://www.cdisc.org/ns/odm/v1.3", "http://www.cdisc.org/ns/odm/v2.0"
DEFINED = """
<Study OID="S.1"><GlobalVariables><StudyName>SYNTHETIC</StudyName></GlobalVariables>
<BasicDefinitions>
 <MeasurementUnit OID="MU.KG" Name="kilo"><Symbol><TranslatedText>kg</TranslatedText></Symbol>
 </MeasurementUnit><MeasurementUnit OID="MU.LB" Name="lb"/></BasicDefinitions>
<MetaDataVersion OID="M.1" Name="1">
<StudyEventDef OID="SE.BASE" Name="Baseline" Repeating="No" Type="Scheduled">
 <FormRef FormOID="F.WALK" Mandatory="Yes"/></StudyEventDef>
<StudyEventDef OID="SE.W8" Name="Week 8" Repeating="No" Type="Scheduled"/>
<FormDef OID="F.WALK" Name="Walk" Repeating="No"><ItemGroupRef ItemGroupOID="IG.W"/>
 <ItemGroupRef ItemGroupOID="IG.AE"/><ItemGroupRef ItemGroupOID="IG.DATE"/></FormDef>
<FormDef OID="F.VITAL" Name="Vital" Repeating="No"><ItemGroupRef ItemGroupOID="IG.V"/>
 <ItemGroupRef ItemGroupOID="IG.DATE"/></FormDef>
<ItemGroupDef OID="IG.W" Name="W" Repeating="No">
 <ItemRef ItemOID="I.LEVEL"/><ItemRef ItemOID="I.SEX"/>
</ItemGroupDef>
<ItemGroupDef OID="IG.V" Name="V" Repeating="No">
 <ItemRef ItemOID="I.KG"/><ItemRef ItemOID="I.NOTE"/>
</ItemGroupDef>
<ItemGroupDef OID="IG.AE" Name="AE" Repeating="Yes">
 <ItemRef ItemOID="I.AE"/><ItemRef ItemOID="I.NOTE2"/>
</ItemGroupDef>
<ItemGroupDef OID="IG.DATE" Name="Dates" Repeating="No"><ItemRef ItemOID="I.DATE"/></ItemGroupDef>
<ItemDef OID="I.LEVEL" Name="level" DataType="integer"><Question>
 <TranslatedText xml:lang="de">Gehstufe</TranslatedText></Question></ItemDef>
<ItemDef OID="I.SEX" Name="sex" DataType="text"><Question><TranslatedText xml:lang="en">Sex
 </TranslatedText></Question><CodeListRef CodeListOID="CL.SEX"/></ItemDef>
<ItemDef OID="I.KG" Name="weight" DataType="float">
 <Description><TranslatedText>Weight</TranslatedText></Description>
 <MeasurementUnitRef MeasurementUnitOID="MU.KG"/>
 <MeasurementUnitRef MeasurementUnitOID="MU.LB"/></ItemDef>
<ItemDef OID="I.NOTE" Name="note" DataType="text"/>
<ItemDef OID="I.NOTE2" Name="note" DataType="text"/>
<ItemDef OID="I.AE" Name="term" DataType="text"><Question><TranslatedText>Event</TranslatedText>
 </Question><MeasurementUnitRef MeasurementUnitOID="MU.KG"/></ItemDef>
<ItemDef OID="I.DATE" Name="date" DataType="date"/>
<CodeList OID="CL.SEX" Name="Sex" DataType="text"><CodeListItem CodedValue="1"><Decode>
 <TranslatedText xml:lang="de">weiblich</TranslatedText>
 <TranslatedText xml:lang="en">female</TranslatedText></Decode></CodeListItem>
 <EnumeratedItem CodedValue="2"/></CodeList>
</MetaDataVersion></Study>
"""
WALK = '<FormData FormOID="F.WALK">{}</FormData>'
GROUP = '<ItemGroupData ItemGroupOID="{}" ItemGroupRepeatKey="{}">{}</ItemGroupData>'
ITEM = '<ItemData ItemOID="{}" Value="{}"/>'


def event(oid, *content, key=""):
    repeat = f' StudyEventRepeatKey="{key}"' if key else ""
    return f'<StudyEventData StudyEventOID="{oid}"{repeat}>{"".join(content)}</StudyEventData>'


def group(oid, *items, key="1"):
    return GROUP.format(oid, key, "".join(items))


def subject(key, *events, **more):
    added = "".join(f' {name}="{text}"' for name, text in more.items())
    return f'<SubjectData SubjectKey="{key}"{added}>{"".join(events)}</SubjectData>'


def written(folder, *subjects, defined=DEFINED, file_type="Snapshot", more="", namespace=V13):
    """The path of a file with this content."""
    data = (
        f'<ClinicalData StudyOID="S.1" MetaDataVersionOID="M.1">{"".join(subjects)}</ClinicalData>'
    )
    path = folder / "study.xml"
    head = f'<ODM xmlns="{namespace}" FileType="{file_type}" FileOID="1"{more}>'
    path.write_text(f'<?xml version="1.0"?>\n{head}{defined}{data}</ODM>', "utf-8")
    return path


def rows(path):
    """Header, and row number with its cells."""
    cells = read_export(path, ReadingOptions(file=path.name)).cells.astype("str")
    return list(cells), [[int(row), *texts] for row, *texts in cells.itertuples()]


def walk(oid, level, *more):
    return event(oid, WALK.format(group("IG.W", ITEM.format("I.LEVEL", level), *more)))


def test_forms_and_groups_that_do_not_repeat_share_the_row_of_their_event(tmp_path):
    vital = f'<FormData FormOID="F.VITAL">{group("IG.V", ITEM.format("I.NOTE", "a"))}</FormData>'
    first = WALK.format(group("IG.W", ITEM.format("I.LEVEL", "3"), ITEM.format("I.SEX", "1")))
    path = written(tmp_path, subject("1", event("SE.BASE", first, vital), walk("SE.W8", "5")))
    assert rows(path) == (
        ["SubjectKey", "StudyEventOID", "level", "sex", "I.NOTE"],
        [[2, "1", "SE.BASE", "3", "1", "a"], [3, "1", "SE.W8", "5", "", ""]],
    )


def test_each_time_of_what_repeats_has_a_row(tmp_path):
    events = [
        group("IG.AE", ITEM.format("I.AE", term), key=key) for key, term in (("1", "x"), ("2", "y"))
    ]
    one = event(
        "SE.BASE", WALK.format(group("IG.W", ITEM.format("I.LEVEL", "3")) + "".join(events))
    )
    again = [
        event("SE.W8", WALK.format(group("IG.W", ITEM.format("I.LEVEL", n))), key=n) for n in "12"
    ]
    header, found = rows(written(tmp_path, subject("1", one, *again)))
    assert header[:5] == [
        *(
            "SubjectKey",
            "StudyEventOID",
            "StudyEventRepeatKey",
            "ItemGroupOID",
            "ItemGroupRepeatKey",
        )
    ]
    assert found == [
        [2, "1", "SE.BASE", "", "", "", "3", ""],
        [3, "1", "SE.BASE", "", "IG.AE", "1", "", "x"],
        [4, "1", "SE.BASE", "", "IG.AE", "2", "", "y"],
        [5, "1", "SE.W8", "1", "", "", "1", ""],
        [6, "1", "SE.W8", "2", "", "", "2", ""],
    ]


def test_what_repeats_against_its_definition_loses_nothing(tmp_path):
    times = [group("IG.W", ITEM.format("I.LEVEL", n), key=n) for n in "12"]
    _, found = rows(written(tmp_path, subject("1", event("SE.BASE", WALK.format("".join(times))))))
    assert [row[-3:] for row in found] == [["IG.W", "1", "1"], ["IG.W", "2", "2"]]


def test_each_time_of_a_form_that_repeats_has_a_row(tmp_path):
    forms = [
        f'<FormData FormOID="F.WALK" FormRepeatKey="{n}">'
        f"{group('IG.W', ITEM.format('I.LEVEL', n))}"
        f"{group('IG.AE', ITEM.format('I.AE', 'x'))}</FormData>"
        for n in "12"
    ]
    _, found = rows(written(tmp_path, subject("1", event("SE.BASE", *forms))))
    assert [row[-4:] for row in found] == [
        ["F.WALK", "1", "1", ""],
        ["F.WALK/IG.AE", "1/1", "", "x"],
        ["F.WALK", "2", "2", ""],
        ["F.WALK/IG.AE", "2/1", "", "x"],
    ]


def test_an_item_of_several_forms_has_a_column_for_each(tmp_path):
    date = group("IG.DATE", ITEM.format("I.DATE", "2026-01-0{}"))
    forms = [
        WALK.format(date.format(1)),
        f'<FormData FormOID="F.VITAL">{date.format(2)}</FormData>',
    ]
    header, found = rows(written(tmp_path, subject("1", event("SE.BASE", *forms))))
    assert header[2:] == ["Walk.Dates.date", "Vital.Dates.date"]
    assert found[0][3:] == ["2026-01-01", "2026-01-02"]


TYPED = [
    ('<ItemDataInteger ItemOID="I.LEVEL"> 7 </ItemDataInteger>', "7"),
    ('<ItemDataString ItemOID="I.LEVEL">a &lt; b</ItemDataString>', "a < b"),
    ('<ItemData ItemOID="I.LEVEL" IsNull="Yes"/>', ""),
    ('<ItemData ItemOID="I.LEVEL" Value="7"><AuditRecord><ReasonForChange>no</ReasonForChange>'
     "</AuditRecord></ItemData>", "7"),
    ('<ItemData ItemOID="I.LEVEL" Value="7"/><ItemDataBase64Binary ItemOID="I.SEX">QQ=='
     "</ItemDataBase64Binary>", "7"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "text"), TYPED)
def test_typed_missing_and_audited_values(tmp_path, item, text):
    base = event("SE.BASE", WALK.format(group("IG.W", item)))
    header, found = rows(written(tmp_path, subject("1", base, walk("SE.W8", "5"))))
    assert header == ["SubjectKey", "StudyEventOID", "level"]
    assert found[0][3] == text


def test_a_value_with_its_own_unit_has_a_column_for_it(tmp_path):
    unit = '<MeasurementUnitRef MeasurementUnitOID="MU.{}"/>'
    item = f'<ItemData ItemOID="I.KG" Value="{{}}">{unit}</ItemData>'
    forms = [
        event(oid, f'<FormData FormOID="F.VITAL">{group("IG.V", item.format(*text))}</FormData>')
        for oid, text in (("SE.BASE", ("80", "KG")), ("SE.W8", ("170", "LB")))
    ]
    header, found = rows(written(tmp_path, subject("1", *forms)))
    assert header[2:] == ["weight", "weight (unit)"]
    assert [row[3:] for row in found] == [["80", "kg"], ["170", "lb"]]


def test_labels_of_items_units_codes_and_events(tmp_path):
    items = group("IG.W", ITEM.format("I.LEVEL", "3"), ITEM.format("I.SEX", "1"))
    more = group("IG.AE", ITEM.format("I.AE", "x"))
    path = written(tmp_path, subject("1", event("SE.BASE", WALK.format(items + more))))
    labels, choices = labels_and_choices(path)
    assert labels == {"level": "Gehstufe", "sex": "Sex", "term": "Event (kg)"}
    assert choices == {
        "sex": {"1": "female", "2": "2"},
        "StudyEventOID": {"SE.BASE": "Baseline", "SE.W8": "Week 8"},
    }


def test_a_code_that_the_system_shows_has_a_column(tmp_path):
    header, found = rows(
        written(tmp_path, subject("SS_1", walk("SE.BASE", "3"), StudySubjectID="P1"))
    )
    assert header[:2] == ["SubjectKey", "StudySubjectID"]
    assert found[0][1:3] == ["SS_1", "P1"]


CHANGES = [
    ('TransactionType="Update" Value="9"', "9"),
    ('TransactionType="Upsert" Value="9"', "9"),
    ('TransactionType="Remove"', None),
    ('TransactionType="Update" IsNull="Yes"', ""),
]


@pytest.mark.parametrize(("change", "text"), CHANGES)
def test_transactions_are_carried_out_in_their_order(tmp_path, change, text):
    item = f'<ItemData ItemOID="I.LEVEL" {change}/>'
    first = subject("1", walk("SE.BASE", "3", ITEM.format("I.SEX", "1")))
    then = subject("1", event("SE.BASE", WALK.format(group("IG.W", item))))
    header, found = rows(written(tmp_path, first, then, file_type="Transactional"))
    cells = dict(zip(header, found[0][1:], strict=True))
    assert cells.get("level") == text
    assert cells["sex"] == "1"


EMPTY = {
    "SubjectData": subject("1"),
    "StudyEventData": subject("1", event("SE.BASE")),
    "FormData": subject("1", event("SE.BASE", WALK.format(""))),
    "ItemGroupData": subject("1", event("SE.BASE", WALK.format(group("IG.W")))),
}


@pytest.mark.parametrize("level", EMPTY)
@pytest.mark.parametrize("is_empty", [True, False])
def test_what_is_removed_is_gone_with_all_that_it_holds(tmp_path, level, is_empty):
    gone = EMPTY[level] if is_empty else subject("1", walk("SE.BASE", "3"))
    gone = gone.replace(f"<{level} ", f'<{level} TransactionType="Remove" ')
    given = subject("1", walk("SE.BASE", "3")), subject("2", walk("SE.BASE", "4")), gone
    _, found = rows(written(tmp_path, *given, file_type="Transactional"))
    assert [row[1] for row in found] == ["2"]


def test_odm_2_has_groups_in_place_of_forms_and_values_as_text(tmp_path):
    defined = DEFINED.replace("FormDef", "ItemGroupDef").replace(
        "FormRef FormOID", "ItemGroupRef ItemGroupOID"
    )
    value = '<ItemData ItemOID="I.{}"><Value>{}</Value></ItemData>'
    inner = group("IG.W", value.format("LEVEL", "3"), value.format("SEX", "1</Value><Value>2"))
    events = group("IG.AE", value.format("AE", "x"), key="1") + group(
        "IG.AE", value.format("AE", "y"), key="2"
    )
    form = group("F.WALK", inner, events)
    path = written(tmp_path, subject("1", event("SE.BASE", form)), defined=defined, namespace=V20)
    header, found = rows(path)
    assert header[4:] == ["level", "sex", "term"]
    assert [row[3:] for row in found] == [
        ["", "", "3", "1 | 2", ""],
        ["IG.AE", "1", "", "", "x"],
        ["IG.AE", "2", "", "", "y"],
    ]


def test_values_without_definitions_are_named_by_their_ids(tmp_path):
    header, found = rows(written(tmp_path, subject("1", walk("SE.BASE", "3")), defined=""))
    assert header == [
        "SubjectKey",
        "StudyEventOID",
        "ItemGroupOID",
        "ItemGroupRepeatKey",
        "I.LEVEL",
    ]
    assert found == [[2, "1", "SE.BASE", "IG.W", "1", "3"]]


BAD = {
    "two values": (lambda at: written(at, subject("1", walk("SE.BASE", "3"), walk("SE.BASE", "4"))),
                   "'I.LEVEL' is given twice"),
    "continued": (lambda at: written(at, file_type="Transactional", more=' PriorFileOID="A"'),
                  "continues the file A"),
    "no event": (lambda at: written(at, subject("1", group("IG.W", ITEM.format("I.LEVEL", "3")))),
                 "outside of an event"),
    "cut off": (lambda at: _changed(written(at), "</ODM>", ""), "cannot be read as XML"),
    "doctype": (lambda at: _changed(written(at), "<ODM ", "<!DOCTYPE ODM><ODM "), "document type"),
}  # fmt: skip


def _changed(path, old, new):
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    return path


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_one_line(tmp_path, case):
    make, message = BAD[case]
    path = make(tmp_path)
    with pytest.raises(InputError, match=message) as caught:
        read_odm(path)
    assert "\n" not in caught.value.message


def test_a_new_study_takes_codes_visits_dates_and_labels_from_the_file(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text("study: other\n", "utf-8")
    date = group("IG.DATE", ITEM.format("I.DATE", "2026-0{}-01"))
    subjects = [
        subject(
            f"SS_{number}",
            *(
                event(
                    oid, WALK.format(group("IG.W", ITEM.format("I.LEVEL", number)) + date.format(m))
                )
                for oid, m in (("SE.BASE", 1), ("SE.W8", 3))
            ),
            StudySubjectID=f"P{number}",
        )
        for number in (1, 2, 3)
    ]
    path = written(tmp_path, *subjects)
    monkeypatch.chdir(tmp_path)
    arguments = ["--from", path.name, "--measure", "level:higher:points"]
    assert main(["new-study", "walk", *arguments]) == 0
    made = yaml.safe_load((tmp_path / "config/walk.yaml").read_text("utf-8"))
    assert [visit["label"] for visit in made["visits"]] == ["Baseline", "Week 8"]
    assert made["instruments"]["level"]["label"] == "Gehstufe"
    assert made["exports"]["study"]["tables"]["level"]["columns"] == {
        "subject_id": "StudySubjectID",
        "visit": "StudyEventOID",
        "date": "Walk.Dates.date",
        "level": "level",
    }
    assert main(["check", "walk"]) == 0
