"""The files of the project itself: what git tracks, or without git those of a known list."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from owncontrol.errors import InputError
from owncontrol.provenance.git import git, git_root

# Folders and files that a run reads, and that say what it is.
CODE = ("workflow", "notebooks", "envs", "profiles", "data/reference")
FILES = (
    *("Snakefile", "config.yaml", "Makefile", "pyproject.toml", "README.md", "SECURITY.md"),
    *("CHANGELOG.md", "LICENSE", "CITATION.cff", "Containerfile"),
)
# In a folder without git: what code and its data are written in.
SUFFIXES = {
    *(".py", ".smk", ".ipynb", ".yaml", ".yml", ".lock", ".csv", ".md", ".toml", ".json"),
    *(".j2", ".css", ".js", ".html", ".typ", ".rst", ".txt", ".svg", ".mplstyle", ".ttf", ".otf"),
    *("", ".docx", ".woff2", ".R", ".sh"),
}


def is_run(name: str) -> bool:
    """Whether a run depends on this file of the project (it does not on documentation or tests)."""
    return name in ("Snakefile", "Makefile", "pyproject.toml") or name.startswith(
        tuple(f"{folder}/" for folder in CODE)
    )


def is_of_a_study(name: str) -> bool:
    """Whether a file is a study's own: raw data, a configuration, or a frozen plan."""
    parts = Path(name).parts
    configuration = parts[0] == "config" and name.endswith((".yaml", ".yml", ".plan.lock"))
    return parts[:2] == ("data", "raw") or configuration or name == "config.yaml"


@dataclass(frozen=True)
class ProjectFiles:
    """Paths of the project's files: ``tracked``, of them ``changed`` since they were committed, and
    ``untracked`` ones that a run may read as well.
    """

    tracked: list[str]
    changed: list[str]
    untracked: list[str]


def project_files(folder: Path) -> ProjectFiles:
    """The files of the project in its folder.

    Links and submodules are left out, and so is what lies behind a link. In a folder that is not
    the root of a repository of git: the files of a known list, none changed or untracked.
    """
    if git_root(folder) != folder.resolve():
        found = [name for name in FILES if (folder / name).is_file()]
        for part in CODE:
            found += [
                path.relative_to(folder).as_posix()
                for path in (folder / part).rglob("*")
                if path.suffix in SUFFIXES and _is_visible(path.relative_to(folder))
            ]
        return ProjectFiles([name for name in sorted(found) if _is_plain(folder, name)], [], [])
    listed = _git(folder, "ls-files", "-z", "--cached", "--stage").split("\0")
    entries = [entry.split("\t", maxsplit=1) for entry in listed if entry]
    names = sorted({name for about, name in entries if about.startswith("100")})
    tracked = [name for name in names if _is_plain(folder, name)]
    differing = _git(folder, "diff", "-z", "--name-only", "--no-ext-diff", "HEAD").split("\0")
    others = _git(folder, "ls-files", "-z", "--others", "--exclude-standard").split("\0")
    untracked = [name for name in others if is_run(name) and _is_plain(folder, name)]
    return ProjectFiles(tracked, sorted(set(tracked) & set(differing)), sorted(untracked))


def committed_files(folder: Path, commit: str) -> dict[str, bytes]:
    """By path the content of a commit's files. Raises InputError where there is no such commit."""
    hint = "name a commit of this project, as git log shows it"
    if commit.startswith("-") or git_root(folder) != folder.resolve():
        raise InputError(f"--code {commit}: no commit of a repository of this folder", hint)
    try:
        name = _git(folder, "rev-parse", "--verify", "--end-of-options", f"{commit}^{{commit}}")
        listed = _git(folder, "ls-tree", "-r", "-z", name.strip()).split("\0")
    except subprocess.CalledProcessError:
        raise InputError(f"--code {commit}: no such commit", hint) from None
    found = {}
    for entry in filter(None, listed):
        about, path = entry.split("\t", maxsplit=1)
        mode, _, digest = about.split()
        if mode.startswith("100"):
            found[path] = git(folder, "cat-file", "blob", digest)
    return found


def _is_visible(path: Path) -> bool:
    return not any(part.startswith((".", "__")) and part != "__init__.py" for part in path.parts)


def _is_plain(folder: Path, name: str) -> bool:
    """Whether a path is a file, with no link on its way."""
    path = folder / name
    parents = [folder / parent for parent in Path(name).parents][:-1]
    return path.is_file() and not path.is_symlink() and not any(map(Path.is_symlink, parents))


def _git(folder: Path, *arguments: str) -> str:
    return os.fsdecode(git(folder, *arguments))
