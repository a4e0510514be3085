"""The worksheet of an exam: every cell in its place, what follows from them, and what changed."""

import re

import pandas as pd
import pytest
from owncontrol.isncsci import explain
from owncontrol.isncsci.cells import ALL_CELLS, DERMATOMES, MYOTOMES
from owncontrol.reporting.worksheets import MUSCLES, OUTPUTS, SUMS, worksheet


def exam(**changes):
    """A normal exam, with changes."""
    cells = {name: "5" if "_motor_" in name else "2" for name in ALL_CELLS}
    cells |= {"voluntary_anal_contraction": "Yes", "deep_anal_pressure": "Yes"}
    cells |= {"right_lowest_non_key_muscle": "", "left_lowest_non_key_muscle": "", **changes}
    sums = {
        pattern.format(side=side): "9" for pattern, _ in SUMS.values() for side in ("right", "left")
    } | {pattern.removeprefix("{side}_"): "18" for pattern, _ in SUMS.values()}
    return cells, explain(pd.Series(cells)), sums


def rows(html, table):
    """Cells of the rows of a table of the sheet, tags left out."""
    body = str(html).split("<table")[table].split("<tbody>")[1].split("</table>")[0]
    return [
        [re.sub(r"<[^>]*>", "", cell.split(">", 1)[1]) for cell in re.split(r"<t(?=[dh])", row)[1:]]
        for row in body.split("<tr>")[1:]
    ]


def test_every_cell_stands_in_its_place():
    numbered = {name: f"<{place}>" for place, name in enumerate(ALL_CELLS)}
    form = str(worksheet(numbered, [], exam()[2], None, ""))
    shown = [
        [cell.split(">", 1)[1] for cell in re.split(r"<t(?=[dh])", row)[1:]]
        for row in form.split("<tbody>")[1].split("</table>")[0].split("<tr>")[1:]
    ]
    assert [row[4] for row in shown] == list(DERMATOMES)

    def written(side, kind, level):
        name = f"{side}_{kind}_{level.lower().replace('-', '_')}"
        return f"&lt;{ALL_CELLS.index(name)}&gt;" if name in ALL_CELLS else ""

    for level, row in zip(DERMATOMES, shown, strict=True):
        muscle = MUSCLES.get(level, "")
        right = [written("right", kind, level) for kind in ("motor", "light_touch", "pin_prick")]
        left = [written("left", kind, level) for kind in ("light_touch", "pin_prick", "motor")]
        assert row == [muscle, *right, level, *left, muscle]
    assert list(MUSCLES) == list(MYOTOMES)


def test_the_classification_says_why():
    cells, explained, sums = exam(right_motor_c7="3")
    shown = rows(worksheet(cells, explained, sums, None, ""), 4)
    assert [row[0] for row in shown] == list(OUTPUTS.values())
    by_name = {row[0]: row[1:] for row in shown}
    value, sentence = by_name["Motor level, right"]
    assert value == "C7" and "right C7 muscle (3)" in sentence
    assert by_name["AIS"][0] == "D"


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"right_motor_c5": ("3", "5")}, "5 +2"),
        ({"right_motor_c5": ("5", "3*")}, "3* \u22122"),
        ({"right_motor_c5": ("NT", "4")}, "4 was NT"),
        ({"right_motor_c5": ("4", "")}, "\u2013 was 4"),
        ({"right_motor_c5": ("4", "4*")}, "4* was 4"),
        ({"right_motor_c5": ("4", "4")}, "4"),
    ],
)
def test_what_changed_since_the_baseline(change, shown):
    before = exam(**{name: old or "NT" for name, (old, _) in change.items()})
    now = exam(**{name: new or "NT" for name, (_, new) in change.items()})
    cells = {**now[0], **{name: new for name, (_, new) in change.items()}}
    form = rows(worksheet(cells, now[1], now[2], before, "Before"), 1)
    assert form[3][1] == shown


def test_the_baseline_itself_shows_no_change():
    form = worksheet(*exam(right_motor_c5="3"), None, "Before")
    assert "<small>" not in form and "Before" not in form


def test_what_is_not_normal_is_marked_without_colour_too():
    html = str(worksheet(*exam(right_motor_c5="0", left_motor_c5="NT"), None, ""))
    row = html.split("Elbow flexors")[1]
    assert "<td class=z>0" in row and "<td class=n>NT" in row
