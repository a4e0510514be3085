"""What is handed from one stage to the next does not change on the way."""

import dataclasses
import importlib
import pkgutil

import owncontrol
import pytest

# What is filled or worked on in place, by the module that does so.
WORKED_ON = {
    "cleaning.corrections": {"RawCells"},
    "cleaning.day_counts": {"Clocks"},
    "cleaning.working_table": {"Span", "Sheet"},
    "cli.archive": {"Packed"},
    "ingest.readers": {"RawTable"},
    "ingest.readers.grid": {"Grid"},
    "ingest.readers.odm": {"_Columns"},
    "ingest.readers.odm_elements": {"Definition", "Subject", "OdmFile"},
    "ingest.readers.redcap_xml": {"Item", "Row", "Project"},
    "ingest.readers.statistical.stored_files": {"Opened"},
    "ingest.readers.workbook.sheet": {"Cells"},
    "lineage.chain": {"Named"},
    "lineage.differences": {"Differences"},
    "provenance.looks": {"Look"},
    "reporting.manuscript": {"_Writer"},
    "reporting.patient_pages": {"PatientPages"},
    "run.output_hashes": {"Comparison"},
    "simulation.faults": {"FileForm", "SiteFiles"},
    "simulation.registry_faults": {"Rows"},
    "standards.analysis_results": {"_Ids"},
}
PACKAGES = sorted(each.name for each in pkgutil.iter_modules(owncontrol.__path__) if each.ispkg)


def changes(kind):
    """Whether an attribute of a value of a dataclass may be set."""
    name = next((field.name for field in dataclasses.fields(kind)), "anything")
    try:
        setattr(object.__new__(kind), name, None)
    except dataclasses.FrozenInstanceError:
        return False
    return True


@pytest.mark.parametrize("package", PACKAGES)
def test_values_are_frozen_but_for_those_that_are_worked_on(package):
    found = {}
    place = f"owncontrol.{package}"
    for module in pkgutil.walk_packages(importlib.import_module(place).__path__, f"{place}."):
        kinds = vars(importlib.import_module(module.name)).values()
        changing = {
            kind.__name__
            for kind in kinds
            if isinstance(kind, type)
            and kind.__module__ == module.name
            and dataclasses.is_dataclass(kind)
            and changes(kind)
        }
        if changing:
            found[module.name.removeprefix("owncontrol.")] = changing
    expected = {name: kinds for name, kinds in WORKED_ON.items() if name.startswith(f"{package}.")}
    assert found == expected
