"""Regular expressions of a configuration: checked, and stopped where one would take for ever.

Python's engine tries every way to split a text among repetitions, and ``(a+)+$`` has more ways
than seconds for thirty letters. A configuration may come from elsewhere, and so may the texts.
"""

import re
import signal
import threading
from functools import cache
from typing import NoReturn

from owncontrol.errors import InputError

LONGEST_PATTERN = 1000
# Processor time that a pattern may take: a second, and for each text a millisecond more. A text
# takes a sensible pattern some microseconds.
SECONDS, SECONDS_PER_TEXT = 1.0, 0.001


class _OutOfTimeError(Exception):
    """The time of a pattern is up."""


class Pattern:
    """A regular expression of the configuration, with the time that it has taken so far.

    ``key``: its place in the configuration.
    """

    def __init__(self, pattern: str, key: str) -> None:
        """Compile it; InputError where it is none."""
        self.pattern, self.key = pattern, key
        self._seconds, self._is_guarded = SECONDS, False
        if len(pattern) > LONGEST_PATTERN:
            raise InputError(
                f"{key}: a regular expression of {len(pattern)} characters; at most "
                f"{LONGEST_PATTERN}",
                "shorten it",
            )
        try:
            self._compiled = re.compile(pattern)
        except NO_PATTERN as error:
            raise InputError(
                f"{key}: {pattern!r} is no regular expression ({error})",
                "see the documentation of Python's module re",
            ) from error

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The match of the whole text, or None. InputError where it takes too long.

        Only the main thread can be stopped, which is where all steps and commands match.
        """
        if threading.current_thread() is not threading.main_thread():
            return self._compiled.fullmatch(text)
        if not self._is_guarded:  # asked once: to ask takes longer than to match
            signal.signal(signal.SIGVTALRM, _stop)
            self._is_guarded = True
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, self._seconds + SECONDS_PER_TEXT)
            found = self._compiled.fullmatch(text)
            self._seconds, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except _OutOfTimeError:
            self._seconds = 0.0
            raise InputError(
                f"{self.key}: the regular expression {self.pattern[:60]!r} takes too long for a "
                f"text of {len(text)} characters",
                "a repetition inside a repetition, such as (a+)+, tries every way to split a text: "
                "write it without one",
            ) from None
        except BaseException:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            raise
        return found


# What the module re raises for a text that is no pattern, or one nested too deep.
NO_PATTERN = (re.error, RecursionError, OverflowError)


@cache
def compiled(pattern: str, key: str) -> Pattern:
    """The regular expression at a key of the configuration; InputError where it is none."""
    return Pattern(pattern, key)


def _stop(*_: object) -> NoReturn:
    raise _OutOfTimeError
