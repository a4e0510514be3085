"""What the documentation shows is run as it stands, in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from docs_commands import DOCS, shown
from workflow.conftest import ROOT, copy_project


def run(folder, script, **environment):
    """Run a script in bash; it stops at the first command that fails."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**{k: v for k, v in os.environ.items() if k != "PYTHONPATH"}, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A copy of the project with the environment that the tests run in."""
    project = copy_project(tmp_path_factory.mktemp("docs"))
    (project / ".venv").symlink_to(sys.prefix)
    return project.folder


def test_the_tutorial_leads_to_a_report(place):
    said = run(place, "\n".join(shown("your-own-data.md")))
    assert (place / "results/walking/report/report.pdf").stat().st_size > 10_000
    page = (place / "results/walking/report/report.html").read_text("utf-8")
    assert "Walking before and after a treatment" in page and "SYNTHETIC" in page
    assert "walking_export.csv row" in said  # the trace


@pytest.mark.parametrize(
    "page", ["how-to/new-instrument.md", "how-to/new-endpoint.md", "how-to/new-figure.md"]
)
def test_commands_of_the_guides(place, page):
    # make only says what it would do: the figure is drawn by the tests of the studies.
    assert run(place, "\n".join(shown(page)), MAKEFLAGS="-n")


def test_the_module_works_from_a_clone_and_from_an_installed_copy(place, tmp_path):
    snakefile = shown("module.md", "python")[0]
    installed = tmp_path / "installed"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    archive = tmp_path / "owncontrol.tar"
    names = "\n".join(name for name in listed.split("\0") if (ROOT / name).is_file())
    subprocess.run(
        ["tar", "-cf", archive, "-C", ROOT, "--files-from", "-"],
        input=names, text=True, check=True,
    )  # fmt: skip
    installed.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", installed], check=True)
    for copy in (place, installed):
        home = tmp_path / f"uses-{copy.name}"
        (home / "data/raw").mkdir(parents=True)
        shutil.copytree(ROOT / "data/raw/honmou2021", home / "data/raw/honmou2021")
        (home / "study.yaml").write_bytes((ROOT / "config/honmou2021.yaml").read_bytes())
        (home / "Snakefile").write_text(snakefile.replace("/path/to/owncontrol", str(copy)))
        said = run(home, f"{Path(sys.executable).parent}/snakemake --dry-run --cores 1")
        assert "owncontrol_render_page" in said


def indented(page):
    text = page.read_text("utf-8")
    return re.findall(r"^(?:    )?((?:\S*python -m owncontrol|make) .*)$", text, flags=re.MULTILINE)


def test_every_command_and_target_in_the_documentation_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    known = (ROOT / "workflow/lib/owncontrol/__main__.py").read_text("utf-8")
    commands = set(re.findall(r'add_parser\(\s*"([a-z-]+)"', known))
    pages = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    found = [line for page in pages for line in indented(page)]
    assert len(found) > 5
    for line in found:
        if "-m owncontrol" in line:
            name = line.split("-m owncontrol ")[1].split()[0]
            assert name in commands, line
        else:
            for word in line.split("#")[0].split("|")[0].split()[1:]:
                assert "=" in word or word in targets or not word[0].isalpha(), line
