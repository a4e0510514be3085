"""The registry from raw files to report at several sizes, beside two plain scripts and a floor.

    python benchmarks/bench_registry.py [--patients 13 1000 10000] [--docs docs/benchmarks.md]

Each size is made again in a folder of its own and taken through the workflow: first to the analysis
results, then to the end. What each job took is in its log
(owncontrol.run.resource_usage): time by the clock, processor time, the most memory of one process,
bytes read and written; summed by stage.
The plain scripts (benchmarks/peer: pandas, and polars in the environment .venv-bench) make the same
numbers from the same files, and they are held side by side. The floor reads the raw files and reads
and writes every table of the results with pyarrow, and copies all other results. Of a run, a script
and the floor, memory is the most of all its processes at one time (twice a second; a page that
several share is counted once). Rows of sizes that were not run now are kept.
"""

import argparse
import contextlib
import ctypes
import math
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from owncontrol.run.resource_usage import read_spent
from owncontrol.simulation.registry import write_registry
from pyarrow import csv as arrow_csv
from pyarrow import parquet

ROOT = Path(__file__).resolve().parents[1]
CSV = ROOT / "benchmarks/results/registry.csv"
STAGES = ["verify", "ingest", "clean", "score", "analyse", "draw", "report", "prove"]
TO_RESULTS, WHOLE, FLOOR = "to the results", "whole run", "floor"
# The plain scripts: the Python that runs each, and the script.
PEERS = {
    "pandas": (sys.executable, ROOT / "benchmarks/peer/registry.py"),
    "polars": (str(ROOT / ".venv-bench/bin/python"), ROOT / "benchmarks/peer/registry_polars.py"),
}
PLAIN = {name: f"plain script, {name}" for name in PEERS}
PARTS = [*STAGES, TO_RESULTS, WHOLE, *PLAIN.values(), FLOOR]
COLUMNS = ["patients", "part", "jobs", "wall_s", "processor_s", "memory_mib", "read_mb"]
COLUMNS += ["written_mb", "load", "exponent", "note"]
RAW_TABLES = ("patients", "isncsci", "scim3")
SEED = 2021
EXACT = 500  # pairs; up to here the workflow's tests are exact, and scipy has none with ties
CLOSE = 1e-9
CLOSE_BOUND = 4e-12  # scipy seeks exact bounds of a share by brentq, to 2e-12
EVERY = 0.5  # seconds between two looks at the memory
ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of Linux


def run_size(
    patients: int, folder: Path, cores: int, sites: int, peers: Sequence[str]
) -> pd.DataFrame:
    """Every measurement of one size, the raw files and results below ``folder``."""
    raw = folder / "data/raw/registry"
    write_registry(raw, patients, SEED, sites, cores)
    _configure(folder, sites)
    run = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--directory", str(folder)]
    run += ["--snakefile", str(ROOT / "Snakefile"), "--config", "study=registry", "--quiet", "all"]
    estimates = folder / "results/registry/statistics/estimates.csv"
    first = timed([*run, "--", str(estimates.relative_to(folder))])
    second = timed([*run, "--", "all"])
    whole = {name: first[name] + second[name] for name in ("wall_s", "processor_s")}
    whole |= {name: max(first[name], second[name]) for name in ("memory_mib", "load")}
    rows: list[dict[str, Any]] = [
        {"part": TO_RESULTS, **first, "note": "verify to analyse, Snakemake with it"},
        {"part": WHOLE, **whole, "note": ""},
        *stages(folder / "logs/registry"),
    ]
    for name in peers:
        python, script = PEERS[name]
        numbers = folder / f"numbers_{name}.csv"
        plain = timed([python, str(script), str(raw), str(numbers)])
        rows.append({"part": PLAIN[name], **plain, "note": _held(numbers, estimates)})
    rows.append({"part": FLOOR, **timed([sys.executable, __file__, "--floor", str(folder)])})
    table = pd.DataFrame(rows).assign(patients=patients).reindex(columns=COLUMNS)
    return table.sort_values("part", key=lambda parts: parts.map(PARTS.index))


def _configure(folder: Path, sites: int) -> None:
    """The configuration of the registry; each of several sites has files of its own."""
    text = (ROOT / "config/registry.yaml").read_text("utf-8")
    if sites > 1:
        for name in RAW_TABLES:
            text = text.replace(f"file: {name}.csv", f"file: {name}-*.csv")
    (folder / "config").mkdir()
    (folder / "config/registry.yaml").write_text(text, "utf-8")


