"""The tables of published rates that come with the project, by their hashes.

``workflow/schemas/reference_tables.sha256`` repeats what ``data/reference/MANIFEST`` has of them: a
study may have a table of its own, also in that folder, and its report says so.
"""

from functools import cache

from owncontrol.basics.program_files import SCHEMAS

LISTED = SCHEMAS / "reference_tables.sha256"


def is_shipped(digest: str) -> bool:
    """Whether a table with this SHA-256 is one of those that come with the project."""
    return digest in _hashes()


@cache
def _hashes() -> frozenset[str]:
    return frozenset(line.split()[0] for line in LISTED.read_text("utf-8").splitlines() if line)
