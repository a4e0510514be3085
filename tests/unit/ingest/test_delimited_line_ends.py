"""Line ends, the line that names the separator, and the sign of DOS for a file's end."""

from pathlib import Path

import pytest
import yaml
from export_files import export_entry
from owncontrol.errors import InputError
from owncontrol.ingest.readers import arrow_rows, read_export, text_bytes
from owncontrol.ingest.readers.arrow_rows import Text, count_row_ends

CASES = Path(__file__).parents[2] / "cases"


def read(folder, content, **changes):
    path = folder / "x.csv"
    path.write_bytes(content)
    return read_export(path, export_entry("x.csv", **changes))


def rows(raw):
    return {number: tuple(row) for number, *row in raw.cells.astype("str").itertuples()}


def rules(raw):
    return [finding.rule for finding in raw.findings]


@pytest.mark.parametrize("case", ["03-header-ends-in-cr", "13-line-ends-cr-only"])
def test_every_row_of_the_cases_is_there(tmp_path, case):
    path = CASES / case / "walk.csv"
    raw = read_export(path, export_entry("walk.csv"))
    content = path.read_bytes().replace(b"\r", b"\n").removesuffix(b"\n")
    lines = content.decode().split("\n")
    assert raw.cells.columns.tolist() == lines[0].split(",")
    assert rows(raw) == {
        number: tuple(line.split(",")) for number, line in enumerate(lines[1:], start=2)
    }
    assert raw.cells["record_id"].astype("str").nunique() == 8
    assert rules(raw) == ["mixed_line_ends"]


TWO = {2: ("1", "2"), 3: ("3", "4")}


@pytest.mark.parametrize(
    ("content", "expected", "found"),
    [
        (b"a,b\r1,2\n3,4\n", TWO, ["mixed_line_ends"]),
        (b"a,b\r\n1,2\r3,4\n", TWO, ["mixed_line_ends"]),
        (b"a,b\n1,2\r3,4", TWO, ["mixed_line_ends"]),
        (b"a,b\r1,2\r3,4", TWO, ["mixed_line_ends"]),
        (b"a,b\r\n1,2\r\n3,4", TWO, ["windows_line_ends"]),
        # A line end in quotes is content, and no line end of the file.
        (b'a,b\n1,"x\ry"\n', {2: ("1", "x\ry")}, []),
        (b'a,b\r\n1,"x\ny"\r\n', {2: ("1", "x\ny")}, ["windows_line_ends"]),
        (b'a,b\r1,"x\ry"\r3,"u\nv"\r', {2: ("1", "x\ry"), 3: ("3", "u\nv")}, ["mixed_line_ends"]),
        (b'a,b\r1,"x\r\ny"\r3,4', {2: ("1", "x\r\ny"), 3: ("3", "4")}, ["mixed_line_ends"]),
        # Blank lines keep their numbers, whatever ends them.
        (b"a,b\r\r1,2\r", {3: ("1", "2")}, ["mixed_line_ends", "blank_row"]),
        (b"a,b\r\n\r\n1,2\r\n", {3: ("1", "2")}, ["windows_line_ends", "blank_row"]),
        # A lost quote costs its own line only.
        (b'a,b\r1,"x\r3,4\r', {3: ("3", "4")}, ["mixed_line_ends", "broken_quotes"]),
        (b'a,b\n1,"x\r3,4\n', {3: ("3", "4")}, ["mixed_line_ends", "broken_quotes"]),
        # A cell that begins with a byte order mark keeps it.
        (b"a,b\n\xef\xbb\xbf1,2\n", {2: ("\ufeff1", "2")}, []),
        (b"a,b\n1,2\n\x1a", {2: ("1", "2")}, ["end_of_file_mark"]),
        (b"a,b\r\n1,2\r\n\x1a\x1a\r\n", {2: ("1", "2")}, ["end_of_file_mark", "windows_line_ends"]),
        (b"a,b\n1,2\x1a", {2: ("1", "2")}, ["end_of_file_mark"]),
        (b"a,b\n1\x1a,2\n", {2: ("1\x1a", "2")}, []),
    ],
)
def test_any_line_end_outside_quotes_ends_a_row(tmp_path, content, expected, found):
    raw = read(tmp_path, content)
    assert rows(raw) == expected
    assert rules(raw) == found


