"""Files of SAS, SPSS and Stata: labels, missing values, encodings, and files that are not whole."""

import struct

import pandas as pd
import pyreadstat
import pytest
from export_files import export_entry
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.statistical import value_labels
from sas7bdat_files import TEXT, sas7bdat
from transport_files import Dataset, transport


def read(path, **given):
    return read_export(path, export_entry(path.name, **given))


def rows(raw):
    return raw.cells.astype("str").to_numpy().tolist()


WRITERS = {"a.sav": pyreadstat.write_sav, "a.dta": pyreadstat.write_dta}


@pytest.mark.parametrize("name", WRITERS)
def test_a_label_of_two_values_is_an_error_at_each_cell(tmp_path, name):
    words = {"sex": {1: "male", 2: "female", 3: "male"}}
    data = pd.DataFrame({"sex": [1.0, 2.0, 3.0, None, 1.0]})
    WRITERS[name](data, str(tmp_path / name), variable_value_labels=words)
    raw = read(tmp_path / name, labels=True)
    assert [row[0] for row in rows(raw)] == ["1", "female", "3", "1"]  # the blank row is aside
    assert [(found.row, found.value, found.rule) for found in raw.cell_findings] == [
        (1, "1", "label_of_two"),
        (3, "3", "label_of_two"),
        (5, "1", "label_of_two"),
    ]
    assert "'1', '3'" in raw.cell_findings[0].detail
    assert read(tmp_path / name).cell_findings == []


@pytest.mark.parametrize("name", WRITERS)
def test_a_value_without_label_stays_and_is_noted_once(tmp_path, name):
    words = {"sex": {1: "male", 2: "female"}}
    data = pd.DataFrame({"sex": [1.0, 7.0, 2.0, 8.0, 7.0], "free": [1.0] * 5})
    WRITERS[name](data, str(tmp_path / name), variable_value_labels=words)
    raw = read(tmp_path / name, labels=True)
    assert [row[0] for row in rows(raw)] == ["male", "7", "female", "8", "7"]
    (found,) = raw.cell_findings
    assert (found.row, found.severity, found.column) == (None, "note", "sex")
    assert "'7', '8'" in found.detail


def test_a_label_that_is_also_a_value_without_label_is_refused(tmp_path):
    data = pd.DataFrame({"grade": [1.0, 3.0]})
    words = {"grade": {1: "3", 2: "2"}}
    pyreadstat.write_sav(data, str(tmp_path / "a.sav"), variable_value_labels=words)
    raw = read(tmp_path / "a.sav", labels=True)
    assert rows(raw) == [["1"], ["3"]]
    assert [found.rule for found in raw.cell_findings if found.severity == "error"] == [
        "label_of_two",
        "label_of_two",
    ]


def test_labels_of_texts_and_of_missing_values(tmp_path):
    data = pd.DataFrame({"arm": ["A", "B", "C"], "score": [1.0, 99.0, 2.5]})
    words = {"arm": {"A": "active", "B": "before"}, "score": {99: "refused", 1: "one"}}
    pyreadstat.write_sav(
        data,
        str(tmp_path / "a.sav"),
        variable_value_labels=words,
        missing_ranges={"score": [99]},
    )
    raw = read(tmp_path / "a.sav", labels=True)
    assert rows(raw) == [["active", "one"], ["before", ".99"], ["C", "2.5"]]
    assert value_labels(tmp_path / "a.sav", export_entry("a.sav", format="spss")) == {
        "arm": {"A": "active", "B": "before"},
        "score": {"1": "one", ".99": "refused"},
    }


def test_labels_of_tagged_missing_values(tmp_path):
    data = pd.DataFrame({"score": [1.0, "a", "b"]})
    words = {"score": {1: "one", "a": "refused"}}
    pyreadstat.write_dta(
        data,
        str(tmp_path / "a.dta"),
        variable_value_labels=words,
        missing_user_values={"score": ["a", "b"]},
    )
    raw = read(tmp_path / "a.dta", labels=True)
    assert rows(raw) == [["one"], [".a"], [".b"]]
    assert value_labels(tmp_path / "a.dta", export_entry("a.dta", format="stata")) == {
        "score": {"1": "one", ".a": "refused"}
    }


def test_ranges_of_missing_values_with_open_ends_and_of_texts(tmp_path):
    data = pd.DataFrame(
        {
            "low": [-5.0, 0.0, 3.0],
            "high": [98.0, 1e9, 3.0],
            "both": [-1.0, 99.0, 3.0],
            "word": ["NA", "NAx", "x"],
        }
    )
    infinite = float("inf")
    ranges = {
        "low": [{"lo": -infinite, "hi": 0}],
        "high": [{"lo": 98, "hi": infinite}],
        "both": [{"lo": 90, "hi": 99}, -1],
        "word": ["NA", "x"],
    }
    pyreadstat.write_sav(data, str(tmp_path / "a.sav"), missing_ranges=ranges)
    assert rows(read(tmp_path / "a.sav")) == [
        [".-5", ".98", ".-1", ".NA"],
        [".0", ".1000000000", ".99", "NAx"],
        ["3", "3", "3", ".x"],
    ]


