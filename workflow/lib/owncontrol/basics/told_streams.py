"""What commands print: text of files, names and cells reaches a terminal as signs alone.

A terminal takes some control characters as orders: to clear lines that were written, to change
the title of its window, to answer as if somebody had typed. Bars are ours, and stay.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO, cast

from owncontrol.engine_texts import told

# How a bar begins that is drawn over the one before.
OF_A_BAR = re.compile(r"(?:\r\n?|\x1b\[[KA])*")


class ToldStream:
    """Writes to ``stream`` what ``told`` leaves; ``has_bars``: whether bars are drawn on it."""

    def __init__(self, stream: TextIO, has_bars: bool) -> None:
        """Nothing is written."""
        self._stream, self._has_bars = stream, has_bars

    def write(self, text: str) -> int:
        """Write a piece of text; its length."""
        bar = OF_A_BAR.match(text)
        start = bar.end() if bar and self._has_bars else 0
        self._stream.write(text[:start] + told(text[start:]))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write some pieces of text."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        """All else is that of the stream."""
        return getattr(self._stream, name)


@contextmanager
def told_streams(exact: bool = False) -> Iterator[None]:
    """Let all that is printed meanwhile be legible.

    ``exact``: whether standard output has cells as they are, for another program; never on a
    terminal.
    """
    out = sys.stdout
    if not exact or out.isatty():
        out = cast("TextIO", ToldStream(out, has_bars=False))
    err = cast("TextIO", ToldStream(sys.stderr, has_bars=True))
    with redirect_stdout(out), redirect_stderr(err):
        yield
