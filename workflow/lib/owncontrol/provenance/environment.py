"""What a run was made from and what it made, without clock, host or user but in its own file."""

import hashlib
import platform
import re
import socket
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.provenance.git import git

INCLUDE = re.compile(r'^include: "(.+)"$', re.MULTILINE)


def environment() -> pd.DataFrame:
    """Platform, Python and every installed package, sorted: package, version, sha256.

    ``sha256`` is that of the list of a package's files with their hashes, as its wheel names them:
    the same wherever the same wheel is installed.
    """
    packages = {
        distribution.metadata["Name"].lower(): (distribution.version, _content(distribution))
        for distribution in distributions()
    }
    rows = [
        ("platform", f"{platform.system()} {platform.machine()}", ""),
        ("python", platform.python_version(), ""),
        *((name, *about) for name, about in sorted(packages.items())),
    ]
    return pd.DataFrame(rows, columns=["package", "version", "sha256"])


def _content(distribution: Distribution) -> str:
    """Hash over the record of a wheel's own files; empty for a package without a record.

    What an installer adds (its notes, compiled modules, programs in bin) is left out.
    """
    record = distribution.read_text("RECORD") or ""
    lines = sorted(
        line
        for line in record.splitlines()
        if ".dist-info/" not in line and "__pycache__" not in line and not line.startswith("..")
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""


def outputs(steps: Iterable[dict[str, Any]], hashes: dict[str, str]) -> pd.DataFrame:
    """Every output of the steps: file, sha256, rule, script (or notebook), inputs.

    ``steps``: by step ``rule``, ``script``, ``inputs`` and ``outputs``, paths from the working
    folder. The inputs have a space between.
    """
    rows = [
        (path, hashes[path], step["rule"], step["script"], " ".join(step["inputs"]))
        for step in steps
        for path in step["outputs"]
    ]
    return pd.DataFrame(sorted(rows), columns=["file", "sha256", "rule", "script", "inputs"])


def whole_workflow(snakefile: Path) -> str:
    """The text of a Snakefile with the files that it includes in their places."""
    return INCLUDE.sub(
        lambda found: (
            f"# {found[1]}\n{(snakefile.parent / found[1]).read_text('utf-8').rstrip()}\n"
        ),
        snakefile.read_text("utf-8"),
    )


def run_record(project: Path, lock_sha256: str) -> dict[str, Any]:
    """What differs from run to run though the results are the same: clock, host, state of git."""
    return {
        "recorded": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": {
            "name": socket.gethostname(),
            "platform": platform.platform(),
            "python": platform.python_version(),
        },
        "lock": {"file": "envs/analysis.lock", "sha256": lock_sha256},
        "git": git_state(project),
    }


def git_state(project: Path) -> dict[str, Any]:
    """The commit of the project, and which of its files differ from it (``clean``: none).

    Where git does not answer, what it said is under ``unknown``. A repository that merely lies
    around the project, as around a download that was unpacked inside of it, is not the project's.
    """
    try:
        if not _git(project, "ls-files", "--", "Snakefile", "workflow/Snakefile"):
            return {"unknown": "git does not track the project's files"}
        commit = _git(project, "rev-parse", "HEAD").strip()
        changed = _git(project, "status", "--porcelain", "--", ".").splitlines()
    except FileNotFoundError:
        return {"unknown": "git is not installed"}
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        return {"unknown": (said or ["git refuses"])[0]}
    return {"commit": commit, "clean": not changed, "changed": changed}


def _git(project: Path, *arguments: str) -> str:
    return git(project, *arguments).decode("utf-8", "backslashreplace")
