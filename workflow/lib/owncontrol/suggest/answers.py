"""The values of a yes or no as a raw file writes them."""

from collections.abc import Collection, Iterable, Mapping

from owncontrol.errors import InputError
from owncontrol.suggest.column_guesses import Guess
from owncontrol.suggest.known_words import value_of
from owncontrol.suggest.placed_measures import Placed

ANSWERS = ("yes", "no")
NUMBERS = {"1": "yes", "0": "no", "1.0": "yes", "0.0": "no"}
SHOWN = 6


def recoded_answers(place: Placed, missing: Collection[str]) -> Mapping[str, Mapping[str, Guess]]:
    """By item of a yes or no, what each of its texts stands for; empty for any other measure.

    The labels of the codes decide, where the file has any; else 1 and 0 are yes and no.
    ``missing``: codes of the file. Raises InputError for a text that is neither in any language
    that is known.
    """
    if place.measure.kind != "yes_no":
        return {}
    found: dict[str, dict[str, Guess]] = {}
    for item, columns in place.raw_columns().items():
        texts = _texts(place, columns, missing)
        labels = {text: said for name in columns for text, said in _labels(place, name).items()}
        read = {
            text: value_of(labels.get(text, text), ANSWERS) or NUMBERS.get(text, "")
            for text in texts
        }
        unknown = [text for text, answer in read.items() if not answer]
        if unknown:
            raise InputError(
                f"--measure {place.measure.name}: {', '.join(columns)} holds values that are "
                "neither yes nor no",
                f"{', '.join(map(repr, unknown[:SHOWN]))}: recode them in the file to yes and no, "
                "or to 1 and 0, or name them under --missing",
            )
        codes = {text: Guess(answer) for text, answer in read.items() if text != answer}
        if codes:
            found[item] = codes
    return found


def _labels(place: Placed, column: str) -> Mapping[str, str]:
    """The labels that the file has for the codes of a column."""
    return place.raw.choices.get(column, {})


def _texts(place: Placed, columns: Iterable[str], missing: Collection[str]) -> list[str]:
    """The different texts of the measure's columns in its rows, in the order of the file."""
    different: dict[str, None] = {}
    for column in columns:
        texts = place.raw.texts(column)[place.rows]
        different |= dict.fromkeys(text for text in texts.unique() if text)
    return [text for text in different if text not in missing]
