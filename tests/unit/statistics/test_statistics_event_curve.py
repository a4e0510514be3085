"""Kaplan-Meier with intervals: a published example, scipy as a peer, and what cannot be known."""

import math
import warnings

import numpy as np
import pytest
from owncontrol.statistics.event_curve import event_curve
from scipy import stats

# Remission of 21 patients with leukaemia under 6-mercaptopurine, weeks: Freireich et al. 1963,
# Blood 21:699; Gehan 1965, Biometrika 52:203. Shares and standard errors as Klein and Moeschberger
# print them, Survival Analysis (2nd edition, 2003), section 4.2.
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
SEEN = [1] * 9 + [0] * 12
PUBLISHED = {  # week: at risk, share in remission, its standard error
    6: (21, 0.857, 0.076),
    7: (17, 0.807, 0.087),
    10: (15, 0.753, 0.096),
    13: (12, 0.690, 0.107),
    16: (11, 0.628, 0.114),
    22: (7, 0.538, 0.128),
    23: (6, 0.448, 0.135),
}


def test_remission_under_6_mercaptopurine():
    curve = event_curve(WEEKS, SEEN)
    assert (curve.n, curve.events, curve.total) == (21, 9, 359)
    assert curve.time.tolist() == list(PUBLISHED)
    for place, (at_risk, share, error) in enumerate(PUBLISHED.values()):
        assert curve.at_risk[place] == at_risk
        assert curve.survival[place] == pytest.approx(share, abs=0.001)
        width = 1.959964 * error / abs(share * math.log(share))
        assert curve.lower[place] == pytest.approx(share ** math.exp(width), abs=0.004)
        assert curve.upper[place] == pytest.approx(share ** math.exp(-width), abs=0.004)
    assert curve.median().value == 23


def test_the_same_as_scipy():
    random = np.random.default_rng(19)
    for _ in range(30):
        size = random.integers(2, 40)
        time, seen = random.integers(0, 25, size), random.integers(0, 2, size)
        if not seen.any():
            continue
        curve = event_curve(time, seen, 0.9)
        sample = stats.CensoredData.right_censored(time, seen == 0)
        peer = stats.ecdf(sample).sf
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            band = peer.confidence_interval(0.9, method="log-log")
        for place, at in enumerate(curve.time):
            here = np.flatnonzero(peer.quantiles == at)[0]
            assert curve.survival[place] == pytest.approx(peer.probabilities[here])
            if curve.survival[place] > 0:
                assert curve.lower[place] == pytest.approx(band.low.probabilities[here])
                assert curve.upper[place] == pytest.approx(band.high.probabilities[here])


def test_what_cannot_be_known():
    curve = event_curve([3, 5, 9], [0, 1, 0])
    assert curve.without_at(2).value == 1
    assert curve.without_at(5).value == 0.5
    assert "so long" in curve.without_at(10).reason
    assert event_curve([3, 5], [0, 0]).median().reason == "fewer than half had the event"
    everybody = event_curve([3, 5], [1, 1])
    assert everybody.without_at(99).value == 0
    assert math.isnan(everybody.without_at(99).lower)
    assert everybody.median().value == 3


@pytest.mark.parametrize(
    ("time", "seen"), [([], []), ([1, 2], [1]), ([-1], [1]), ([1], [2]), ([math.nan], [1])]
)
def test_what_is_no_time_to_an_event(time, seen):
    with pytest.raises(ValueError, match=r"time|event"):
        event_curve(time, seen)
