"""Encodings and delimiters: declared ones are checked, others are proposed with their doubt."""

import csv
import io

import pytest
import yaml
from export_files import export_entry
from owncontrol.cli.suggest_mapping import suggest_mapping
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.delimited import detect
from owncontrol.ingest.readers.encodings import guess

JAPANESE = "患者番号,性別,備考\nW-01,男,歩行可能\nW-02,女,リハビリ中です\n"
NEC = "患者番号,病院\nW-01,①髙橋㈱\nW-02,②札幌医科大学\n"
CHINESE = "患者编号,性别,诊断\nW-01,男,脊髓损伤\nW-02,女,颈椎骨折\n"
GERMAN = "id,Größe,Bemerkung\n1,3,für Übung\n2,4,Müller fährt\n"
FRENCH = "id,prénom,âge\n1,Zoé,45\n2,François,50\n"
QUOTES = "id,note\n1,“5 €”\n2,don’t\n"
SIGNS = "id,note\n1,37 °C\n2,5 ± 2 µg\n"
HALF = "id,ｶﾅ\n1,ﾀﾅｶ ﾊﾅｺ\n"
PLAIN = "id,note\n1,a\n"


def written(folder, text, encoding, name="x.csv"):
    path = folder / name
    path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    return path


def read(folder, content, **changes):
    path = written(folder, content, "utf-8")
    return read_export(path, export_entry("x.csv", **changes))


def cells(raw):
    return [raw.cells.columns.tolist(), *raw.cells.astype("str").to_numpy().tolist()]


@pytest.mark.slow
@pytest.mark.parametrize("text", [PLAIN, GERMAN, JAPANESE, CHINESE])
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
def test_unicode_is_found_and_read(tmp_path, text, encoding):
    path = written(tmp_path, text, encoding)
    found = detect(path)
    assert found.doubts == {}
    raw = read_export(path, export_entry("x.csv", encoding=found.encoding))
    assert cells(raw) == [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(JAPANESE, "shift_jis"), (CHINESE, "gb18030"), (GERMAN, "windows-1252")],
)
def test_the_letters_beyond_ascii_tell_the_encoding(text, encoding):
    assert guess(text.encode(encoding)).encoding == encoding


@pytest.mark.parametrize("mark", [b"", b"\xff\xfe", b"\xfe\xff"])
def test_utf16_by_its_mark_or_by_where_its_nul_bytes_stand(tmp_path, mark):
    content = mark + GERMAN.encode("utf-16-be" if mark == b"\xfe\xff" else "utf-16-le")
    raw = read(tmp_path, content, encoding="utf-16")
    assert cells(raw) == [line.split(",") for line in GERMAN.splitlines()]
    assert [f.rule for f in raw.findings] == ([] if mark else ["byte_order"])
    # The other order than the computer's, which Python would take for nonsense.
    raw = read(tmp_path, GERMAN.encode("utf-16-be"), encoding="utf-16")
    assert cells(raw) == [line.split(",") for line in GERMAN.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (JAPANESE, "shift_jis"),
        (NEC, "cp932"),
        (HALF, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (GERMAN, "windows-1252"),
        (FRENCH, "windows-1252"),
        (QUOTES, "windows-1252"),
        (SIGNS, "windows-1252"),
        (GERMAN, "mac_roman"),
        (FRENCH, "mac_roman"),
        ("пациент,пол\n1,муж\n2,жен\n", "windows-1251"),
        ("id,sex\n1,男\n2,女\n", "shift_jis"),
        ("id,é\n1,2\n", "windows-1252"),
    ],
)
def test_older_encodings_are_found_by_their_letters_and_doubted(tmp_path, text, encoding):
    path = written(tmp_path, text, encoding)
    found = detect(path)
    assert found.encoding == encoding
    raw = read_export(path, export_entry("x.csv", encoding=found.encoding))
    assert cells(raw) == [line.split(",") for line in text.splitlines()]
    if encoding != "iso2022_jp":
        assert "would fit too" in found.doubts["encoding"]
        proposal = suggest_mapping(path, None)
        assert f"  encoding: {encoding}  # unsure: " in proposal
        ((_, entry),) = yaml.safe_load(proposal).items()
        assert entry["encoding"] == encoding


