"""Why a row was merged with another one: as cleaning records it and lineage reads it."""

import re

EQUAL_ROW = "equal to an earlier row"
_EVENT = "the same event as row "
_MERGED = re.compile(f"{EQUAL_ROW}|{_EVENT}.+")


def same_event(row: str) -> str:
    """The reason of a row of an adverse event that another row is kept for."""
    return f"{_EVENT}{row}"


def is_merged(reason: str) -> bool:
    """Whether a reason of the record of quarantine says that the row was merged, not set aside."""
    return _MERGED.fullmatch(reason) is not None
