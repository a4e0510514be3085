"""Words that fit: labels of any length and script, in the room that a figure has for them."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from matplotlib.axes import Axes
from matplotlib.font_manager import findfont, fontManager, get_font
from matplotlib.ft2font import FT2Font, LoadFlags

from owncontrol.basics.fonts import font_files
from owncontrol.engine_texts import shown

# As in figures.mplstyle: what the first lacks is taken from the second, and embedded like it.
FONTS = ("DejaVu Sans", "IPAexGothic")
SIZE, TITLE_SIZE = 7.0, 7.5  # pt, as in figures.mplstyle
MM_PER_POINT = 25.4 / 72
NARROWEST = 0.3  # mm: less than any letter takes on average
NO_GLYPH, CUT = "\u25a1", "\u2026"


def legible(text: str, width: float, lines: int = 2, bold: bool = False) -> str:
    """``text`` in at most so many lines of at most ``width`` mm, an ellipsis for what is left.

    ``bold``: as a title, otherwise as a label. Broken between words, inside a word only where one
    is wider than a line.
    """
    rest = _writable(text)
    done: list[str] = []
    most = int(width / NARROWEST)  # no more letters are measured than a line can hold
    while rest and len(done) < lines:
        last = len(done) == lines - 1
        if len(rest) <= most and text_width(rest, bold) <= width:
            line, rest = rest, ""
        else:
            line, rest = _first_line(rest, width, bold, CUT if last else "")
        done.append(line)
    return "\n".join(done)


def fits(text: str, width: float, lines: int = 2) -> bool:
    """Whether ``legible`` shows all of a label, with no word broken."""
    shown = legible(text, width, lines)
    return shown.split() == _writable(text).split()


def text_width(text: str, bold: bool = False) -> float:
    """Width of one line in mm, in the font and size of a label, or of a title."""
    font = _font(bold)
    font.set_size(TITLE_SIZE if bold else SIZE, 72)
    font.set_text(text, 0, flags=LoadFlags.NO_HINTING)
    return float(font.get_width_height()[0] / 64 * MM_PER_POINT)


def label_visits(axes: Axes, labels: Sequence[str], places: Sequence[float], room: float) -> None:
    """Label the ``places`` of the x axis by visit; aslant unless all fit in ``room`` mm each."""
    if all(fits(label, room) for label in labels):
        axes.set_xticks(places, [legible(label, room) for label in labels])
    else:
        axes.set_xticks(
            places,
            [legible(label, 32, 1) for label in labels],
            rotation=40,
            ha="right",
            rotation_mode="anchor",
        )


def _first_line(text: str, width: float, bold: bool, end: str) -> tuple[str, str]:
    """The longest beginning of ``text`` that fits with ``end`` behind it, and the rest."""
    count = 1
    while count < len(text) and text_width(text[: count + 1] + end, bold) <= width:
        count += 1
    space = text.rfind(" ", 0, count + 1)
    cut = space if space > 0 else count
    return text[:cut].rstrip() + end, text[cut:].lstrip()


@cache
def _writable(text: str) -> str:
    """``text`` in one line, an empty box for each character that no font has.

    The figure then still says that something is there, and looks the same on every machine.
    What no report can show is there by its code (``signs.shown``).
    """
    text = " ".join(shown(text).split())
    if text.isascii():
        return text
    known = "".join(c if ord(c) in _signs() else NO_GLYPH for c in text)
    if known != text:
        logging.getLogger("owncontrol").warning(
            "the figures' fonts have no letters for part of: %s", text[:40]
        )
    return known


@cache
def add_fonts() -> None:
    """Make the fonts of the figures known to Matplotlib, and no others of their names.

    A machine may have the same fonts in another release, and the list of fonts that Matplotlib
    keeps in the user's cache may have those in place of its own.
    """
    letters, japanese = font_files()
    fontManager.ttflist = [entry for entry in fontManager.ttflist if entry.name not in FONTS]
    for file in (letters, *sorted(letters.parent.glob(f"{letters.stem}-*.ttf"))):
        fontManager.addfont(file)
    place = len(fontManager.ttflist)
    fontManager.addfont(japanese)
    # It has one weight, which serves as bold, too.
    fontManager.ttflist += [replace(entry, weight=700) for entry in fontManager.ttflist[place:]]


@cache
def _font(bold: bool) -> FT2Font:
    add_fonts()
    return get_font([findfont(f"{name}:{'bold' if bold else 'normal'}") for name in FONTS])


@cache
def _signs() -> frozenset[int]:
    add_fonts()
    return frozenset().union(*(get_font(findfont(name)).get_charmap() for name in FONTS))
