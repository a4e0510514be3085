"""The computer against a run: its variables, folders, limits, and packages from elsewhere.

What a run makes of the smallest study must be the same bytes wherever it runs; where it cannot run
it says so in one line before its first step.
"""

import atexit
import importlib.util
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from copies import ROOT, copy_project, hashes, link_environment
from owncontrol.errors import InputError
from owncontrol.run.installed import LIST, check_environment, installed
from owncontrol.run.locks import hold_run
from owncontrol.run.surroundings import surroundings
from same_bytes import turned_clock

from attacks import Attack

STUDY = "case-report"
STUB = "raise SystemExit('foreign code ran')\n"
FOREIGN = (
    "numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn", "snakemake", "papermill",
    "jinja2", "yaml", "typst", "pyarrow", "IPython", "ipykernel", "jupyter_client", "nbformat",
    "sitecustomize", "usercustomize", "owncontrol", "json", "csv", "random",
)  # fmt: skip
FOLDERS = (
    "a b", "a'b", 'a"b', "$HOME", "$(touch A)", "`touch A`", "{wildcards.x}", "a;b", "a&b", "a#b",
    "a%b", "a=b", "a\\b", "ä ü é", "患者", "-n", "a*b", "[a]", "a(b)", "a,b", "~", "a" * 120,
    "a b'c $d {e}", "a:b", "a\nb", "a\n", "a ", " a", "a\udcff",
)  # fmt: skip
# What libraries read when they are imported: other kernels of numbers, or values that are none.
SETTINGS = {
    "OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX2", "OMP_NUM_THREADS": "x",
    "PANDAS_FUTURE_INFER_STRING": "0", "PANDAS_COPY_ON_WRITE": "0", "ARROW_USER_SIMD_LEVEL": "NONE",
    "ARROW_DEFAULT_MEMORY_POOL": "x", "ARROW_IO_THREADS": "x", "SOURCE_DATE_EPOCH": "x",
    "TYPST_FONT_PATHS": "/missing", "FONTCONFIG_FILE": "/missing", "MPLBACKEND": "x",
    "MPLCONFIGDIR": "/missing", "TQDM_MININTERVAL": "x", "PYDANTIC_DISABLE_PLUGINS": "x",
    "OPENPYXL_LXML": "False", "TZDIR": "/missing", "PYTHONTZPATH": "/missing",
    "PYTHONVERBOSE": "2", "PYTHONPROFILEIMPORTTIME": "1", "PYTHONDEVMODE": "1",
    "PYTHONMALLOC": "debug", "PYTHONIOENCODING": "utf-16", "PYTHONUTF8": "0",
    "PYTHONINTMAXSTRDIGITS": "700", "PYTHONHASHSEED": "x", "GIT_TRACE": "1",
    "GLIBC_TUNABLES": "glibc.malloc.check=3", "FORCE_COLOR": "1", "COVERAGE_PROCESS_START": "/x",
}  # fmt: skip
LOOKS = (
    ["-n"], ["-np"], ["--dry-run"], ["--list"], ["--list-target-rules"], ["--summary"], ["-S"],
    ["--detailed-summary"], ["--lint"], ["--dag"], ["--rulegraph"], ["--filegraph"],
    ["--list-input-changes"], ["--list-untracked"],
)  # fmt: skip
MAKE = ("manifest", "verify", "archive", "figures", "diff", "what-if", "notebook", "verify-archive")


def attacks() -> list[Attack]:
    """All attacks of this kind."""
    return [
        *_variables(),
        *_packages(),
        *_make(),
        *(
            Attack(f"folder: {name!a}"[:60], partial(_folder, name), True, usual_run)
            for name in FOLDERS
        ),
        *(Attack(name, attempt, True, usual_run) for name, attempt in _runs()),
    ]


# --- variables and options, without a run


