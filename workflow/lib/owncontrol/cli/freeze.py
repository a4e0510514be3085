"""freeze: write down the plan of a study before its data are seen."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from owncontrol.errors import InputError
from owncontrol.files import sha256, write_text
from owncontrol.provenance.signatures import signature_of, signer_of
from owncontrol.study.base import FrozenMapping
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import user
from owncontrol.study.model import Study
from owncontrol.study.plan_departures import departures, not_held
from owncontrol.study.plan_lock import PlanLock, PlanVersion, lock_path, read_lock, with_version
from owncontrol.study.plan_parts import Frozen, frozen_parts


@dataclass(frozen=True)
class Request:
    """What a person asked for; ``sign``: a private SSH key; ``why``: of an amendment."""

    study: str | None
    who: str = ""
    registry: str = ""
    sign: Path | None = None
    amend: bool = False
    why: str = ""


def freeze(request: Request, folder: Path) -> Path:
    """Write the plan of a study, or an amendment of it; gives the path of the lock.

    Raises InputError where the study cannot be run as it is configured, a lock is there and no
    amendment was asked for, an amendment says no reason or changes nothing, and where ssh-keygen
    does not sign.
    """
    study = load_study({"study": request.study} if request.study else {}, folder)
    analysis_settings(study)  # endpoints, scales and visits that there are
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return write_lock(study, request, now, folder, raw_hashes(study, folder))


def write_lock(
    study: Study, request: Request, when: str, folder: Path, raw_files: dict[str, str]
) -> Path:
    """Write the lock as of a time (ISO 8601, UTC); ``raw_files``: the hashes of those there."""
    path = lock_path(study.study, folder)
    if path is None:
        raise InputError(f"{study.study}: a what-if study has no plan", "freeze the study itself")
    lock = read_lock(study.study, folder)
    now = frozen_parts(study, folder)
    _check_request(path, lock, now, request)
    version = PlanVersion.model_validate(
        {name: getattr(now, name) for name in Frozen.model_fields}
        | {
            "number": len(lock.versions) + 1 if lock else 1,
            "frozen": when,
            "who": request.who.strip() or user(),
            "registry": request.registry.strip(),
            "why": request.why.strip(),
            "synthetic": study.synthetic,
            "raw_files": FrozenMapping(raw_files),
        }
    )
    write_text(path, with_version(study.study, version, folder, _signer(request.sign)))
    return path


def raw_hashes(study: Study, folder: Path) -> dict[str, str]:
    """By name the hash of each raw file of the study that is there; none, ideally."""
    raw = folder / study.raw
    return {name: sha256(raw / name) for name in study.raw_files if (raw / name).is_file()}


def signed_versions(study: str, folder: Path, allowed: Path) -> list[str]:
    """A line for each version of a study's plan: who signed it, or that nobody did.

    ``allowed``: a file of allowed signers, see ssh-keygen(1). Raises InputError where there is no
    lock, and for a signature that is not good.
    """
    lock = read_lock(study, folder)
    if lock is None:
        raise InputError(f"{study}: the plan was not frozen", "owncontrol freeze STUDY freezes it")
    return [
        f"version {item.number} ({item.day}): {_signed(item, allowed)}" for item in lock.versions
    ]


def _signed(version: PlanVersion, allowed: Path) -> str:
    if not version.signature:
        return "not signed"
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / f"version {version.number}"
        path.write_text(version.signature, "ascii")
        return f"signed by {signer_of(version.sha256, path, allowed)}"


def _signer(key: Path | None) -> Callable[[str], str]:
    """What signs the hash of a version; nothing without a key."""
    if key is None:
        return lambda digest: ""
    return lambda digest: signature_of(digest, key).decode("ascii")


def _check_request(path: Path, lock: PlanLock | None, now: Frozen, request: Request) -> None:
    if lock is None and request.amend:
        raise InputError(f"{path}: there is no plan to amend", "leave out --amend to freeze it")
    if lock is None:
        return
    if not request.amend:
        raise InputError(
            f"{path}: the plan was frozen on {lock.versions[-1].day}, and is not written again",
            f'a change of it is an amendment: owncontrol freeze {lock.study} --amend --why "..."',
        )
    if not request.why.strip():
        raise InputError(f"{path}: an amendment says why", 'add --why "..."')
    last = lock.versions[-1]
    if not departures(last, now) and not not_held(last, now):
        raise InputError(
            f"{path}: nothing in the configuration differs from the frozen plan",
            "change the configuration first; an amendment writes down what changed",
        )
