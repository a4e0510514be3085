"""Which format a file has: by its suffix, by the configuration, and by its first bytes.

A file is read as the format that its suffix or the configuration says, or not at all: a workbook
named .csv, a web page named .xls and a text named .xlsx are each refused in one line that says what
the file is.
"""

import re
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

from owncontrol.basics.file_names import check_file_name, check_is_file
from owncontrol.errors import InputError
from owncontrol.ingest.readers.statistical import FORMATS, SUFFIXES

BY_SUFFIX = {".csv": "csv", ".xlsx": "excel", ".xlsm": "excel", ".tsv": "csv", ".txt": "csv"}
BY_SUFFIX |= SUFFIXES
BY_SUFFIX |= {".xml": "redcap_xml", ".json": "dataset_json", ".ndjson": "dataset_json"}
WANTED = {
    "csv": "delimited text",
    "excel": "a workbook",
    "redcap_xml": "a project of REDCap (XML)",
    "odm": "CDISC ODM",
    "dataset_json": "Dataset-JSON",
}
HEAD = 4096
WEB_PAGE = (
    "if it shows the table, open it in a spreadsheet program and save it as a workbook (.xlsx); if "
    "it shows a message, such as the end of a session, export the file again"
)
EXPORT_AGAIN = "export the table as CSV or as a workbook (.xlsx)"
SAVE_AS_WORKBOOK = "open it in a spreadsheet program and save it as a workbook (.xlsx)"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = "EncryptedPackage".encode("utf-16-le")
MOST_NAMES = 1 << 24  # bytes of a compound file in which its directory is looked for


class Kind(NamedTuple):
    """What a file is by its first bytes.

    ``what``: in words. ``read_as``: the formats that read it. ``suffix``: the usual one of those.
    ``way_out``: what to do where no format reads it.
    """

    what: str
    read_as: tuple[str, ...] = ()
    suffix: str = ""
    way_out: str = EXPORT_AGAIN


