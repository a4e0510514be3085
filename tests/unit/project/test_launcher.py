"""The command of an environment, and what make says: tried with a Python that only answers."""

import importlib.util
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ANSWERS = '#!/bin/sh\nprintf "%s|" "$@"\n'


@pytest.fixture
def project(tmp_path):
    """A project with an environment whose Python prints its arguments; a blank in the name."""
    specification = importlib.util.spec_from_file_location("create", ROOT / "envs/create.py")
    create = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(create)
    environment = tmp_path / "my project" / ".venv"
    (environment / "bin").mkdir(parents=True)
    python = environment / "bin/python"
    python.write_text(ANSWERS)
    python.chmod(0o755)
    create.write_launcher(str(environment))
    (environment / "complete").write_text(f"{environment.parent.resolve()}\n")
    return environment.parent


def call(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_the_command_is_isolated_wherever_it_is_called_from(project, tmp_path):
    launcher = project / ".venv/bin/owncontrol"
    (tmp_path / "link").symlink_to(launcher)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/.venv").symlink_to(project / ".venv")
    found = {**os.environ, "PATH": f"{launcher.parent}:{os.environ['PATH']}", "CDPATH": "/"}
    for done in (
        call(launcher, "trace", "a b", cwd="/"),
        call(tmp_path / "link", "trace", "a b"),
        call(".venv/bin/owncontrol", "trace", "a b", cwd=tmp_path / "other"),
        call("owncontrol", "trace", "a b", cwd="/", env=found),
        call("sh", "owncontrol", "trace", "a b", cwd=launcher.parent),
    ):
        assert (done.stdout, done.stderr) == ("-I|-m|owncontrol|trace|a b|", "")


def test_an_environment_that_was_moved_or_is_not_complete_says_so(project, tmp_path):
    moved = project.rename(tmp_path / "moved")
    done = call(moved / ".venv/bin/owncontrol", "study")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.splitlines() == [
        f"error: the environment in {moved} was moved here or is not complete",
        "  Hint: run make env in that folder, which makes it again",
    ]
    moved.rename(project)
    assert call(project / ".venv/bin/owncontrol").returncode == 0
    (project / ".venv/bin/python").unlink()
    assert "is not complete" in call(project / ".venv/bin/owncontrol").stderr


def make(*words):
    alone = {
        name: text for name, text in os.environ.items() if "MAKE" not in name
    }  # not one inside
    return call("make", "--no-print-directory", *words, cwd=ROOT, timeout=20, env=alone)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("figurs", "did you mean make figures"),
        ("chekc", "did you mean make check"),
        ("xyzzy", "make help lists what there is"),
        ("a'b;c", "make help lists what there is"),
    ],
)
def test_a_mistyped_target_is_one_line_with_the_nearest_name(word, hint):
    done = make(word)
    line, end = done.stderr.splitlines()  # the other one is make's own
    assert line.startswith(f"error: make {word}: no such target; {hint}")
    assert end.startswith("make: ***") and done.returncode == 2


def test_help_shows_the_eight_targets_of_a_user_and_help_all_every_one():
    few = [line.split()[1] for line in make("help").stdout.splitlines() if line[:7] == "  make "]
    assert len(few) == 9 and few[-1] == "help-all"
    every = make("help-all").stdout
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert {line.split()[1] for line in every.splitlines() if line[:7] == "  make "} == targets
    assert {"shell", "check", "figures", "what-if", "archive"} < {*few}
