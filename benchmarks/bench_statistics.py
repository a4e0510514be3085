"""Speed of the signed-rank test and max-T beside scipy, pingouin and R, in one run.

    python benchmarks/bench_statistics.py            # some minutes
    python benchmarks/bench_statistics.py --quick    # n = 13 alone, fewer repeats

Data are whole numbers with ties and zeros, seeded. Times are processor time, so that a machine
that others use as well gives the same, and the best of several calls (R: by its own clock); a loop
that would take hours is extrapolated from its first calls and says so. ``exact`` tells whether
the p-values are exact under ties, ``off`` is the largest difference from this project's p.
Peers that are not installed are listed as such.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import math
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.stats import permutation_test, rankdata, wilcoxon

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "lib"))

from owncontrol import statistics as st  # noqa: E402

OURS = "owncontrol"
LOOP_SECONDS = 2.0
TARGETS = (
    # task, n, endpoints, seconds, what
    ("signed-rank", 13, 1, 30e-6, "one test at n=13"),
    ("signed-rank", 13, 10_000, 30e-3, "10,000 endpoints at n=13"),
    ("max-T", 13, 10_000, 0.3, "max-T over all sign flips, 10,000 endpoints"),
)

# Reads one line per test, prints seconds a test and then each p-value.
R_CODE = """
lines <- readLines(file("stdin")); package <- commandArgs(TRUE)[1]
tests <- lapply(strsplit(lines, " "), as.numeric)
if (!requireNamespace(package, quietly = TRUE)) quit(status = 3)
suppressPackageStartupMessages(library(package, character.only = TRUE))
one <- if (package == "coin") function(d) {
  zero <- rep(0, length(d))
  as.numeric(pvalue(wilcoxsign_test(d ~ zero, zero.method = "Pratt", distribution = "exact")))
} else function(d) suppressWarnings(wilcox.exact(d, exact = TRUE)$p.value)
p <- sapply(tests, one)
times <- replicate(5, system.time(for (i in 1:20) one(tests[[1]]))[["elapsed"]] / 20)
cat(min(times), p, sep = "\\n")
"""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    task: str
    n: int
    endpoints: int
    who: str
    seconds: float
    basis: str
    exact: str
    off: float
    ratio: float


def make_changes(n: int, endpoints: int) -> np.ndarray:
    """Return whole-number changes with ties and zeros, shape ``(n, endpoints)``."""
    return np.rint(np.random.default_rng([n, endpoints]).normal(1.5, 4, (n, endpoints)))


def best_time(call: Callable[[], object], repeats: int) -> float:
    """Return the least time of one call; short calls are timed in batches."""
    call()
    started = time.process_time()
    call()
    batch = max(1, int(0.02 / max(time.process_time() - started, 1e-7)))
    times = []
    for _ in range(repeats):
        started = time.process_time()
        for _ in range(batch):
            call()
        times.append((time.process_time() - started) / batch)
    return min(times)


def looped(
    test: Callable[[np.ndarray], float], changes: np.ndarray
) -> tuple[float, str, np.ndarray]:
    """Return seconds for a loop over columns, how they were got, and the p-values computed."""
    endpoints = changes.shape[1]
    p: list[float] = []
    started = time.process_time()
    for column in changes.T:
        p.append(test(column))
        if time.process_time() - started > LOOP_SECONDS:
            break
    seconds = time.process_time() - started
    if len(p) == endpoints:
        return seconds, "measured", np.array(p)
    return seconds * endpoints / len(p), f"extrapolated from {len(p)}", np.array(p)


def flips_by_matrix(changes: np.ndarray) -> np.ndarray:
    """Return exact Pratt p-values from one matrix product with all sign flips."""
    ranks = 2 * rankdata(np.abs(changes), axis=0) * (changes != 0)
    signs = 1.0 - 2 * (np.arange(2 ** len(changes))[:, None] >> np.arange(len(changes)) & 1)
    sums = np.abs(signs.astype(np.float32) @ ranks.astype(np.float32))
    return (sums >= np.abs((ranks * np.sign(changes)).sum(axis=0))).mean(axis=0)


def scipy_p(column: np.ndarray) -> float:
    """Return scipy's default answer for one endpoint."""
    return float(wilcoxon(column, zero_method="pratt").pvalue)


def scipy_permutation_p(column: np.ndarray) -> float:
    """Return the p of scipy's permutation_test on the signed Pratt ranks, all sign flips."""
    signed = 2 * rankdata(np.abs(column)) * np.sign(column)
    found = permutation_test(
        (signed,), np.sum, permutation_type="samples", vectorized=True, n_resamples=math.inf
    )
    return float(found.pvalue)


def pingouin_p(column: np.ndarray) -> float:
    """Return pingouin's p for one endpoint (scipy's, zeros as scipy's default)."""
    import pingouin

    return float(pingouin.wilcoxon(column, zero_method="pratt")["p_val"].iloc[0])


def run_r(package: str, changes: np.ndarray) -> tuple[float, np.ndarray] | None:
    """Return R's seconds a test and p-values, or None where the package is missing."""
    lines = "\n".join(" ".join(f"{value:g}" for value in column) for column in changes.T[:20])
    done = subprocess.run(
        ["Rscript", "-e", R_CODE, package], input=lines, text=True, capture_output=True, check=False
    )
    if done.returncode == 3:
        return None
    if done.returncode:
        raise RuntimeError(f"Rscript with {package} failed: {done.stderr.strip()}")
    numbers = [float(line) for line in done.stdout.split()]
    return numbers[0], np.array(numbers[1:])


