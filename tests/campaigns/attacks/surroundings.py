"""The computer against the commands beside ``run``: what each prints and writes, and where.

Each command is called twice in the same finished project, as usual and in hostile surroundings. It
has to say the same and to write the same bytes, or to refuse in one line; no foreign code may run.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

from copies import ROOT, copy_project, link_environment
from redcap_server import TOKEN, project_of, serving

from attacks import Attack
from attacks.isolation import FOREIGN, SETTINGS, STUDY, remove_at_exit, usual_run

PROOF = "foreign-code-ran"
CHANGE = "visits.csv:3"
NATURAL_COURSE = ("--scale", "TMS", "--from-day", "10", "--to-day", "300")
# By the name of a command its arguments; {x} are places in the project.
COMMANDS: dict[str, Sequence[str]] = {
    "check": ("check", STUDY),
    "design": ("design", "example", "--n", "A=10,B=6"),
    "natural-course": ("natural-course", *NATURAL_COURSE),
    "inspect": ("inspect", f"data/raw/{STUDY}/visits.csv"),
    "suggest-mapping": ("suggest-mapping", f"data/raw/{STUDY}/visits.csv"),
    "score-isncsci": ("score-isncsci", "data/raw/example/isncsci_exams.xlsx", "-o", "scored.csv"),
    "new-study": (
        *("new-study", "trial", "--from", f"data/raw/{STUDY}/visits.csv", "--subject", "record_id"),
        *("--visit", "phase", "--measure", "lems:higher:points"),
    ),
    "manifest": ("manifest", f"data/raw/{STUDY}"),
    "freeze": ("freeze", STUDY, "--who", "Nobody"),
    "trace": ("trace", "--raw", CHANGE, "--results", f"results/{STUDY}"),
    "summary": ("summary", f"results/{STUDY}"),
    "verify": ("verify", f"results/{STUDY}"),
    "diff": ("diff", f"results/{STUDY}", f"results/{STUDY}"),
    "export": ("export", STUDY),
    "publish": ("publish", STUDY, "--author", "Nobody, N.", "--licence", "CC-BY-4.0"),
    "archive": ("archive", f"results/{STUDY}", "archive/a.tar.gz", "--with-raw"),
}
WHOLE: dict[str, Sequence[str]] = {
    "what-if": ("what-if", "--study", STUDY, "--rule", "level=0.9", "--cores", "2"),
    "verify-archive": ("verify-archive", "archive/a.tar.gz", "--cores", "2"),
}
# What differs from call to call: times, temporary names, and hashes of what holds a time.
VARYING = re.compile(rb"20\d\d-\d\d-\d\d[T ][\d:.]+(?:\+00:00|Z)?|[0-9a-f]{64}|\d+(\.\d+)? s\b")
Surroundings = Callable[[Path], dict[str, str]]


def attacks() -> list[Attack]:
    """Each command in each kind of surroundings."""
    made = [
        (f"{command}: {name}", partial(_same, command, change), command in WHOLE)
        for name, change in SURROUNDINGS.items()
        for command in (*COMMANDS, *WHOLE)
    ]
    made += [(f"pull: {name}", partial(_pull, by), False) for name, by in SURROUNDINGS.items()]
    made += [(f"a folder of git that {name}", partial(_git, by), False) for name, by in GIT.items()]
    made += [
        (f"{command}: inside a hook of another repository", partial(_hook, command), False)
        for command in ("archive", "publish", "new-study")
    ]
    made += [
        (f"{command}: {kind} in the working folder", partial(_planted, command, kind), False)
        for command in COMMANDS
        for kind in ("modules", "settings")
    ]
    return [Attack(name, attempt, whole, finished) for name, attempt, whole in made]


# --- surroundings


def _foreign(folder: Path) -> dict[str, str]:
    stubs = folder / "stubs"
    code = f"import pathlib; pathlib.Path({str(folder / PROOF)!r}).touch()\n"
    for name in (*FOREIGN, "pydantic", "docx", "openpyxl", "rocrate", "argparse", "pwd"):
        (stubs / name).mkdir(parents=True, exist_ok=True)
        (stubs / name / "__init__.py").write_text(code)
    (stubs / "start.py").write_text(code)
    shell = f"touch '{folder / PROOF}'\n"
    (stubs / "start.sh").write_text(shell)
    return {
        "PYTHONPATH": str(stubs), "PYTHONSTARTUP": str(stubs / "start.py"),
        "PYTHONHOME": str(stubs), "PYTHONINSPECT": "1", "PYTHONOPTIMIZE": "2",
        "PYTHONWARNINGS": "error", "PYTHONBREAKPOINT": "os.system", "PYTHONUSERBASE": str(stubs),
        "BASH_ENV": str(stubs / "start.sh"), "ENV": str(stubs / "start.sh"),
        "MATPLOTLIBRC": str(stubs), "IPYTHONDIR": str(stubs), "JUPYTER_CONFIG_PATH": str(stubs),
        "SNAKEMAKE_PROFILE": "/missing", "SNAKEMAKE_OUTPUT_CACHE": "/missing",
        "MAKEFLAGS": "-n", "GIT_DIR": "/missing", "GIT_WORK_TREE": "/missing",
        "GIT_EXTERNAL_DIFF": f"touch {folder / PROOF}", "PAGER": f"touch {folder / PROOF}",
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": f"touch {folder / PROOF}", "EDITOR": f"touch {folder / PROOF}",
    }  # fmt: skip


def _locale(language: str, folder: Path) -> dict[str, str]:
    names = ("LANG", "LC_ALL", "LC_NUMERIC", "LC_CTYPE", "LANGUAGE")
    return {**dict.fromkeys(names, language), "TZ": "Pacific/Kiritimati", "COLUMNS": "13"}


def _home(kind: str, folder: Path) -> dict[str, str]:
    place = folder / "home"
    if kind == "a file":
        place.write_text("")
    return {"HOME": "" if kind == "empty" else str(place), "USER": "", "LOGNAME": ""}


def _temporary(value: str, folder: Path) -> dict[str, str]:
    return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), value)


SURROUNDINGS: dict[str, Surroundings] = {
    "settings of the libraries": lambda _: dict(SETTINGS),
    "foreign code everywhere": _foreign,
    "a Turkish locale, another day": partial(_locale, "tr_TR.UTF-8"),
    "a locale of ASCII": partial(_locale, "C"),
    "a home that is missing": partial(_home, "missing"),
    "a home that is a file": partial(_home, "a file"),
    "no home": partial(_home, "empty"),
    "a temporary folder that is missing": partial(_temporary, "/missing/folder"),
    "a temporary folder of the kernel": partial(_temporary, "/proc/sys"),
    "a temporary folder that is a file": partial(_temporary, __file__),
    "a temporary folder of another place": partial(_temporary, "relative"),
}


# --- a command, twice


@cache
def finished() -> Path:
    """A project with a finished run and an archive, in a folder with a difficult name."""
    place = tempfile.mkdtemp(prefix="attack-")
    remove_at_exit(place)
    folder = Path(place) / "a b'c $d {e}"
    shutil.copytree(usual_run()[0], folder, symlinks=True)
    link_environment(folder)
    said = _call(folder, COMMANDS["archive"], {})
    assert not said[0], said
    return folder


def _project(folder: Path, name: str) -> Path:
    shutil.copytree(finished(), folder / name, symlinks=True)
    return folder / name


def _call(project: Path, command: Sequence[str], change: dict[str, str]) -> tuple[int, bytes]:
    done = subprocess.run(
        [project / ".venv/bin/owncontrol", *command],
        cwd=project,
        env={**os.environ, **change},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout


def _written(project: Path) -> dict[str, bytes]:
    """What a command may have written, without times: all files but the program's and its cache."""
    found = {}
    for path in project.rglob("*"):
        first = path.relative_to(project).parts[0]
        if first in (".venv", ".snakemake", "workflow", "docs", "tests") or not path.is_file():
            continue
        name = path.relative_to(project).as_posix()
        # An archive holds records with times.
        found[name] = (
            b"" if name.endswith((".gz", "run.yaml")) else VARYING.sub(b"~", path.read_bytes())
        )
    return found


