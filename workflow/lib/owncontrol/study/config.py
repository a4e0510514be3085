"""A study's configuration: found, merged with what the command line says, and checked.

One line a fault: the key, its value, what is allowed, and a hint. A fault stops the run before
anything is touched.
"""

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.patterns import LONGEST_PATTERN, NO_PATTERN
from owncontrol.basics.program_files import SCHEMAS, read_program_yaml
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.errors import InputError

Config = dict[str, Any]
STUDY_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
# Control characters but for tab and line ends, halves of surrogate pairs, noncharacters.
NO_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
LONGEST_FORM = 100
SCHEMA = SCHEMAS / "config.schema.yaml"


def load_config(given: Mapping[str, Any], folder: Path | str = ".") -> Config:
    """The checked configuration of one study, with defaults filled in.

    ``given`` is what Snakemake was given: a whole configuration (a ``--configfile``, or the
    ``config:`` of a workflow that imports this one), or single values (``--config study=...``),
    which are laid over the study's own file in ``folder``: ``config.yaml`` for the default study,
    ``config/<study>.yaml`` for any other. Two studies are never merged.

    Raises InputError for an unknown study, and for a configuration that breaks the schema.
    """
    if "exports" in given:
        config, source = deepcopy(dict(given)), "configuration"
    else:
        path = _study_file(Path(folder), given.get("study"))
        config, source = _merge(read_yaml(path), given), str(path)
    check_config(config, source)
    filled: Config = fill_defaults(config, read_program_yaml(SCHEMA))
    return filled


def study_name(study: str | None, folder: Path | str = ".") -> str:
    """The name that a study's results go by; of the default study for None.

    Nothing else of the configuration is checked. Raises InputError for a study that there is not,
    and a name that is none.
    """
    path = _study_file(Path(folder), study)
    name = str(read_yaml(path).get("study"))
    if not STUDY_NAME.fullmatch(name):
        raise InputError(
            f"{path}: study: {name!r} is no name of a study",
            "small letters, digits, - and _, for example sci-cells-2021",
        )
    return name


def check_inside(place: str, name: str, folder: Path | str = ".") -> None:
    """Raise InputError where a path leads out of the folder, by itself or by a link on its way."""
    base = Path(folder).resolve()
    if Path(name).is_absolute() or not (base / name).resolve().is_relative_to(base):
        raise InputError(
            f"{place}: '{name}' leads out of the project",
            "paths are relative to the project and stay inside it, links included: copy the file",
        )


def file_names(exports: Config) -> dict[str, str]:
    """By export, the name of its raw file in every table.

    Where several share a file, the sheet or dataset is added that each of them reads.
    """
    files = [export["file"] for export in exports.values()]
    return {
        name: f"{export['file']} ({_part_of_file(export)})"
        if files.count(export["file"]) > 1
        else str(export["file"])
        for name, export in exports.items()
    }


def raw_names(value: str | list[str]) -> list[str]:
    """The raw columns that one entry of a mapping names; several make one text."""
    return [value] if isinstance(value, str) else list(value)


def recorded_columns(export: Config, with_codes: bool = True) -> list[str]:
    """Raw columns that ingest's record of the raw rows repeats: corrections name rows by them.

    Those of the conditions of tables, of the item codes of long tables, and (``with_codes``) of
    study codes that several columns make up.
    """
    found: dict[str, None] = {}
    for mapping in export["tables"].values():
        found |= dict.fromkeys(mapping["rows"])
        found |= dict.fromkeys(raw_names(mapping["long"].get("item", [])))
        if with_codes:
            parts = [raw for raw in mapping["columns"].values() if not isinstance(raw, str)]
            found |= dict.fromkeys(name for names in parts for name in names)
    return list(found)


def _part_of_file(export: Config) -> str:
    """The sheet of a workbook or the dataset of a transport file that an export reads, if named."""
    return str(export.get("sheet") or export.get("dataset") or "")


