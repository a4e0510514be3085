"""Labels of a REDCap export read back: told, or refused at the cell or the header that is not."""

from pathlib import Path

import openpyxl
import pytest
from export_files import export_entry
from owncontrol.errors import InputError
from owncontrol.ingest.export import ingest_export
from owncontrol.ingest.readers import read_export

CASES = Path(__file__).parents[2] / "cases"
HEADER = (
    'Variable / Field Name,Form Name,Field Type,Field Label,"Choices, Calculations, OR Slider '
    'Labels",Identifier?\n'
)
FIELDS = """record_id,enrol,text,Study code,,
sex,enrol,radio,Sex,"1, Male | 2, Female",
aids,enrol,checkbox,Aids,"1, Cane | -2, Walker",
walks,walk,yesno,Walks?,,
level,walk,dropdown,WISCI level,"0, None | 9, Walker, braces | 10, Some | 11, Some",
minutes,training_log,text,Minutes,,
"""


def read(folder, text, fields=FIELDS, labelled=True, **given):
    """The export as read, its errors and warnings as (row, column, value, rule)."""
    (folder / "dictionary.csv").write_text(HEADER + fields, encoding="utf-8")
    (folder / "export.csv").write_text(text, encoding="utf-8")
    entry = export_entry("export.csv", labelled=labelled, dictionary="dictionary.csv", **given)
    found = read_export(folder / "export.csv", entry)
    places = [
        (one.row, one.column, one.value, one.rule)
        for one in [*found.findings, *found.cell_findings]
        if one.severity != "note"
    ]
    return found, places


def case(folder, name, labelled):
    entry = export_entry(name, labelled=labelled, dictionary="dictionary.csv")
    return read_export(next(CASES.glob(f"{folder}-*")) / name, entry)


def cells(found):
    return found.cells.astype("str").to_numpy().tolist()


def test_a_label_of_two_choices_is_refused_at_its_cell_and_the_column_is_read():
    found = case("07", "labels.csv", labelled=True)
    assert list(found.cells["wisci_level"]) == ["Walks with help", "3"]
    (finding,) = found.cell_findings
    assert (finding.row, finding.column, finding.value) == (2, "wisci_level", "Walks with help")
    assert (finding.rule, finding.severity) == ("label_of_two_choices", "error")
    assert "codes 1 and 2" in finding.detail


def test_two_surveys_have_the_times_of_their_forms_and_the_cells_of_the_raw_export():
    labelled, raw = (case("14", f"{name}.csv", name == "labels") for name in ("labels", "raw"))
    assert list(labelled.cells.columns) == list(raw.cells.columns)
    assert "enrol_timestamp" in raw.cells and "walk_timestamp" in raw.cells
    event = list(raw.cells.columns).index("redcap_event_name")
    for one, other in zip(cells(labelled), cells(raw), strict=True):
        assert [*one[:event], *one[event + 1 :]] == [*other[:event], *other[event + 1 :]]
    assert labelled.cells["walk_timestamp"].iloc[1] == "[not completed]"
    rules = {one.rule for one in [*raw.findings, *labelled.findings]}
    assert rules == {"windows_line_ends"}


def test_quotes_that_an_export_drops_are_no_difference():
    found = case("15", "labels.csv", labelled=True)
    assert list(found.cells.columns)[2:5] == ["aids___1", "aids___2", "aids___3"]
    assert cells(found)[0][2:5] == ["0", "1", "0"]
    assert {one.rule for one in found.findings} == {"windows_line_ends"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "exported"),
    [
        ('""Rollator""', "Rollator"),
        ('""Rollator""', '""Rollator""'),
        ("Doesn't walk", "Doesnt walk"),
        ("Doesn’t walk", "Doesn't walk"),
        ("<b>Walks</b> alone", "Walks alone"),
        ("Walks<br>alone", "Walksalone"),
        ("Walks<br/>alone", "Walks alone"),
        ("Walks\nalone", "Walks alone"),
        ("Walks  alone", "Walks alone"),
        ("Arm &amp; leg", "Arm & leg"),
        ("&lt;5 m", "<5 m"),
        ("<5 and >3 m", "<5 and >3 m"),
        ("<5 m", "< 5 m"),
        ("Other {other_kind}", "Other"),
        ("Walks\u00a0alone", "Walks alone"),
        ('<span style=""color:red"">Walks</span>', "Walks"),
        ("&lt;b&gt;Walks&lt;/b&gt;", "Walks"),
        ("Walks, alone", "Walks, alone"),
        ("<!-- see the manual -->Walks", "Walks"),
        ("Walks <!-- 5 > 3, <b> -->alone<!-- or not -->", "Walks alone"),
        ("&lt;!-- hidden --&gt;Walks", "Walks"),
        ("Walks <!-- 5 > 3 -- alone", "Walks <!-- 5 > 3 -- alone"),
    ],
)
def test_a_label_is_known_in_the_form_that_an_export_gives_it(tmp_path, label, exported):
    fields = (
        "record_id,one,text,Study code,,\n"
        f'first,one,text,"{label}",,\n'
        f'choice,one,radio,Choice,"1, {label} | 2, Other choice",\n'
        f'box,one,checkbox,Box,"1, {label} | 2, Other choice",\n'
    )
    text = (
        f'Study code,"{exported}",Choice,"Box (choice={exported})",Box (choice=Other choice)\n'
        f'P1,x,"{exported}",Checked,Unchecked\n'
    )
    found, places = read(tmp_path, text, fields)
    assert list(found.cells.columns) == ["record_id", "first", "choice", "box___1", "box___2"]
    assert cells(found) == [["P1", "x", "1", "1", "0"]]
    assert places == []


