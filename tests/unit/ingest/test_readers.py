"""Raw files: what is well formed is read as it is, what is not is named, nothing is lost."""

import csv
import datetime
import io
import zipfile

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from owncontrol.errors import InputError
from owncontrol.ingest.readers import arrow_rows, read_export
from owncontrol.ingest.readers.arrow_rows import BLOCK
from owncontrol.ingest.readers.delimited import read_delimited
from owncontrol.progress import progress
from owncontrol.study.exports import ReadingOptions
from owncontrol.tables import csv_bytes, write_table

EXPORT = {
    "file": "x.csv",
    "format": "csv",
    "encoding": "utf-8",
    "delimiter": ",",
    "sheet": "",
    "not_data": ["Total"],
    "dates": ["%Y-%m-%d"],
    "header_rows": 1,
    "labelled": False,
}


def read(folder, content, **changes):
    """Read bytes or text as a file of two columns, a and b."""
    path = folder / "x.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return read_export(path, ReadingOptions.model_validate(EXPORT | changes))


def rows(raw):
    return {number: tuple(row) for number, *row in raw.cells.astype("str").itertuples()}


def found(raw):
    return [(finding.row, finding.rule, finding.severity) for finding in raw.findings]


@pytest.mark.parametrize(
    ("content", "expected", "findings"),
    [
        ("a,b\n1,2\n", {2: ("1", "2")}, []),
        ("a,b\n1,2", {2: ("1", "2")}, []),
        ('a,b\n1,"x, y"\n', {2: ("1", "x, y")}, []),
        ('a,b\n1,"x\ny"\n3,4\n', {2: ("1", "x\ny"), 3: ("3", "4")}, []),
        ('a,b\n1,"say ""so"""\n', {2: ("1", 'say "so"')}, []),
        ("a,b\nNA,null\n", {2: ("NA", "null")}, []),
        ("a,b\n1,=cmd|' /C calc'!A0\n", {2: ("1", "=cmd|' /C calc'!A0")}, []),
        ("a,b\r\n1,2\r\n", {2: ("1", "2")}, [(None, "windows_line_ends", "note")]),
        ("a,b\r1,2\r", {2: ("1", "2")}, [(None, "mixed_line_ends", "note")]),
        (
            "a,b\n1,2\r\n3,4\n",
            {2: ("1", "2"), 3: ("3", "4")},
            [(None, "mixed_line_ends", "note")],
        ),
        ("\ufeffa,b\n1,2\n", {2: ("1", "2")}, [(None, "byte_order_mark", "note")]),
        ("a,b\n1,2,3\n4,5\n", {3: ("4", "5")}, [(2, "row_length", "error")]),
        ("a,b\n1\n4,5\n", {3: ("4", "5")}, [(2, "row_length", "error")]),
        ("a,b\n1,2,\n4,5\n", {3: ("4", "5")}, [(2, "row_length", "error")]),
        ("a,b\n\n4,5\n", {3: ("4", "5")}, [(2, "blank_row", "note")]),
        ("a,b\n , \n4,5\n", {3: ("4", "5")}, [(2, "blank_row", "note")]),
        ("a,b\n,,,\n4,5\n", {3: ("4", "5")}, [(2, "blank_row", "note")]),
        ("a,b\n4,5\nTotal,9\n", {2: ("4", "5")}, [(3, "not_data", "note")]),
        (
            "a,b\n4,5\na,b\n6,7\n",
            {2: ("4", "5"), 4: ("6", "7")},
            [(3, "repeated_header", "warning")],
        ),
        ("a,b\n", {}, [(None, "no_rows", "warning")]),
        ("a,b, \n4,5,\n", {2: ("4", "5")}, [(1, "blank_column", "note")]),
        # A lost quote costs its own line only, wherever the next quote stands.
        ('a,b\n1,"x\n3,4\n', {3: ("3", "4")}, [(2, "broken_quotes", "error")]),
        (
            'a,b\n1,"x\n3,"y"\n5,6\n',
            {3: ("3", "y"), 4: ("5", "6")},
            [(2, "broken_quotes", "error")],
        ),
        ('a,b\n1,x"\n3,4\n', {3: ("3", "4")}, [(2, "broken_quotes", "error")]),
        ('a,b\n1,"x"y\n3,4\n', {3: ("3", "4")}, [(2, "broken_quotes", "error")]),
        (
            'a,b\n1,"x\ny"z\n3,4\n',
            {4: ("3", "4")},
            [(2, "broken_quotes", "error"), (3, "broken_quotes", "error")],
        ),
    ],
)
def test_each_form_of_file(tmp_path, content, expected, findings):
    raw = read(tmp_path, content)
    assert rows(raw) == expected
    assert found(raw) == findings


