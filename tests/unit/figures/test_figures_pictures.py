"""Each figure against its reference picture, within a tolerance.

After a meant change of a figure: ``make pictures``, and look at what git shows as changed.
"""

from functools import cache
from pathlib import Path

import pytest
from figure_study import BASELINE, ENDPOINTS, NAMES, TIME_POINT, VISITS, make_study
from owncontrol.figures.style import STYLE, journal_style

SHOWN = (BASELINE, "t7", "t28", "t90", TIME_POINT)
PICTURES = Path(__file__).parents[2] / "pictures"


@cache
def study():
    visits = [visit for visit in VISITS if visit["name"] in SHOWN]
    return make_study(n=6, visits=visits, endpoints=ENDPOINTS[:3], events=2)


def picture(name):
    return pytest.param(
        name,
        marks=pytest.mark.mpl_image_compare(
            baseline_dir=str(PICTURES),
            filename=f"{name}.png",
            style=["default", STYLE],
            savefig_kwargs={"dpi": 100},
            tolerance=4,
        ),
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", [picture(name) for name in NAMES])
def test_a_figure_looks_like_its_reference_picture(name):
    with journal_style():
        figure = study().draw(name)
        figure.set_dpi(100)
        figure.draw_without_rendering()
    return figure


def test_every_figure_has_its_reference_picture():
    assert {path.stem for path in PICTURES.glob("*.png")} == set(NAMES)
