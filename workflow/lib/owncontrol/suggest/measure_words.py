"""What a measure is called, and the words that are in its cells in place of numbers."""

import re
from collections.abc import Callable, Collection

from owncontrol.basics.program_files import INSTRUMENTS
from owncontrol.errors import InputError
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.suggest.known_words import known_words
from owncontrol.suggest.proposal import slug

NUMBER = re.compile(r"[<>≤≥~]?\s*[-+−–]?\d*[.,]?\d+([.,]\d+)*([eE][-+]?\d+)?\s*%?")
NO_VOWEL = re.compile(r"[b-df-hj-np-tv-xz]{2,5}")


def label_of_name(name: str) -> str:
    """A label from a column's name: known abbreviations (BDI) in capitals, else the first letter.

    So are short names without a vowel, which are no words.
    """
    first, *rest = name.replace("_", " ").split() or [name]
    is_short = bool(NO_VOWEL.fullmatch(first)) or first in known_words()["abbreviations"]
    return " ".join([first.upper() if is_short else first[:1].upper() + first[1:], *rest])


def measure_name(text: str) -> str:
    """A name for an instrument of the study that is none of the library or of a table."""
    name = slug(text)
    name = name if name[0].isalpha() else f"measure_{name}"
    taken = {*CANONICAL, *(path.stem for path in INSTRUMENTS.glob("*.yaml"))}
    return f"{name}_measured" if name in taken else name


def check_words(
    name: str,
    said: Collection[str],
    filled: Collection[str],
    listed: Callable[[Collection[str]], str],
) -> None:
    """Refuse a measure in whose cells stand words that were not said.

    ``filled``: its different texts. ``listed``: some texts in a line, as they may be shown. Single
    words among numbers are left to the run, which reports each at its cell. Raises InputError that
    names ``--words``.
    """
    strange = [text for text in filled if text not in said]
    if said and strange:
        raise InputError(
            f"--words {name}: leaves out words of its cells",
            f"{listed(strange)}: name all, the lowest first, or those that stand for a missing "
            "value under --missing",
        )
    if not said and len([text for text in filled if NUMBER.fullmatch(text)]) * 2 < len(filled):
        raise InputError(
            f"--measure {name}: its cells hold words",
            f"{listed(strange)}: say their order with --words {name}=LOWEST,...,HIGHEST, or name "
            "those that stand for a missing value under --missing",
        )
