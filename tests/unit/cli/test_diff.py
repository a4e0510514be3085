"""The words of a difference between two runs."""

import pytest
from owncontrol.cli.diff import lines

NOTHING = {key: {} for key in ("settings", "packages", "estimates", "scores", "verdicts")} | {
    name: []
    for name in (
        *("code", "raw_cells", "raw_rows_fewer", "raw_rows_more"),
        *("findings_fewer", "findings_more"),
    )
}


@pytest.mark.parametrize(
    ("pair", "shown"),
    [
        (("2.50", "3"), "2.5 -> 3"),
        ((None, "3.0"), "no such estimate -> 3"),
        (("0.1", None), "0.1 -> no such estimate"),
        (("", "0.1"), "(none) -> 0.1"),
        ((None, ""), "no such estimate -> (none)"),
    ],
)
@pytest.mark.parametrize("kind", ["estimates", "verdicts"])
def test_an_estimate_that_only_one_run_has(kind, pair, shown):
    changed = {"change.walk": {"changes": {"value": pair}, "because": ["walks.csv row 2"]}}
    said = list(lines({"runs": ["a", "b"], **NOTHING, kind: changed}, 0))
    assert f"  change.walk: value {shown}\n    because of walks.csv row 2" in said
