"""What the exports of a study say together: of the study, and of each part that has them all."""

from functools import cached_property
from typing import TYPE_CHECKING

from owncontrol.study.base import FrozenMapping
from owncontrol.study.exports import Export, file_names
from owncontrol.study.visits import AnyClock, StudyClock


class OfExports:
    """Beside ``Part``, of what has ``exports`` and the study's ``clock``."""

    if TYPE_CHECKING:
        exports: FrozenMapping[str, Export]
        clock: StudyClock

    @cached_property
    def file_names(self) -> FrozenMapping[str, str]:
        """By export, the name of its raw file in every table."""
        return file_names(self.exports)

    @property
    def is_selected(self) -> bool:
        """Whether the configuration says which rows are part of the study."""
        return any(export.keep for export in self.exports.values())

    @property
    def event_clock(self) -> AnyClock:
        """What days of events (registration, treatments, adverse events) count from.

        The injury where its date is known, else the study's clock. Where that is no date of the
        subject, no day of an event is known.
        """
        subjects = [export.tables.get("subjects") for export in self.exports.values()]
        known = any(table and "injury_date" in table.columns for table in subjects)
        return "injury" if known else self.clock