@pytest.mark.parametrize(
    ("content", "changes", "message"),
    [
        (b"", {}, "empty; there is not even a header"),
        (b"\n \n", {}, "empty; there is not even a header"),
        (b"\na,b\n1,2\n", {}, "row 1: blank"),
        (b"a,b\n1,2\n3,\0\n", {}, r"line 3: holds a NUL byte"),
        (b"a,b\n1,\xe9\n", {}, r"line 2: byte 0xe9 is no utf-8"),
        ("a,b\n1,2\n".encode("utf-16"), {}, r"line 1: byte 0xff is no utf-8"),
        ("a,b\n1,é\n".encode() + "é".encode("cp1252"), {}, "line 3: byte 0xe9"),
        ("a,b\n1,日\n".encode("utf-16")[:-1], {"encoding": "utf-16"}, "is no utf-16"),
        (b"\xef\xbb\xbfa,b\n1,\xe9\n", {}, "line 2: byte 0xe9 is no utf-8"),
        (b"a,b\n1,\x95\n", {"encoding": "shift_jis"}, "line 2: byte 0x95 is no shift_jis"),
        (b"a,b\n1,\x81\n", {"encoding": "windows-1252"}, "line 2: byte 0x81 is no windows-1252"),
        (b"a,b\n1,2\n", {"encoding": "utf-88"}, "'utf-88' is no encoding of text"),
        (b"a,b\n1,2\n", {"delimiter": "§"}, "is not ASCII"),
        (b'"a,b\n1,2\n', {}, "quotes in the header do not match"),
        (b"a,a\n1,2\n", {}, "'a' names two columns"),
        (b"a,\n1,2\n", {}, "column 2: no column name above filled cells"),
        (b"a,b\n" + b'1,x"\n' * 1001, {}, "quotes do not match in more than 1000 lines"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_a_hint(tmp_path, content, changes, message):
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, content, **changes)
    assert "\n" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "shift_jis", "windows-1252"])
def test_encodings(tmp_path, encoding):
    word = "é" if encoding == "windows-1252" else "清明"
    assert rows(read(tmp_path, f"a,b\n1,{word}\n".encode(encoding), encoding=encoding)) == {
        2: ("1", word)
    }


def test_utf8_that_is_declared_as_something_else_is_doubted(tmp_path):
    raw = read(tmp_path, "a,b\n1,é\n", encoding="windows-1252")
    assert found(raw) == [(None, "encoding_doubtful", "warning")]
    assert found(read(tmp_path, "a,b\n1,é\n".encode("cp1252"), encoding="windows-1252")) == []


@pytest.mark.slow
def test_a_cell_larger_than_the_block_is_read(tmp_path):
    text = "x" * (BLOCK + 10)
    raw = read(tmp_path, f'a,b\n1,2\n3,"{text}"\n5,{text}\n7\n')
    assert {row: len(b) for row, (_, b) in rows(raw).items()} == {2: 1, 3: len(text), 4: len(text)}
    assert found(raw) == [(5, "row_length", "error")]


