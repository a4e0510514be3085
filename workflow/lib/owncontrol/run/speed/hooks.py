"""The speed-ups of a run, and the names of other packages that each of them leans on.

These names are private, or are replaced by a speed-up: the next release may move, rename or change
them. So each is looked at before the speed-up is made. Where one is missing or has other
parameters, that speed-up is left out: the run is slower, makes the same bytes, and says one line.
With ``OWNCONTROL_PLAIN`` in the environment all of them are left out.
"""

import importlib
import inspect
import os
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

PLAIN = "OWNCONTROL_PLAIN"


class Needed(NamedTuple):
    """A name, dotted, of a module. ``parameters``: all that the function has, with blanks between;
    None for what is no function, or may have any. ``sets``: an attribute that it gives to ``self``.
    """

    module: str
    name: str
    parameters: str | None = None
    sets: str = ""

    def __str__(self) -> str:
        """The full name; of an attribute that is set, that of the attribute."""
        name = self.name.replace("__init__", self.sets) if self.sets else self.name
        return f"{self.module}.{name}"


class Hook(NamedTuple):
    """A speed-up: what it makes faster, and what it needs for that."""

    speeds_up: str
    needs: tuple[Needed, ...]


SCRIPTS, PARAMS, END = "forked scripts", "plain parameters", "the end of a run"
KERNELS, QUIET = "forked kernels", "quiet kernels"

_SCRIPT = "snakemake.script"
_SCHEDULER = "snakemake.scheduling.job_scheduler"
_PERSISTENCE = "snakemake.persistence"
_FORKS = "multiprocessing.forkserver"
_PROVISIONER = "jupyter_client.provisioning.local_provisioner"
_MANAGER = "jupyter_client.manager"
_CLIENT = "jupyter_client.asynchronous.client"

HOOKS = {
    SCRIPTS: Hook(
        "a script starts as a fork of a process that has its imports done",
        (
            Needed(_SCRIPT, "PythonScript.execute_script", "self fname edit"),
            Needed(_SCRIPT, "ScriptBase.__init__", sets="path"),
            Needed(_SCRIPT, "ScriptBase.__init__", sets="conda_env"),
            Needed(_SCRIPT, "ScriptBase.__init__", sets="container_img"),
            Needed(_SCRIPT, "ScriptBase.__init__", sets="env_modules"),
            Needed(_SCRIPT, "ScriptBase.__init__", sets="bench_record"),
            Needed("snakemake.sourcecache", "SourceFile.get_path_or_uri", "self secret_free"),
            Needed("snakemake.benchmark", "benchmarked", "pid benchmark_record interval"),
            Needed("snakemake.dag", "DAG.needrun_jobs", "self exclude_finished"),
            Needed("multiprocessing.resource_tracker", "ensure_running", ""),
        ),
    ),
    PARAMS: Hook(
        "a run with nothing to do does not import pandas to compare parameters",
        (
            Needed(_PERSISTENCE, "UNREPRESENTABLE"),
            Needed(_PERSISTENCE, "PersistenceBase._serialize_param.fget", "self"),
            Needed(_PERSISTENCE, "PersistenceBase._serialize_param_builtin", "self value"),
        ),
    ),
    END: Hook(
        "a run ends with its last job, not with a timer that looks for more a second later, and "
        "there is one such timer, not one for each job that has ended",
        (
            Needed(_SCHEDULER, "JobScheduler._schedule_reevalutation", "self delay"),
            Needed(_SCHEDULER, "JobScheduler.__init__", sets="_open_jobs"),
        ),
    ),
    KERNELS: Hook(
        "the kernel of a notebook is a fork, too, and is asked no longer than it takes to answer",
        (
            Needed(_FORKS, "_forkserver._forkserver_address"),
            Needed(_FORKS, "_forkserver.ensure_running", ""),
            Needed(_PROVISIONER, "LocalProvisioner.launch_kernel", "self cmd kwargs"),
            Needed(_PROVISIONER, "LocalProvisioner.wait", "self"),
            Needed(_PROVISIONER, "LocalProvisioner.kill", "self restart"),
            Needed(_PROVISIONER, "LocalProvisioner.process"),
            Needed(_PROVISIONER, "LocalProvisioner.connection_info"),
            Needed(_MANAGER, "AsyncKernelManager._async_pre_start_kernel"),
            Needed(_CLIENT, "AsyncKernelClient.wait_for_ready", "self timeout"),
            Needed(_CLIENT, "AsyncKernelClient._handle_kernel_info_reply", "self msg"),
            Needed("ipykernel.kernelapp", "launch_new_instance"),
        ),
    ),
    QUIET: Hook(
        "a kernel that has run its last cell is ended without being interrupted first",
        (Needed(_MANAGER, "AsyncKernelManager._async_interrupt_kernel", "self"),),
    ),
}


def usable(hook: str, say: Callable[[str], object]) -> bool:
    """Whether a speed-up can be made here. Where not, ``say`` gets one line that says why."""
    why = f"{PLAIN} is set" if os.environ.get(PLAIN) else fault(HOOKS[hook].needs)
    if why:
        say(f"slower, with the same results: without {hook} ({why})")
    return not why


def fault(needs: Sequence[Needed]) -> str:
    """The first of these names that is not as it is needed, and why; empty where all are."""
    for needed in needs:
        try:
            value: Any = attrgetter(needed.name)(importlib.import_module(needed.module))
        except Exception:  # whatever a package that has changed does when it is imported
            return f"{needed} is missing"
        if needed.parameters is not None and _parameters(value) != needed.parameters:
            return f"{needed} has other parameters"
        if needed.sets and needed.sets not in _names_in(value):
            return f"{needed} is missing"
    return ""


def _parameters(function: Any) -> str | None:
    try:
        return " ".join(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None


def _names_in(function: Any) -> tuple[str, ...]:
    """The names of attributes and globals in a function's code."""
    names: tuple[str, ...] = getattr(getattr(function, "__code__", None), "co_names", ())
    return names
