"""Texts that have the form of people's names: no list of names, so a net with holes.

A name has two words or more that begin with a capital, in any order and script that has capitals
(Anna Schmidt, SCHMIDT Anna, Schmidt, A., Dr. Anna van der Berg). One word alone is not told from
the word of a rating.
"""

import re
import unicodedata
from collections.abc import Collection

from owncontrol.privacy.contacts import contacts_in

MOST = 0.5  # of the texts, from which on they are names
# Words that are small in a name.
SMALL = frozenset(
    {"af", "al", "bin", "d", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e"}
    | {"el", "ibn", "la", "le", "op", "ten", "ter", "und", "van", "von", "y", "zu", "zum", "zur"}
)
APART = re.compile(r"[ ,.'\u2019\u00b7\u30fb-]+")


def people_in(texts: Collection[str]) -> str:
    """What texts tell of people, in words; empty where nothing is seen."""
    if any(map(contacts_in, texts)):
        return "numbers or addresses of people"
    written = [text for text in texts if text.strip()]
    if written and sum(map(has_form_of_name, written)) >= MOST * len(written):
        return "names of people"
    return ""


def has_form_of_name(text: str) -> bool:
    """Whether a text is two words or more with a capital each, one of them longer than initials."""
    words = APART.split(unicodedata.normalize("NFKC", text).strip(" .,"))
    if not all(word.isalpha() for word in words):
        return False
    large = [word for word in words if word.casefold() not in SMALL or word[:1].isupper()]
    capitals = all(word[:1].isupper() for word in large)
    return capitals and len(large) > 1 and any(len(word) > 2 for word in large)
