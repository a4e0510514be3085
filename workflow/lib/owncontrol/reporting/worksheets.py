"""An ISNCSCI exam as the familiar form: right and left, segment by segment, and what follows.

HTML without closing tags where they may be left out: a study has hundreds of these forms.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from owncontrol.isncsci import Explanation
from owncontrol.isncsci.cells import DERMATOMES, MYOTOMES
from owncontrol.reporting.body_diagram import body_diagram

Cells = Mapping[str, str]
# Key muscles by their myotome (ASIA and ISCoS, ISNCSCI worksheet, revised 2019).
MUSCLES = dict(
    zip(
        MYOTOMES,
        (
            "Elbow flexors",
            "Wrist extensors",
            "Elbow extensors",
            "Finger flexors",
            "Finger abductors",
            "Hip flexors",
            "Knee extensors",
            "Ankle dorsiflexors",
            "Long toe extensors",
            "Ankle plantar flexors",
        ),
        strict=True,
    )
)
ANAL = {
    "voluntary_anal_contraction": "Voluntary anal contraction",
    "deep_anal_pressure": "Deep anal pressure",
    "right_lowest_non_key_muscle": "Lowest non-key muscle, right",
    "left_lowest_non_key_muscle": "Lowest non-key muscle, left",
}
# Rows of the sums: scale of the right, of the left, of both; the most that both can be.
SUMS = {
    "Upper extremity motor score": ("{side}_upper_extremity_motor_score", 50),
    "Lower extremity motor score": ("{side}_lower_extremity_motor_score", 50),
    "Light touch": ("{side}_light_touch_total", 112),
    "Pin prick": ("{side}_pin_prick_total", 112),
}
OUTPUTS = {
    "right_sensory_level": "Sensory level, right",
    "left_sensory_level": "Sensory level, left",
    "right_motor_level": "Motor level, right",
    "left_motor_level": "Motor level, left",
    "neurological_level_of_injury": "Neurological level of injury",
    "injury_complete": "Complete or incomplete",
    "asia_impairment_scale": "AIS",
    "right_sensory_zpp": "Zone of partial preservation, sensory right",
    "left_sensory_zpp": "Zone of partial preservation, sensory left",
    "right_motor_zpp": "Zone of partial preservation, motor right",
    "left_motor_zpp": "Zone of partial preservation, motor left",
}
EMPTY = "\u2013"


def worksheet(
    cells: Cells,
    explained: list[Explanation],
    sums: Cells,
    before: tuple[Cells, list[Explanation], Cells] | None,
    since: str,
) -> Markup:
    """The form of one exam. ``cells``: as cleaned; ``sums``: text of each summed scale.

    ``before``: the same three of the baseline exam, None for that one itself and where there is
    none; ``since``: the baseline's label.
    """
    old_cells, old_explained, old_sums = before or ({}, [], {})
    form = Markup("").join(_segment(level, cells, old_cells) for level in DERMATOMES)
    anal = Markup("").join(
        Markup("<tr><th scope=row>{}{}").format(words, _cell(name, cells, old_cells))
        for name, words in ANAL.items()
        if name in cells
    )
    changed = Markup("; small: change since {}").format(since) if before else ""
    return Markup(
        "<div class=sheet><table class=form><caption>Right and left, by segment"
        "{}</caption><thead><tr><th scope=col>Right key muscle<th scope=col>Motor"
        "<th scope=col><abbr title='Light touch'>LT</abbr>"
        "<th scope=col><abbr title='Pin prick'>PP</abbr><th scope=col>Segment"
        "<th scope=col><abbr title='Light touch'>LT</abbr>"
        "<th scope=col><abbr title='Pin prick'>PP</abbr>"
        "<th scope=col>Motor<th scope=col>Left key muscle<tbody>{}</table>"
        "<div>{}<table class=anal><caption>Anal examination and other muscles</caption><tbody>{}"
        "</table>{}{}</div></div>"
    ).format(
        changed,
        form,
        body_diagram(cells),
        anal,
        _sums(sums, old_sums),
        _outputs(explained, old_explained, since),
    )


def _segment(level: str, cells: Cells, before: Cells) -> Markup:
    key = level.lower().replace("-", "_")

    def cell(side: str, kind: str) -> Markup:
        return _cell(f"{side}_{kind}_{key}", cells, before)

    muscle = Markup("<td>") + MUSCLES.get(level, "")
    right = [cell("right", kind) for kind in ("light_touch", "pin_prick")]
    left = [cell("left", kind) for kind in ("light_touch", "pin_prick")]
    motor = [cell(s, "motor") if level in MUSCLES else Markup("<td>") for s in ("right", "left")]
    head = Markup("<th scope=row>") + level
    return Markup("").join(
        (Markup("<tr>"), muscle, motor[0], *right, head, *left, motor[1], muscle)
    )


def _cell(name: str, cells: Cells, before: Cells) -> Markup:
    """A cell, shaded by how far it is from normal, with its change."""
    normal = "5" if "_motor_" in name else "Yes" if "_anal_" in name else "2"
    if "_non_key_" in name:
        normal = ""
    return _shaded(cells.get(name, ""), normal, before.get(name))


@cache
def _shaded(text: str, normal: str, old: str | None) -> Markup:
    """``normal``: how a normal value begins; ``old``: the earlier value, None where none is."""
    text = text or EMPTY
    shade = Markup("")
    if normal and (text == EMPTY or text.startswith("NT")):
        shade = Markup(" class=n")
    elif not text.startswith(normal):
        shade = Markup(" class=z") if text.startswith(("0", "No")) else Markup(" class=i")
    return Markup("<td{}>{}{}").format(
        shade, text, "" if old is None else _difference(text, old or EMPTY)
    )


def _difference(text: str, old: str) -> Markup:
    """How a value differs from an earlier one; empty where it does not."""
    if text == old:
        return Markup("")
    new_number, old_number = text.rstrip("*"), old.rstrip("*")
    if new_number.isdigit() and old_number.isdigit() and new_number != old_number:
        change = int(new_number) - int(old_number)
        return Markup(" <small>{}{}</small>").format("+" if change > 0 else "\u2212", abs(change))
    return Markup(" <small>was {}</small>").format(old)


def _sums(sums: Cells, before: Cells) -> Markup:
    rows = Markup("")
    for words, (pattern, most) in SUMS.items():
        scales = [pattern.format(side=side) for side in ("right", "left")]
        total = pattern.removeprefix("{side}_")
        shown = [
            Markup("<td>{}{}").format(
                sums[scale], _difference(sums[scale], before[scale]) if scale in before else ""
            )
            for scale in (*scales, total)
        ]
        rows += Markup("<tr><th scope=row>{} (of {}){}").format(words, most, Markup("").join(shown))
    return Markup(
        "<table><caption>Totals</caption><thead><tr><td><th scope=col>Right<th scope=col>Left"
        "<th scope=col>Total<tbody>{}</table>"
    ).format(rows)


def _outputs(explained: list[Explanation], before: list[Explanation], since: str) -> Markup:
    old = {entry.output: entry.value for entry in before}
    rows = Markup("").join(
        Markup("<tr><th scope=row>{}<td>{}{}<td>{}").format(
            OUTPUTS[entry.output],
            entry.value,
            Markup("<td>{}").format(_was(entry.value, old[entry.output])) if old else "",
            entry.sentence,
        )
        for entry in explained
        if entry.output in OUTPUTS
    )
    return Markup(
        "<table class=why><caption>Classification</caption><thead><tr><td><th scope=col>Value{}"
        "<th scope=col>Why<tbody>{}</table>"
    ).format(Markup("<th scope=col>{}").format(since) if old else "", rows)


def _was(value: str, old: str) -> Any:
    return "same" if value == old else Markup("<b>{}</b>").format(escape(old))