TEXT = Kind("text", ("csv",), ".csv")
WORKBOOK = Kind("a workbook (.xlsx)", ("excel",), ".xlsx")
PACKAGE = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
FROM_R = "write the table as CSV from R (write.csv)"
PACKED = "unpack it first, and name the file that is in it"
# The first bytes of each kind, as its makers document them.
SIGNATURES: tuple[tuple[bytes, Kind], ...] = (
    (b"$FL2", Kind("an SPSS file (.sav)", ("spss",), ".sav")),
    (b"$FL3", Kind("a packed SPSS file (.zsav)", ("spss",), ".zsav")),
    (b"HEADER RECORD*******", Kind("a SAS transport file (.xpt)", ("xport",), ".xpt")),
    (b"<stata_dta>", Kind("a Stata file (.dta)", ("stata",), ".dta")),
    (
        bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf",
        Kind("a SAS file (.sas7bdat)", ("sas7bdat",), ".sas7bdat"),
    ),
    (
        bytes(12) + b"\xc2\xea\x81\x63\xb3\x14\x11\xcf",
        Kind(
            "a SAS catalog (.sas7bcat), which holds formats and no data",
            way_out="name the data file (.sas7bdat) that goes with it",
        ),
    ),
    (
        b"**COMPRESSED**",
        Kind(
            "a SAS CPORT file, which only SAS can read",
            way_out="in SAS, read it by PROC CIMPORT and write it as a transport file: a LIBNAME "
            "with the engine XPORT, and PROC COPY",
        ),
    ),
    (b"%PDF-", Kind("a PDF")),
    (b"\x09\x08", Kind("an old workbook (.xls)", way_out=SAVE_AS_WORKBOOK)),
    (b"\x09\x04\x06\x00", Kind("an old workbook (.xls)", way_out=SAVE_AS_WORKBOOK)),
    (b"\x09\x02\x06\x00", Kind("an old workbook (.xls)", way_out=SAVE_AS_WORKBOOK)),
    (b"\xfd7zXZ\0", Kind("a file packed by xz", way_out=PACKED)),
    (b"7z\xbc\xaf\x27\x1c", Kind("a 7-Zip archive", way_out=PACKED)),
    (b"\x28\xb5\x2f\xfd", Kind("a file packed by zstd", way_out=PACKED)),
    (b"Rar!\x1a\x07", Kind("a RAR archive", way_out=PACKED)),
    (b"PAR1\x15", Kind("a Parquet file")),
    (b"ARROW1\0", Kind("an Arrow file")),
    (b"FEA1\0", Kind("a Feather file")),
    (b"SQLite format 3\0", Kind("an SQLite database")),
    (b"\x89HDF\r\n", Kind("an HDF5 file")),
    (b"{\\rtf", Kind("a text document (.rtf)")),
    (b"\x89PNG\r\n", Kind("a picture")),
    (b"\xff\xd8\xff", Kind("a picture")),
    (b"\x80\x04\x95", Kind("a Python pickle")),
)
STATA_BEFORE_13 = rb"[\x66-\x73][\x01\x02]\x01\0"
PORTABLE = rb"(?:.{40})?ASCII SPSS PORT FILE"
R_FILE = rb"RD[XAB]\d\n|X\n\0\0\0|A\n[23]\n\d{5,}\n"
FORMS: tuple[tuple[bytes, Kind], ...] = (
    (STATA_BEFORE_13, Kind("a Stata file (.dta)", ("stata",), ".dta")),
    (PORTABLE, Kind("a portable SPSS file (.por)", ("spss",), ".por")),
    (rb"BZh[1-9]1AY&SY", Kind("a file packed by bzip2", way_out=PACKED)),
    (R_FILE, Kind("an R file", way_out=FROM_R)),
)
# What a text is by how it begins, white space passed over.
ELEMENTS = rb"(?:html|head|body|table|meta|style|div)\b"
STRING = rb'"(?:[^"\\]|\\.)*"'
COMMANDS = rb"(?:DATA LIST|GET (?:FILE|DATA)|BEGIN DATA|VARIABLE LABELS|VALUE LABELS|SET UNICODE)\b"
TEXTS: tuple[tuple[bytes, Kind], ...] = (
    (
        rb"(?i)(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+)?" + ELEMENTS,
        Kind("a web page (HTML)", way_out=WEB_PAGE),
    ),
    (
        rb"<\?xml.*?(?:urn:schemas-microsoft-com:office:spreadsheet|progid=.Excel\.Sheet)",
        Kind("an XML spreadsheet of Excel 2003", way_out=SAVE_AS_WORKBOOK),
    ),
    (
        rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<ODM\b[^>]*projectredcap\.org",
        Kind("a project of REDCap (XML)", ("redcap_xml",), ".xml"),
    ),
    (
        rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<ODM\b",
        Kind("CDISC ODM of another system than REDCap", ("odm",), ".xml"),
    ),
    (rb"<\?xml\b", Kind("an XML file")),
    (
        rb"\{.*?\"datasetJSON(?:Version|CreationDateTime)\"\s*:",
        Kind("CDISC Dataset-JSON", ("dataset_json",), ".json"),
    ),
    (rb"(?i)MIME-Version:", Kind("a web archive (MHTML)", way_out=SAVE_AS_WORKBOOK)),
    (rb"\{\s*(?:" + STRING + rb"\s*:|\}\s*\Z)|\[\s*(?:[\[{]\s*[\"\[{\]}]|\]\s*\Z)", Kind("JSON")),
    (
        # Each command ends in a full stop at the end of a line.
        rb"(?i)\*\s*Encoding:|" + COMMANDS + rb".*?\.[ \t]*(?:[\r\n]|\Z)",
        Kind(
            "a program of SPSS (.sps)", way_out="name the data file (.sav) that it reads or makes"
        ),
    ),
)


def file_format(path: Path, declared: str) -> str:
    """The format of a file: the declared one, or with ``auto`` the one of its suffix.

    Raises InputError for a suffix that no format has.
    """
    if declared != "auto":
        return declared
    found = BY_SUFFIX.get(path.suffix.lower(), "")
    if found == "redcap_xml" and path.is_file() and "odm" in kind_of(path).read_as:
        return "odm"  # two formats have this suffix
    if found:
        return found
    kind = kind_of(path) if path.is_file() else TEXT
    if kind is TEXT:
        raise InputError(
            f"{path}: no format goes with the suffix '{path.suffix}'; allowed: "
            f"{', '.join(BY_SUFFIX)}",
            "rename the file, or set exports.*.format",
        )
    unread = "is not named like one" if kind.read_as else "is not read"
    raise InputError(f"{path}: is {kind.what} by its first bytes, and {unread}", _way_out(kind))


