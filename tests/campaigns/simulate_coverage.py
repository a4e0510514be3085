"""Coverage and type-I error of every default interval and test, by simulation.

    python tests/campaigns/simulate_coverage.py --docs docs/simulation.md  # 10,000 replicates
    python tests/campaigns/simulate_coverage.py --replicates 200  # a small seeded sample

Each row is one method under one design: the share of replicates in which the interval held the
true value, or in which the test rejected a true null hypothesis, with its Monte Carlo standard
error. Shares of responders need no simulation: their coverage is summed over all counts, with
an error of 0. The verdict compares with the nominal level, three standard errors allowed.
``--docs`` writes the table that the documentation shows.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import groupby
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from numpy.random import Generator

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "workflow" / "lib"))

from owncontrol import statistics as st  # noqa: E402

SIZES = (8, 13, 30)
ALPHA = 0.05
GRADES = 5
FAMILY = 6
# Kirshblum 2016: 52 of 187 grade A patients improved by a grade or more.
HISTORY = (52, 187)

Draw = Callable[[Generator, int], np.ndarray]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    kind: str
    design: str
    n: int
    method: str
    nominal: float
    estimate: float
    monte_carlo_se: float
    replicates: int
    verdict: str


@dataclass(frozen=True)
class Design:
    """Changes of ``n`` patients; NaN where the visit was missed.

    Each test is tried with its own centre of the changes shifted to zero.
    """

    name: str
    draw: Draw
    pseudomedian: float
    median: float
    mean: float


def _normal(rng: Generator, n: int) -> np.ndarray:
    return rng.normal(2, 5, n)


def _tied(rng: Generator, n: int) -> np.ndarray:
    return np.rint(rng.normal(2, 2, n))


def _mostly_zero(rng: Generator, n: int) -> np.ndarray:
    return (rng.random(n) < 0.3) * rng.choice([-1, 1], n) * rng.geometric(0.4, n).astype(float)


def _zero_or_better(rng: Generator, n: int) -> np.ndarray:
    return (rng.random(n) < 0.3) * rng.geometric(0.4, n).astype(float)


def _skewed(rng: Generator, n: int) -> np.ndarray:
    return rng.exponential(5, n)


def _missing_at_random(rng: Generator, n: int) -> np.ndarray:
    return np.where(rng.random(n) < 0.25, np.nan, _tied(rng, n))


def _missing_when_worse(rng: Generator, n: int) -> np.ndarray:
    changes = _tied(rng, n)
    return np.where(rng.random(n) < np.where(changes < 2, 0.4, 0.1), np.nan, changes)


# The mean of two exponentials of mean 1 has its median at 0.8391735 (gamma, shape 2). With 30 %
# improved, a pair is unchanged in 49 % and 0 with 1 in 16.8 %: the pseudomedian is 1/2.
DESIGNS = (
    Design("normal, no ties", _normal, 2, 2, 2),
    Design("ties, whole numbers", _tied, 2, 2, 2),
    Design("70 % zeros, symmetric", _mostly_zero, 0, 0, 0),
    Design("70 % zeros, rest better", _zero_or_better, 0.5, 0, 0.3 / 0.4),
    Design("skewed, exponential", _skewed, 5 * 0.8391735, 5 * math.log(2), 5),
    Design("25 % missing at random", _missing_at_random, 2, 2, 2),
    Design("missing when worse", _missing_when_worse, 2, 2, 2),
)
# Nobody is worse: ups and downs are never equally likely, so no shift makes that null true.
NO_SIGN_NULL = {"70 % zeros, rest better"}


def make_row(kind: str, design: str, n: int, method: str, hits: int, replicates: int) -> Row:
    """Return the row of a simulated share, with its verdict."""
    share = hits / replicates
    error = math.sqrt(share * (1 - share) / replicates)
    return judged(kind, design, n, method, share, error, replicates)


def judged(
    kind: str, design: str, n: int, method: str, share: float, error: float, replicates: int
) -> Row:
    """Return the row with its verdict against the nominal level."""
    nominal = 1 - ALPHA if kind == "coverage" else ALPHA
    shortfall = nominal - share if kind == "coverage" else share - nominal
    # An observed share of exactly 0 or 1 has no error of its own: that of the nominal level.
    allowed = 3 * (error or (math.sqrt(nominal * (1 - nominal) / replicates) if replicates else 0))
    verdict = "holds" if shortfall <= allowed + 1e-12 else "does not hold"
    return Row(kind, design, n, method, nominal, share, error, replicates, verdict)


def changes_rows(design: Design, rng: Generator, n: int, replicates: int) -> Iterator[Row]:
    """Yield coverage of the intervals and errors of the tests of change."""
    tests = {
        "signed-rank, Pratt": (lambda d: st.signed_rank_test(d).p, design.pseudomedian),
        "signed-rank, Wilcoxon": (
            lambda d: st.signed_rank_test(d, zeros="wilcoxon").p,
            design.pseudomedian,
        ),
        "sign test": (lambda d: st.sign_test(d).p, design.median),
        "sign-flip test of the mean": (lambda d: st.sign_flip_test(d).p, design.mean),
    }
    if design.name in NO_SIGN_NULL:
        del tests["sign test"]
    intervals = {
        "Hodges-Lehmann, walsh": (st.hodges_lehmann, design.pseudomedian),
        "Hodges-Lehmann, inversion": (
            lambda d: st.hodges_lehmann(d, interval="inversion"),
            design.pseudomedian,
        ),
        "median, sign test": (st.median_interval, design.median),
    }
    covered, rejected, used = dict.fromkeys(intervals, 0), dict.fromkeys(tests, 0), 0
    while used < replicates:
        changes = design.draw(rng, n)
        changes = changes[~np.isnan(changes)]
        if len(changes) < 2:
            continue
        used += 1
        for name, (interval, centre) in intervals.items():
            result = interval(changes)
            covered[name] += result.lower - 1e-9 <= centre <= result.upper + 1e-9
        for name, (p, centre) in tests.items():
            rejected[name] += p(changes - centre) <= ALPHA
    for name in intervals:
        yield make_row("coverage", design.name, n, name, covered[name], replicates)
    for name in tests:
        yield make_row("type-I error", design.name, n, name, rejected[name], replicates)


def table_rows(rng: Generator, n: int, replicates: int) -> Iterator[Row]:
    """Yield errors of the tests of grade shifts: most stay, the rest move up as often as down."""
    tests = {
        "marginal homogeneity, exact": st.marginal_homogeneity,
        "Stuart-Maxwell, exact": st.stuart_maxwell,
        "Stuart-Maxwell, asymptotic": lambda table: st.stuart_maxwell(table, exact=False),
        "Bowker, exact": st.bowker,
        "Bowker, asymptotic": lambda table: st.bowker(table, exact=False),
    }
    rejected = dict.fromkeys(tests, 0)
    for _ in range(replicates):
        grade = rng.integers(0, GRADES, (n, 2))
        grade[:, 1] = np.where(rng.random(n) < 0.4, grade[:, 0], grade[:, 1])
        table = np.zeros((GRADES, GRADES), dtype=int)
        np.add.at(table, (grade[:, 0], grade[:, 1]), 1)
        for name, test in tests.items():
            rejected[name] += test(table).p <= ALPHA
    for name in tests:
        yield make_row("type-I error", "5x5 grades, no shift", n, name, rejected[name], replicates)


def blocks_rows(rng: Generator, n: int, replicates: int) -> Iterator[Row]:
    """Yield errors of the tests over three visits of a tied scale."""
    tests = {
        "Friedman, exact": st.friedman,
        "Friedman, asymptotic": lambda blocks: st.friedman(blocks, exact=False),
        "Page, exact": st.page,
    }
    rejected = dict.fromkeys(tests, 0)
    for _ in range(replicates):
        blocks = rng.integers(0, 50, (n, 1)) + rng.integers(0, 4, (n, 3))
        for name, test in tests.items():
            rejected[name] += test(blocks).p <= ALPHA
    for name in tests:
        design = "3 visits, ties, no change"
        yield make_row("type-I error", design, n, name, rejected[name], replicates)


def family_rows(rng: Generator, n: int, replicates: int) -> Iterator[Row]:
    """Yield family-wise errors over correlated endpoints without any change."""
    families = {
        "max-T step-down, t": lambda d: st.max_t(d, draws=2000).p_adjusted.min(),
        "max-T step-down, signed-rank": lambda d: st.max_t(
            d, statistic="signed-rank", draws=2000
        ).p_adjusted.min(),
        # Holm's smallest adjusted p is Bonferroni's, and decides whether anything is rejected.
        "Holm over signed-rank": lambda d: st.adjust(st.signed_rank_tests(d), "bonferroni").min(),
    }
    rejected = dict.fromkeys(families, 0)
    for _ in range(replicates):
        changes = np.rint(3 * (rng.normal(size=(n, 1)) + rng.normal(size=(n, FAMILY))))
        for name, smallest in families.items():
            rejected[name] += smallest(changes) <= ALPHA
    design = f"{FAMILY} correlated endpoints, no change"
    for name in families:
        yield make_row("type-I error", design, n, name, rejected[name], replicates)


def share_rows(rng: Generator, n: int, replicates: int) -> Iterator[Row]:
    """Yield the coverage of the intervals of a share, its least over true rates, exactly.

    Nothing is drawn; the arguments are those of every block.
    """
    rates = np.linspace(0.005, 0.995, 199)
    intervals = {
        "Clopper-Pearson": st.clopper_pearson,
        "Blaker": st.blaker,
        "Wilson": st.wilson,
        "mid-P": st.midp,
        "one-sided upper bound": st.upper_bound,
    }
    chances = np.array([[st.p_over_rates(k, n, [r], "less")[0] for r in rates] for k in range(n)])
    chances = np.diff(np.vstack([np.zeros(199), chances, np.ones(199)]), axis=0)
    for name, interval in intervals.items():
        ends = [interval(k, n) for k in range(n + 1)]
        inside = np.array([(e.lower <= rates) & (rates <= e.upper) for e in ends])
        coverage = (chances * inside).sum(axis=0)
        for design, value in (
            ("share, least over rates", coverage.min()),
            ("share, mean over rates", coverage.mean()),
        ):
            yield judged("coverage", design, n, name, float(value), 0.0, 0)


def history_rows(rng: Generator, n: int, replicates: int) -> Iterator[Row]:
    """Yield errors of comparisons with a published rate that is itself a sample."""
    rate, size = HISTORY[0] / HISTORY[1], HISTORY[1]
    old, new = rng.binomial(size, rate, replicates), rng.binomial(n, rate, replicates)
    pairs, counts = np.unique(np.stack([old, new]), axis=1, return_counts=True)
    predictive = binomial = 0
    for (before, after), times in zip(pairs.T.tolist(), counts.tolist(), strict=True):
        predictive += times * (st.beta_binomial_predictive(after, n, before, size).p <= ALPHA)
        binomial += times * (st.binomial_test(after, n, before / size, "greater").p <= ALPHA)
    design = f"published rate from {size}"
    for name, hits in (("beta-binomial predictive", predictive), ("binomial at it", binomial)):
        yield make_row("type-I error", design, n, name, hits, replicates)


BLOCKS: tuple[tuple[int, Callable[[Generator, int, int], Iterable[Row]]], ...] = (
    *enumerate(partial(changes_rows, design) for design in DESIGNS),
    (100, table_rows),
    (101, blocks_rows),
    (102, family_rows),
    (103, history_rows),
    (104, share_rows),
)


def block(task: tuple[int, int, int, int]) -> list[Row]:
    """Return the rows of one block of one size, with a generator of its own."""
    place, n, replicates, seed = task
    number, rows = BLOCKS[place]
    return list(rows(np.random.default_rng([seed, n, number]), n, replicates))


def simulate(replicates: int, seed: int, processes: int = 1) -> Iterator[Row]:
    """Yield all rows; the number of processes does not change them."""
    tasks = [(place, n, replicates, seed) for n in SIZES for place in range(len(BLOCKS))]
    if processes == 1:
        for task in tasks:
            yield from block(task)
        return
    with Pool(processes) as pool:
        for rows in pool.imap(block, tasks):
            yield from rows


# Why a method may miss its level, and what its result says about it.
LABELS = {
    "Hodges-Lehmann": "its result says: level for symmetric differences; the median with the "
    "interval of the sign test asks no symmetry",
    "signed-rank": "its result says: tests symmetry about zero, and these changes are symmetric "
    "about no value; the sign test asks no symmetry",
    "sign-flip": "its result says: tests symmetry about zero, and these changes are symmetric "
    "about no value",
    "Wilson": "its result says: approximate; Clopper-Pearson decides",
    "mid-P": "its result says: not guaranteed to cover; at hand, not used in the report",
    "asymptotic": "its result says: asymptotic; the report uses the exact test",
}
NOT_RANDOM = "missing when worse"
MISSING = (
    "complete pairs, and those who got worse stayed away: no test of complete pairs holds; best "
    "case, worst case and tipping point stand beside it"
)


def label(row: Row) -> str:
    """Return why a row misses its level."""
    if row.design == NOT_RANDOM:
        return MISSING
    known = (words for name, words in LABELS.items() if name in row.method)
    return next(known, "**no label yet: find out why**")


def documentation(rows: list[Row], replicates: int, seed: int) -> str:
    """Return the page of the documentation that shows the rows."""
    missed = [row for row in rows if row.verdict != "holds"]
    text = f"""# Coverage and type-I error

