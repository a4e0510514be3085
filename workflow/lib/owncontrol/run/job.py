"""Around each step: a log, whole errors for engineers, one line for everybody else."""

import contextlib
import errno
import gc
import logging
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path

from owncontrol.engine_texts import told
from owncontrol.errors import InputError
from owncontrol.run.installed import check_loaded
from owncontrol.run.locks import hold_step
from owncontrol.run.output_hashes import (
    mark_made,
    mark_unfinished,
    outputs_of_this_script,
    this_job,
)
from owncontrol.run.resource_usage import spent_line

# A run of the example study writes about 40 MB; below this the disk counts as full.
LEAST_FREE_BYTES = 100 * 2**20
FAILED = "failed: "
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
FAILING = (errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ETIMEDOUT)
LIMITS = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
SNAKEMAKE = ".snakemake"  # its folder in the working folder, as common.smk names it


@contextlib.contextmanager
def step(log: Path | str, outputs: Iterable[str] | None = None) -> Iterator[logging.Logger]:
    """Run a step's work under a log file; what a person can mend becomes one line and a hint.

    The next run sees that a step is at work (owncontrol.run.locks), also one whose run was killed.
    What the step makes is recorded beside the log (run.output_hashes): ``outputs``, or if left out
    those of the Snakemake job that runs; it is not made if a module came from outside of the
    environment. The log ends with the time and memory that it took.

    InputError and what the system refuses (a full disk, a closed folder, a disk that fails) end
    the process with exit code 1 and no stack trace. Every other exception is a fault of the
    program and keeps its trace.
    """
    made = Path(log).with_suffix(".made")
    outputs = outputs_of_this_script() if outputs is None else list(outputs)
    if this_job() is not None:
        hold_step(SNAKEMAKE)  # until the process ends
    gc.freeze()  # what is imported stays
    gc.enable()
    logging.raiseExceptions = False  # a log that cannot be written prints no trace
    try:
        made.parent.mkdir(parents=True, exist_ok=True)
        logging.basicConfig(
            filename=log, filemode="w", format="%(message)s", level=logging.INFO, force=True
        )
        mark_unfinished(made, outputs)
        yield logging.getLogger("owncontrol")
        if this_job() is not None:
            check_loaded()
        mark_made(made, outputs)
        logging.getLogger("owncontrol").info("%s", spent_line())
    except InputError as error:
        _fail(error)
    except OSError as error:
        known = readable_os_error(error)
        if known is None:
            _log_program_error(error)
            raise
        _fail(known)
    except Exception as error:
        _log_program_error(error)
        raise


def readable_os_error(error: OSError) -> InputError | None:
    """A disk fault in words, or None for one that is the program's own."""
    # Of a write the system does not say to which file.
    name = error.filename or "a file of the step"
    if error.errno in NO_SPACE:
        return InputError(
            f"no space left on the disk (writing {name})",
            "free some space and run again; earlier results are untouched",
        )
    if error.errno in CLOSED:
        return InputError(
            f"{name}: cannot be written ({error.strerror})",
            "make the folder writable, or run in a copy of the project elsewhere",
        )
    if error.errno in FAILING:
        return InputError(
            f"{name}: the disk or network does not answer ({error.strerror})",
            "look at the disk, and run again; earlier results are untouched",
        )
    if error.errno in LIMITS:
        return InputError(
            f"{name}: a limit of the system is reached ({error.strerror})",
            "raise the limit (ulimit -n, memory), or run with fewer cores",
        )
    return None


def check_writable(folders: Iterable[Path | str]) -> None:
    """Raise InputError unless a file can be written in each folder and the disk has room."""
    for folder in map(Path, folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"\0" * 4096)
        except OSError as error:
            known = readable_os_error(error)
            raise known or InputError(f"{folder}: {error.strerror}", "look at the folder") from None
        free = shutil.disk_usage(folder).free
        if free < LEAST_FREE_BYTES:
            raise InputError(
                f"{folder}: only {free // 2**20} MiB left on the disk; a run needs "
                f"{LEAST_FREE_BYTES // 2**20}",
                "free some space; nothing was touched",
            )


def one_line(error: InputError) -> str:
    """The error and its hint as Snakemake prints them after 'Error:'."""
    return f"{error.message}\n  Hint: {error.hint}"


def failures(logs: Path | str) -> list[str]:
    """What the steps that failed last say, one line and a hint each, from their logs."""
    lines: list[str] = []
    for log in sorted(Path(logs).rglob("*.log")):
        text = log.read_text("utf-8", errors="replace")
        if text.startswith(FAILED):
            lines += map(told, text.splitlines()[:2])
    return lines


def _fail(error: InputError) -> None:
    _replace_log(f"{FAILED}{one_line(error)}")
    raise SystemExit(1) from None


def _log_program_error(error: Exception) -> None:
    name = _log_file() or "the log"
    trace = "".join(traceback.format_exception(error))
    _replace_log(
        f"{FAILED}{type(error).__name__}: {error}\n"
        f"  Hint: internal error; see the traceback in {name}\n{trace}"
    )


def _log_file() -> str:
    """The log of this step; '' where it could not be opened."""
    handlers = logging.getLogger().handlers
    return str(getattr(handlers[0], "baseFilename", "")) if handlers else ""


def _replace_log(text: str) -> None:
    """Write the failure at the head of the log, where ``failures`` looks for it.

    What cannot be logged is printed: its first two lines.
    """
    name = _log_file()
    try:
        logging.getLogger().handlers[0].close()
        Path(name).write_text(text + "\n", "utf-8")
    except (OSError, IndexError):
        message, hint = [*text.removeprefix(FAILED).splitlines(), ""][:2]
        print(f"error: {message}\n{hint}", file=sys.stderr)
