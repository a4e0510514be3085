"""Making the environment: what a person can mend is one line and a hint."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[3] / "envs" / "create.py"


@pytest.fixture
def create():
    specification = importlib.util.spec_from_file_location("create", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_an_old_python_is_told_so():
    program = (
        f"import runpy, sys; sys.version_info = (3, 8, 1); sys.argv = ['create', 'x', 'y'];"
        f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, text=True, capture_output=True
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: Python 3.8 is too old; 3.11 or newer is needed",
        "  Hint: install a newer Python, or name one: make PYTHON=python3.12",
    ]


def test_the_script_can_be_read_by_a_very_old_python():
    # Compiling for 3.6 rejects what that Python could not even parse before it says its line.
    import ast

    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("uv", "failing", "message"),
    [
        (None, "venv", "Python's venv module does not work (broken)"),
        (None, "pip", "the packages cannot be downloaded (broken)"),
        ("/bin/uv", "venv", "the environment cannot be made (broken)"),
        ("/bin/uv", "pip", "the packages cannot be downloaded (broken)"),
    ],
)
def test_a_step_that_fails_is_one_line_and_leaves_no_complete_environment(
    create, monkeypatch, capsys, tmp_path, uv, failing, message
):
    def run(command, **_):
        code = 1 if failing in command else 0
        return subprocess.CompletedProcess(command, code, stdout=b"noise\nbroken\n")

    monkeypatch.setattr(create.shutil, "which", lambda name: uv)
    monkeypatch.setattr(create.subprocess, "run", run)
    with pytest.raises(SystemExit) as stopped:
        create.make(str(tmp_path / "env"), "envs/analysis.lock")
    assert stopped.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"error: {message}"
    assert lines[1].startswith("  Hint: ")
    assert len(lines) == 2
    assert not (tmp_path / "env" / "complete").exists()


def test_an_environment_is_made_anew_by_the_python_it_was_made_from(create, monkeypatch, tmp_path):
    commands = []

    def run(command, **_):
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, stdout=b"")

    monkeypatch.setattr(create.shutil, "which", lambda name: "/bin/uv")
    monkeypatch.setattr(create.subprocess, "run", run)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin/python"))
    monkeypatch.setattr(sys, "_base_executable", "/usr/bin/python3.11")
    with pytest.raises(SystemExit):
        create.make(str(tmp_path), "analysis.lock")
    assert commands[0][commands[0].index("--python") + 1] == "/usr/bin/python3.11"