def test_labels_that_differ_in_what_exports_drop_are_told_where_it_is_kept(tmp_path):
    fields = FIELDS.replace('"1, Male | 2, Female"', '"1, ""Low"" | 2, Low"')
    found, places = read(tmp_path, 'Study code,Sex\nP1,"""Low"""\nP2,Low\n', fields)
    assert list(found.cells["sex"]) == ["1", "Low"]
    assert places == [(3, "sex", "Low", "label_of_two_choices")]


@pytest.mark.parametrize("labelled", [True, False])
def test_a_header_that_the_dictionary_does_not_know_is_a_finding(tmp_path, labelled):
    header = "Study code,Sex,Lenght,Event Name" if labelled else "record_id,sex,lenght,minute"
    found, places = read(tmp_path, f"{header}\nP1,1,2,3\n", labelled=labelled)
    unknown = ["Lenght"] if labelled else ["lenght", "minute"]
    assert places == [(1, name, "", "header_not_in_dictionary") for name in unknown]
    assert labelled or "nearest is the label 'Minutes'" in found.findings[-1].detail


def test_a_raw_export_knows_what_redcap_adds_and_names_labels_as_such(tmp_path):
    header = (
        "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,"
        "redcap_data_access_group,redcap_survey_identifier,enrol_timestamp,aids___1,aids____2,"
        "aids___unk,enrol_complete,training_log_complete,WISCI level"
    )
    text = f"{header}\nP1{',' * header.count(',')}\n"
    found, places = read(tmp_path, text, labelled=False, missing=["UNK"])
    assert places == [(1, "WISCI level", "", "header_not_in_dictionary")]
    assert "the label of level" in found.findings[-1].detail


@pytest.mark.parametrize("header", ["record_id,sex,aids___1,walks", "Study code,Sex,{},Walks?"])
@pytest.mark.parametrize("row", ["P1,Female,Checked,No", "P1,2,1,0"])
def test_names_with_labels_and_labels_with_codes_are_read(tmp_path, header, row):
    header = header.replace("{}", "Aids (choice=Cane)")
    found, places = read(tmp_path, f"{header},walk_complete\n{row},\n")
    assert list(found.cells.columns)[:4] == ["record_id", "sex", "aids___1", "walks"]
    assert cells(found)[0][:4] == ["P1", "2", "1", "0"]
    assert places == []


def test_what_is_neither_label_nor_code_is_refused_at_its_cell(tmp_path):
    recode = {"subjects": {"columns": {"sex": "sex"}, "recode": {"sex": {"both": "other"}}}}
    text = "Study code,Sex,Aids (choice=Cane),Complete?\nP1,male,maybe,Done\nP2,UNK,,\nP3,both,,\n"
    found, places = read(tmp_path, text, missing=["UNK"], tables=recode)
    assert places == [
        (2, "sex", "male", "not_a_choice"),
        (2, "aids___1", "maybe", "not_a_choice"),
        (2, "enrol_complete", "Done", "not_a_choice"),
    ]
    assert list(found.cells["sex"]) == ["male", "UNK", "both"]
    assert {one.severity for one in found.cell_findings} == {"error"}


def test_a_raw_cell_that_is_no_code_is_a_warning_once_a_text(tmp_path):
    text = "record_id,sex,walks\nP1,3,1.0\nP2,1,No\nP3,3,\nP4,NK,0\n"
    found, places = read(tmp_path, text, labelled=False, missing=["NK"])
    assert places == [(2, "sex", "3", "not_a_choice"), (3, "walks", "No", "not_a_choice")]
    assert "1 further rows" in found.cell_findings[0].detail
    assert "labelled: true" in found.cell_findings[1].detail
    assert cells(found)[1] == ["P2", "1", "No"]


