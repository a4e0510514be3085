"""Sentences for settled results: each says which cell ended a level, made a grade, set a zone."""

from typing import NamedTuple

from owncontrol.isncsci import cells
from owncontrol.isncsci.cells import Codes
from owncontrol.isncsci.domains import ANAL, MOTOR, SENSORY
from owncontrol.isncsci.testable import C4, L1, S1, S3, T1

SHOWN = 6  # cells a sentence names before it counts the rest


class Explanation(NamedTuple):
    """Why one output has its value."""

    output: str
    value: str
    sentence: str
    cells: tuple[tuple[str, str], ...]  # the deciding cells and their text


class View:
    """One exam and its results, for reading."""

    def __init__(self, codes: Codes, values: dict[str, str]) -> None:
        """Keep the codes of the 136 cells and the 17 values."""
        self._codes = codes
        self.values = values

    def code(self, cell: str) -> int:
        """Code of a cell."""
        return int(self._codes[cells.ROW[cell]])

    def text(self, cell: str) -> str:
        """The examiner's text."""
        return cells.text_of(cell, self.code(cell))

    def texts(self, names: list[str]) -> tuple[tuple[str, str], ...]:
        """Cells with their text."""
        return tuple((name, self.text(name)) for name in names)

    def bounds(self, cell: str) -> tuple[int, int]:
        """Lowest and highest grade the cell leaves open."""
        table = MOTOR if "_motor_" in cell else ANAL if cell in cells.ANAL_CELLS else SENSORY
        low, high = table[:, self.code(cell)]
        return int(low), int(high)

    def open_cells(self) -> list[str]:
        """Cells that leave more than one grade open."""
        graded = [cell for cell in cells.ALL_CELLS if cell not in cells.NON_KEY_CELLS]
        return [cell for cell in graded if self.bounds(cell)[0] < self.bounds(cell)[1]]

    def tagged_cells(self) -> list[str]:
        """Cells with a tag."""
        return [cell for cell in cells.ALL_CELLS if self.code(cell) <= cells.SINGLE]

    def plain(self, output: str) -> str:
        """Value of an output without its stars, sets with "or"."""
        return self.values[output].replace("*", "").replace(",", " or ")


def spoken(cell: str) -> str:
    """A cell's name in words: ``right_light_touch_s4_5`` is "right light touch S4-5"."""
    if cell in cells.ANAL_CELLS:
        return cell.replace("_", " ")
    if cell in cells.NON_KEY_CELLS:
        return cell.replace("_", " ")
    side, _, rest = cell.partition("_")
    modality, _, level = rest.replace("s4_5", "s4-5").rpartition("_")
    return f"{side} {modality.replace('_', ' ')} {level.upper()}"


def listed(view: View, names: list[str]) -> str:
    """Cells with their text, in a sentence."""
    parts = [f"{spoken(name)} ({view.text(name)})" for name in names[:SHOWN]]
    if len(names) > SHOWN:
        parts.append(f"{len(names) - SHOWN} more cells")
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _points(side: str, position: int) -> list[str]:
    """The two sensory cells of a dermatome."""
    level = cells.DERMATOMES[position - 1].lower().replace("-", "_")
    return [f"{side}_light_touch_{level}", f"{side}_pin_prick_{level}"]


def _muscle(side: str, position: int) -> str:
    return f"{side}_motor_{cells.LEVELS[position].lower()}"


def settled(view: View, output: str, value: str) -> tuple[str, list[str]]:
    """Sentence and deciding cells of an output with one value (stars left out)."""
    side = output.partition("_")[0]
    if output == cells.LEVEL_OUTPUTS[4]:
        return _neurological(view, value)
    if output == cells.COMPLETENESS:
        return _completeness(view, value)
    if output == cells.AIS:
        return _grade(view, value)
    if output.endswith("sensory_level"):
        return _sensory_level(view, side, value)
    if output.endswith("motor_level"):
        return _motor_level(view, side, value)
    zone = _sensory_zone if output.endswith("sensory_zpp") else _motor_zone
    return zone(view, side, value)


def _dermatome_ends(view: View, side: str, position: int) -> tuple[str, list[str]]:
    """What makes the dermatome below a level not normal."""
    below = _points(side, position + 1)
    impaired = [cell for cell in below if view.bounds(cell)[1] < 2]
    return f"{listed(view, impaired or below)} is not normal", impaired or below


def _sensory_level(view: View, side: str, value: str) -> tuple[str, list[str]]:
    if value == "INT":
        return f"Light touch and pin prick are normal (2) in every dermatome on the {side}.", []
    ends, deciding = _dermatome_ends(view, side, cells.LEVELS.index(value))
    if value == "C1":
        return f"{ends.capitalize()}, so the level is C1.", deciding
    above = f"Light touch and pin prick are normal (2) down to {value} on the {side}"
    return f"{above}; below it {ends}.", deciding


