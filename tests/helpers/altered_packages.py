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

from owncontrol.run.speed.hooks import HOOKS, Needed

SITE = Path(sysconfig.get_path("purelib"))
PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
# What Python itself brings is found ahead of packages, unless one of these says otherwise.
FIRST = "import os, sys; sys.path.insert(0, os.path.dirname(os.__file__) and {place!r})\n"


def names() -> list[Needed]:
    """All names that a speed-up needs, each once."""
    return list(dict.fromkeys(needed for hook in HOOKS.values() for needed in hook.needs))


def environment(folder: Path, own: Iterable[Path] = ()) -> Path:
    """Make ``folder/.venv`` of links to the packages of this one; the folder of its packages.

    ``own``: packages (folders) that take the place of those of the same name, as copies.
    """
    place = folder / ".venv"
    packages = place / "lib" / PYTHON / "site-packages"
    packages.mkdir(parents=True)
    shutil.copy(Path(sys.prefix, "pyvenv.cfg"), place)
    (place / "bin").mkdir()
    for program in Path(sys.prefix, "bin").iterdir():
        (place / "bin" / program.name).symlink_to(program)
    taken = {package.name for package in own}
    for entry in SITE.iterdir():
        if entry.name not in taken:
            (packages / entry.name).symlink_to(entry)
    for package in own:
        shutil.copytree(package, packages / package.name)
    return packages


def renamed(folder: Path, needed: Needed) -> str:
    """An environment in ``folder`` whose packages call a name otherwise; what was done."""
    last = needed.sets or needed.name.removesuffix(".fget").rpartition(".")[2]
    _rewrite(folder, needed, rf"\b{last}\b", f"{last}_of_another_release")
    return f"{needed} is called otherwise"


def with_other_parameters(folder: Path, needed: Needed) -> str:
    """An environment in ``folder`` in which a function has one more parameter."""
    last = needed.name.removesuffix(".fget").rpartition(".")[2]
    _rewrite(folder, needed, rf"(def {last}\((?:[^()]|\(\))*?),?(\s*)\)", r"\1, further=None\2)")
    return f"{needed} has one more parameter"


def _rewrite(folder: Path, needed: Needed, old: str, new: str) -> None:
    package = needed.module.partition(".")[0]
    if (SITE / package).is_dir():
        files = _python_files(environment(folder, [SITE / package]) / package)
    else:  # of Python itself
        first = folder / "first"
        shutil.copytree(Path(os.__file__).parent / package, first / package)
        (environment(folder) / "0.pth").write_text(f"import sys; sys.path.insert(0, {str(first)!r})")
        files = _python_files(first / package)
    changed = 0
    for file in files:
        text = file.read_text("utf-8")
        text, count = re.subn(old, new, text)
        if count:
            file.write_text(text, "utf-8")
            changed += count
    assert changed, f"{needed}: {old} is nowhere in {package}"


def _python_files(folder: Path) -> list[Path]:
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
    return sorted(folder.rglob("*.py"))
