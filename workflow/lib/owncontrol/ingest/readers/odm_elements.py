"""The elements of CDISC ODM 1.3 and 2.0: what a study defines, and the values of its subjects.

https://www.cdisc.org/standards/data-exchange/odm. Whatever a system adds to the standard is passed
over, but for the codes that it shows in place of its keys of subjects. So are audit records,
annotations, signatures, users, reference data and files.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from owncontrol.ingest.readers.xml_elements import ElementTaker, own_names, take_elements

ROOTS = ("http://www.cdisc.org/ns/odm/v1.3 ODM", "http://www.cdisc.org/ns/odm/v2.0 ODM")
AGAIN = "export it again as a snapshot from the system that holds the data"
# What systems call the code of a subject where SubjectKey is a key of their own.
SHOWN_CODES = ("StudySubjectID", "SubjectName")
TYPED = re.compile(r"ItemData(?!HexBinary|Base64Binary|Hex|Base64|URI)[A-Z]\w+")
LEVELS = {
    "StudyEventData": ("StudyEventOID", "StudyEventRepeatKey"),
    "FormData": ("FormOID", "FormRepeatKey"),
    "ItemGroupData": ("ItemGroupOID", "ItemGroupRepeatKey"),
}
SEVERAL = " | "  # between the values of an item that has several

Step = tuple[str, str]  # OID, repeat key
Place = tuple[Step, ...]  # event, form, item groups


@dataclass
class Definition:
    """An event, form, item group or item. ``parts``: OIDs of what it refers to, in order.

    ``unit``: of an item its only unit; ``units``: how many it may have; ``codes``: OID of its list.
    """

    oid: str
    name: str
    kind: str = ""
    repeating: bool = False
    label: str = ""
    parts: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    codes: str = ""


@dataclass
class Subject:
    """A subject's values by place and item; of some the unit that was written with it."""

    study: str
    key: str
    code: str = ""
    values: dict[tuple[Place, str], str] = field(default_factory=dict)
    units: dict[tuple[Place, str], str] = field(default_factory=dict)


@dataclass
class OdmFile:
    """What a file says. ``events``, ``groups`` (and forms), ``items``: by OID."""

    events: dict[str, Definition] = field(default_factory=dict)
    groups: dict[str, Definition] = field(default_factory=dict)
    items: dict[str, Definition] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    subjects: dict[tuple[str, str], Subject] = field(default_factory=dict)


def read_odm_file(path: Path) -> OdmFile:
    """Read a file. Raises InputError where it is damaged, or continues another file."""
    taker = _Taker()
    take_elements(path, taker, AGAIN)
    return taker.file


