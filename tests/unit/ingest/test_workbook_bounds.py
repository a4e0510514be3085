"""Workbooks that are none, are damaged, or are made to burst: one line each, and soon."""

import io
import random
import time
import zipfile

import pytest
from owncontrol.errors import InputError
from owncontrol.ingest.readers.workbook import read_sheet, sheets
from workbook_files import handmade, read_book, rows_of, sheet

HEAD = '<row r="1"><c r="A1" t="str"><v>a</v></c></row>'
SMALL = sheet(HEAD + '<row r="2"><c r="A2"><v>1</v></c></row>')
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1024
SOON = 20  # seconds on a busy machine; some of these took minutes or for ever


def line(path, message, reader=read_sheet):
    """The one line and the hint of what a reader raises."""
    with pytest.raises(InputError, match=message) as caught:
        reader(path, "") if reader is read_sheet else reader(path)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def zipped(**parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        for name, part in parts.items():
            package.writestr(name.replace("__", "/").replace("_DOT_", "."), part)
    return content.getvalue()


KINDS = {
    "a workbook locked with a password": OLE + "EncryptedPackage".encode("utf-16-le"),
    "an old workbook": OLE + "Workbook".encode("utf-16-le") + b"\0" * 512,
    "binary workbook": zipped(xl__workbook_DOT_bin=b"\0", _rels___DOT_rels=b""),
    "OpenDocument": zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"),
    "a zip file": zipped(export_DOT_csv=b"a,b\n1,2\n"),
    "a web page": b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>Session expired",
    "text": b"a,b\n1,2\n",
    "is empty": b"",
    "a picture": b"\x89PNG\r\n\x1a\n\0\0",
}


@pytest.mark.parametrize("message", KINDS)
def test_a_file_of_another_kind_is_named_with_a_way_out(tmp_path, message):
    path = tmp_path / "x.xlsx"
    path.write_bytes(KINDS[message])
    assert line(path, message, read_book).hint == line(path, message, sheets).hint


def test_a_workbook_that_is_cut_short(tmp_path):
    path = handmade(tmp_path / "x.xlsx", SMALL)
    whole = path.read_bytes()
    for size in (30, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:size])
        line(path, "a workbook that is cut short")


def test_a_locked_part_and_a_part_given_twice(tmp_path):
    path = handmade(tmp_path / "x.xlsx", SMALL)
    content = bytearray(path.read_bytes())
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(sign, at + 1)) >= 0:
            content[at + place] |= 1
    path.write_bytes(content)
    line(path, "locked with a password")
    with zipfile.ZipFile(handmade(path, SMALL), "a") as package, pytest.warns(UserWarning):
        package.writestr("xl/worksheets/sheet1.xml", SMALL.replace(">1<", ">2<"))
    line(path, "its part xl/worksheets/sheet1.xml is in the package twice")


@pytest.mark.parametrize(
    ("part", "content", "message"),
    [
        ("xl__workbook.xml", "<workbook/>", "begins with the element 'workbook'"),
        ("xl__worksheets__sheet1.xml", SMALL[:-20], "sheet1.xml: "),
        ("xl__worksheets__sheet1.xml", SMALL.replace("</v>", "</w>", 1), "mismatched tag"),
        ("xl__worksheets__sheet1.xml", "", "no element found"),
        ("xl__worksheets__sheet1.xml", SMALL + "<!DOCTYPE a>", "sheet1.xml: "),
        ("xl__worksheets__sheet1.xml", SMALL.replace("main", "other"), "begins with the element"),
        ("_rels__.rels", "<a/>", "begins with the element 'a'"),
        ("xl___rels__workbook.xml.rels", "", "no element found"),
    ],
)
def test_a_broken_part_is_one_line(tmp_path, part, content, message):
    path = handmade(tmp_path / "x.xlsx", SMALL, **{part: content})
    line(path, f"cannot be read as a workbook .*{message}")