Written by `make simulate`: {replicates:,} replicates a row, seed {seed}. Nominal: intervals
{1 - ALPHA:.0%}, tests {ALPHA:.0%}. *Estimate* is the share of replicates in which the interval
held the true value (coverage), or in which the test rejected a true null hypothesis (type-I
error); *error* is its Monte Carlo standard error. A share of 0 or 1 has no error of its own: the
true one lies within 3 in {replicates:,} of it. Intervals of a share need no simulation: their
coverage is summed over all counts. A level counts as held when the estimate is worse than nominal
by three errors at most. The designs are those that the methods will meet: 8, 13 and 30 patients,
ties, 70 % without a change, skew, missed visits.

## Where the level is not held

{len(missed)} of {len(rows)} rows. The column `convention` or `method` of a result says what its
level rests on; the label repeats it.

| design | n | method | measure | estimate | error | label |
|---|---|---|---|---|---|---|
"""
    for row in missed:
        text += (
            f"| {row.design} | {row.n} | {row.method} | {row.kind} | {row.estimate:.4f} "
            f"| {error_text(row)} | {label(row)} |\n"
        )
    for kind in ("coverage", "type-I error"):
        text += f"\n## {kind[0].upper()}{kind[1:]}\n\n"
        text += "| design | method | " + " | ".join(f"n={n}" for n in SIZES) + " |\n"
        text += "|---|---|" + "---|" * len(SIZES) + "\n"
        chosen = sorted(
            (row for row in rows if row.kind == kind), key=lambda row: (row.design, row.method)
        )
        for (design, method), group in groupby(chosen, lambda row: (row.design, row.method)):
            cells = {row.n: f"{row.estimate:.4f} ({error_text(row)})" for row in group}
            text += f"| {design} | {method} | " + " | ".join(cells[n] for n in SIZES) + " |\n"
    return text


def error_text(row: Row) -> str:
    """Return the Monte Carlo error in words."""
    return f"±{row.monte_carlo_se:.4f}" if row.replicates else "exact"


def main() -> None:
    """Run the simulation, print the table, write the CSV."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20240613)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    default = ROOT / "benchmarks" / "results" / "coverage.csv"
    parser.add_argument("--out", type=Path, default=default)
    parser.add_argument("--docs", type=Path, help="page of the documentation to write")
    arguments = parser.parse_args()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    fields = list(Row.__dataclass_fields__)
    rows = []
    with arguments.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fields, lineterminator="\n")
        writer.writeheader()
        for row in simulate(arguments.replicates, arguments.seed, arguments.processes):
            rows.append(row)
            rounded = asdict(row)
            rounded |= {k: f"{rounded[k]:.5f}" for k in ("estimate", "monte_carlo_se")}
            writer.writerow(rounded)
            print(
                f"{row.kind:12} {row.design:36} n={row.n:<3} {row.method:30} "
                f"{row.estimate:.4f} {error_text(row):8} {row.verdict}",
                flush=True,
            )
    if arguments.docs:
        page = documentation(rows, arguments.replicates, arguments.seed)
        arguments.docs.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
