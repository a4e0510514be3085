"""A file of another kind than its name says is refused in one line, by every command."""

import gzip
import io
import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from export_files import export_entry
from owncontrol import __main__ as command_line
from owncontrol.__main__ import main
from owncontrol.cli.commands import COMMANDS
from owncontrol.errors import InputError
from owncontrol.ingest.readers import file_formats, read_export
from owncontrol.ingest.readers.file_formats import check_format

TABLE = b"record_id,visit,wisci_level\nW-01,baseline,1\nW-02,baseline,2\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)


def package(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def workbook():
    out, book = io.BytesIO(), openpyxl.Workbook()
    for line in TABLE.decode().splitlines():
        book.active.append(line.split(","))
    book.save(out)
    return out.getvalue()


def statistical(folder, suffix):
    frame = pd.DataFrame({"code": ["W-01", "W-02"], "wisci": [1.0, 2.0]})
    path = folder / f"made{suffix}"
    {".sav": pyreadstat.write_sav, ".dta": pyreadstat.write_dta, ".xpt": pyreadstat.write_xport,
     ".por": pyreadstat.write_por}[suffix](frame, str(path))  # fmt: skip
    return path.read_bytes()


KINDS = {
    "workbook": (workbook(), "a workbook (.xlsx)", ".xlsx"),
    "xls": (OLE, "an old workbook (.xls)", "save it as a workbook"),
    "biff2": (b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(99), "an old workbook", "save it"),
    "locked": (OLE + "EncryptedPackage".encode("utf-16-le"), "locked with a password", "without"),
    "xlsb": (package(xl__workbook_dot_bin="x"), "a binary workbook (.xlsb)", "save it"),
    "ods": (
        package(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
        "an OpenDocument spreadsheet (.ods)",
        "save it",
    ),
    "docx": (package(word__document_dot_xml="x", **{"[Content_Types]_dot_xml": "x"}), "a text", ""),
    "zip": (package(a_dot_csv=TABLE), "a zip file", "unpack it"),
    "gzip": (gzip.compress(TABLE), "packed by gzip", "unpack it"),
    "bzip2": (b"BZh91AY&SY" + bytes(50), "packed by bzip2", "unpack it"),
    "rds": (gzip.compress(b"X\n\0\0\0\x03\0\x04" + bytes(99)), "an R file", "write.csv"),
    "rdata": (gzip.compress(b"RDX3\nX\n\0\0\0\x03"), "an R file", "write.csv"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "a PDF", "export"),
    "html": (b"\xef\xbb\xbf\r\n<!DOCTYPE html>\n<html>", "a web page", "save it as a workbook"),
    "table": (b"<TABLE border=1><tr><td>a</td></tr>", "a web page", "save it as a workbook"),
    "meta": (b"<meta http-equiv='x'><table>", "a web page", "save it as a workbook"),
    "utf16 html": ("<html><table>".encode("utf-16"), "a web page", "save it as a workbook"),
    "xml sheet": (
        b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
        "an XML spreadsheet",
        "save it",
    ),
    "xml": (b'<?xml version="1.0"?><study>', "an XML file", "export"),
    "odm": (b'<?xml version="1.0"?><ODM>', "CDISC ODM", "exports.*.format: odm"),
    "xml sheet by its program": (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><W/>',
        "an XML spreadsheet",
        "save it",
    ),
    "mhtml": (b"MIME-Version: 1.0\nContent-Type: multipart/related", "a web archive", "save it"),
    "json": (b'[{"record_id": "W-01"}]', "JSON", "export"),
    "json lines": (b'{"record_id": "W-01"}\n{"record_id": "W-02"}\n', "JSON", "export"),
    "syntax": (b"* Encoding: UTF-8.\nGET FILE='x.sav'.\n", "a program of SPSS", ".sav"),
    "data list": (b"DATA LIST FREE / a b.\nBEGIN DATA\n1 2\nEND DATA.\n", "a program of", ".sav"),
    "parquet": (b"PAR1\x15\x04" + bytes(50), "a Parquet file", "export"),
    "sqlite": (b"SQLite format 3\0" + bytes(50), "an SQLite database", "export"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture", "export"),
}


@pytest.mark.parametrize("kind", ["gzip", "rds", "zip", "xls"])
def test_a_packed_file_is_no_text(tmp_path, kind):
    content, what, _ = KINDS[kind]
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(InputError, match=re.escape(what)):
        check_format(tmp_path / "x.csv", "csv")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_named_whatever_the_suffix(tmp_path, kind, monkeypatch, capsys):
    """By each command under two of the suffixes, so that the commands together see all of them."""
    content, what, way_out = KINDS[kind]
    monkeypatch.chdir(tmp_path)
    commands = (["suggest-mapping"], ["new-study", "made", "--from"], ["score-isncsci"])
    first = list(KINDS).index(kind)
    for place, suffix in enumerate([".csv", ".xlsx", ".sav", ".xls", ".txt", ""]):
        if kind == "workbook" and suffix == ".xlsx":
            continue
        file = tmp_path / f"x{suffix}"
        file.write_bytes(content)
        assert main([*commands[(first + place) % 3], file.name]) == 1
        said, hint = capsys.readouterr().err.splitlines()
        assert said.startswith(f"error: {file.name}") and what in said
        assert way_out in hint
        file.unlink()
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".sav", ".dta", ".xpt", ".por"])
def test_statistical_files_under_another_name(tmp_path, suffix):
    path = tmp_path / "x.csv"
    path.write_bytes(statistical(tmp_path, suffix))
    with pytest.raises(InputError, match=rf"x\.csv: cannot be read as .* \({suffix}\)") as caught:
        read_export(path, export_entry("x.csv"))
    assert f"rename it to end in {suffix}" in caught.value.hint
    # The way out works.
    renamed = path.rename(tmp_path / f"x{suffix}")
    assert len(read_export(renamed, export_entry(renamed.name)).cells) == 2


def test_the_ways_out_for_a_workbook_and_for_text_work(tmp_path):
    book = tmp_path / "x.csv"
    book.write_bytes(workbook())
    assert len(read_export(book, export_entry("x.csv", format="excel")).cells) == 2
    text = tmp_path / "x.xlsx"
    text.write_bytes(TABLE)
    with pytest.raises(InputError, match="by its first bytes it is text") as caught:
        read_export(text, export_entry("x.xlsx"))
    assert "rename it to end in .csv, or set exports.*.format: csv" in caught.value.hint
    assert len(read_export(text, export_entry("x.xlsx", format="csv")).cells) == 2


@pytest.mark.parametrize(
    "header",
    ["PK,a", "PAR1,a", "RDX,a", "BZh,a", "{a},b", "[id],[name]", "X,a", "A,b", "VALUE LABELS,b",
     "* note,b", "get file,b", "<5,b", "f,b", "%PDF,a"],
)  # fmt: skip
def test_a_header_that_begins_like_another_kind_is_a_header(tmp_path, header):
    path = tmp_path / "x.csv"
    path.write_text(f"{header}\n1,2\n")
    names = read_export(path, export_entry("x.csv")).cells.columns.tolist()
    assert names == header.split(",")


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.sav", "x.dta"])
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.write_bytes(b""), "is empty; there is not even a header"),
    ],
)
def test_what_is_no_file_at_all(tmp_path, name, make, message):
    make(tmp_path / name)
    with pytest.raises(InputError, match=message) as caught:
        read_export(tmp_path / name, export_entry(name))
    assert "\n" not in caught.value.message


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    (tmp_path / "x.csv").write_bytes(TABLE)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    entry = export_entry("x.csv")
    monkeypatch.setattr(file_formats.Path, "open", refuse)
    with pytest.raises(InputError, match="Permission denied") as caught:
        read_export(tmp_path / "x.csv", entry)
    assert "permission to read" in caught.value.hint


