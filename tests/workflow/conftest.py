"""The workflow as a person runs it: in a copy of the project, through its command line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import copies
import pytest

ROOT = Path(__file__).parents[2]


class Project:
    """A copy of the project in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def environment(self) -> dict[str, str]:
        """This process's own, with the programs beside its Python and without its search path."""
        variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        return variables | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{variables['PATH']}"}

    def run(self, *arguments: str, timeout: int = 900) -> subprocess.CompletedProcess:
        """Call snakemake with these arguments; output and errors together in ``stdout``."""
        return subprocess.run(
            ["snakemake", "--cores", "2", *arguments],
            cwd=self.folder,
            env=self.environment(),
            timeout=timeout,
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def planned(self, *arguments: str) -> set[str]:
        """Names of the rules that a run would execute now."""
        done = self.run("--dry-run", "--quiet", "host", *arguments)
        assert done.returncode == 0, done.stdout
        return {
            line.split()[1].rstrip(":")
            for line in done.stdout.splitlines()
            if line.startswith(("rule ", "localrule "))
        } - {"all"}

    def record_raw_files(self) -> None:
        """Write the MANIFEST of the example study again, as a person does after a meant change."""
        subprocess.run(
            [sys.executable, "-m", "owncontrol", "manifest", "data/raw/example", "--why", "a test"],
            cwd=self.folder,
            check=True,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(self.folder / "workflow/lib")},
        )


def copy_project(target: Path) -> Project:
    """Copy what git knows of the project, as it is in the working tree."""
    return Project(copies.copy_project(target))


@pytest.fixture
def project(finished, tmp_path) -> Project:
    """A finished run of its own, for a test that changes something."""
    shutil.copytree(finished.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")
