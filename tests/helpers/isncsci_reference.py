"""ISNCSCI classification of one exam at a time, in plain Python: simple, slow, and apart.

Written from the International Standards for Neurological Classification of Spinal Cord Injury
(ASIA and ISCoS, revised 2019) and nothing else of this project, to check the vectorised one and
to compare its speed with. An exam is a mapping of cell names to the examiner's text. Cells that
are not testable are completed in every way, so keep them few.
"""

from collections.abc import Iterator, Mapping
from itertools import product

CERVICAL = [f"C{i}" for i in range(1, 9)]
THORACIC = [f"T{i}" for i in range(1, 13)]
LUMBAR = [f"L{i}" for i in range(1, 6)]
LEVELS = [*CERVICAL, *THORACIC, *LUMBAR, "S1", "S2", "S3"]
DERMATOMES = [*LEVELS[1:], "S4_5"]
ARM = ["C5", "C6", "C7", "C8", "T1"]
LEG = ["L2", "L3", "L4", "L5", "S1"]
KEY_MUSCLES = [*ARM, *LEG]
SIDES = ("right", "left")
GRADES = "ABCDE"

Exam = Mapping[str, str]


def grade(exam: Exam, side: str, muscle: str) -> int:
    return int(exam[f"{side}_motor_{muscle.lower()}"])


def sensation(exam: Exam, side: str, dermatome: str) -> tuple[int, int]:
    """Light touch and pin prick."""
    name = dermatome.lower()
    return int(exam[f"{side}_light_touch_{name}"]), int(exam[f"{side}_pin_prick_{name}"])


def contracts(exam: Exam) -> bool:
    return exam["voluntary_anal_contraction"] == "Yes"


def feels_pressure(exam: Exam) -> bool:
    return exam["deep_anal_pressure"] == "Yes"


def feels_sacrum(exam: Exam, side: str) -> bool:
    return sensation(exam, side, "S4_5") != (0, 0)


def distance(upper: str, lower: str) -> int:
    """How many levels ``lower`` lies below ``upper``; INT lies below S3."""
    order = [*LEVELS, "INT"]
    return order.index(lower) - order.index(upper)


def sensory_level(exam: Exam, side: str) -> str:
    level = "C1"
    for dermatome in DERMATOMES:
        if sensation(exam, side, dermatome) != (2, 2):
            return level
        level = dermatome
    return "INT"


def motor_level(exam: Exam, side: str, ask_for_contraction: bool = True) -> str:
    """Walk down; a myotome without a key muscle is normal when sensation is, down to it."""
    sensory = sensory_level(exam, side)
    level = "C1"
    for myotome in LEVELS[1:]:
        if myotome in KEY_MUSCLES:
            strength = grade(exam, side, myotome)
            if strength < 3:
                return level
            level = myotome
            if strength < 5:
                return level
        else:
            if sensory != "INT" and distance(sensory, myotome) > 0:
                return level
            level = myotome
    if sensory != "INT" or (ask_for_contraction and not contracts(exam)):
        return "S3"
    return "INT"


def neurological_level(exam: Exam) -> str:
    levels = [sensory_level(exam, side) for side in SIDES]
    levels += [motor_level(exam, side, ask_for_contraction=False) for side in SIDES]
    return min(levels, key=[*LEVELS, "INT"].index)


def is_complete(exam: Exam) -> bool:
    felt = feels_pressure(exam) or any(feels_sacrum(exam, side) for side in SIDES)
    return not felt and not contracts(exam)


def has_function_far_below(exam: Exam, side: str) -> bool:
    """Key or non-key muscle function more than three levels below the motor level."""
    muscles = [muscle for muscle in KEY_MUSCLES if grade(exam, side, muscle) > 0]
    non_key = exam[f"{side}_lowest_non_key_muscle"]
    level = motor_level(exam, side)
    return any(distance(level, muscle) > 3 for muscle in [*muscles, *([non_key] * bool(non_key))])


def grade_of_motor_incomplete(exam: Exam) -> str:
    level = neurological_level(exam)
    strengths = [
        grade(exam, side, muscle)
        for side in SIDES
        for muscle in KEY_MUSCLES
        if distance(level, muscle) > 0
    ]
    useful = [strength for strength in strengths if strength >= 3]
    return "C" if 2 * len(useful) < len(strengths) else "D"