def _variables() -> Iterator[Attack]:
    for name in (
        "PYTHONSTARTUP", "PYTHONHOME", "PYTHONINSPECT", "PYTHONOPTIMIZE", "PYTHONWARNINGS",
        "PYTHONHASHSEED", "IPYTHON_X", "JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "MATPLOTLIBRC",
        "BASH_ENV", "ENV", "COLUMNS", "GIT_DIR", "GIT_WORK_TREE", "PIP_TARGET", "UV_TARGET",
        "NUMEXPR_MAX_THREADS", "PANDAS_X", "PYARROW_IGNORE_TIMEZONE", "SNAKEMAKE_PROFILE",
        "SNAKEMAKE_OUTPUT_CACHE", "LC_NUMERIC", "LANGUAGE", "FONTCONFIG_FILE", "TYPST_FONT_PATHS",
        "SOURCE_DATE_EPOCH", "XDG_DATA_HOME", "PAPERMILL_X", "KMP_AFFINITY", "FORCE_COLOR",
    ):  # fmt: skip
        yield Attack(f"variable {name}", partial(_variable, name))
    for name in ("PYTHONPATH", "TZ", "LC_ALL", "OMP_NUM_THREADS", "MPLCONFIGDIR", "IPYTHONDIR"):
        yield Attack(f"variable {name}, which a run sets itself", partial(_replaced, name))
    for name, value in (
        ("missing", "/missing/folder"), ("long", f"/tmp/{'x' * 150}"), ("relative", "tmp"),
        ("empty", ""), ("a file", __file__),
    ):  # fmt: skip
        yield Attack(f"temporary folder: {name}", partial(_temporary, value))
    yield Attack("no home", partial(_home, None))
    yield Attack("a home that is missing", partial(_home, "/missing"))
    yield Attack("a home that is a file", partial(_home, __file__))


def _variable(name: str, folder: Path) -> str:
    seen = surroundings({name: "hostile"}, "library", folder)
    return f"a run sees {name}" if seen.get(name) == "hostile" else ""


def _replaced(name: str, folder: Path) -> str:
    seen = surroundings({name: "hostile"}, "library", folder)
    return "" if seen[name] != "hostile" else f"a run sees {name}"


def _temporary(value: str, folder: Path) -> str:
    found = surroundings({"TMPDIR": value}, "library", folder)["TMPDIR"]
    return "" if Path(found).is_dir() and found != value else f"takes {found}"


def _home(value: str | None, folder: Path) -> str:
    found = surroundings({} if value is None else {"HOME": value}, "library", folder)["HOME"]
    return "" if found.startswith(str(folder)) else f"takes {found}"


# --- an environment that somebody has changed


def _packages() -> Iterator[Attack]:
    changes: dict[str, Callable[[Path], object]] = {
        "a module edited": lambda env: _package(env).write_text("x = 2\n"),
        "a module edited, its time set back": _edit_in_secret,
        "a data file edited": lambda env: (env / "data.txt").write_text("hostile"),
        "a module removed": lambda env: _package(env).unlink(),
        "a package added": lambda env: (env / "lib/evil.py").write_text(STUB),
        "a .pth file added": lambda env: (env / "lib/evil.pth").write_text("import evil"),
        "a sitecustomize added": lambda env: (env / "lib/sitecustomize.py").write_text(STUB),
        "a library in C edited": lambda env: (env / "lib/a.so").write_bytes(b"hostile"),
        "pyvenv.cfg edited": lambda env: (env / "pyvenv.cfg").write_text("home = /hostile"),
        "byte code edited": lambda env: (env / "lib/a.pyc").write_bytes(b"hostile"),
    }
    for name, change in changes.items():
        yield Attack(f"environment: {name}", partial(_changed_environment, change))


def _package(environment: Path) -> Path:
    return environment / "lib/package/__init__.py"


