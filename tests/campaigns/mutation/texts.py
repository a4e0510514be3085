"""Corruptions of the bytes of a file: encoding, delimiter, quotes, cut files, damaged workbooks."""

import io
import zipfile

from mutation.model import Draw, Mutation

NO_CHANGE = "the same content in another form"


def _line(draw: Draw) -> tuple[bytes, int, int, int]:
    """The file's bytes, start and end of the line of a data row, and the row from 1."""
    content = draw.file.content(draw.file.rows)
    row = draw.row()
    start = len(draw.file.content(draw.file.rows[:row]))
    end = len(draw.file.content(draw.file.rows[: row + 1]))
    return content, start, end, row + 1


def _in_row(draw: Draw, row: int, content: bytes, what: str, **more: object) -> Mutation:
    """Bytes of one row changed; rows below it may move."""
    places = frozenset({(row, None), (row + 1, None)})
    return Mutation(
        draw.kind,
        draw.file.name,
        f"row {row}: {what}",
        content,
        places,
        **more,
    )


def byte_changed(draw: Draw) -> Mutation | None:
    """A byte that is none of the encoding (a workbook: a byte of the package turned over)."""
    content = draw.file.content(draw.file.rows)
    if draw.file.is_workbook:
        at = draw.rng.randrange(len(content))
        return draw.whole(
            content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :],
            f"byte {at} turned over",
            breaks=False,
            looks_like=NO_CHANGE,
        )
    content, start, end, row = _line(draw)
    at = draw.rng.randrange(start, end - 2)
    broken = content[:at] + draw.rng.choice([b"\xff", b"\xe9", b"\x83"]) + content[at:]
    return _in_row(draw, row, broken, "a byte that is no UTF-8")


def other_encoding(draw: Draw) -> Mutation | None:
    if draw.file.is_workbook:
        return None
    name = draw.rng.choice(["utf-16", "utf-16-be", "utf-32", "cp1252", "shift_jis", "utf-8-sig"])
    content = draw.file.content(draw.file.rows)
    plain = content.decode("utf-8-sig")
    new = plain.encode(name, errors="replace")
    same = new.removeprefix(b"\xef\xbb\xbf") == plain.encode()
    return draw.whole(new, name, breaks=not same, looks_like=NO_CHANGE if same else "")


def nul_byte(draw: Draw) -> Mutation | None:
    if draw.file.is_workbook:
        return None
    content, start, end, row = _line(draw)
    at = draw.rng.randrange(start, end - 2)
    count = draw.rng.choice([1, 1, 512])
    return _in_row(draw, row, content[:at] + b"\0" * count + content[at:], "NUL bytes")


def delimiter_in_text(draw: Draw) -> Mutation | None:
    if draw.file.is_workbook:
        return None
    content, start, end, row = _line(draw)
    line = content[start:end]
    if b'"' in line:
        return None
    at = draw.rng.randrange(len(line) - 2)
    new = line[:at] + draw.file.delimiter.encode() + line[at:]
    return _in_row(draw, row, content[:start] + new + content[end:], "a delimiter more")


def quote(draw: Draw) -> Mutation | None:
    """A quote too many, or one lost."""
    if draw.file.is_workbook:
        return None
    content, start, end, row = _line(draw)
    quotes = [n for n in range(start, end) if content[n : n + 1] == b'"']
    if quotes and draw.rng.random() < 0.5:
        at = draw.rng.choice(quotes)
        return _in_row(draw, row, content[:at] + content[at + 1 :], "a quote lost")
    at = draw.rng.randrange(start, end - 2)
    return _in_row(draw, row, content[:at] + b'"' + content[at:], "a quote more")


def line_cut(draw: Draw) -> Mutation | None:
    """The rest of one line is missing; its end stays, or is missing, too."""
    if draw.file.is_workbook:
        return None
    content, start, end, row = _line(draw)
    length = end - start - len(draw.file.line_end)
    at = start + draw.rng.randrange(1, length)
    keep_end = draw.rng.random() < 0.7
    rest = content[end - len(draw.file.line_end) :] if keep_end else content[end:]
    lost = content[at : end - len(draw.file.line_end)].decode("utf-8", errors="ignore")
    if not lost:
        return None
    return _in_row(draw, row, content[:at] + rest, "the line is cut")