def impairment_scale(exam: Exam) -> str:
    if is_complete(exam):
        return "A"
    if contracts(exam):
        return "E" if neurological_level(exam) == "INT" else grade_of_motor_incomplete(exam)
    if any(has_function_far_below(exam, side) for side in SIDES):
        return grade_of_motor_incomplete(exam)
    return "B"


def sensory_zone(exam: Exam, side: str) -> str:
    if feels_pressure(exam) or feels_sacrum(exam, side):
        return "NA"
    felt = [d for d in DERMATOMES[:-1] if sensation(exam, side, d) != (0, 0)]
    return felt[-1] if felt else "C1"


def motor_zone(exam: Exam, side: str) -> str:
    if contracts(exam):
        return "NA"
    muscles = [muscle for muscle in KEY_MUSCLES if grade(exam, side, muscle) > 0]
    zone = max([motor_level(exam, side), *muscles], key=LEVELS.index)
    non_key = exam[f"{side}_lowest_non_key_muscle"]
    if non_key and distance(zone, non_key) > 3 and impairment_scale(exam) == "C":
        return non_key
    return zone


def classify_tested(exam: Exam) -> dict[str, str]:
    """All outputs but the totals of an exam in which every cell was tested."""
    result = {
        "neurological_level_of_injury": neurological_level(exam),
        "injury_complete": "C" if is_complete(exam) else "I",
        "asia_impairment_scale": impairment_scale(exam),
    }
    for side in SIDES:
        result[f"{side}_sensory_level"] = sensory_level(exam, side)
        result[f"{side}_motor_level"] = motor_level(exam, side)
        result[f"{side}_sensory_zpp"] = sensory_zone(exam, side)
        result[f"{side}_motor_zpp"] = motor_zone(exam, side)
    return result


def is_anal(cell: str) -> bool:
    return cell in ("voluntary_anal_contraction", "deep_anal_pressure")


def open_values(cell: str, text: str) -> list[str]:
    """What a cell may stand for, given what was written."""
    if text == "" or (is_anal(cell) and text != "NT"):
        return [text]
    if is_anal(cell):
        return ["No", "Yes"]
    normal = 5 if "_motor_" in cell else 2
    rating, stars = text.rstrip("*"), text.count("*")
    if stars == 2:
        return [str(normal)]
    if cell.endswith("non_key_muscle") or (rating != "NT" and not stars):
        return [rating]
    lowest = 0 if rating == "NT" else int(rating)
    return [str(value) for value in range(lowest, normal + (stars == 0))]


def completions(exam: Exam) -> Iterator[dict[str, str]]:
    choices = {cell: open_values(cell, text) for cell, text in exam.items()}
    undecided = [cell for cell, values in choices.items() if len(values) > 1]
    decided = {cell: values[0] for cell, values in choices.items()}
    for values in product(*(choices[cell] for cell in undecided)):
        yield decided | dict(zip(undecided, values, strict=True))


def total(exam: Exam, cells: list[str]) -> str:
    ratings = [exam[cell].rstrip("*") for cell in cells]
    return "ND" if "NT" in ratings else str(sum(map(int, ratings)))


def totals(exam: Exam) -> dict[str, str]:
    motor = {(s, m): f"{s}_motor_{m.lower()}" for s in SIDES for m in KEY_MUSCLES}
    found = {
        f"{side}_motor_total": total(exam, [motor[side, m] for m in KEY_MUSCLES]) for side in SIDES
    }
    found["upper_extremity_motor_score"] = total(exam, [motor[s, m] for s in SIDES for m in ARM])
    found["lower_extremity_motor_score"] = total(exam, [motor[s, m] for s in SIDES for m in LEG])
    for modality in ("light_touch", "pin_prick"):
        points = [f"{side}_{modality}_{d.lower()}" for side in SIDES for d in DERMATOMES]
        found[f"{modality}_total"] = total(exam, points)
    return found


def classify(exam: Exam) -> dict[str, str]:
    """All outputs of an exam; sets for cells that are not testable, no stars for tags."""
    found: dict[str, set[str]] = {}
    for completion in completions(exam):
        for output, value in classify_tested(completion).items():
            found.setdefault(output, set()).add(value)
    order = ["NA", "A", "B", "C", "D", "E", "I", *LEVELS, "INT"]
    sets = {output: ",".join(sorted(v, key=order.index)) for output, v in found.items()}
    return sets | totals(exam)
