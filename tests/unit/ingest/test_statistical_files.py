"""Files of SAS, SPSS and Stata: labels, missing values, encodings, and files that are not whole."""

import struct

import pandas as pd
import pyreadstat
import pytest
from export_files import export_entry
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.statistical import value_labels
from owncontrol.ingest.readers.statistical.spss import CountUnknown
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
    place = r"row 1, column word: a text is not UTF-8, the encoding that the file gives"
    with pytest.raises(InputError, match=f"(?i){place}") as error:
        read(path)
    assert "set exports.*.encoding" in str(error.value)
    for encoding in ("windows-1252", "latin-1", "cp1252"):
        assert rows(read(path, encoding=encoding)) == [["M\u00fclle\u00e9r"], ["ok"]]
    with pytest.raises(InputError, match="no encoding is called 'nonsense'"):
        read(path, encoding="nonsense")


def test_a_file_of_another_kind_is_one_line(tmp_path):
    data = pd.DataFrame({"a": [1.0]})
    pyreadstat.write_sav(data, str(tmp_path / "a.dta"))
    with pytest.raises(InputError, match=r"cannot be read as stata, .*it is an SPSS file"):
        read(tmp_path / "a.dta")
    assert rows(read(tmp_path / "a.dta", format="spss")) == [["1"]]
    pyreadstat.write_por(data, str(tmp_path / "b.sav"))
    assert rows(read(tmp_path / "b.sav")) == [["1"]]
    pyreadstat.write_dta(data, str(tmp_path / "c.sas7bdat"), version=10)
    with pytest.raises(InputError, match=r"cannot be read as sas7bdat, .*it is a Stata file"):
        read(tmp_path / "c.sas7bdat")
    for content, what in (
        (b"", "is empty"),
        (b"id;level\n1;2\n", "cannot be read as"),
        (b"PK\x03\x04" + bytes(100), "it is a zip file"),
        (bytes(12) + bytes.fromhex("c2ea8163b31411cf") + bytes(900), "a SAS catalog"),
    ):
        for name in ("d.sav", "d.dta", "d.xpt", "d.sas7bdat", "d.por"):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(InputError, match=what):
                read(tmp_path / name)


@pytest.mark.slow
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


@pytest.mark.parametrize("ending", [b"\xe9", b"\xc3", b"\xe6\x97"])
def test_a_letter_at_the_end_of_a_text_is_not_lost(tmp_path, ending):
    # The beginning of a longer sign in UTF-8; the reader leaves it out.
    (tmp_path / "a.xpt").write_bytes(
        transport(Dataset("A", [("W", -6, "")], [["ok"], ["caf~~~"]])).replace(
            b"caf~~~", (b"caf" + ending).ljust(6)
        )
    )
    with pytest.raises(InputError, match="row 2, column W: a text is not utf-8"):
        read(tmp_path / "a.xpt")
    text = (b"caf" + ending).decode("latin-1")
    assert rows(read(tmp_path / "a.xpt", encoding="latin-1")) == [["ok"], [text]]


@pytest.mark.parametrize(("text", "width"), [("caf\u00e9", 4), ("\u6b69\u884c", 20)])
def test_a_sign_that_is_cut_off_is_found_at_its_cell(tmp_path, text, width):
    data = Dataset("A", [("W", -width, "")], [["ok"], ["~" * width]])
    stored = text.encode()[:-1].ljust(width)
    (tmp_path / "a.xpt").write_bytes(transport(data).replace(b"~" * width, stored))
    raw = read(tmp_path / "a.xpt")
    assert rows(raw) == [["ok"], [text[:-1]]]
    (found,) = raw.cell_findings
    assert (found.row, found.rule, found.severity) == (2, "text_cut", "error")


def test_encodings_that_hold_signs_back_and_those_of_the_mac(tmp_path):
    words = {"windows-1258": ["Iris-setosa", "ca"], "mac-greek": ["\u03b1\u03b2"]}
    for encoding, texts in words.items():
        data = Dataset("A", [("W", -12, "")], [["~" * 12] for _ in texts])
        content = transport(data)
        for text in texts:
            content = content.replace(b"~" * 12, text.encode(encoding).ljust(12), 1)
        (tmp_path / "a.xpt").write_bytes(content)
        assert rows(read(tmp_path / "a.xpt", encoding=encoding)) == [[text] for text in texts]


