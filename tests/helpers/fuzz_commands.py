"""The project's real entry points, called in process with broken files of every kind.

Each entry takes a random number generator and an empty folder, which is the working folder, breaks
something of its own, and calls a command, or what a step calls. It ends well, or raises InputError;
a command that ends with its code for an error of the program raises RuntimeError with the trace.
"""

import contextlib
import io
import os
import random
import re
import shutil
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from fuzzing import READERS, corrupted, seeds
from own_studies import CONFIGURATIONS
from owncontrol.__main__ import PROGRAM_ERROR, REFUSED, main
from owncontrol.analysis.published_rates import read_rates
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.cli.what_if import changed_study
from owncontrol.errors import InputError
from owncontrol.instruments import load_instrument
from owncontrol.isncsci.cells import ALL_CELLS
from owncontrol.run.output_hashes import recorded
from owncontrol.scoring.score_table import score_assessments
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import load_study, study_from
from small_study import CONFIG, FILES, INSTRUMENTS, clean_small

ROOT = Path(__file__).parents[2]
Entry = Callable[[random.Random, Path], object]
ODD = [None, True, [], {}, -1, 0, 1e308, float("nan"), 10**30, "", " ", "\0", "x" * 3000, "{visit}"]
ODD += [
    "{1}",
    "(a+)+$",
    "(",
    "[a-z",
    "../x",
    "/etc/passwd",
    "%d%d",
    "%",
    "\u202e",
    "日本",
]
ODD += [
    "2021-02-30",
    "9999-12-31",
    "0000-00-00",
    "a\nb",
    "$(touch A)",
    "{{ 1 }}",
    ["x", 1],
    {"a": 1},
]
SUFFIXES = {"csv": "csv", "utf16": "csv", "shift_jis": "csv", "semicolons": "csv"}
SUFFIXES |= {"windows1252": "txt", "xlsx": "xlsx", "xlsx_parts": "xlsx", "sas7bdat": "sas7bdat"}
SUFFIXES |= {"xport": "xpt", "spss": "sav", "stata": "dta"}
SUFFIXES |= {"odm": "xml", "redcap_xml": "xml", "dataset_json": "json"}


def call(*arguments: str) -> None:
    """Call a command as the command line does. InputError where it refuses."""
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        try:
            code = main(list(arguments))
        except SystemExit:  # the parser's own, for options that it does not take
            code = 0
    if code == PROGRAM_ERROR:
        trace = Path(said.getvalue().rpartition("traceback in ")[2].strip())
        text = trace.read_text("utf-8") if trace.is_file() else said.getvalue()
        trace.unlink(missing_ok=True)
        raise RuntimeError(text)
    if code == REFUSED:
        raise InputError(said.getvalue().rpartition("error: ")[2].strip(), "in the same line")
    if code == 1 and "error: " in said.getvalue():
        message, _, hint = said.getvalue().partition("error: ")[2].partition("\n  Hint: ")
        raise InputError(message, hint.strip())


@cache
def _files() -> dict[str, list[bytes]]:
    folder = Path("seeds")
    folder.mkdir(exist_ok=True)
    found = seeds(folder)
    shutil.rmtree(folder)
    return found


def _broken(rng: random.Random, folder: Path) -> Path:
    """A broken file of one of the formats."""
    kind = rng.choice(list(SUFFIXES))
    path = folder / f"x.{SUFFIXES[kind]}"
    path.write_bytes(corrupted(rng, _files()[kind]))
    return path


def _dictionary(rng: random.Random, folder: Path) -> Path:
    path = folder / "dictionary.csv"
    path.write_bytes(corrupted(rng, _files()["dictionary"]))
    return path


def _inspect(rng: random.Random, folder: Path) -> None:
    options: list[str] = []
    for given in (
        ["--format", rng.choice(["auto", "csv", "excel", "sas7bdat", "xport", "spss", "stata"])],
        ["--sheet", rng.choice(["Sheet", "", "x", "\0"])],
        ["--dataset", rng.choice(["", "A", "x"])],
        [
            "--encoding",
            rng.choice(["utf-8", "utf-16", "shift_jis", "x", "zlib", "", "idna", "utf-7"]),
        ],
        ["--delimiter", rng.choice([",", ";", "\\t", "", "ab", "\0", "é"])],
        ["--header-rows", rng.choice(["0", "1", "2", "99", "-1", "1000000000"])],
        ["--labelled"],
        ["--labels"],
        ["--as", "json"],
    ):
        if rng.random() < 0.2:
            options += given
    if rng.random() < 0.2:
        options += ["--dictionary", str(_dictionary(rng, folder))]
    call("inspect", str(_broken(rng, folder)), *options)