def _same(command: str, change: Surroundings, folder: Path) -> str:
    arguments = (COMMANDS | WHOLE)[command]
    usual, odd = _project(folder, "usual"), _project(folder, "usual too")
    code, said = _call(usual, arguments, {})
    other, told = _call(odd, arguments, change(folder))
    told = told.replace(b"usual too", b"usual")
    if (folder / PROOF).exists():
        return "foreign code ran"
    if VARYING.sub(b"~", said) != VARYING.sub(b"~", told) or code != other:
        return f"exit {code}, {other}: {_first(said, told)}"
    before, after = _written(usual), _written(odd)
    names = sorted({*before, *after})
    differing = [name for name in names if before.get(name) != after.get(name)]
    return f"writes otherwise: {', '.join(differing[:3])}" if differing else ""


def _first(said: bytes, told: bytes) -> str:
    """The first line that differs."""
    pairs = zip(
        [*VARYING.sub(b"~", said).splitlines(), b""],
        [*VARYING.sub(b"~", told).splitlines(), b""],
        strict=False,
    )
    for before, after in pairs:
        if before != after:
            return f"{before[:150]!r} is {after[:250]!r}"
    return "more lines"


# --- a server


def _pull(change: Surroundings, folder: Path) -> str:
    raw = ROOT / "data/raw/example"
    further = [f"day_{day}_arm_1" for day in (1, 7, 14)]
    cuts = []
    with serving(
        project_of(raw / "redcap_export.csv", raw / "redcap_dictionary.csv", further)
    ) as s:
        for name, given in (("usual", {}), ("odd", change(folder))):
            project = copy_project(folder / name)
            link_environment(project)
            own = {"REDCAP_API_TOKEN": TOKEN, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
            command = ("pull", "--url", s.url, "--who", "Nobody")
            code, said = _call(project, command, {**given, **own})
            if code:
                return f"exit {code}: {said[-300:]!r}"
            if TOKEN.encode() in said:
                return "the token is shown"
            held = [
                path
                for path in project.rglob("*")
                if path.is_file()
                and not path.is_symlink()
                and not {".venv", "tests"} & set(path.relative_to(project).parts)
                and TOKEN.encode() in path.read_bytes()
            ]
            if held:
                return f"the token is in {held[0]}"
            cut = next((project / "data/raw/example/cuts").glob("20*"))
            cuts.append({path.name: VARYING.sub(b"~", path.read_bytes()) for path in cut.iterdir()})
    if (folder / PROOF).exists():
        return "foreign code ran"
    return "" if cuts[0] == cuts[1] else "another cut"


# --- git

GIT = {
    "starts a monitor of files": "[core]\n\tfsmonitor = {run}\n",
    "has hooks of its own": "[core]\n\thooksPath = {hooks}\n",
    "filters contents": '[filter "x"]\n\tclean = {run}\n\tsmudge = {run}\n\trequired = true\n',
    "filters by a process": '[filter "x"]\n\tprocess = {run}\n',
    "includes such settings": "[include]\n\tpath = {included}\n",
    "shows differences by a program": '[diff]\n\texternal = {run}\n[diff "x"]\n\ttextconv = {run}\n',
    "has its objects elsewhere": (
        '[remote "o"]\n\turl = "ext::{run}"\n\tpromisor = true\n\tpartialclonefilter = blob:none\n'
        '[extensions]\n\tpartialClone = o\n[protocol "ext"]\n\tallow = always\n'
    ),
    "asks for words by a program": "[core]\n\taskPass = {run}\n\teditor = {run}\n\tpager = {run}\n",
}  # fmt: skip


def _git(text: str, folder: Path) -> str:
    """Everything that asks git, in a project whose repository names programs to start."""
    project = _project(folder, "project")
    run = folder / "run.sh"
    run.write_text(f"#!/bin/sh\ntouch '{folder / PROOF}'\ncat\n")
    hooks = folder / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "pre-auto-gc", "reference-transaction", "post-checkout"):
        shutil.copy(run, hooks / name)
        (hooks / name).chmod(0o755)
    run.chmod(0o755)
    _repository(project)
    included = folder / "included"
    included.write_text(f'[filter "x"]\n\tclean = {run}\n[core]\n\tfsmonitor = {run}\n')
    told = text.replace("{run}", str(run)).replace("{hooks}", str(hooks))
    with (project / ".git/config").open("a") as file:
        file.write(told.replace("{included}", str(included)))
    (project / ".git/info").mkdir(exist_ok=True)
    (project / ".git/info/attributes").write_text("* filter=x diff=x\n")
    for path in ("config.yaml", "Makefile"):  # so that git has to look at contents
        (project / path).touch()
    with (project / "README.md").open("a") as file:
        file.write("changed\n")
    for command in ("new-study", "archive", "publish"):
        code, said = _call(project, COMMANDS[command], {})
        if code:
            return f"{command}: exit {code}: {said[-200:]!r}"
    script = "from pathlib import Path; from owncontrol.provenance.environment import git_state"
    script += "\nprint(git_state(Path()))"
    python = [project / ".venv/bin/python", "-I", "-c", script]
    done = subprocess.run(python, cwd=project, check=True, capture_output=True)
    if b"'README.md'" not in done.stdout.replace(b" M ", b""):
        return f"the change is not seen: {done.stdout[-200:]!r}"
    return "a program of the repository ran" if (folder / PROOF).exists() else ""


