"""What a workbook says about all its sheets: their names, shared texts, formats, date system."""

import datetime
from collections import Counter
from dataclasses import dataclass

from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding
from owncontrol.findings.workbook_rules import HiddenSheetPassed, HiddenSheetRead
from owncontrol.ingest.readers.workbook.number_formats import LOCAL_FORMATS
from owncontrol.ingest.readers.workbook.package import LINK_IDS, MAIN, STRICT, Package
from owncontrol.ingest.readers.workbook.strings import unescaped

SPREADSHEET = (MAIN, STRICT)
TRUE = ("1", "true")


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name, and whether a person sees its tab; ``part``: where its cells are."""

    name: str
    visible: bool
    part: str


class Book:
    """The workbook part of a package and what hangs on it.

    ``sheets``: the worksheets in their order. ``texts``: the shared texts, and ``formats``: the
    number format of each cell style, once they are read. ``epoch``: day 0 of the numbers that
    stand for dates (ISO/IEC 29500-1, 18.17.4). ``recalculated``: whether the file asks that its
    formulas be calculated when it is opened.
    """

    def __init__(self, package: Package) -> None:
        """Read the parts; raises InputError where the package has no workbook."""
        self.path = package.path
        part = next(
            (link.target for link in package.links("").values() if link.kind == "officeDocument"),
            "",
        )
        if not part:
            raise ValueError("its package names no workbook")
        about = _About()
        package.parse(part, SPREADSHEET, "workbook", about)
        links = package.links(part)
        twice = [
            name
            for name, number in Counter(name.casefold() for name, *_ in about.sheets).items()
            if number > 1
        ]
        if twice:
            raise ValueError(f"two of its sheets are called '{twice[0]}'")
        self.sheets: list[Sheet] = []
        self.others: dict[str, str] = {}  # sheets that are no worksheets, and what they are
        for name, state, key in about.sheets:
            if key not in links:
                raise ValueError(f"its sheet '{name}' has no part")
            link = links[key]
            if link.kind == "worksheet":
                self.sheets.append(Sheet(name, state == "visible", link.target))
            else:
                self.others[name] = link.kind
        self.epoch: datetime.datetime = MAC_EPOCH if about.from_1904 else WINDOWS_EPOCH
        self.recalculated = about.recalculated
        self.texts: list[str] = []
        self.formats = ["General"]
        self._package = package
        self._parts = {link.kind: link.target for link in links.values()}

    def read_shared(self) -> None:
        """Read the shared texts and the formats, which only the cells need."""
        if "sharedStrings" in self._parts:
            texts = _Texts()
            self._package.parse(self._parts["sharedStrings"], SPREADSHEET, "sst", texts)
            self.texts = texts.found
        if "styles" in self._parts:
            formats = _Formats()
            self._package.parse(self._parts["styles"], SPREADSHEET, "styleSheet", formats)
            self.formats = formats.of_styles() or self.formats

    def choose(self, name: str) -> tuple[Sheet, list[Finding]]:
        """The sheet of that name, or the first visible one where the name is empty, with notes.

        Raises InputError where there is none.
        """
        known = ", ".join(f"'{sheet.name}'" for sheet in self.sheets)
        if name in self.others:
            raise InputError(
                f"{self.path}: '{name}' is no worksheet ({self.others[name]})",
                f"name one of its worksheets under exports.*.sheet: {known}",
            )
        named = [sheet for sheet in self.sheets if sheet.name == name]
        if name and not named:
            names = ", ".join(sheet.name for sheet in self.sheets)
            raise InputError(
                f"{self.path}: has no sheet '{name}'; it has: {names}", "correct exports.*.sheet"
            )
        if named:
            found = [Finding(HiddenSheetRead(), self.path.name, value=name)]
            return named[0], [] if named[0].visible else found
        if not self.sheets:
            raise InputError(f"{self.path}: has no worksheet", "export the file again")
        visible = [sheet for sheet in self.sheets if sheet.visible]
        if not visible:
            raise InputError(
                f"{self.path}: all its worksheets are hidden: {known}",
                "name the one to read under exports.*.sheet",
            )
        passed = self.sheets[: self.sheets.index(visible[0])]
        rule = HiddenSheetPassed(visible=visible[0].name)
        return visible[0], [Finding(rule, self.path.name, value=sheet.name) for sheet in passed]


class _Part:
    """Takes the elements of a part of the spreadsheet's own namespaces; others are passed over."""

    def __init__(self) -> None:
        self.elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        namespace, _, local = name.rpartition(" ")
        if namespace in SPREADSHEET:
            self.begin(local, attributes)

    def end(self, name: str) -> None:
        namespace, _, local = name.rpartition(" ")
        if namespace in SPREADSHEET:
            self.finish(local)

    def begin(self, local: str, attributes: dict[str, str]) -> None:
        pass

    def finish(self, local: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


class _About(_Part):
    """Takes the workbook part: sheets (name, state, id of the link), date system, calculation."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, str]] = []
        self.from_1904 = self.recalculated = False

    def begin(self, local: str, attributes: dict[str, str]) -> None:
        if local == "sheet":
            key = next((attributes[name] for name in LINK_IDS if name in attributes), "")
            name = unescaped(attributes.get("name", ""))
            self.sheets.append((name, attributes.get("state", "visible"), key))
        elif local == "workbookPr":
            self.from_1904 = attributes.get("date1904") in TRUE
        elif local == "calcPr":
            self.recalculated = attributes.get("fullCalcOnLoad") in TRUE


class _Texts(_Part):
    """Takes the shared texts: runs of rich text are joined, phonetic signs left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._phonetic = self._within = False

    def begin(self, local: str, attributes: dict[str, str]) -> None:
        if local == "si":
            self._pieces = []
        elif local == "rPh":
            self._phonetic = True
        elif local == "t":
            self._within = not self._phonetic

    def finish(self, local: str) -> None:
        if local == "si":
            self.found.append(unescaped("".join(self._pieces)))
        elif local == "rPh":
            self._phonetic = False
        elif local == "t":
            self._within = False

    def text(self, data: str) -> None:
        if self._within:
            self._pieces.append(data)


class _Formats(_Part):
    """Takes the styles: the number format of each entry under cellXfs."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[int, str] = {}
        self._styles: list[int] = []
        self._within = False

    def begin(self, local: str, attributes: dict[str, str]) -> None:
        if local == "cellXfs":
            self._within = True
        elif local == "numFmt" and "numFmtId" in attributes:
            # Those of conditional formats have an id too, and come after the workbook's own.
            self._codes.setdefault(int(attributes["numFmtId"]), attributes.get("formatCode", ""))
        elif local == "xf" and self._within:
            self._styles.append(int(attributes.get("numFmtId", "0")))

    def finish(self, local: str) -> None:
        if local == "cellXfs":
            self._within = False

    def of_styles(self) -> list[str]:
        """The format of each style, the declared one before the built-in one of its number."""
        known = {**LOCAL_FORMATS, **BUILTIN_FORMATS, **self._codes}
        return [known.get(number, "General") for number in self._styles]
