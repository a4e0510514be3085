"""For all tests: one hypothesis profile, one finished run of the example study."""

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
UNIT = Path(__file__).parent / "unit"


def pytest_collection_modifyitems(items):
    """Whole runs, the browser and the contract take long: all that is no unit test is slow."""
    for item in items:
        if UNIT not in item.path.parents:
            item.add_marker("slow")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The example study, run from start to end. Tests must not change it.

    Run once, also where the tests are shared out to several processes: the first one runs it, the
    others wait.
    """
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    project = Project(place / "finished")
    with (place / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "finished.ok").exists():
            copy_project(project.folder)
            done = project.run()
            assert done.returncode == 0, done.stdout
            (place / "finished.ok").touch()
    return project
