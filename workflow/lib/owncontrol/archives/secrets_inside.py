"""What must not be in an archive: the key of keyed codes, and files that hold other secrets."""

import base64
import binascii
import io
import re
import zipfile
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

from owncontrol.basics.yaml_text import read_yaml
from owncontrol.errors import InputError
from owncontrol.privacy.keyed_codes import LEAST_KEY_BYTES

# By the names that programs give them, in small letters.
NAMES = (
    *(".env", ".env.*", "*.env", ".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd"),
    *("*.pem", "*.key", "*.ppk", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.gpg"),
    *("*.age", "credentials", "credentials.*", "secrets.*", ".git-credentials", "*.asc"),
)
SSH_KEY = re.compile(r"id_(?!.*\.(py|smk|md|csv|json|ya?ml|ipynb)$).+")
PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")
MOST_INSIDE = 256 * 2**20  # bytes that the parts of one packed file may unfold to


def is_secret(name: str, content: bytes) -> bool:
    """Whether a file holds a secret by its name or as a private key."""
    base = Path(name).name.casefold()
    named = any(fnmatch(base, pattern) for pattern in NAMES) or SSH_KEY.fullmatch(base)
    return bool(named) or PRIVATE_KEY.search(content) is not None


def key_files(configurations: Iterable[Path]) -> list[Path]:
    """The key files that these configurations name; one that cannot be read names none."""
    found = set()
    for path in configurations:
        try:
            part = read_yaml(path).get("subject_code")
        except InputError:
            continue
        name = part.get("key_file") if isinstance(part, dict) else None
        if name:
            found.add(Path(str(name)).expanduser())
    return sorted(found)


def forms_of_key(key: bytes) -> set[bytes]:
    """The bytes by which a key would be recognised: as it is, decoded, and encoded."""
    key = key.strip()
    forms = {key, *(line.strip() for line in key.splitlines())}
    for form in list(forms):
        for decode in (binascii.a2b_hex, _from_base64):
            try:
                forms.add(decode(form))
            except ValueError:
                continue
    for form in list(forms):
        encoded = {base64.b64encode(form), base64.urlsafe_b64encode(form), form.hex().encode()}
        forms |= {text.rstrip(b"=") for text in encoded} | {form.hex().upper().encode()}
        try:
            text = form.decode("ascii")
        except ValueError:
            continue
        forms |= {text.encode("utf-16-le"), text.encode("utf-16-be"), text[::-1].encode()}
    return {form for form in forms if len(form) >= LEAST_KEY_BYTES}


def _from_base64(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


def holds(content: bytes, forms: set[bytes]) -> bool:
    """Whether a file holds one of these forms, by itself or in a part of a packed file (zip)."""
    if any(form in content for form in forms):
        return True
    if not content.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            if sum(entry.file_size for entry in entries) > MOST_INSIDE:
                return False
            return any(any(form in packed.read(entry) for form in forms) for entry in entries)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        return False
