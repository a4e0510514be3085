"""check: everything that a run of a study would refuse, all at once, before it is started."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pandas as pd

from owncontrol.cli.check_days import faults_of_days
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.ingest.export import ingest_export
from owncontrol.instruments import Instrument
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.exports import Export
from owncontrol.study.instruments import instrument_names, study_instrument
from owncontrol.study.loading import faults_of_study, load_study
from owncontrol.study.manifest import check_file, listed_hash, read_manifest
from owncontrol.study.model import Study
from owncontrol.study.plan_lock import read_lock
from owncontrol.study.subjects import CodeRules
from owncontrol.suggest.study_text import TO_SAY


def check_study(name: str | None, project: Path) -> list[str]:
    """One line for each fault of a study, in the order in which to correct them; none: it can run.

    Read are the configuration, the hashes of the raw files, and the files with their mappings.
    Nothing is written. Raises InputError where there is no such study.
    """
    faults = [*_still_to_say(name, project), *faults_of_study(name, project)]
    if faults:
        return [_line(fault) for fault in faults]
    study = load_study({"study": name} if name else {}, project)
    found = [
        *_attempt(lambda: analysis_settings(study)),
        *_attempt(lambda: read_lock(study.study, project)),
        *_faults_of_files(study, project),
    ]
    return list(dict.fromkeys(map(_line, found)))


def _still_to_say(name: str | None, project: Path) -> Iterator[InputError]:
    """What new-study wrote on top of the configuration because it was not said."""
    path = project / "config" / f"{name}.yaml"
    text = path.read_text("utf-8", errors="replace") if name and path.is_file() else ""
    for line in text.splitlines():
        if line.startswith(TO_SAY):
            yield InputError(
                f"{path.relative_to(project)}: still to say: {line.removeprefix(TO_SAY)}",
                "run new-study again with it and --replace, or settle it here and delete the line",
            )


def _line(fault: InputError) -> str:
    return " ".join(f"{fault.message} ({fault.hint})".split())


def _attempt(act: Callable[[], object]) -> Iterator[InputError]:
    try:
        act()
    except InputError as fault:
        yield fault


def _faults_of_files(study: Study, project: Path) -> Iterator[InputError]:
    """Raw files that are missing or altered, and mappings that do not fit them."""
    raw = project / study.raw
    altered = set()
    for name in study.raw_files:
        for fault in _attempt(partial(_check_raw, raw, name)):
            altered.add(name)
            yield fault
    instruments: dict[str, Instrument] = {}
    for name in _needed(study):
        broken = list(_attempt(partial(_read_instrument, study, name, project, instruments)))
        yield from broken
        if broken:
            return  # each file would be told to name an instrument that is not there
    for key, export in study.exports.items():
        if not {export.file, export.dictionary} & altered:
            read: dict[str, pd.DataFrame] = {}
            yield from _attempt(partial(_ingest, study, raw, key, export, instruments, read))
            for table, cells in read.items():
                yield from faults_of_days(table, cells, export)


def _read_instrument(study: Study, name: str, project: Path, into: dict[str, Instrument]) -> None:
    into[name] = study_instrument(study, name, project)


def _needed(study: Study) -> list[str]:
    known = set(instrument_names(study))
    return sorted({table for _, table, _ in study.mappings if table in known})


def _check_raw(raw: Path, name: str) -> None:
    path = raw / name
    if not path.is_file():
        raise InputError(f"{path}: no such file", "copy it there, then run make manifest")
    check_file(str(path), listed_hash(raw, read_manifest(raw), name), sha256(path))


def _ingest(
    study: Study,
    raw: Path,
    key: str,
    export: Export,
    instruments: dict[str, Instrument],
    into: dict[str, pd.DataFrame],
) -> None:
    """Put the export's canonical tables ``into`` a mapping."""
    keyed = CodeRules.taken_from(study) if study.subject_code.key_file else None
    into |= ingest_export(
        raw / export.file,
        raw / export.dictionary if export.dictionary else None,
        export,
        instruments,
        study.characteristics,
        keyed,
        study.file_names[key],
        study.is_selected,
    ).tables