def _suggest(rng: random.Random, folder: Path) -> None:
    options = ["--dictionary", str(_dictionary(rng, folder))] if rng.random() < 0.4 else []
    call("suggest-mapping", str(_broken(rng, folder)), *options)


def _new_study(rng: random.Random, folder: Path) -> None:
    exports = [str(_broken(rng, folder)) for _ in range(rng.choice([0, 0, 1]))]
    for name in rng.sample(list(FILES), rng.choice([1, 2])):
        (folder / name).write_bytes(corrupted(rng, [FILES[name].encode()]))
        exports.append(str(folder / name))
    options = ["--dictionary", str(_dictionary(rng, folder))] if rng.random() < 0.4 else []
    name = rng.choice(["trial"] * 9 + ["a-b_c", "Trial", "..", "", "x" * 300, "$(touch A)"])
    call("new-study", name, "--from", *exports, *options)


def _exams() -> bytes:
    rows = [["code", *ALL_CELLS]]
    for row in range(3):
        cells = [_normal(name) for name in ALL_CELLS]
        cells[row] = ["0", "NT", "1*"][row]
        rows.append([f"P{row}", *cells])
    return "\n".join(",".join(row) for row in rows).encode()


def _normal(name: str) -> str:
    """What is in a cell of an exam without findings."""
    if "motor" in name:
        return "5"
    return "Yes" if "anal" in name else "2" if "light" in name or "pin" in name else ""


def _score(rng: random.Random, folder: Path) -> None:
    path = folder / "exams.csv"
    path.write_bytes(corrupted(rng, [_exams()]))
    call("score-isncsci", str(path), *(["-o", "out.csv"] if rng.random() < 0.3 else []))


def _manifest(rng: random.Random, folder: Path) -> None:
    for name in rng.sample(["a.csv", "MANIFEST", "é b.csv", ".x", "a\nb", "  c", "README.md"], 3):
        (folder / name).write_bytes(rng.randbytes(9))
    call("manifest", rng.choice([str(folder), "nowhere", "a.csv"]))


def changed(rng: random.Random, value: Any) -> Any:
    """A copy of plain values in which a few at any depth are odd, lost, doubled or swapped."""
    value = deepcopy(value)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        part = value
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not keys:
                break
            key = rng.choice(keys)
            if isinstance(part[key], dict | list) and part[key] and rng.random() < 0.85:
                part = part[key]
                continue
            match rng.randrange(5):
                case 0 if isinstance(part, dict):
                    part[rng.choice(["x", "", " ", "é", str(key).upper(), 1])] = part.pop(key)
                case 1:
                    del part[key]
                case 2 if isinstance(part, list):
                    part.append(deepcopy(part[key]))
                case 3:
                    part[key] = deepcopy(
                        part[rng.choice(keys[:key] or keys)]
                        if isinstance(part, list)
                        else part[rng.choice(keys)]
                    )
                case _:
                    part[key] = deepcopy(rng.choice(ODD))
            break
    return value


@cache
def _configurations() -> dict[str, tuple[bytes, Any]]:
    return {path.stem: (path.read_bytes(), read_yaml(path)) for path in CONFIGURATIONS}


def _configuration(rng: random.Random, folder: Path) -> None:
    text, values = rng.choice(list(_configurations().values()))
    path = folder / "config.yaml"
    if rng.random() < 0.3:
        path.write_bytes(corrupted(rng, [text]))
    else:
        path.write_text(_dumped(changed(rng, values)), "utf-8")
    analysis_settings(load_study({}, folder))


def _dumped(value: Any) -> str:
    return str(yaml.dump(value, allow_unicode=True, sort_keys=False, Dumper=yaml.CSafeDumper))


def _what_if(rng: random.Random, folder: Path) -> None:
    study = load_study({"study": rng.choice(["example", "case-report", "stroke"])}, ROOT)
    keys = ["level", "endpoints.ais.label", "visits.day_30.window", "plan.version", "x.y", ""]
    keys += ["subject_id.pattern", "exports.visits.file", "level.x", "visits.0.day", "title", "."]
    values = ["0.9", "[", "{a: b", "&a [*a]", "!!python/object:os.system x", "", "~", "[1, 2]"]
    values += ["a: b: c", "1e999", "[" * 2000, "'", "2021-02-30", "\0", "*x"]
    rules = [f"{rng.choice(keys)}={rng.choice(values)}" for _ in range(rng.choice([1, 2]))]
    excluded = rng.sample(["OC-02", "x.csv:3", "", ":", "a:b:c", "\0"], rng.choice([0, 1]))
    analysis_settings(changed_study(study, excluded, rules))


