"""The key points of the dermatomes on a body from the front and from behind, by their grade.

Two such bodies a worksheet, light touch and pin prick. What all worksheets share, outline and a
point for each normal grade, is in the page once (``SYMBOLS``); a worksheet adds a dot for each
other grade. The table beside it says the same in words, so readers by ear are spared the drawing.

Where the points lie: International Standards for Neurological Classification of Spinal Cord Injury,
revised 2019 (ASIA and ISCoS), key sensory points.
"""

from collections.abc import Mapping

from markupsafe import Markup

from owncontrol.isncsci.cells import DERMATOMES

# Distance from the middle of the body and height from the crown, of 100; in front, and behind.
IN_FRONT = {
    "C3": (4, 17), "C4": (8, 19), "C5": (15, 34), "T1": (12, 36), "T2": (9, 25),
    **{f"T{n}": (5, 13 + 3 * n) for n in range(3, 13)},
    "L1": (5, 53), "L2": (5, 59), "L3": (3, 71), "L4": (3, 91), "L5": (5, 96),
}  # fmt: skip
BEHIND = {
    "C2": (4, 11), "C6": (22, 51), "C7": (23, 55), "C8": (20, 55),
    "S1": (5, 94), "S2": (4, 72), "S3": (5, 57), "S4-5": (2, 53),
}  # fmt: skip
FRONT, BACK, WIDTH = 25, 79, 110  # middle of each body; from light touch to pin prick
LEGEND = 105  # how far down its line is
MODALITIES = ("light_touch", "pin_prick")
# The left half of a body from the neck down, as seen from the front.
HALF = (
    "M2.5 13v3c1.5 2 6 2 8 4.5 2.5 4.5 4 9.5 5.5 14.500l5 14c2 3 4 5 4 8-1 3-4.5 3-5.5 "
    "0l-2-6.5-6-14.5-3-10c0 6-1.5 11-1.5 16 1.5 4 2 8 1.8 12.5 0 7-1.3 13-1.8 "
    "18.5 0 7-1.5 13-2 18l1.5 5c0 1.5-4 1.5-4.3 0l-.3-5c-.3-7-.2-13-.4-19-.3-6-.7-12-1-17"
)


def _places() -> dict[tuple[str, str], tuple[int, int]]:
    """By side and dermatome; the patient's right is at the reader's left in front only."""
    found = {}
    for level, (beside, height) in (IN_FRONT | BEHIND).items():
        middle, outward = (FRONT, 1) if level in IN_FRONT else (BACK, -1)
        found["left", level] = (middle + outward * beside, height)
        found["right", level] = (middle - outward * beside, height)
    return found


PLACES = _places()


def _dots(places: list[tuple[int, int]]) -> str:
    return "".join(f"M{x} {y}z" for x, y in places)


def _word(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f"<text fill=currentColor stroke=none text-anchor={anchor} x={x} y={y}>{text}</text>"


def _symbols() -> Markup:
    body = "".join(
        f"<g transform='translate({middle})'><ellipse cy=7.5 rx=5 ry=6.5 /><path d='{HALF}'/>"
        f"<path d='{HALF}' transform='scale(-1 1)'/>{_word(-16, 8, left)}{_word(16, 8, right)}</g>"
        for middle, left, right in ((FRONT, "R", "L"), (BACK, "L", "R"))
    )
    dots = f"<path stroke-linecap=round stroke-width=1.7 d='{_dots(list(PLACES.values()))}'/>"
    named = "".join(
        f"<use href=#bodies x={place * WIDTH} />"
        f"{_word(place * WIDTH + (FRONT + BACK) // 2, -2, words)}"
        for place, words in enumerate(("Light touch", "Pin prick"))
    )
    legend = "".join(
        f"<path d='M{x} {LEGEND}z' style='{looks}'/>{_word(x + 3, LEGEND + 1.7, words, 'start')}"
        for x, words, looks in (
            (30, "normal", "stroke:currentColor;stroke-width:1.7;stroke-linecap:round"),
            (66, "altered", "stroke:var(--impaired);stroke-width:2.5;stroke-linecap:round"),
            (104, "absent", "stroke:var(--absent);stroke-width:3.1;stroke-linecap:round"),
            (140, "not tested", "stroke:currentColor;stroke-width:2.1;stroke-linecap:square"),
        )
    )
    return Markup(
        "<svg class=body width=0 height=0 aria-hidden=true><defs><g id=bodies stroke=currentColor "
        f"stroke-width=.5>{body}{dots}</g><g id=both>{named}{legend}</g></defs></svg>"
    )


SYMBOLS = _symbols()


def body_diagram(cells: Mapping[str, str]) -> Markup:
    """Both bodies of an exam (cells as cleaned): a dot for each key point that is not normal."""
    dots: dict[str, list[tuple[int, int]]] = {"i": [], "z": [], "n": []}
    for place, modality in enumerate(MODALITIES):
        for (side, level), (x, y) in PLACES.items():
            text = cells.get(f"{side}_{modality}_{level.lower().replace('-', '_')}", "")
            if kind := _kind(text):
                dots[kind].append((x + place * WIDTH, y))
    paths = Markup("").join(
        Markup("<path class={} d={} />").format(kind, _quoted(_dots(places)))
        for kind, places in dots.items()
        if places
    )
    return Markup(
        "<svg class=body aria-hidden=true viewBox='0 -8 {} {}'><use href=#both />{}</svg>"
    ).format(2 * WIDTH, LEGEND + 12, paths)


def _quoted(text: str) -> Markup:
    return Markup("'{}'").format(text)


def _kind(text: str) -> str:
    """Nothing for a normal grade; impaired, absent, not tested."""
    if text.startswith("2"):
        return ""
    return {"0": "z", "1": "i"}.get(text[:1], "n")


assert {level for _, level in PLACES} == set(DERMATOMES)