def test_all_codes_of_one_label_are_named(tmp_path):
    fields = FIELDS.replace("10, Some | 11, Some", "10, Some | 11, Some | 12, Some")
    found, _ = read(tmp_path, "Study code,WISCI level\nP1,Some\n", fields)
    (finding,) = found.cell_findings
    assert "codes 10, 11 and 12;" in finding.detail


SWAPPED = FIELDS.replace('"1, Male | 2, Female"', '"1, 2 | 2, 1"')


@pytest.mark.parametrize(
    ("text", "expected", "rules"),
    [
        ("Study code,Sex,Walks?\nP1,1,Yes\n", "2", []),
        ("Study code,Sex,Walks?\nP1,1,1\n", "1", []),
        ("record_id,sex,walks\nP1,1,Yes\n", "2", []),
        ("Study code,Sex\nP1,1\n", "2", []),
        ("record_id,sex\nP1,1\n", "", ["label_or_code"]),
        ("Study code,Sex,Walks?\nP1,1,1\nP2,1,Yes\n", "", ["label_or_code"] * 2),
    ],
)
def test_a_text_that_is_label_and_code_is_told_by_the_other_cells(tmp_path, text, expected, rules):
    found, places = read(tmp_path, text, SWAPPED)
    assert found.cells["sex"].iloc[0] == expected
    assert [rule for *_, rule in places] == rules


def test_a_name_that_is_another_fields_label_is_told_by_the_other_headers(tmp_path):
    fields = "record_id,one,text,Study code,,\nage,one,text,Weight,,\nweight,one,text,age,,\n"
    found, _ = read(tmp_path, "record_id,age,weight\nP1,50,70\n", fields)
    assert list(found.cells.columns) == ["record_id", "age", "weight"]
    found, _ = read(tmp_path, "Study code,Weight,age\nP1,50,70\n", fields)
    assert list(found.cells.columns) == ["record_id", "age", "weight"]
    with pytest.raises(InputError, match=r"column 1: 'age' is the name .* label of weight"):
        read(tmp_path, "age\n50\n", fields)
    with pytest.raises(InputError, match=r"row 1, column 3: 'age' .*names and labels"):
        read(tmp_path, "record_id,Weight,age\nP1,50,70\n", fields)


def test_boxes_of_one_label_are_told_by_their_order_or_refused(tmp_path):
    fields = FIELDS.replace('"1, Cane | -2, Walker"', '"1, Cane | -2, <i>Cane</i>"')
    box = "Aids (choice=Cane)"
    found, places = read(tmp_path, f"Study code,{box},{box}\nP1,Checked,Unchecked\n", fields)
    assert list(found.cells.columns) == ["record_id", "aids___1", "aids____2"]
    assert (cells(found), places) == ([["P1", "1", "0"]], [])
    with pytest.raises(InputError, match=r"column 2: .*stands for 2 fields .*\(aids___1, aids____"):
        read(tmp_path, f"Study code,{box}\nP1,Checked\n", fields)
    text = f"Minutes,Study code,Sex,{box},{box}\n1,P1,Male,Checked,Unchecked\n"
    with pytest.raises(InputError, match="the columns are in another order"):
        read(tmp_path, text, fields)


def test_a_box_may_show_its_own_label(tmp_path):
    found, places = read(tmp_path, "record_id,aids___1,aids____2\nP1,Cane,\nP2,,Walker\n")
    assert cells(found) == [["P1", "1", ""], ["P2", "", "1"]]
    assert places == []
    notes = [(one.column, one.rule, one.severity) for one in found.cell_findings]
    assert notes == [(name, "box_with_label", "note") for name in ("aids___1", "aids____2")]


def test_the_title_of_a_repeating_form_is_its_name_or_a_finding(tmp_path):
    text = "Study code,Repeat Instrument,Minutes\nP1,Training Log,5\nP1,training log!,6\nP1,Gym,7\n"
    found, places = read(tmp_path, text)
    assert list(found.cells["redcap_repeat_instrument"]) == ["training_log", "training_log", "Gym"]
    assert places == [(4, "redcap_repeat_instrument", "Gym", "not_a_form")]


