"""Signatures of a history of runs, made and checked by ssh-keygen with a key of the user's own.

A signature is over the hash of one line, which stands for all lines before it as well. It is kept
beside the history, as ``provenance/history-<hash>.sig``.
"""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from owncontrol.basics.chains import Link
from owncontrol.errors import InputError

NAMESPACE = "owncontrol"
PROGRAM = "ssh-keygen"


def sign(results: Path, run: Link, key: Path) -> Path:
    """Sign a run with a private key (or a public one whose private key an agent holds).

    Raises InputError where ssh-keygen cannot.
    """
    target = _path(results, run)
    target.write_bytes(signature_of(run.sha256, key))
    return target


def signature_of(digest: str, key: Path) -> bytes:
    """The signature of a hash, by a private key (or a public one whose private key an agent holds).

    Raises InputError where ssh-keygen cannot.
    """
    if not key.is_file():
        raise InputError(f"{key}: no such key", "ssh-keygen -t ed25519 -f FILE makes one")
    done = _call(["-Y", "sign", "-q", "-f", str(key), "-n", NAMESPACE], _message(digest))
    if done.returncode or not done.stdout:
        raise InputError(f"{key}: ssh-keygen did not sign: {_said(done)}", "name a private key")
    return done.stdout


def signer(results: Path, run: Link, allowed: Path) -> str:
    """Who signed a run, as ``allowed`` (a file of allowed signers, see ssh-keygen(1)) names them.

    Empty where there is no signature. Raises InputError for one that is not good.
    """
    path = _path(results, run)
    return signer_of(run.sha256, path, allowed) if path.is_file() else ""


def signer_of(digest: str, path: Path, allowed: Path) -> str:
    """Who signed a hash, as ``allowed`` names them; ``path``: the file of the signature.

    Raises InputError for a signature that is not good.
    """
    if not allowed.is_file():
        raise InputError(
            f"{allowed}: no such file", 'a line of it is: NAME namespaces="owncontrol" PUBLIC-KEY'
        )
    files = ["-s", str(path), "-f", str(allowed)]
    found = _call(["-Y", "find-principals", *files], b"")
    # The first line of its output is the first name that the file has for the key.
    name = found.stdout.decode("utf-8", "replace").split("\n")[0].strip()
    checked = None
    if not found.returncode and name:
        arguments = ["-Y", "verify", "-I", name, "-n", NAMESPACE, *files]
        checked = _call(arguments, _message(digest))
    if checked is None or checked.returncode:
        raise InputError(
            f"{path}: no good signature of anybody in {allowed}: {_said(checked or found)}",
            "ask whoever signed for the public key, or distrust these results",
        )
    return name


def signed(results: Path, runs: Sequence[Link], allowed: Path) -> list[tuple[int, str]]:
    """The numbers of the runs that are signed (from 1), and who signed each."""
    names = ((number, signer(results, run, allowed)) for number, run in enumerate(runs, start=1))
    return [(number, name) for number, name in names if name]


def _path(results: Path, run: Link) -> Path:
    return results / "provenance" / f"history-{run.sha256[:16]}.sig"


def _message(digest: str) -> bytes:
    return f"{digest}\n".encode()


def _call(arguments: list[str], message: bytes) -> "subprocess.CompletedProcess[bytes]":
    with tempfile.TemporaryFile() as file:
        file.write(message)
        file.seek(0)
        try:
            return subprocess.run(
                [PROGRAM, *arguments], stdin=file, capture_output=True, check=False, timeout=60
            )
        except FileNotFoundError:
            raise InputError(
                "ssh-keygen is not installed", "it comes with OpenSSH (openssh-client)"
            ) from None
        except subprocess.TimeoutExpired:
            raise InputError(
                "ssh-keygen did not answer within a minute", "unlock the key (ssh-add)"
            ) from None


def _said(done: "subprocess.CompletedProcess[bytes]") -> str:
    text = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
    return text.splitlines()[0] if text else f"exit code {done.returncode}"
