"""A small SAS7BDAT file, byte by byte, because no free program writes one.

After the description by M. S. Shotwell, "SAS7BDAT Database Binary Format" (vignette of the R
package sas7bdat, 2013): 32-bit pages, little-endian, one page of metadata and one of data.
"""

import struct

HEADER, PAGE = 1024, 4096
MAGIC = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
UTF_8 = 20
NUMBER, TEXT = 1, 2
Column = tuple[str, int, int]  # name, type, width in bytes


def sas7bdat(columns: list[Column], rows: list[list[float | str]]) -> bytes:
    """The file; the numbers of a row come before its texts.

    A number of fewer than eight bytes loses its last ones, as in SAS.
    """
    width = sum(length for _, _, length in columns)
    data = b"".join(_row(columns, row) for row in rows)
    return (
        _header(pages=2) + _metadata(columns, width, len(rows)) + _page(0x100, len(rows), 0, data)
    )


def _header(pages: int) -> bytes:
    head = bytearray(HEADER)
    head[:32] = MAGIC
    head[32], head[35], head[37], head[39], head[70] = 0x22, 0x22, 1, ord("1"), UTF_8
    head[84:92], head[92:156], head[156:164] = b"SAS FILE", b"SEED".ljust(64), b"DATA    "
    struct.pack_into("<2d", head, 164, 1.9e9, 1.9e9)
    struct.pack_into("<3I", head, 196, HEADER, PAGE, pages)
    head[216:224], head[224:240] = b"9.0401M6", b"Linux".ljust(16)
    return bytes(head)


def _page(kind: int, blocks: int, pointers: int, content: bytes) -> bytes:
    return (bytes(16) + struct.pack("<4H", kind, blocks, pointers, 0) + content).ljust(PAGE, b"\0")


def _row(columns: list[Column], row: list[float | str]) -> bytes:
    return b"".join(
        struct.pack("<d", value)[8 - length :]
        if kind == NUMBER
        else str(value).encode().ljust(length)
        for (_, kind, length), value in zip(columns, row, strict=True)
    )


def _metadata(columns: list[Column], width: int, rows: int) -> bytes:
    parts = _subheaders(columns, width, rows)
    end, pointers = PAGE, b""
    body = bytearray(PAGE - 24)
    for part in parts:
        end -= -(-len(part) // 4) * 4
        body[end - 24 : end - 24 + len(part)] = part
        pointers += struct.pack("<2I2BH", end, len(part), 0, 0, 0)
    body[: len(pointers)] = pointers
    return _page(0, len(parts), len(parts), bytes(body))


def _subheaders(columns: list[Column], width: int, rows: int) -> list[bytes]:
    size = bytearray(480)
    size[:4] = b"\xf7" * 4
    struct.pack_into("<2I", size, 20, width, rows)
    struct.pack_into("<I", size, 60, rows)
    count = b"\xf6" * 4 + struct.pack("<2I", len(columns), 0)
    text, names, attributes, offset = b"", [], [], 0
    for name, kind, length in columns:
        names.append(struct.pack("<4H", 0, 24 + len(text), len(name), 0))
        text += name.encode().ljust(-(-len(name) // 4) * 4, b"\0")
        attributes.append(struct.pack("<2IH2B", offset, length, 4, kind, 0))
        offset += length
    texts = b"\xfd\xff\xff\xff" + struct.pack("<H", len(text) + 24) + bytes(22) + text + bytes(8)
    formats = [b"\xfe\xfb\xff\xff" + bytes(48) for _ in columns]
    return [
        bytes(size),
        count,
        texts,
        _list(b"\xff\xff\xff\xff", names),
        _list(b"\xfc\xff\xff\xff", attributes),
        *formats,
    ]


def _list(signature: bytes, entries: list[bytes]) -> bytes:
    body = b"".join(entries)
    return signature + struct.pack("<H", len(body) + 8) + bytes(6) + body + bytes(8)