EMPTY_FORM = FIELDS + "thanks,goodbye,descriptive,Thank you,,\nlast,last_form,text,Last,,\n"


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (
            "Sex,Complete?,WISCI level,Complete?,Minutes,Complete?,Complete?,Last,Complete?",
            ["enrol", "walk", "training_log", "goodbye", "last_form"],
        ),
        ("Minutes,Complete?,Complete?,Last,Complete?", ["training_log", "goodbye", "last_form"]),
        ("WISCI level,Complete?,Last,Complete?", ["walk", "last_form"]),
        ("Complete?,WISCI level,Complete?", ["enrol", "walk"]),
    ],
)
def test_a_form_state_is_that_of_its_form(tmp_path, header, names):
    found, places = read(
        tmp_path, f"Study code,{header}\nP1{',' * (header.count(',') + 1)}\n", EMPTY_FORM
    )
    states = [name for name in found.cells if name.endswith("_complete")]
    assert (states, places) == ([f"{name}_complete" for name in names], [])


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("Sex,WISCI level,Complete?", 4),
        ("Sex,Complete?,Complete?,Last,Complete?", 4),
        ("Last,Complete?,Complete?", 4),
    ],
)
def test_a_form_state_that_could_be_of_two_forms_is_refused(tmp_path, header, place):
    with pytest.raises(InputError, match=rf"row 1, column {place}: 'Complete\?' does not say"):
        read(tmp_path, f"Study code,{header}\nP1{',' * (header.count(',') + 1)}\n", EMPTY_FORM)


def test_a_survey_is_that_of_the_columns_behind_its_time(tmp_path):
    header = "Study code,Survey Timestamp,Complete?,Survey Timestamp,Walks?,Complete?"
    found, _ = read(tmp_path, f"{header}\nP1,a,,b,,\n")
    assert list(found.cells.columns)[1::2] == ["enrol_timestamp", "walk_timestamp", "walk_complete"]
    for header in ("Sex,Survey Timestamp", "Survey Timestamp,Survey Timestamp,Sex"):
        with pytest.raises(InputError, match="'Survey Timestamp' does not say of which form"):
            read(tmp_path, f"Study code,{header}\nP1,{',' * header.count(',')}\n")


def test_a_field_with_the_label_of_a_column_that_redcap_adds(tmp_path):
    fields = FIELDS.replace("Minutes", "Event Name")
    found, _ = read(tmp_path, "Study code,Event Name,Sex,Event Name\nP1,Day 1,Male,5\n", fields)
    assert cells(found) == [["P1", "Day 1", "1", "5"]]
    assert list(found.cells.columns)[1::2] == ["redcap_event_name", "minutes"]
    found, _ = read(tmp_path, "Study code,Sex,Event Name\nP1,Male,5\n", fields)
    assert list(found.cells.columns)[2] == "minutes"
    with pytest.raises(InputError, match=r"\(redcap_event_name, minutes\), and for 1 col"):
        read(tmp_path, "Study code,Event Name,Sex\nP1,5,Male\n", fields)


def test_a_labelled_workbook_names_its_findings_by_the_fields(tmp_path):
    (tmp_path / "dictionary.csv").write_text(HEADER + FIELDS)
    book = openpyxl.Workbook()
    for row in (["Study code", "Sex", "Minutes"], ["P1", "Male", "=1+1"], ["P2", "man", 5]):
        book.active.append(row)
    book.save(tmp_path / "export.xlsx")
    entry = export_entry("export.xlsx", labelled=True, dictionary="dictionary.csv")
    found = read_export(tmp_path / "export.xlsx", entry)
    assert list(found.cells["sex"]) == ["1", "man"]
    places = {(one.row, one.column, one.rule) for one in [*found.findings, *found.cell_findings]}
    assert (2, "minutes", "formula_without_value") in places
    assert (3, "sex", "not_a_choice") in places


def test_findings_of_columns_that_nothing_reads_stay_out(tmp_path):
    (tmp_path / "dictionary.csv").write_text(HEADER + FIELDS)
    (tmp_path / "export.csv").write_text("Study code,Sex,WISCI level\nP1,man,Some\n")
    tables = {"subjects": {"columns": {"subject_id": "record_id", "sex": "sex"}}}
    given = {"labelled": True, "dictionary": "dictionary.csv", "tables": tables}
    entry = export_entry("export.csv", **given)
    dictionary = tmp_path / "dictionary.csv"
    found = ingest_export(tmp_path / "export.csv", dictionary, entry, {}, []).findings
    errors = found.loc[found["severity"] == "error"]
    assert errors[["row", "column", "value", "rule"]].to_numpy().tolist() == [
        [2, "sex", "man", "not_a_choice"]
    ]
