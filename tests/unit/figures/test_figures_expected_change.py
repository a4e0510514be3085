"""What is expected without the treatment, as a band in the courses and a mark beside the change."""

import matplotlib.pyplot as plt
import pytest
from analysis_study import DAYS, endpoint, scale_of, scores
from matplotlib.collections import PolyCollection
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.strata import PublishedCohort
from owncontrol.estimates.stratum import WHOLE
from owncontrol.figures import paired_change, trajectories
from owncontrol.figures.settings import PlannedVisit, ShownEndpoint, TrajectoriesSettings

MOTOR = endpoint("motor", "isncsci", "motor_total")
SHOWN = [
    ShownEndpoint(
        name="motor", label="Motor", instrument="isncsci", scale="motor_total", kind="rated_scale"
    )
]
SCALES = {"motor": scale_of("isncsci", "motor_total")}
VALUES = {"S1": {"before": 20, "after": 30}, "S2": {"before": 40, "after": 46}}
VISITS = [PlannedVisit(name=name, clock="injury", day=day) for name, day in DAYS.items()]
SETTINGS = TrajectoriesSettings.model_construct(
    synthetic=False, baseline="before", scores=SHOWN, clock="treatment", visits=()
)


def numbers(expected):
    """Medians and the estimate of the change; with what is expected, or without."""
    results = Estimates("change", "all", ["S1", "S2"])
    for visit, median, day in (("before", 30, -1), ("after", 38, 180)):
        about = {"endpoint": "motor", "visit": visit, "n": 2}
        results.add(Change.MEDIAN, median, **about)
        results.add(Change.MEDIAN_DAY, day, **about)
    about = {"endpoint": "motor", "visit": "after", "n": 2}
    results.add(Change.HODGES_LEHMANN, 8, lower=6, upper=10, **about)
    results.add(Change.SIGNED_RANK_PRATT, 3, p=0.5, **about)
    if expected:
        for stratum, ends in (
            (PublishedCohort("EMSCI"), (4, 5, 6)),
            (PublishedCohort("Sygen"), (6, 7, 9)),
            (WHOLE, (5, 6, 7)),
        ):
            bounds = {"lower": ends[0], "upper": ends[2]}
            results.add(Change.EXPECTED_CHANGE, ends[1], stratum=stratum, **bounds, **about)
    return Numbers(results.table(), lambda shown: shown.text)


def test_the_band_starts_at_the_median_and_spans_the_cohorts():
    rows = trajectories.trajectory_numbers(
        scores(MOTOR, VALUES), numbers(True), SHOWN, VISITS, "before"
    )
    band = rows.loc[rows["series"] == "expected"].set_index("visit")
    assert band.loc["before", ["value", "lower", "upper"]].tolist() == [30, 30, 30]
    assert band.loc["after", ["value", "lower", "upper"]].tolist() == [36, 34, 39]
    assert band.loc["after", "estimate_id"] == "change.motor.after.expected_change"
    assert band.loc["after", "day"] == 180


@pytest.mark.parametrize("expected", [True, False])
def test_a_band_is_drawn_where_a_course_is_known(expected):
    rows = trajectories.trajectory_numbers(
        scores(MOTOR, VALUES), numbers(expected), SHOWN, VISITS, "before"
    )
    assert ("lower" in rows) is expected
    figure = trajectories.draw_trajectories(rows, SHOWN, SCALES, SETTINGS)
    bands = [part for part in figure.axes[0].collections if isinstance(part, PolyCollection)]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(bands) == expected
    assert ("Expected without the treatment" in labels) is expected
    plt.close(figure)


@pytest.mark.parametrize("expected", [True, False])
def test_a_mark_is_drawn_beside_the_change(expected):
    rows = paired_change.paired_numbers(
        scores(MOTOR, VALUES), numbers(expected), SHOWN, SCALES, "before", "after"
    )
    mark = rows.loc[rows["series"] == "expected", ["value", "lower", "upper"]]
    assert mark.to_numpy().tolist() == ([[6, 5, 7]] if expected else [])
    figure = paired_change.draw_paired_change(rows, SHOWN, SCALES, ("Before", "After"), False)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert ("Mean change expected without the treatment" in labels) is expected
    plt.close(figure)
