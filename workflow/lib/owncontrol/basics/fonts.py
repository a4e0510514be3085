"""The letters of paper and figures: three fonts, and what becomes of a sign that none of them has.

Libertinus Serif comes with Typst, DejaVu Sans with Matplotlib, IPAexGothic (Japanese) with
matplotlib-fontja: the same letters on every machine, embedded in the file.
"""

import logging
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont

FAMILIES = ("Libertinus Serif", "DejaVu Sans", "IPAexGothic")


@cache
def font_files() -> tuple[Path, ...]:
    """The fonts that are files, in the order in which they are asked."""
    return (
        _package("matplotlib") / "mpl-data/fonts/ttf/DejaVuSans.ttf",
        _package("matplotlib_fontja") / "fonts/ipaexg.ttf",
    )


def printable(text: str) -> str:
    """``text`` with the code of each sign that no font has in its place: [U+1F600].

    Nothing is dropped, and the log says so.
    """
    if text.isascii():
        return text
    unknown = {sign for sign in text if not sign.isascii() and not sign.isspace()} - _signs()
    if unknown:
        logging.getLogger("owncontrol").warning(
            "no font for %s in: %s", ", ".join(sorted(map(_code, unknown))), text[:40]
        )
    return "".join(_code(sign) if sign in unknown else sign for sign in text)


def _code(sign: str) -> str:
    return f"[U+{ord(sign):04X}]"


@cache
def _signs() -> frozenset[str]:
    known: set[int] = set()
    for path in font_files():
        with TTFont(path, lazy=True) as font:
            known |= set(font.getBestCmap())
    return frozenset(map(chr, known))


def _package(name: str) -> Path:
    """The folder of an installed package, which is not imported: one changes settings then."""
    spec = find_spec(name)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent
