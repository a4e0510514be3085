"""The records of CDISC ODM of any system as one table: a row per subject, event and time of it.

Forms and item groups that do not repeat share the row of their event; each time of a repeating one
has a row of its own, which says of what (``ItemGroupOID``) and which time (``ItemGroupRepeatKey``)
it is. A column is called after the name of its item: after its OID where two items have one name,
with form and group before it where one item is asked for in several of them.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.ingest.readers.grid import Grid, check_cells, check_width
from owncontrol.ingest.readers.odm_elements import (
    AGAIN,
    OdmFile,
    Place,
    Subject,
    read_odm_file,
)
from owncontrol.tables.categories import as_categories

STUDY, SUBJECT, CODE = "StudyOID", "SubjectKey", "StudySubjectID"
EVENT, TIME = "StudyEventOID", "StudyEventRepeatKey"
GROUP, INSTANCE = "ItemGroupOID", "ItemGroupRepeatKey"
UNIT = " (unit)"  # after the name of an item that may have several units
FIRST_ROW = 2
Row = tuple[str, str, str, str, str, str, str]


@dataclass
class _Columns:
    """The name of each column, by what it is: the places an item has, and their names."""

    file: OdmFile

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(item.name for item in self.file.items.values())

    @cached_property
    def _parents(self) -> dict[str, list[str]]:
        """By OID of a form, group or item the forms and groups that refer to it."""
        parents: dict[str, list[str]] = defaultdict(list)
        for group in self.file.groups.values():
            for part in dict.fromkeys(group.parts):
                parents[part].append(group.oid)
        return parents

    @cached_property
    def _shared(self) -> set[str]:
        """OIDs of what is referred to more than once, and of all that it holds."""
        shared = {oid for oid, above in self._parents.items() if len(above) > 1}
        waiting = list(shared)
        while waiting:
            group = self.file.groups.get(waiting.pop())
            below = [oid for oid in group.parts if oid not in shared] if group else []
            shared |= {*below}
            waiting += below
        return shared

    def base(self, oid: str) -> str:
        """The name of an item alone."""
        item = self.file.items.get(oid)
        return item.name if item and item.name and self._names[item.name] == 1 else oid

    def name(self, place: Place, oid: str) -> str:
        """The name of the column of a value."""
        if oid not in self._shared:
            return self.base(oid)
        above = [self.file.groups.get(part) for part, _ in place[1:]]
        return ".".join([*(group.name for group in above if group), self.base(oid)])


def read_odm(path: Path) -> Grid:
    """The records of a file; none of one that only defines a study.

    Raises InputError where the file is damaged, or is a part of another one.
    """
    file = read_odm_file(path)
    rows, columns = _rows(file)
    several = len({subject.study for subject in file.subjects.values()}) > 1
    own = [STUDY] if several else []
    own += [SUBJECT, *([CODE] if any(one.code for one in file.subjects.values()) else []), EVENT]
    places = dict(zip((STUDY, SUBJECT, CODE, EVENT, TIME, GROUP, INSTANCE), range(7), strict=True))
    own += [name for name in (TIME, GROUP, INSTANCE) if any(row[places[name]] for row in rows)]
    header = [*own, *columns]
    check_width(path, len(header))
    check_cells(path, len(rows), len(header))
    index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(rows), name="source_row")
    texts = [
        *([row[places[name]] for row in rows] for name in own),
        *([cells.get(name, "") for cells in rows.values()] for name in columns),
    ]
    cells = {
        place: as_categories(pd.Series(column, index=index, dtype="str"))
        for place, column in enumerate(texts)
    }
    return Grid(header, pd.DataFrame(cells, index=index))


def _rows(file: OdmFile) -> tuple[dict[Row, dict[str, str]], dict[str, str]]:
    """The cells of each row; and by column its item, in the order of the definitions."""
    named, repeating = _Columns(file), _repeating(file)
    rows: dict[Row, dict[str, str]] = {}
    found: dict[str, str] = {}  # by column its item
    for subject in file.subjects.values():
        for (place, oid), value in subject.values.items():
            cells = rows.setdefault(_row(repeating, subject, place), {})
            name = named.name(place, oid)
            if cells.get(name, value) != value:
                raise InputError(
                    f"the item '{oid[:100]}' has two values in one row of the event {place[0][0]}",
                    AGAIN,
                )
            found.setdefault(name, oid)
            cells[name] = value
            item = file.items.get(oid)
            if item and len(item.units) > 1:
                unit = subject.units.get((place, oid), "")
                found.setdefault(f"{name}{UNIT}", oid)
                cells[f"{name}{UNIT}"] = file.units.get(unit, unit)
    defined = {oid: at for at, oid in enumerate(file.items)}
    if not file.subjects:
        found = {named.base(oid): oid for oid in file.items}
    columns = sorted(found, key=lambda name: defined.get(found[name], len(defined)))
    return rows, {name: found[name] for name in columns}


def _repeating(file: OdmFile) -> set[str]:
    """OIDs of forms and groups that repeat: by their definition, or because they do."""
    keys: dict[str, set[str]] = defaultdict(set)
    for subject in file.subjects.values():
        for place, _ in subject.values:
            for oid, key in place[1:]:
                keys[oid].add(key)
    return {
        oid
        for oid, found in keys.items()
        if len(found) > 1 or (file.groups[oid].repeating if oid in file.groups else found != {""})
    }


def _row(repeating: set[str], subject: Subject, place: Place) -> Row:
    """What row a value belongs to: its event, and the repeating form or groups that it is in."""
    event, time = place[0]
    parts = [step for step in place[1:] if step[0] in repeating]
    groups, times = ("/".join(texts) for texts in zip(*parts, strict=True)) if parts else ("", "")
    return subject.study, subject.key, subject.code, event, time, groups, times


def labels_and_choices(path: Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """By column what it is called, with its unit; and the labels of its codes, of events too."""
    file = read_odm_file(path)
    labels, choices = {}, {}
    for column, oid in _rows(file)[1].items():
        item = file.items.get(oid)
        if item is None or column.endswith(UNIT):
            continue
        unit = file.units.get(item.units[0], "") if len(item.units) == 1 else ""
        if item.label:
            labels[column] = f"{item.label} ({unit})" if unit else item.label
        if file.codes.get(item.codes):
            choices[column] = file.codes[item.codes]
    choices[EVENT] = {event.oid: event.name or event.oid for event in file.events.values()}
    return labels, choices
