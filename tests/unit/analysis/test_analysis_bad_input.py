"""Whatever the scores hold, every analysis runs to its end and no NaN stands without a reason."""

import math

import pytest
from analysis_study import (
    RECOVERY,
    ROOT,
    all_changes,
    endpoint,
    paired_scores,
    scores,
    small_settings,
)
from owncontrol.analysis import (
    learning,
    multiverse,
    natural_recovery,
    responders,
    sensitivity,
    time_to_improvement,
)
from owncontrol.analysis.published_rates import read_rates
from owncontrol.estimates.collect import Estimates

SUBJECTS = [f"S{number:02d}" for number in range(1, 14)]
LEMS = endpoint(
    "lems",
    "isncsci",
    "lower_extremity_motor_score",
    important_difference={"threshold": 2, "source": "test"},
)
AIS = endpoint(
    "ais",
    "isncsci",
    "asia_impairment_scale",
    important_difference={"threshold": 1, "source": "test"},
)
INFINITE = [(1, math.inf), (2, -math.inf), (math.nan, 3), (1, 4)]
BAD = {
    "nobody": [],
    "one pair": [(1, 3)],
    "all differences zero": [(2, 2), (3, 3), (1, 1)],
    "a constant scale": [(1, 1)] * 13,
    "NaN and infinite values": INFINITE,
    "only infinite values": [(math.inf, math.inf)] * 3,
}
CHOICES = {
    "endpoints": [],
    "baselines": ["early", "before"],
    "time_points": ["middle", "after"],
    "populations": ["treated"],
}


def every_analysis(of, table):
    """Rows of all analyses of one endpoint."""
    settings = small_settings(
        of,
        sensitivity=CHOICES,
        natural_recovery={**RECOVERY, **dict.fromkeys(("endpoint", "function", "motor"), of.name)},
    )
    people = dict.fromkeys(("treated", "eligible", "in_window"), table)
    made = {
        name: Estimates(name, "all", SUBJECTS)
        for name in ("change", "responders", "sensitivity", "natural_recovery")
    }
    results = made["change"]
    all_changes(of, table, settings, results)
    results = made["responders"]
    for criterion in responders.criteria(settings):
        looks = responders.looks(people, criterion, settings)
        responders.at_visits(results, looks, criterion, settings.level)
        time_to_improvement.time_to_improvement(results, looks, criterion, settings)
    results = made["sensitivity"]
    multiverse.specifications(results, people, of, settings)
    for visit in ("middle", "after"):
        sensitivity.missing_visits(results, people, of, visit, settings)
    sensitivity.two_baselines(results, people, of, settings)
    sensitivity.observer_bias(results, people, of, settings)
    recovered = made["natural_recovery"]
    rates = read_rates(ROOT / "data/reference/natural_recovery.csv")
    comparison = settings.natural_recovery.comparisons[0]
    natural_recovery.run_comparison(recovered, people, of, rates, comparison, settings)
    learning.function_beside_motor(recovered, table, settings)
    return [row for part in made.values() for row in part.table().to_dict("records")]


@pytest.mark.slow
@pytest.mark.parametrize("of", [LEMS, AIS], ids=lambda of: of.name)
@pytest.mark.parametrize("name", BAD)
def test_every_analysis_ends_and_every_gap_says_why(of, name):
    pairs = BAD[name]
    table = paired_scores(of, pairs) if pairs else scores(of, {"S01": {"early": 1}}).iloc[:0]
    rows = every_analysis(of, table)
    for row in rows:
        gap = math.isnan(row["value"])
        assert gap == row["convention"].startswith("not estimable: "), row
        assert not any(math.isinf(row[field]) for field in ("value", "lower", "upper", "p"))
    by_id = {row["estimate_id"]: row for row in rows}
    main = by_id[f"change.{of.name}.after.hodges_lehmann"]
    if name in ("nobody", "one pair", "NaN and infinite values", "only infinite values"):
        assert main["convention"] == "not estimable: fewer than two pairs"
    else:
        assert (main["value"], main["lower"], main["upper"]) == (0, 0, 0)


def test_an_infinite_value_is_no_pair():
    rows = every_analysis(LEMS, paired_scores(LEMS, [*INFINITE, (2, 6), (3, 4)]))
    by_id = {row["estimate_id"]: row for row in rows}
    assert by_id["change.lems.after.hodges_lehmann"]["n"] == 3
