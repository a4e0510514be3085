"""What a folder from elsewhere brings beside its data: links, pipes, records and settings.

Each is planted in a project with a finished run; then the command is called that would meet it. It
has to refuse in one line or to do as usual: nothing outside changes, nothing of theirs is run, and
nothing waits.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

from attacks import Attack
from attacks.isolation import STUDY
from attacks.surroundings import COMMANDS, PROOF, finished

OUTSIDE, TEXT = "outside.txt", "of somebody else\n"
SECONDS = 240  # a command takes some seconds; a run is refused or ends within a minute
RESULTS, LOGS, RAW = f"results/{STUDY}", f"logs/{STUDY}", f"data/raw/{STUDY}"
RUN = ("run", "--study", STUDY, "--cores", "2")
LOOK = ("run", "--study", STUDY, "--", "-n")
# Where a command writes, and which.
WRITTEN = {
    **{f"{RESULTS}/{name}": RUN for name in ("statistics/x.csv", ".x", "figures/.a.partial.svg")},
    **{f"{LOGS}/{name}": RUN for name in ("steps.jsonl", "analyse/a.log", "report/.made", "x")},
    ".snakemake/owncontrol.run": RUN,
    ".snakemake/owncontrol_files.json": RUN,
    ".snakemake/.owncontrol_files.partial.json": RUN,
    ".snakemake/metadata/x": RUN,
    ".snakemake/log/x": RUN,
    f"{RESULTS}/provenance/history.jsonl": ("verify", RESULTS),
    f"{RAW}/MANIFEST.history": ("manifest", RAW),
    f"{RAW}/.MANIFEST.partial": ("manifest", RAW),
    "config/.trial.partial.yaml": COMMANDS["new-study"],
    "data/raw/trial": COMMANDS["new-study"],
    "config/trial.yaml": COMMANDS["new-study"],
    f"config/{STUDY}.plan.lock": COMMANDS["freeze"],
    f"config/.{STUDY}.plan.partial.lock": COMMANDS["freeze"],
    f"archive/{STUDY}-adam/adsl.json": COMMANDS["export"],
    f"archive/{STUDY}-adam/.define.partial.xml": COMMANDS["export"],
    f"archive/{STUDY}-adam/ars.json": COMMANDS["export"],
    "archive/a.tar.gz": COMMANDS["archive"],
    "archive/.a.tar.partial.gz": COMMANDS["archive"],
    f"publication/{STUDY}/README.md": COMMANDS["publish"],
    f"publication/{STUDY}/.report.partial.pdf": COMMANDS["publish"],
}
# What is read, and by which command.
READ = {
    f"{RESULTS}/provenance/configuration.yaml": COMMANDS["publish"],
    f"{RESULTS}/statistics/estimates.csv": COMMANDS["export"],
    f"{RESULTS}/cleaned/findings.csv": COMMANDS["summary"],
    f"{RESULTS}/report/report.pdf": COMMANDS["publish"],
    f"{RESULTS}/scored/scores.csv": COMMANDS["trace"],
    f"{RAW}/MANIFEST": COMMANDS["check"],
    f"{RAW}/visits.csv": COMMANDS["check"],
    f"config/{STUDY}.yaml": COMMANDS["check"],
    f"config/{STUDY}.plan.lock": COMMANDS["check"],
}


def attacks() -> list[Attack]:
    """Links, pipes and devices in each place; settings, records, paths of a configuration."""
    made: list[tuple[str, Callable[[Path], str]]] = [
        (f"a {kind} at {name}", partial(_planted, name, kind, command))
        for name, command in WRITTEN.items()
        for kind in ("link", "dangling link", "pipe")
    ]
    made += [
        (f"a {kind} read at {name}", partial(_planted, name, kind, command))
        for name, command in READ.items()
        for kind in ("pipe", "link to a device", "link to a huge file")
    ]
    made += [(f"a loop of links at {name}", partial(_loop, name)) for name in (RAW, RESULTS, LOGS)]
    made += [(f"raw: {name!r}", partial(_raw, name)) for name in NO_RAW]
    made += [(f"key_file: {name}", partial(_key, name)) for name in KEYS]
    made += [
        (f"exports.*.file: {name[:9]} of {len(name)}", partial(_pattern, name)) for name in PATTERNS
    ]
    made += [(f"settings at {name}", partial(_settings, name)) for name in SETTINGS]
    made.append(("a data cut that names another server", _server))
    return [Attack(name, attempt, False, finished) for name, attempt in made]


def _project(folder: Path) -> Path:
    shutil.copytree(finished(), folder / "project", symlinks=True)
    (folder / OUTSIDE).write_text(TEXT)
    return folder / "project"


def _call(project: Path, command: tuple[str, ...]) -> tuple[int, str]:
    done = subprocess.run(
        [project / ".venv/bin/owncontrol", *command], cwd=project, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        check=False, timeout=SECONDS,
    )  # fmt: skip
    return done.returncode, done.stdout


def _fault(folder: Path, code: int, said: str) -> str:
    """What is wrong with how a command ended; empty where nothing is."""
    outside = folder / OUTSIDE
    if outside.read_text() != TEXT:
        return f"a file outside says {outside.read_text()[:60]!r}"
    strange = {path.name for path in folder.iterdir()} - {"project", OUTSIDE}
    if strange:
        return f"made outside: {', '.join(sorted(strange))}"
    if code not in (0, 1) or "Traceback" in said or "internal error" in said:
        return f"exit {code}: {said[-250:]}"
    return ""


def _plant(path: Path, kind: str, folder: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
        return
    targets = {"link": folder / OUTSIDE, "dangling link": folder / "new.txt"}
    targets |= {"link to a device": Path("/dev/zero"), "link to a huge file": Path("/proc/kcore")}
    path.symlink_to(targets[kind])


def _planted(name: str, kind: str, command: tuple[str, ...], folder: Path) -> str:
    project = _project(folder)
    _plant(project / name, kind, folder)
    try:
        code, said = _call(project, tuple(command))
    except subprocess.TimeoutExpired:
        return f"{command[0]} waits"
    return _fault(folder, code, said)


def _loop(name: str, folder: Path) -> str:
    project = _project(folder)
    (project / name / "loop").symlink_to(project / name, target_is_directory=True)
    for command in (("manifest", RAW), COMMANDS["verify"], LOOK):
        said = _fault(folder, *_call(project, tuple(command)))
        if said:
            return f"{command[0]}: {said}"
    return ""


# --- paths of a configuration

NO_RAW = ("results/other", "logs", ".snakemake", ".git", "workflow/scripts", "config", "archive/x")
KEYS = ("/dev/zero", "/dev/stdin", "/proc/kcore", "/proc/self/mem", "/", "~/../..", "results/key")
PATTERNS = ("*" * 40 + ".csv", "*i*" * 25 + "x", "**/*/**/*", "*" * 900, "visits*csv*" * 9)
SETTINGS = (
    f"{LOGS}/analyse/.ipython/profile_default/startup/00.py",
    f"{LOGS}/analyse/.ipython/profile_default/ipython_config.py",
    ".snakemake/owncontrol/ipython/profile_default/startup/00.py",
    ".snakemake/owncontrol/jupyter/jupyter_config.py",
    ".snakemake/owncontrol/home/.local/lib/python3/site-packages/usercustomize.py",
    ".snakemake/owncontrol/config/matplotlib/matplotlibrc",
    ".snakemake/owncontrol/matplotlib/matplotlibrc",
)


def _changed(project: Path, change: Callable[[dict[str, object]], object]) -> None:
    path = project / f"config/{STUDY}.yaml"
    values = yaml.safe_load(path.read_text("utf-8"))
    change(values)
    path.write_text(yaml.safe_dump(values, allow_unicode=True, sort_keys=False), "utf-8")


def _raw(name: str, folder: Path) -> str:
    """Raw files in a folder that runs write to, or look into for code."""
    project = _project(folder)
    if name != ".git":
        shutil.copytree(project / RAW, project / name, dirs_exist_ok=True)
    _changed(project, lambda values: values.update(raw=name))
    code, said = _call(project, ("check", STUDY))
    return _fault(folder, code, said) or ("" if code == 1 else "taken")


def _key(name: str, folder: Path) -> str:
    project = _project(folder)
    code = {"key_file": name, "prefix": "S-"}
    _changed(project, lambda values: values.update(subject_code=code))
    for command in (("check", STUDY), LOOK):
        try:
            code, said = _call(project, command)
        except subprocess.TimeoutExpired:
            return f"{command[0]} waits"
        if found := _fault(folder, code, said) or ("" if code == 1 else "taken"):
            return found
    return ""


def _pattern(name: str, folder: Path) -> str:
    project = _project(folder)
    for number in range(5):
        (project / RAW / f"{'visits' * 30}{number}.csv").write_text("x\n")
    _changed(project, lambda values: values["exports"]["visits"].update(file=name))
    try:
        return _fault(folder, *_call(project, ("check", STUDY)))
    except subprocess.TimeoutExpired:
        return "waits"


# --- settings and records


def _settings(name: str, folder: Path) -> str:
    """Code and settings where libraries look for them, before one analysis is made again."""
    project = _project(folder)
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"open({str(folder / PROOF)!r}, 'w')\n")
    if path.name == "matplotlibrc":
        path.write_text("font.size: 40\n")
    target = f"{RESULTS}/notebooks/02_patients.ipynb"
    figure = f"{RESULTS}/figures/trajectories.svg"
    before = {made: (project / made).read_bytes() for made in (target, figure)}
    for made in before:
        (project / made).unlink()
    code, said = _call(project, (*RUN, "--", "--quiet", "all", "--", target, figure))
    if code:
        return f"exit {code}: {said[-250:]}"
    if (folder / PROOF).exists():
        return "code of the folder ran"
    changed = [made for made in before if (project / made).read_bytes() != before[made]]
    return f"differs: {changed[0]}" if changed else ""


def _server(folder: Path) -> str:
    """The token must go to no server that a folder from elsewhere names."""
    project = _project(folder)
    raw = project / "data/raw/example"
    place = raw / "cuts/2024-01-01T000000Z"
    place.mkdir(parents=True)
    about = {
        "pulled": "2024-01-01T00:00:00+00:00", "who": "x", "url": "https://127.0.0.1:9/api/",
        "redcap_version": "14", "project_id": "1", "records": 1, "rows": 1, "fields": ["a"],
        "missing_data_codes": {}, "files": {},
    }  # fmt: skip
    (place / "cut.json").write_text(json.dumps(about))
    _call(project, ("manifest", "data/raw/example"))
    done = subprocess.run(
        [project / ".venv/bin/owncontrol", "pull", "example"], cwd=project, check=False,
        env={**os.environ, "REDCAP_API_TOKEN": "0" * 32}, capture_output=True, text=True,
        timeout=SECONDS,
    )  # fmt: skip
    if "is not said" not in done.stderr:
        return f"asks the server of the cut: {done.stderr[-200:]}"
    return ""
