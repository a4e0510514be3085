"""What a run was made from and what it made, without clock, host or user."""

import platform
from importlib.metadata import distributions
from typing import Any

import pandas as pd

from owncontrol.files import sha256


def environment() -> pd.DataFrame:
    """Python and every installed package with its version, sorted: columns package, version."""
    packages = {
        distribution.metadata["Name"].lower(): distribution.version
        for distribution in distributions()
    }
    rows = [("python", platform.python_version()), *sorted(packages.items())]
    return pd.DataFrame(rows, columns=["package", "version"])


def outputs(steps: list[dict[str, Any]]) -> pd.DataFrame:
    """Every output of the steps: file, sha256, rule, script, inputs (files, space between).

    ``steps``: by step ``rule``, ``script``, ``inputs`` and ``outputs``, paths from the working
    folder.
    """
    rows = [
        (path, sha256(path), step["rule"], step["script"], " ".join(step["inputs"]))
        for step in steps
        for path in step["outputs"]
    ]
    return pd.DataFrame(sorted(rows), columns=["file", "sha256", "rule", "script", "inputs"])
