"""archive: a study in one file, and the proof that it gives the same results again.

The archive holds the code with its lock, the raw files (or only their MANIFEST), and the results
with their crate; SHA256SUMS names the hash of each member. ``verify_archive`` unpacks it, runs it
without a network where the system allows that, and compares every hash.
"""

import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from owncontrol.config import read_yaml
from owncontrol.errors import InputError
from owncontrol.files import sha256, whole_file
from owncontrol.made import RECORD, compare, recorded
from owncontrol.manifest import MANIFEST, check_file, read_manifest

SUMS = "SHA256SUMS"
CONFIGURATION = "provenance/configuration.yaml"
# Says when and where a run was; no two runs have the same.
UNCOMPARED = "provenance/run.yaml"


def write_archive(results: Path, target: Path, with_raw: bool) -> int:
    """Write the study of a results folder as one file; gives the number of its members.

    ``with_raw``: raw files themselves, else only their MANIFEST. Raises InputError where the
    results are not as the run left them.
    """
    if not (results / CONFIGURATION).is_file():
        raise InputError(f"{results}: holds no finished run", "run the study first (make)")
    found = compare(recorded(results, Path("logs") / results.relative_to("results")))
    wrong = [*found.altered, *found.missing, *found.unfinished]
    if wrong:
        raise InputError(
            f"{wrong[0]}: not as the run left it (of {len(wrong)} such files)",
            f"make verify STUDY={results.name} names them; run the study again (make)",
        )
    raw = Path(read_yaml(results / CONFIGURATION)["raw"])
    listed = read_manifest(raw)
    kept = {raw / MANIFEST, *(raw / name for name in listed if with_raw)}
    results_of = {path for path in results.rglob("*") if _is_visible(path)}
    members = {path.as_posix() for path in {*_code(), *kept, *results_of} if path.is_file()}
    members -= {(raw / name).as_posix() for name in listed if not with_raw}
    with whole_file(target) as partial, partial.open("wb") as file:
        # No time and no owner: the archive depends on its members alone.
        packed = gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0)
        with packed, tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            sums = "".join(f"{sha256(name)}  {name}\n" for name in sorted(members))
            _add(tar, SUMS, sums.encode(), 0o644)
            for name in sorted(members):
                _add(tar, name, Path(name).read_bytes(), Path(name).stat().st_mode & 0o755)
    return len(members)


def _code() -> Iterable[Path]:
    """What git knows of the project, without raw data; without git, all but what runs leave."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
        files = [Path(name) for name in listed if name]
    except (FileNotFoundError, subprocess.CalledProcessError):
        left = ("results", "logs", "archive")
        files = [
            path
            for path in Path().rglob("*")
            if path.parts[0] not in left
            and not (path.parts[0].startswith(".") and path.parts[0] != ".ci")
        ]
    return [path for path in files if path.parts[:2] != ("data", "raw")]


def _is_visible(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def verify_archive(archive: Path, raw: Path | None, cores: str) -> bool:
    """Run an archive anew in a folder of its own and compare every hash; True where all agree.

    ``raw``: the folder of the raw files, for an archive that holds only their MANIFEST. Raises
    InputError for a damaged archive, raw files that are not those of the MANIFEST, and a run that
    fails.
    """
    if not archive.is_file():
        raise InputError(f"{archive}: no such file", "make archive writes one")
    with tempfile.TemporaryDirectory(prefix="owncontrol-") as name:
        folder = Path(name)
        _unpack(archive, folder)
        count = _check_members(archive, folder)
        print(f"{count} of {count} files of the archive have the hash that it lists")
        results = _only_study(folder)
        config = folder / results / CONFIGURATION
        _bring_raw(folder / str(read_yaml(config)["raw"]), raw)
        before = _hashes(folder, results)
        kept = folder / "configuration.yaml"
        shutil.copy(config, kept)
        shutil.rmtree(folder / results)
        _run(folder, kept, cores)
        after = _hashes(folder, results)
    differing = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    for path in differing:
        print(f"differs: {path}\n  archived {before.get(path)}\n  now      {after.get(path)}")
    print(f"{len(before) - len(differing)} of {len(before)} results are the same again")
    return not differing


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InputError(f"{archive}: cannot be unpacked: {error}", "get it anew") from error


def _check_members(archive: Path, folder: Path) -> int:
    sums = folder / SUMS
    if not sums.is_file():
        raise InputError(f"{archive}: holds no {SUMS}", "make archive writes one that does")
    lines = sums.read_text("utf-8").splitlines()
    for line in lines:
        digest, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file() or sha256(path) != digest:
            raise InputError(f"{archive}: {name} is not what {SUMS} says", "get the archive anew")
    return len(lines)


def _only_study(folder: Path) -> Path:
    records = sorted((folder / "results").rglob(RECORD))
    if len(records) != 1:
        raise InputError("the archive holds not one study's results", "make archive writes one")
    return records[0].parents[1].relative_to(folder)


def _bring_raw(there: Path, given: Path | None) -> None:
    """Put the raw files in their place; each has to be the one that the MANIFEST lists."""
    for name, digest in read_manifest(there).items():
        if not (there / name).is_file():
            source = (given or there) / name
            if not source.is_file():
                raise InputError(
                    f"{name}: the archive holds only its hash",
                    "name the folder of the raw files: make verify-archive RAW=folder",
                )
            (there / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, there / name)
        check_file(there / name, digest, sha256(there / name))


def _hashes(folder: Path, results: Path) -> dict[str, str]:
    """By path the hash of every compared file of the results."""
    files = filter(_is_visible, (folder / results).rglob("*"))
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in files
        if path != folder / results / UNCOMPARED
    }


def _run(folder: Path, config: Path, cores: str) -> None:
    """Run the unpacked workflow by its own code, without a network where that can be had."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    alone = ["unshare", "--map-root-user", "--net"]
    try:
        cut = subprocess.run([*alone, "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        cut = False
    print("running it", "without a network" if cut else "(this system cannot cut off the network)")
    done = subprocess.run(
        [
            *(alone if cut else []),
            *(sys.executable, "-m", "snakemake", "--cores", cores, "--configfile", str(config)),
        ],
        cwd=folder,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        said = [line for line in lines if line.startswith(("error:", "failed:"))] or lines[-1:]
        raise InputError(
            f"the archived workflow did not run: {said[0]}", "is the environment its own?"
        )
