"""REDCap's data dictionary as different versions, downloads and spreadsheet programs write it."""

import csv
from pathlib import Path

import openpyxl
import pytest
from export_files import export_entry
from owncontrol.errors import InputError
from owncontrol.ingest import redcap
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.redcap_header import expected_columns
from redcap_project import HEADER, Column, Project

SHARED = Path(__file__).parents[4] / "shared"
REAL = SHARED / "reference" / "redcap_isncsci_dictionary.csv"
REPEATING = SHARED / "real" / "redcap_repeating"
ROWS = [
    ["record_id", "one", "", "text", "Code"],
    ["intro", "one", "", "descriptive", "<p>Read this</p>"],
    ["sex", "one", "", "radio", "Séx?", "1, Mâle|2 , Female, other |"],
    ["aids", "one", "Aids", "checkbox", "Aids", "-1, None | A1, Cane, long"],
    ["total", "one", "", "calc", "Total", "[a]+[b]", "", "", "0", "9", "y"],
    ["pain", "one", "", "slider", "Pain", "none | some | worst", "", "number"],
    ["scan", "two", "", "file", "Scan", "", "", "signature"],
    ["title", "two", "", "dropdown", "Title", "Mr. | Mrs."],
]


def text(delimiter=",", header=HEADER, rows=ROWS, between=""):
    names = next(csv.reader([header]))
    full = [[*row, *[""] * (len(names) - len(row))] for row in [names, *rows]]
    quoted = (f'"{cell}"' for row in full for cell in row)
    cells = [delimiter.join(next(quoted) for _ in names) for _ in full]
    return "\n".join([cells[0], *cells[1:3], *([between] if between else []), *cells[3:]]) + "\n"


@pytest.mark.parametrize(
    ("delimiter", "encoding"),
    [
        (",", "utf-8"),
        (",", "utf-8-sig"),
        (";", "utf-8"),
        (";", "utf-8-sig"),
        ("\t", "utf-16"),
        (";", "utf-16-le"),
        (",", "utf-16-be"),
    ],
)
def test_a_dictionary_is_read_whatever_program_saved_it(tmp_path, delimiter, encoding):
    path = tmp_path / "dictionary.csv"
    path.write_bytes(text(delimiter, between=delimiter * 17).encode(encoding))
    fields = redcap.read_dictionary(path)
    assert list(fields) == ["record_id", "sex", "aids", "total", "pain", "scan", "title"]
    assert fields["sex"].choices == {"1": "Mâle", "2": "Female, other"}
    assert fields["sex"].label == "Séx?"
    assert fields["aids"].choices == {"-1": "None", "A1": "Cane, long"}
    assert fields["title"].choices == {"Mr.": "Mr.", "Mrs.": "Mrs."}
    assert (fields["pain"].choices, fields["scan"].validation) == ({}, "signature")
    total = fields["total"]
    assert (total.choices, total.minimum, total.maximum, total.identifier) == ({}, "0", "9", True)
    assert [field.name for field in redcap.all_fields(path)][1] == "intro"


def test_a_dictionary_in_a_workbook_is_read(tmp_path):
    book = openpyxl.Workbook()
    for row in [next(csv.reader([HEADER])), *ROWS]:
        book.active.append(row)
    book.save(tmp_path / "dictionary.xlsx")
    assert len(redcap.read_dictionary(tmp_path / "dictionary.xlsx")) == 7


def test_another_encoding_is_that_of_the_export_or_refused(tmp_path):
    path = tmp_path / "dictionary.csv"
    path.write_bytes(text(";").encode("windows-1252"))
    assert redcap.read_dictionary(path, "windows-1252")["sex"].label == "Séx?"
    with pytest.raises(InputError, match="not readable as a data dictionary") as caught:
        redcap.read_dictionary(path)
    assert "save it as CSV UTF-8" in caught.value.hint


@pytest.mark.parametrize(
    "header",
    [
        "Variable / Field Name,Form Name,Field Units,Field Type,Field Label,Choices OR "
        "Calculations,Field Note,Text Validation Type,Text Validation Min,Text Validation Max,"
        "Identifier?",
        "field_name,form_name,section_header,field_type,field_label,"
        "select_choices_or_calculations,field_note,text_validation_type_or_show_slider_number,"
        "text_validation_min,text_validation_max,identifier,branching_logic",
    ],
)
def test_the_columns_of_old_versions_and_of_the_api_are_known(tmp_path, header):
    path = tmp_path / "dictionary.csv"
    path.write_text(text(header=header), encoding="utf-8")
    fields = redcap.read_dictionary(path)
    assert fields["sex"].choices == {"1": "Mâle", "2": "Female, other"}
    assert (fields["total"].maximum, fields["total"].identifier) == ("9", True)
    assert fields["scan"].validation == "signature"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*ROWS, ROWS[2]], "row 10: the field 'sex' is also in row 4"),
        ([["sex of patient", "one"]], "row 2: .*'sex of patient' is no name of a field"),
        ([["", "one", "", "text", "x"]], "row 2: .*'' is no name"),
        ([["a", 'b","c', *[""] * 16]], "row 2: the row does not fit the header"),
    ],
)
def test_a_broken_dictionary_is_one_line_with_its_row(tmp_path, rows, message):
    path = tmp_path / "dictionary.csv"
    path.write_text(text(rows=rows), encoding="utf-8")
    with pytest.raises(InputError, match=f"dictionary.csv, {message}"):
        redcap.read_dictionary(path)


def _round_trip(folder, dictionary, columns, rows):
    project = Project([], columns, rows)
    for labels in (True, False):
        for values in (True, False):
            project.write_export(folder / "export.csv", labels, values)
            entry = export_entry("export.csv", labelled=True, dictionary=str(dictionary))
            found = read_export(folder / "export.csv", entry)
            assert list(found.cells.columns) == [column.name for column in columns]
            assert found.cells.astype("str").to_numpy().tolist() == rows
            assert [one for one in found.findings if one.severity != "note"] == []
            assert found.cell_findings == []


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_file(), reason="the real data dictionary is not beside the project")
def test_the_labels_of_a_real_dictionary_translate_back(tmp_path):
    fields = redcap.all_fields(REAL)
    assert len(fields) == 579
    columns = [Column("record_id", "Record ID"), Column("redcap_event_name", "Event Name")]
    for one in expected_columns(fields):
        states = {"0": "Unchecked", "1": "Checked"} if one.kind == "box" else one.choices
        columns += [Column(one.name, one.label, states)] if one.kind != "timestamp" else []
    rows = [
        [
            "P1" if place == 0 else ["", *column.choices][(row + place) % (len(column.choices) + 1)]
            for place, column in enumerate(columns)
        ]
        for row in range(12)
    ]
    _round_trip(tmp_path, REAL, columns, rows)


@pytest.mark.skipif(not REPEATING.is_dir(), reason="the real exports are not beside the project")
def test_a_real_export_and_its_labelled_form_are_the_same(tmp_path):
    dictionary = REPEATING / "dictionary.csv"
    entry = export_entry("data.csv", dictionary="dictionary.csv")
    raw = read_export(REPEATING / "data.csv", entry)
    assert [one for one in raw.findings if one.severity != "note"] == []
    known = {one.name: one for one in expected_columns(redcap.all_fields(dictionary))}
    columns = [
        Column(name, known[name].label, known[name].choices)
        if name in known
        else Column(name, name.removeprefix("redcap_").replace("_", " ").title())
        for name in raw.cells.columns
    ]
    rows = [[" ".join(text.split()) for text in row] for row in raw.cells.astype("str").to_numpy()]
    _round_trip(tmp_path, dictionary, columns, rows)