def _instrument(rng: random.Random, folder: Path) -> None:
    source = rng.choice(sorted(INSTRUMENTS.glob("*.yaml")))
    path = folder / source.name
    if rng.random() < 0.3:
        path.write_bytes(corrupted(rng, [source.read_bytes()]))
    else:
        values = changed(rng, _instrument_values(source))
        path.write_text(_dumped(values), "utf-8")
    load_instrument(path)


@cache
def _instrument_values(path: Path) -> Any:
    return read_yaml(path)


def _published(rng: random.Random, folder: Path) -> None:
    sources = sorted((ROOT / "data/reference").rglob("*.csv"))
    path = folder / "rates.csv"
    path.write_bytes(corrupted(rng, [source.read_bytes() for source in sources]))
    read_rates(path)


def _study(rng: random.Random, folder: Path) -> None:
    """A whole small study: ingest, clean, score."""
    for name, text in FILES.items():
        broken = rng.random() < 0.4
        (folder / name).write_bytes(corrupted(rng, [text.encode()]) if broken else text.encode())
    config: dict[str, Any] = {}
    if rng.random() < 0.5:
        config = changed(rng, CONFIG)
        study_from(config, "config.yaml")
    corrections = None
    if rng.random() < 0.3:
        cells = ["people.csv", "id=P1", "sex", "1", "2", "typed", "me", "2021-01-01"]
        cells[rng.randrange(8)] = rng.choice([str(odd) for odd in ODD])
        corrections = [tuple(cells)]
    cleaned = clean_small(folder, corrections, **config)
    if "wisci2" in cleaned.tables:
        score_assessments(load_instrument(INSTRUMENTS / "wisci2.yaml"), cleaned.tables["wisci2"])


# A finished run to break; ``finished_run`` puts it there.
RUN: list[Path] = []
READ = re.compile(r"\.(csv|yaml|json|made|parquet)$")


def _results(rng: random.Random, folder: Path) -> None:
    """A finished run of which one file is broken, and what looks at it."""
    if not RUN:
        raise InputError("no finished run", "make it first")
    files = [path for path in _of_run() if READ.search(path.name)]
    target = rng.choice(files)
    name = target.relative_to(RUN[0])
    # As hard links: a run refuses others, and to copy a run takes longer than to look at it.
    for part in ("results", "logs"):
        shutil.copytree(RUN[0] / part, folder / part, copy_function=_linked)
    (folder / name).unlink()
    (folder / name).write_bytes(corrupted(rng, [target.read_bytes()]))
    results = "results/case-report"
    estimate = rng.choice(
        ["change.ais.discharge.improved", "change.motor_total.day_30.median", "x"]
    )
    command = rng.choice([
        ["verify", results],
        ["summary", results],
        ["trace", estimate, "--results", results],
        ["trace", "--raw", rng.choice(["visits.csv:2", "visits.csv:3:ais", "x:1"])],
        ["diff", results, str(RUN[0] / results)],
        ["diff", str(RUN[0] / results), results, "--json"],
    ])  # fmt: skip
    call(*command)


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copyfile(source, target)


@cache
def _of_run() -> list[Path]:
    folders = [RUN[0] / name / "case-report" for name in ("results", "logs")]
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not path.name.startswith("."))


def _records(rng: random.Random, folder: Path) -> None:
    """The records of what steps have made, as the start of a run reads them."""
    logs, results = folder / "logs/s", folder / "results/s/provenance"
    logs.mkdir(parents=True)
    results.mkdir(parents=True)
    made = b"".join(b"%064d  results/s/a%d.csv\n" % (number, number) for number in range(3))
    table = b"file,sha256\n" + b"results/s/a.csv," + b"0" * 64 + b"\n"
    (logs / "a.made").write_bytes(corrupted(rng, [made]))
    (results / "outputs.csv").write_bytes(corrupted(rng, [table]))
    recorded(Path("results/s"), Path("logs/s"))


def _reader(name: str) -> Entry:
    def read(rng: random.Random, folder: Path) -> None:
        path = folder / f"x.{name}"
        path.write_bytes(corrupted(rng, _files()[name]))
        READERS[name](path)

    return read


ENTRIES: dict[str, Entry] = {name: _reader(name) for name in READERS}
ENTRIES |= {
    "inspect": _inspect,
    "suggest-mapping": _suggest,
    "new-study": _new_study,
    "score-isncsci": _score,
    "manifest-of": _manifest,
    "configuration": _configuration,
    "what-if": _what_if,
    "instrument": _instrument,
    "published": _published,
    "study": _study,
    "results": _results,
    "records": _records,
}