def test_an_encoding_that_gives_the_same_text_is_no_doubt():
    others = guess(FRENCH.encode("latin-1")).others
    assert "latin-1" not in others and "mac_roman" in others


@pytest.mark.parametrize(
    ("content", "encoding", "message", "hint"),
    [
        (JAPANESE.encode("cp932"), "utf-8", "line 1: byte 0x8a is no utf-8", "shift_jis"),
        (GERMAN.encode("cp1252"), "utf-8", "line 1: byte 0xf6 is no utf-8", "windows-1252"),
        (PLAIN.encode("utf-16"), "utf-8", "byte 0xff is no utf-8", "utf-16"),
        (PLAIN.encode("utf-16-be"), "utf-8", "line 1: holds a NUL byte", "utf-16-be"),
        (PLAIN.encode("utf-32-le"), "windows-1252", "holds a NUL byte", "utf-32-le"),
        (PLAIN.encode("utf-16-be"), "utf-16-le", "its bytes are utf-16-be", "utf-16-be"),
        (GERMAN.encode("utf-8"), "utf-16", "no utf-16 text", "utf-8"),
        (GERMAN.encode("utf-8"), "utf-16-le", "no utf-16-le text", "utf-8"),
        (GERMAN.encode("utf-8-sig"), "windows-1252", "byte order mark of utf-8", "utf-8"),
        (PLAIN.encode("utf-16")[:-1], "utf-16", "line 2: byte 0x0a is no utf-16", "export it"),
        (bytes(range(1, 256)) * 2, "utf-8", "is no utf-8", "export it again"),
        (NEC.encode("cp932"), "shift_jis", "line 2: byte .* is no shift_jis", "cp932"),
        (PLAIN.encode(), "hex", "'hex' is no encoding of text", "utf-8"),
        (PLAIN.encode(), "utf\0", "is no encoding of text", "utf-8"),
        (PLAIN.encode(), "rot13", "is no encoding of text", "utf-8"),
    ],
)
def test_a_wrong_encoding_is_one_line_with_what_to_set(tmp_path, content, encoding, message, hint):
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, content, encoding=encoding)
    assert "\n" not in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("encoding", ["latin-1", "iso8859-15", "iso8859-2"])
def test_control_characters_where_windows_has_letters_are_doubted(tmp_path, encoding):
    raw = read(tmp_path, QUOTES.encode("cp1252"), encoding=encoding)
    ((finding),) = raw.findings
    assert (finding.rule, finding.severity) == ("encoding_doubtful", "warning")
    assert "line 2 holds the control character U+0093" in finding.detail
    assert read(tmp_path, FRENCH.encode("latin-1"), encoding=encoding).findings == []


def as_csv(table, delimiter, quoting=csv.QUOTE_MINIMAL, end="\n"):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(table)
    return out.getvalue()


COMMAS = [["id", "dose", "level"], ["1", "0,5", "3,5"], ["2", "1,5", "4,0"], ["3", "2,0", "1,5"]]
TEXTS = [["id", "note; or, so", "x"], *([str(n), "a; b, c| d\te\nf", "y"] for n in range(5))]


@pytest.mark.slow
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", ":"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_the_delimiter_is_found_whatever_stands_in_the_cells(tmp_path, delimiter, quoting, end):
    for table in (COMMAS, TEXTS):
        path = written(tmp_path, as_csv(table, delimiter, quoting, end), "utf-8")
        found = detect(path)
        if delimiter in "^:" and quoting == csv.QUOTE_MINIMAL:
            continue  # a usual delimiter in the cells comes first
        assert found.delimiter == delimiter
        assert found.doubts == {}
        assert cells(read_export(path, export_entry("x.csv", delimiter=delimiter))) == table


