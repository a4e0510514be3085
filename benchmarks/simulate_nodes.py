"""What more nodes would give a finished run: a simulation by numbers, from its jobs' own logs.

    python benchmarks/simulate_nodes.py FOLDER --study registry --slots 1 2 10 50 --start 4

Which job waits for which is Snakemake's own account of the folder (``--detailed-summary``); how
long each worked, and what it read and wrote, is the last line of its log. Jobs are given to slots
as they become ready, the one with the longest chain behind it first, each after ``--start`` seconds
(queue, Python, Snakemake). Nothing is grouped, and the shared folder has no limit of its own: both
are said with the result, as is the chain that no number of nodes makes shorter.
"""

import argparse
import csv
import heapq
import io
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from owncontrol.run.resource_usage import read_spent

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Job:
    """A job by its log: seconds of work, MB read and written, and the jobs that it waits for."""

    name: str
    seconds: float
    read: float
    written: float
    after: frozenset[str]


def jobs_of(folder: Path, study: str) -> dict[str, Job]:
    """The jobs of a finished run that worked, by their logs.

    Raises SystemExit without any, and where Snakemake cannot tell.
    """
    command = [sys.executable, "-m", "snakemake", "--detailed-summary", "--directory", str(folder)]
    command += ["--snakefile", str(ROOT / "Snakefile"), "--config", f"study={study}"]
    asked = subprocess.run(command, capture_output=True, text=True)
    if asked.returncode:
        raise SystemExit(f"{folder}: Snakemake does not know its jobs:\n{asked.stderr[-1000:]}")
    rows = list(csv.DictReader(io.StringIO(asked.stdout), delimiter="\t"))
    maker = {row["output_file"]: row["log-file(s)"] for row in rows}
    inputs: dict[str, set[str]] = {}
    for row in rows:
        inputs.setdefault(row["log-file(s)"], set()).update(row["input-file(s)"].split(","))
    found = {}
    for log, files in inputs.items():
        path = folder / log
        spent = read_spent(path.read_text("utf-8")) if log and path.exists() else None
        if spent is None:
            continue
        before = frozenset(maker[file] for file in files if file in maker) - {log}
        found[log] = Job(log, spent.wall, spent.read, spent.written, before)
    if not found:
        raise SystemExit(f"{folder}/logs/{study}: no log of a finished job; run the study first")
    return found


def chains(jobs: Mapping[str, Job], start: float) -> dict[str, float]:
    """By job, the seconds from its start to the end of the longest chain that begins with it."""
    later: dict[str, list[str]] = {name: [] for name in jobs}
    for job in jobs.values():
        for before in job.after & jobs.keys():
            later[before].append(job.name)
    length: dict[str, float] = {}
    for name in reversed(_in_order(jobs)):
        rest = max((length[other] for other in later[name]), default=0.0)
        length[name] = start + jobs[name].seconds + rest
    return length


def longest_chain(jobs: Mapping[str, Job], start: float) -> list[Job]:
    """The jobs, one after the other, that take longest together."""
    length = chains(jobs, start)
    chain: list[Job] = []
    ready = [name for name in jobs if not jobs[name].after & jobs.keys()]
    while ready:
        job = jobs[max(ready, key=lambda name: length[name])]
        chain.append(job)
        ready = [name for name in jobs if job.name in jobs[name].after]
    return chain


def makespan(jobs: Mapping[str, Job], slots: int, start: float) -> float:
    """Seconds until all jobs are done, with so many slots."""
    length = chains(jobs, start)
    waits = {name: set(job.after & jobs.keys()) for name, job in jobs.items()}
    ready = [(-length[name], name) for name, before in waits.items() if not before]
    heapq.heapify(ready)
    running: list[tuple[float, str]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < slots:
            name = heapq.heappop(ready)[1]
            heapq.heappush(running, (now + start + jobs[name].seconds, name))
        now, done = heapq.heappop(running)
        for name, before in waits.items():
            if done in before:
                before.remove(done)
                if not before:
                    heapq.heappush(ready, (-length[name], name))
    return now


def _in_order(jobs: Mapping[str, Job]) -> list[str]:
    """The jobs, each after those it waits for."""
    order: list[str] = []
    left = {name: job.after & jobs.keys() for name, job in jobs.items()}
    while left:
        free = [name for name, before in left.items() if before <= set(order)]
        order += free
        for name in free:
            del left[name]
    return order


def report(jobs: Mapping[str, Job], slots: Sequence[int], start: float) -> str:
    """The simulation as text: a table by slots, the longest chain, what goes through the folder."""
    alone = makespan(jobs, 1, start)
    lines = [
        f"{len(jobs)} jobs, {sum(job.seconds for job in jobs.values()):.0f} s of work, "
        f"{start:g} s to start one",
        "| slots | s | times as fast as one |",
        "|--:|--:|--:|",
    ]
    for number in slots:
        seconds = makespan(jobs, number, start)
        lines.append(f"| {number} | {seconds:.0f} | {alone / seconds:.1f} |")
    chain = longest_chain(jobs, start)
    lines.append(f"Longest chain, {chains(jobs, start)[chain[0].name]:.0f} s:")
    lines += [f"- {job.name}: {job.seconds:.0f} s" for job in chain]
    largest = max(jobs.values(), key=lambda job: job.seconds)
    read, written = (
        sum(getattr(job, side) for job in jobs.values()) for side in ("read", "written")
    )
    lines += [
        f"Largest job: {largest.name}, {largest.seconds:.0f} s",
        f"Through the shared folder: {read:,.0f} MB read, {written:,.0f} MB written",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the simulation of a finished run."""
    parser = argparse.ArgumentParser(description="what more nodes would give a finished run")
    parser.add_argument("folder", type=Path, help="where results and logs of the run are")
    parser.add_argument("--study", default="registry")
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 2, 10, 50])
    parser.add_argument("--start", type=float, default=4.0, help="seconds until a job works (4)")
    arguments = parser.parse_args()
    print(
        report(
            jobs_of(arguments.folder.resolve(), arguments.study), arguments.slots, arguments.start
        )
    )


if __name__ == "__main__":
    main()
