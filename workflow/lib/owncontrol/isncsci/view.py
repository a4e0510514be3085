"""One exam, for reading and for telling."""

from typing import NamedTuple

from owncontrol.isncsci import cells
from owncontrol.isncsci.cells import Codes
from owncontrol.isncsci.domains import ANAL, MOTOR, SENSORY

SHOWN = 6  # cells a sentence names before it counts the rest


class Explanation(NamedTuple):
    """Why one output has its value."""

    output: str
    value: str
    sentence: str
    cells: tuple[tuple[str, str], ...]  # the deciding cells and their text


def bounds_of(cell: str, code: int) -> tuple[int, int]:
    """Lowest and highest grade a code leaves open in a cell."""
    table = MOTOR if "_motor_" in cell else ANAL if cell in cells.ANAL_CELLS else SENSORY
    low, high = table[:, code]
    return int(low), int(high)


class View:
    """One exam and its results, for reading."""

    def __init__(self, codes: Codes, values: dict[str, str]) -> None:
        """Keep the codes of the 136 cells and the 17 values."""
        self._codes: dict[str, int] = dict(zip(cells.ALL_CELLS, codes.tolist(), strict=True))
        self.values = values

    def code(self, cell: str) -> int:
        """Code of a cell."""
        return self._codes[cell]

    def text(self, cell: str) -> str:
        """The examiner's text."""
        return cells.text_of(cell, self.code(cell))

    def texts(self, names: list[str]) -> tuple[tuple[str, str], ...]:
        """Cells with their text."""
        return tuple((name, self.text(name)) for name in names)

    def bounds(self, cell: str) -> tuple[int, int]:
        """Lowest and highest grade the cell leaves open."""
        return bounds_of(cell, self.code(cell))

    def open_cells(self) -> list[str]:
        """Cells that leave more than one grade open."""
        graded = [cell for cell in cells.ALL_CELLS if cell not in cells.NON_KEY_CELLS]
        return [cell for cell in graded if self.bounds(cell)[0] < self.bounds(cell)[1]]

    def tagged_cells(self) -> list[str]:
        """Cells with a tag."""
        return [cell for cell, code in self._codes.items() if code <= cells.SINGLE]

    def plain(self, output: str) -> str:
        """Value of an output without its stars, sets with "or"."""
        return self.values[output].replace("*", "").replace(",", " or ")


def spoken(cell: str) -> str:
    """A cell's name in words: ``right_light_touch_s4_5`` is "right light touch S4-5"."""
    if cell in cells.ANAL_CELLS:
        return cell.replace("_", " ")
    if cell in cells.NON_KEY_CELLS:
        return cell.replace("_", " ").replace("non key", "non-key")
    side, _, rest = cell.partition("_")
    modality, _, level = rest.replace("s4_5", "s4-5").rpartition("_")
    if modality == "motor":
        return f"{side} {level.upper()} muscle"
    return f"{side} {modality.replace('_', ' ')} {level.upper()}"


def listed(view: View, names: list[str]) -> str:
    """Cells with their text, in a sentence."""
    parts = [f"{spoken(name)} ({view.text(name)})" for name in names[:SHOWN]]
    if len(names) > SHOWN:
        parts.append(f"{len(names) - SHOWN} more cells")
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last
