"""The API token: from the environment or the keyring of the system, and never from a file."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping

from owncontrol.errors import InputError

VARIABLE = "REDCAP_API_TOKEN"
SERVICE = "owncontrol"
# What REDCap hands out: 32 hexadecimal digits for a project, 64 for whoever creates projects.
TOKEN = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{64}")
# By the program that asks the keyring (of GNOME and KDE; of macOS), its arguments.
KEYRINGS = {
    "secret-tool": ("lookup", "service", SERVICE, "study"),
    "security": ("find-generic-password", "-s", SERVICE, "-w", "-a"),
}
SECONDS = 60  # somebody may have to type the password of the keyring


def find_token(study: str, environment: Mapping[str, str] = os.environ) -> str:
    """The token of a study: of ``REDCAP_API_TOKEN_<STUDY>``, ``REDCAP_API_TOKEN``, the keyring.

    Raises InputError where none of them has one, and where it does not look like a token; the
    message does not repeat it.
    """
    own = f"{VARIABLE}_{re.sub('[^A-Z0-9]', '_', study.upper())}"
    for name in (own, VARIABLE):
        if environment.get(name, "").strip():
            return _checked(environment[name].strip(), name)
    for program, arguments in KEYRINGS.items():
        path = shutil.which(program, path=environment.get("PATH"))
        found = _asked([path, *arguments, study]) if path else ""
        if found:
            return _checked(found, f"the keyring ({program})")
    raise InputError(
        f"no API token: {own} and {VARIABLE} are not set, and no keyring has one for {study}",
        f"set {own}, or store it once: secret-tool store --label REDCap service {SERVICE} "
        f"study {study}",
    )


def _asked(command: list[str]) -> str:
    """What the keyring has; empty where it has nothing, is locked, or cannot be asked."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _checked(token: str, source: str) -> str:
    if not TOKEN.fullmatch(token):
        raise InputError(
            f"{source}: {len(token)} characters that are no API token of REDCap",
            "a token has 32 hexadecimal digits; copy it again from REDCap (API)",
        )
    return token
