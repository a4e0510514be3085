"""A study from its configuration: found, merged with what the command line says, and checked.

One line per fault: the key, its value, what is allowed, and a hint. A fault stops the run before
anything is touched.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.yaml_text import check_values, read_yaml
from owncontrol.errors import InputError
from owncontrol.study.checks import contradictions
from owncontrol.study.model import Study
from owncontrol.study.own_instruments import with_own_instruments
from owncontrol.study.several_files import with_files_found

STUDY_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def load_study(given: Mapping[str, Any], folder: Path | str = ".") -> Study:
    """The checked study, with defaults filled in.

    ``given`` is what Snakemake was given: a whole configuration (a ``--configfile``, or the
    ``config:`` of a workflow that imports this one), or single values (``--config study=...``),
    which are laid over the study's own file in ``folder``: ``config.yaml`` for the default study,
    ``config/<study>.yaml`` for any other. Two studies are never merged.

    An export of several files is one for each of them (``study.several_files``).

    Raises InputError for an unknown study, for a configuration that breaks the schema, and for a
    pattern that no file fits.
    """
    if "exports" in given:
        values, source = dict(given), "configuration"
    else:
        path = _study_file(Path(folder), given.get("study"))
        values, source = _merge(read_yaml(path), given), str(path)
    values = with_own_instruments(with_files_found(values, Path(folder), source), Path(folder))
    return study_from(values, source)


def study_from(values: dict[str, Any], source: str) -> Study:
    """The study that plain values describe; ``source``: where they are from, for the message.

    Raises InputError at the first fault: of the types, or between the parts.
    """
    check_values(values, source)
    try:
        study = Study.model_validate(values)
    except ValidationError as error:
        raise _fault(values, source, error) from error
    for message, hint in contradictions(study):
        raise InputError(f"{source}: {message}", hint)
    return study


def _fault(values: dict[str, Any], source: str, error: ValidationError) -> InputError:
    """The fault in the words of the schema, which names what is allowed and describes the key."""
    # Imported where there is a fault: a step that runs needs neither.
    from owncontrol.study.messages import first_fault
    from owncontrol.study.schema import study_schema

    found = first_fault(values, study_schema())
    if found is None:  # the types ask for more than the schema can say
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "top level"
        found = f"{place}: {first['msg']}", "see config/README.md"
    message, hint = found
    return InputError(f"{source}: {message}", hint)


def faults_of_study(study: str | None, folder: Path | str = ".") -> list[InputError]:
    """All faults of a study's configuration; none where it can be loaded.

    Raises InputError where there is no such study, or its file is no YAML.
    """
    from owncontrol.study.messages import all_faults
    from owncontrol.study.schema import study_schema

    path = _study_file(Path(folder), study)
    values = read_yaml(path)
    found = all_faults(values, study_schema())
    if not found:
        try:
            values = with_files_found(values, Path(folder), str(path))
            values = with_own_instruments(values, Path(folder))
            check_values(values, str(path))
            found = list(contradictions(Study.model_validate(values)))
        except ValidationError as error:
            return [_fault(values, str(path), error)]
        except InputError as error:
            return [error]
    return [InputError(f"{path}: {message}", hint) for message, hint in found]


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


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged
