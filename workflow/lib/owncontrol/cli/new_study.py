"""new-study: a folder of raw files and a configuration for a study, from its exports."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from owncontrol.basics.markdown_texts import markdown
from owncontrol.cli.check_study import check_study
from owncontrol.errors import InputError
from owncontrol.files import write_text
from owncontrol.ingest.readers.file_formats import kind_of
from owncontrol.provenance.git import git
from owncontrol.study.loading import STUDY_NAME
from owncontrol.study.manifest import write_manifest
from owncontrol.suggest.draft import ToSay
from owncontrol.suggest.drafted_study import drafted_study
from owncontrol.suggest.request import Request
from owncontrol.suggest.study_text import TO_SAY, UNSURE, study_text

IGNORE_ALL = "# Raw files stay out of git, and so do corrections.\n*\n"


@dataclass(frozen=True)
class Made:
    """What was written: the configuration, and what is left, one line each in the order to do it.

    ``runs``: whether the study can be run as it is.
    """

    path: Path
    left: tuple[str, ...]
    runs: bool


def new_study(request: Request, project: Path, replaces: Callable[[Path], bool]) -> Made:
    """Make ``config/<name>.yaml`` and ``data/raw/<name>`` in a project, or nothing at all.

    ``replaces``: asked where an unfinished study of the name is there. Raises InputError for a name
    that is none or that of a finished study, and for an export that cannot be read or is empty.
    """
    name = request.name
    target, raw = project / "config" / f"{name}.yaml", project / "data" / "raw" / name
    _check_name(name, target, raw, project, replaces)
    files = [*request.exports, *([request.dictionary] if request.dictionary else [])]
    _check_files(files)
    draft = drafted_study(request)
    text = study_text(draft)
    target.parent.mkdir(parents=True, exist_ok=True)
    raw.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=raw.parent, prefix=".new-") as place:
        folder, old = Path(place) / name, Path(place) / "old"
        folder.mkdir()
        for path in files:
            shutil.copyfile(path, folder / path.name)
        write_text(folder / "README.md", _readme(name, files))
        write_manifest(folder)
        # Whatever the project's own says: raw files are in no commit that was not meant.
        write_text(folder / ".gitignore", IGNORE_ALL)
        if raw.exists():
            raw.rename(old)
        folder.rename(raw)
        try:
            write_text(target, text)
        except OSError:
            shutil.rmtree(raw)
            if old.exists():
                old.rename(raw)
            raise
    return _made(target, name, text, draft.missing, project)


def _check_name(
    name: str, target: Path, raw: Path, project: Path, replaces: Callable[[Path], bool]
) -> None:
    if not STUDY_NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name of a study", f"a name matches {STUDY_NAME.pattern}")
    there = [path for path in (target, raw) if path.exists()]
    if not there:
        return
    if _is_unfinished(target, project / "results" / name) and replaces(target):
        return
    raise InputError(
        f"{there[0]}: exists already",
        "choose another name, or give --replace for an unfinished study; nothing was written",
    )


def _is_unfinished(target: Path, results: Path) -> bool:
    """Whether a configuration has things to settle, or was never run to its report."""
    if not target.is_file():
        return False
    text = target.read_text("utf-8", errors="replace")
    made_here = "owncontrol new-study" in text
    open_ends = UNSURE in text or TO_SAY in text
    return made_here and (open_ends or not (results / "report").is_dir())


def _check_files(paths: Sequence[Path]) -> None:
    names = [path.name for path in paths]
    for path in paths:
        kind_of(path)  # there, not empty, and to be read
        if names.count(path.name) > 1:
            raise InputError(f"{path.name}: two files have this name", "rename one of them")


def _readme(name: str, files: Sequence[Path]) -> str:
    rows = "\n".join(f"| {markdown(path.name)} | | |" for path in files)
    return f"""# Raw files of the study {name}

They stay as they arrived; `MANIFEST` has the sha256 of each. Write down who exported what and when.

| file | from | exported |
|---|---|---|
{rows}
"""


def _ignored(name: str, project: Path) -> str:
    """What git leaves alone of the new study; the configuration only where the project says so."""
    try:
        git(project, "check-ignore", "-q", f"config/{name}.yaml")
        both = True
    except (FileNotFoundError, subprocess.CalledProcessError):
        both = False
    return "both" if both else "the raw files, not the configuration"


def _made(target: Path, name: str, text: str, missing: Sequence[ToSay], project: Path) -> Made:
    """What is left to do: what was not said, then what was guessed, then the run."""
    left = [said.line() for said in missing] or check_study(name, project)
    runs = not left
    unsure = sum(UNSURE in line for line in text.split("\n")[3:] if not line.startswith("# "))
    if unsure:
        lines = "1 line" if unsure == 1 else f"{unsure} lines"
        marked = "is marked unsure" if unsure == 1 else "are marked unsure"
        left.append(f"settle the {lines} of {target} that {marked}")
    left.append(f"git ignores {_ignored(name, project)}")
    if missing:
        left.append(f"then: the same command with these options and --replace; or edit {target}")
    left.append(f"then: make STUDY={name}" if runs else f"then: make check STUDY={name}")
    return Made(target, tuple(left), runs)
