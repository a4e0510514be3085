"""Corruptions of single cells."""

import re
import string
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from mutation.files import text
from mutation.model import Draw, Mutation

DATE = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")
FORMULAS = ("=cmd|'/c calc'!A0", '=HYPERLINK("http://x.invalid","y")', "@SUM(1+9)", "+1+cmd|'x'!A0")
FORMULAS += ("-2+3+cmd|' /C x'!A0", "=1+1", '=WEBSERVICE("http://x.invalid")', "\t=1+1")
SIGNS = ("\x01", "\x0b", "\x1b", "\u200b", "\u202e", "\u0301", "\ufffd", "\x7f", "\u00a0", "\u3000")
UNKNOWN = ("?", "n/a", "N.A.", "999", "-9", "unk", "none", ".", "--", "NULL", "NaN", "#N/A", "<5")


def filled(value: str) -> bool:
    return value != ""


def has_digit(value: str) -> bool:
    return any(sign in string.digits for sign in value)


def is_number(value: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", value) is not None


def digit_changed(draw: Draw) -> Mutation | None:
    place = draw.cell(has_digit)
    return place and draw.changed_cell(*place, _like(draw, place, _other_digit(draw, place)))


def letter_changed(draw: Draw) -> Mutation | None:
    place = draw.cell(lambda value: re.search("[A-Za-z]", value))
    if place is None:
        return None
    old = _text(draw, place)
    at = draw.rng.choice([n for n, sign in enumerate(old) if sign.isalpha()])
    other = draw.rng.choice([s for s in string.ascii_letters if s != old[at]])
    return draw.changed_cell(*place, old[:at] + other + old[at + 1 :])


def signs_exchanged(draw: Draw) -> Mutation | None:
    place = draw.cell(lambda value: any(a != b for a, b in pairwise(value)))
    if place is None:
        return None
    old = _text(draw, place)
    at = draw.rng.choice([n for n in range(len(old) - 1) if old[n] != old[n + 1]])
    new = old[:at] + old[at + 1] + old[at] + old[at + 2 :]
    return draw.changed_cell(*place, _like(draw, place, new))


def cell_blanked(draw: Draw) -> Mutation | None:
    place = draw.cell(filled)
    return place and draw.changed_cell(*place, "")


def text_in_place(draw: Draw) -> Mutation | None:
    place = draw.cell(filled)
    return place and draw.changed_cell(*place, draw.rng.choice(UNKNOWN))


def number_scaled(draw: Draw) -> Mutation | None:
    place = draw.cell(is_number)
    if place is None:
        return None
    number = float(_text(draw, place))
    new = draw.rng.choice([number * 10, number * 1000, -number, number + 0.5, number / 100, 1e308])
    return draw.changed_cell(*place, _like(draw, place, f"{new:.15g}"))


def number_form(draw: Draw) -> Mutation | None:
    place = draw.cell(is_number)
    if place is None:
        return None
    old = _text(draw, place)
    forms = [old.replace(".", ","), f"{old}.0", f"0{old}", f"+{old}", f"{old} %", f"{old}e0"]
    forms += [f"1 {old}", f"{old}*", f"~{old}", f"{old[:1]}_{old[1:]}", f"{old}+", f"({old})"]
    return draw.changed_cell(*place, draw.rng.choice(forms))


def date_order(draw: Draw) -> Mutation | None:
    place = draw.cell(DATE.fullmatch)
    if place is None:
        return None
    old = datetime.fromisoformat(_text(draw, place))
    forms = ["%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%d-%m-%y", "%Y%m%d", "%Y-%d-%m"]
    forms += ["%d %b %Y", "%B %d, %Y", "%m/%d/%y", "%Y-%m", "%d-%m-%Y"]
    return draw.changed_cell(*place, old.strftime(draw.rng.choice(forms)))


def date_moved(draw: Draw) -> Mutation | None:
    place = draw.cell(DATE.fullmatch)
    if place is None:
        return None
    old = draw.file.rows[place[0]][place[1]]
    moment = old if isinstance(old, datetime) else datetime.fromisoformat(old)
    days = draw.rng.choice([1, -1, 2, -3, 7, 10, -10, 30, -31, 100, 365, -365, 3652, 36525])
    new = moment + timedelta(days=days)
    return draw.changed_cell(*place, new if isinstance(old, datetime) else _as_date(old, new))


def spaces_and_widths(draw: Draw) -> Mutation | None:
    place = draw.cell(filled)
    if place is None:
        return None
    old = _text(draw, place)
    wide = old.translate({ord(d): 0xFF10 + int(d) for d in string.digits})
    new = draw.rng.choice([f" {old}", f"{old} ", f"{old}\u00a0", f"\u3000{old}", f"\t{old}", wide])
    return draw.changed_cell(*place, new)


def strange_sign(draw: Draw) -> Mutation | None:
    signs = [sign for sign in SIGNS if not (draw.file.is_workbook and sign in "\x01\x0b\x1b")]
    place = draw.cell(filled)
    if place is None:
        return None
    old = _text(draw, place)
    at = draw.rng.randrange(len(old) + 1)
    return draw.changed_cell(*place, old[:at] + draw.rng.choice(signs) + old[at:])


def formula(draw: Draw) -> Mutation | None:
    place = draw.cell(filled)
    return place and draw.changed_cell(*place, draw.rng.choice(FORMULAS))


def megabyte(draw: Draw) -> Mutation | None:
    # A workbook's cell holds 32,767 signs at most.
    size = 32_000 if draw.file.is_workbook else 2**20
    place = draw.cell(filled)
    return place and draw.changed_cell(*place, draw.rng.choice("x1=") * size)


def line_end_in_cell(draw: Draw) -> Mutation | None:
    place = draw.cell(filled)
    return place and draw.changed_cell(*place, _text(draw, place) + draw.rng.choice("\n\r") + "x")


def between_patients(draw: Draw) -> Mutation | None:
    """The values of one column of two rows exchanged."""
    place = draw.cell(filled)
    if place is None or place[1] == 0:
        return None
    row, column = place
    here = draw.file.rows[row][column]
    others = [
        n
        for n, cells in enumerate(draw.file.rows)
        if n and column < len(cells) and text(cells[column]) not in ("", text(here))
    ]
    if not others:
        return None
    other = draw.rng.choice(others)
    there = draw.file.rows[other][column]
    return draw.changed_cells({(row, column): there, (other, column): here})


def to_next_column(draw: Draw) -> Mutation | None:
    """The values of two neighbouring cells exchanged."""
    place = draw.cell(filled)
    if place is None or place[1] + 1 >= len(draw.header) or not draw.header[place[1] + 1]:
        return None
    row, column = place
    here, there = draw.file.rows[row][column : column + 2]
    if text(here) == text(there):
        return None
    return draw.changed_cells({(row, column): there, (row, column + 1): here})


CELLS = (
    digit_changed,
    letter_changed,
    signs_exchanged,
    cell_blanked,
    text_in_place,
    number_scaled,
    number_form,
    date_order,
    date_moved,
    spaces_and_widths,
    strange_sign,
    formula,
    megabyte,
    line_end_in_cell,
    between_patients,
    to_next_column,
)


def _text(draw: Draw, place: tuple[int, int]) -> str:
    return text(draw.file.rows[place[0]][place[1]])


def _other_digit(draw: Draw, place: tuple[int, int]) -> str:
    old = _text(draw, place)
    at = draw.rng.choice([n for n, sign in enumerate(old) if sign in string.digits])
    other = draw.rng.choice([digit for digit in string.digits if digit != old[at]])
    return old[:at] + other + old[at + 1 :]


def _like(draw: Draw, place: tuple[int, int], new: str) -> Any:
    """A workbook's number stays a number, and its date a date where the new text is one."""
    old = draw.file.rows[place[0]][place[1]]
    try:
        if isinstance(old, datetime):
            return datetime.fromisoformat(new)
        if isinstance(old, int | float):
            return float(new) if "." in new or "e" in new else int(new)
    except ValueError:
        pass
    return new


def _as_date(old: str, new: datetime) -> str:
    return new.strftime("%Y-%m-%d %H:%M" if " " in old else "%Y-%m-%d")