def _repository(project: Path) -> None:
    own = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "core.hooksPath=/dev/null"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *own, *arguments], cwd=project, check=True, capture_output=True)


def _hook(command: str, folder: Path) -> str:
    """As inside a hook, where git says which repository it is about."""
    other, project = folder / "other", _project(folder, "project")
    other.mkdir()
    (other / "secret.txt").write_text("of another project")
    _repository(other)
    _repository(project)
    same = _project(folder, "usual")
    _repository(same)
    change = {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other), "GIT_PREFIX": "x/"}
    change |= {"GIT_INDEX_FILE": str(other / ".git/index")}
    code, said = _call(same, COMMANDS[command], {})
    there, told = _call(project, COMMANDS[command], change)
    if code or there:
        return f"exit {code}, {there}: {told[-200:]!r}"
    said, told = (VARYING.sub(b"~", text) for text in (said, told))
    return "" if said == told else f"answers for another repository: {_first(said, told)}"


# --- the working folder


def _planted(command: str, kind: str, folder: Path) -> str:
    """Modules and settings beside the study, as a folder from elsewhere may hold them."""
    project = _project(folder, "project")
    code = f"import pathlib; pathlib.Path({str(folder / PROOF)!r}).touch()\n"
    if kind == "modules":
        for name in (*FOREIGN, "conftest", "setup", "pydantic", "docx", "openpyxl", "pwd"):
            (project / f"{name}.py").write_text(code)
        (project / "evil.pth").write_text(code)
        (project / f"data/raw/{STUDY}/.evil.pth").write_text(code)
    else:
        (project / ".env").write_text("PYTHONSTARTUP=evil.py\nPATH=/missing\n")
        (project / "matplotlibrc").write_text("font.size: 40\n")
        (project / "setup.cfg").write_text("[tool]\n")
        (project / ".gitattributes").write_text("* filter=x\n")
        (project / ".python-version").write_text("2.7\n")
        (project / "snakemake.yaml").write_text("cores: 1\n")
        with contextlib.suppress(FileExistsError):
            (project / ".config").mkdir()
        (project / ".config/config.yaml").write_text("x: 1\n")
    usual = _project(folder, "usual")
    before, after = _call(usual, COMMANDS[command], {}), _call(project, COMMANDS[command], {})
    if (folder / PROOF).exists():
        return "foreign code ran"
    before, after = ((code, VARYING.sub(b"~", said)) for code, said in (before, after))
    # The archive counts its members, and tells of files that git does not track.
    if command in ("archive", "publish"):
        return "" if before[0] == after[0] else f"exit {before[0]}, {after[0]}"
    return "" if before == after else f"exit {before[0]}, {after[0]}: {_first(before[1], after[1])}"
