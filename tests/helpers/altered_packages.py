"""An environment in which a few packages are not as they were installed; all others are links.

The next release of a package may rename what a speed-up of a run leans on. Here it is renamed in a
copy of the package, wherever that package itself uses it: the package works, and the name is gone.
"""

import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from owncontrol.run.speed.hooks import HOOKS, Needed

SITE = Path(sysconfig.get_path("purelib"))
PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
# Names that a package gives to others, which use them: nobody can rename these by himself.
PUBLIC = ("launch_kernel", "wait", "kill", "process", "connection_info", "wait_for_ready")
PUBLIC += ("launch_new_instance", "needrun_jobs", "get_path_or_uri")


def names() -> list[Needed]:
    """All names that a speed-up needs, each once."""
    return list(dict.fromkeys(needed for hook in HOOKS.values() for needed in hook.needs))


def environment(folder: Path, own: Iterable[Path] = ()) -> Path:
    """Make ``folder/.venv`` of links to the packages of this one; the folder of its packages.

    ``own``: packages, and what is installed with them, that take the place of those of the same
    name, as copies.
    """
    place = folder / ".venv"
    packages = place / "lib" / PYTHON / "site-packages"
    packages.mkdir(parents=True)
    shutil.copy(Path(sys.prefix, "pyvenv.cfg"), place)
    (place / "bin").mkdir()
    for program in Path(sys.prefix, "bin").iterdir():
        (place / "bin" / program.name).symlink_to(program)
    own = list(own)
    # Byte code of what lies directly among the packages would be written into this environment.
    taken = {_without_version(entry) for entry in own} | {"__pycache__"}
    for entry in SITE.iterdir():
        if _without_version(entry) not in taken:
            (packages / entry.name).symlink_to(entry)
    for entry in own:
        copy = shutil.copytree if entry.is_dir() else shutil.copy2
        copy(entry, packages / entry.name)
    return packages


def _without_version(entry: Path) -> str:
    """The name of a package, or that of the folder which describes it without its version."""
    name, description, _ = entry.name.partition(".dist-info")
    return name.partition("-")[0] + description


def can_be_renamed(needed: Needed) -> bool:
    """Whether a package could have another name for this in its next release."""
    return _last(needed) not in PUBLIC


def can_have_more_parameters(needed: Needed) -> bool:
    """Whether this is a function whose parameters are looked at."""
    return needed.parameters is not None


def rename(folder: Path, needed: Needed) -> None:
    """Make an environment in ``folder`` whose packages have another name for this."""
    last = _last(needed)
    own = r"\bself\." if needed.sets else r"\b"  # others may have attributes of that name
    _rewrite(folder, needed, rf"({own}){last}\b", rf"\g<1>{last}_of_another_release")


def add_parameter(folder: Path, needed: Needed) -> None:
    """Make an environment in ``folder`` in which this function has one more parameter."""
    pattern = rf"(def \w*{_last(needed)}\((?:[^()]|\(\))*?),?(\s*)\)"
    _rewrite(folder, needed, pattern, _with_further)


def _last(needed: Needed) -> str:
    return needed.sets or needed.name.removesuffix(".fget").rpartition(".")[2]


def _with_further(match: re.Match[str]) -> str:
    """A head of a function with one more parameter, ahead of further ones by name."""
    head, blank = match.groups()
    first, stars, further = head.partition("**")
    comma = "" if first.rstrip().endswith(("(", ",")) else ", "
    return f"{first.rstrip()}{comma}further=None{', ' if stars else ''}{stars}{further}{blank})"


def _rewrite(folder: Path, needed: Needed, old: str, new: Any) -> None:
    """Make an environment in which a package, or a part of Python, has other texts."""
    package, *inside = needed.module.split(".")
    if (SITE / package).is_dir():
        place = environment(folder, [SITE / package]) / package
    else:
        packages = environment(folder)
        place = packages.parent / "ahead" / package
        shutil.copytree(Path(os.__file__).parent / package, place)
        line = f"import sys; sys.path.insert(0, {str(place.parent)!r})\n"
        (packages / "0.pth").write_text(line)
    found = 0
    for file in _python_files(place, inside if needed.sets else []):
        text, count = re.subn(old, new, file.read_text("utf-8"))
        file.write_text(text, "utf-8")
        found += count
    assert found, f"{needed}: {old} is nowhere in {place}"


def _python_files(folder: Path, module: list[str]) -> list[Path]:
    """The files of a package, or of one module in it, without their byte code."""
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
    inside = folder.joinpath(*module)
    return [inside.with_suffix(".py")] if not inside.is_dir() else sorted(inside.rglob("*.py"))
