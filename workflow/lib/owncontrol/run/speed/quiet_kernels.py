"""A kernel that says nothing in the output of the run when it ends.

Import this only where ``run.speed.hooks`` finds QUIET usable.
"""

from jupyter_client.manager import AsyncKernelManager


class QuietKernelManager(AsyncKernelManager):
    """Ends a kernel without interrupting it first: that would complain in the output of the run."""

    async def _async_interrupt_kernel(self) -> None:
        pass
