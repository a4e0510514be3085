"""verify-archive: an archive's study run again, by code that is known, and every hash compared.

Of the archive only the configuration and the raw files are used for that; its code and its
results are no more than what is compared. Its own code runs on request alone, and in a box (see
owncontrol.archives.sandbox).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from owncontrol.archives.project_files import committed_files, is_of_a_study, is_run, project_files
from owncontrol.archives.sandbox import boxed, way
from owncontrol.archives.unpacking import unpack
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.cli.archive import CONFIGURATION
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.provenance.history import HISTORY, is_compared, read_history
from owncontrol.provenance.signatures import signer
from owncontrol.study.checks import check_inside
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import HISTORY as RAW_HISTORY
from owncontrol.study.manifest import MANIFEST, check_file, read_manifest
from owncontrol.study.model import Study
from owncontrol.study.plan_lock import lock_path

SHOWN = 20
CONFIG_FILE = "configuration.yaml"


@dataclass(frozen=True)
class Request:
    """What to verify and how.

    ``raw``: the folder of the raw files, for an archive that holds only their MANIFEST. ``commit``:
    the code to run, if not the present one. ``foreign``: run the archive's own code. ``key``: the
    key file that the study may read. ``signers``: a file of allowed signers, one of whom must have
    signed the last run.
    """

    archive: Path
    raw: Path | None = None
    cores: str = "all"
    commit: str | None = None
    foreign: bool = False
    key: Path | None = None
    signers: Path | None = None


def verify_archive(request: Request) -> bool:
    """Run an archive's study again and compare every hash; True where results and code agree.

    Raises InputError for an archive that is not as ``archive`` writes it, raw files that are not
    those of the MANIFEST, and a run that fails.
    """
    with tempfile.TemporaryDirectory(prefix="owncontrol-") as name:
        given, run = Path(name).resolve() / "archive", Path(name).resolve() / "run"
        given.mkdir()
        run.mkdir()
        members = unpack(request.archive, given)
        print(f"{len(members)} members, each with the hash that the archive lists")
        results, study = _only_study(given, members)
        if request.signers:
            _check_signature(given / results, request.signers)
        keyed = bool(study.subject_code.key_file)
        # A box has no way to a key; known code may do without one.
        box = "" if keyed else way(run)
        if request.foreign and not box:
            raise InputError(
                "foreign code may not have the key of keyed codes"
                if keyed
                else "this system cannot keep foreign code from network, home and files",
                "leave --run-foreign-code out, and the present code is run"
                + ("" if keyed else "; or install bubblewrap"),
            )
        code = _code(request.commit)
        differing = _told_code(code, given, members, request.commit)
        if request.foreign:
            code = {path: (given / path).read_bytes() for path in _archived_code(members)}
        _bring_code(run, code)
        _bring_data(run, given, study, members, request)
        shutil.copyfile(given / results / CONFIGURATION, run / CONFIG_FILE)
        whose = "the archive's own code" if request.foreign else "known code"
        print(f"running {whose}", f"in a box ({box})" if box else "(not in a box)")
        _run(run, request.cores, box)
        return _told_results(given / results, run / results, bool(differing))


def _only_study(given: Path, members: dict[str, str]) -> tuple[Path, Study]:
    """The results folder and the configuration of the one study that the archive holds."""
    found = [name for name in members if name.startswith("results/")]
    configurations = [name for name in found if name.endswith(f"/{CONFIGURATION}")]
    if len(configurations) != 1:
        raise InputError("the archive does not hold one study's results", "make archive writes one")
    results = Path(configurations[0].removesuffix(f"/{CONFIGURATION}"))
    study = load_study(read_yaml(given / configurations[0]))
    if results != Path("results", study.study):
        raise InputError(f"{results}: holds the study {study.study}", "distrust the archive")
    strange = [name for name in found if not Path(name).is_relative_to(results)]
    raw = Path(study.raw)
    strange += [
        name for name in members if is_of_a_study(name) and not Path(name).is_relative_to(raw)
    ]
    if strange:
        raise InputError(f"{strange[0]}: belongs to another study", "distrust the archive")
    if not (given / results / HISTORY).is_file():
        raise InputError(f"{results}: the archive holds no history of runs", "distrust the archive")
    _check_history(given, results, study)
    return results, study


def _check_history(given: Path, results: Path, study: Study) -> None:
    """Raise InputError where the archive's own records contradict what it holds."""
    runs = read_history(given / results)
    if not runs:
        raise InputError(f"{results / HISTORY}: has no run", "distrust the archive")
    last = runs[-1].entry
    there = {
        path.relative_to(given).as_posix()
        for path in _files(given / results)
        if is_compared(path.relative_to(given / results).as_posix())
    }
    recorded = {
        path: digest
        for path, digest in last["results"].items()
        if is_compared(path.removeprefix(f"{results.as_posix()}/"))
    }
    wrong = sorted(there ^ set(recorded)) or sorted(
        path for path in there if sha256(given / path) != recorded[path]
    )
    if wrong:
        raise InputError(f"{wrong[0]}: not as its history of runs says", "distrust the archive")
    manifest = given / study.raw / MANIFEST
    if not manifest.is_file():
        raise InputError(f"the archive holds no {study.raw}/{MANIFEST}", "distrust the archive")
    listed = read_manifest(manifest.parent)
    for name in study.raw_files:
        if listed.get(name) != last["raw"].get(f"{study.raw}/{name}"):
            raise InputError(
                f"{study.raw}/{MANIFEST}: {name} has another hash than in the history of runs",
                "distrust the archive",
            )


