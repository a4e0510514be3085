"""Corruptions that other programs make: unseen signs, line ends, number formats, partial dates."""

import io
import re
import zipfile
from datetime import datetime

import numpy as np

from mutation.cells import DATE, filled, is_number
from mutation.files import Percent, text
from mutation.model import Draw, Mutation
from mutation.texts import NO_CHANGE

UNSEEN = ("\u200b", "\u00ad", "\u200e", "\u202d", "\ufeff", "\u2060", "\u00a0", "\u2007")
RAISED = ("\u00b9", "\u00b2", "\u2074", "\u2081", "\u2460")
PARTIAL = ("%Y-%m", "%Y", "%Y-%m-UN", "%Y-UN-UN", "UN/%m/%Y", "%Y---%d", "%b %Y", "%Y-%m-00")


def unseen_sign(draw: Draw) -> Mutation | None:
    """A sign that nobody sees, in a cell."""
    place = draw.cell(filled)
    if place is None:
        return None
    old = text(draw.file.rows[place[0]][place[1]])
    at = draw.rng.randrange(len(old) + 1)
    return draw.changed_cell(*place, old[:at] + draw.rng.choice(UNSEEN) + old[at:])


def unseen_sign_in_header(draw: Draw) -> Mutation | None:
    column = draw.rng.choice([n for n, name in enumerate(draw.header) if name])
    old = draw.header[column]
    at = draw.rng.randrange(1, len(old) + 1)
    rows = [list(row) for row in draw.file.rows]
    rows[0][column] = old[:at] + draw.rng.choice(UNSEEN) + old[at:]
    what = f"{old} with an unseen sign"
    return draw.whole(draw.file.content(rows), what, breaks=False, looks_like=NO_CHANGE)


def raised_digit(draw: Draw) -> Mutation | None:
    """A footnote sign behind a number."""
    place = draw.cell(is_number)
    if place is None:
        return None
    return draw.changed_cell(
        *place, text(draw.file.rows[place[0]][place[1]]) + draw.rng.choice(RAISED)
    )


def percent_cell(draw: Draw) -> Mutation | None:
    """A number that the workbook shows as percent, and stores as a hundredth."""
    place = draw.cell(is_number) if draw.file.is_workbook else None
    if place is None:
        return None
    number = float(text(draw.file.rows[place[0]][place[1]]))
    rows = [list(row) for row in draw.file.rows]
    rows[place[0]][place[1]] = Percent(number / 100)
    return Mutation(
        draw.kind,
        draw.file.name,
        f"row {place[0] + 1}, {draw.header[place[1]]}: {number:g} as percent",
        draw.file.content(rows),
        frozenset({(place[0] + 1, draw.header[place[1]])}),
        breaks=False,
        looks_like=NO_CHANGE,
    )


def single_precision(draw: Draw) -> Mutation | None:
    """A number that went through 32 bits on its way."""
    place = draw.cell(lambda value: is_number(value) and "." in value)
    if place is None:
        return None
    number = float(np.float32(text(draw.file.rows[place[0]][place[1]])))
    return draw.changed_cell(*place, repr(number))


def whole_number_with_point(draw: Draw) -> Mutation | None:
    """16 as 16.0, as a column of whole numbers is written once it has a gap."""
    place = draw.cell(lambda value: value.isdigit() and len(value) < 6)
    if place is None:
        return None
    return draw.changed_cell(*place, text(draw.file.rows[place[0]][place[1]]) + ".0")


def partial_date(draw: Draw) -> Mutation | None:
    place = draw.cell(DATE.fullmatch)
    if place is None:
        return None
    old = datetime.fromisoformat(text(draw.file.rows[place[0]][place[1]]))
    return draw.changed_cell(*place, old.strftime(draw.rng.choice(PARTIAL)))


def date_that_is_none(draw: Draw) -> Mutation | None:
    """The 30th of February."""
    place = draw.cell(DATE.fullmatch)
    if place is None:
        return None
    old = text(draw.file.rows[place[0]][place[1]])
    return draw.changed_cell(*place, f"{old[:4]}-02-30{old[10:]}")


def returns_as_line_ends(draw: Draw) -> Mutation | None:
    """The header, or every second line, ends in a carriage return alone."""
    if draw.file.is_workbook:
        return None
    lines = draw.file.content(draw.file.rows).split(draw.file.line_end.encode())
    if any(line.count(b'"') % 2 for line in lines):
        return None
    every = draw.rng.choice([len(lines), 2])
    ends = [b"\r" if n % every == 0 else b"\n" for n in range(len(lines) - 1)]
    content = b"".join(line + end for line, end in zip(lines, [*ends, b""], strict=True))
    what = f"every {every}th line ends in a carriage return"
    return draw.whole(content, what, breaks=False, looks_like=NO_CHANGE)


def separator_line(draw: Draw) -> Mutation | None:
    """The line that tells a spreadsheet the delimiter, before the header."""
    if draw.file.is_workbook or draw.file.name in ("corrections.csv", "redcap_dictionary.csv"):
        return None
    line = f"sep={draw.file.delimiter}{draw.file.line_end}"
    content = draw.file.content(draw.file.rows).decode("utf-8")
    marked = content.replace(draw.file.mark, draw.file.mark + line, 1) if draw.file.mark else ""
    origin = (None, *range(1, len(draw.file.rows) + 1))
    return Mutation(
        draw.kind,
        draw.file.name,
        line.strip(),
        (marked or line + content).encode("utf-8"),
        frozenset({(None, None)}),
        origin,
        breaks=False,
        looks_like=NO_CHANGE,
    )


def second_table_below(draw: Draw) -> Mutation | None:
    """Another table put below this one, in the same file."""
    below = [["site", "monitor"], ["A", "X. Y."], ["B", "Z."]]
    rows = [*draw.file.rows, *below]
    count = len(draw.file.rows)
    origin: list[int | None] = [*range(1, count + 1), None, None, None]
    touched = {count, count + 1, count + 2, count + 3}
    return draw.moved_rows(rows, origin, touched, what=f"another table from row {count + 1} on")


def row_element_twice(draw: Draw) -> Mutation | None:
    """A row of a sheet that has two elements, the second with another value."""
    if not draw.file.is_workbook:
        return None
    parts = zipfile.ZipFile(io.BytesIO(draw.file.content(draw.file.rows)))
    out = io.BytesIO()
    row = draw.row() + 1
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for part in parts.namelist():
            content = parts.read(part)
            if part.endswith("sheet1.xml"):
                found = re.search(rf'<row r="{row}".*?</row>'.encode(), content, re.DOTALL)
                number = found and re.search(rb"<v>(\d)</v>", found[0])
                if not found or not number:
                    return None
                other = found[0].replace(number[0], b"<v>%d</v>" % ((int(number[1]) + 1) % 10), 1)
                content = content.replace(found[0], found[0] + other, 1)
            package.writestr(part, content)
    return draw.whole(out.getvalue(), f"row {row} twice, with another value")


FORMS = (
    unseen_sign,
    unseen_sign_in_header,
    raised_digit,
    percent_cell,
    single_precision,
    whole_number_with_point,
    partial_date,
    date_that_is_none,
    returns_as_line_ends,
    separator_line,
    second_table_below,
    row_element_twice,
)
