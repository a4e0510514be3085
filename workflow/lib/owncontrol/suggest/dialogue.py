"""A dialogue on a terminal: numbered choices, Enter takes the proposal."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from owncontrol.errors import InputError


def can_ask() -> bool:
    """Whether a person sits at the other end."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def may_replace(path: Path) -> bool:
    """Whether the person wants a new study in place of an unfinished one; no without a person."""
    return can_ask() and Dialogue().yes(f"{path} is not finished. Replace it?", proposal=False)


@dataclass(frozen=True)
class Dialogue:
    """Asks in lines and reads answers; both can be exchanged for a test."""

    read: Callable[[str], str] = input
    write: Callable[[str], object] = lambda line: print(line, file=sys.stderr)

    def text(self, question: str, proposal: str = "") -> str:
        """A free answer; Enter takes the proposal."""
        shown = f" [{proposal}]" if proposal else ""
        return self._answer(f"{question}{shown}: ") or proposal

    def yes(self, question: str, proposal: bool) -> bool:
        """A yes or a no."""
        shown = "[Y/n]" if proposal else "[y/N]"
        while True:
            said = self._answer(f"{question} {shown} ").casefold()
            if not said:
                return proposal
            if said in ("y", "yes", "n", "no"):
                return said.startswith("y")
            self.write("Please answer y or n.")

    def choice(self, question: str, choices: Sequence[tuple[str, str]], proposal: str = "") -> str:
        """One of some choices, by its number or by its text; empty for none of them.

        ``choices``: each with what is shown beside it.
        """
        self.write(question)
        for number, (name, beside) in enumerate(choices, start=1):
            mark = "*" if name == proposal else " "
            self.write(f" {mark}{number:>3}  {name}" + (f"   {beside}" if beside else ""))
        names = [name for name, _ in choices]
        while True:
            shown = f" [{proposal}]" if proposal else " [none]"
            said = self._answer(f"Number or name{shown}: ")
            if not said:
                return proposal
            if said in names:
                return said
            if said.isdecimal() and 1 <= int(said) <= len(names):
                return names[int(said) - 1]
            self.write(f"Please type a number from 1 to {len(names)}, or one of the names.")

    def _answer(self, prompt: str) -> str:
        try:
            return self.read(prompt).strip()
        except EOFError:
            raise InputError(
                "the questions were left before the last one", "nothing was written; start again"
            ) from None