def _check_signature(results: Path, signers: Path) -> None:
    name = signer(results, read_history(results)[-1], signers)
    if not name:
        raise InputError("the last run of the archive is not signed", "ask for a signed archive")
    print(f"signed by {name}")


def _code(commit: str | None) -> dict[str, bytes]:
    """The project's files that are no study's own: of a commit, or as they are here."""
    if commit:
        files = committed_files(Path(), commit)
        return {path: content for path, content in files.items() if not is_of_a_study(path)}
    project = project_files(Path())
    names = [name for name in (*project.tracked, *project.untracked) if not is_of_a_study(name)]
    if "Snakefile" not in names:
        raise InputError(
            "there is no project in this folder", "call it from the folder of owncontrol"
        )
    return {name: Path(name).read_bytes() for name in names}


def _archived_code(members: dict[str, str]) -> list[str]:
    return [name for name in members if not (name.startswith("results/") or is_of_a_study(name))]


def _told_code(
    code: dict[str, bytes], given: Path, members: dict[str, str], commit: str | None
) -> list[str]:
    """Say which files of the archived code differ from the known ones; gives those of runs."""
    other = f"commit {commit}" if commit else "this project"
    names = set(_archived_code(members))
    differing = dict.fromkeys(names - set(code), "only in the archive")
    differing |= dict.fromkeys(set(code) - names, "not in the archive")
    for name in names & set(code):
        if (given / name).read_bytes() != code[name]:
            differing[name] = "differs"
    of_runs = [name for name in sorted(differing) if is_run(name)]
    for name in of_runs[:SHOWN]:
        print(f"code: {name}: {differing[name]}")
    if len(of_runs) > SHOWN:
        print(f"code: and {len(of_runs) - SHOWN} more")
    rest = len(differing) - len(of_runs)
    print(
        f"{len(of_runs)} files of the archived code differ from {other}"
        + (f"; {rest} more that no run reads" if rest else "")
    )
    return of_runs


def _bring_code(run: Path, code: dict[str, bytes]) -> None:
    for name, content in code.items():
        if is_run(name):
            (run / name).parent.mkdir(parents=True, exist_ok=True)
            (run / name).write_bytes(content)


