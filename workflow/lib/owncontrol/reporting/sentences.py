"""Sentences of the report as data: texts, marked numbers, and references to tables and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Sentence = list[Any]  # texts, marked numbers, Ref


@dataclass(frozen=True)
class Ref:
    """A reference to a numbered table or figure; each writer makes its own of it."""

    kind: Literal["table", "figure"]
    name: str


def listed(words: Sequence[str]) -> str:
    """A, B and C."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def capital(text: str) -> str:
    """``text`` with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]


def verb(count: float, one: str, many: str) -> str:
    """The form of a word for a count: ``was`` of one, ``were`` of several or none."""
    return one if count == 1 else many


def in_brackets(parts: Sequence[Sentence]) -> Sentence:
    """Parts between brackets, separated by semicolons; nothing where there are none."""
    found: Sentence = []
    for part in filter(None, parts):
        found += ["; " if found else " (", *part]
    return [*found, ")"] if found else []
