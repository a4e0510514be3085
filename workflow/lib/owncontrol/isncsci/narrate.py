"""Sentences for settled results: each says which cell ended a level, made a grade, set a zone."""

from collections import Counter

from owncontrol.isncsci import cells
from owncontrol.isncsci.testable import C4, L1, S1, S3, T1
from owncontrol.isncsci.view import Explanation, View, listed

LISTED = 20  # grades a total lists one by one; of more it says how often each occurs


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
    deciding = impaired or below
    return f"{listed(view, deciding)} {'are' if len(deciding) > 1 else 'is'} not normal", deciding


def _sensory_level(view: View, side: str, value: str) -> tuple[str, list[str]]:
    if value == "INT":
        return f"Light touch and pin prick are normal (2) in every dermatome on the {side}.", []
    ends, deciding = _dermatome_ends(view, side, cells.LEVELS.index(value))
    if value == "C1":
        return f"Already in C2 {ends}, so the level is C1.", deciding
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
            f"Down to {value} {above} on the {side}; the next key muscle, "
            f"{listed(view, [muscle])}, is below 3.",
            [muscle],
        )
    if position in cells.MYOTOME_POSITIONS:
        return _muscle_ends(view, side, position)
    ends, deciding = _dermatome_ends(view, side, position)
    if value == "C1":
        return f"There is no key muscle above C5; already in C2 {ends}.", deciding
    return (
        f"Above and at {value} everything is normal on the {side}. Where there is no key muscle "
        f"the dermatome stands in for the myotome, and {ends}.",
        deciding,
    )


def _muscle_ends(view: View, side: str, position: int) -> tuple[str, list[str]]:
    """A motor level at a key muscle: why not lower."""
    own = _muscle(side, position)
    start = f"The {listed(view, [own])} counts as 3 or better and everything above it as normal"
    if view.bounds(own)[1] < 5:
        return f"{start}; it is not 5 itself, so the level goes no further.", [own]
    if position in (T1, S1):
        end, level = cells.LEVELS[position + 1], view.plain(f"{side}_sensory_level")
        return (
            f"{start}; below it the dermatomes stand in for the myotomes, and sensation is not "
            f"normal all the way down to {end} (sensory level {level}).",
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
    names = ", ".join(name.replace("_", " ") for name in same)
    deciding = [cell for name in same for cell in settled(view, name, value)[1]]
    return f"The most rostral of the four levels: the {names} ({value}).", deciding


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
        what = f"the {listed(view, far)}" if far else "whatever the open cells, a muscle"
        why = (
            f"sacral sensation is preserved ({listed(view, sacral)}), and motor function more than "
            f"three levels below the motor level of a side: {what}"
        )
        deciding = [*sacral, *far]
    counted, muscles = _count(view, value)
    return f"Motor incomplete: {why}. {counted}", [*dict.fromkeys([*deciding, *muscles])]


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
        text = f"Of the key muscles below the neurological level ({level}), {share} are grade 3"
        return f"{text} or better.", []
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
    key = position in cells.MYOTOME_POSITIONS
    muscle = _muscle(side, position) if key else ""
    if view.code(non_key) - 1 == position and not (key and view.bounds(muscle)[0] > 0):
        return f"{start}the most caudal function is the non-key muscle at {value}.", [non_key]
    if key:
        what = listed(view, [muscle])
        return f"{start}the most caudal key muscle with function is the {what}.", [muscle]
    level = f"{side}_motor_level"
    deciding = _motor_level(view, side, value)[1] if view.plain(level) == value else []
    return f"{start}no key muscle below the motor level ({value}) has function.", deciding


def total(view: View, output: str) -> Explanation:
    """A total: what is summed, or what is missing."""
    summed = _summed(output)
    value = view.values[output]
    if value != cells.NOT_DETERMINABLE:
        tags = ", tags left out" if not set(view.tagged_cells()).isdisjoint(summed) else ""
        sentence = f"Sum of {len(summed)} cells: {_values(view, summed)}{tags}."
        return Explanation(output, value, sentence, ())
    missing = [cell for cell in summed if "NT" in view.text(cell)]
    sentence = f"Not determinable: {listed(view, missing)} could not be tested."
    return Explanation(output, value, sentence, view.texts(missing))


def _values(view: View, summed: list[str]) -> str:
    """What is summed, a side one by one, or how often each grade where there are many."""
    grades = [(cell.partition("_")[0], view.text(cell).rstrip("*")) for cell in summed]
    if len(grades) > LISTED:
        counts = Counter(grade for _, grade in grades)
        return ", ".join(f"{grade} in {counts[grade]}" for grade in sorted(counts, reverse=True))
    sides = dict.fromkeys(side for side, _ in grades)
    return "; ".join(
        f"{side} {', '.join(grade for where, grade in grades if where == side)}" for side in sides
    )


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
