"""The order in which a person lists codes: by their numbers, 2 before 10."""

import re

NUMBER = re.compile(r"([0-9]{1,18})")


def natural_key(code: str) -> tuple[str | tuple[int, str], ...]:
    """A key to sort codes by: texts as texts, numbers in them as numbers.

    Two codes with the same key are the same. Texts and numbers take turns, the first is a text.
    """
    parts = NUMBER.split(code)
    return tuple((int(part), part) if place % 2 else part for place, part in enumerate(parts))
