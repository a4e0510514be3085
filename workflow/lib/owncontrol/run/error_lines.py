"""What Snakemake says of an error: one line and a hint in place of a trace.

Snakemake prints the trace of every exception that is not its own, and ``logging`` that of a log
which cannot be written; a full disk or a closed folder is no error of a program.
"""

import logging

TRACE = "Traceback (most recent call last)"
REFUSED = ("OSError", "PermissionError", "FileNotFoundError", "BlockingIOError", "TimeoutError")


class OneLine(logging.Filter):
    """Shortens a message that is a trace to its last line, with a hint."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, none of them with a trace."""
        text = record.getMessage()
        # With --verbose the trace is logged for engineers, as 'Full Traceback', at debug.
        if TRACE in text and record.levelno > logging.DEBUG:
            lines = [line for line in text.splitlines() if line and not line[0].isspace()]
            record.msg, record.args = f"error: {lines[-1][:500]}\n  Hint: {_hint(lines[-1])}", ()
        record.exc_info = record.exc_text = None
        return True


def _hint(line: str) -> str:
    if line.startswith(REFUSED):
        return (
            "the system refused to read or write this: look at the space that is left and at the "
            "permissions, and run again; what was made so far is kept"
        )
    return "an error of the program; --verbose shows where"


def say_errors_in_one_line(logger: logging.Logger) -> None:
    """Let a logger, Snakemake's own, and every log that cannot be written, print no trace."""
    logging.raiseExceptions = False
    logger.addFilter(OneLine())
    for name in ("concurrent.futures", "asyncio"):
        logging.getLogger(name).addFilter(OneLine())
