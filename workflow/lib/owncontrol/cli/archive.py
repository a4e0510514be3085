"""archive: a study in one file, for somebody who wants to see that it gives the same results.

The archive holds the project's own files (what git tracks), the results as the last run left them
with their crate, and of the raw files the MANIFEST; the raw files themselves on request.
SHA256SUMS, its last member, names the hash of each other one.
"""

import gzip
import hashlib
import io
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from owncontrol.archives.project_files import is_of_a_study, project_files
from owncontrol.archives.secrets_inside import forms_of_key, holds, is_secret, key_files
from owncontrol.archives.unpacking import SUMS, fault_of_name
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.cli.verify import head, strangers
from owncontrol.errors import InputError
from owncontrol.files import sha256, whole_file
from owncontrol.provenance.history import is_compared, read_history
from owncontrol.run.output_hashes import compare, recorded
from owncontrol.study.checks import check_inside
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import HISTORY, MANIFEST, check_file, read_manifest
from owncontrol.study.model import Study
from owncontrol.study.plan_lock import lock_path

CONFIGURATION = "provenance/configuration.yaml"
SHOWN = 5


@dataclass
class Packed:
    """What went into an archive, and what is to be said of it."""

    members: int = 0
    left_out: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    untracked: list[str] = field(default_factory=list)
    raw: str = ""


def archive_study(results: Path, target: Path, with_raw: bool) -> None:
    """Write the archive of a study and say what is in it. Raises InputError, see write_archive."""
    packed = write_archive(results, target, with_raw)
    for text, names in (
        ("left out, because they look like a secret or belong to no run", packed.left_out),
        ("left out, though a run may read them: git does not track", packed.untracked),
        ("as they are here, which is not as committed", packed.changed),
    ):
        if names:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            print(f"{text}: {', '.join(names[:SHOWN])}{more}")
    print(packed.raw)
    print(f"wrote {target}: {packed.members} files, sha256 {sha256(target)}")
    print(head(read_history(results)))


def write_archive(
    results: Path,
    target: Path,
    with_raw: bool,
    withheld: Callable[[str], bool] = lambda _path: False,
) -> Packed:
    """Write the study of a results folder as one file, whole or not at all.

    ``with_raw``: raw files themselves, else only their MANIFEST. ``withheld``: whether a result (by
    its path in the results folder) stays out; the history of runs still has its hash. Raises
    InputError where the results are not as the run left them, a raw file is not the listed one, and
    where the key of keyed codes would be inside.
    """
    known = _as_the_run_left_them(results)
    study = load_study(read_yaml(results / CONFIGURATION))
    project = project_files(Path())
    code = [name for name in project.tracked if not is_of_a_study(name)]
    packed = Packed(
        left_out=strangers(results, known),
        changed=sorted({*project.changed} & {*code}),
        untracked=project.untracked,
    )
    code = [name for name in code if not fault_of_name(name)]
    raw = _raw_members(study, with_raw)
    kept = [path for path in known if not withheld(Path(path).relative_to(results).as_posix())]
    of_study = {*kept, *_records(results), *raw, *_plan(study)}
    for name in sorted(of_study):
        if fault := fault_of_name(name):
            raise InputError(f"{name!r}: {fault}", "rename the file; an archive is for any system")
    packed.raw = _told_raw(study, raw, with_raw)
    keys = _forbidden(results)
    with whole_file(target) as partial, partial.open("wb") as file:
        # No time and no owner: the archive depends on its members alone.
        zipped = gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0)
        with zipped, tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar:
            sums = []
            for name in sorted({*code, *of_study}):
                content = _content(name, keys)
                if name in code and is_secret(name, content):
                    packed.left_out.append(name)
                    continue
                sums.append(f"{_add(tar, name, content, Path(name).stat().st_mode)}  {name}\n")
            _add(tar, SUMS, "".join(sums).encode(), 0o644)
    packed.members = len(sums)
    return packed


def _as_the_run_left_them(results: Path) -> dict[str, str]:
    """The recorded hash of each result, by path; InputError where one is not as it was."""
    if not results.as_posix().startswith("results/") or ".." in results.parts:
        raise InputError(f"{results}: is no results folder", "name it as results/STUDY")
    if not (results / CONFIGURATION).is_file() or not read_history(results):
        raise InputError(f"{results}: holds no finished run", "run the study first (make)")
    known = recorded(results, Path("logs") / results.relative_to("results"))
    found = compare(known)
    wrong = [*found.altered, *found.missing, *found.unfinished]
    if wrong or not found.unchanged:
        raise InputError(
            f"{wrong[0] if wrong else results}: not as the run left it (of {len(wrong)} such "
            "files)",
            f"make verify STUDY={results.name} names them; run the study again (make)",
        )
    return known


