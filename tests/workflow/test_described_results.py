"""The data package of a finished run, checked by the reference implementation."""

import importlib.util
import json
import subprocess
import sys

import pytest


@pytest.mark.skipif(
    importlib.util.find_spec("frictionless") is None,
    reason="frictionless (envs/test.yaml) is not installed here",
)
def test_frictionless_finds_every_table_valid(finished):
    package = finished / "results/example/datapackage.json"
    done = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", "--json", package.name],
        cwd=package.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    faults = [(task["place"], task["errors"][:3]) for task in report["tasks"] if not task["valid"]]
    assert done.returncode == 0, faults
    assert report["valid"]
    described = {task["place"] for task in report["tasks"]}
    tables = {path.relative_to(package.parent).as_posix() for path in package.parent.rglob("*.csv")}
    # Those of the report are text for print; what they show is in statistics/estimates.csv.
    written = {name for name in tables if not name.startswith("report/")}
    assert described == written
