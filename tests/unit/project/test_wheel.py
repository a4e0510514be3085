"""The wheel: what it is told to hold is all that a run reads, in the places where it is looked for.

It is built and run by a job of its own (.github/workflows/ci.yml).
"""

import tomllib
from pathlib import Path, PurePosixPath

import yaml
from owncontrol.archives.project_files import project_files
from owncontrol.basics import program_files

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
HELD = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
INSIDE = PurePosixPath("owncontrol_workflow")
# Folders and files that a run reads.
READ = ("workflow/", "notebooks/", "profiles/", "data/reference/")


def place(name):
    """Where a file of the project is in the wheel; None where it is not."""
    path = PurePosixPath(name)
    for source, target in HELD.items():
        if path == PurePosixPath(source) or PurePosixPath(source) in path.parents:
            return PurePosixPath(target) / path.relative_to(source)
    return None


def test_each_file_that_a_run_reads_is_inside_in_its_place():
    names = [name for name in project_files(ROOT).tracked if name.startswith(READ)]
    assert len(names) > 500
    for name in (*names, "Snakefile", "envs/analysis.yaml", "envs/analysis.lock"):
        assert place(name) == INSIDE / name
    assert not [name for name in HELD if not (ROOT / name).exists()]


def test_no_study_and_no_test_is_inside():
    for name in (
        "config.yaml",
        "data/raw/example/MANIFEST",
        "tests/workflow/conftest.py",
        "docs/index.md",
    ):
        assert (ROOT / name).is_file() and place(name) is None


def test_python_finds_the_library_and_the_library_its_files():
    source, target = next(item for item in HELD.items() if item[1].endswith(".pth"))
    assert PurePosixPath(target).parent == PurePosixPath()  # Python reads it there alone
    search = PurePosixPath((ROOT / source).read_text("utf-8").strip())
    assert search == place("workflow/lib/owncontrol/__main__.py").parents[1]
    module = Path(program_files.__file__).relative_to(ROOT).as_posix()
    depth = len(Path(module).parts) - len(program_files.WORKFLOW.relative_to(ROOT).parts) - 1
    assert place(module).parents[depth] == INSIDE / "workflow"
    assert PROJECT["project"]["scripts"] == {"owncontrol": "owncontrol.__main__:main"}


def test_version_and_packages_are_those_of_the_project():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    about = PROJECT["project"]
    assert (about["version"], about["license"]) == (cited["version"], cited["license"])
    entries = yaml.safe_load((ROOT / "envs/analysis.yaml").read_text("utf-8"))["dependencies"]
    conda = [entry.replace("=", "==") for entry in entries if "=" in entry and ">" not in entry]
    pip = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    assert about["dependencies"] == [*conda, *pip]
    assert f"python{about['requires-python']}" in entries