@pytest.mark.parametrize("end", [b"\x1a", b"\x1a\r\n", b"\x1a\x1a\n\n"])
def test_the_mark_of_dos_at_the_end_of_a_long_file_is_taken_off_alone(tmp_path, end):
    raw = read(tmp_path, b"a,b\n" + b"1,2\n" * 3000 + b"3,4\x1a5" + end)
    assert len(raw.cells) == 3001
    assert rows(raw)[3002] == ("3", "4\x1a5")
    assert rules(raw) == ["end_of_file_mark"]


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_line_longer_than_any_is_refused_where_it_begins(tmp_path, monkeypatch, end):
    monkeypatch.setattr(text_bytes, "LONGEST_LINE", 10)
    path = tmp_path / "x.csv"
    path.write_bytes(end.join([b"12345"] * 4 + [b"123456789"] * 4 + [b"1234567890"]))
    text_bytes.check_lines(path)
    path.write_bytes(end.join([b"12345"] * 4 + [b"123456789012"] + [b"12345"] * 4))
    with pytest.raises(InputError, match="from byte 24 on"):
        text_bytes.check_lines(path)


def test_after_a_cell_longer_than_a_block_the_blocks_are_small_again(monkeypatch):
    monkeypatch.setattr(arrow_rows, "BLOCK", 10)
    body = b'a,"' + b"x\n" * 30 + b'"\n' + b"1,2\n" * 50
    first, *others = map(bytes, arrow_rows.split(memoryview(body)))
    assert b"".join([first, *others]) == body
    assert first.startswith(b'a,"') and first.endswith(b"\n")
    assert {len(part) for part in others} == {8, 4}


def test_a_long_file_with_cr_reads_the_same_in_one_block_and_in_many(tmp_path, monkeypatch):
    lines = [f'{number},"x\r{number}"' if number % 3 else f"{number},y" for number in range(60)]
    ends = ["\r", "\n", "\r\n"]
    content = "a,b\r" + "".join(line + ends[at % 7 % 3] for at, line in enumerate(lines))
    whole = read(tmp_path, content.encode())
    assert len(whole.cells) == 60
    for size in (7, 20, 50, 200):
        monkeypatch.setattr(arrow_rows, "BLOCK", size)
        monkeypatch.setattr(arrow_rows, "HEADER_BLOCK", 1)
        parts = read(tmp_path, content.encode())
        assert rows(parts) == rows(whole)
        assert parts.findings == whole.findings


def test_ends_of_rows_are_counted_by_kind():
    text = Text(b'a,b\r\n1,"x\r\ny"\n3,4\r5,6\r\n', True)
    assert count_row_ends(text) == (2, 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(
    ("line", "sign"),
    [
        (b"sep=;", b";"),
        (b"SEP=;", b";"),
        (b'"sep=;"', b";"),
        (b"sep=;;;", b";"),
        (b"sep=,", b","),
        (b"sep=\t", b"\t"),
        (b"sep=\\t", b"\t"),
        (b"Sep=|", b"|"),
        (b"\xef\xbb\xbfsep=;", b";"),
    ],
)
def test_a_separator_line_is_the_delimiter_and_row_1(tmp_path, line, sign, end):
    table = b"a,b\n1,x\n\n3,y\n9\n".replace(b",", sign).replace(b"\n", end)
    raw = read(tmp_path, line + end + table)
    assert raw.cells.columns.tolist() == ["a", "b"]
    assert rows(raw) == {3: ("1", "x"), 5: ("3", "y")}
    (noted,) = [finding for finding in raw.findings if finding.rule == "separator_line"]
    assert (noted.row, noted.severity) == (1, "note")
    assert [f.row for f in raw.findings if f.rule in ("blank_row", "row_length")] == [6, 4]


def test_a_separator_line_in_utf16_and_before_two_header_rows(tmp_path):
    raw = read(tmp_path, "sep=;\r\na;b\r\n1;é\r\n".encode("utf-16"), encoding="utf-16")
    assert rows(raw) == {3: ("1", "é")}
    raw = read(tmp_path, b"sep=;\nx;;y\na;b;c\n1;2;3\n", header_rows=2)
    assert rows(raw) == {4: ("1", "2", "3")}
    assert raw.cells.columns.tolist()[2].startswith("y")


def test_the_case_with_a_separator_line_has_its_rows():
    raw = read_export(CASES / "17-separator-line" / "walk.csv", export_entry("walk.csv"))
    assert raw.cells.columns[0] == "record_id"
    assert raw.cells.index[0] == 3
    assert raw.cells["record_id"].astype("str").nunique() == 8


@pytest.mark.parametrize(
    ("content", "changes", "message"),
    [
        (b"sep=;\na;b\n1;2\n", {"delimiter": "\t"}, r"row 1: names ';' as the delimiter, but"),
        (b"sep=;\n", {}, "not even a header"),
        (b"sep=;\n\n1;2\n", {}, "row 2: blank"),
        (b"sep=;\na;a\n1;2\n", {}, "row 2, column 2: 'a' names two columns"),
        (b'sep=;\na;"b\n1;2\n', {}, "row 2: the quotes in the header do not match"),
        (b"sep=;\na;\n1;2\n", {}, "row 2, column 2: no column name"),
        (b"a,b\r1,2\r3,4\0\r", {}, "line 3: holds a NUL byte"),
        (b"a,b\r1,2\r3,\xe9\r", {}, "line 3: byte 0xe9 is no utf-8"),
        (b"a,b\n1,2\n\0\0\0", {}, "line 3: holds a NUL byte"),
        (b"a,b\n", {"delimiter": '"'}, "no single sign"),
        (b"a,b\n", {"delimiter": "\n"}, "no single sign"),
    ],
)
def test_what_cannot_be_read_names_the_rows_of_the_file(tmp_path, content, changes, message):
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, content, **changes)
    assert "\n" not in caught.value.message
    assert caught.value.hint