def _held(numbers: Path, estimates: Path) -> str:
    """The numbers of a plain script beside the workflow's, in one line; prints what differs."""
    made = pd.read_csv(numbers)
    held = compare(made, pd.read_csv(estimates))
    differing = held.loc[~held["same"]]
    print(differing.head(20).to_string() if len(differing) else "all numbers are the same")
    return f"{len(held)} numbers compared, {len(differing)} differ{_skipped(made)}"


def _skipped(made: pd.DataFrame) -> str:
    """What the plain script says that it has skipped, and of how many estimates."""
    if "skipped" not in made:
        return ""
    counts = made["skipped"].value_counts()
    return "".join(f"; skipped: {reason}, {n} estimates" for reason, n in counts.items())


def compare(plain: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Each number of the plain script beside the workflow's: id, field, both, whether the same.

    Bounds and p-values of few pairs are left out where the workflow's are exact. An estimate that
    the workflow does not have differs.
    """
    known = estimates.set_index("estimate_id")
    rows = []
    for entry in plain.to_dict("records"):
        name = entry["estimate_id"]
        ours = known.loc[name] if name in known.index else None
        for field in ("value", "lower", "upper", "n", "p", "p_adjusted"):
            theirs = entry.get(field, math.nan)
            if pd.isna(theirs):
                continue
            ranked = not name.endswith(("responders", "improved", "unchanged", "worse", "wilson"))
            few = ours is not None and ours["n"] <= EXACT
            if few and ranked and field in ("lower", "upper", "p", "p_adjusted"):
                continue
            own = math.nan if ours is None else float(ours[field])
            least = CLOSE_BOUND if field in ("lower", "upper") else 1e-300
            same = math.isclose(theirs, own, rel_tol=CLOSE, abs_tol=least)
            rows.append((name, field, theirs, own, same))
    return pd.DataFrame(rows, columns=["estimate_id", "field", "plain", "workflow", "same"])


def floor(folder: Path) -> None:
    """Read the raw files, and read and write what the run has written, with pyarrow."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        target = Path(place) / "copy"
        for path in sorted((folder / "data/raw/registry").glob("*.csv")):
            arrow_csv.read_csv(path)
        for path in sorted((folder / "results/registry").rglob("*.*")):
            if path.suffix == ".parquet":
                parquet.write_table(parquet.read_table(path), target)
            elif path.suffix == ".csv" and path.stat().st_size:
                options = arrow_csv.ParseOptions(newlines_in_values=True)
                arrow_csv.write_csv(arrow_csv.read_csv(path, parse_options=options), target)
            elif path.is_file():
                with pa.OSFile(str(path)) as source, pa.OSFile(str(target), "wb") as copy:
                    copy.write(source.read())


def timed(command: Sequence[str]) -> dict[str, float]:
    """Run a command; what it and all that it starts took. It ends this script if it fails."""
    # Snakemake's warm process outlives it for a moment: it is to become a child of this one.
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow/lib")}
    with MostMemory() as most:
        subprocess.run(command, check=True, cwd=ROOT, env=environment)
    wall, load = time.perf_counter() - start, os.getloadavg()[0]
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return {"wall_s": wall, "processor_s": spent, "memory_mib": most.mib, "load": load}


class MostMemory:
    """The most memory that all processes that this one has started hold at one time (Linux)."""

    def __init__(self) -> None:
        """Nothing is looked at before the block."""
        self.mib = 0.0
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look)

    def __enter__(self) -> "MostMemory":
        """Begin to look."""
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._ended.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._ended.wait(EVERY):
            self.mib = max(self.mib, sum(map(_held_kib, _below(os.getpid()))) / 2**10)


