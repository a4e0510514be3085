"""How wide the columns of a printed table are: no word is broken where there is room."""

from collections.abc import Sequence

LONGEST_WORD = 22  # signs; a longer word (a path, a hash) may be broken
UNBROKEN = 14  # signs of a cell that stays in one line: 12/13 (92 %), p < 0.001
NO_BREAK = "\u00a0"
ENOUGH = (34, 60, 90)  # signs of a line in a column of text, the most that there is room for


def column_widths(rows: Sequence[Sequence[str]], room: float, padding: float = 1.5) -> list[float]:
    """Widths of the columns that together fill at most ``room``, all in signs of the table's type.

    Every column has the room of its longest word; what is left goes to those with longer texts, by
    what they need for a line. ``padding``: signs between two columns. Columns that do not fit are
    narrowed alike, and some words are broken then: see ``fits``.
    """
    columns = [[row[place] for row in rows] for place in range(len(rows[0]))]
    least = [_longest_word(column) + padding for column in columns]
    if sum(least) > room:
        return [width * room / sum(least) for width in least]
    longest = [max(map(len, column), default=0) for column in columns]
    widths = least
    for enough in ENOUGH:
        wanted = [
            max(width, min(enough, most) + padding)
            for width, most in zip(widths, longest, strict=True)
        ]
        spare, more = room - sum(widths), sum(wanted) - sum(widths)
        share = min(1.0, spare / more) if more else 0.0
        widths = [
            width + share * (want - width) for width, want in zip(widths, wanted, strict=True)
        ]
    return widths


def fits(rows: Sequence[Sequence[str]], room: float, padding: float = 1.5) -> bool:
    """Whether no word is broken in a table of that width."""
    columns = ([row[place] for row in rows] for place in range(len(rows[0])))
    return sum(_longest_word(column) + padding for column in columns) <= room


def in_one_line(text: str) -> str:
    """A short text of a cell with spaces at which no line ends."""
    return text.replace(" ", NO_BREAK) if len(text) <= UNBROKEN else text


def _longest_word(texts: Sequence[str]) -> int:
    words = (word for text in texts for word in text.split(" "))
    return min(LONGEST_WORD, max(map(len, words), default=1))