def signed_rank_rows(n: int, endpoints: int, repeats: int) -> Iterator[Row]:
    """Yield this project's time and those of the peers for one size."""
    changes = make_changes(n, endpoints)
    expected = np.array([st.signed_rank_test(column).p for column in changes.T[:1000]])
    if endpoints == 1:
        single = changes[:, 0]
        ours = best_time(lambda: st.signed_rank_test(single), repeats)
    else:
        ours = best_time(lambda: st.signed_rank_tests(changes), min(repeats, 3))

    def row(who: str, seconds: float, basis: str, exact: str, p: np.ndarray) -> Row:
        known = min(len(p), len(expected))
        off = float(np.abs(p[:known] - expected[:known]).max()) if known else math.nan
        return Row("signed-rank", n, endpoints, who, seconds, basis, exact, off, seconds / ours)

    yield row(OURS, ours, "best", "yes", st.signed_rank_tests(changes))
    seconds, basis, p = looped(scipy_p, changes)
    yield row("scipy auto, loop", seconds, basis, "yes" if n <= 13 else "no", p)
    if n > 13:
        started = time.process_time()
        p = wilcoxon(changes, zero_method="pratt", axis=0).pvalue
        yield row(
            "scipy auto, axis=0", time.process_time() - started, "once", "no", np.atleast_1d(p)
        )
    else:
        seconds, basis, p = looped(scipy_permutation_p, changes)
        yield row("scipy permutation_test, loop", seconds, basis, "yes", p)
        flips = best_time(lambda: flips_by_matrix(changes), min(repeats, 3))
        yield row("NumPy, all flips by matrix", flips, "best", "yes", flips_by_matrix(changes))
    if importlib.util.find_spec("pingouin"):
        seconds, basis, p = looped(pingouin_p, changes)
        yield row("pingouin, loop", seconds, basis, "yes" if n <= 13 else "no", p)
    if shutil.which("Rscript"):
        for package in ("coin", "exactRankTests"):
            answer = run_r(package, changes)
            if answer is not None:
                exact = "yes" if package == "coin" else "yes, zeros dropped"
                basis = "best" if endpoints == 1 else "extrapolated from one"
                yield row(f"R {package}", answer[0] * endpoints, basis, exact, answer[1])


def max_t_rows(endpoints: int, repeats: int) -> Iterator[Row]:
    """Yield the times of max-T over all 8192 sign flips, step-down and single-step."""
    changes = make_changes(13, endpoints)
    for name, step_down in (("step-down", True), ("single-step", False)):
        seconds = best_time(lambda down=step_down: st.max_t(changes, step_down=down), repeats)
        who = f"{OURS}, {name}"
        yield Row("max-T", 13, endpoints, who, seconds, "best", "yes", 0.0, 1.0)


def report_targets(rows: list[Row]) -> None:
    """Print each target and whether this run met it."""
    for task, n, endpoints, limit, what in TARGETS:
        times = [
            row.seconds
            for row in rows
            if (row.task, row.n, row.endpoints) == (task, n, endpoints) and row.who.startswith(OURS)
        ]
        if times:
            verdict = "met" if max(times) <= limit else "MISSED"
            print(f"target {what}: {max(times):.3g} s, at most {limit:g} s: {verdict}")
    for row in rows:
        if (row.n, row.endpoints, row.who) == (13, 1, "scipy auto, loop"):
            verdict = "met" if row.ratio >= 20_000 else "MISSED"
            print(f"target 20,000 times as fast as scipy with ties: {row.ratio:,.0f}: {verdict}")


def main() -> None:
    """Run the comparison, print the table, write the CSV."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="n = 13 alone, fewer repeats")
    default = ROOT / "benchmarks" / "results" / "statistics.csv"
    parser.add_argument("--out", type=Path, default=default)
    arguments = parser.parse_args()
    repeats = 2 if arguments.quick else 5
    for peer, found in (
        ("pingouin", importlib.util.find_spec("pingouin")),
        ("R (coin, exactRankTests)", shutil.which("Rscript")),
    ):
        if not found:
            print(f"{peer}: not installed")
    rows: list[Row] = []
    print(
        f"{'task':12}{'n':>4}{'endpoints':>10}  {'who':28}{'seconds':>11}{'ratio':>11}  exact, off"
    )
    sizes = [(13, 1), (13, 1000), (13, 10_000)]
    if not arguments.quick:
        sizes += [(n, endpoints) for n in (50, 200) for endpoints in (1, 1000, 10_000)]
    for n, endpoints in sizes:
        for row in signed_rank_rows(n, endpoints, repeats):
            rows.append(row)
            print_row(row)
    for endpoints in (1000, 10_000):
        for row in max_t_rows(endpoints, repeats):
            rows.append(row)
            print_row(row)
    report_targets(rows)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(Row.__dataclass_fields__), lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def print_row(row: Row) -> None:
    """Print one line of the table."""
    print(
        f"{row.task:12}{row.n:>4}{row.endpoints:>10}  {row.who:28}{row.seconds:>11.3g}"
        f"{row.ratio:>11,.1f}  {row.exact}, {row.off:.1g}; {row.basis}",
        flush=True,
    )


if __name__ == "__main__":
    main()
