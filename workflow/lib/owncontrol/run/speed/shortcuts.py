"""Two waits of Snakemake that a run can do without."""

import threading
from collections.abc import Callable
from typing import Any

from owncontrol.run.speed.hooks import END, PARAMS, usable


def take_shortcuts(say: Callable[[str], object]) -> None:
    """Take both, in this process; ``say`` gets a line for one that cannot be taken."""
    compare_plain_params_plainly(say)
    end_after_the_last_job(say)


def compare_plain_params_plainly(say: Callable[[str], object]) -> None:
    """Let Snakemake write down plain parameters without importing pandas.

    It looks for tables among them, even in a run that has nothing to do: a fifth of its time.
    """
    if not usable(PARAMS, say):
        return
    from snakemake.persistence import UNREPRESENTABLE, PersistenceBase

    known = PersistenceBase._serialize_param.fget

    def serialize(self: Any) -> Callable[[Any], Any]:
        def plain_first(value: Any) -> Any:
            written = self._serialize_param_builtin(value)
            return known(self)(value) if written is UNREPRESENTABLE else written

        return plain_first

    PersistenceBase._serialize_param = property(serialize)


def end_after_the_last_job(say: Callable[[str], object]) -> None:
    """Let Snakemake end when its last job has ended, and look for work once a second until then.

    It has a timer look again a second after each look, and would wait for it. Every job that ends
    has it look once more, so that after forty jobs it would look forty times a second.
    """
    if not usable(END, say):
        return
    from snakemake.scheduling.job_scheduler import JobScheduler

    waiting: list[threading.Timer] = []

    def look_again(self: Any, delay: float) -> None:
        for timer in waiting:  # this look was later: a second from it is soon enough
            timer.cancel()
        waiting[:] = [threading.Timer(delay, self._open_jobs.release)]
        waiting[0].daemon = True
        waiting[0].start()

    JobScheduler._schedule_reevalutation = look_again
