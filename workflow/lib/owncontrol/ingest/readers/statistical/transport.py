"""SAS transport files: the datasets (members) in one, and one of them as a file of its own.

Records of 80 bytes: three of the library, then for each dataset the headers MEMBER and DSCRPTR
(MEMBV8 and DSCPTV8 from version 8), its name, its variables, the header OBS (OBSV8) and the rows,
filled up with blanks to the next record. SAS Institute, TS-140, and "Record Layout of a SAS
Version 8 or 9 Data Set in SAS Transport Format". ReadStat reads the first dataset and takes all
that follows for its rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from owncontrol.errors import InputError

RECORD = 80
LIBRARY = 3 * RECORD
WIDTHS = range(2, 9)  # bytes of a number


def _header(name: str) -> bytes:
    return f"HEADER RECORD*******{name:<8}HEADER RECORD!!!!!!!".encode()


MEMBERS = {_header("MEMBER"): _header("DSCRPTR"), _header("MEMBV8"): _header("DSCPTV8")}
ROWS = (_header("OBS"), _header("OBSV8"))


@dataclass(frozen=True)
class Member:
    """A dataset in a transport file: its name, and where it begins and ends.

    ``descriptor``: bytes of a variable's descriptor. ``variables``: how many there are.
    """

    name: str
    start: int
    end: int
    descriptor: bytes
    variables: bytes


def one_member(path: Path, content: bytes, name: str) -> bytes:
    """A transport file that holds the one dataset called ``name``, in either case.

    ``name`` may be empty where there is only one. Raises InputError where that is not so, or no
    dataset has that name.
    """
    members = list(_members(content))
    names = ", ".join(member.name for member in members)
    if not members:
        raise InputError(
            f"{path}: cannot be read as xport (no dataset begins in it where a record begins)",
            "the file is damaged, or was transferred as text; export or copy it again",
        )
    chosen = [member for member in members if member.name.casefold() == name.strip().casefold()]
    if not name.strip():
        chosen = members
        if len(members) > 1:
            raise InputError(
                f"{path}: holds {len(members)} datasets: {names}",
                "name the one to read under exports.*.dataset; several exports may read one file",
            )
    if len(chosen) > 1:
        raise InputError(f"{path}: two datasets are called {chosen[0].name}", "export one by one")
    if not chosen:
        raise InputError(
            f"{path}: holds no dataset '{name}'; it holds: {names}", "correct exports.*.dataset"
        )
    (member,) = chosen
    if member.descriptor == b"0136":
        raise InputError(
            f"{path}: dataset {member.name} was written by SAS for VAX/VMS, which is not readable",
            "export it again with SAS for another system",
        )
    if member.variables == b"0000":
        raise InputError(f"{path}: dataset {member.name} holds no variables", "export it again")
    return content[:LIBRARY] + content[member.start : member.end]


def check_rows(path: Path, content: bytes, widths: dict[str, tuple[str, int]]) -> int:
    """Raise InputError where the last row of a file with one dataset is cut.

    ``widths``: storage type and bytes of each variable. Returns the number of rows that version 8
    writes into its header, 0 where it is not given. In version 5 a row of blanks at the end cannot
    be told from the filling of the last record; it holds nothing.
    """
    for name, (storage, width) in widths.items():
        if storage != "string" and width not in WIDTHS:
            raise InputError(
                f"{path}, column {name}: numbers of {width} bytes, where SAS stores 2 to 8",
                "the file is damaged; export it again",
            )
    start = next(place for place in _records(content, ROWS))
    length = sum(width for _, width in widths.values())
    rows = content[start + RECORD :]
    claimed = content[start + 48 : start + 63].strip()
    number = int(claimed) if claimed.isdigit() else 0
    if not length:
        return number
    whole = len(rows) // length
    if rows[whole * length :].strip(b" ") or number > whole:
        expected = f"; its header says {number} rows" if number else ""
        raise InputError(
            f"{path}: the file ends within row {whole + 1}{expected}",
            "the file is cut; export or copy it again",
        )
    return number


def _members(content: bytes) -> Iterator[Member]:
    starts = [
        place
        for place in _records(content, tuple(MEMBERS))
        if content.startswith(MEMBERS[content[place : place + 48]], place + RECORD)
    ]
    ends = [*starts[1:], len(content)][: len(starts)]
    for start, end in zip(starts, ends, strict=True):
        record = content[start + 2 * RECORD : start + 3 * RECORD]
        length = 8 if content.startswith(_header("MEMBER"), start) else 32
        name = record[8 : 8 + length].decode("latin-1").strip(" \0")
        count = start + 4 * RECORD + 54
        yield Member(name, start, end, content[start + 74 : start + 78], content[count : count + 4])


def _records(content: bytes, headers: tuple[bytes, ...]) -> Iterator[int]:
    """Where a record with one of the headers begins, in the order of the file."""
    found = []
    for header in headers:
        place = content.find(header)
        while place >= 0:
            if place % RECORD == 0:
                found.append(place)
            place = content.find(header, place + 1)
    yield from sorted(found)
