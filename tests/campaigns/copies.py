"""Copies of the project for campaigns: made, run, and their results hashed."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def copy_project(target: Path) -> Path:
    """Copy what git knows of the project, as it is in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def link_environment(folder: Path) -> Path:
    """Let a copy use this environment under its usual name; the copy's Python.

    Python finds the library beside the environment by its path, so it is the copy's own.
    """
    environment = folder / ".venv"
    if not environment.exists():
        environment.symlink_to(sys.prefix, target_is_directory=True)
    return environment / "bin" / "python"


def start(
    folder: Path, cores: int = 2, study: str = "example", **changed: str
) -> subprocess.Popen[str]:
    """Start a run of a study in a copy, in a process group of its own."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", str(cores), "--config", f"study={study}"],
        cwd=folder,
        env=environment | changed,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(run: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a run: its exit code, and what it said."""
    said, _ = run.communicate()
    return run.returncode, said


def must_finish(run: subprocess.Popen[str]) -> None:
    """Wait for a run that has to succeed; SystemExit with what it said otherwise."""
    code, said = finish(run)
    if code:
        sys.exit(f"a run failed:\n{said}")


def hashes(folder: Path, study: str = "example") -> dict[str, str]:
    """Hash of every compared result of a study by its path."""
    results = folder / "results" / study
    return {
        path.relative_to(results).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _files(results)
        if _is_compared(path.relative_to(results).as_posix())
    }


def leftovers(folder: Path) -> list[str]:
    """Half-written files that a run has left in the results."""
    return [path.name for path in (folder / "results").rglob(".*.partial*")]


def _is_compared(name: str) -> bool:
    """Whether equal runs leave the same: not in clock, host, git state, and the history of runs."""
    return name != "provenance/run.yaml" and not name.startswith("provenance/history")


def _files(results: Path) -> Iterator[Path]:
    for path in sorted(results.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path
