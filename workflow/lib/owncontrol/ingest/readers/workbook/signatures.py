"""Files that are called workbooks and are something else: one line each, with a way out."""

import zipfile
from pathlib import Path
from typing import BinaryIO

from owncontrol.errors import InputError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK"
# Streams of an OLE file by the names that its directory has in UTF-16 (MS-CFB, MS-OFFCRYPTO).
LOCKED = "EncryptedPackage".encode("utf-16-le")
OLD = ("Workbook".encode("utf-16-le"), "B\0o\0o\0k\0\0\0".encode("ascii"))
BEGIN = 4096
SEARCHED = 2**26
SAVE = "open it in a spreadsheet program and save it as .xlsx"


def other_kind(path: Path, file: BinaryIO) -> None:
    """Raise InputError where the first bytes are not those of a zip file; else go back to them."""
    begin = file.read(BEGIN)
    if begin.startswith(ZIP):
        file.seek(0)
        if not zipfile.is_zipfile(file):
            raise InputError(
                f"{path}: a zip file that is cut short",
                "the copy or download was not complete; get the file again",
            )
        file.seek(0)
        return
    if begin.startswith(OLE):
        content = begin + file.read(SEARCHED)
        if LOCKED in content:
            raise InputError(
                f"{path}: a workbook that is locked with a password",
                "open it with the password and save it without one (File, Info, Protect Workbook)",
            )
        if any(name in content for name in OLD):
            raise InputError(f"{path}: a workbook of the old kind (.xls)", SAVE)
    if not begin:
        raise InputError(f"{path}: empty, without a single byte", "export the file again")
    plain = begin.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    lower = plain.lower()
    if b'progid="excel.sheet"' in lower or b"urn:schemas-microsoft-com:office:spreadsheet" in lower:
        raise InputError(f"{path}: a workbook of the kind 'XML Spreadsheet 2003'", SAVE)
    if lower.startswith((b"<!doctype html", b"<html")) or b"<table" in lower:
        raise InputError(
            f"{path}: a web page (HTML), not a workbook",
            "if it shows the table, save it as .xlsx in a spreadsheet program; if it shows a "
            "message, such as the end of a session, export the file again",
        )
    if begin.startswith(b"\x09\x08\x10\x00"):
        raise InputError(f"{path}: a workbook of the old kind (.xls)", SAVE)
    if b"\0" not in begin and all(byte >= 32 or byte in b"\t\r\n" for byte in begin):
        raise InputError(
            f"{path}: plain text, not a workbook",
            "if it is a table, set exports.*.format to csv and its encoding and delimiter, or "
            "rename it to .csv",
        )
    raise InputError(
        f"{path}: not a workbook; its first bytes are those of another kind of file",
        "name the .xlsx file, or export the file again",
    )


def other_package(path: Path, names: set[str]) -> None:
    """Raise InputError where a zip file's parts are those of another kind of document."""
    kinds = {
        "xl/workbook.bin": "a workbook of the kind .xlsb",
        "content.xml": "an OpenDocument file (.ods)",
        "word/document.xml": "a text document (.docx)",
        "ppt/presentation.xml": "a presentation (.pptx)",
        "Index/Document.iwa": "a file of Apple's Numbers or Pages",
    }
    for name, kind in kinds.items():
        if name in names:
            raise InputError(f"{path}: {kind}, not .xlsx", SAVE)
    if not any(name.endswith(".rels") for name in names):
        raise InputError(
            f"{path}: a zip file without a workbook in it",
            "if the export is packed in it, unpack it and name the file",
        )
