"""The scientific parts of a study: what a plan fixes, and what a run is compared with."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from owncontrol.basics.program_files import INSTRUMENTS, read_program_yaml
from owncontrol.files import sha256
from owncontrol.study.base import (
    Different,
    FrozenMapping,
    Items,
    Name,
    NotEmpty,
    Number,
    Pair,
    Part,
    Positive,
    Weeks,
    Whole,
)
from owncontrol.study.claims import Claim
from owncontrol.study.design import Design
from owncontrol.study.endpoints import Endpoint, EstimandDefaults, Responder
from owncontrol.study.event_times import EventTime
from owncontrol.study.exclusions import Exclusion
from owncontrol.study.exports import ExclusiveBox, Export, Format, NumberedColumn
from owncontrol.study.instruments import definition, instrument_names
from owncontrol.study.model import CELLS, Study
from owncontrol.study.natural_course import NaturalCourse
from owncontrol.study.natural_recovery import NaturalRecovery
from owncontrol.study.plan import Plan, Sensitivity
from owncontrol.study.subjects import Characteristic, SubjectCode, SubjectId
from owncontrol.study.table_mapping import (
    BaselineColumns,
    ColumnPattern,
    LongTable,
    Permitted,
)
from owncontrol.study.visit_windows import VisitWindows
from owncontrol.study.visits import StudyClock, Visit


class FileRules(Part):
    """Which files an entry under ``exports`` is, and how their cells become a table of texts.

    ``files``: their names or patterns, sorted; ``sheet``: as the entry has it, with its ``*``.
    """

    files: Items[str]
    format: Format = "auto"
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    dataset: str = ""
    header_rows: Whole = 1
    title_rows: Whole = 0
    column_names: FrozenMapping[str, str] = FrozenMapping()
    labelled_cells: Different[str] = ()
    labels: bool = False
    labelled: bool = False
    dictionary: str = ""
    dates: Items[str] = ()
    numbers: Items[str] = ()
    not_data: Items[str] = ()
    numbered: Items[NumberedColumn] = ()
    exclusive: Items[ExclusiveBox] = ()
    site: str = ""
    visit_windows: VisitWindows | None = None


class ReadingRules(Part):
    """How the raw values of one table of one export are read."""

    rows: FrozenMapping[str, str | Items[str]] = FrozenMapping()
    columns: FrozenMapping[str, str | Items[str]] = FrozenMapping()
    patterns: Items[ColumnPattern] = ()
    long: LongTable = LongTable()
    wide: str = ""
    baseline_columns: BaselineColumns = BaselineColumns()
    item_codes: FrozenMapping[str, str] = FrozenMapping()
    recode: FrozenMapping[str, FrozenMapping[str, str]] = FrozenMapping()
    recode_items: FrozenMapping[str, str] = FrozenMapping()
    scores: str = "computed"
    undated: bool = False
    not_assessed: Items[str] = ()


class CleaningRules(Part):
    """The rules of one table of one export by which rows and values are set aside."""

    permitted: FrozenMapping[str, Permitted] = FrozenMapping()
    duplicates: str = "keep_none"
    copied: str = "allow"
    spikes: FrozenMapping[str, Positive] = FrozenMapping()
    form_state: str = ""


class PlanParts(Part):
    """What a plan fixes of a study, in its plain form.

    ``entry_criteria``: the characteristics that decide who is eligible; ``arms``: the one by which
    arms are described; ``described``: those that decide nothing. ``kept_rows``: by export, which
    rows are part of the study. ``reading``, ``cleaning``: by export and table (``export.table``);
    ``files``: by export, which files are read and how; ``read_order``: the exports in their order,
    for of equal rows the first counts; ``missing``: by export, the codes for a missing value. Files
    of one form are one export, however many have arrived.

    A test says of each other key of a configuration why it is not in here.
    """

    title: str = ""
    question: str = ""
    treatment: str | None = None
    onset: str = "injury"
    caution: str = ""
    synthetic: bool = False
    level: Number
    clock: StudyClock = "treatment"
    baseline: str
    time_point: str
    visits: Items[Visit]
    endpoints: Items[Endpoint]
    estimand_defaults: EstimandDefaults = EstimandDefaults()
    responders: Items[Responder] = ()
    event_times: Items[EventTime] = ()
    improved_by_weeks: Items[Weeks] = ()
    entry_criteria: Items[Characteristic] = ()
    arms: Characteristic | None = None
    described: Items[Characteristic] = ()
    excluded: Items[NotEmpty | Exclusion] = ()
    natural_recovery: NaturalRecovery | None = None
    natural_course: NaturalCourse | None = None
    sensitivity: Sensitivity = Sensitivity()
    claims: Items[Claim] = ()
    design: Design = Design()
    period: Pair[str] | None = None
    may_be_empty: Items[str] = ()
    subject_id: SubjectId
    subject_code: SubjectCode = SubjectCode()
    kept_rows: FrozenMapping[Name, FrozenMapping[str, str | Items[str]]] = FrozenMapping()
    dose_unit: str = CELLS
    severity: Items[str] = ()
    raw: str = ""
    read_order: Items[Name] = ()
    files: FrozenMapping[Name, FileRules] = FrozenMapping()
    missing: FrozenMapping[Name, Items[str]] = FrozenMapping()
    reading: FrozenMapping[str, ReadingRules] = FrozenMapping()
    cleaning: FrozenMapping[str, CleaningRules] = FrozenMapping()
    plan: Plan


class Frozen(Part):
    """What is compared: the parts of a study, and hashes of what they rest on.

    ``holds``: the parts that the program knew of which wrote this, whether the study has them or
    not; an earlier program wrote none. ``rates``, ``courses``: SHA-256 of the tables of published
    rates and courses; empty where the study has none. ``instruments``: by name the SHA-256 of each
    definition that the study uses.
    """

    parts: PlanParts
    holds: Items[str] = ()
    rates: str = ""
    courses: str = ""
    instruments: FrozenMapping[Name, str] = FrozenMapping()


def frozen_parts(study: Study, folder: Path) -> Frozen:
    """The parts of a study as they are now; ``folder``: the project, for the published rates."""
    recovery, course = study.natural_recovery, study.natural_course
    return Frozen(
        parts=_plan_parts(study),
        holds=tuple(PlanParts.model_fields),
        rates=_hash_of_file(folder, recovery.table) if recovery else "",
        courses=_hash_of_file(folder, course.table) if course else "",
        instruments=FrozenMapping(
            {name: hash_of(_definition(study, name)) for name in _used_instruments(study)}
        ),
    )


def own_definitions(now: Frozen) -> list[str]:
    """Instruments that go by the name of one of the project, and are defined otherwise."""
    found = []
    for name, digest in now.instruments.items():
        path = INSTRUMENTS / f"{name}.yaml"
        if path.is_file() and digest != hash_of(read_program_yaml(path)):
            found.append(name)
    return found


def hash_of(values: Any) -> str:
    """SHA-256 of plain values, whatever the order of their keys."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plan_parts(study: Study) -> PlanParts:
    entries = {key: entry_of(key, export) for key, export in study.exports.items()}
    given: dict[str, Any] = {
        name: getattr(study, name)
        for name in PlanParts.model_fields
        if name in Study.model_fields and name != "arms" and getattr(study, name) is not None
    }
    # How subjects are called is a matter of words.
    given["design"] = study.design.model_copy(update={"subjects": None})
    arms = next((item for item in study.characteristics if item.name == study.arms), None)
    given |= {"arms": arms} if arms is not None else {}
    given |= {
        "entry_criteria": tuple(item for item in study.characteristics if item.eligibility),
        "described": tuple(item for item in study.characteristics if not item.eligibility),
        "read_order": tuple(dict.fromkeys(entries.values())),
        "kept_rows": {
            entries[key]: export.keep for key, export in study.exports.items() if export.keep
        },
        "files": _files_of_entries(study, entries),
        "missing": {
            entries[key]: export.missing for key, export in study.exports.items() if export.missing
        },
        "reading": _of_tables(study, entries, ReadingRules),
        "cleaning": _of_tables(study, entries, CleaningRules),
    }
    # As a lock has it: with each key that has a value, also where the configuration leaves it out.
    return PlanParts.model_validate(PlanParts.model_validate(given).plain())


