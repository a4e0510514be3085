"""The values of a yes or no as a raw file writes them."""

from collections.abc import Collection, Iterable, Mapping
from functools import partial

from owncontrol.errors import InputError
from owncontrol.suggest.column_guesses import Guess
from owncontrol.suggest.known_words import value_of
from owncontrol.suggest.measure_words import check_words
from owncontrol.suggest.placed_measures import Placed
from owncontrol.suggest.shown_cells import listed_texts

ANSWERS = ("yes", "no")
# As programs write them; words of yes and no are known in several languages.
WRITTEN = {"1": "yes", "0": "no", "1.0": "yes", "0.0": "no", "true": "yes", "false": "no"}
# Initials, where a column holds nothing else (English, German, Spanish, French; true and false).
INITIALS = ({"y", "n"}, {"j", "n"}, {"s", "n"}, {"o", "n"}, {"t", "f"}, {"y"}, {"n"})
NO_LABELS: Mapping[str, str] = {}
NO_INITIALS = {"n", "f"}


def recoded_answers(place: Placed, missing: Collection[str]) -> Mapping[str, Mapping[str, Guess]]:
    """By item of a yes or no, what each of its texts stands for; empty for any other measure.

    The labels of the codes decide, where the file has any; else 1 and 0 are yes and no.
    ``missing``: codes of the file. Raises InputError for a text that is neither in any language
    that is known, and for words of another measure whose order is not known.
    """
    if place.measure.kind != "yes_no":
        for columns in place.raw_columns().values():
            check_words(
                place.measure.name,
                place.measure.words,
                _texts(place, columns, missing),
                partial(listed_texts, place.raw, columns),
            )
        return {}
    asked = _asked(place)
    found: dict[str, dict[str, Guess]] = {}
    for item, columns in place.raw_columns().items():
        texts = _texts(place, columns, missing)
        labels = {text: said for name in columns for text, said in _labels(place, name).items()}
        read = answers_of(texts, labels) | {text: asked[text] for text in texts if text in asked}
        unknown = [text for text, answer in read.items() if not answer]
        if unknown:
            raise InputError(
                f"--measure {place.measure.name}: {', '.join(columns)} holds values that are "
                "neither yes nor no",
                f"{listed_texts(place.raw, columns, unknown)}: say which they are with --words "
                f"{place.measure.name}=NO,YES, or name them under --missing",
            )
        codes = {text: Guess(answer) for text, answer in read.items() if text != answer}
        if codes:
            found[item] = codes
    return found


def answers_of(texts: Collection[str], labels: Mapping[str, str] = NO_LABELS) -> dict[str, str]:
    """Which of some texts says yes and which no; an empty text for one that says neither.

    ``labels``: what the file calls its codes, which then decides.
    """
    initials = _initials(texts)
    return {
        text: value_of(labels.get(text, text), ANSWERS)
        or WRITTEN.get(text.casefold(), "")
        or initials.get(text, "")
        for text in texts
    }


def _initials(texts: Collection[str]) -> Mapping[str, str]:
    """What the initials of yes and no stand for, in a column of nothing else."""
    if {text.casefold() for text in texts} not in INITIALS:
        return {}
    return {text: "no" if text.casefold() in NO_INITIALS else "yes" for text in texts}


def _asked(place: Placed) -> Mapping[str, str]:
    """What the two words of a yes or no stand for that a person named, no first."""
    words = place.measure.words
    if words and len(words) != len(ANSWERS):
        raise InputError(
            f"--words {place.measure.name}: {len(words)} words for a yes or no",
            "name two, that for no first",
        )
    return dict(zip(words, ("no", "yes"), strict=False))


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
