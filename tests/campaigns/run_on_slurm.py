"""The example study and a registry on a real Slurm of one node: the same bytes as a local run.

In each run the node is killed while a job runs on it, with all its processes, and comes back: Slurm
starts the job again. Leaves with a reason, and 0, where no Slurm can be brought up.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from copies import copy_project, hashes
from slurm_node import SlurmNode, slurm_node, why_not

CORES = 2
# No accounting here: finished jobs are asked of the controller, and often, for there is no queue.
SLURM = (
    "--workflow-profile=profiles/slurm",
    f"--cores={CORES}",  # more than the node has are refused
    "--slurm-no-account",
    "--slurm-status-command=squeue",
    "--slurm-init-seconds-before-status-checks=2",
)


def start(folder: Path, study: str, arguments: tuple[str, ...], **more: str) -> subprocess.Popen:
    """Start a run of a study in a copy of the project; what it says goes to ``<folder>.log``."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | more
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    with Path(f"{folder}.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *arguments, "--config", f"study={study}"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def finish(run: subprocess.Popen, folder: Path) -> str:
    """Wait for a run; SystemExit with the end of what it said if it failed."""
    code, said = run.wait(), Path(f"{folder}.log").read_text("utf-8")
    if code:
        sys.exit(f"a run ended with {code}:\n{said[-4000:]}")
    return said


def lose_node_once(node: SlurmNode, run: subprocess.Popen) -> str:
    """Kill the node when a later job has run for a while, and start it again: the job's number."""
    while run.poll() is None:
        done = len(node.jobs("completed"))
        running = [number for number, _, seconds in node.jobs("running") if seconds >= 4]
        if done >= 2 and running:
            node.lose_node()
            node.start_node()
            return running[0]
        time.sleep(0.5)
    return ""


def compare(study: str, place: Path) -> bool:
    """Run a study locally and on Slurm; whether all compared files are the same."""
    local, cluster = place / "local", place / "cluster"
    finish(start(local, study, ("--cores", str(CORES))), local)
    with slurm_node(place / f"slurm-{study}", CORES) as node:
        began = time.monotonic()
        run = start(cluster, study, SLURM, **node.environment)
        try:
            lost = lose_node_once(node, run)
            finish(run, cluster)
        finally:
            run.kill()
        seconds = time.monotonic() - began
        jobs, restarts = len(node.jobs()), node.restarts(lost) if lost else 0
    expected, found = hashes(local, study), hashes(cluster, study)
    same = sum(found.get(path) == digest for path, digest in expected.items())
    again = start(cluster, study, ("--cores", str(CORES)))
    rest = "Nothing to be done" in finish(again, cluster)
    print(
        f"{study}: {same} of {len(expected)} files the same as locally; {jobs} jobs, "
        f"{seconds:.0f} s; node killed under job {lost or '-'}, which was started again "
        f"{restarts} times; a local run after it {'does nothing' if rest else 'RUNS STEPS'}",
        flush=True,
    )
    for path in sorted({*expected, *found}):
        if expected.get(path) != found.get(path):
            print(f"  differs: {path}")
    return expected == found and restarts > 0 and rest


def main() -> int:
    """Run both studies both ways and print what was the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=5000, help="of the registry; 0: none")
    options = parser.parse_args()
    if reason := why_not():
        print(f"skipped: {reason}")
        return 0
    with tempfile.TemporaryDirectory(prefix="slurm") as name:
        place = Path(name)
        place.chmod(0o755)  # munge asks for it: others have to reach its socket
        local = copy_project(place / "local")
        studies = ["example"]
        if options.subjects:
            studies.append("registry")
            subprocess.run(
                [
                    sys.executable,
                    "workflow/scripts/simulate_study.py",
                    "--registry",
                    f"--subjects={options.subjects}",
                    "data/raw/registry",
                ],
                cwd=local,
                check=True,
            )
        shutil.copytree(local, place / "cluster")
        same = [compare(study, place) for study in studies]
        return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main())
