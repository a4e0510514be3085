"""A run without its speed-ups: each name that one leans on is missing, or has changed.

    python tests/campaigns/without_speed.py [--whole]

A copy of the project runs in an environment whose packages call one of these names otherwise, or
have one more parameter (tests/helpers/altered_packages.py); the names are those of
owncontrol.run.speed.hooks. The run must reach its end, make the same bytes as with all speed-ups,
and say in one line which of them it does without. The study is case-report: its raw files to the
analysis of one notebook, or with --whole to the report.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "workflow/lib"), str(ROOT / "tests/helpers")]

from altered_packages import (  # noqa: E402
    add_parameter,
    can_be_renamed,
    can_have_more_parameters,
    environment,
    names,
    rename,
)
from copies import copy_project, hashes  # noqa: E402
from owncontrol.run.speed.hooks import HOOKS, PLAIN  # noqa: E402

STUDY = "case-report"
RULE = "describe_patients"  # the first that runs a notebook
SAYS = "slower, with the same results: without "


class Case(NamedTuple):
    """What is changed: ``prepare`` makes the environment; ``says``: the name in the line."""

    what: str
    prepare: Callable[[Path], object]
    says: str
    variables: Mapping[str, str] = MappingProxyType({})
    folder: str = "project"


def cases() -> Iterator[Case]:
    """Each name without itself, and with one more parameter; then all speed-ups switched off."""
    for needed in names():
        if can_be_renamed(needed):
            yield Case(f"{needed} renamed", partial(rename, needed=needed), f"{needed} is missing")
        if can_have_more_parameters(needed):
            says = f"{needed} has other parameters"
            yield Case(f"{needed} changed", partial(add_parameter, needed=needed), says)
    plain = {PLAIN: "1"}
    yield Case("all switched off", environment, f"{PLAIN} is set", plain)
    yield Case("all switched off, hard path", environment, f"{PLAIN} is set", plain, "a b'c $d {e}")


def usual(folder: Path, whole: bool = False) -> dict[str, str]:
    """Hashes of what a run makes with all speed-ups, in an environment of the same kind."""
    said, made = _run(Case("nothing changed", environment, ""), folder, whole)
    assert SAYS not in said, said
    return made


def attempt(case: Case, folder: Path, expected: dict[str, str], whole: bool = False) -> str:
    """What is wrong with a run in a changed environment; empty where nothing is."""
    said, made = _run(case, folder, whole)
    if not made:
        return f"did not run: {' | '.join(said.splitlines()[-3:])}"
    lines = [line for line in said.splitlines() if SAYS in line]
    if not any(case.says in line for line in lines):
        return f"does not say that {case.says}"
    if len(lines) > len({*lines}) or len(lines) > len(HOOKS):
        return f"says it more than once: {lines}"
    differing = sorted(name for name in {*expected, *made} if expected.get(name) != made.get(name))
    return f"differs: {', '.join(differing[:3])}" if differing else ""


def _run(case: Case, folder: Path, whole: bool) -> tuple[str, dict[str, str]]:
    """What a run said, on the terminal and in the logs of its notebooks, and what it made."""
    project = copy_project(folder / case.folder / "project")
    case.prepare(project)
    target = [] if whole else ["--", "--until", RULE]
    python = project / ".venv" / "bin" / "python"
    done = subprocess.run(
        [python, "-I", "-m", "owncontrol", "run", "--study", STUDY, "--cores", "2", *target],
        cwd=project,
        env={**os.environ, **case.variables},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1800,
    )
    logs = sorted((project / f"logs/{STUDY}/analyse").glob("*.log"))
    said = "\n".join([done.stdout, *(log.read_text("utf-8") for log in logs[:1])])
    return said, hashes(project, STUDY) if done.returncode == 0 else {}


def main() -> None:
    """Try all cases; exit code 1 where one fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--whole", action="store_true", help="run to the report")
    whole = parser.parse_args().whole
    failed = 0
    with tempfile.TemporaryDirectory(prefix="speed-") as place:
        began = time.monotonic()
        expected = usual(Path(place, "usual"), whole)
        print(f"{time.monotonic() - began:6.1f} s  with all speed-ups, {len(expected)} files")
        for number, case in enumerate(cases()):
            began = time.monotonic()
            wrong = attempt(case, Path(place, str(number)), expected, whole)
            failed += bool(wrong)
            print(f"{time.monotonic() - began:6.1f} s  {case.what}: {wrong or 'ok'}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
