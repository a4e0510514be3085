"""A command in a box: no network, no home, and nowhere to write but its own folder.

Made by bubblewrap where that is installed, else by unshare, mount and setpriv of util-linux. The
command sees the system's programs, the Python environment that runs this, and the folder.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
# Of the system's settings what programs need to start, and nothing that is secret.
SETTINGS = ("alternatives", "fonts", "group", "ld.so.cache", "localtime", "mime.types", "passwd")
INSIDE = "/box"
# Makes the root of the box out of mounts, moves into it, and gives up every privilege. ``$1`` is an
# empty folder for the root, ``$2`` the folder that may be written; then come the folders to be
# seen, ``--``, and the command. Set -e: a step that fails leaves nothing run.
SETUP = """
set -eu
root=$1; own=$2; shift 2
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root/dev/shm" "$root/tmp"
mount -t tmpfs -o nosuid,nodev tmpfs "$root/dev/shm"
mount -t tmpfs -o nosuid,nodev tmpfs "$root/tmp"
while [ "$1" != -- ]; do
    if [ -h "$1" ]; then
        mkdir -p "$root$(dirname "$1")"; cp -P "$1" "$root$1"
    else
        if [ -d "$1" ]; then mkdir -p "$root$1"
        else mkdir -p "$root$(dirname "$1")"; : > "$root$1"; fi
        mount --bind "$1" "$root$1"
        mount -o remount,bind,ro,nosuid,nodev "$root$1"
    fi
    shift
done
shift
mkdir -p "$root/box" "$root/proc" "$root/.old"
mount --bind "$own" "$root/box"
mount -o remount,bind,nosuid,nodev "$root/box"
mount -t proc proc "$root/proc"
for device in null zero full random urandom; do
    : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"
done
cd "$root"
pivot_root . .old
umount -l /.old
rmdir /.old
mount -o remount,ro /
cd /box
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"
"""


def way(folder: Path) -> str:
    """How this system makes a box: ``bwrap``, ``unshare``, or empty where it cannot."""
    for name in ("bwrap", "unshare"):
        if shutil.which(name) and _works(name, folder):
            return name
    return ""


def _works(name: str, folder: Path) -> bool:
    """Whether a command runs in a box, where it sees and writes nothing of what is outside."""
    inside = 'test ! -e "$1" && ! touch /usr/.owncontrol 2> /dev/null'
    command, environment = boxed(["sh", "-c", inside, "sh", str(folder.resolve())], folder, name)
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def boxed(command: Sequence[str], folder: Path, name: str) -> tuple[list[str], dict[str, str]]:
    """The command in a box, and its environment; the folder is ``/box`` and current there.

    ``name``: a way to make one, see ``way``.
    """
    folder = folder.resolve()
    seen = _seen()
    environment = {
        "PATH": os.pathsep.join(
            [str(Path(sys.prefix) / "bin"), "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
        ),
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
    }
    if name == "bwrap":
        binds = [part for path in seen for part in _bound(path)]
        return [
            *("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"),
            # First what is empty: what is to be seen may lie in it.
            *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/dev/shm"),
            *binds,
            *("--bind", str(folder), INSIDE, "--chdir", INSIDE, "--remount-ro", "/"),
            "--",
            *command,
        ], environment
    base = folder.with_name(f"{folder.name}.root")
    base.mkdir(exist_ok=True)
    spaces = ("--user", "--map-root-user", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork")
    return [
        *("unshare", *spaces, "--kill-child", "sh", "-c", SETUP, "sh", str(base), str(folder)),
        *map(str, seen),
        "--",
        *command,
    ], environment


def _bound(path: Path) -> list[str]:
    if path.is_symlink():
        return ["--symlink", str(path.readlink()), str(path)]
    return ["--ro-bind", str(path), str(path)]


def _seen() -> list[Path]:
    """The system's folders that are there, and those of the Python that runs this."""
    settings = [f"/etc/{name}" for name in SETTINGS]
    system = [Path(name) for name in (*SYSTEM, *settings) if Path(name).exists()]
    python = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()}
    # The environment by the name it is called by as well: its programs name it so.
    python |= {Path(sys.prefix)}
    inside = [path for path in python if not any(path.is_relative_to(part) for part in system)]
    return [*system, *sorted(inside)]
