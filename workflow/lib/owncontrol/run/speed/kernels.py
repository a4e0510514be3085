"""Which manager starts and ends the kernel of a notebook: the fastest that works here."""

from collections.abc import Callable
from typing import Any

from owncontrol.run.speed.forked_scripts import knows_warm_process
from owncontrol.run.speed.hooks import KERNELS, QUIET, usable


def kernel_manager(say: Callable[[str], object]) -> Any:
    """A class for ``NotebookClient.kernel_manager_class``; None for the one of nbclient.

    ``say`` gets a line for each speed-up that cannot be made.
    """
    if not usable(QUIET, say):
        return None
    if usable(KERNELS, say) and knows_warm_process():
        from owncontrol.run.speed.forked_kernels import ForkingKernelManager

        return ForkingKernelManager
    from owncontrol.run.speed.quiet_kernels import QuietKernelManager

    return QuietKernelManager