def file_cut(draw: Draw) -> Mutation | None:
    content = draw.file.content(draw.file.rows)
    at = draw.rng.randrange(len(content) - 2)
    if draw.file.is_workbook:
        return draw.whole(content[:at], f"cut at byte {at} of {len(content)}")
    row = content[:at].count(b"\n") + 1
    # At a line end whole rows are missing.
    clean = content[:at].endswith(draw.file.line_end.encode()) or at < 3
    looks = "the last rows are missing, and nothing counts them"
    return Mutation(
        draw.kind,
        draw.file.name,
        f"cut at byte {at} of {len(content)}",
        content[:at],
        frozenset((n, None) for n in range(row, len(draw.file.rows) + 1)) | {(None, None)},
        breaks=not clean,
        looks_like=looks,
    )


def other_delimiter(draw: Draw) -> Mutation | None:
    if draw.file.is_workbook:
        return None
    other = draw.rng.choice([d for d in ",;\t|" if d != draw.file.delimiter])
    content = draw.file.content(draw.file.rows).replace(
        draw.file.delimiter.encode(), other.encode()
    )
    return draw.whole(content, f"delimiter {other!r}")


def other_line_ends(draw: Draw) -> Mutation | None:
    if draw.file.is_workbook:
        return None
    content = draw.file.content(draw.file.rows)
    plain = content.replace(b"\r\n", b"\n")
    end = draw.rng.choice([b"\r\n", b"\r", b"\n"])
    new = plain.replace(b"\n", end)
    return draw.whole(new, f"line ends {end!r}", breaks=False, looks_like=NO_CHANGE)


def blank_lines(draw: Draw) -> Mutation | None:
    at = draw.rng.randrange(1, len(draw.file.rows) + 1)
    blank = [""] * len(draw.file.rows[0])
    rows = [*draw.file.rows[:at], blank, *draw.file.rows[at:]]
    origin = [*range(1, at + 1), None, *range(at + 1, len(draw.file.rows) + 1)]
    return draw.moved_rows(rows, origin, {at + 1}, what=f"a blank row at {at + 1}")


def other_file(draw: Draw) -> Mutation | None:
    """Something else under this file's name."""
    contents = {
        "empty": b"",
        "a page of the web": b"<!DOCTYPE html><html><body>Session expired</body></html>",
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        "a zip of nothing": b"PK\x05\x06" + b"\0" * 18,
        "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2048,
        "one line of digits": b"1" * 1000,
        "JSON": b'{"error": "no rights"}\n',
    }
    name = draw.rng.choice(list(contents))
    return draw.whole(contents[name], name)


def part_of_workbook(draw: Draw) -> Mutation | None:
    """A part of the package lost, emptied or replaced."""
    if not draw.file.is_workbook:
        return None
    parts = zipfile.ZipFile(io.BytesIO(draw.file.content(draw.file.rows)))
    name = draw.rng.choice(parts.namelist())
    how = draw.rng.choice(["lost", "emptied", "no XML", "another name"])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for part in parts.namelist():
            content = parts.read(part)
            if part == name:
                if how == "lost":
                    continue
                content = {"emptied": b"", "no XML": b"<a><b></a>"}.get(how, content)
            package.writestr(
                part + ".old" if part == name and how == "another name" else part, content
            )
    # Styles, properties and themes hold no cell.
    return draw.whole(out.getvalue(), f"{name} {how}", breaks=False, looks_like=NO_CHANGE)


TEXTS = (
    byte_changed,
    other_encoding,
    nul_byte,
    delimiter_in_text,
    quote,
    line_cut,
    file_cut,
    other_delimiter,
    other_line_ends,
    blank_lines,
    other_file,
    part_of_workbook,
)
