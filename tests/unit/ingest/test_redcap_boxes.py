"""Boxes that nobody ticked are no content: REDCap writes 0 for each box of an empty form."""

from pathlib import Path

import pytest
from export_files import ingest

CASE = next((Path(__file__).parents[2] / "cases").glob("18-*")) / "exam.csv"
EVENTS = {
    "subject_id": "record_id",
    "term": "ae_term",
    "onset_date": "ae_start",
    "serious": "ae_serious___1",
    "system_organ_class": "ae_soc",
    "grade": "ae_grade",
    "relation": "ae_rel",
}


def taken(folder, text, table="subjects", dictionary=None, **mapping):
    """Raw rows that the table takes, and the rules of the findings."""
    path = folder / "x.csv"
    path.write_text(text)
    found = ingest(path, dictionary, tables={table: mapping})
    rules = [
        (str(row), rule)
        for row, rule in zip(found.findings["row"], found.findings["rule"], strict=True)
        if rule != "column_not_mapped"
    ]
    return found.tables[table]["source_row"].tolist(), rules


def test_a_visit_without_a_ticked_box_is_no_adverse_event():
    found = ingest(CASE, tables={"adverse_events": {"columns": EVENTS}})
    events = found.tables["adverse_events"]
    assert events[["source_row", "term", "serious"]].to_numpy().tolist() == [[3, "Fall", "1"]]
    notes = found.findings.loc[found.findings["rule"] == "only_unticked_boxes"]
    assert notes["detail"].tolist() == [
        "3 rows that could belong to adverse_events hold nothing but boxes that are not ticked"
    ]


@pytest.mark.parametrize(
    ("unticked", "ticked"), [("0", "1"), ("Unchecked", "Checked"), ("0.0", "1.0"), (" 0", "1")]
)
def test_a_ticked_box_alone_is_content(tmp_path, unticked, ticked):
    text = f"id,term,s___1\nP1,,{unticked}\nP1,,{ticked}\nP2,Fall,{unticked}\nP3,,\n"
    columns = {"subject_id": "id", "sex": "term", "age": "s___1"}
    rows, rules = taken(tmp_path, text, columns=columns)
    assert rows == [3, 4]
    assert rules == [("<NA>", "only_unticked_boxes")]


@pytest.mark.parametrize("name", ["s___1", "s"])
def test_a_zero_is_content_where_the_column_is_no_box(tmp_path, name):
    other = "2" if name == "s___1" else "1"
    columns = {"subject_id": "id", "sex": "term", "age": name}
    text = f"id,term,{name}\nP1,,0\nP1,,{other}\n"
    assert taken(tmp_path, text, columns=columns) == ([2, 3], [])


def test_the_dictionary_says_what_is_a_box(tmp_path):
    header = "Variable / Field Name,Form Name,Field Type,Field Label,"
    header += '"Choices, Calculations, OR Slider Labels"\n'
    fields = 'id,ae,text,Code,\nterm,ae,text,Term,\ns,ae,checkbox,Serious,"1, Yes | 2, No"\n'
    dictionary = tmp_path / "dictionary.csv"
    columns = {"subject_id": "id", "sex": "term", "age": "s___1"}
    text = "id,term,s___1,s___2\nP1,,0,0\nP1,,unclear,0\n"
    dictionary.write_text(header + fields)
    assert taken(tmp_path, text, dictionary=dictionary, columns=columns)[0] == [3]
    dictionary.write_text(header + fields.replace("checkbox", "yesno"))
    assert taken(tmp_path, text, dictionary=dictionary, columns=columns)[0] == [2, 3]


def test_a_complete_form_without_a_tick_is_reported(tmp_path):
    text = "id,term,s___1,ae_complete\nP1,,0,2\nP1,,0,0\nP1,,1,2\n"
    columns = {"subject_id": "id", "sex": "term", "age": "s___1"}
    rows, rules = taken(tmp_path, text, columns=columns, form_state="ae_complete")
    assert rows == [4]
    assert rules == [("2", "complete_but_blank"), ("<NA>", "only_unticked_boxes")]


def test_unticked_boxes_of_other_events_are_not_taken_for_lost_content(tmp_path):
    text = "id,event,term,s___1\nP1,ae,Fall,1\nP1,visit,,0\nP1,visit,,1\n"
    columns = {"subject_id": "id", "sex": "term", "age": "s___1"}
    rows, rules = taken(tmp_path, text, columns=columns, rows={"event": "ae"})
    assert (rows, rules) == ([2], [("4", "content_not_taken")])


def test_boxes_of_a_wide_table_are_boxes(tmp_path):
    text = "id,sex,old_v1___1,old_v2___1\nP1,m,1,0\nP2,,0,0\n"
    columns = {"subject_id": "id", "sex": "sex", "age": "old_{visit}___1"}
    rows, _ = taken(tmp_path, text, columns=columns, wide="v[12]")
    assert rows == [2, 2]


def test_a_table_of_boxes_alone_takes_none_ticked_as_an_answer(tmp_path):
    text = "id,s___1\nP1,0\nP2,1\nP3,\n"
    rows, _ = taken(tmp_path, text, columns={"subject_id": "id", "sex": "s___1"})
    assert rows == [2, 3]