def _below(process: int) -> Iterable[int]:
    """The processes that one has started, and those that they have."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            parent = (place / "stat").read_text("utf-8").rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(place.name))
    left = [process]
    while left:
        found = children.get(left.pop(), [])
        left += found
        yield from found


def _held_kib(process: int) -> int:
    """What a process holds, its share of what it shares with others."""
    with contextlib.suppress(OSError):
        text = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8")
        found = re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)
        return int(found[1]) if found else 0
    return 0


def stages(logs: Path) -> list[dict[str, Any]]:
    """What the jobs of each stage have used together, from their logs."""
    rows = []
    for stage in STAGES:
        found = [read_spent(path.read_text("utf-8")) for path in (logs / stage).glob("*.log")]
        jobs = [job for job in found if job]
        rows.append(
            {
                "part": stage,
                "jobs": len(jobs),
                "wall_s": sum(job.wall for job in jobs),
                "processor_s": sum(job.processor for job in jobs),
                "memory_mib": max(job.memory for job in jobs),
                "read_mb": sum(job.read for job in jobs),
                "written_mb": sum(job.written for job in jobs),
            }
        )
    return rows


def with_exponents(table: pd.DataFrame) -> pd.DataFrame:
    """``exponent``: slope of log processor time on log patients from a thousand on, by part."""
    table = table.assign(exponent=np.nan)
    for _, rows in table.loc[table["patients"] >= 1000].groupby("part"):
        if len(rows) > 1:
            slope = np.polyfit(np.log(rows["patients"]), np.log(rows["processor_s"]), 1)[0]
            table.loc[rows.index, "exponent"] = slope
    return table


def write_docs(text: str, path: Path, mark: str) -> None:
    """Put ``text`` between the two marks of a page of the documentation."""
    first, last = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->"
    head, _, rest = path.read_text("utf-8").partition(first)
    tail = rest.partition(last)[2]
    path.write_text(head + first + text + last + tail, "utf-8")


def _markdown(table: pd.DataFrame) -> str:
    lines = [f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}."]
    for patients, rows in table.groupby("patients"):
        lines += ["", f"### {patients:,} patients", ""]
        lines.append(
            "| part | jobs | time, s | processor, s | memory, MiB | read, MB | written, MB |"
        )
        lines.append("|---|--:|--:|--:|--:|--:|--:|")
        for row in rows.to_dict("records"):
            cells = [row["part"], _cell(row["jobs"], 0), _cell(row["wall_s"], 1)]
            cells += [_cell(row["processor_s"], 1), _cell(row["memory_mib"], 0)]
            cells += [_cell(row["read_mb"], 1), _cell(row["written_mb"], 1)]
            lines.append(f"| {' | '.join(cells)} |")
        lines += ["", _ratios(rows.set_index("part"))]
    growth = table.dropna(subset="exponent").drop_duplicates("part")
    if len(growth):
        lines += ["", "### Growth of processor time from a thousand patients on", ""]
        lines += ["| part | exponent |", "|---|--:|"]
        lines += [f"| {row.part} | {row.exponent:.2f} |" for row in growth.itertuples()]
    return "\n".join(lines) + "\n"


def _ratios(rows: pd.DataFrame) -> str:
    """The run beside the plain scripts and the floor, in words."""
    time_of, spent = rows["wall_s"], rows["processor_s"]
    said = []
    for name, part in PLAIN.items():
        if part in rows.index:
            said.append(
                f"To the results {time_of[part] / time_of[TO_RESULTS]:.1f} times as fast as the "
                f"plain script with {name} by the clock ({spent[part] / spent[TO_RESULTS]:.1f} by "
                f"processor time); {rows['note'][part]}."
            )
    whole = spent[WHOLE] / spent[FLOOR]
    loads = rows["load"].max()
    said.append(
        f"The whole run takes {whole:.{0 if whole > 10 else 1}f} times the processor time of the "
        f"floor. Load average at the end of a part: at most {loads:.1f}."
    )
    return " ".join(said)


def _cell(value: float, digits: int) -> str:
    return "" if pd.isna(value) else f"{value:,.{digits}f}"


def main() -> None:
    """Run the sizes asked for and write the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--patients", type=int, nargs="+", default=[13, 1000, 10_000])
    options.add_argument("--cores", type=int, default=os.cpu_count())
    options.add_argument("--sites", type=int, default=1, help="files of each kind (1)")
    options.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    options.add_argument("--csv", type=Path, default=CSV)
    options.add_argument("--docs", type=Path)
    options.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.floor:
        floor(chosen.floor)
        return
    chosen.csv.parent.mkdir(parents=True, exist_ok=True)
    known = pd.read_csv(chosen.csv) if chosen.csv.is_file() else pd.DataFrame(columns=COLUMNS)
    for patients in chosen.patients:
        with tempfile.TemporaryDirectory(prefix=f"registry-{patients}-") as place:
            measured = run_size(patients, Path(place), chosen.cores, chosen.sites, chosen.peers)
        others = known.loc[known["patients"] != patients]
        known = pd.concat([part for part in (others, measured) if len(part)], ignore_index=True)
        known = with_exponents(known.sort_values("patients", kind="stable", ignore_index=True))
        known.round(3).to_csv(chosen.csv, index=False, lineterminator="\n")
        print(re.sub(r"\bnan\b", "", measured.to_string(index=False)), flush=True)
    if chosen.docs:
        write_docs(_markdown(known), chosen.docs, "registry")


if __name__ == "__main__":
    main()
