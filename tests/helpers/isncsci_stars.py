"""Which values of an exam carry ``*``, in plain Python: by the rules, one exam at a time.

The rules are those that the module ``owncontrol.isncsci.tags`` and ``tag_grades`` state, read off
the expert-reviewed cases; here they are followed cell by cell on the examiner's texts.
"""

from isncsci_reference import (
    ARM,
    DERMATOMES,
    KEY_MUSCLES,
    LEG,
    LEVELS,
    SIDES,
    Exam,
    completions,
    grade_of_motor_incomplete,
)

ORDER = [*LEVELS, "INT"]
ENDED_BY_DERMATOME = {"C1", "C2", "C3", "S2", "S3", *(f"T{number}" for number in range(2, 13))}
Sets = dict[str, list[str]]


def place(name: str) -> int:
    """Position of a level, dermatome or muscle, from C1 = 0 down; that of S4-5 is that of INT."""
    return ORDER.index("INT" if name == "S4_5" else name)


def points(exam: Exam, side: str, dermatome: str) -> list[str]:
    return [exam[f"{side}_{name}_{dermatome.lower()}"] for name in ("light_touch", "pin_prick")]


def muscle(exam: Exam, side: str, name: str) -> str:
    return exam[f"{side}_motor_{name.lower()}"]


def least(text: str, normal: int) -> int:
    """The least that a cell may stand for."""
    if text.endswith("**"):
        return normal
    return 0 if text.startswith("NT") else int(text.rstrip("*"))


def most(text: str, normal: int) -> int:
    """The best that a cell may stand for: not normal where it is tagged with one star."""
    if text.endswith("**") or text == "NT":
        return normal
    return normal - 1 if text.endswith("*") else int(text)


def is_normal(exam: Exam, side: str, dermatome: str) -> bool:
    return all(least(text, 2) == 2 for text in points(exam, side, dermatome))


def taken_dermatome(exam: Exam, side: str, level: int) -> bool:
    """Whether a dermatome at or above a level counts as normal by its tag."""
    return any(
        text.endswith("**")
        for name in DERMATOMES
        if place(name) <= level
        for text in points(exam, side, name)
    )


def taken_muscle(exam: Exam, side: str, level: int) -> bool:
    """Whether a muscle counts as normal against its rating; 3 to 4 serve their own level."""
    for name in KEY_MUSCLES:
        text = muscle(exam, side, name)
        reach = place(name) if text in ("0**", "1**", "2**") else place(name) + 1
        if text.endswith("**") and reach <= level:
            return True
    return False


def own_muscle(exam: Exam, side: str, level: int) -> bool:
    name = ORDER[level]
    return name in KEY_MUSCLES and muscle(exam, side, name) in ("0*", "1*", "2*", "NT*")


def ended(exam: Exam, side: str, level: int) -> bool:
    """Whether the dermatome below ends the level only as NT*."""
    below = [name for name in DERMATOMES if place(name) == level + 1]
    if not below:
        return False
    texts = points(exam, side, below[0])
    return "NT*" in texts and not {"0", "1", "0*", "1*"} & set(texts)


def stops(exam: Exam, side: str, level: int) -> bool:
    """Whether a limb can stop at its muscle: it need not be normal, or the next one is below 3."""
    for limb in (ARM, LEG):
        for number, name in enumerate(limb):
            if place(name) == level:
                following = limb[number + 1 : number + 2]
                return least(muscle(exam, side, name), 5) < 5 or any(
                    least(muscle(exam, side, other), 5) < 3 for other in following
                )
    return False


def sensory_level(exam: Exam, side: str, level: int) -> bool:
    return taken_dermatome(exam, side, level) or ended(exam, side, level)


def motor_level(exam: Exam, side: str, level: int) -> bool:
    name = ORDER[level]
    # In a limb, the dermatomes above its first muscle count.
    until = place("C4") if name in ARM else place("L1") if name in LEG else level
    sacral = points(exam, side, "S4_5")
    sacrum = name == "S3" and is_normal(exam, side, "S4_5") and any("**" in t for t in sacral)
    return (
        taken_dermatome(exam, side, until)
        or sacrum
        or taken_muscle(exam, side, level)
        or own_muscle(exam, side, level)
        or (name in ENDED_BY_DERMATOME and ended(exam, side, level))
    )


def neurological_level(exam: Exam, level: int) -> bool:
    if any(taken_dermatome(exam, s, level) or taken_muscle(exam, s, level) for s in SIDES):
        return True
    if ORDER[level] in ENDED_BY_DERMATOME and all(ended(exam, side, level) for side in SIDES):
        return True
    own = any(own_muscle(exam, side, level) for side in SIDES)
    return own and all(stops(exam, side, level) for side in SIDES)


def sensory_zone(exam: Exam, side: str, level: int) -> bool:
    """Whether this dermatome, or one below it but S4-5, has zeros that rest on 0*."""
    return level > 0 and any(
        set(points(exam, side, name)) <= {"0", "0*"} and "0*" in points(exam, side, name)
        for name in DERMATOMES[:-1]
        if place(name) >= level
    )