def test_a_broken_line_far_behind_the_first_block_is_located(tmp_path):
    line = '1,"' + "y" * 100_000 + '"\n'
    before = BLOCK // len(line) + 5
    raw = read(tmp_path, "a,b\n" + line * before + '3,"lost\n' + line + "5,6\n")
    assert found(raw) == [(before + 2, "broken_quotes", "error")]
    assert len(raw.cells) == before + 2


TEXTS = st.text(st.sampled_from('x1 ,;"\n\r\té日='), max_size=6)


@pytest.mark.slow
@settings(max_examples=150)
@given(
    table=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=6),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, table, end):
    file = io.StringIO(newline="")
    # With a plain LF the module leaves a CR inside a cell without quotes; then all have them.
    quoting = csv.QUOTE_ALL if end == "\n" else csv.QUOTE_MINIMAL
    writer = csv.writer(file, lineterminator=end, quoting=quoting)
    writer.writerow(("a", "b", "c"))
    writer.writerows(table)
    path = tmp_path_factory.mktemp("written") / "x.csv"
    path.write_bytes(file.getvalue().encode("utf-8"))
    grid = read_delimited(path, "utf-8", ",")
    assert grid.odd == {}
    assert [tuple(row) for row in grid.cells.astype("str").to_numpy()] == table
    assert grid.cells.index.tolist() == list(range(2, len(table) + 2))


@pytest.mark.slow
@settings(max_examples=300)
@given(body=st.text(st.sampled_from('x1,"\n\r'), max_size=40))
def test_any_text_is_read_refused_or_set_aside_row_by_row(tmp_path_factory, body):
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_bytes(f"a,b\n{body}".encode())
    try:
        grid = read_delimited(path, "utf-8", ",")
    except InputError:
        return
    numbers = sorted([*grid.cells.index, *grid.odd])
    assert numbers == list(range(2, len(numbers) + 2))


def workbook(folder, table, name="x.xlsx"):
    book = openpyxl.Workbook()
    for row in table:
        book.active.append(row)
    book.save(folder / name)
    return folder / name


def read_book(path, **changes):
    return read_export(path, ReadingOptions.model_validate(EXPORT | {"format": "excel"} | changes))


def test_a_workbook_gives_text_with_iso_dates_and_whole_numbers(tmp_path):
    day = datetime.datetime(2021, 3, 4)
    table = [
        ["a", "b"],
        [1.0, day],
        [2.5, day.replace(hour=9, minute=30)],
        [True, None],
        ["=x", "y"],
    ]
    # A formula whose value is not stored is empty, and found; it is never evaluated.
    raw = read_book(workbook(tmp_path, table))
    assert rows(raw) == {
        2: ("1", "2021-03-04"),
        3: ("2.5", "2021-03-04 09:30"),
        4: ("True", ""),
        5: ("", "y"),
    }
    assert found(raw) == [(5, "formula_without_value", "error")]


def test_a_number_stored_as_text_is_noted_at_its_cell(tmp_path):
    raw = read_book(workbook(tmp_path, [["a", "b"], [1, "1"], [2, "2"], ["3", "x"], [4, "4"]]))
    notes = [(note.row, note.column, note.value, note.rule) for note in raw.cell_findings]
    assert notes == [(4, "a", "3", "number_as_text")]


def test_rows_of_a_workbook_keep_the_sheets_numbers(tmp_path):
    table = [["a", "b"], [1, 2], [], [None, " "], [3, 4], [], []]
    raw = read_book(workbook(tmp_path, table))
    assert rows(raw) == {2: ("1", "2"), 5: ("3", "4")}
    assert found(raw) == [(3, "blank_row", "note"), (4, "blank_row", "note")]


def test_a_sheet_that_lies_about_its_size_is_read_whole(tmp_path):
    path = workbook(tmp_path, [["a", "b"], [1, 2], [3, 4]])
    changed = tmp_path / "changed.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(b'ref="A1:B3"', b'ref="A1:A2"'))
    assert rows(read_book(changed)) == {2: ("1", "2"), 3: ("3", "4")}


