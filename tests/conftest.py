"""For all tests: one hypothesis profile, a finished run of the example and of a small study."""

import fcntl
import os
from pathlib import Path

# The steps of a run drop it, and the last digits of a product of matrices depend on it: what the
# tests compute beside them has to be made alike. Read when numpy is loaded, so before all else.
os.environ.pop("OPENBLAS_CORETYPE", None)

import pytest
from hypothesis import settings
from workflow.conftest import Project, copy_project

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")
UNIT, WHOLE_RUNS = (Path(__file__).parent / name for name in ("unit", "workflow"))


def pytest_collection_modifyitems(items):
    """Whole runs, the browser and the contract take long: all that is no unit test is slow.

    It comes first: of what is shared out to several processes the last parts should be short.
    """
    for item in items:
        if UNIT not in item.path.parents:
            item.add_marker("slow")
    items.sort(key=lambda item: (UNIT in item.path.parents, WHOLE_RUNS not in item.path.parents))


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The example study, run from start to end. Tests must not change it."""
    return run_once(tmp_path_factory, "finished")


@pytest.fixture(scope="session")
def finished_small(tmp_path_factory):
    """A study of few rows, run from start to end. Tests must not change it."""
    return run_once(tmp_path_factory, "finished-small", "--config", "study=case-report")


def run_once(tmp_path_factory, name, *arguments):
    """A finished run, made once, also where the tests are shared out to several processes.

    The first one runs it, the others wait.
    """
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    project = Project(place / name)
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / f"{name}.ok").exists():
            copy_project(project.folder)
            done = project.run(*arguments)
            assert done.returncode == 0, done.stdout
            (place / f"{name}.ok").touch()
    return project