def test_blanks_inside_and_before_a_text_are_kept(tmp_path):
    data = pd.DataFrame({"word": ["  a  b ", "c"]})
    pyreadstat.write_sav(data, str(tmp_path / "a.sav"))
    assert rows(read(tmp_path / "a.sav")) == [["  a  b"], ["c"]]
    (tmp_path / "a.xpt").write_bytes(transport(Dataset("A", [("W", -9, "")], [["  a  b "]])))
    assert rows(read(tmp_path / "a.xpt")) == [["  a  b"]]


def latin(folder, name):
    """A file that claims, or is taken, to hold UTF-8 and does not."""
    path = folder / name
    data = pd.DataFrame({"word": ["M\u00fcller", "ok"]})
    if name == "a.xpt":
        pyreadstat.write_xport(data, str(path), file_format_version=5)
    elif name == "a.sas7bdat":
        path.write_bytes(sas7bdat([("word", TEXT, 8)], [["M\u00fcller"], ["ok"]]))
    else:
        WRITERS[name](data, str(path))
    content = path.read_bytes()
    assert b"M\xc3\xbcller" in content
    path.write_bytes(content.replace(b"M\xc3\xbcller", b"M\xfclle\xe9r"))
    return path


@pytest.mark.parametrize("name", ["a.sav", "a.dta", "a.xpt", "a.sas7bdat"])
def test_a_wrong_encoding_is_one_line_and_the_right_one_reads(tmp_path, name):
    path = latin(tmp_path, name)
    with pytest.raises(InputError, match="a text in it does not fit its own encoding") as error:
        read(path)
    assert "set exports.*.encoding" in str(error.value)
    for encoding in ("windows-1252", "latin-1", "cp1252"):
        assert rows(read(path, encoding=encoding)) == [["M\u00fclle\u00e9r"], ["ok"]]
    with pytest.raises(InputError, match="no such encoding is known"):
        read(path, encoding="nonsense")


def test_a_file_of_another_kind_is_one_line(tmp_path):
    data = pd.DataFrame({"a": [1.0]})
    pyreadstat.write_sav(data, str(tmp_path / "a.dta"))
    with pytest.raises(InputError, match="cannot be read as stata: its content is that of spss"):
        read(tmp_path / "a.dta")
    assert rows(read(tmp_path / "a.dta", format="spss")) == [["1"]]
    pyreadstat.write_por(data, str(tmp_path / "b.sav"))
    assert rows(read(tmp_path / "b.sav")) == [["1"]]
    pyreadstat.write_dta(data, str(tmp_path / "c.sas7bdat"), version=10)
    with pytest.raises(InputError, match="cannot be read as sas7bdat: its content is that of st"):
        read(tmp_path / "c.sas7bdat")
    for content, what in (
        (b"", "it is empty"),
        (b"id;level\n1;2\n", "it is a text file"),
        (b"PK\x03\x04" + bytes(100), "it is a workbook or a ZIP archive"),
    ):
        for name in ("d.sav", "d.dta", "d.xpt", "d.sas7bdat", "d.por"):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(InputError, match=what):
                read(tmp_path / name)


@pytest.mark.parametrize("name", [*WRITERS, "a.por"])
def test_a_file_that_is_cut_anywhere_is_whole_or_one_line(tmp_path, name):
    data = pd.DataFrame({"a": [1.5, 2, 3, 4], "b": ["u", "vv", "www", "x"]})
    path = tmp_path / name
    {**WRITERS, "a.por": pyreadstat.write_por}[name](data, str(path))
    content, whole = path.read_bytes(), rows(read(path))
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        try:
            assert rows(read(path)) == whole
        except InputError as error:
            assert str(path) in str(error)


@pytest.mark.parametrize("packed", [{}, {"row_compress": True}, {"compress": True}])
@pytest.mark.parametrize("count", [-1, 0, 2])
def test_all_rows_are_read_whatever_the_header_counts(tmp_path, packed, count):
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"a": [1.0, 2, 3], "b": ["u", "v", "w"]}), str(path), **packed
    )
    content = bytearray(path.read_bytes())
    struct.pack_into("<i", content, 80, count)
    path.write_bytes(content)
    raw = read(path)
    assert rows(raw) == [["1", "u"], ["2", "v"], ["3", "w"]]
    assert [found.rule for found in raw.findings] == ([] if count < 0 else ["row_count"])
    struct.pack_into("<i", content, 80, 4)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.sav: cannot be read as spss"):
        read(path)


def test_two_variables_of_one_name_are_one_line(tmp_path):
    data = Dataset("A", [("X", 8, ""), ("X", 8, "")], [[1.0, 2.0]])
    (tmp_path / "a.xpt").write_bytes(transport(data))
    with pytest.raises(InputError, match="column 'X' is duplicated"):
        read(tmp_path / "a.xpt")


def test_an_encoding_whose_signs_wait_for_the_next_is_refused(tmp_path):
    # The reader gives the last sign of a text in windows-1258 to the next text.
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"word": ["abc", "def"]}), str(path))
    with pytest.raises(InputError, match="texts in the encoding cp1258 cannot be read without"):
        read(path, encoding="windows-1258")


def test_a_variable_without_a_name_is_one_line(tmp_path):
    data = Dataset("A", [("X", 8, ""), ("", 8, "")], [[1.0, 2.0]])
    (tmp_path / "a.xpt").write_bytes(transport(data))
    with pytest.raises(InputError, match="row 1, column 2: no column name"):
        read(tmp_path / "a.xpt")
