"""SAS transport files, byte by byte, because no free program writes several datasets into one.

After SAS Institute, TS-140, "Record Layout of a SAS Version 5 or 6 Data Set in SAS Transport
(XPORT) Format", and its sequel for versions 8 and 9. Numbers are IBM base-16 floats, cut to the
bytes of their variable.
"""

import math
import struct
from dataclasses import dataclass, field
from fractions import Fraction

Value = float | str | None


@dataclass
class Dataset:
    """``variables``: name, bytes (negative: a text), format. ``rows``: None is a missing number."""

    name: str
    variables: list[tuple[str, int, str]]
    rows: list[list[Value]] = field(default_factory=list)


def transport(*datasets: Dataset, version: int = 5, counted: bool = False) -> bytes:
    """The file; ``counted``: version 8 gives the number of rows in its header, as SAS does."""
    library = _record("LIBRARY" if version == 5 else "LIBV8")
    stamp = _filled(b"SAS     SAS     SASLIB  9.4     Linux" + b" " * 27 + b"01JAN24:00:00:00")
    content = library + stamp + _filled(b"01JAN24:00:00:00")
    return content + b"".join(_member(dataset, version, counted) for dataset in datasets)


def ibm_float(value: float | None, width: int) -> bytes:
    """A number as an IBM base-16 float of ``width`` bytes, cut and not rounded."""
    if value is None:
        return b"." + bytes(width - 1)
    if value == 0:
        return bytes(width)
    exact = abs(Fraction(value))
    exponent = math.floor(math.log(exact, 16)) + 1
    while exact >= Fraction(16) ** exponent:
        exponent += 1
    while exact < Fraction(16) ** (exponent - 1):
        exponent -= 1
    fraction = int(exact / Fraction(16) ** exponent * 2**56)
    first = (64 + exponent) | (0x80 if value < 0 else 0)
    return (bytes([first]) + fraction.to_bytes(7, "big"))[:width]


def _member(dataset: Dataset, version: int, counted: bool) -> bytes:
    names = ("MEMBER", "DSCRPTR", "NAMESTR", "OBS")
    if version != 5:
        names = ("MEMBV8", "DSCPTV8", "NAMSTV8", "OBSV8")
    length = 8 if version == 5 else 32
    head = _record(names[0], "000000000000000001600000000140") + _record(names[1])
    title = b"SAS     " + dataset.name.encode().ljust(length) + b"SASDATA 9.4     Linux"
    head += _filled(title) + _filled(b"01JAN24:00:00:00")
    head += _record(names[2], f"000000{len(dataset.variables):04}00000000000000000000")
    place, descriptors = 0, b""
    for number, (name, width, shown) in enumerate(dataset.variables, start=1):
        descriptors += _descriptor(number, name, width, shown, place)
        place += abs(width)
    rows = b"".join(
        ibm_float(value, width) if width > 0 else str(value).encode().ljust(-width)
        for row in dataset.rows
        for (_, width, _), value in zip(dataset.variables, row, strict=True)
    )
    count = f"{len(dataset.rows):>15}" if counted else "0" * 30
    return head + _filled(descriptors) + _record(names[3], count) + _filled(rows)


def _descriptor(number: int, name: str, width: int, shown: str, place: int) -> bytes:
    digits = shown.rstrip("0123456789")
    kind = 2 if width < 0 else 1
    fixed = struct.pack(">4h", kind, 0, abs(width), number)
    fixed += name[:8].encode().ljust(8) + b" " * 40
    fixed += digits.encode().ljust(8) + struct.pack(">3h", int(shown[len(digits) :] or 0), 0, 0)
    fixed += b"  " + b" " * 8 + struct.pack(">2hl", 0, 0, place)
    return (fixed + name.encode().ljust(32)).ljust(140, b"\0")


def _record(name: str, numbers: str = "0" * 30) -> bytes:
    return _filled(f"HEADER RECORD*******{name:<8}HEADER RECORD!!!!!!!{numbers}".encode())


def _filled(content: bytes) -> bytes:
    return content + b" " * (-len(content) % 80)