def _motor_level(view: View, side: str, value: str) -> tuple[str, list[str]]:
    position = cells.LEVEL_NAMES.index(value)
    vac = cells.VAC
    if position == cells.INTACT:
        return (
            f"Every key muscle and dermatome on the {side} is normal, and voluntary anal "
            "contraction is present.",
            [vac],
        )
    if position == S3:
        sacral = [cell for cell in _points(side, cells.INTACT) if view.bounds(cell)[1] < 2]
        why = f"{listed(view, sacral or [vac])} ends the level there"
        return f"Every key muscle is normal on the {side}, and sensation is normal to S3; {why}.", (
            sacral or [vac]
        )
    if position in (C4, L1):
        muscle = _muscle(side, position + 1)
        above = "sensation is normal" if position == C4 else "muscles and sensation are normal"
        return (
            f"Down to {value} {above} on the {side}; {listed(view, [muscle])}, the next key "
            "muscle, is below 3.",
            [muscle],
        )
    if position in cells.MYOTOME_POSITIONS:
        return _muscle_ends(view, side, position)
    ends, deciding = _dermatome_ends(view, side, position)
    return (
        f"Above and at {value} everything is normal on the {side}. Where there is no key muscle "
        f"the dermatome stands in for the myotome, and {ends}.",
        deciding,
    )


def _muscle_ends(view: View, side: str, position: int) -> tuple[str, list[str]]:
    """A motor level at a key muscle: why not lower."""
    own = _muscle(side, position)
    start = f"{listed(view, [own])} is 3 or better and everything above it is normal"
    if view.bounds(own)[1] < 5:
        return f"{start}; it is not 5 itself, so the level goes no further.", [own]
    if position in (T1, S1):
        end = cells.LEVELS[position + 1]
        return (
            f"{start}; below it the dermatomes stand in for the myotomes, and sensation is not "
            f"normal all the way down to {end} (sensory level {view.plain(f'{side}_sensory_level')}).",
            [own],
        )
    after = _muscle(side, position + 1)
    return f"{start}; the next key muscle, {listed(view, [after])}, is below 3.", [own, after]


def _neurological(view: View, value: str) -> tuple[str, list[str]]:
    if value == "INT":
        return "Sensation and every key muscle are normal on both sides.", []
    same = [name for name in cells.LEVEL_OUTPUTS[:4] if view.plain(name) == value]
    if not same:
        return f"The most rostral of the four levels is {value} in every completion.", []
    names = " and ".join(name.replace("_", " ") for name in same)
    return f"The most rostral of the four levels: the {names} ({value}).", []


def _sparing(view: View) -> list[str]:
    """Cells that certainly show sacral sensation, pressure included."""
    sacral = [cell for side in cells.SIDES for cell in _points(side, cells.INTACT)]
    return [cell for cell in (cells.DAP, *sacral) if view.bounds(cell)[0] > 0]


def _completeness(view: View, value: str) -> tuple[str, list[str]]:
    if value == "C":
        sacral = [cell for side in cells.SIDES for cell in _points(side, cells.INTACT)]
        return (
            "No voluntary anal contraction, no deep anal pressure and no sensation at S4-5 on "
            "either side.",
            [cells.VAC, cells.DAP, *sacral],
        )
    present = [cells.VAC] * (view.bounds(cells.VAC)[0] > 0) + _sparing(view)
    return f"Function is preserved in the sacral segments: {listed(view, present)}.", present


def _grade(view: View, value: str) -> tuple[str, list[str]]:
    if value == "A":
        return (
            "Complete: no motor or sensory function is preserved in S4-5.",
            _completeness(view, "C")[1],
        )
    if value == "E":
        return "Sensation and motor function are normal in every segment.", [cells.VAC]
    contraction = view.bounds(cells.VAC)[0] > 0
    sacral = _sparing(view)
    if value == "B":
        lowest = " and ".join(
            f"{side} from motor level {view.plain(f'{side}_motor_level')}" for side in cells.SIDES
        )
        return (
            f"Sacral sensation is preserved ({listed(view, sacral)}), there is no voluntary anal "
            f"contraction, and no motor function more than three levels below ({lowest}).",
            [*sacral, cells.VAC],
        )
    if contraction:
        why, deciding = "voluntary anal contraction is present", [cells.VAC]
    else:
        far = _far_function(view)
        what = listed(view, far) if far else "in every completion a muscle"
        why = (
            f"sacral sensation is preserved ({listed(view, sacral)}), and {what} has motor function "
            "more than three levels below the motor level of its side"
        )
        deciding = [*sacral, *far]
    counted, muscles = _count(view, value)
    return f"Motor incomplete: {why}. {counted}", [*deciding, *muscles]