def test_a_part_that_is_missing_is_named(tmp_path):
    path = handmade(tmp_path / "x.xlsx", SMALL)
    for lost in ("_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "y.xlsx", "w") as new:
            for name in old.namelist():
                if name != lost:
                    new.writestr(name, old.read(name))
        line(tmp_path / "y.xlsx", f"its part {lost} is missing")


def test_an_empty_sheet_is_one_line(tmp_path):
    for rows in ("", '<row r="1"/>', '<row r="1"><c r="A1" s="0"/></row>',
                 '<row><c t="str"><v> </v></c></row>'):  # fmt: skip
        line(handmade(tmp_path / "x.xlsx", sheet(rows)), "empty; there is not even a header")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("before", ["", "<!--" + "x" * 100_000 + "-->", "\n" * 70_000])
def test_a_document_type_is_refused_wherever_it_stands(tmp_path, encoding, before):
    page = f'{before}<!DOCTYPE x [<!ENTITY a "b">]>{SMALL}'
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    signed = mark + page.encode(encoding)
    for part in ("xl__worksheets__sheet1.xml", "xl__workbook.xml", "_rels__.rels"):
        path = handmade(tmp_path / "x.xlsx", SMALL, **{part: signed})
        line(path, f"its part {part.replace('__', '/')} declares a document type")


def soon(path, message):
    start = time.monotonic()
    error = line(path, message)
    assert time.monotonic() - start < SOON
    return error


@pytest.mark.slow
def test_seventeen_million_cells_in_few_bytes_are_refused_soon(tmp_path):
    rows = {
        "plain": "<row>" + "<c><v>1</v></c>" * 17 + "</row>",
        "blank": "<row>" + "<c/>" * 17 + "</row>",
        "styled": "<row>" + '<c s="12345" t="n"><v>1</v></c>' * 17 + "</row>",
    }
    for row in rows.values():
        path = handmade(tmp_path / "x.xlsx", sheet(HEAD + row * 1_000_000))
        soon(path, "bytes that unpack to")


@pytest.mark.slow
def test_more_elements_than_packed_bytes_can_hold_are_refused_soon(tmp_path):
    rng = random.Random(1)
    rows = "".join(
        f"<row>{'<c/>' * 8}<c><v>{rng.randrange(10)}</v></c>{'<c/>' * 8}</row>"
        for _ in range(100_000)
    )
    path = handmade(tmp_path / "x.xlsx", sheet(HEAD + rows * 3))
    soon(path, r"elements unpack from \d+ bytes of its part xl/worksheets/sheet1.xml")


@pytest.mark.slow
def test_tags_with_spaces_and_one_long_text_do_not_hang(tmp_path):
    cells = "".join("<c ><f >1</f ><v >1</v ></c >" for _ in range(5_000))
    start = time.monotonic()
    path = handmade(tmp_path / "x.xlsx", sheet(f"<row >{cells}</row ><row >{cells}</row >"))
    assert read_sheet(path, "").cells.shape == (1, 5_000)
    handmade(path, sheet(HEAD + "<row><c><v>" + "1" * 2**20 + "</v></c></row>"))
    assert len(read_sheet(path, "").cells) == 1
    assert time.monotonic() - start < SOON


@pytest.mark.slow
def test_a_table_of_constants_is_no_bomb(tmp_path):
    rows = "".join(
        f'<row r="{row}">' + "".join(f'<c r="{name}{row}"><v>0</v></c>' for name in "ABCDEFGHIJ")
        + "</row>"
        for row in range(2, 60_000)
    )  # fmt: skip
    head = "".join(f'<c r="{name}1" t="str"><v>{name}</v></c>' for name in "ABCDEFGHIJ")
    path = handmade(tmp_path / "x.xlsx", sheet(f'<row r="1">{head}</row>' + rows))
    raw = read_book(path)
    assert raw.cells.shape == (59_998, 10)
    assert set(rows_of(raw)[59_999]) == {"0"}