def motor_zone(exam: Exam, side: str, level: int, sets: Sets) -> bool:
    if ORDER[level] in KEY_MUSCLES:
        return muscle(exam, side, ORDER[level]) in ("0*", "0**")
    spoilt = {place(name) for name in DERMATOMES if not is_normal(exam, side, name)}
    spoilt |= {place(m) for m in KEY_MUSCLES if least(muscle(exam, side, m), 5) < 5}
    first = min(map(ORDER.index, sets[f"{side}_motor_level"]))
    end = min((position for position in spoilt if position > first), default=99)
    reached = level < end or first in spoilt
    return reached and (taken_dermatome(exam, side, level) or taken_muscle(exam, side, level))


def sacrum_holds(exam: Exam, *allowed: str) -> bool:
    """Whether S4-5 holds zeros with these tags only, and at least one of them."""
    texts = {text for side in SIDES for text in points(exam, side, "S4_5")}
    return texts <= {"0", *allowed} and texts != {"0"}


def absence_rests(exam: Exam, side: str, sets: Sets) -> bool:
    """Whether 0* stands over three levels below the first motor level that fits grade B."""
    moving = [place(m) for m in KEY_MUSCLES if least(muscle(exam, side, m), 5) > 0]
    levels = map(ORDER.index, sets[f"{side}_motor_level"])
    fitting = [level for level in levels if max(moving, default=0) - level <= 3]
    return bool(fitting) and any(
        muscle(exam, side, m) == "0*" and place(m) > min(fitting) + 3 for m in KEY_MUSCLES
    )


def function_rests(exam: Exam, side: str, sets: Sets) -> bool:
    """Whether the first function over three levels below the motor level is 0**."""
    start = min(map(ORDER.index, sets[f"{side}_motor_level"])) + 3
    functions = {place(m) for m in KEY_MUSCLES if muscle(exam, side, m) != "0"}
    non_key = exam[f"{side}_lowest_non_key_muscle"]
    functions |= {place(non_key)} if non_key else set()
    far = [position for position in functions if position > start]
    name = ORDER[min(far)] if far else ""
    return name in KEY_MUSCLES and muscle(exam, side, name) == "0**"


def counts_rest(exam: Exam, sets: Sets) -> tuple[bool, bool]:
    """Whether C, and D, rest on the count of tagged muscles below the neurological level."""
    levels = sorted(map(ORDER.index, sets["neurological_level_of_injury"]))

    def below(level: int) -> list[str]:
        return [muscle(exam, s, m) for s in SIDES for m in KEY_MUSCLES if place(m) > level]

    def is_fewer(level: int, useful: int) -> bool:
        return 2 * useful < len(below(level))

    single, tagged = ("0*", "1*", "2*"), ("0*", "1*", "2*", "0**", "1**", "2**")
    weakest = {level: sum(least(t, 5) >= 3 for t in below(level)) for level in levels}
    possible = [level for level in levels if is_fewer(level, weakest[level])]
    few = not possible or not is_fewer(
        possible[0], sum(least(t, 5) >= 3 or t in single for t in below(possible[0]))
    )
    many = all(
        is_fewer(level, sum(most(t, 5) >= 3 and t not in tagged for t in below(level)))
        for level in levels
    )
    plain = {cell: text.rstrip("*") for cell, text in exam.items()}
    without_tags = any(grade_of_motor_incomplete(each) == "C" for each in completions(plain))
    return few or not without_tags, many


def grades(exam: Exam, sets: Sets) -> dict[str, bool]:
    """Whether each grade carries the star."""
    still = exam["voluntary_anal_contraction"] == "No"
    numb = exam["deep_anal_pressure"] == "No"
    few, many = counts_rest(exam, sets)
    function = still and any(function_rests(exam, side, sets) for side in SIDES)
    absence = still and any(absence_rests(exam, side, sets) for side in SIDES)
    return {
        "A": still and numb and sacrum_holds(exam, "0*"),
        "B": (numb and sacrum_holds(exam, "0*", "0**")) or absence,
        "C": function or few,
        "D": function or many,
        "E": neurological_level(exam, ORDER.index("INT")),
    }


def completeness(exam: Exam) -> dict[str, bool]:
    closed = "No" == exam["voluntary_anal_contraction"] == exam["deep_anal_pressure"]
    undecided = closed and sacrum_holds(exam, "0*")
    return {"C": undecided, "I": undecided or (closed and sacrum_holds(exam, "0**"))}


def stars(exam: Exam, sets: Sets) -> dict[str, str]:
    """The outputs with stars, from their sets of values without."""
    rules = {
        "neurological_level_of_injury": lambda v: neurological_level(exam, ORDER.index(v)),
        "injury_complete": lambda v: completeness(exam)[v],
        "asia_impairment_scale": lambda v: grades(exam, sets)[v],
    }
    for s in SIDES:
        for output, rule in (("sensory_level", sensory_level), ("motor_level", motor_level)):
            rules[f"{s}_{output}"] = lambda v, s=s, rule=rule: rule(exam, s, ORDER.index(v))
        rules[f"{s}_sensory_zpp"] = lambda v, s=s: (
            v != "NA" and sensory_zone(exam, s, ORDER.index(v))
        )
        rules[f"{s}_motor_zpp"] = lambda v, s=s: (
            v != "NA" and motor_zone(exam, s, ORDER.index(v), sets)
        )
    return {
        output: ",".join(value + "*" * rules[output](value) for value in sets[output])
        for output in rules
    }
