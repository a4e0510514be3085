"""The scientific parts of a study: what a plan fixes, and what a run is compared with."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from owncontrol.basics.program_files import INSTRUMENTS, read_program_yaml
from owncontrol.files import sha256
from owncontrol.study.base import (
    FrozenMapping,
    Items,
    Name,
    NotEmpty,
    Number,
    Pair,
    Part,
    Positive,
    Weeks,
)
from owncontrol.study.claims import Claim
from owncontrol.study.design import Design
from owncontrol.study.endpoints import Endpoint, EstimandDefaults, Responder
from owncontrol.study.exclusions import Exclusion
from owncontrol.study.exports import Export
from owncontrol.study.instruments import definition, instrument_names
from owncontrol.study.model import Study
from owncontrol.study.natural_recovery import NaturalRecovery
from owncontrol.study.plan import Plan, Sensitivity
from owncontrol.study.subjects import Characteristic, SubjectId
from owncontrol.study.table_mapping import ColumnPattern, LongTable, Permitted
from owncontrol.study.visits import Visit


class ReadingRules(Part):
    """How the raw values of one table of one export are read."""

    rows: FrozenMapping[str, str | Items[str]] = FrozenMapping()
    columns: FrozenMapping[str, str | Items[str]] = FrozenMapping()
    patterns: Items[ColumnPattern] = ()
    long: LongTable = LongTable()
    wide: str = ""
    item_codes: FrozenMapping[str, str] = FrozenMapping()
    recode: FrozenMapping[str, FrozenMapping[str, str]] = FrozenMapping()
    recode_items: FrozenMapping[str, str] = FrozenMapping()
    scores: str = "computed"
    not_assessed: Items[str] = ()


class CleaningRules(Part):
    """The rules of one table of one export by which rows and values are set aside."""

    permitted: FrozenMapping[str, Permitted] = FrozenMapping()
    duplicates: str = "keep_none"
    copied: str = "allow"
    spikes: FrozenMapping[str, Positive] = FrozenMapping()


class PlanParts(Part):
    """What a plan fixes of a study, in its plain form.

    ``entry_criteria``: the characteristics that decide who is eligible. ``kept_rows``: by export,
    which rows are part of the study. ``reading``, ``cleaning``: by export and table
    (``export.table``); ``missing``: by export, the codes for a missing value. Files of one form are
    one export, however many have arrived.
    """

    level: Number
    baseline: str
    time_point: str
    visits: Items[Visit]
    endpoints: Items[Endpoint]
    estimand_defaults: EstimandDefaults = EstimandDefaults()
    responders: Items[Responder] = ()
    improved_by_weeks: Items[Weeks] = ()
    entry_criteria: Items[Characteristic] = ()
    excluded: Items[NotEmpty | Exclusion] = ()
    natural_recovery: NaturalRecovery | None = None
    sensitivity: Sensitivity = Sensitivity()
    claims: Items[Claim] = ()
    design: Design = Design()
    period: Pair[str] | None = None
    subject_id: SubjectId
    kept_rows: FrozenMapping[Name, FrozenMapping[str, str | Items[str]]] = FrozenMapping()
    missing: FrozenMapping[Name, Items[str]] = FrozenMapping()
    reading: FrozenMapping[str, ReadingRules] = FrozenMapping()
    cleaning: FrozenMapping[str, CleaningRules] = FrozenMapping()
    plan: Plan


class Frozen(Part):
    """What is compared: the parts of a study, and hashes of what they rest on.

    ``rates``: SHA-256 of the table of published rates; empty where the study has none.
    ``instruments``: by name the SHA-256 of each definition that the study uses.
    """

    parts: PlanParts
    rates: str = ""
    instruments: FrozenMapping[Name, str] = FrozenMapping()


def frozen_parts(study: Study, folder: Path) -> Frozen:
    """The parts of a study as they are now; ``folder``: the project, for the published rates."""
    recovery = study.natural_recovery
    return Frozen(
        parts=_plan_parts(study),
        rates=_hash_of_file(folder, recovery.table) if recovery else "",
        instruments=FrozenMapping(
            {name: hash_of(_definition(study, name)) for name in _used_instruments(study)}
        ),
    )


def hash_of(values: Any) -> str:
    """SHA-256 of plain values, whatever the order of their keys."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plan_parts(study: Study) -> PlanParts:
    entries = {key: _entry(key, export) for key, export in study.exports.items()}
    given: dict[str, Any] = {
        name: getattr(study, name)
        for name in PlanParts.model_fields
        if name in Study.model_fields and getattr(study, name) is not None
    }
    given |= {
        "entry_criteria": tuple(item for item in study.characteristics if item.eligibility),
        "kept_rows": {
            entries[key]: export.keep for key, export in study.exports.items() if export.keep
        },
        "missing": {
            entries[key]: export.missing for key, export in study.exports.items() if export.missing
        },
        "reading": _of_tables(study, entries, ReadingRules),
        "cleaning": _of_tables(study, entries, CleaningRules),
    }
    return PlanParts.model_validate(given)


def _entry(key: str, export: Export) -> str:
    """The entry of the configuration that an export was made of."""
    return export.found_by.export if export.found_by is not None else key


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
