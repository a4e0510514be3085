"""Keyed codes in place of study codes: the same key gives the same codes, and nobody else can."""

import base64
import hmac
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from owncontrol.errors import InputError

LEAST_KEY_BYTES, MOST_KEY_BYTES = 16, 65_536
MOST_ROWS, TRIED = 10**8, 10_000  # of a raw file; tokens made at once


def read_key(path: Path | str) -> bytes:
    """The key of the subject codes.

    Raises InputError where it is missing, cannot be read, is short or no key, or in the results.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise InputError(
            f"subject_code.key_file: {path}: no such file",
            "a file with at least 16 random bytes, kept where the results do not go",
        )
    if file.resolve().is_relative_to(Path("results").resolve()):
        raise InputError(
            f"subject_code.key_file: {path} lies in the results", "keep the key somewhere else"
        )
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_KEY_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"subject_code.key_file: {path}: cannot be read ({error.strerror})",
            "check the path and your permission to read the file",
        ) from error
    if len(content) > MOST_KEY_BYTES:
        raise InputError(
            f"subject_code.key_file: {path}: over {MOST_KEY_BYTES} bytes, which no key has",
            "name the file that holds the key",
        )
    key = content.strip()
    if len(key) < LEAST_KEY_BYTES:
        raise InputError(
            f"subject_code.key_file: {path}: {len(key)} bytes; a key has {LEAST_KEY_BYTES} or more",
            "head -c 32 /dev/urandom | base64 > FILE makes one",
        )
    return key


def key_fingerprint(path: Path | str) -> str:
    """A text that changes with the key and tells nothing of it."""
    return hmac.new(read_key(path), b"fingerprint", "sha256").hexdigest()[:16]


def keyed_code(subject: str, key: bytes, prefix: str) -> str:
    """The code of a subject: 10 signs (50 bits) of its HMAC-SHA-256 (RFC 2104) in base 32."""
    digest = hmac.new(key, subject.encode("utf-8"), "sha256").digest()
    return prefix + base64.b32encode(digest).decode("ascii")[:10]


def code_pattern(prefix: str) -> str:
    """Regular expression of the codes that ``keyed_code`` gives."""
    return f"{re.escape(prefix)}[A-Z2-7]{{10}}"


def row_tokens(rows: Iterable[int], key: bytes, file: str) -> dict[int, str]:
    """By row of a raw file, 16 signs of its HMAC: nobody finds the row by it without the key."""
    return {
        row: hmac.digest(key, f"row {row} of {file}".encode(), "sha256").hex()[:16] for row in rows
    }


def rows_of_tokens(tokens: Collection[str], key: bytes, file: str) -> dict[str, int]:
    """By token its raw row, found by trying; InputError where the key gives no such token."""
    wanted, found = set(tokens), dict[str, int]()
    for first in range(1, MOST_ROWS, TRIED):
        tried = row_tokens(range(first, first + TRIED), key, file)
        found |= {token: row for row, token in tried.items() if token in wanted}
        if len(found) == len(wanted):
            return found
        if first > TRIED + 100 * len(wanted):
            break
    raise InputError(
        f"{file}: {len(wanted) - len(found)} of {len(wanted)} rows are not those of this key",
        "name the key that the study was run with (subject_code.key_file)",
    )
