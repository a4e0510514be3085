"""A run sees nothing of the computer that could change a result, and nothing edited."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from attacks import isolation
from owncontrol.errors import InputError
from owncontrol.provenance.environment import git_state
from owncontrol.run import installed, surroundings

pytestmark = pytest.mark.slow

QUICK = [attack for attack in isolation.attacks() if not attack.whole_run]
PLAIN = [attack for attack in QUICK if not attack.name.startswith("make ")]
MAKE = [attack for attack in QUICK if "config.yaml" in attack.name][:2]


@pytest.mark.parametrize("attack", PLAIN + MAKE, ids=lambda attack: attack.name)
def test_the_attack_is_held(attack, tmp_path):
    assert attack.attempt(tmp_path) == ""


def test_a_module_from_elsewhere_stops_the_step(tmp_path, monkeypatch):
    (tmp_path / "foreign_statistics.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    # The tests' own modules lie outside of the environment, too.
    monkeypatch.setattr(sys, "modules", {"sys": sys, "os": os})
    installed.check_loaded()
    __import__("foreign_statistics")
    place = str(tmp_path / "foreign_statistics.py")
    with pytest.raises(InputError, match="which is not part of the environment") as caught:
        installed.check_loaded()
    assert place in caught.value.message and "\n" not in caught.value.message


def test_what_a_process_has_loaded_is_named_with_its_package_and_hash():
    import yaml

    rows = installed.loaded_packages({"yaml": ["PyYAML"]}, [yaml.__file__])
    found = {file: (package, digest) for package, file, digest in rows}
    package, digest = found["yaml/__init__.py"]
    assert package == "pyyaml" and digest == installed.sha256(yaml.__file__)


def test_without_any_folder_for_temporary_files_the_run_says_so(monkeypatch):
    monkeypatch.setattr(surroundings, "_has_room", lambda path: False)
    with pytest.raises(InputError, match="no folder for temporary files: /full is missing, full"):
        surroundings.surroundings({"TMPDIR": "/full"}, "library", Path())


def test_a_command_sees_no_settings_of_libraries(monkeypatch):
    environment = {"HOME": "/home/x", "LC_ALL": "C", "REDCAP_API_TOKEN": "x", "SLURM_JOB_ID": "1"}
    steering = ("PANDAS_X", "NPY_X", "OPENBLAS_X", "ARROW_X", "TQDM_X", "SOURCE_DATE_EPOCH")
    monkeypatch.setattr(os, "environ", {**environment, **dict.fromkeys(steering, "hostile")})
    surroundings.leave_settings_behind()
    assert os.environ == environment


def test_no_setting_of_a_library_reaches_one_that_a_command_imports(tmp_path):
    variables = {"TQDM_MININTERVAL": "hostile", "ARROW_IO_THREADS": "hostile"}
    done = subprocess.run(
        [sys.executable, "-I", "-m", "owncontrol", "score-isncsci", "missing.csv"],
        cwd=tmp_path,
        env={**os.environ, **variables},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: missing.csv: "), done.stderr


def test_what_a_host_workflow_declares_is_kept(tmp_path):
    given = {"TOKEN_OF_MINE": "x", "OTHER": "y"}
    seen = surroundings.surroundings(given, "library", tmp_path, ["TOKEN_OF_MINE"])
    assert seen["TOKEN_OF_MINE"] == "x" and "OTHER" not in seen


def test_a_repository_around_an_unpacked_download_is_not_the_projects(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    project = tmp_path / "download"
    project.mkdir()
    (project / "Snakefile").write_text("")
    assert git_state(project) == {"unknown": "git does not track the project's files"}
