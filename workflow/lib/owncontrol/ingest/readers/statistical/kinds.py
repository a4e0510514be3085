"""What a file is by its first bytes, whatever its name says."""

from pathlib import Path

from owncontrol.errors import InputError

HEAD = 1000  # bytes that tell what a file is
SAS = bytes(12) + bytes.fromhex("c2ea81")
# How the files of each kind begin.
BEGINNINGS = {
    b"$FL2": "spss",
    b"$FL3": "spss",
    b"<stata_dta>": "stata",
    b"HEADER RECORD*******LIB": "xport",
    SAS + b"\x60": "sas7bdat",
}
# Stata up to 12: release, order of bytes, 1, 0.
OLD_STATA = {
    bytes([release, order, 1, 0]): "stata" for release in range(104, 116) for order in (1, 2)
}
OTHER_BEGINNINGS = {
    SAS + b"\x63": "a SAS catalog, which holds formats and no data",
    b"**COMPRESSED**": "a SAS CPORT file, which only SAS can read: there, PROC CIMPORT it and "
    "write it with the engine XPORT (LIBNAME ... XPORT, PROC COPY)",
    b"PK\x03\x04": "a workbook or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old workbook (.xls)",
    b"\x1f\x8b": "packed with gzip: unpack it",
}
PORTABLE = b"SPSS PORT FILE"


def head_of(path: Path) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(HEAD)


def check_kind(path: Path, head: bytes, kind: str) -> None:
    """Raise InputError where a file that begins with ``head`` is of another kind than ``kind``."""
    found = _known(head)
    if found == kind:
        return
    problem = f"{path}: cannot be read as {kind}"
    if found:
        raise InputError(
            f"{problem}: its content is that of {found}",
            f"set exports.*.format: {found}, or name the file that was meant",
        )
    for beginning, what in OTHER_BEGINNINGS.items():
        if head.startswith(beginning):
            raise InputError(
                f"{problem}: it is {what}",
                "set exports.*.format to what the file is, or export it again",
            )
    if not head:
        raise InputError(f"{problem}: it is empty", "export the file again")
    line = head.splitlines()[0]
    if len(line) < HEAD and all(sign >= ord(" ") or sign == ord("\t") for sign in line):
        raise InputError(
            f"{problem}: it is a text file",
            "set exports.*.format: csv if it is delimited text, or name the file that was meant",
        )


def is_portable(path: Path, head: bytes) -> bool:
    """Whether a file of SPSS is a portable one (.por), by content before name."""
    if head.startswith((b"$FL2", b"$FL3")):
        return False
    return PORTABLE in head or path.suffix.lower() == ".por"


def _known(head: bytes) -> str:
    for beginning, kind in {**BEGINNINGS, **OLD_STATA}.items():
        if head.startswith(beginning):
            return kind
    return "spss" if PORTABLE in head else ""
