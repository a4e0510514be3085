"""Warm processes: the scripts of a run start as forks of one process that has their imports done.

Most of the time of a small study is the start of forty Python processes and what each imports.
``multiprocessing`` keeps a process with one thread, and nothing but imports in it, from which it
forks: each script still has a process of its own, and nothing is left in it from another one.
"""

import contextlib
import itertools
import multiprocessing
import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from snakemake.benchmark import benchmarked
from snakemake.persistence import UNREPRESENTABLE, PersistenceBase
from snakemake.scheduling.job_scheduler import JobScheduler
from snakemake.script import PythonScript

from owncontrol.run.interrupt import at_work, leave_interrupts_to_the_run
from owncontrol.run.locks import hold_step

# multiprocessing looks after all its processes whenever one of them starts or ends: one at a time.
_BOOKKEEPING = threading.Lock()
FEW_JOBS = 5  # are done before all is imported


def warm_scripts(folder: Path, steps: str, to_do: Callable[[], int]) -> threading.Event:
    """Let Snakemake run the Python scripts of ``folder`` in forks of a warm process.

    That process starts beside the first script, if the run has more than ``FEW_JOBS`` (``to_do``
    counts them), and ends with the run. Scripts that start before it has imported all, scripts of
    other folders, and those for which Snakemake is to bring an environment of their own, run as
    Snakemake does it. ``steps`` is the folder of the locks (owncontrol.run.locks): a forked script
    holds one as long as it runs. The event that is given back is set when all is imported.

    A script of ``folder`` that does not start as a fork starts without a shell, which would take a
    blank in the path of Python for its end.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["owncontrol.run.speed.preload"])
    # Without a file and a name of the main program multiprocessing does not load that again in
    # each fork: it is Snakemake, which a script has no use for.
    program = vars(sys.modules["__main__"])
    program.pop("__file__", None)
    program["__spec__"] = None
    cold = PythonScript.execute_script
    scripts = itertools.count()
    is_warm = threading.Event()

    def warm_up() -> None:
        resource_tracker.ensure_running()  # which lets interrupts through again when it starts
        leave_interrupts_to_the_run()
        first = context.Process(target=_nothing)
        # Where that process ends early, all scripts start without it.
        with contextlib.suppress(OSError, EOFError):
            first.start()  # waits for the imports
            first.join()
            is_warm.set()

    def execute_script(self: Any, fname: str, edit: bool = False) -> None:
        own_environment = self.conda_env or self.container_img or self.env_modules
        place = Path(str(self.path.get_path_or_uri(secret_free=True)))
        ours = place.resolve().parent == folder.resolve() and not own_environment
        if ours and next(scripts) == 0 and to_do() > FEW_JOBS:
            threading.Thread(target=warm_up, daemon=True).start()
        if not ours:
            cold(self, fname, edit=edit)
            return
        leave_interrupts_to_the_run()
        if not is_warm.is_set():
            _run_alone(fname, place, self.bench_record)
            return
        process = context.Process(target=_run, args=(fname, steps, _address()))
        with _BOOKKEEPING:
            process.start()
        with at_work(process.pid), _measured(process.pid, self.bench_record):
            wait([process.sentinel])
        with _BOOKKEEPING:
            process.join()
        if process.exitcode:
            raise subprocess.CalledProcessError(process.exitcode, f"{sys.executable} {place}")

    PythonScript.execute_script = execute_script
    return is_warm


def compare_plain_params_plainly() -> None:
    """Let Snakemake write down plain parameters without importing pandas.

    It looks for tables among them, even in a run that has nothing to do: a fifth of its time.
    """
    known = PersistenceBase._serialize_param.fget

    def serialize(self: Any) -> Callable[[Any], Any]:
        def plain_first(value: Any) -> Any:
            written = self._serialize_param_builtin(value)
            return known(self)(value) if written is UNREPRESENTABLE else written

        return plain_first

    PersistenceBase._serialize_param = property(serialize)


def end_after_the_last_job() -> None:
    """Let Snakemake end when its last job has ended.

    It has a timer look again for work a second after each start of a job, and would wait for it.
    """

    def look_again(self: Any, delay: float) -> None:
        timer = threading.Timer(delay, self._open_jobs.release)
        timer.daemon = True
        timer.start()

    JobScheduler._schedule_reevalutation = look_again


def _run_alone(script: str, place: Path, record: Any) -> None:
    """Run a script in a Python of its own."""
    process = subprocess.Popen([sys.executable, script])
    with at_work(process.pid), _measured(process.pid, record):
        code = process.wait()
    if code:
        raise subprocess.CalledProcessError(code, f"{sys.executable} {place}")


def _nothing() -> None:
    """A process that has nothing to do."""


def _address() -> Any:
    """Where the warm process listens."""
    return forkserver._forkserver._forkserver_address  # type: ignore[attr-defined]


def _know_warm_process(address: Any) -> None:
    """Let this fork have forks of the warm process, too.

    multiprocessing means a child to use the fork server of its parent, but does not tell it where
    that is (CPython 3.11 to 3.13): it would start another one, with nothing imported.
    """
    server: Any = forkserver._forkserver
    server._forkserver_address = address
    server.ensure_running = lambda: None


def _run(script: str, steps: str, warm_process: Any) -> None:
    """Run a script as Python would run it, in the process that was forked for it."""
    _know_warm_process(warm_process)
    held = hold_step(steps)
    try:
        runpy.run_path(script, run_name="__main__")
    finally:
        os.close(held)


@contextlib.contextmanager
def _measured(process: int | None, record: Any) -> Iterator[None]:
    """Measure the process for the ``benchmark:`` of its rule, if that has one."""
    if record is None:
        yield
    else:
        with benchmarked(process, record):
            yield
