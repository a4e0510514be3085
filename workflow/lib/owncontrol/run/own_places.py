"""Where a run writes: files and folders alone, and no settings of libraries but its own.

A folder from elsewhere may bring results, logs and ``.snakemake`` with it. A link there would let a
run write over a file outside, a pipe would let it wait for ever, and start-up files or settings of
IPython, Jupyter, git or matplotlib would steer it.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from owncontrol.errors import InputError

# Of Snakemake's own folder what holds environments and copies, which have links of their own.
FULL_OF_LINKS = ("conda", "conda-archive", "singularity", "shadow", "storage", "pixi")
# Of the run's own folder what libraries look into for settings; what they keep is made again.
SETTINGS = ("config", "home", "ipython", "jupyter", "matplotlib")


def check_own_places(folders: Iterable[Path | str]) -> None:
    """Raise InputError at the first link, pipe or device in these folders.

    A socket is left alone: a killed run may leave those of its kernels, and none can be opened.
    """
    for folder in map(Path, folders):
        if folder.is_symlink():
            raise _is_strange(folder)
        for entry in _entries(folder):
            is_plain = entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)
            if entry.is_symlink() or not (is_plain or Path(entry.path).is_socket()):
                raise _is_strange(Path(entry.path))


def forget_settings(private: Path) -> None:
    """Remove what somebody may have put where libraries look for settings in the run's own folder.

    Call it with the folder's lock, after ``check_own_places``: nothing behind a link is removed.
    """
    for name in SETTINGS:
        shutil.rmtree(private / name, ignore_errors=True)


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    """Everything below a folder; nothing where there is no such folder."""
    try:
        found = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError, PermissionError):  # told by who writes there
        return
    with found:
        for entry in found:
            yield entry
            inside = entry.is_dir(follow_symlinks=False)
            if inside and not (folder.name == ".snakemake" and entry.name in FULL_OF_LINKS):
                yield from _entries(Path(entry.path))


def _is_strange(path: Path) -> InputError:
    what = "a link" if path.is_symlink() else "a pipe or a device"
    return InputError(
        f"{path}: is {what}; a run writes there", "remove it; results and logs are plain files"
    )
