"""What a run says while it is at work: a bar on a terminal, a few plain lines elsewhere, errors.

Snakemake's own words go to its log file. This is a handler of its logging, which Snakemake finds by
the name of the module ``snakemake_logger_plugin_owncontrol``; ``owncontrol run`` asks for it.
"""

import logging
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import PurePosixPath

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from owncontrol.engine_texts import told
from owncontrol.progress import CLEAR

# By the folder of a step's log, which is named after the stage (workflow/rules/<stage>.smk).
STAGES = {
    "verify": "checking the raw files",
    "ingest": "reading the raw files",
    "clean": "cleaning",
    "score": "scoring",
    "plan": "comparing with the plan",
    "analyse": "analysing",
    "draw": "drawing the figures",
    "report": "writing the report",
    "prove": "recording how it was made",
}
PARTS = 5  # of all steps, with a plain line after each but the last
SECONDS = 2.0  # the least between two plain lines
EARLY = 0.1  # the share of the steps up to which their rate says nothing of the time left
BAR = 24  # signs
SLOWER = "slower, with the same results"  # how owncontrol.run.speed.hooks begins its line


class Calm:
    """What is said of the records of one run. ``write`` gets whole pieces of text.

    ``terminal``: whether a bar can be drawn again on its line; ``columns``: how wide that is.
    ``clock`` gives seconds.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        terminal: bool,
        columns: int = 80,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is written before the first record."""
        self.write, self.terminal, self.columns, self.clock = write, terminal, columns, clock
        self.began = self.last = clock()
        self.done = self.total = self.said = 0
        self.stage = ""
        self.failed: list[str] = []  # each step that did, with its logs
        self.worked = False

    def take(self, record: logging.LogRecord) -> None:
        """Say what one record of Snakemake's log means to whoever waits, if anything."""
        event = getattr(record, "event", None)
        if event == LogEvent.RUN_INFO:
            self.began = self.last = self.clock()
            self.worked = True
            self.total = int(getattr(record, "stats", {}).get("total", 0))
        elif event == LogEvent.JOB_INFO:
            self.stage = stage_of(getattr(record, "log", ())) or self.stage
            self._show()
        elif event == LogEvent.PROGRESS:
            self.done, self.total = int(record.__dict__["done"]), int(record.__dict__["total"])
            self._show()
        elif event in (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR):
            self.failed.append(_failed_step(record))
        elif event is None and _is_worth_a_line(record) and not (self.failed and _is_sum(record)):
            self._line(record.getMessage().strip())

    def end(self) -> None:
        """Leave no half of a bar behind."""
        if self.terminal and self.total:
            self.write(CLEAR)
        self.total = 0

    def _show(self) -> None:
        share = self.done / self.total if self.total else 0.0
        if self.terminal and self.worked:
            self.write(CLEAR + self._bar(share)[: max(self.columns - 1, 0)])
        elif self.done < self.total and self.done * PARTS // self.total > self.said:
            self.said = self.done * PARTS // self.total
            if self.clock() - self.last >= SECONDS:
                self.last = self.clock()
                self._line(f"  {self.done} of {self.total} steps{self._times(share)}")

    def _bar(self, share: float) -> str:
        full = int(share * BAR)
        return f"[{'#' * full}{'.' * (BAR - full)}] {share:4.0%}{self._times(share)}"

    def _times(self, share: float) -> str:
        gone = self.clock() - self.began
        left = f", about {spoken_time(gone * (1 - share) / share)} left" if share > EARLY else ""
        return f", {spoken_time(gone)}{left}" + (f": {self.stage}" if self.stage else "")

    def _line(self, text: str) -> None:
        self.write((CLEAR if self.terminal and self.worked else "") + told(text) + "\n")


def stage_of(logs: object) -> str:
    """What a step with these log files is at, in words; empty where its log names no stage."""
    for log in logs if isinstance(logs, list | tuple) else ():
        for part in reversed(PurePosixPath(str(log)).parts[:-1]):
            if part in STAGES:
                return STAGES[part]
    return ""


def spoken_time(seconds: float) -> str:
    """A time as people say it: 8 s, 1 min 53 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = round(whole / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def _failed_step(record: logging.LogRecord) -> str:
    name = str(getattr(record, "rule_name", "a step")).replace("_", " ")
    logs = ", ".join(map(str, getattr(record, "log", ()) or ()))
    return f"{name} (see {logs})" if logs else name


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR or record.getMessage().startswith(SLOWER)


def _is_sum(record: logging.LogRecord) -> bool:
    """Whether Snakemake only says once more that something failed, or where its log is."""
    return "\n" not in record.getMessage().strip()


class CalmHandler(LogHandlerBase):
    """The handler that Snakemake makes; ``latest`` is what the last one made has said."""

    latest: Calm | None = None

    def __post_init__(self) -> None:
        """Write to the standard error of this process."""
        terminal = sys.stderr.isatty()
        columns = shutil.get_terminal_size().columns
        self.calm = CalmHandler.latest = Calm(_write, terminal, columns)

    def emit(self, record: logging.LogRecord) -> None:
        """Say what one record means; a terminal that is gone stops no run."""
        try:
            self.calm.take(record)
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """Remove the bar; Snakemake calls this at the end of a run."""
        self.calm.end()
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        """In place of Snakemake's own words."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """Its log file is Snakemake's."""
        return False

    @property
    def has_filter(self) -> bool:
        """What is said is chosen here."""
        return True

    @property
    def has_formatter(self) -> bool:
        """And in these words."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """Nothing is drawn of the rules."""
        return False


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
