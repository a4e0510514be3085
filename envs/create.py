"""Make a virtual environment from a lock file: FOLDER LOCK.

Runs before anything is installed, so it uses the standard library alone and can be read by an old
Python, to which it says one line. Uses uv where it is present; else pip brings it. What was
installed is listed file by file in FOLDER/installed (owncontrol.run.installed reads it).
"""

import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
# Variables of pip and uv that say where packages come from; what else they have could lead them
# elsewhere, or to other packages.
SOURCES = (
    "INDEX", "INDEX_URL", "EXTRA_INDEX_URL", "DEFAULT_INDEX", "FIND_LINKS", "NO_INDEX", "OFFLINE",
    "CERT", "CLIENT_CERT", "TRUSTED_HOST", "INSECURE_HOST", "ALLOW_INSECURE_HOST", "PROXY",
    "NATIVE_TLS", "SYSTEM_CERTS", "KEYRING_PROVIDER", "RETRIES", "TIMEOUT", "DEFAULT_TIMEOUT",
    "HTTP_TIMEOUT", "CACHE_DIR", "NO_CACHE", "NO_CACHE_DIR", "CONFIG_FILE",
    "DISABLE_PIP_VERSION_CHECK",
)  # fmt: skip
LISTED_APART = ("installed", "complete", ".lock", ".gitignore", "CACHEDIR.TAG")
# The command `owncontrol` of an environment: nothing around it steers it, it finds its Python from
# its own place, and it says so where the environment was made for another folder.
LAUNCHER = """\
#!/bin/sh
place=$0
while [ -h "$place" ]; do
    target=$(readlink "$place")
    case $target in
        /*) place=$target ;;
        *) place=$(dirname "$place")/$target ;;
    esac
done
bin=$(CDPATH= cd "$(dirname "$place")" && pwd)
home=$(cd -P "$bin/../.." && pwd -P)
if [ ! -x "$bin/python" ] || [ "$(cat "$bin/../complete" 2>/dev/null)" != "$home" ]; then
    echo "error: the environment in $home was moved here or is not complete" >&2
    echo "  Hint: run make env in that folder, which makes it again" >&2
    exit 1
fi
exec "$bin/python" -I -m owncontrol "$@"
"""


def fail(message, hint):
    """One line and a hint, and no more."""
    sys.stderr.write("error: %s\n  Hint: %s\n" % (message, hint))
    sys.exit(1)


def run(command, message, hint):
    """Run a command; on failure say what it was for, after the last line it wrote."""
    environment = dict(
        variables(os.environ), UV_COMPILE_BYTECODE="1", UV_NO_PROGRESS="1", UV_LINK_MODE="copy"
    )
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
        fail("%s (%s)" % (message, lines[-1].strip() if lines else "no message"), hint)


def variables(given):
    """The environment variables without those that steer Python, or pip and uv but to a source."""
    kept = {}
    for name, value in given.items():
        tool, _, rest = name.partition("_")
        if name.startswith("PYTHON") or (
            tool in ("PIP", "UV") and rest not in SOURCES and not rest.startswith("INDEX_")
        ):
            continue
        if name not in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            kept[name] = value
    return kept


def python_of(folder):
    """The interpreter of a virtual environment."""
    if os.name == "nt":
        return os.path.join(folder, "Scripts", "python.exe")
    return os.path.join(folder, "bin", "python")


def make(folder, lock):
    """Make the environment again; ``complete`` is written last, so half of one is never used."""
    here = os.path.dirname(os.path.abspath(__file__))
    # make calls this with the environment's own Python where there is one: it is removed first.
    base = getattr(sys, "_base_executable", None) or sys.executable
    network = "look at the network, or at the package index that pip is set to use"
    if os.path.islink(folder):  # the environment of another project, which stays as it is
        os.unlink(folder)
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv")
    if uv is None:
        run(
            [base, "-I", "-m", "venv", folder],
            "Python's venv module does not work",
            "install it (Debian, Ubuntu: apt-get install python3-venv)",
        )
        run(
            [
                python_of(folder),
                "-I",
                "-m",
                "pip",
                "install",
                "--quiet",
                "--require-hashes",
                "--disable-pip-version-check",
                "-r",
                os.path.join(here, "uv.lock"),
            ],
            "the packages cannot be downloaded",
            network,
        )
        uv = os.path.join(os.path.dirname(python_of(folder)), "uv")
    else:
        run(
            [uv, "venv", "--quiet", "--python", base, folder],
            "the environment cannot be made",
            "look at %s" % folder,
        )
    run(
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--python",
            python_of(folder),
            "-r",
            lock,
        ],
        "the packages cannot be downloaded",
        network,
    )
    find_library(folder, os.path.join(os.path.dirname(here), "workflow", "lib"))
    write_launcher(folder)
    list_files(folder)
    with open(os.path.join(folder, "complete"), "w") as mark:
        mark.write("%s\n" % os.path.dirname(os.path.realpath(folder)))


def find_library(folder, library):
    """Let the environment's Python find the workflow's library, also where both are moved."""
    show = "import sysconfig; print(sysconfig.get_path('purelib'))"
    place = subprocess.check_output(
        [python_of(folder), "-I", "-c", show], env=variables(os.environ)
    )
    place = os.path.realpath(os.fsdecode(place).rstrip("\n"))
    with open(os.path.join(place, "owncontrol.pth"), "w") as path:
        path.write(os.path.relpath(os.path.realpath(library), place) + "\n")


def write_launcher(folder):
    """Write the command ``owncontrol`` beside the environment's Python."""
    path = os.path.join(os.path.dirname(python_of(folder)), "owncontrol")
    with open(path, "w") as launcher:
        launcher.write(LAUNCHER)
    os.chmod(path, 0o755)


def list_files(folder):
    """Write the list of all files: SHA-256, size, times of change (ns) of content and state."""
    lines = []
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            inside = os.path.relpath(path, folder)
            if os.path.islink(path) or inside in LISTED_APART:
                continue
            with open(path, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            state = os.stat(path)
            lines.append(
                "%s %d %d %d %s"
                % (digest, state.st_size, state.st_mtime_ns, state.st_ctime_ns, inside)
            )
    with open(os.path.join(folder, "installed"), "wb") as file:
        file.write("\n".join(sorted(lines)).encode("utf-8", "surrogateescape") + b"\n")


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        fail(
            "Python %d.%d is too old; 3.11 or newer is needed" % sys.version_info[:2],
            "install a newer Python, or name one: make PYTHON=python3.12",
        )
    try:
        sys.stdout.write("making the environment %s ...\n" % sys.argv[1])
        sys.stdout.flush()
        make(sys.argv[1], sys.argv[2])
    except OSError as error:
        fail("the environment cannot be made: %s" % error, "look at the disk and its permissions")
