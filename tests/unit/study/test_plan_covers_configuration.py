"""Each key of a configuration is part of a frozen plan, or it is said why not."""

import typing

import pytest
from owncontrol.study.base import Part
from owncontrol.study.exports import Export
from owncontrol.study.model import Study
from owncontrol.study.plan_departures import AREAS
from owncontrol.study.plan_parts import CleaningRules, FileRules, PlanParts, ReadingRules
from owncontrol.study.table_mapping import TableMapping

# Keys that are in the plan under another name.
RENAMED = {
    "study": {
        "characteristics": "entry_criteria",  # arms, described
        "exports": "reading",
        "instruments": "instruments",  # the hash of each definition
        "instrument_files": "instruments",
    },
    "export": {"file": "files", "missing": "missing", "keep": "kept_rows", "tables": "reading"},
}
# Keys that decide nothing of what is read and analysed.
NOT_PART_OF_THE_PLAN_BECAUSE = {
    "study": {
        "study": "a name",
        "ages_above_89": "how ages are shown; entry criteria see the age itself",
        "strict": "stops a run, and changes none",
        "corrections": "each corrected cell is told, plan or not",
    },
    "export": {
        "found_by": "the program's own: its pattern is under files",
        "ignored": "columns that nothing is read from",
        "identifiers_allowed": "without it the run stops",
        "free_text_allowed": "without it the run stops",
    },
    "table": {},
}
HELD = {
    "study": {*PlanParts.model_fields},
    "export": {*FileRules.model_fields},
    "table": {*ReadingRules.model_fields, *CleaningRules.model_fields},
}
OF = {"study": Study, "export": Export, "table": TableMapping}


@pytest.mark.parametrize("level", OF)
def test_each_key_is_frozen_or_has_a_reason(level):
    keys = set(OF[level].model_fields)
    held, renamed = HELD[level] & keys, set(RENAMED.get(level, {}))
    reasons = set(NOT_PART_OF_THE_PLAN_BECAUSE[level])
    assert keys - held - renamed - reasons == set(), "neither frozen nor named with a reason"
    assert (reasons | renamed) - keys == set(), "a reason for a key that there is not"
    assert held & reasons == set(), "frozen, and said not to be"


def parts_in(annotation):
    """The types of the configuration that a key's type is made of."""
    found = {annotation} if isinstance(annotation, type) and issubclass(annotation, Part) else set()
    return found.union(*map(parts_in, typing.get_args(annotation)))


@pytest.mark.parametrize(
    ("frozen", "of"),
    [(PlanParts, Study), (FileRules, Export), (ReadingRules, TableMapping),
     (CleaningRules, TableMapping)],
)  # fmt: skip
def test_what_a_key_is_made_of_is_frozen_whole(frozen, of):
    """A key that is added to a visit, an endpoint or a pattern is in the plan by itself."""
    for name in frozen.model_fields.keys() & of.model_fields.keys() - {"arms"}:
        kept, given = (parts_in(part.model_fields[name].annotation) for part in (frozen, of))
        assert kept == given, name


def test_what_stands_under_another_name_is_there():
    held = {*PlanParts.model_fields, "instruments"}
    assert {name for names in RENAMED.values() for name in names.values()} <= held
    assert set(AREAS) == set(PlanParts.model_fields)
