"""The names that speed-ups lean on: all are there now; without one its speed-up is left out."""

import importlib
from operator import attrgetter
from types import FunctionType

import pytest
import snakemake.cli  # noqa: F401  before its parts, which import each other in turn
from altered_packages import names
from owncontrol.run.speed import hooks, shortcuts
from owncontrol.run.speed.forked_scripts import warm_scripts
from owncontrol.run.speed.kernels import kernel_manager


@pytest.fixture(autouse=True)
def not_plain(monkeypatch):
    monkeypatch.delenv(hooks.PLAIN, raising=False)


def hooks_of(needed):
    return [name for name, hook in hooks.HOOKS.items() if needed in hook.needs]


@pytest.mark.parametrize("hook", hooks.HOOKS)
def test_every_speed_up_can_be_made_with_the_locked_packages(hook):
    said = []
    assert hooks.usable(hook, said.append) and not said


def take_away(needed, monkeypatch):
    """Let a name be missing, as long as the test runs."""
    owner, _, last = needed.name.removesuffix(".fget").rpartition(".")
    module = importlib.import_module(needed.module)
    place = attrgetter(owner)(module) if owner else module
    if needed.sets:
        old = getattr(place, last).__code__
        others = tuple("other" if name == needed.sets else name for name in old.co_names)
        monkeypatch.setattr(place, last, FunctionType(old.replace(co_names=others), {}))
        return
    classes = place.__mro__ if isinstance(place, type) else type(place).__mro__
    for holder in dict.fromkeys((place, *classes)):  # a base may have it as well
        if last in vars(holder):
            monkeypatch.delattr(holder, last)


@pytest.mark.parametrize("needed", names(), ids=str)
def test_a_name_that_is_missing_switches_off_its_speed_up_and_no_other(needed, monkeypatch):
    take_away(needed, monkeypatch)
    said = []
    off = [hook for hook in hooks.HOOKS if not hooks.usable(hook, said.append)]
    assert off == hooks_of(needed)
    assert len(said) == len(off)
    assert all(line.endswith(f"({needed} is missing)") and "\n" not in line for line in said)


@pytest.mark.parametrize(
    "needed", [needed for needed in names() if needed.parameters is not None], ids=str
)
def test_another_parameter_switches_it_off(needed, monkeypatch):
    further = f"{needed.parameters} further".strip()
    monkeypatch.setattr(hooks, "_parameters", lambda function: further)
    assert hooks.fault([needed]) == f"{needed} has other parameters"


def test_a_module_that_fails_at_its_import_is_missing(tmp_path, monkeypatch):
    (tmp_path / "failing_release.py").write_text("raise ValueError('moved')\n")
    monkeypatch.syspath_prepend(tmp_path)
    needed = hooks.Needed("failing_release", "name")
    assert hooks.fault([needed]) == "failing_release.name is missing"


def test_the_switch_leaves_snakemake_and_jupyter_as_they_are(tmp_path, monkeypatch):
    from snakemake.persistence import PersistenceBase
    from snakemake.scheduling.job_scheduler import JobScheduler
    from snakemake.script import PythonScript

    def parts():
        return (
            vars(PersistenceBase)["_serialize_param"],
            vars(JobScheduler)["_schedule_reevalutation"],
            vars(PythonScript)["execute_script"],
        )

    before, said = parts(), []
    monkeypatch.setenv(hooks.PLAIN, "1")
    monkeypatch.setattr("sys.executable", "/a b/python")
    shortcuts.take_shortcuts(said.append)
    warm_scripts(tmp_path, str(tmp_path), lambda: 100, said.append)
    assert kernel_manager(said.append) is None
    assert parts() == before
    assert len(said) == 4 and all("OWNCONTROL_PLAIN is set" in line for line in said)
    import sys

    assert sys.executable == "'/a b/python'"  # as Snakemake puts it into a line of the shell