@pytest.mark.parametrize(
    ("text", "delimiter", "doubts"),
    [
        # Decimal commas in every row, and a row or two that are broken.
        ("id;a\n1;3,5\n2;4,5\n3;1,5\n", ";", []),
        ("id;a;b\n1;3,5;x\n2;4,5\n3;1,5;y;z\n4;1,5;y\n", ";", []),
        ("id;time;a\n1;10:30;0,5\n2;11:30;0,7\n", ";", []),
        ("id^a\n1^2\n", "^", []),
        ("id:a\n1:2\n", ":", []),
        ('"id" "time" "score"\n1 0 8\n1 6 "NA"\n', " ", []),  # as R's write.table has it
        ("remark\ncame by bus\ncame on foot\n", ",", ["format"]),
        ("id,a\n", ",", []),
        ("id;a;b", ";", []),
        ("time\n10:30\n11:30\n", ",", ["format"]),
        ("id\n1\n2\n", ",", ["format"]),
        ("id\n", ",", ["format"]),
        ("Walks of 2021\nid;a;b\n1;2;3\n2;3;4\n", ";", ["delimiter"]),
        ("sep=|\nid|a;b;c\n1|2;3;4\n", "|", []),
    ],
)
def test_delimiters_that_are_hard_to_tell(tmp_path, text, delimiter, doubts):
    found = detect(written(tmp_path, text, "utf-8"))
    assert (found.delimiter, list(found.doubts)) == (delimiter, doubts)


def test_a_long_cell_and_many_columns_do_not_hide_the_delimiter(tmp_path):
    long = "x, " * 50_000
    assert detect(written(tmp_path, f"id;a\n1;{long}\n2;y\n", "utf-8")).delimiter == ";"
    huge = "u,v\n" * 400_000
    assert detect(written(tmp_path, f'id;a\n1;"{huge}"\n2;y\n', "utf-8")).delimiter == ";"
    names = ";".join(f"c{number}" for number in range(10_000))
    assert detect(written(tmp_path, f"{names}\n", "utf-8")).delimiter == ";"


AS_R_WRITES = '"who" "visit" "score"\n"1" "P1" "a" 1.5\n"2" "P1" "b" NA\n"4" "P2" "a" 2\n'


@pytest.mark.parametrize("delimiter", [" ", "\t", ";"])
def test_a_header_without_a_name_for_the_names_of_rows_is_that_of_the_other_columns(
    tmp_path, delimiter
):
    path = written(tmp_path, AS_R_WRITES.replace(" ", delimiter), "utf-8")
    assert detect(path).delimiter == delimiter and detect(path).doubts == {}
    entry = export_entry("x.csv", delimiter=delimiter, column_names={"1": "row"})
    raw = read_export(path, entry)
    assert cells(raw)[:2] == [["row", "who", "visit", "score"], ["1", "P1", "a", "1.5"]]
    assert [finding.rule for finding in raw.findings] == ["first_name_missing"]


@pytest.mark.parametrize(
    "text",
    [
        '"who","score"\n"P1",70,5\n"P2",71,2\n',  # decimal commas
        "who day score\nP1 2021-03-01 10:00 5\nP2 2021-03-01 11:00 5\n",  # a blank in a cell
        '"who";"score"\n"P1";70;5\n"P2";71\n',  # in some rows only
        '"who"\n"P1";70\n"P2";71\n',
    ],
)
def test_rows_that_are_longer_for_another_reason_keep_the_header(tmp_path, text):
    delimiter = next(sign for sign in ",; " if sign in text)
    raw = read(tmp_path, text, delimiter=delimiter)
    assert raw.cells.columns.tolist() == text.split("\n")[0].replace('"', "").split(delimiter)
    assert raw.set_aside