def test_a_file_name_that_is_no_unicode_is_one_line(tmp_path, capsys):
    path = tmp_path / "x\udcff.csv"
    path.write_bytes(TABLE)
    assert main(["suggest-mapping", str(path)]) == 1
    assert "not valid UTF-8" in capsys.readouterr().err


def command_that(error):
    """The command suggest-mapping, which ends with this error."""

    def act(_):
        raise error

    (command,) = (each for each in COMMANDS if each.name == "suggest-mapping")
    return replace(command, act=act)


@pytest.mark.parametrize("with_logs", [True, False])
@pytest.mark.parametrize(
    "error", [ValueError("embedded null byte"), RecursionError("too deep"), AttributeError("a\nb")]
)
def test_an_error_of_the_program_is_one_line_and_a_file(
    tmp_path, monkeypatch, capsys, error, with_logs
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command_line.tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / ("logs" if with_logs else "temporary")).mkdir()
    monkeypatch.setattr(command_line, "COMMANDS", [command_that(error)])
    assert main(["suggest-mapping", "x.csv"]) == 70
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"internal error: {type(error).__name__}: ")
    file = tmp_path / line.split("see the traceback in ")[1]
    assert file.parent.name == ("logs" if with_logs else "temporary")
    assert "Traceback (most recent call last)" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 1, "not enough memory"),
        (PermissionError(13, "Permission denied", "out.csv"), 1, "out.csv: Permission denied"),
        (OSError(28, "No space left on device", "out.csv"), 1, "No space left on device"),
    ],
)
def test_what_the_system_refuses_is_no_error_of_the_program(
    monkeypatch, capsys, error, code, words
):
    monkeypatch.setattr(command_line, "COMMANDS", [command_that(error)])
    assert main(["suggest-mapping", "x.csv"]) == code
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said and "internal" not in said


AWKWARD = {
    "a cell of 140,000 characters": TABLE + b'W-03,"' + b"x" * 140_000 + b'",1\n',
    "a code of 140,000": TABLE.replace(b"W-01", b"W" * 140_000),
    "a visit of 140,000": TABLE.replace(b"baseline", b"b" * 140_000, 1),
    "a name of 140,000": TABLE.replace(b"wisci_level", b"wisci " * 25_000),
    "names like YAML": TABLE.replace(b"wisci_level", b"# unsure: x: [y") + b"W-03,- a: b,*x\n",
    "a name of two lines": TABLE.replace(b"visit", b'"visit\nname"'),
    "signs that YAML has not": TABLE.replace(b"visit", "vi\x07s\ufffeit\u2028x".encode()),
    "visits that YAML has not": TABLE.replace(b"baseline", '"a\nb\x07: {\u2028"'.encode()),
    "cp932": "record_id,備考\nW-01,①髙㈱\n".encode("cp932"),
    "utf-16 without mark": TABLE.decode().encode("utf-16-le"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", AWKWARD)
def test_awkward_tables_become_a_study(tmp_path, monkeypatch, capsys, what):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_bytes(AWKWARD[what])
    assert main(["suggest-mapping", "x.csv"]) == 0
    assert main(["new-study", "made", "--from", "x.csv"]) == 0
    assert (tmp_path / "config" / "made.yaml").is_file()
    assert "internal" not in capsys.readouterr().err
