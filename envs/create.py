"""Make a virtual environment from a lock file: FOLDER LOCK.

Runs before anything is installed, so it uses the standard library alone and can be read by an old
Python, to which it says one line. Uses uv where it is present; else pip brings it.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)


def fail(message, hint):
    """One line and a hint, and no more."""
    sys.stderr.write("error: %s\n  Hint: %s\n" % (message, hint))
    sys.exit(1)


def run(command, message, hint):
    """Run a command; on failure say what it was for, after the last line it wrote."""
    environment = dict(os.environ, UV_COMPILE_BYTECODE="1", UV_NO_PROGRESS="1")
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
        fail("%s (%s)" % (message, lines[-1].strip() if lines else "no message"), hint)


def python_of(folder):
    """The interpreter of a virtual environment."""
    if os.name == "nt":
        return os.path.join(folder, "Scripts", "python.exe")
    return os.path.join(folder, "bin", "python")


def make(folder, lock):
    """Make the environment anew; ``complete`` is written last, so half of one is never used."""
    here = os.path.dirname(os.path.abspath(__file__))
    # make calls this with the environment's own Python where there is one: it is removed first.
    base = getattr(sys, "_base_executable", None) or sys.executable
    network = "look at the network, or at the package index that pip is set to use"
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv")
    if uv is None:
        run(
            [base, "-m", "venv", folder],
            "Python's venv module does not work",
            "install it (Debian, Ubuntu: apt-get install python3-venv)",
        )
        run(
            [
                python_of(folder),
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
    with open(os.path.join(folder, "complete"), "w") as mark:
        mark.write("made from %s\n" % lock)


def find_library(folder, library):
    """Let the environment's Python find the workflow's library."""
    show = "import sysconfig; print(sysconfig.get_path('purelib'))"
    place = subprocess.check_output([python_of(folder), "-c", show]).decode().strip()
    with open(os.path.join(place, "owncontrol.pth"), "w") as path:
        path.write(library + "\n")


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