def raw_files(config: Config) -> list[str]:
    """Names of all files in the raw folder that the configuration reads, sorted."""
    exports = config["exports"].values()
    names = {export[key] for export in exports for key in ("file", "dictionary")}
    return sorted((names | {config["corrections"]}) - {""})


def study_clocks(config: Config, instruments: Iterable[str]) -> list[str]:
    """The clocks (injury, treatment) on which days of assessments can be known.

    An assessment has days in the file itself, or a date and the subject a day 0.
    """
    mapped = [
        (table, mapping["columns"])
        for export in config["exports"].values()
        for table, mapping in export["tables"].items()
    ]
    known = set(instruments)
    assessed = [columns for table, columns in mapped if table in known]
    dated = any("date" in columns for columns in assessed)
    day_0 = {"injury": ("subjects", "injury_date"), "treatment": ("treatments", "treatment_start")}
    return [
        clock
        for clock, (table, column) in day_0.items()
        if any(f"day_from_{clock}" in columns for columns in assessed)
        or (dated and any(name == table and column in columns for name, columns in mapped))
    ]


def check_config(config: Config, source: str) -> None:
    """Raise InputError at the first fault of ``config``: of the schema, or between its parts."""
    _check_texts(config, source)
    validator = Draft202012Validator(read_program_yaml(SCHEMA), format_checker=_FORMATS)
    error = best_match(validator.iter_errors(config))
    if error is not None:
        raise InputError(f"{source}: {_describe(error)}", _hint(error))
    for message, hint in _contradictions(config):
        raise InputError(f"{source}: {message}", hint)


def _check_texts(config: Config, source: str) -> None:
    """Raise InputError at the first text with a sign that no file of text can hold."""
    left: list[tuple[str, Any]] = [("", config)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str):  # a file that Snakemake has read, or a dictionary
                    raise InputError(
                        f"{source}: {place or 'top level'}: the key {key!r} is not a text",
                        f'write it in quotes: "{key}"',
                    )
                left += [(f"{place}.{key}".strip("."), item), (f"{place}: a key", key)]
        elif isinstance(value, list):
            left += [(f"{place}.{number}", item) for number, item in enumerate(value)]
        elif isinstance(value, str) and (sign := NO_TEXT.search(value)):
            raise InputError(
                f"{source}: {place}: character {sign.start() + 1} is U+{ord(sign[0]):04X}, which "
                "is not permitted in a text",
                "type the text again; control characters often come in when a text is copied",
            )


def fill_defaults(value: Any, schema: Mapping[str, Any]) -> Any:
    """A copy of ``value`` with the schema's defaults where a key is left out, at every depth."""
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        other = schema.get("additionalProperties", {})
        filled = {
            key: fill_defaults(item, properties.get(key, other if isinstance(other, dict) else {}))
            for key, item in value.items()
        }
        for key, sub_schema in properties.items():
            if key not in filled and "default" in sub_schema:
                filled[key] = deepcopy(sub_schema["default"])
        return filled
    if isinstance(value, list):
        return [fill_defaults(item, schema.get("items", {})) for item in value]
    return value


def _is_pattern(value: object) -> bool:
    """Whether a text is a regular expression; what is no text is the fault of another rule."""
    if not isinstance(value, str):
        return True
    return len(value) <= LONGEST_PATTERN and bool(re.compile(value))


_FORMATS = FormatChecker(())
_FORMATS.checks("regex", NO_PATTERN)(_is_pattern)


def _study_file(folder: Path, study: str | None) -> Path:
    default = folder / "config.yaml"
    if study is None or (default.is_file() and read_yaml(default).get("study") == study):
        if not default.is_file():
            raise InputError(f"{default}: missing", "run from the folder that holds config.yaml")
        return default
    path = folder / "config" / f"{study}.yaml"
    if STUDY_NAME.fullmatch(str(study)) and path.is_file():
        return path
    known = sorted(file.stem for file in (folder / "config").glob("*.yaml"))
    if default.is_file():
        known.insert(0, str(read_yaml(default).get("study")))
    raise InputError(
        f"study={study}: no such study; known: {', '.join(known)}",
        did_you_mean(str(study), known, f"a study's configuration is config/{study}.yaml"),
    )