def entry_of(key: str, export: Export) -> str:
    """The entry of the configuration that an export was made of."""
    return export.found_by.export if export.found_by is not None else key


def _files_of_entries(study: Study, entries: Mapping[str, str]) -> dict[str, FileRules]:
    """By entry the files as it names them; all else is the same in each export made of it."""
    of: dict[str, list[Export]] = {}
    for key, export in study.exports.items():
        of.setdefault(entries[key], []).append(export)
    return {entry: _file_rules(exports) for entry, exports in of.items()}


def _file_rules(exports: list[Export]) -> FileRules:
    found = exports[0].found_by
    given = {
        name: getattr(exports[0], name)
        for name in FileRules.model_fields
        if name in Export.model_fields and getattr(exports[0], name) is not None
    }
    files = {item.found_by.pattern if item.found_by else item.file for item in exports}
    sheet = {"sheet": found.sheet} if found is not None and found.sheet else {}
    return FileRules.model_validate({**given, **sheet, "files": tuple(sorted(files))})


def _of_tables(
    study: Study, entries: Mapping[str, str], rules: type[ReadingRules | CleaningRules]
) -> dict[str, ReadingRules | CleaningRules]:
    return {
        f"{entries[key]}.{table}": rules.taken_from(mapping)
        for key, table, mapping in study.mappings
    }


def _used_instruments(study: Study) -> list[str]:
    mapped = {table for _, table, _ in study.mappings}
    named = mapped | {endpoint.instrument for endpoint in study.endpoints}
    return sorted(named & set(instrument_names(study)))


def _definition(study: Study, name: str) -> Mapping[str, Any]:
    if name in study.instruments or name in study.instrument_files:
        return definition(study, name)
    return read_program_yaml(INSTRUMENTS / f"{name}.yaml")


def _hash_of_file(folder: Path, name: str) -> str:
    """Hash of a file of the working folder, or else of the project; empty where it is absent."""
    for path in (folder / name, INSTRUMENTS.parents[1] / name):
        if path.is_file():
            return sha256(path)
    return ""