def _edit_in_secret(environment: Path) -> None:
    path = _package(environment)
    before = path.stat()
    path.write_text("x = 7\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _changed_environment(change: Callable[[Path], object], folder: Path) -> str:
    specification = importlib.util.spec_from_file_location("create", ROOT / "envs/create.py")
    assert specification and specification.loader
    create = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(create)
    _package(folder).parent.mkdir(parents=True)
    _package(folder).write_text("x = 1\n")
    for name in ("data.txt", "pyvenv.cfg", "lib/a.so", "lib/a.pyc"):
        (folder / name).write_text("as installed")
    create.list_files(str(folder))
    installed.cache_clear()
    check_environment(folder)
    assert (folder / LIST).is_file()
    time.sleep(0.01)  # the clock of the file system has ticks
    change(folder)
    try:
        check_environment(folder)
    except InputError as error:
        return "" if "\n" not in error.message else "more than one line"
    return "not seen"


# --- values that reach make


def _make() -> Iterator[Attack]:
    for target in MAKE:
        yield Attack(
            f"make {target} with a command for a study in config.yaml",
            partial(_made, target, "study: x$(touch PROOF)`touch PROOF`;touch PROOF", {}),
        )
    for name in ("STUDY", "CORES", "FIGURE", "ARCHIVE", "SUBJECT", "RULE", "A", "RAW"):
        for target in ("figures", "what-if", "diff", "verify-archive"):
            yield Attack(f"make {target} {name}=<command>", partial(_made, target, "", {name: "c"}))


def _made(target: str, study: str, values: dict[str, str], folder: Path) -> str:
    """Let make run a target whose first call would carry a command, if a shell read it."""
    for name in ("Makefile", "config.yaml"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "envs").mkdir()
    (folder / "envs/analysis.lock").write_text("")
    link_environment(folder)
    (folder / "workflow").symlink_to(ROOT / "workflow")
    if study:
        text = (folder / "config.yaml").read_text("utf-8")
        (folder / "config.yaml").write_text(text.replace("study: example", study, 1), "utf-8")
    (folder / "complete").touch()
    command = "x';touch PROOF;$(touch PROOF)`touch PROOF`\"|touch PROOF"
    subprocess.run(
        # The environment is taken as it is (-o), and nothing before the target is made.
        ["make", "-o", ".venv/complete", "-o", "all", target],
        cwd=folder,
        env={**os.environ, **dict.fromkeys(values, command)},
        check=False,
        capture_output=True,
        timeout=120,
    )
    return "the command ran" if (folder / "PROOF").exists() else ""


# --- whole runs


def remove_at_exit(place: str) -> None:
    """Let this process, and none that is forked from it, remove a folder when it ends."""
    owner = os.getpid()
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(place, ignore_errors=True))


@cache
def usual_run() -> tuple[Path, dict[str, str]]:
    """A finished run of the study in usual surroundings, and the hashes of its results."""
    place = tempfile.mkdtemp(prefix="attack-")
    remove_at_exit(place)
    folder = copy_project(Path(place) / "usual")
    code, said = _run(folder)
    assert code == 0, said
    return folder, hashes(folder, STUDY)


def _run(
    folder: Path,
    change: dict[str, str] | None = None,
    before: Callable[[], None] | None = None,
    remove: tuple[str, ...] = (),
    ahead: list[str] | None = None,
) -> tuple[int, str]:
    """Run the study in a folder; exit code, and all that was said."""
    python = link_environment(folder)
    given = {name: value for name, value in os.environ.items() if name not in remove}
    done = subprocess.run(
        [
            *(ahead or []),
            *(python, "-I", "-m", "owncontrol", "run", "--study", STUDY, "--cores", "2"),
        ],
        cwd=folder,
        env=given | (change or {}),
        preexec_fn=before,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=900,
    )
    return done.returncode, done.stdout


