"""The installed packages: what was loaded of them, and that it is what the lock file installed.

``envs/create.py`` writes a list of all files of an environment when it has made it: SHA-256, size,
times of the last change of content and of state (ns), path. A file whose size and times are those
of the list is taken for unchanged, because nobody sets the time of a change of state; any other
one is hashed. An environment that was made otherwise (conda, a container) has no such list: there
only the place of a module is looked at.
"""

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from owncontrol.errors import InputError
from owncontrol.files import sha256

LIST = "installed"
DIGEST = 64  # signs, at the head of a line of the list
# Files of the environment's folder that are not of a package.
OWN = {LIST, "complete", ".lock", ".gitignore", "CACHEDIR.TAG"}
LIBRARY = str(Path(__file__).parents[2].resolve())
REMAKE = "remove the folder {folder} and run make, which makes it again"
# Modules without a file of their own: the script that runs, and what Python calls it in a fork.
# Where envs/create.py says where the library is; the module by which Snakemake finds the logger.
PATH_FILE, PLUGIN = "owncontrol.pth", "snakemake_logger_plugin_owncontrol"
NAMELESS = ("__main__", "__mp_main__")
# Files of modules that this process, or the one that it was forked off, has looked at already.
_looked_at: set[str] = set()


@cache
def installed(environment: Path) -> dict[str, str]:
    """By path in the environment's folder, its line of the list; nothing for one without a list.

    The lines as they are: a step looks at a thousand of thirty thousand.
    """
    try:
        lines = (environment / LIST).read_text("utf-8", "surrogateescape").splitlines()
    except FileNotFoundError:
        return {}
    return {line.split(" ", 4)[4]: line for line in lines}


def check_environment(environment: Path | None = None) -> None:
    """Raise InputError where a file of the environment is altered, lost, or was not installed.

    Byte code that Python has added is left to ``check_loaded``.
    """
    environment = environment or Path(sys.prefix)
    listed = installed(environment)
    if not listed:
        return
    there = set()
    for path, state in _files(str(environment)):
        there.add(path)
        if path in listed:
            _check(environment, path, state, listed)
        elif not path.endswith(".pyc") and path not in OWN:
            raise _refused(environment, f"{environment / path}: was not installed from the lock")
    lost = sorted(path for path in listed if path not in there)
    if lost:
        raise _refused(environment, f"{environment / lost[0]}: missing")


def check_loaded(environment: Path | None = None) -> None:
    """Raise InputError where a module of this process is not of the environment, or was altered.

    A module may come from Python itself, from the environment, from this package, and from where
    Snakemake is, which steps in an environment of their own need to read what they are given. The
    logger's plugin comes from the project that the environment was made for.
    """
    environment = environment or Path(sys.prefix)
    listed = installed(environment)
    inside = str(environment) + os.sep
    others = (*_python_folders(), LIBRARY + os.sep, *_snakemake_folder(), *_plugin_folder())
    for name, path in loaded_files():
        if path in _looked_at:
            continue
        if path.startswith(inside):
            if listed:
                _check_listed(environment, path, listed)
                if path.endswith(".py"):
                    _check_listed(environment, _byte_code(path), listed, may_lack=True)
        elif not _is_below(path, others) and not _is_below(os.path.realpath(path), others):
            raise InputError(
                f"the module {name} was loaded from {path}, which is not part of the environment",
                "run by make, or owncontrol run; unset PYTHONPATH and what else leads Python there",
            )
        _looked_at.add(path)


def _plugin_folder() -> Iterator[str]:
    """The folder of the logger's plugin, where the environment's Python finds it."""
    packages = sysconfig.get_path("purelib")
    path = Path(packages, PATH_FILE)
    if path.is_file():
        library = Path(packages, path.read_text().strip()).resolve()
        yield f"{library / PLUGIN}{os.sep}"


def loaded_files() -> Iterator[tuple[str, str]]:
    """Name and file of each module of this process that has one."""
    for name, module in sorted(sys.modules.copy().items()):
        path = getattr(module, "__file__", None)
        if isinstance(path, str) and name not in NAMELESS and path.startswith(os.sep):
            yield name, path


def loaded_packages(
    packages: Mapping[str, Iterable[str]], files: Iterable[str]
) -> list[tuple[str, str, str]]:
    """Package, file (from the folder of packages) and SHA-256 of loaded modules, sorted.

    ``packages``: the names of the packages by the names of their modules, as
    importlib.metadata.packages_distributions gives them. ``files``: see ``loaded_files``.
    """
    folders = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    environment = Path(sys.prefix)
    rows = set()
    for path in files:
        for folder in folders:
            if path.startswith(folder + os.sep):
                file = Path(path).relative_to(folder)
                package = min(packages.get(file.parts[0].partition(".")[0], [""])).lower()
                known = installed(environment).get(os.path.relpath(path, environment))
                digest = known[:DIGEST] if known else sha256(path)
                rows.add((package, file.as_posix(), digest))
    return sorted(rows)


def _byte_code(path: str) -> str:
    """The byte code that Python takes instead of a module's file."""
    folder, name = os.path.split(path)
    return f"{folder}/__pycache__/{name[:-3]}.{sys.implementation.cache_tag}.pyc"


def _is_below(path: str, folders: Iterable[str]) -> bool:
    """Whether a file lies below one of the folders, and not among packages inside of it."""
    for folder in folders:
        if path.startswith(folder):
            first = path[len(folder) :].partition(os.sep)[0]
            if first not in ("site-packages", "dist-packages"):
                return True
    return False


def _check_listed(
    environment: Path, path: str, listed: dict[str, str], may_lack: bool = False
) -> None:
    try:
        stat = os.stat(path)  # noqa: PTH116 (a thousand modules a step)
    except OSError:
        if may_lack:
            return
        raise _refused(environment, f"{path}: missing") from None
    inside = path.removeprefix(f"{environment}{os.sep}")
    if inside not in listed:
        raise _refused(environment, f"{path}: was not installed from the lock")
    _check(environment, inside, stat, listed)


def _check(environment: Path, path: str, stat: os.stat_result, listed: dict[str, str]) -> None:
    state = f" {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} "
    same = listed[path].startswith(state, DIGEST)
    if not same and sha256(environment / path) != listed[path][:DIGEST]:
        raise _refused(environment, f"{environment / path}: altered since it was installed")


def _refused(environment: Path, message: str) -> InputError:
    return InputError(message, REMAKE.format(folder=environment))


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Path (from the folder) and state of all files of a folder; links are not followed."""
    below = len(folder) + 1
    folders = [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif not entry.is_symlink():
                    yield entry.path[below:], entry.stat(follow_symlinks=False)


@cache
def _python_folders() -> tuple[str, ...]:
    """The folders of Python itself, without those that packages are installed into."""
    names = ("base", "platbase", "installed_base", "installed_platbase")
    base = dict.fromkeys(names, sys.base_prefix)
    paths = {sysconfig.get_path(name, vars=base) for name in ("stdlib", "platstdlib")}
    real = {os.path.realpath(path) for path in paths}
    return tuple(path + os.sep for path in sorted(paths | real))


@cache
def _snakemake_folder() -> tuple[str, ...]:
    module = sys.modules.get("snakemake")
    place = getattr(module, "__file__", None)
    return (str(Path(place).parents[1]) + os.sep,) if place else ()
