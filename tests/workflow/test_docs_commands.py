"""What the documentation shows is run as it is, in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from docs_commands import DOCS, shown
from documented_changes import make_changes
from owncontrol.cli.commands import COMMANDS
from workflow.conftest import ROOT, copy_project


def run(folder, script, **environment):
    """Run a script in bash as `make shell` opens one; it stops at the first command that fails."""
    given = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    given |= {"PATH": f"{folder}/.venv/bin:{os.environ['PATH']}", **environment}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=given,
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


def test_each_way_in_which_data_arrive_can_be_run(place):
    commands = "\n".join(shown("how-to/ways-data-arrive.md"))
    said = run(place, commands)
    checked = commands.count("owncontrol check")
    assert said.count("no faults found: the study can be run") == checked > 4
    # Of the exams the title, the question and the days of the visits are guessed.
    assert said.count("marked unsure") == 1


@pytest.mark.parametrize(
    "page",
    [
        *("how-to/new-instrument.md", "how-to/new-endpoint.md", "how-to/new-figure.md"),
        "typed-spreadsheet.md",
    ],
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
    return re.findall(r"^(?:    )?((?:owncontrol|make) .*)$", text, flags=re.MULTILINE)


def test_every_command_and_target_in_the_documentation_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = {command.name for command in COMMANDS}
    pages = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    found = [line for page in pages for line in indented(page)]
    assert len(found) > 5
    for line in found:
        if line.startswith("owncontrol"):
            word = line.split()[1]
            assert word in commands or word.startswith("-"), line
        else:
            for word in line.split("#")[0].split("|")[0].split()[1:]:
                assert "=" in word or word in targets or not word[0].isalpha(), line


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A copy of the project with all changes of the page for contributors, and a study run."""
    project = copy_project(tmp_path_factory.mktemp("changed"))
    (project / ".venv").symlink_to(sys.prefix)
    assert make_changes(project.folder, "contributing.md") == 17
    run(project.folder, f"{sys.executable} workflow/scripts/write_config_reference.py "
        "config/README.md workflow/schemas/config.schema.yaml")  # fmt: skip
    # All of it but the paper, which has nothing that the page has not.
    run(project.folder, "owncontrol run -- results/example/report/report.html")
    return project.folder


def test_a_documented_figure_and_statistic_are_in_the_report(changed):
    results = changed / "results/example"
    estimates = pd.read_csv(results / "statistics/patients.csv").set_index("estimate_id")
    ages = estimates.loc[["patients.age.minimum", "patients.age.maximum", "patients.age.range"]]
    low, high, reach = ages["value"]
    assert reach == high - low > 0
    (row,) = pd.read_csv(results / "figures/age_range.csv").to_dict("records")
    assert (row["minimum"], row["maximum"]) == (low, high)
    page = (results / "report/report.html").read_text("utf-8")
    assert "Ages of the treated subjects, from the youngest to the oldest." in page
    said = run(changed, "owncontrol trace patients.age.range --limit 1")
    assert "subjects" in said


def test_a_documented_rule_finds_what_it_looks_for(changed):
    findings = pd.read_csv(changed / "results/example/cleaned/findings.csv")
    long = findings.loc[findings["rule"] == "long_culture"]
    treatments = pd.read_csv(changed / "results/example/cleaned/treatments.csv")
    assert len(long) == (treatments["culture_days"] > 42).sum()
    assert set(long["severity"]) <= {"warning"}


def test_a_documented_format_is_read(changed):
    table = pd.DataFrame({"id": ["P1", "P2"], "day": pd.to_datetime(["2021-03-01", None])})
    table.assign(walk=[1.5, None]).to_parquet(changed / "walks.parquet")
    said = run(changed, "owncontrol inspect walks.parquet")
    assert said.splitlines()[:2] == ["row,id,day,walk", "2,P1,2021-03-01,1.5"]


def test_the_documented_rooms_are_those_of_the_library():
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    order = [
        name
        for layer in layers["contracts"][0]["layers"]
        for name in layer.split(" | ")
        if name != "__main__"
    ]
    page = (DOCS / "contributing.md").read_text("utf-8")
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", page, re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == order