def check_format(path: Path, kind: str) -> None:
    """Raise InputError where a file is not there, empty, or by its first bytes of another format.

    ``kind``: the format that it is to be read as. A file that is only damaged is left to its
    reader, which knows more.
    """
    found = kind_of(path)
    if kind in found.read_as or (found is TEXT and kind in FORMATS and _may_be_damaged(path)):
        return
    wanted = WANTED.get(kind, kind)
    raise InputError(
        f"{path}: cannot be read as {wanted}, because by its first bytes it is {found.what}",
        _way_out(found),
    )


def _may_be_damaged(path: Path) -> bool:
    """Whether a file whose first bytes say nothing can be one of SAS, SPSS or Stata at all."""
    return b"\0" in _head(path) or path.suffix.lower() == ".por"


def _way_out(found: Kind) -> str:
    if not found.read_as:
        return found.way_out
    return f"rename it to end in {found.suffix}, or set exports.*.format: {found.read_as[0]}"


def kind_of(path: Path) -> Kind:
    """What a file is by its first bytes; text where they are those of no other kind.

    Raises InputError where there is no file, where it cannot be read, and where it is empty.
    """
    head = _head(path)
    if head.startswith(PACKAGE):
        return _kind_of_package(path)
    if head.startswith(OLE):
        return _kind_of_compound(path)
    if head.startswith(b"\x1f\x8b"):
        return _kind_of_gzip(head)
    for first, kind in SIGNATURES:
        if head.startswith(first):
            return kind
    plain = _in_plain_letters(head)
    for start, forms in ((head, FORMS), (plain, TEXTS)):
        for form, kind in forms:
            if re.match(form, start, re.DOTALL):
                return kind
    return TEXT


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: a folder, and not a file", "name the file in it")
    if not path.is_file():
        raise InputError(f"{path}: no such file", "name a raw export")
    check_file_name(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise unreadable(path, error) from error
    if not head:
        raise InputError(f"{path}: is empty; there is not even a header", "export the file again")
    return head


def read_whole(path: Path) -> bytes:
    """A file's bytes. Raises InputError where it is not there or cannot be read."""
    check_is_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> InputError:
    """The one line for a file that the system does not let us read."""
    return InputError(
        f"{path}: {error.strerror or error}", "check the path and your permission to read the file"
    )


def _in_plain_letters(head: bytes) -> bytes:
    """The first bytes without byte order mark, NULs (of UTF-16) and white space before the text."""
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip()


def _kind_of_package(path: Path) -> Kind:
    """What a zip file holds; a package that cannot be opened is a damaged workbook most often."""
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
            about = package.read("mimetype")[:100] if "mimetype" in names else b""
    except Exception:  # damaged: zipfile raises whatever it meets
        return WORKBOOK if path.suffix.lower() in (".xlsx", ".xlsm") else Kind(
            "a zip file that is damaged", ("excel",), ".xlsx", "export it again"
        )  # fmt: skip
    if any(name.casefold().endswith("workbook.bin") for name in names):
        return Kind("a binary workbook (.xlsb)", way_out=SAVE_AS_WORKBOOK)
    if "[Content_Types].xml" in names:
        if any(name.casefold().startswith(("word/", "ppt/")) for name in names):
            return Kind("a text document or slides")
        return WORKBOOK
    if b"opendocument.spreadsheet" in about:
        return Kind("an OpenDocument spreadsheet (.ods)", way_out=SAVE_AS_WORKBOOK)
    if b"opendocument" in about:
        return Kind("an OpenDocument file")
    if any(name.casefold().startswith("xl/") for name in names):
        return WORKBOOK
    if any(name.startswith("Index/") for name in names):
        return Kind("a spreadsheet of Numbers", way_out="export it from Numbers as .xlsx or CSV")
    return Kind("a zip file", way_out=PACKED)


def _kind_of_compound(path: Path) -> Kind:
    with path.open("rb") as file:
        locked = LOCKED in file.read(MOST_NAMES)
    if locked:
        return Kind("a workbook locked with a password", way_out="save it again without a password")
    return Kind("an old workbook (.xls)", way_out=SAVE_AS_WORKBOOK)


def _kind_of_gzip(head: bytes) -> Kind:
    try:
        start = zlib.decompressobj(wbits=31).decompress(head, 16)
    except zlib.error:
        start = b""
    if re.match(R_FILE, start):
        return Kind("an R file (.rds or .RData)", way_out=FROM_R)
    return Kind("a file packed by gzip", way_out=PACKED)