def _same(folder: Path, **how: object) -> str:
    """Whether a run in a folder gives the usual bytes; what differs, if not."""
    code, said = _run(folder, **how)  # type: ignore[arg-type]
    if code:
        return f"did not run: {_last(said)}"
    usual, now = usual_run()[1], hashes(folder, STUDY)
    differing = sorted(name for name in {*usual, *now} if usual.get(name) != now.get(name))
    return f"differs: {', '.join(differing[:3])}" if differing else ""


def _one_line(folder: Path, says: str, **how: object) -> str:
    """Whether a run is refused in one line before its first step."""
    code, said = _run(folder, **how)  # type: ignore[arg-type]
    if code == 0 or "Traceback" in said or "Execute" in said or says not in said:
        return f"exit {code}: {_last(said)}"
    return ""


def _last(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return " | ".join(lines[-3:])[:300]


def _folder(name: str, folder: Path) -> str:
    return _same(copy_project(folder / name / "project"))


def _runs() -> Iterator[tuple[str, Callable[[Path], str]]]:
    yield "packages, settings and modules from elsewhere in an odd folder, all at once", _hostile
    yield "modules and settings in the working folder", _working_folder
    yield "umask 077", lambda folder: _same(_copy(folder), before=lambda: _void(os.umask(0o077)))
    yield "64 open files, and no more allowed", partial(_few_files, 64, "files may be open")
    yield "a user without a name, without a home", _nameless
    yield "a folder without the right to write", _read_only
    yield "a clock that is set back by ten years", _clock_set_back
    yield "a copy beside a foreign git repository", _foreign_git
    yield "a project that is moved after its run", _moved
    for options in LOOKS:
        yield f"snakemake {options[0]} leaves no trace", partial(_no_trace, options)
    for seconds in (2, 5, 9):
        yield f"Ctrl-C after {seconds} s", partial(_interrupted, seconds)


def _copy(folder: Path) -> Path:
    return copy_project(folder / "project")


def _void(_: object) -> None:
    """Nothing: what runs before a program gives nothing back."""


def _hostile(folder: Path) -> str:
    stubs, home = folder / "stubs", folder / "home"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for place in (stubs, home / f".local/lib/{version}/site-packages"):
        for name in FOREIGN:
            (place / name).mkdir(parents=True)
            (place / name / "__init__.py").write_text(STUB)
    for name in (".ipython/profile_default/startup", ".config/matplotlib", ".jupyter"):
        (home / name).mkdir(parents=True)
    (home / ".ipython/profile_default/startup/00.py").write_text(STUB)
    (home / ".config/matplotlib/matplotlibrc").write_text("font.size: 40\n")
    (home / ".jupyter/jupyter_config.py").write_text(STUB)
    variables = SETTINGS | {
        "HOME": str(home), "PYTHONPATH": str(stubs), "PYTHONHOME": str(stubs),
        "PYTHONSTARTUP": str(home / ".ipython/profile_default/startup/00.py"),
        "IPYTHONDIR": str(home / ".ipython"), "MATPLOTLIBRC": str(home / ".config/matplotlib"),
        "MPLBACKEND": "nonsense", "BASH_ENV": str(stubs / "json/__init__.py"), "COLUMNS": "13",
        "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7",
        "PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error", "GIT_DIR": "/missing",
        "SNAKEMAKE_PROFILE": "/missing", "OMP_NUM_THREADS": "7", "PIP_TARGET": str(stubs),
    }  # fmt: skip
    project = _with_modules(copy_project(folder / "a b'c $d {e}"))
    return _same(project, change=variables)


def _working_folder(folder: Path) -> str:
    return _same(_with_modules(_copy(folder)))


def _with_modules(project: Path) -> Path:
    """The project, with modules and settings in its folder that nothing of a run should take."""
    for name in FOREIGN:
        (project / f"{name}.py").write_text(STUB)
    (project / "matplotlibrc").write_text("font.size: 40\naxes.facecolor: red\n")
    return project


def _few_files(number: int, says: str, folder: Path) -> str:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))

    return _one_line(_copy(folder), says, before=limit)


