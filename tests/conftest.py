"""For all tests: one hypothesis profile, one finished run of the example study."""

import pytest
from hypothesis import settings
from workflow.conftest import Project, copy_project

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """The example study, run from start to end. Tests must not change it."""
    project = copy_project(tmp_path_factory.mktemp("finished"))
    done = project.run()
    assert done.returncode == 0, done.stdout
    return project
