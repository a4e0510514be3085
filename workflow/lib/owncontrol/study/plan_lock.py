"""The frozen plan of a study: ``config/<study>.plan.lock``, a YAML file that only grows.

Each version has its parts in their plain form, when it was frozen, by whom and why, the hashes of
the raw files that were there, and a hash over all of this and over the version before it. A
version that was edited by hand shows; whoever writes all hashes again can forge the file, so its
last hash belongs elsewhere too (a registry, a signature, a commit).
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from owncontrol.basics.yaml_text import read_yaml
from owncontrol.errors import InputError
from owncontrol.study.base import FrozenMapping, Items, Part, Whole
from owncontrol.study.plan_parts import Frozen, hash_of

FORM = 1
HEAD = """\
# The frozen plan of the study '{study}', written by 'owncontrol freeze'. Do not edit it: a version
# whose hash does not fit stops the run. A change of the plan is an amendment:
#   owncontrol freeze {study} --amend --why "..."
"""
UNHASHED = ("sha256", "signature")
BEFORE_ALL = ""
OTHER_VERSION = "the lock was written by another version of owncontrol: run with that version"
# What was decided is before what it rests on.
ORDER = (
    *("number", "frozen", "who", "registry", "why", "synthetic", "raw_files", "parts"),
    *("holds", "rates", "courses", "instruments", "before", *UNHASHED),
)


class PlanVersion(Frozen):
    """One version of a plan.

    ``frozen``: date and time (ISO 8601, UTC). ``raw_files``: by name the hash of each raw file of
    the study that was there. ``before``: hash of the version before it.
    """

    number: Whole = Field(ge=1)
    frozen: str = Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[+]00:00$")
    who: str
    registry: str = ""
    why: str = ""
    synthetic: bool = False
    raw_files: FrozenMapping[str, str] = FrozenMapping()
    before: str = BEFORE_ALL
    sha256: str = ""
    signature: str = ""

    @property
    def day(self) -> str:
        """The day on which it was frozen (YYYY-MM-DD)."""
        return self.frozen[:10]


class PlanLock(Part):
    """All versions of a study's plan, oldest first."""

    form: Whole
    study: str
    versions: Items[PlanVersion] = Field(min_length=1)


def lock_path(study: str, folder: Path | str = ".") -> Path | None:
    """Where the lock of a study is kept; None for a study that has none of its own (what-if)."""
    return None if "/" in study else Path(folder) / "config" / f"{study}.plan.lock"


def read_lock(study: str, folder: Path | str = ".") -> PlanLock | None:
    """The frozen plan of a study; None where it was not frozen.

    Raises InputError for a lock that was edited by hand, one of another study, one of another
    version of the program, and for what is in its place and no file.
    """
    path = lock_path(study, folder)
    if path is None or not os.path.lexists(path):
        return None
    values = read_yaml(path)
    if values.get("study") != study:
        raise InputError(
            f"{path}: is the plan of the study {values.get('study')!r}, not of '{study}'",
            f"put the lock of '{study}' back, or move this file elsewhere",
        )
    _check_hashes(path, values)
    try:
        lock = PlanLock.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "top level"
        raise InputError(f"{path}: {place}: {first['msg']}", OTHER_VERSION) from error
    if lock.form != FORM:
        raise InputError(f"{path}: form {lock.form}; this version reads form {FORM}", OTHER_VERSION)
    return lock


def with_version(
    study: str, version: PlanVersion, folder: Path | str, sign: Callable[[str], str]
) -> str:
    """The text of a study's lock with one more version, which gets its number and hash here.

    Former versions stay word for word, whatever this version of the program would write. ``sign``:
    gives the signature of a hash, an empty text for none.
    """
    path = lock_path(study, folder)
    former: list[dict[str, Any]] = []
    if path is not None and os.path.lexists(path):
        former = read_yaml(path)["versions"]
    plain = version.plain() | {
        "number": len(former) + 1,
        "before": former[-1]["sha256"] if former else BEFORE_ALL,
    }
    plain["sha256"] = version_hash(plain)
    plain["signature"] = sign(plain["sha256"])
    values = {
        "form": FORM,
        "study": study,
        "versions": [*former, {key: plain[key] for key in ORDER}],
    }
    text: str = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=100)
    return HEAD.format(study=study) + text


def version_hash(version: Mapping[str, Any]) -> str:
    """The hash over all that a version says, but for itself and the signature over it."""
    return hash_of({key: value for key, value in version.items() if key not in UNHASHED})


def _check_hashes(path: Path, values: Mapping[str, Any]) -> None:
    """Raise InputError at the first version that is not as it was written."""
    versions = values.get("versions")
    before, frozen = BEFORE_ALL, ""
    for number, version in enumerate(versions if isinstance(versions, list) else [None], start=1):
        fits = (
            isinstance(version, dict)
            and version.get("number") == number
            and version.get("before") == before
            and version.get("sha256") == version_hash(version)
        )
        if not fits:
            raise InputError(
                f"{path}: version {number} was edited after it was frozen: its hash does not fit",
                "put the file back as it was; a change of the plan is an amendment "
                '(owncontrol freeze STUDY --amend --why "...")',
            )
        if str(version.get("frozen")) < frozen:
            raise InputError(
                f"{path}: version {number} is dated {version['frozen']}, earlier than version "
                f"{number - 1} ({frozen})",
                "an amendment comes after the version that it amends: set the clock right and "
                "freeze it again",
            )
        before, frozen = version["sha256"], str(version.get("frozen"))
