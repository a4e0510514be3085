"""Rates of events over time, and their ratio: checked by summing probabilities."""

import math

import pytest
from owncontrol.statistics.event_rates import event_rate, rate_ratio


def poisson(count, mean):
    return math.exp(-mean) * mean**count / math.factorial(count)


@pytest.mark.parametrize(
    ("events", "time", "level"), [(0, 4.0, 0.95), (7, 4.17, 0.95), (3, 1.0, 0.8)]
)
def test_the_bounds_of_a_rate_leave_half_the_error_on_each_side(events, time, level):
    found = event_rate(events, time, 13, level)
    tail = (1 - level) / 2
    assert found.value == events / time
    assert sum(poisson(k, found.upper * time) for k in range(events + 1)) == pytest.approx(tail)
    if events:
        below = sum(poisson(k, found.lower * time) for k in range(events))
        assert 1 - below == pytest.approx(tail)
    else:
        assert found.lower == 0


def test_the_bounds_of_a_ratio_leave_half_the_error_on_each_side():
    events, times = (7, 23), (4.17, 23.97)
    found = rate_ratio(events, times, 13)
    assert found.value == pytest.approx((23 / 23.97) / (7 / 4.17))
    for ratio, counts in ((found.upper, range(24)), (found.lower, range(23, 31))):
        share = ratio * times[1] / (times[0] + ratio * times[1])
        tail = sum(math.comb(30, k) * share**k * (1 - share) ** (30 - k) for k in counts)
        assert tail == pytest.approx(0.025)


def test_what_has_no_time_or_no_event_before_has_no_rate_or_ratio():
    assert event_rate(0, 0.0, 3).reason == rate_ratio((1, 1), (0.0, 2.0), 3).reason
    assert event_rate(0, 0.0, 3).reason == "no time under observation"
    assert "no event in the first" in rate_ratio((0, 4), (3.0, 2.0), 3).reason
    for bad in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="time"):
            event_rate(1, bad, 3)
