"""Keyed codes in place of study codes: the same key gives the same codes, and nobody else can."""

import base64
import hmac
import re
from pathlib import Path

from owncontrol.errors import InputError

LEAST_KEY_BYTES = 16


def read_key(path: Path | str) -> bytes:
    """The key of the subject codes; InputError where it is missing, short, or in the results."""
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
    key = file.read_bytes().strip()
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
