"""What a run may see of the computer that it runs on: a few variables, a temporary folder, limits.

A result depends on the raw files, the configuration, the code and the locked packages. So of the
variables of the environment only those are kept that a run needs to find its way (programs, home,
network, scheduler); what steers Python, Jupyter, matplotlib or the number of threads is set here.
"""

import os
import pwd
import resource
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from owncontrol.errors import InputError

PRIVATE = Path(".snakemake/owncontrol")  # where the run keeps what libraries want to keep
KEPT = {
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "SYSTEMROOT", "KUBECONFIG", "MODULEPATH",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
}  # fmt: skip
KEPT_BEGINNINGS = (
    "SLURM_", "SBATCH_", "SNAKEMAKE_STORAGE_", "AWS_", "GOOGLE_", "KUBERNETES_",
    "CONDA_", "MAMBA_", "APPTAINER_", "SINGULARITY_", "LD_", "DYLD_",
    "OWNCONTROL_",  # of the campaigns that turn the clock or let writes fail
)  # fmt: skip
# What a command sees beside that: its user's place, language and terminal, and who is asked for
# a secret (pull, sign).
OF_THE_USER = {
    "TMPDIR", "TEMP", "TMP", "TZ", "LANG", "LANGUAGE", "COLUMNS", "LINES", "NO_COLOR", "LNAME",
    "USERNAME", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR",
}  # fmt: skip
OF_THE_USER_BEGINNINGS = ("LC_", "SSH_", "REDCAP_")
# A socket's path has at most 103 signs (macOS) and those of kernels and forks add up to 40.
LONGEST_TEMPORARY = 60
LEAST_TEMPORARY_BYTES = 2**20
FEWEST_FILES, ENOUGH_FILES = 256, 4096


def surroundings(
    given: Mapping[str, str], library: str, folder: Path, more: Collection[str] = ()
) -> dict[str, str]:
    """The environment variables of a run, for its steps and the kernels of its notebooks.

    ``library``: where Python finds this package. ``folder``: the working folder of the run.
    ``more``: names of further variables that are kept. Raises InputError where there is no folder
    for temporary files.
    """
    kept = {
        name: value
        for name, value in given.items()
        if name in KEPT or name in more or name.startswith(KEPT_BEGINNINGS)
    }
    private = folder.absolute() / PRIVATE
    user = _user()
    own = {
        "HOME": _home(given, private),
        "TMPDIR": temporary_folder(given, private),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": library,
        "PYTHONSAFEPATH": "1",  # neither the working folder nor a script's own
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        # One core a step; and a sum in several threads has other last digits by how many they are.
        **{f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")},
        "XDG_CACHE_HOME": str(private / "cache"),
        "XDG_CONFIG_HOME": str(private / "config"),
        "MPLCONFIGDIR": str(private / "matplotlib"),
        "MPLBACKEND": "agg",
        "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_NO_CONFIG": "1",
        **{f"JUPYTER_{name}_DIR": str(private / "jupyter") for name in ("CONFIG", "DATA")},
    }
    known = {} if user else {"USER": "user", "LOGNAME": "user"}
    return {**kept, **own, **known}


def enter(library: str, folder: Path, more: Collection[str] = ()) -> None:
    """Let this process, and all that it starts, see no more than ``surroundings`` gives.

    Raises InputError where a run cannot work in these surroundings.
    """
    variables = surroundings(os.environ, library, folder, more)
    os.environ.clear()
    os.environ.update(variables)
    allow_files()


def leave_settings_behind() -> None:
    """Let this process see no variable that steers a library: of numbers, Arrow, fonts, progress.

    Call it before any library is imported, as they read their settings then.
    """
    kept, beginnings = KEPT | OF_THE_USER, (*KEPT_BEGINNINGS, *OF_THE_USER_BEGINNINGS)
    for name in set(os.environ) - kept:
        if not name.startswith(beginnings):
            del os.environ[name]


def temporary_folder(given: Mapping[str, str], private: Path) -> str:
    """A folder for temporary files that can be written, has room, and has a short path.

    What the user names comes first, then those of the system. Raises InputError with none.
    """
    named = [given[name] for name in ("TMPDIR", "TEMP", "TMP") if given.get(name)]
    for place in [*named, "/tmp", "/var/tmp", "/dev/shm", str(private / "tmp")]:
        path = Path(place)
        if path.is_absolute() and len(str(path)) <= LONGEST_TEMPORARY and _has_room(path):
            return str(path)
    raise InputError(
        f"no folder for temporary files: {', '.join(named) or '/tmp'} is missing, full, not "
        f"writable, or has a path of over {LONGEST_TEMPORARY} signs",
        "make room there, or name another folder: TMPDIR=/some/folder make",
    )


def allow_files() -> None:
    """Let this process open as many files as it needs; InputError where the limit forbids it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (OSError, ValueError):
            pass  # the limit stays, and may be enough
    if soft != resource.RLIM_INFINITY and soft < FEWEST_FILES:
        raise InputError(
            f"only {soft} files may be open at once here (ulimit -n); a run needs {FEWEST_FILES}",
            f"raise the limit (ulimit -n {ENOUGH_FILES}), or ask who looks after the computer",
        )


def _home(given: Mapping[str, str], private: Path) -> str:
    """The user's home where that can be used, else a folder of the run's own."""
    home = given.get("HOME", "")
    return home if home and _is_writable(Path(home)) else str(private / "home")


def _user() -> str:
    """The user's name as the system knows it; empty in a container without an entry for it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def _has_room(path: Path) -> bool:
    if not _is_writable(path):
        return False
    try:
        state = os.statvfs(path)
    except OSError:
        return False
    return state.f_bavail * state.f_frsize >= LEAST_TEMPORARY_BYTES


def _is_writable(path: Path) -> bool:
    try:
        return path.is_dir() and os.access(path, os.W_OK | os.X_OK)
    except (OSError, ValueError):
        return False


def is_isolated() -> bool:
    """Whether this Python was started so that nothing from outside steers it."""
    return bool(sys.flags.isolated or (sys.flags.safe_path and sys.flags.no_user_site))