@pytest.mark.slow
def test_a_header_of_ten_thousand_names_and_one_of_a_megabyte(tmp_path):
    names = [f"c{number}" for number in range(10_000)]
    raw = read(tmp_path, (",".join(names) + "\r" + ",".join("1" * 10_000) + "\r").encode())
    assert raw.cells.shape == (1, 10_000)
    long = "x\ny," * 250_000
    raw = read(tmp_path, f'a,"{long}"\n1,"{long}"\n'.encode())
    assert raw.cells.columns[1] == long
    assert rows(raw) == {2: ("1", long)}


@pytest.mark.parametrize(
    ("written", "name", "sign"),
    [
        ("le\u200bvel", "level", "U+200B ZERO WIDTH SPACE"),
        ("\u200elevel", "level", "U+200E LEFT-TO-RIGHT MARK"),
        ("le\u00advel", "level", "U+00AD SOFT HYPHEN"),
        ("\ufefflevel", "level", "U+FEFF"),
        ("level\x01", "level", "U+0001"),
        ("wisci\u00a0level", "wisci level", "U+00A0 NO-BREAK SPACE"),
        ("wisci\u3000level", "wisci level", "U+3000 IDEOGRAPHIC SPACE"),
        ("wisci\u2009level", "wisci level", "U+2009 THIN SPACE"),
    ],
)
def test_an_invisible_sign_in_the_header_is_named_and_left_out(tmp_path, written, name, sign):
    raw = read(tmp_path, f"id,{written}\n1,2\n".encode())
    assert raw.cells.columns.tolist() == ["id", name]
    ((finding),) = raw.findings
    assert (finding.rule, finding.severity, finding.row) == ("invisible_sign", "warning", 1)
    assert (finding.column, finding.value) == (name, written)
    assert sign in finding.detail and "column 2" in finding.detail


def test_a_name_that_the_configuration_has_with_its_signs_is_kept(tmp_path):
    written = "wisci\u3000level"
    raw = read(tmp_path, f"id,{written}\n1,2\n".encode(), ignored=[written])
    assert raw.cells.columns.tolist() == ["id", written]
    assert raw.findings[0].action == "read as the configuration has it"


def test_names_that_differ_in_invisible_signs_alone_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"column 2: 'a' names two .* U\+200B"):
        read(tmp_path, "a,a\u200b\n1,2\n".encode())


def test_a_footer_is_named_by_its_length(tmp_path):
    content = "a,b\n1,2\n(1 row affected)\nNOTE: 1 observation read\n"
    raw = read(tmp_path, content.encode())
    assert rows(raw) == {2: ("1", "2")}
    lengths = {f.row: f.detail[:12] for f in raw.findings if f.rule == "row_length"}
    assert lengths == {3: "1 cell where", 4: "1 cell where"}


@pytest.mark.slow
def test_proposals_read_the_same_rows():
    from owncontrol.cli.suggest_mapping import suggest_mapping

    for case in ("03-header-ends-in-cr", "13-line-ends-cr-only", "17-separator-line"):
        ((_, entry),) = yaml.safe_load(suggest_mapping(CASES / case / "walk.csv", None)).items()
        assert entry.get("delimiter", ",") == (";" if case.startswith("17") else ",")
        assert entry["tables"]["wisci2"]["columns"]["subject_id"] == "record_id"
