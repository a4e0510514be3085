"""A notebook's kernel as a fork of the run's warm process (owncontrol.run.speed.forked_scripts).

Import this only where ``run.speed.hooks`` finds KERNELS and QUIET usable.
"""

import asyncio
import logging
import math
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from owncontrol.run.resource_usage import count_helper
from owncontrol.run.speed.quiet_kernels import QuietKernelManager


class ForkedKernel:
    """What jupyter_client asks of the process of a kernel."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        """``process`` is the process of the kernel, of multiprocessing, started."""
        self.pid = process.pid
        self._process = process
        self.kill = process.kill
        self.terminate = process.terminate

    def poll(self) -> int | None:
        """Exit code, or None as long as the kernel is at work."""
        code: int | None = self._process.exitcode
        return code

    def wait(self) -> int | None:
        """Exit code, once the kernel has ended."""
        self._process.join()
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel."""
        os.kill(self.pid, number)


class ForkingProvisioner(LocalProvisioner):
    """Starts a kernel of this machine by a fork instead of a new Python."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start what ``cmd`` would start, in the folder and environment of ``kwargs``."""
        try:
            kernel = ForkedKernel(_forked(cmd, kwargs))
        except Exception as error:  # whatever multiprocessing does where it has changed
            logging.getLogger("owncontrol").info(
                "slower, with the same results: no fork of a kernel (%r)", error
            )
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel  # type: ignore[assignment]
        self.pid = kernel.pid
        return self.connection_info

    async def wait(self) -> int | None:
        """Exit code, as soon as the kernel has ended; jupyter_client looks ten times a second."""
        code = await asyncio.to_thread(self.process.wait) if self.process else 0
        self.process = None
        return code

    async def kill(self, restart: bool = False) -> None:
        """End the kernel; what it has used counts as used by the step."""
        if isinstance(self.process, ForkedKernel):
            count_helper(self.process.pid)
        await super().kill(restart)


class PromptClient(AsyncKernelClient):
    """Talks to a kernel that has just been forked, as soon as that can talk."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask until all that the kernel says to one question has come: then no message gets lost.

        jupyter_client waits for a fifth of a second of silence, in every notebook. Raises
        RuntimeError where the kernel has died, or says nothing for ``timeout`` seconds.
        """
        end = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            question = self.kernel_info()
            try:
                self._handle_kernel_info_reply(await self.get_shell_msg(timeout=1))
                while True:
                    message = await self.get_iopub_msg(timeout=0.2)
                    state = message["content"].get("execution_state")
                    if state == "idle" and message["parent_header"].get("msg_id") == question:
                        return
            except Empty:
                if not await self.is_alive() or time.monotonic() > end:
                    raise RuntimeError("the kernel did not start") from None


class ForkingKernelManager(QuietKernelManager):
    """Manages a kernel that is a fork of the warm process."""

    client_class = "owncontrol.run.speed.forked_kernels.PromptClient"

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        self.provisioner = ForkingProvisioner(kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**kwargs)


def _forked(command: Sequence[str], given: Mapping[str, Any]) -> Any:
    """The process of a kernel, started; ``given``: its environment, perhaps its folder."""
    process = multiprocessing.get_context("forkserver").Process(
        target=_kernel,
        args=(command, given["env"], given.get("cwd") or str(Path.cwd())),
        daemon=True,
    )
    # multiprocessing would run the file of the script that is at work in the fork once more.
    script = vars(sys.modules["__main__"])
    file = script.pop("__file__", None)
    try:
        process.start()
    finally:
        script["__file__"] = file
    return process


def _kernel(command: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
    """Be the kernel, in the process that was forked for it."""
    import pandas
    from ipykernel import kernelapp

    # What pandas has in a notebook; where it was imported it saw none, and took to a terminal's.
    pandas.set_option("display.max_columns", 20)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    arguments = list(command[command.index("ipykernel_launcher") + 1 :])
    # One that knows of no process that started it tells the terminal how to connect to it.
    arguments.append(f"--IPKernelApp.parent_handle={os.getppid()}")
    kernelapp.launch_new_instance(argv=arguments)


def _leave_with_parent() -> None:
    """End the kernel when the step that it works for has gone, however that ended."""
    step = multiprocessing.parent_process()
    assert step is not None
    step.join()
    os._exit(1)