def _records(results: Path) -> list[str]:
    """The records of the run in ``provenance`` that are no results themselves."""
    files = [path for path in results.glob("provenance/*") if path.is_file()]
    return [
        path.as_posix() for path in files if not is_compared(path.relative_to(results).as_posix())
    ]


def _content(name: str, keys: dict[Path, set[bytes]]) -> bytes:
    """A member's bytes. Raises InputError for a link, and where a key is in them."""
    path = Path(name)
    if path.is_symlink() or any(parent.is_symlink() for parent in path.parents):
        raise InputError(f"{name}: is a link, or lies behind one", "an archive holds files alone")
    content = path.read_bytes()
    for key, forms in keys.items():
        if path.resolve() == key.resolve() or holds(content, forms):
            raise InputError(
                f"{name}: holds the key of keyed subject codes ({key}); nothing was written",
                "remove the key from that file and from git; whoever has it can undo the codes",
            )
    return content


def _forbidden(results: Path) -> dict[Path, set[bytes]]:
    """The key file of this study and of any other one here, with what would give each away."""
    own = results / CONFIGURATION
    others = [Path("config.yaml"), *Path("config").glob("*.y*ml")]
    found: dict[Path, set[bytes]] = {}
    for path in key_files([own, *filter(Path.is_file, others)]):
        if path.is_file():
            found[path] = forms_of_key(path.read_bytes())
        elif path in key_files([own]):
            raise InputError(
                f"subject_code.key_file: {path}: no such file, so it cannot be seen that it is not "
                "in the archive",
                "put the key back for as long as the archive is written",
            )
    return found


def _raw_members(study: Study, with_raw: bool) -> list[str]:
    """The MANIFEST of the raw folder and why listed files changed; on request those it lists."""
    raw = Path(study.raw)
    history = [HISTORY] if (raw / HISTORY).is_file() else []
    if not with_raw:
        return [(raw / name).as_posix() for name in (MANIFEST, *history)]
    listed = read_manifest(raw)
    for name, digest in listed.items():
        if Path(name).is_absolute() or ".." in Path(name).parts or not (raw / name).is_file():
            raise InputError(f"{raw / name}: missing", f"{raw / MANIFEST} lists it")
        check_inside(f"{raw / MANIFEST}", name, raw)
        check_file(raw / name, digest, sha256(raw / name))
    names = [MANIFEST, *listed, *history]
    return [(raw / name).as_posix() for name in names]


def _plan(study: Study) -> list[str]:
    """The frozen plan, where there is one."""
    path = lock_path(study.study)
    return [path.as_posix()] if path is not None and path.is_file() else []


def _told_raw(study: Study, raw: list[str], with_raw: bool) -> str:
    """One line: whether raw files are inside, and what may be in them of persons."""
    if not with_raw:
        return "raw files: only their hashes are inside (--with-raw, RAW=yes: the files themselves)"
    kinds = Counter(kind for name in _exports(study) for kind in name)
    persons = ", ".join(
        f"{kind} ({count} column{'s' if count > 1 else ''})"
        for kind, count in sorted(kinds.items())
    )
    return (
        f"raw files: {len(raw) - 1} are inside; personal data in them: "
        f"{persons or 'none was recognised, which is no proof that there is none'}"
    )


def _exports(study: Study) -> Iterator[list[str]]:
    """For each export the kinds of its columns that look like identifiers or free text."""
    from owncontrol.ingest.private_columns import free_text_columns, identifier_columns
    from owncontrol.ingest.readers import read_export
    from owncontrol.ingest.redcap import read_dictionary

    raw = Path(study.raw)
    for export in study.exports.values():
        cells = read_export(raw / export.file, export).cells
        known = read_dictionary(raw / export.dictionary) if export.dictionary else {}
        reasons = identifier_columns(cells, known)
        texts = dict.fromkeys(free_text_columns(cells, known), "free text")
        yield [_kind(reason) for reason in (texts | reasons).values()]


def _kind(reason: str) -> str:
    """What a column holds, out of the sentence that says why it is suspect."""
    for word in ("says that it is ", "look like "):
        _, found, kind = reason.partition(word)
        if found:
            return kind
    return reason.removeprefix("the data dictionary marks it as ")


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> str:
    """Add a member; gives its hash."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o755 if mode & 0o100 else 0o644
    tar.addfile(entry, io.BytesIO(content))
    return hashlib.sha256(content).hexdigest()
