"""A REDCap project in one XML file: its dictionary, events and records.

REDCap writes a project as CDISC ODM 1.3.1 with attributes and elements of its own
(``https://projectredcap.org``); what is read here is what its downloads have. Files inside
(``ItemDataBase64Binary``) are passed over.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.ingest.readers.grid import Grid, check_cells, check_width
from owncontrol.ingest.readers.xml_elements import ElementTaker, take_elements
from owncontrol.tables.categories import as_categories

ODM = "http://www.cdisc.org/ns/odm/v1.3 "
AGAIN = "download it again from REDCap (Project Setup, Other Functionality, project XML file)"
EVENT, FORM, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
CLASSIC = "event_1_arm_1"  # the one event of a project without events
STATUS = "Form Status"  # the section of the field that REDCap adds to each form
FIRST_ROW = 2  # as in the CSV of the same project, whose header is row 1


@dataclass
class Item:
    """A column of an export. ``variable``: its field (of a checkbox, one of several columns)."""

    name: str
    variable: str
    kind: str
    section: str
    validation: str
    identifier: bool
    choices: str = ""
    label: str = ""
    form: str = ""
    limits: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """An event of the schedule; its day and the days around it, where the project has them.

    ``forms``: those that are filled in at it.
    """

    name: str
    label: str
    day: int | None
    before: int
    after: int
    forms: tuple[str, ...] = ()


@dataclass
class Row:
    """A row of an export: event, repeating form and instance where it is of one, and the cells."""

    record: str
    event: str
    form: str
    instance: str
    cells: dict[str, str] = field(default_factory=dict)


@dataclass
class Project:
    """What the file says. ``codes``: by list of choices the labels by code."""

    record_id: str = ""
    missing: str = ""
    events: list[Event] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)
    repeating: set[tuple[str, str]] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)

    @property
    def fields(self) -> list[Item]:
        """One entry a field, in order, without what REDCap adds (states of forms, survey times)."""
        found: dict[str, Item] = {}
        for item in self.columns:
            added = item.variable == f"{item.form}_timestamp" or item.name.startswith("redcap_")
            if item.section != STATUS and not added:
                found.setdefault(item.variable, item)
        return list(found.values())

    @property
    def columns(self) -> list[Item]:
        """The columns of an export in their order; what only shows text has none."""
        return [item for item in self.items.values() if item.kind != "descriptive"]


def read_redcap_xml(path: Path) -> Grid:
    """The records as the raw export of the same project has them; none of a project without data.

    Raises InputError where the file is damaged, declares a document type, or is the ODM of another
    system.
    """
    project = read_project(path)
    added = [EVENT] if project.events else []
    added += [FORM, INSTANCE] if project.repeating else []
    names = [item.name for item in project.columns if item.name != project.record_id]
    header = [project.record_id, *added, *names]
    check_width(path, len(header))
    check_cells(path, len(project.rows), len(header))
    known = set(header)
    for row in project.rows:
        unknown = row.cells.keys() - known
        if unknown:
            raise InputError(f"{path}: the item '{min(unknown)}' is not defined in it", AGAIN)
    own = {EVENT: "event", FORM: "form", INSTANCE: "instance"}
    columns = [
        [row.record for row in project.rows],
        *([getattr(row, own[name]) for row in project.rows] for name in added),
        *([row.cells.get(name, "") for row in project.rows] for name in names),
    ]
    index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(project.rows), name="source_row")
    cells = {
        place: as_categories(pd.Series(texts, index=index, dtype="str"))
        for place, texts in enumerate(columns)
    }
    return Grid(header, pd.DataFrame(cells, index=index))


def read_project(path: Path) -> Project:
    """The project of a file. Raises InputError as ``read_redcap_xml`` does."""
    taker = _Taker()
    take_elements(path, taker, AGAIN)
    project = taker.project
    if not project.record_id or project.record_id not in project.items:
        raise InputError(
            f"{path}: is no project of REDCap (no field of record codes is named)",
            "of another system, export the data as CSV or Dataset-JSON",
        )
    for item in project.items.values():
        item.form = taker.forms.get(taker.groups.get(item.name, ""), "")
    return project


class _Taker(ElementTaker):
    """Takes the elements of the file, one after another, and keeps the little that is needed."""

    roots = (f"{ODM}ODM",)
    texts = ("TranslatedText", "CheckValue", "MissingDataCodes")  # nothing of a file inside

    def __init__(self) -> None:
        super().__init__()
        self.project = Project()
        self.groups: dict[str, str] = {}  # by item its group
        self.forms: dict[str, str] = {}  # by group the name of its form
        self._owner: dict[str, str] = {}  # attributes of the definition that is open
        self._coded = self._check = self._record = ""
        self._forms: list[str] = []  # of the event whose definition is open
        self._event = ("", "")  # of the event that is open: its name, and which time
        self._rows: dict[tuple[str, str], Row] = {}
        self._row: Row | None = None

    def _start_meta_data_version(self, of: dict[str, str]) -> None:
        self.project.record_id = of.get("RecordIdField", "")

    def _start_study_event_def(self, of: dict[str, str]) -> None:
        event = Event(
            name=of.get("UniqueEventName", "") or of.get("OID", "").removeprefix("Event."),
            label=of.get("EventName", "") or of.get("Name", ""),
            day=_day(of.get("DayOffset", "")),
            before=_day(of.get("OffsetMin", "")) or 0,
            after=_day(of.get("OffsetMax", "")) or 0,
        )
        self.project.events.append(event)

    def _start_form_ref(self, of: dict[str, str]) -> None:
        if "StudyEventDef" in self._path:
            self._forms.append(of.get("FormOID", "").removeprefix("Form."))

    def _end_study_event_def(self, _text: str) -> None:
        self.project.events[-1] = replace(self.project.events[-1], forms=tuple(self._forms))
        self._forms = []

    def _start_repeating_instrument(self, of: dict[str, str]) -> None:
        self.project.repeating.add((of.get("UniqueEventName", ""), of.get("RepeatInstrument", "")))

    def _start_repeating_event(self, of: dict[str, str]) -> None:
        self.project.repeating.add((of.get("UniqueEventName", ""), ""))

    def _end_missing_data_codes(self, text: str) -> None:
        self.project.missing = "|".join(text.replace("\\n", "\n").splitlines())

    def _start_form_def(self, of: dict[str, str]) -> None:
        self._owner = of

    def _start_item_group_ref(self, of: dict[str, str]) -> None:
        self.forms[of.get("ItemGroupOID", "")] = self._owner.get("FormName", "")

    def _start_item_group_def(self, of: dict[str, str]) -> None:
        self._owner = of

    def _start_item_ref(self, of: dict[str, str]) -> None:
        self.groups[of.get("ItemOID", "")] = self._owner.get("OID", "")

    def _start_item_def(self, of: dict[str, str]) -> None:
        self._owner = of
        item = Item(
            name=of.get("OID", ""),
            variable=of.get("Variable", of.get("OID", "")),
            kind=of.get("FieldType", "text"),
            section=of.get("SectionHeader", ""),
            validation=of.get("TextValidationType", ""),
            identifier=of.get("Identifier", "") == "y",
        )
        known = self.project.items.setdefault(item.name, item)
        if known.variable != item.variable or known.kind != item.kind:
            # The same one may come again: REDCap repeats the time of a survey in each form.
            raise ValueError(f"the item '{item.name[:100]}' is defined in two ways")

    def _start_code_list_ref(self, of: dict[str, str]) -> None:
        if "ItemDef" in self._path:
            self.project.items[self._owner["OID"]].choices = of.get("CodeListOID", "")

    def _start_range_check(self, of: dict[str, str]) -> None:
        self._check = of.get("Comparator", "")

    def _end_check_value(self, text: str) -> None:
        if "ItemDef" in self._path:
            self.project.items[self._owner["OID"]].limits[self._check] = text

    def _start_code_list(self, of: dict[str, str]) -> None:
        self._owner = of
        self.project.codes[of.get("OID", "")] = {}
        if "CheckboxChoices" in of:
            self.project.boxes[of.get("OID", "")] = of["CheckboxChoices"].replace("\\n", "|")

    def _start_code_list_item(self, of: dict[str, str]) -> None:
        self._coded = of.get("CodedValue", "")

    def _end_translated_text(self, text: str) -> None:
        if self._path[-1:] == ["Question"]:
            self.project.items[self._owner["OID"]].label = text
        elif self._path[-1:] == ["Decode"]:
            self.project.codes[self._owner["OID"]][self._coded] = text

    def _start_subject_data(self, of: dict[str, str]) -> None:
        self._record = of.get("SubjectKey", "")
        self._event, self._rows = (CLASSIC, "1"), {}  # a project without events names none

    def _start_study_event_data(self, of: dict[str, str]) -> None:
        name = of.get("UniqueEventName", "") or of.get("StudyEventOID", "").removeprefix("Event.")
        self._event = name, of.get("StudyEventRepeatKey", "1")
        self._rows = {}

    def _start_form_data(self, of: dict[str, str]) -> None:
        form = of.get("FormOID", "").removeprefix("Form.")
        event, time = self._event
        form, instance = (
            (form, of.get("FormRepeatKey", "1"))
            if (event, form) in self.project.repeating
            else ("", time if (event, "") in self.project.repeating else "")
        )
        if (form, instance) not in self._rows:
            self._rows[form, instance] = Row(self._record, event, form, instance)
            self.project.rows.append(self._rows[form, instance])
        self._row = self._rows[form, instance]

    def _start_item_data(self, of: dict[str, str]) -> None:
        if self._row is None:
            raise ValueError("a value stands outside of a form")
        item, value = of.get("ItemOID", ""), of.get("Value", "")
        if item == self.project.record_id:
            return
        if self._row.cells.setdefault(item, value) != value:
            raise ValueError(f"the item '{item[:100]}' is given twice at one place, two values")


def _day(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