def _far_function(view: View) -> list[str]:
    """The most caudal function of a side that certainly lies far below its motor level."""
    found = []
    for side in cells.SIDES:
        levels = view.values[f"{side}_motor_level"].replace("*", "").split(",")
        lowest = cells.LEVEL_NAMES.index(levels[-1])
        far = [
            _muscle(side, position)
            for position in cells.MYOTOME_POSITIONS
            if position > lowest + 3 and view.bounds(_muscle(side, position))[0] > 0
        ]
        non_key = f"{side}_lowest_non_key_muscle"
        if view.code(non_key) - 1 > lowest + 3:
            far.append(non_key)
        found += far[-1:]
    return found


def _count(view: View, value: str) -> tuple[str, list[str]]:
    """How many key muscles below the neurological level are 3 or better."""
    level = view.values[cells.LEVEL_OUTPUTS[4]].replace("*", "")
    share = "fewer than half" if value == "C" else "half or more"
    if "," in level:
        level = level.replace(",", " or ")
        return (
            f"Of the key muscles below the neurological level ({level}), {share} are grade 3 or better.",
            [],
        )
    below = [
        _muscle(side, position)
        for side in cells.SIDES
        for position in cells.MYOTOME_POSITIONS
        if position > cells.LEVEL_NAMES.index(level)
    ]
    if not below:
        return f"No key muscle lies below the neurological level ({level}), which counts as D.", []
    useful = [cell for cell in below if view.bounds(cell)[0] >= 3]
    possible = [cell for cell in below if view.bounds(cell)[1] >= 3]
    number = f"{len(useful)}"
    if len(possible) > len(useful):
        number = f"{len(useful)} to {len(possible)}"
    return (
        f"Of the {len(below)} key muscles below the neurological level ({level}), {number} are "
        f"grade 3 or better: {share}.",
        useful,
    )


def _sensory_zone(view: View, side: str, value: str) -> tuple[str, list[str]]:
    points = _points(side, cells.INTACT)
    if value == cells.NOT_APPLICABLE:
        present = [cell for cell in (cells.DAP, *points) if view.bounds(cell)[0] > 0]
        return f"Does not apply on the {side}: {listed(view, present)}.", present
    absent = f"No deep anal pressure and no sensation at S4-5 on the {side}"
    if value == "C1":
        return f"{absent}, nor in any dermatome.", [cells.DAP, *points]
    own = _points(side, cells.LEVELS.index(value))
    felt = [cell for cell in own if view.bounds(cell)[1] > 0]
    return f"{absent}; the most caudal sensation is {listed(view, felt)}.", felt


def _motor_zone(view: View, side: str, value: str) -> tuple[str, list[str]]:
    if value == cells.NOT_APPLICABLE:
        return "Does not apply: voluntary anal contraction is present.", [cells.VAC]
    start = f"No voluntary anal contraction; on the {side} "
    position = cells.LEVELS.index(value)
    non_key = f"{side}_lowest_non_key_muscle"
    muscle = _muscle(side, position) if position in cells.MYOTOME_POSITIONS else ""
    if muscle and view.bounds(muscle)[1] > 0:
        return f"{start}the most caudal key muscle with function is {listed(view, [muscle])}.", [
            muscle
        ]
    if view.code(non_key) - 1 == position:
        return f"{start}the most caudal function is the non-key muscle at {value}.", [non_key]
    return f"{start}no key muscle below the motor level ({value}) has function.", []


def total(view: View, output: str) -> Explanation:
    """A total: what is summed, or what is missing."""
    summed = _summed(output)
    value = view.values[output]
    if value != cells.NOT_DETERMINABLE:
        tags = " as written, tags left out" if any(c in view.tagged_cells() for c in summed) else ""
        return Explanation(output, value, f"Sum of {len(summed)} cells{tags}.", ())
    missing = [cell for cell in summed if "NT" in view.text(cell)]
    sentence = f"Not determinable: {listed(view, missing)} could not be tested."
    return Explanation(output, value, sentence, view.texts(missing))


def _summed(output: str) -> list[str]:
    """Cells of a total."""
    if output == "light_touch_total":
        return list(cells.LIGHT_TOUCH_CELLS)
    if output == "pin_prick_total":
        return list(cells.PIN_PRICK_CELLS)
    if output.endswith("motor_total"):
        return [cell for cell in cells.MOTOR_CELLS if cell.startswith(output.partition("_")[0])]
    limb = cells.MYOTOMES[:5] if output.startswith("upper") else cells.MYOTOMES[5:]
    return [cell for cell in cells.MOTOR_CELLS if cell.rpartition("_")[2].upper() in limb]