class _Taker(ElementTaker):
    roots = ROOTS
    texts = ("TranslatedText", "Value")

    def __init__(self) -> None:
        super().__init__()
        self.file = OdmFile()
        self._transactional = False
        self._owner = Definition("", "")  # the definition that is open
        self._list = self._coded = self._unit = self._language = self._study = ""
        self._subject = Subject("", "")
        self._place: list[Step] = []
        self._removing: list[bool] = []
        self._below: defaultdict[Place, list[tuple[Place, str]]] | None = None
        self._item: tuple[Place, str] = ((), "")
        self._given: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        name = self._path[-1]
        if TYPED.fullmatch(name):
            self._start_item_data(own_names(attributes))

    def text(self, data: str) -> None:
        if TYPED.fullmatch(self._path[-1]):
            self._text += data
        else:
            super().text(data)

    def end(self, tag: str) -> None:
        if TYPED.fullmatch(self._path[-1]):
            if self._text.strip():
                self._given.append(self._text.strip())
            self._end_item_data("")
        super().end(tag)

    def _start_odm(self, of: dict[str, str]) -> None:
        self._transactional = of.get("FileType", "") == "Transactional"
        if self._transactional and of.get("PriorFileOID"):
            raise ValueError(f"continues the file {of['PriorFileOID'][:100]}, which is not here")

    # What the study defines.

    def _start_measurement_unit(self, of: dict[str, str]) -> None:
        self._unit = of.get("OID", "")
        self.file.units[self._unit] = of.get("Name", "")

    def _define(self, of: dict[str, str], among: dict[str, Definition]) -> None:
        repeating = of.get("Repeating", "No") not in ("No", "")
        made = Definition(of.get("OID", ""), of.get("Name", ""), of.get("DataType", ""), repeating)
        self._owner = among[made.oid] = made

    def _start_study_event_def(self, of: dict[str, str]) -> None:
        self._define(of, self.file.events)

    def _start_form_def(self, of: dict[str, str]) -> None:
        self._define(of, self.file.groups)

    def _start_item_group_def(self, of: dict[str, str]) -> None:
        self._define(of, self.file.groups)

    def _start_item_def(self, of: dict[str, str]) -> None:
        self._define(of, self.file.items)

    def _start_form_ref(self, of: dict[str, str]) -> None:
        self._owner.parts.append(of.get("FormOID", ""))

    def _start_item_group_ref(self, of: dict[str, str]) -> None:
        self._owner.parts.append(of.get("ItemGroupOID", ""))

    def _start_item_ref(self, of: dict[str, str]) -> None:
        self._owner.parts.append(of.get("ItemOID", ""))

    def _start_code_list_ref(self, of: dict[str, str]) -> None:
        self._owner.codes = of.get("CodeListOID", "")

    def _start_measurement_unit_ref(self, of: dict[str, str]) -> None:
        unit = of.get("MeasurementUnitOID", "")
        if "ItemDef" in self._path:
            self._owner.units.append(unit)
        elif self._item[1]:
            self._subject.units[self._item] = unit

    def _start_code_list(self, of: dict[str, str]) -> None:
        self._list = of.get("OID", "")
        self.file.codes[self._list] = {}

    def _start_code_list_item(self, of: dict[str, str]) -> None:
        self._coded = of.get("CodedValue", "")
        self.file.codes[self._list][self._coded] = self._coded

    def _start_enumerated_item(self, of: dict[str, str]) -> None:
        self._start_code_list_item(of)

    def _start_translated_text(self, of: dict[str, str]) -> None:
        self._language = of.get("lang", "")

    def _end_translated_text(self, text: str) -> None:
        """Take a label: that in English, or the first one."""
        english = self._language.lower().startswith("en")
        within = self._path[-1] if self._path else ""
        if within == "Decode":
            known = self.file.codes[self._list].get(self._coded, self._coded)
            if english or known == self._coded:
                self.file.codes[self._list][self._coded] = text
        elif within == "Symbol" and "MeasurementUnit" in self._path:
            self.file.units[self._unit] = text
        elif self._path[-2:-1] in (["ItemDef"], ["StudyEventDef"]):
            takes = within == "Question" or (within == "Description" and not self._owner.label)
            self._owner.label = text if takes else self._owner.label

    # The values of the subjects.

    def _start_clinical_data(self, of: dict[str, str]) -> None:
        self._study = of.get("StudyOID", "")

    def _start_subject_data(self, of: dict[str, str]) -> None:
        key = self._study, of.get("SubjectKey", "")
        if of.get("TransactionType") == "Remove":
            self.file.subjects.pop(key, None)
        self._subject = self.file.subjects.setdefault(key, Subject(*key))
        code = next((of[name] for name in SHOWN_CODES if of.get(name)), "")
        self._subject.code = code or self._subject.code
        self._place, self._removing = [], [of.get("TransactionType") == "Remove"]
        self._below = None

    def _end_subject_data(self, _text: str) -> None:
        if not self._subject.values and self._removing == [True]:
            self.file.subjects.pop((self._subject.study, self._subject.key), None)

    def _enter(self, of: dict[str, str]) -> None:
        oid, key = LEVELS[self._path[-1]]
        if "StudyEventData" not in self._path:
            raise ValueError("a form or item group stands outside of an event")
        self._place.append((of.get(oid, ""), of.get(key, "") or of.get("ItemGroupDataSeq", "")))
        self._removing.append(of.get("TransactionType") == "Remove")
        if self._removing[-1]:
            for value in self._values_below().pop(tuple(self._place), []):
                self._subject.values.pop(value, None)

    def _values_below(self) -> dict[Place, list[tuple[Place, str]]]:
        """By place the values at it and below it, from the first removal of a subject on."""
        if self._below is None:
            self._below = defaultdict(list)
            for value in self._subject.values:
                self._note_below(value)
        return self._below

    def _note_below(self, value: tuple[Place, str]) -> None:
        if self._below is not None:
            for depth in range(1, len(value[0]) + 1):
                self._below[value[0][:depth]].append(value)

    def _leave(self, _text: str) -> None:
        self._place.pop()
        self._removing.pop()

    _start_study_event_data = _start_form_data = _start_item_group_data = _enter
    _end_study_event_data = _end_form_data = _end_item_group_data = _leave

    def _start_item_data(self, of: dict[str, str]) -> None:
        if not self._place:
            raise ValueError("a value stands outside of an event")
        self._item = tuple(self._place), of.get("ItemOID", "")
        self._is_null = of.get("IsNull", "") == "Yes"
        self._given = [of["Value"]] if "Value" in of else []
        kind = of.get("TransactionType", "Insert" if not self._transactional else "Upsert")
        self._inserting = kind == "Insert"
        if kind == "Remove" or any(self._removing):
            self._subject.values.pop(self._item, None)
            self._item = (), ""

    def _end_value(self, text: str) -> None:
        if self._path[-1:] == ["ItemData"]:
            self._given.append(text)

    def _end_item_data(self, _text: str) -> None:
        if not self._item[1]:
            return
        value = "" if self._is_null else SEVERAL.join(self._given)
        known = self._subject.values.get(self._item)
        if self._inserting and known is not None and known != value:
            raise ValueError(
                f"the item '{self._item[1][:100]}' is given twice at one place, with two values"
            )
        if known is None:
            self._note_below(self._item)
        self._subject.values[self._item] = value
        self._item = (), ""
