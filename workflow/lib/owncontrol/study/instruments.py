"""The instruments of a study: the library's, and its own."""

from functools import cache
from pathlib import Path
from typing import Any

from owncontrol.basics.program_files import INSTRUMENTS
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.instruments import Instrument, Scale, instrument_of, load_instrument
from owncontrol.study.measures import Kind, Measure
from owncontrol.study.model import Study


def instrument_names(study: Study) -> list[str]:
    """Names of all instruments that a table of the study can be of, sorted."""
    library = (path.stem for path in INSTRUMENTS.glob("*.yaml"))
    return sorted({*library, *study.instruments, *study.instrument_files})


def is_own(study: Study, name: str) -> bool:
    """Whether an instrument is the study's own: a measure, or a file of it."""
    return name in study.instruments or name in study.instrument_files


def has_exam_cells(study: Study) -> bool:
    """Whether the cells of the ISNCSCI exams are there, and not only what was recorded of them."""
    mapped = [mapping for _, table, mapping in study.mappings if table == "isncsci"]
    return bool(mapped) and mapped[0].scores != "recorded"


def study_instrument(study: Study, name: str, folder: Path | str = ".") -> Instrument:
    """The instrument of a name. KeyError where there is none; InputError for a broken file.

    ``folder``: of the project, in which the study's own files are.
    """
    if name in study.instruments:
        return _of_measure(name, study.instruments[name])
    if name in study.instrument_files:
        return load_instrument(Path(folder) / study.instrument_files[name])
    path = INSTRUMENTS / f"{name}.yaml"
    if not path.is_file():
        raise KeyError(name)
    return _of_library(path)


def instrument_kind(study: Study, name: str, scale: Scale) -> Kind:
    """What the values of a scale are: as the study's measure says, or as the library's items are.

    A measured reading of the library is a measurement, also where it is read in steps.
    """
    if name in study.instruments:
        return study.instruments[name].kind_of
    if scale.kind == "sum":
        return "sum"
    items = study_instrument(study, name).items
    is_measured = scale.kind == "item" and items[scale.items[0]].range is not None
    return "measurement" if is_measured else "rated_scale"


def definition(study: Study, name: str) -> dict[str, Any]:
    """The definition of an instrument of the study's own, as a file of the library has it.

    Raises InputError for a file that is none.
    """
    if name in study.instrument_files:
        path = Path(study.instrument_files[name])
        load_instrument(path)
        return read_yaml(path)
    return study.instruments[name].definition(name)


@cache
def _of_measure(name: str, measure: Measure) -> Instrument:
    return instrument_of(measure.definition(name), f"instruments.{name}")


@cache
def _of_library(path: Path) -> Instrument:
    return load_instrument(path)
