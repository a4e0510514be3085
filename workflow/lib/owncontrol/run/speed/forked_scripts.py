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
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from owncontrol.run.interrupt import at_work, leave_interrupts_to_the_run
from owncontrol.run.locks import hold_step
from owncontrol.run.speed.hooks import SCRIPTS, usable

# multiprocessing looks after all its processes whenever one of them starts or ends: one at a time.
_BOOKKEEPING = threading.Lock()
# No search for garbage among what a script imports (owncontrol.run.job turns it on again).
ALONE = "import gc, runpy, sys; gc.disable(); runpy.run_path(sys.argv[1], run_name='__main__')"
FEW_JOBS = 5  # are done before all is imported
LONGEST_WAIT = 30.0  # seconds, for the imports of the warm process
_knows = False  # whether this process knows the warm process that it was forked off


class WarmProcess:
    """The process that scripts are forked off; ``ready`` is set when it has imported all."""

    def __init__(self) -> None:
        """Nothing starts before ``warm_up``."""
        self.ready = threading.Event()
        self._settled = threading.Event()  # not set as long as it starts
        self._settled.set()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["owncontrol.run.speed.preload"])
        # Without a file and a name of the main program multiprocessing does not load that again in
        # each fork: it is Snakemake, which a script has no use for.
        program = vars(sys.modules["__main__"])
        program.pop("__file__", None)
        program["__spec__"] = None

    def warm_up(self) -> None:
        """Start beside what is at work; where that fails scripts start without it."""
        self._settled.clear()
        threading.Thread(target=self._warm_up, daemon=True).start()

    def _warm_up(self) -> None:
        self._start()
        self._settled.set()

    def _start(self) -> None:
        # Whatever multiprocessing does where it has changed.
        with contextlib.suppress(Exception):
            resource_tracker.ensure_running()  # which lets interrupts through again when it starts
            leave_interrupts_to_the_run()
            first = self._context.Process(target=_nothing)
            first.start()  # waits for the imports
            first.join()
            self.ready.set()

    def fork(self, script: str, steps: str) -> Any:
        """The process of a script, started; None where none can be forked.

        Waits for a warm process that is importing: a script of its own would import the same.
        """
        self._settled.wait(LONGEST_WAIT)
        if not self.ready.is_set():
            return None
        process = self._context.Process(target=_run, args=(script, steps, _address()))
        try:
            with _BOOKKEEPING:
                process.start()
        except Exception:  # as above: the process has ended, or is out of reach
            self.ready.clear()
            return None
        return process


def warm_scripts(
    folder: Path, steps: str, to_do: Callable[[], int], say: Callable[[str], object]
) -> None:
    """Let Snakemake run the Python scripts of ``folder`` in forks of a warm process.

    That process starts with the first script, if the run has more than ``FEW_JOBS`` (``to_do``
    counts them), and ends with the run; scripts wait until it has imported all. Where it does not
    start they run without it; scripts of other folders, and those for which Snakemake is to bring
    an environment of their own, run as Snakemake does it. ``steps`` is the folder of the locks
    (owncontrol.run.locks): a forked script holds one as long as it runs.

    A script of ``folder`` that does not start as a fork starts without a shell, which would take a
    blank in the path of Python for its end. Where Snakemake has changed, all is left to it, and
    ``say`` gets one line.
    """
    if not usable(SCRIPTS, say):
        # Snakemake puts this into a line of the shell as it is.
        sys.executable = shlex.quote(sys.executable)
        return
    from snakemake.script import PythonScript

    warm = WarmProcess()
    cold = PythonScript.execute_script
    scripts = itertools.count()

    def execute_script(self: Any, fname: str, edit: bool = False) -> None:
        own_environment = self.conda_env or self.container_img or self.env_modules
        place = Path(str(self.path.get_path_or_uri(secret_free=True)))
        if own_environment or place.resolve().parent != folder.resolve():
            cold(self, fname, edit=edit)
            return
        if next(scripts) == 0 and to_do() > FEW_JOBS:
            warm.warm_up()
        leave_interrupts_to_the_run()
        process = warm.fork(fname, steps)
        if process is None:
            code = _run_alone(fname, self.bench_record)
        else:
            code = _wait_for(process, self.bench_record)
        if code:
            raise subprocess.CalledProcessError(code, f"{sys.executable} {place}")

    PythonScript.execute_script = execute_script


def jobs_to_do(workflow: Any) -> int:
    """The jobs that a run of Snakemake still has to do."""
    return len(list(workflow.dag.needrun_jobs(exclude_finished=False)))


def knows_warm_process() -> bool:
    """Whether this process is a script that was forked, and may have forks of its own."""
    return _knows


def _run_alone(script: str, record: Any) -> int:
    """Run a script in a Python of its own; its exit code."""
    process = subprocess.Popen([sys.executable, "-c", ALONE, script])
    with at_work(process.pid), _measured(process.pid, record):
        return process.wait()


def _wait_for(process: Any, record: Any) -> int:
    """Wait for a script that was forked; its exit code."""
    with at_work(process.pid), _measured(process.pid, record):
        wait([process.sentinel])
    with _BOOKKEEPING:
        process.join()
    return int(process.exitcode)


def _nothing() -> None:
    """A process that has nothing to do."""


def _address() -> Any:
    """Where the warm process listens; None where multiprocessing has changed."""
    server = getattr(forkserver, "_forkserver", None)
    return getattr(server, "_forkserver_address", None)


def _know_warm_process(address: Any) -> None:
    """Let this fork have forks of the warm process, too.

    multiprocessing means a child to use the fork server of its parent, but does not tell it where
    that is (CPython 3.11 to 3.13): it would start another one, with nothing imported.
    """
    global _knows
    server: Any = getattr(forkserver, "_forkserver", None)
    if address is None or server is None:
        return
    server._forkserver_address = address
    server.ensure_running = lambda: None
    _knows = True


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
        from snakemake.benchmark import benchmarked

        with benchmarked(process, record):
            yield