def _merge(base: Config, over: Mapping[str, Any]) -> Config:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _describe(error: ValidationError) -> str:
    """One line: the key, its value, and what is allowed."""
    place = ".".join(str(part) for part in error.absolute_path) or "top level"
    if error.validator == "additionalProperties":
        return f"{place}: unknown key '{_unknown_key(error)}'"
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"{place}: key '{missing[0]}' is missing"
    allowed = {
        "enum": f"one of {', '.join(map(str, _list(error.validator_value)))}",
        "type": f"of type {error.validator_value}",
        "pattern": f"text that matches {error.validator_value}",
        "format": "a regular expression, as Python's module re has them",
    }.get(str(error.validator), f"{error.validator} {error.validator_value}")
    value = repr(error.instance)
    value = value if len(value) <= 60 else value[:57] + "..."
    return f"{place}: {value} is not permitted; allowed: {allowed}"


def _hint(error: ValidationError) -> str:
    keys = list(error.schema.get("properties", {}))
    if error.validator == "additionalProperties":
        return did_you_mean(_unknown_key(error), keys, f"known keys here: {', '.join(keys)}")
    if error.validator == "required":
        key = next(key for key in error.validator_value if key not in error.instance)
        meaning = error.schema.get("properties", {}).get(key, {}).get("description", "")
        return f"{key}: {meaning}" if meaning else "see config/README.md"
    return str(error.schema.get("description", "see config/README.md"))


def _unknown_key(error: ValidationError) -> str:
    known = error.schema.get("properties", {})
    return next(str(key) for key in error.instance if key not in known)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _contradictions(config: Config) -> Iterator[tuple[str, str]]:
    """Faults that only show when two parts of the configuration are held together."""
    visits = [visit["name"] for visit in config["visits"]]
    for key in ("baseline", "time_point"):
        if config[key] not in visits:
            hint = did_you_mean(config[key], visits, f"visits: {', '.join(visits)}")
            yield f"{key}: '{config[key]}' is not one of the visits", hint
    for place, names in (
        ("visits", visits),
        ("endpoints", [endpoint["name"] for endpoint in config["endpoints"]]),
        ("characteristics", [item["name"] for item in config.get("characteristics", [])]),
    ):
        for name in names:
            if names.count(name) > 1:
                yield f"{place}: '{name}' stands there twice", "each name may stand once"
    for visit in config["visits"]:
        low, high = visit["window"]
        if not low <= visit["day"] <= high:
            yield (
                f"visits.{visit['name']}: day {visit['day']} lies outside its window "
                f"[{low}, {high}]",
                "the window is first day, last day on the visit's own clock",
            )
    for key, export in config["exports"].items():
        if export.get("labelled") and not export.get("dictionary"):
            yield (
                f"exports.{key}.labelled: labels are read back by a data dictionary",
                f"name it under exports.{key}.dictionary",
            )
        for table, mapping in export["tables"].items():
            if mapping.get("long") and mapping.get("wide"):
                yield f"exports.{key}.tables.{table}: is both long and wide", "choose one"
    plan = config.get("plan", {})
    if any(plan.values()) and not (plan["version"] and plan["date"]):
        missing = "version" if not plan["version"] else "date"
        yield f"plan.{missing}: is empty", "a plan has a version and a date; without one, no entry"
    yield from _odd_date_forms(config)
    yield from _shared_files(config)
    yield from _table_contradictions(config)
    yield from _wrongly_empty(config)
    for place, name in _paths(config):
        if Path(name).is_absolute() or ".." in Path(name).parts or "\0" in name:
            yield (
                f"{place}: {name!r} leads out of the project",
                "paths are relative to the project and stay inside it",
            )
        if {"{", "}"} & set(name):
            yield (
                f"{place}: {name!r} contains a brace, which Snakemake reads as a wildcard",
                "rename the file or folder",
            )