def test_utf_8_in_a_file_that_gives_another_encoding_is_doubted(tmp_path):
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(pd.DataFrame({"word": ["ab~~"]}), str(path), version=10)
    path.write_bytes(path.read_bytes().replace(b"ab~~", "ab\u00fc".encode()))
    raw = read(path)
    assert rows(raw) == [["ab\u00c3\u00bc"]]
    assert [found.rule for found in raw.cell_findings] == ["encoding_doubtful"]
    raw = read(path, encoding="utf8")
    assert rows(raw) == [["ab\u00fc"]]
    assert raw.cell_findings == []


def test_a_variable_without_a_name_is_one_line(tmp_path):
    data = Dataset("A", [("X", 8, ""), ("", 8, "")], [[1.0, 2.0]])
    (tmp_path / "a.xpt").write_bytes(transport(data))
    with pytest.raises(InputError, match="row 1, column 2: no column name"):
        read(tmp_path / "a.xpt")


def labelled_sav(path):
    data = pd.DataFrame({"sex": [1.0, 2.0], "word": ["cafe", "b"]})
    words = {"sex": {1: "m", 2: "f"}, "word": {"cafe": "k"}}
    pyreadstat.write_sav(data, str(path), variable_value_labels=words)
    return path.read_bytes()


def test_labels_that_the_reader_would_crash_at(tmp_path):
    path = tmp_path / "a.sav"
    content = labelled_sav(path)
    first = struct.pack("<3i", 4, 1, 1)  # labels of the first variable
    assert content.count(first) == 1
    path.write_bytes(content.replace(first, struct.pack("<3i", 4, 1, 9)))
    assert rows(read(path, labels=True)) == [["1", "k"], ["2", "b"]]
    path.write_bytes(content.replace(b"cafe", b"caf\xe9"))
    with pytest.raises(InputError, match="value labels: a text is not UTF-8"):
        read(path)
    assert rows(read(path, labels=True, encoding="latin-1")) == [["m", "k"], ["f", "b"]]


@pytest.mark.parametrize(("code", "word"), [(1252, "\u00e9"), (3, "\u00e9"), (1251, "\u0439")])
def test_the_encoding_of_a_sav_by_its_number(tmp_path, code, word):
    path = tmp_path / "a.sav"
    content = labelled_sav(path).replace(b"cafe", b"caf\xe9")
    named = struct.pack("<4i", 7, 20, 1, 5) + b"UTF-8"
    assert content.count(named) == 1
    number = struct.pack("<4i", 7, 3, 4, 8)
    place = content.index(number) + len(number) + 28
    content = content[:place] + struct.pack("<i", code) + content[place + 4 :]
    path.write_bytes(content.replace(named, b""))
    assert rows(read(path)) == [["1", f"caf{word}"], ["2", "b"]]


def test_an_encoding_that_nobody_knows_is_one_line(tmp_path):
    path = tmp_path / "a.sav"
    content = labelled_sav(path).replace(b"UTF-8", b"UTF-X")
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"the encoding that it gives \(UTF-X\) is not known"):
        read(path)
    assert rows(read(path, encoding="utf8")) == [["1", "cafe"], ["2", "b"]]


def test_of_values_without_label_five_are_named_and_the_rest_counted(tmp_path):
    data = pd.DataFrame({"site": [float(number) for number in range(1, 9)]})
    words = {"site": {1: "one"}}
    pyreadstat.write_sav(data, str(tmp_path / "a.sav"), variable_value_labels=words)
    (found,) = read(tmp_path / "a.sav", labels=True).cell_findings
    assert "'2', '3', '4', '5', '6' and 2 more" in found.detail


def test_the_number_of_cases_is_overwritten_wherever_a_read_begins(tmp_path):
    """The header has it in bytes 80 to 83; -1 is four bytes of FF."""
    content = bytes(range(120))
    (tmp_path / "a.sav").write_bytes(content)
    expected = content[:80] + b"\xff" * 4 + content[84:]
    for size in (1, 3, 40, 79, 82, 200):
        with CountUnknown(tmp_path / "a.sav") as file:
            assert b"".join(iter(lambda file=file, size=size: file.read(size), b"")) == expected
