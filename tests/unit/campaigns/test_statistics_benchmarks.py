"""The scripts behind the published speed and coverage tables."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from owncontrol.statistics import hodges_lehmann, signed_rank_tests

ROOT = Path(__file__).parents[3]


def load(path: str) -> ModuleType:
    name = Path(path).stem
    spec = importlib.util.spec_from_file_location(name, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


coverage = load("tests/campaigns/simulate_coverage.py")
bench = load("benchmarks/bench_statistics.py")


@pytest.mark.slow
def test_a_small_seeded_simulation_is_complete_and_repeats() -> None:
    rows = list(coverage.simulate(replicates=3, seed=7))
    assert rows == list(coverage.simulate(replicates=3, seed=7))
    assert {row.n for row in rows} == {8, 13, 30}
    assert all(0 <= row.estimate <= 1 for row in rows)
    assert len({(row.kind, row.design, row.n, row.method) for row in rows}) == len(rows)


@pytest.mark.parametrize("design", coverage.DESIGNS, ids=lambda design: design.name)
def test_designs_have_the_centres_they_claim(design: object) -> None:
    if design.name == "missing when worse":  # its centres are those of all patients
        return
    changes = design.draw(np.random.default_rng(1), 4000)
    changes = changes[~np.isnan(changes)]
    assert hodges_lehmann(changes).value == pytest.approx(design.pseudomedian, abs=0.3)
    assert changes.mean() == pytest.approx(design.mean, abs=0.3)
    assert np.median(changes) == pytest.approx(design.median, abs=0.3)


@pytest.mark.parametrize(
    ("kind", "share", "error", "verdict"),
    [
        ("coverage", 0.945, 0.002, "holds"),
        ("coverage", 0.94, 0.002, "does not hold"),
        ("type-I error", 0.055, 0.002, "holds"),
        ("type-I error", 0.06, 0.002, "does not hold"),
        ("coverage", 1.0, 0.0, "holds"),
        ("type-I error", 1.0, 0.0, "does not hold"),
    ],
)
def test_verdict_allows_three_standard_errors(
    kind: str, share: float, error: float, verdict: str
) -> None:
    assert coverage.judged(kind, "d", 13, "m", share, error, 10_000).verdict == verdict


def test_the_peer_by_matrix_gives_the_same_p() -> None:
    changes = bench.make_changes(9, 40)
    assert bench.flips_by_matrix(changes) == pytest.approx(signed_rank_tests(changes), abs=1e-12)
    assert bench.scipy_permutation_p(changes[:, 0]) == pytest.approx(
        signed_rank_tests(changes)[0], abs=1e-12
    )