def _odd_date_forms(config: Config) -> Iterator[tuple[str, str]]:
    """Forms of dates that ``strptime`` does not take: of unknown directives, or of one twice."""
    for key, export in config["exports"].items():
        for form in export.get("dates", []):
            reason = "" if len(form) <= LONGEST_FORM else f"at most {LONGEST_FORM} characters"
            try:
                if not reason:
                    datetime.datetime.strptime("", form)
            except re.error:
                reason = "each directive may stand once"
            except ValueError as error:  # also of a text that does not match
                unknown = re.search("bad directive|stray", str(error))
                reason = "a directive that strptime does not know" if unknown else ""
            if reason:
                yield (
                    f"exports.{key}.dates: {form[:60]!r} is no form of a date: {reason}",
                    "for example %d.%m.%Y (day, month, year)",
                )


def _shared_files(config: Config) -> Iterator[tuple[str, str]]:
    """Exports that read the same thing; a sheet or a dataset is a thing of its own."""
    readers: dict[tuple[str, str], str] = {}
    shared = Counter(export["file"] for export in config["exports"].values())
    for key, export in config["exports"].items():
        file, part = export["file"], _part_of_file(export)
        if shared[file] > 1 and not part:
            yield (
                f"exports.{key}: another export reads {file} too",
                "one export can feed several tables; of a workbook, name the sheet of each export, "
                "of a transport file the dataset",
            )
        # Names of datasets are the same in either case.
        same = part if export.get("sheet") else part.casefold()
        first = readers.setdefault((file, same), key)
        if first != key:
            what = "sheet" if export.get("sheet") else "dataset"
            yield (
                f"exports.{key}: reads {what} '{part}' of {file}, as exports.{first} does",
                "one export can feed several tables",
            )


def _table_contradictions(config: Config) -> Iterator[tuple[str, str]]:
    """Tables that every study needs, and what the exports that feed one table have to agree on."""
    fed: dict[str, list[Config]] = {}
    for export in config["exports"].values():
        for table, mapping in export["tables"].items():
            fed.setdefault(table, []).append(mapping)
    for table, purpose in (
        ("subjects", "it lists the subjects"),
        ("treatments", "it says who was treated; subject_id alone is enough"),
    ):
        if table not in fed:
            yield (
                f"exports: no file feeds the table {table}",
                f"{purpose}; a file may feed several tables",
            )
    if any(
        mapping.get("duplicates") == "last_before_treatment"
        for mapping in fed.get("adverse_events", [])
    ):
        yield (
            "exports.*.tables.adverse_events.duplicates: last_before_treatment is for assessments",
            "leave it out: rows of one event are then one event at its highest grade",
        )
    for table, mappings in fed.items():
        said = {mapping.get("scores", "computed") for mapping in mappings}
        if len(said) > 1:
            yield (
                f"exports.*.tables.{table}.scores: exports disagree ({', '.join(sorted(said))})",
                "a table that several files feed has one rule",
            )


def _wrongly_empty(config: Config) -> Iterator[tuple[str, str]]:
    """What ``may_be_empty`` names and is no table or endpoint, or must not be empty."""
    tables = {name: None for export in config["exports"].values() for name in export["tables"]}
    known = [name for name in tables if name not in ("subjects", "treatments")]
    known += [endpoint["name"] for endpoint in config["endpoints"]]
    for name in config.get("may_be_empty", []):
        if name in ("subjects", "treatments"):
            yield f"may_be_empty: without {name} there is nothing to report", "leave it out"
        elif name not in known:
            hint = did_you_mean(name, known)
            yield f"may_be_empty: '{name}' is neither a table of the study nor an endpoint", hint


def _paths(config: Config) -> Iterator[tuple[str, str]]:
    """Every path of the configuration with its key, but for the key file, which is a secret."""
    yield "raw", config["raw"]
    yield "corrections", config.get("corrections", "")
    for key, export in config["exports"].items():
        yield f"exports.{key}.file", export["file"]
        yield f"exports.{key}.dictionary", export.get("dictionary", "")
    if "table" in config.get("natural_recovery", {}):
        yield "natural_recovery.table", config["natural_recovery"]["table"]
