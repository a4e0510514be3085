"""Speed and memory of the ISNCSCI classification.

    python benchmarks/bench_isncsci.py [--max-exams 1000000] [--csv benchmarks/results/isncsci.csv]

Classifies 10^3 to 10^6 made-up exams on one core, from typed columns (signed bytes, as the
cleaned tables hold them) and from text, every cell tested or one exam in five with one to five
cells that are not testable. Each measurement runs in a process of its own: the best of three
runs by the clock, the least processor time of them (the rate of one core on a machine that others
use as well), and the peak of resident memory over what the process held with the exams in place,
in bytes an exam. The growth exponent is the slope of log processor time on log exams from 10^4 up.
The peer is the plain per-exam Python in tests/isncsci_reference.py, on exams of the same kind.
"""

import argparse
import multiprocessing
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [
    str(ROOT / name)
    for name in ("workflow/lib", "tests", "tests/helpers", "tests/campaigns", "benchmarks")
]

import isncsci_exams  # noqa: E402
import isncsci_reference  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pyarrow as pa  # noqa: E402
from owncontrol.isncsci import cells, classify  # noqa: E402

SEED = 2019
DIFFERENT = 2000  # exams drawn from
RUNS = 3
PEER_EXAMS = {"tested": 400, "one in five NT": 100}


def make_codes(count: int, kind: str) -> isncsci_exams.Codes:
    """Codes of exams, shape (136, count)."""
    rng = np.random.default_rng(SEED)
    exams = [isncsci_exams.make_exam(rng) for _ in range(DIFFERENT)]
    if kind != "tested":
        examined = [*isncsci_exams.POINTS, *isncsci_exams.MUSCLES, *isncsci_exams.ANAL]
        for exam in exams[::5]:
            exam[rng.choice(examined, rng.integers(1, 6), replace=False)] = cells.NT
    drawn = rng.integers(0, DIFFERENT, count)
    return np.ascontiguousarray(np.array(exams, dtype=np.int8).T[:, drawn])


def make_table(count: int, source: str, kind: str) -> pd.DataFrame:
    """Exams as a table of codes or of texts."""
    codes = make_codes(count, kind)
    if source == "typed":
        return pd.DataFrame(dict(zip(cells.ALL_CELLS, codes, strict=True)), copy=False)
    columns = {}
    for cell, column in zip(cells.ALL_CELLS, codes, strict=True):
        texts, values = zip(*cells.vocabulary(cell).codes.items(), strict=True)
        place = np.zeros(256, dtype=np.int32)
        place[np.array(values).astype(np.uint8)] = np.arange(len(values))
        written = pa.array(texts, pa.large_string()).take(pa.array(place[column.view(np.uint8)]))
        columns[cell] = pd.array(written, dtype="str")
    return pd.DataFrame(columns, copy=False)


def resident(field: str) -> int:
    """A size in /proc/self/status, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(f"{field}:"))
    return 1024 * int(line.split()[1])


def measure(task: tuple[int, str, str]) -> tuple[float, float, float]:
    """Seconds by the clock, processor seconds and peak bytes an exam of one classification."""
    count, source, kind = task
    pa.set_cpu_count(1)
    table = make_table(count, source, kind)
    classify(table.iloc[:100])  # imports and tables
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    before = resident("VmRSS")
    seconds, processor = [], []
    peak = 0
    for run in range(RUNS):
        start, spent = time.perf_counter(), time.process_time()
        classify(table)
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - spent)
        if run == 0:
            peak = resident("VmHWM")
    return min(seconds), min(processor), max(peak - before, 0) / count


def plain_rate(kind: str) -> float:
    """Exams a processor second of the plain implementation."""
    codes = make_codes(PEER_EXAMS[kind], kind)
    exams = [isncsci_exams.texts(exam) for exam in codes.T]
    start = time.process_time()
    for exam in exams:
        isncsci_reference.classify(exam)
    return len(exams) / (time.process_time() - start)


def growth(counts: list[int], seconds: list[float]) -> float:
    """Slope of log time on log exams, from 10^4 exams up; not a number with fewer than two."""
    large = [(n, s) for n, s in zip(counts, seconds, strict=True) if n >= 10_000]
    if len(large) < 2:
        return float("nan")
    exams, times = zip(*large, strict=True)
    return float(np.polyfit(np.log(exams), np.log(times), 1)[0])


def run(limit: int) -> pd.DataFrame:
    """All measurements, one row each."""
    counts = [10**k for k in range(3, 7) if 10**k <= limit]
    rows = []
    context = multiprocessing.get_context("spawn")
    for kind in PEER_EXAMS:
        peer = plain_rate(kind)
        for source in ("typed", "text"):
            found = []
            for count in counts:
                with context.Pool(1) as pool:
                    found.append(pool.apply(measure, ((count, source, kind),)))
            exponent = growth(counts, [processor for _, processor, _ in found])
            for count, (seconds, processor, peak) in zip(counts, found, strict=True):
                rates = count / seconds, count / processor
                measured = seconds, *rates, peak, exponent, peer, rates[1] / peer
                rows.append((source, kind, count, *measured))
    columns = ["input", "cells", "exams", "seconds", "exams_per_second"]
    columns += ["exams_per_processor_second", "peak_bytes_per_exam"]
    columns += ["growth_exponent", "plain_exams_per_processor_second", "times_plain"]
    return pd.DataFrame(rows, columns=columns)


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--max-exams", type=int, default=1_000_000, help="largest table")
    parser.add_argument("--csv", type=Path, help="where to write the measurements")
    options = parser.parse_args()
    results = run(options.max_exams)
    print(results.to_string(index=False, float_format=lambda value: f"{value:,.4g}"))
    if options.csv:
        options.csv.parent.mkdir(parents=True, exist_ok=True)
        results.to_csv(options.csv, index=False)


if __name__ == "__main__":
    main()
