"""The key points of an exam on the body: each in its place, and shaded by its grade."""

import re

import pytest
from owncontrol.isncsci.cells import ALL_CELLS, DERMATOMES
from owncontrol.reporting.body_diagram import BACK, FRONT, PLACES, SYMBOLS, WIDTH, body_diagram

NORMAL = {name: "2" for name in ALL_CELLS if "touch" in name or "prick" in name}


def dots(html):
    """By class the places of the dots that an exam adds."""
    return {
        kind: {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)z", places)}
        for kind, places in re.findall(r"<path class=(\w) d='([^']*)'", str(html))
    }


def test_every_dermatome_has_a_point_on_each_side_and_none_covers_another():
    assert set(PLACES) == {(side, level) for side in ("left", "right") for level in DERMATOMES}
    places = sorted(PLACES.values())
    assert len(set(places)) == 56
    for i, (x, y) in enumerate(places):
        assert all((x - u) ** 2 + (y - v) ** 2 >= 8 for u, v in places[:i])


def test_right_is_at_the_readers_left_in_front_and_at_the_right_behind():
    for (side, _), (x, _) in PLACES.items():
        middle = FRONT if x < (FRONT + BACK) / 2 else BACK
        assert (x < middle) == ((side == "right") == (middle == FRONT))


def test_a_normal_exam_adds_no_dot():
    assert dots(body_diagram(NORMAL)) == {}


@pytest.mark.parametrize(
    ("text", "kind"), [("0", "z"), ("0*", "z"), ("1", "i"), ("1*", "i"), ("NT", "n"), ("", "n")]
)
def test_a_grade_that_is_not_normal_is_a_dot_of_its_kind(text, kind):
    x, y = PLACES["left", "T10"]
    assert dots(body_diagram({**NORMAL, "left_light_touch_t10": text})) == {kind: {(x, y)}}
    assert dots(body_diagram({**NORMAL, "left_pin_prick_t10": text})) == {kind: {(x + WIDTH, y)}}


def test_the_page_has_what_the_diagrams_refer_to():
    used = set(re.findall(r"href=#([\w-]+)", SYMBOLS + body_diagram(NORMAL)))
    assert used <= set(re.findall(r" id=([\w-]+)", SYMBOLS))
    assert len(re.findall(r"M\d+ \d+z", SYMBOLS)) == 56 + 4  # and the legend's
