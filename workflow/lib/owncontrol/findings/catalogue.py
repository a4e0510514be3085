"""Every rule that can make a finding, by the stage that looks for it."""

from types import ModuleType

from owncontrol.findings import (
    cleaning_rules,
    course_rules,
    mapping_rules,
    plan_rules,
    reading_rules,
    repeated_baseline_rules,
    several_files_rules,
    workbook_rules,
)
from owncontrol.findings.rule import Rule

STAGES: dict[str, ModuleType] = {
    "Reading a raw file": reading_rules,
    "Reading a workbook": workbook_rules,
    "Mapping to tables": mapping_rules,
    "A baseline repeated in every row": repeated_baseline_rules,
    "Several files of one form": several_files_rules,
    "Cleaning cells and rows": cleaning_rules,
    "The course of a subject": course_rules,
    "What may have been taken out": plan_rules,
}


def rules_of(module: ModuleType) -> list[type[Rule]]:
    """The rules of one module in the order of its text, without what only other rules share."""
    found = [one for one in vars(module).values() if isinstance(one, type)]
    return [
        one
        for one in found
        if issubclass(one, Rule) and not one.is_abstract and one.__module__ == module.__name__
    ]


RULES = frozenset(rule for module in STAGES.values() for rule in rules_of(module))
