"""new-study: a folder of raw files and a commented configuration for a study, from its exports."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from owncontrol.basics.program_files import INSTRUMENTS
from owncontrol.basics.yaml_text import parse_yaml
from owncontrol.cli.suggest_mapping import suggest_mapping
from owncontrol.errors import InputError
from owncontrol.files import write_text
from owncontrol.findings.finding import shortened
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.file_formats import kind_of
from owncontrol.ingest.readers.proposed import reading_of
from owncontrol.ingest.redcap import read_dictionary
from owncontrol.instruments import Instrument, load_instrument
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import STUDY_NAME, load_study
from owncontrol.study.manifest import write_manifest
from owncontrol.suggest.column_guesses import NO_SUBJECT, subject_column

Config = dict[str, Any]
# By this line an editor completes and explains the keys.
MODELINE = "# yaml-language-server: $schema=../workflow/schemas/config.schema.yaml"
DAYS_OF = {"day": 1, "d": 1, "week": 7, "w": 7, "month": 30, "m": 30, "year": 365, "y": 365}
IGNORE_ALL = "# Raw files stay out of git, and so do corrections.\n*\n"
BEFORE = re.compile(r"baseline|pre|before|admission|screening|registration|enrol")
# Endpoints that are proposed of an instrument with several scales.
MAIN_SCALES = {"isncsci": ("asia_impairment_scale", "motor_total")}


def new_study(
    name: str, exports: Sequence[Path], dictionary: Path | None, project: Path
) -> tuple[Path, str]:
    """Make ``config/<name>.yaml`` and ``data/raw/<name>`` in a project, or nothing at all.

    ``dictionary``: REDCap data dictionary of the first export. Returns the configuration's path
    and what has to be settled next. Raises InputError for a name that exists or is none, and for an
    export that cannot be read, is empty, or has no column of subjects.
    """
    target, raw = project / "config" / f"{name}.yaml", project / "data" / "raw" / name
    _check_name(name, target, raw)
    _check_files(exports, dictionary)
    proposals = [
        _proposal(path, dictionary if place == 0 else None) for place, path in enumerate(exports)
    ]
    text = _configuration(name, proposals)
    target.parent.mkdir(parents=True, exist_ok=True)
    raw.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=raw.parent, prefix=".new-") as place:
        folder = Path(place) / name
        folder.mkdir()
        for path in [*exports, *([dictionary] if dictionary else [])]:
            shutil.copyfile(path, folder / path.name)
        write_text(folder / "README.md", _readme(name, exports, dictionary))
        write_manifest(folder)
        # Whatever the project's own says: raw files are in no commit that was not meant.
        write_text(folder / ".gitignore", IGNORE_ALL)
        folder.rename(raw)
    try:
        write_text(target, text)
    except OSError:
        shutil.rmtree(raw)
        raise
    return target, _next_step(name, text, project)


def _check_name(name: str, target: Path, raw: Path) -> None:
    if not STUDY_NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name of a study", f"a name matches {STUDY_NAME.pattern}")
    for path in (target, raw):
        if path.exists():
            raise InputError(f"{path}: exists already", "choose another name; nothing was written")


def _check_files(exports: Sequence[Path], dictionary: Path | None) -> None:
    paths = [*exports, *([dictionary] if dictionary else [])]
    names = [path.name for path in paths]
    for path in paths:
        kind_of(path)  # there, not empty, and to be read
        if names.count(path.name) > 1:
            raise InputError(f"{path.name}: two files have this name", "rename one of them")


def _proposal(path: Path, dictionary: Path | None) -> tuple[str, Config, str]:
    """Text of the entry under ``exports``, the same read, and the pattern of the study codes."""
    text = suggest_mapping(path, dictionary)
    entry = parse_yaml(text, f"the proposal for {path}")
    key = next(iter(entry))
    read = {"tables": None, **entry[key]}
    read["tables"] = read["tables"] or {}
    options = {name: said for name, said in entry[key].items() if name != "tables"}
    cells = read_export(path, reading_of(path, {**options, "dictionary": ""})).cells
    first = next(iter(read_dictionary(dictionary)), "") if dictionary else ""
    subject = subject_column(cells, first)
    if subject.doubt == NO_SUBJECT:
        names = ", ".join(shortened(str(name)) for name in cells.columns[:8])
        raise InputError(
            f"{path}: no column of subjects among {names}",
            "call it subject_id, patient or record_id in the export",
        )
    if not len(cells):
        raise InputError(f"{path}: a header and no row", "export it again")
    read["subject"] = subject.column
    codes = sorted({code.strip() for code in cells[subject.column].astype("str")} - {""})
    return text, {key: read}, _pattern(codes)


def _pattern(codes: list[str]) -> str:
    """Regular expression of all codes, where they differ in their digits alone; else empty."""
    forms = {re.sub(r"[0-9]+", "[0-9]+", re.escape(code)).replace(r"\-", "-") for code in codes}
    return forms.pop() if len(forms) == 1 else ""


def _configuration(name: str, proposals: list[tuple[str, Config, str]]) -> str:
    """The configuration, commented; what was guessed is marked ``unsure``."""
    exports = {key: entry for _, read, _ in proposals for key, entry in read.items()}
    if len(exports) < len(proposals):
        raise InputError("two exports would have the same name", "rename one of the files")
    patterns = {pattern for _, _, pattern in proposals}
    pattern = patterns.pop() if len(patterns) == 1 else ""
    visits = _visits(exports)
    fed = {table for entry in exports.values() for table in entry["tables"]}
    lines = [
        MODELINE,
        f"# Configuration of the study {name}. Every key is explained in config/README.md.",
        "# Lines marked unsure were guessed: settle each of them and take the mark away.",
        f"study: {name}",
        f"title: {name}  # unsure: title of the report",
        "question: Does anything change within patients?  # unsure: what was studied",
        "treatment: treatment  # unsure: what was given, as it stands inside a sentence",
        "synthetic: false",
        "",
        f"raw: data/raw/{name}",
        "subject_id:",
        f"  pattern: {_quoted(pattern or '.+')}"
        + ("" if pattern else "  # unsure: the codes do not differ in digits alone"),
        "",
        "# The schedule: planned day and window on the clock from the injury or the treatment.",
        "visits:",
        *[
            f"  - {{name: {visit}, label: {_label(visit)}, clock: treatment, day: {day}, "
            f"window: [{low}, {high}]}}  # unsure: day and window"
            for visit, day, low, high in visits
        ],
        f"baseline: {visits[0][0]}",
        f"time_point: {visits[-1][0]}  # unsure: visit of the main result",
        "",
        "exports:",
    ]
    for text, read, _ in proposals:
        lines += [f"  {line}" if line else line for line in text.removesuffix("\n").split("\n")]
        lines += _missing_tables(fed, next(iter(read.values())))
        fed |= {"subjects", "treatments"}
    return "\n".join([*lines, "", *_endpoints(exports)]) + "\n"


def _missing_tables(fed: set[str], entry: Config) -> list[str]:
    """Subjects and treatments of nothing but codes, where no export seems to feed them."""
    lines = []
    for table in ("subjects", "treatments"):
        if table not in fed:
            lines += [
                f"      {table}:  # unsure: nothing but the codes was found",
                "        columns:",
                f"          subject_id: {_quoted(entry['subject'])}",
            ]
    return lines


def _visits(exports: dict[str, Config]) -> list[tuple[str, int, int, int]]:
    """Name, day and window of each visit that an export has, by the words in its name."""
    names: dict[str, None] = {}
    for entry in exports.values():
        for table in entry["tables"].values():
            names.update(dict.fromkeys(table.get("recode", {}).get("visit", {}).values()))
    found: list[tuple[str, int, int, int]] = []
    for name in names or {"baseline": None}:
        number = re.search(
            r"(?:^|_)([a-z]+?)s?_?([0-9]+)(?:_|$)|([0-9]+)_?([a-z]+?)s?(?:_|$)", name
        )
        day = None
        if number:
            unit, count = (number[1], number[2]) if number[1] else (number[4], number[3])
            day = DAYS_OF[unit] * int(count) if unit in DAYS_OF else None
        if day is None:
            last = max((visit[1] for visit in found), default=-1)
            day = 0 if BEFORE.search(name) else last + 1
        margin = max(2, day // 10)
        found.append((name, day, *((-14, 0) if day == 0 else (day - margin, day + margin))))
    return sorted(found, key=lambda visit: visit[1])


def _endpoints(exports: dict[str, Config]) -> list[str]:
    """One or two endpoints of each instrument that an export feeds."""
    tables = dict.fromkeys(table for entry in exports.values() for table in entry["tables"])
    lines = ["# What is analysed; each family is adjusted for multiplicity by itself."]
    entries = []
    for table in tables:
        path = INSTRUMENTS / f"{table}.yaml"
        if path.is_file():
            instrument = load_instrument(path)
            entries += [(instrument, scale) for scale in _main_scales(instrument)]
    if not entries:
        lines += ["# unsure: no export has the items of an instrument of workflow/instruments."]
        return [*lines, "endpoints: []"]
    lines += ["endpoints:"]
    for place, (instrument, scale) in enumerate(entries):
        label = f"{instrument.label}: {instrument.scales[scale].label}"
        family = "secondary" if place else "primary"
        lines.append(
            f"  - {{name: {instrument.name}_{scale}, label: {_quoted(label)}, instrument: "
            f"{instrument.name}, scale: {scale}, family: {family}}}  # unsure: is it analysed?"
        )
    return lines


def _main_scales(instrument: Instrument) -> tuple[str, ...]:
    if instrument.name in MAIN_SCALES:
        return MAIN_SCALES[instrument.name]
    return ("total",) if "total" in instrument.scales else (next(iter(instrument.scales)),)


def _label(name: str) -> str:
    return _quoted(name.replace("_", " ").capitalize())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _readme(name: str, exports: Sequence[Path], dictionary: Path | None) -> str:
    files = [*exports, *([dictionary] if dictionary else [])]
    rows = "\n".join(f"| {path.name} | | |" for path in files)
    return f"""# Raw files of the study {name}

They stay as they arrived; `MANIFEST` has the sha256 of each. Write down who exported what and when.

| file | from | exported |
|---|---|---|
{rows}
"""


def _ignored(name: str, project: Path) -> str:
    """What git leaves alone of the new study; the configuration only where the project says so."""
    command = ["git", "-C", str(project), "check-ignore", "-q", f"config/{name}.yaml"]
    try:
        both = subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        both = False
    return "both" if both else "the raw files, not the configuration"


def _next_step(name: str, text: str, project: Path) -> str:
    count = text.count("# unsure")
    marked = f"git ignores {_ignored(name, project)}; {count} lines are marked unsure"
    try:
        analysis_settings(load_study({"study": name}, project))
    except InputError as error:
        return f"{marked}; it cannot run yet: {error.message}"
    return f"{marked}; then: make STUDY={name}"
