"""How far a long step is: a line every few seconds, none from one that is soon done."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Part = TypeVar("Part")
SECONDS = 3.0  # between two lines
CLEAR = "\r\x1b[K"  # the line of a terminal
EARLY = 0.05  # the share of the whole up to which the rate says nothing of the time left


def progress(
    parts: Iterable[Part], what: str, unit: str, total: float, size: Callable[[Part], float]
) -> Iterator[Part]:
    """The parts themselves; writes how many of ``total`` units are done, how fast, the time left.

    The first parts may be of another kind than most: no time left is told from them.
    ``size``: units in a part, counted when the next part is asked for.
    """
    start = last = time.monotonic()
    done = 0.0
    for part in parts:
        yield part
        done += size(part)
        now = time.monotonic()
        if now - last >= SECONDS and done < total:
            rate = done / (now - start)
            left = f", {(total - done) / rate:,.0f} s left" if done > EARLY * total else ""
            # On a terminal the bar of the run may be in this line.
            start_of_line = CLEAR if sys.stderr.isatty() else ""
            print(
                f"{start_of_line}{what}: {done:,.0f} of {total:,.0f} {unit}, "
                f"{rate:,.0f} {unit}/s{left}",
                file=sys.stderr,
                flush=True,
            )
            last = now
