"""What single steps depend on: the few keys of a study that each reads, and no others.

A step is made again where one of these changes; so a part holds what its step reads. Rules record
parts as plain values (``Part.plain``), scripts make types of them again at their first line.
"""

from functools import cached_property

from owncontrol.study.base import FrozenMapping, Items, Name, NotEmpty, Pair, Part
from owncontrol.study.exclusions import Exclusion, reasons_by_entry
from owncontrol.study.exports import Export
from owncontrol.study.of_exports import OfExports
from owncontrol.study.subjects import Characteristic, SubjectCode, SubjectId, age_columns
from owncontrol.study.visits import StudyClock, Visit


class CleaningSettings(OfExports, Part):
    """What the cleaning reads of a study."""

    exports: FrozenMapping[Name, Export]
    ages_above_89: bool
    period: Pair[str] | None = None
    subject_id: SubjectId
    subject_code: SubjectCode
    visits: Items[Visit]
    clock: StudyClock = "treatment"
    dose_unit: str = ""
    severity: Items[str] = ()
    baseline: str
    time_point: str
    characteristics: Items[Characteristic]
    corrections: str
    excluded: Items[NotEmpty | Exclusion]
    may_be_empty: Items[NotEmpty]
    strict: bool

    @cached_property
    def exclusions(self) -> dict[str, str]:
        """By what is left out (a code, or FILE:ROW) the reason; empty where none is given."""
        return reasons_by_entry(self.excluded)

    @cached_property
    def age_columns(self) -> frozenset[str]:
        """The columns of the subjects table in which no age above 89 is shown."""
        return frozenset(age_columns(self.characteristics, self.ages_above_89))


class ScoredEndpoint(Part):
    """What the scoring reads of an endpoint: whether anybody has it at both its visits."""

    name: str
    instrument: str
    scale: str
    family: str
    baseline: str
    time_point: str


class DescribedTables(OfExports, Part):
    """What the description of the tables of the results reads of a study."""

    study: str
    title: str
    question: str
    synthetic: bool
    characteristics: Items[Characteristic]
    exports: FrozenMapping[Name, Export]
    clock: StudyClock = "treatment"
    dose_unit: str = ""
    severity: Items[str] = ()


class DescribedRun(Part):
    """What the record of a run as a research object reads of a study."""

    title: str
    question: str
    synthetic: bool
    period: Pair[str] | None = None