def _nameless(folder: Path) -> str:
    """A user that the system has no entry for, as in a container: mapped in a namespace."""
    user = ["unshare", "--user", "--map-user=54321", "--map-group=54321"]
    if subprocess.run([*user, "true"], check=False, capture_output=True).returncode:
        return "not tried: this system permits no namespace of users"
    return _same(_copy(folder), ahead=user, remove=("HOME", "USER", "LOGNAME"))


def _clock_set_back(folder: Path) -> str:
    """A finished run, its figures lost, and a clock ten years back when they are made again."""
    library = turned_clock(folder)
    if not library:
        return "not tried: no compiler for C"
    project = folder / "project"
    shutil.copytree(usual_run()[0], project, symlinks=True)
    shutil.rmtree(project / f"results/{STUDY}/figures")
    change = {"LD_PRELOAD": library, "OWNCONTROL_TURNED_CLOCK": str(-3650 * 86400)}
    return _same(project, change=change)


def _read_only(folder: Path) -> str:
    project = _copy(folder)
    (project / "results").write_text("a file where a folder must be")
    return _one_line(project, "results")


def _foreign_git(folder: Path) -> str:
    subprocess.run(["git", "init", "-q", folder], check=True)
    project = _copy(folder)
    said = _same(project)
    record = (project / f"results/{STUDY}/provenance/run.yaml").read_text("utf-8")
    return said or ("names a foreign commit" if "commit:" in record else "")


def _moved(folder: Path) -> str:
    usual = usual_run()[0]
    place = folder / "moved to ä"
    shutil.copytree(usual, place, symlinks=True)
    code, said = _run(place)
    return "" if code == 0 and "Nothing to be done" in said else f"exit {code}: {_last(said)}"


def _no_trace(options: list[str], folder: Path) -> str:
    """Beside a run, and where a run would remove all results, as no record vouches for them."""
    project = folder / "project"
    shutil.copytree(usual_run()[0], project, symlinks=True)
    (project / f"logs/{STUDY}/steps.jsonl").unlink()
    (project / f"results/{STUDY}/provenance/history.jsonl").unlink()
    python = link_environment(project)
    held = hold_run(project / ".snakemake")
    before = _state(project)
    try:
        done = subprocess.run(
            [python, "-I", "-m", "snakemake", *options, "--config", f"study={STUDY}"],
            cwd=project,
            check=False,
            capture_output=True,
            text=True,
        )
        if "another run" in done.stderr or (done.returncode and options != ["--lint"]):
            return f"refused: {_last(done.stderr)}"
        if _state(project) != before:
            return "wrote"
        code, said = _run(project)
        if code == 0 or "another run" not in said or _state(project) != before:
            return f"a second run was not refused: {_last(said)}"
    finally:
        os.close(held)
    return ""


def _state(project: Path) -> set[tuple[str, int]]:
    """The files of a project and when they changed, without what Snakemake itself keeps."""
    found = set()
    for path in project.rglob("*"):
        first, *rest = path.relative_to(project).parts
        if path.is_file() and (first != ".snakemake" or rest[0].startswith("owncontrol")):
            found.add((str(path), path.stat().st_mtime_ns))
    return found


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _interrupted(seconds: float, folder: Path) -> str:
    project = _copy(folder)
    run = subprocess.Popen(
        [link_environment(project), "-I", "-m", "owncontrol", "run", "--study", STUDY],
        cwd=project,
        start_new_session=True,
        # As at a terminal: what is started in the background would ignore it until it has begun.
        preexec_fn=_heed_interrupts,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    time.sleep(seconds)
    os.killpg(run.pid, signal.SIGINT)
    said, _ = run.communicate(timeout=60)
    if "Traceback" in said or "interrupted" not in said or run.returncode != 130:
        return f"exit {run.returncode}: {_last(said)}"
    return _same(project)