def test_a_damaged_workbook_is_refused(tmp_path):
    path = workbook(tmp_path, [["a", "b"], [1, 2]])
    whole = path.read_bytes()
    damaged = tmp_path / "damaged.xlsx"
    broken = {
        "cut": whole[: len(whole) // 2],
        "text": b"a,b\n1,2\n",
        "nothing": b"",
        "header": b"\0" * 50 + whole[50:],
    }
    for place in range(100, len(whole), len(whole) // 40):
        broken[f"byte {place}"] = whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]
    refused = 0
    for content in broken.values():
        damaged.write_bytes(content)
        try:
            assert rows(read_book(damaged)) == {2: ("1", "2")}
        except InputError as error:
            assert "\n" not in error.message
            refused += 1
    assert refused > len(broken) // 2


def test_a_sheet_that_is_not_there_is_refused(tmp_path):
    path = workbook(tmp_path, [["a", "b"], [1, 2]])
    with pytest.raises(InputError, match="has no sheet 'Other'; it has: Sheet"):
        read_book(path, sheet="Other")


def test_an_empty_sheet_is_refused(tmp_path):
    with pytest.raises(InputError, match="empty"):
        read_book(workbook(tmp_path, []))


@pytest.mark.parametrize("threads", [1, 2])
def test_a_file_reads_the_same_in_one_block_and_in_many(tmp_path, monkeypatch, threads):
    lines = [f'{number},"x\n{number}"' if number % 3 else f"{number},y" for number in range(60)]
    lines[7] = "7,too,many"
    lines[31] = ","
    lines[40] = '40,"lost'
    content = "a,b\n" + "\n".join(lines)
    whole = read(tmp_path, content)
    monkeypatch.setattr(arrow_rows, "BLOCK", 50)
    before = pa.cpu_count()
    pa.set_cpu_count(threads)
    try:
        parts = read(tmp_path, content)
    finally:
        pa.set_cpu_count(before)
    assert rows(parts) == rows(whole)
    assert found(parts) == found(whole)
    assert parts.set_aside == whole.set_aside
    assert [rule for _, rule, _ in found(whole)] == ["row_length", "broken_quotes", "blank_row"]


def test_a_table_is_written_the_same_in_one_block_and_in_many(tmp_path, monkeypatch):
    table = pd.DataFrame({"number": range(100), "text": [f"{number},x" for number in range(100)]})
    write_table(table, tmp_path / "whole.csv")
    monkeypatch.setattr(csv_bytes, "ROWS_AT_ONCE", 7)
    write_table(table, tmp_path / "parts.csv")
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_long_step_says_how_far_it_is(monkeypatch, capsys):
    clock = iter([0.0, 1.0, 4.0, 5.0, 9.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    done = list(progress([10, 20, 30, 40], "x.csv read", "rows", 100, lambda part: part))
    assert done == [10, 20, 30, 40]
    assert capsys.readouterr().err == "x.csv read: 30 of 100 rows, 8 rows/s, 9 s left\n"


def test_no_time_left_is_told_from_the_first_parts(monkeypatch, capsys):
    clock = iter([0.0, 4.0, 5.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    list(progress([2, 98], "x.csv read", "rows", 100, lambda part: part))
    assert capsys.readouterr().err == "x.csv read: 2 of 100 rows, 0 rows/s\n"


def test_the_last_column_may_be_given_its_name(tmp_path):
    raw = read(tmp_path, "a,b,\n1,2,3\n", column_names={"3": "c"})
    assert raw.cells.columns.tolist() == ["a", "b", "c"]
    with pytest.raises(InputError, match="column 4 is not there"):
        read(tmp_path, "a,b,\n1,2,3\n", column_names={"4": "c"})


def test_so_many_rows_may_not_fit_and_no_more(tmp_path):
    arrow_rows.check_odd(tmp_path, 50_000)
    with pytest.raises(InputError, match="more than 50000 rows are blank or do not fit"):
        arrow_rows.check_odd(tmp_path, 50_001)
