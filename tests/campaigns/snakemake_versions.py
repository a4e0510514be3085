"""The smallest study with other versions of Snakemake: which of them give the same bytes?

    python tests/campaigns/snakemake_versions.py [9.11.0 ...]

Each version (by default the oldest that workflow/Snakefile allows, and the newest 9.x that there
is) is installed with what it depends on, as pip chooses it; all other packages are the locked ones.
case-report runs with it to its report.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "workflow/lib"), str(ROOT / "tests/helpers")]

from altered_packages import environment  # noqa: E402
from copies import copy_project, hashes  # noqa: E402

STUDY = "case-report"
NEWEST = "newest"


def oldest() -> str:
    """The oldest version that the workflow allows, as major.minor.patch."""
    text = (ROOT / "workflow" / "Snakefile").read_text("utf-8")
    found = re.search(r'min_version\("([\d.]+)"\)', text)
    assert found
    return found[1]


def run(version: str | None, folder: Path) -> tuple[str, dict[str, str]]:
    """What a run says with a version (None: the locked one), and what it makes."""
    project = copy_project(folder / "project")
    own = [] if version is None else installed(version, folder / "packages")
    environment(project, own)
    # Snakemake itself refuses to run below the oldest version that is promised.
    snakefile = project / "workflow" / "Snakefile"
    text = snakefile.read_text("utf-8")
    snakefile.write_text(text.replace("min_version(", "(lambda oldest: None)("), "utf-8")
    python = project / ".venv" / "bin" / "python"
    done = subprocess.run(
        [python, "-I", "-m", "owncontrol", "run", "--study", STUDY, "--cores", "2"],
        cwd=project,
        env=os.environ,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1800,
    )
    return done.stdout, hashes(project, STUDY) if done.returncode == 0 else {}


def installed(version: str, place: Path) -> list[Path]:
    """What pip installs of a version, in a folder of its own."""
    wanted = "snakemake>=9,<10" if version == NEWEST else f"snakemake=={version}"
    tools = place.with_name("tools")
    subprocess.run([sys.executable, "-I", "-m", "venv", tools], check=True)
    options = ["--quiet", "--no-compile", "--disable-pip-version-check"]
    subprocess.run(
        [
            *(tools / "bin" / "python", "-I", "-m", "pip", "install", *options),
            *("--target", place, wanted),
        ],
        check=True,
    )
    return [path for path in place.iterdir() if path.name not in ("bin", "__pycache__")]


def differing(expected: dict[str, str], made: dict[str, str]) -> list[str]:
    """Files that are otherwise with another version, without those that name the version."""
    own = ("provenance/", "ro-crate-metadata.json", "report/report.", "report/parts/text.html")
    names = {name for name in {*expected, *made} if not name.startswith(own)}
    return sorted(name for name in names if expected.get(name) != made.get(name))


def main() -> None:
    """Run each version; exit code 1 where one gives other bytes, or none."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("versions", nargs="*", default=[oldest(), NEWEST])
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="versions-") as place:
        expected = run(None, Path(place, "locked"))[1]
        assert expected
        for version in parser.parse_args().versions:
            said, made = run(version, Path(place, version))
            other = differing(expected, made)
            slower = said.count("slower, with the same results")
            result = f"ok, {slower} speed-ups left out" if made and not other else ""
            print(f"{version}: {result or (other if made else said[-2000:])}", flush=True)
            wrong += not result
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