def _bring_data(
    run: Path, given: Path, study: Study, members: dict[str, str], request: Request
) -> None:
    """Put the raw files in their place; each has to be the one that the MANIFEST lists."""
    raw = study.raw
    check_inside("raw", raw, run)
    for path in (run / raw, *(run / raw).parents):
        if path != run and path.is_relative_to(run) and is_run(f"{path.relative_to(run)}/x"):
            raise InputError(f"raw: {raw}: is a folder of code", "distrust the archive")
    if Path(raw).parts[0] in ("results", "logs", ".snakemake") or Path(raw) == Path():
        raise InputError(f"raw: {raw}: is no folder of raw files", "distrust the archive")
    _bring_key(run, study.subject_code.key_file, request.key)
    listed = read_manifest(given / raw)
    needed = set(study.raw_files)
    (run / raw).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(given / raw / MANIFEST, run / raw / MANIFEST)
    for name, digest in listed.items():
        check_inside(f"{raw}/{MANIFEST}", name, run / raw)
        source = given / raw / name
        if f"{raw}/{name}" not in members:
            source = (request.raw or Path("no-folder")) / name
        if source.is_file():
            check_file(f"{raw}/{name}", digest, sha256(source))
            (run / raw / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, run / raw / name)
        elif name in needed:
            raise InputError(
                f"{name}: the archive holds only its hash",
                "name the folder of the raw files: make verify-archive RAW=folder",
            )
    table = study.natural_recovery.table if study.natural_recovery else ""
    others = [table, (Path(table).parent / MANIFEST).as_posix()] if table else []
    lock = lock_path(study.study)
    others += [lock.as_posix()] if lock is not None else []
    for name in (*others, (Path(raw) / RAW_HISTORY).as_posix()):
        if name in members and not (run / name).exists():
            (run / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(given / name, run / name)


def _bring_key(run: Path, name: str, allowed: Path | None) -> None:
    """Let a study with keyed codes read its key, where whoever calls this named that very file."""
    if not name:
        return
    if allowed is None or allowed.expanduser() != Path(name).expanduser():
        raise InputError(
            f"the study has keyed codes; it would read the key {name}",
            f"if that is the key of this study, allow it: --key {name}",
        )
    if not allowed.expanduser().is_file():
        raise InputError(f"{allowed}: no such file", "name the key file of the study")
    if not allowed.expanduser().is_absolute():
        target = (run / name).resolve()
        if not target.is_relative_to(run.parent) or target.exists():
            raise InputError(f"{name}: cannot be had from here", "an absolute path can be")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(allowed, target)


def _run(run: Path, cores: str, box: str) -> None:
    """Run the workflow in a folder of its own; InputError where it fails."""
    isolated = [sys.executable, "-I", "-m", "snakemake"]
    snakemake = [*isolated, "--cores", cores, "--configfile", CONFIG_FILE]
    if box:
        command, environment = boxed(snakemake, run, box)
    else:
        command = snakemake
        environment = {key: os.environ[key] for key in ("HOME", "TMPDIR") if key in os.environ}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=run,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        said = [line for line in lines if line.startswith(("error:", "failed:"))] or lines[-1:]
        reason = said[0].removeprefix("error: ") if said else f"exit code {done.returncode}"
        raise InputError(
            f"the archived study did not run: {reason}",
            "does the environment have the packages of envs/analysis.lock?",
        )


def _told_results(archived: Path, made: Path, code_differs: bool) -> bool:
    """Say which results differ; True where none does, and the code is the same as well."""
    before, after = _hashes(archived), _hashes(made)
    differing = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    for path in differing:
        print(
            f"differs: {path}\n  archived {before.get(path, 'nothing')}"
            f"\n  now      {after.get(path, 'nothing')}"
        )
    same = sum(before[path] == after.get(path) for path in before)
    print(f"{same} of {len(before)} results are the same again")
    if code_differs:
        print("not verified: the archived code is not the code that is known (see above)")
    return not differing and bool(before) and not code_differs


def _hashes(results: Path) -> dict[str, str]:
    """By path the hash of every compared file of the results."""
    names = {path: path.relative_to(results).as_posix() for path in _files(results)}
    return {name: sha256(path) for path, name in names.items() if is_compared(name)}


def _files(folder: Path) -> Iterator[Path]:
    """Plain files below a folder; links are neither followed nor given."""
    for place, _, names in os.walk(folder, followlinks=False):
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and not path.is_symlink() and path.is_file():
                yield path
