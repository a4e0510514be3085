"""Every format by configuration alone: the same cells out of each, at the row a person counts."""

import datetime

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from export_files import export_entry, ingest
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export

WALKS = {"columns": {"subject_id": "id", "visit": "when", "date": "day", "wisci_level": "level"}}
ROWS = [("P1", "before", "2021-02-01", "3"), ("P2", "before", "2021-03-01", "")]
HEADER = ("id", "when", "day", "level")


def read(path, **given):
    return read_export(path, export_entry(path.name, **given))


def cells(raw):
    return [tuple(row) for row in raw.cells.itertuples(index=False)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "shift_jis"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimited_text(tmp_path, encoding, delimiter):
    word = {"windows-1252": "Müller", "shift_jis": "歩行"}.get(encoding, "Ω歩")
    rows = [("id", "note"), ("P1", word), ("P2", f'"a{delimiter}b"')]
    path = tmp_path / "walks.csv"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    raw = read(path, encoding=declared, delimiter=delimiter)
    assert cells(raw) == [("P1", word), ("P2", f"a{delimiter}b")]
    assert list(raw.cells.index) == [2, 3]


def frame():
    return pd.DataFrame(
        {
            "id": ["P1", "P2"],
            "when": ["before", "before"],
            "day": [datetime.date(2021, 2, 1), datetime.date(2021, 3, 1)],
            "level": [3.0, None],
        }
    )


WRITERS = {
    "walks.sav": lambda path: pyreadstat.write_sav(frame(), path),
    "walks.dta": lambda path: pyreadstat.write_dta(frame(), path),
    "walks.xpt": lambda path: pyreadstat.write_xport(frame(), path, file_format_version=5),
}


@pytest.mark.parametrize("name", WRITERS)
def test_statistical_files_give_the_cells_of_the_text_file(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](str(path))
    raw = read(path)
    assert list(raw.cells.columns) == list(HEADER)
    assert cells(raw) == ROWS
    # These programs count observations, and names are no row.
    assert list(raw.cells.index) == [1, 2]
    found = ingest(path, tables={"wisci2": WALKS})
    assert list(found.tables["wisci2"]["source_row"]) == [1, 2]


def test_numbers_times_and_labels_as_the_program_shows_them(tmp_path):
    data = pd.DataFrame(
        {
            "sex": [1.0, 2.0],
            "dose": [1.1, 1e-3],
            "given": [datetime.datetime(2021, 2, 1, 10, 30), None],
        }
    )
    for path, write in (("a.sav", pyreadstat.write_sav), ("a.dta", pyreadstat.write_dta)):
        words = {"sex": {1: "male", 2: "female"}}
        write(data, str(tmp_path / path), variable_value_labels=words)
        assert cells(read(tmp_path / path)) == [
            ("1", "1.1", "2021-02-01 10:30"),
            ("2", "0.001", ""),
        ]
        assert [row[0] for row in cells(read(tmp_path / path, labels=True))] == ["male", "female"]


def test_a_value_that_the_file_declares_missing_is_no_value(tmp_path):
    path = tmp_path / "walks.sav"
    data = pd.DataFrame({"level": [3.0, 99.0, 98.0], "word": ["a", "NA", "b"]})
    bounds = {"level": [{"lo": 98, "hi": 99}], "word": ["NA"]}
    pyreadstat.write_sav(data, str(path), missing_ranges=bounds)
    assert cells(read(path)) == [("3", "a"), (".99", ".NA"), (".98", "b")]
    path = tmp_path / "walks.dta"
    data = pd.DataFrame({"level": [3.0, "a"]})
    pyreadstat.write_dta(data, str(path), missing_user_values={"level": ["a"]})
    assert cells(read(path)) == [("3",), (".a",)]


@pytest.mark.parametrize("name", ["a.sas7bdat", "a.xpt", "a.sav", "a.por", "a.dta"])
def test_a_broken_statistical_file_is_one_line(tmp_path, name):
    (tmp_path / name).write_bytes(b"id,level\n1,2\n" * 100)
    with pytest.raises(InputError, match=f"{name}: cannot be read as"):
        read(tmp_path / name)


def test_a_header_that_claims_more_than_the_file_holds_is_one_line(tmp_path):
    path = tmp_path / "walks.dta"
    pyreadstat.write_dta(pd.DataFrame({"level": [3.0, 4.0]}), str(path))
    content = path.read_bytes()
    place = content.index(b"<N>") + len("<N>")
    assert content[place] == 2
    claimed = (2**31 - 2).to_bytes(8, "little")
    path.write_bytes(content[:place] + claimed + content[place + 8 :])
    with pytest.raises(InputError, match=f"claims {2**31 - 2} cells, and the file has"):
        read(path)


def test_a_suffix_without_a_format_is_one_line(tmp_path):
    (tmp_path / "walks.doc").write_text("id\n1\n")
    with pytest.raises(InputError, match=r"walks\.doc: no format goes with the suffix '\.doc'"):
        read(tmp_path / "walks.doc")


def workbook(path, rows, merged=(), epoch=None):
    book = openpyxl.Workbook()
    page = book.active
    for row in rows:
        page.append(row)
    for area in merged:
        page.merge_cells(area)
    if epoch is not None:
        book.epoch = epoch
    book.save(path)


def test_two_header_rows_with_merged_cells(tmp_path):
    path = tmp_path / "exam.xlsx"
    rows = [["Patient", "Right", None, "Left", None, "Note"], [None, "C5", "C6", "C5", "C6", None]]
    workbook(path, [*rows, ["P1", 5, 4, 3, 2, "x"]], ["A1:A2", "B1:C1", "D1:E1"])
    raw = read(path, header_rows=2)
    assert list(raw.cells.columns) == [
        "Patient",
        "Right C5",
        "Right C6",
        "Left C5",
        "Left C6",
        "Note",
    ]
    assert list(raw.cells.index) == [3]
    text = "Patient,Right,,Left,\n,C5,C6,C5,C6\nP1,5,4,3,2\n"
    (tmp_path / "exam.csv").write_text(text)
    raw = read(tmp_path / "exam.csv", header_rows=2)
    assert list(raw.cells.columns) == ["Patient", "Right C5", "Right C6", "Left C5", "Left C6"]
    assert list(raw.cells.index) == [3]


def test_a_formula_without_a_value_is_found_at_its_cell(tmp_path):
    path = tmp_path / "walks.xlsx"
    workbook(path, [list(HEADER), ["P1", "before", "2021-02-01", "=1+2"]])
    raw = read(path)
    assert cells(raw) == [("P1", "before", "2021-02-01", "")]
    (finding,) = raw.findings
    assert (finding.row, finding.column, finding.value) == (2, "level", "=1+2")
    assert (finding.rule, finding.severity) == ("formula_without_value", "error")


@pytest.mark.parametrize(
    ("epoch", "number"),
    [(openpyxl.utils.datetime.WINDOWS_EPOCH, 44228), (openpyxl.utils.datetime.MAC_EPOCH, 42766)],
)
def test_a_number_in_a_date_column_counts_from_the_epoch_of_the_workbook(tmp_path, epoch, number):
    path = tmp_path / "walks.xlsx"
    workbook(
        path,
        [list(HEADER), ["P1", "before", number, 3], ["P2", "before", datetime.date(2021, 3, 1), 0]],
        epoch=epoch,
    )
    found = ingest(path, tables={"wisci2": WALKS})
    assert list(found.tables["wisci2"]["date"]) == ["2021-02-01", "2021-03-01"]
    assert list(found.tables["wisci2"]["wisci_level"]) == ["3", "0"]
    (note,) = found.findings.itertuples()
    assert (note.row, note.column, note.value, note.rule) == (
        2,
        "day",
        str(number),
        "date_as_number",
    )
