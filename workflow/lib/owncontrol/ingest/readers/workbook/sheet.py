"""The cells of one sheet as they are stored: address, storage type, style and text."""

from array import array
from dataclasses import dataclass, field

from openpyxl.utils.cell import (
    column_index_from_string,
    coordinate_from_string,
    get_column_letter,
    range_boundaries,
)
from openpyxl.utils.exceptions import CellCoordinatesException

from owncontrol.errors import InputError
from owncontrol.ingest.readers.grid import MOST_CELLS
from owncontrol.ingest.readers.workbook.book import SPREADSHEET, TRUE
from owncontrol.ingest.readers.workbook.package import Package

LAST_ROW, LAST_COLUMN = 2**20, 2**14
NAMES = ["row", "c", "v", "is", "t", "rPh", "f", "mergeCell", "col", "worksheet"]
LOCAL = {f"{namespace} {name}": name for namespace in SPREADSHEET for name in NAMES}
# A formula's result of these types may be an empty text; without a type it is a number.
TEXT_RESULTS = ("str", "s", "inlineStr")
Area = tuple[int, int, int, int]
Stored = tuple[str, str, str]


@dataclass
class Cells:
    """What a sheet holds, each cell with the place of its content in ``contents``.

    ``rows``, ``columns`` (from 1) and ``codes`` have one entry a cell with content. ``contents``:
    storage type, style and text of each different content. ``formulas``: row, column and text of
    each formula without a stored result; ``zeros``: of each with the stored result 0. ``merged``:
    first column, first row, last column and last row of each merged area. ``hidden_columns``:
    first and last of each run.
    """

    rows: "array[int]" = field(default_factory=lambda: array("i"))
    columns: "array[int]" = field(default_factory=lambda: array("i"))
    codes: "array[int]" = field(default_factory=lambda: array("i"))
    contents: list[Stored] = field(default_factory=list)
    formulas: list[tuple[int, int, str]] = field(default_factory=list)
    zeros: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)


def read_cells(package: Package, part: str) -> Cells:
    """All cells with content of a sheet's part, in any order, each at its address.

    Raises InputError where an address is none, or beyond the last one a workbook has.
    """
    taker = _Taker(str(package.path))
    package.parse(part, SPREADSHEET, "worksheet", taker)
    taker.cells.contents = list(taker.known)
    return taker.cells


class _Taker:
    """Takes the elements of a sheet. Called some five times a cell: no work but what is needed."""

    __slots__ = (
        *("cells", "elements", "known", "path", "_column", "_formula", "_kind", "_letters"),
        *("_phonetic", "_row", "_row_text", "_style", "_value", "_within"),
    )

    def __init__(self, path: str) -> None:
        self.cells = Cells()
        self.path = path
        self.elements = self._row = self._column = 0
        self.known: dict[Stored, int] = {}
        self._letters: dict[str, int] = {}
        self._row_text = self._kind = self._style = self._within = ""
        self._value: str | None = None
        self._formula: str | None = None
        self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        local = LOCAL.get(name)
        if local == "c":
            self._start_cell(attributes)
        elif local == "v":
            self._within, self._value = "v", ""
        elif local == "row":
            self._start_row(attributes)
        elif local == "t":
            self._within = "" if self._phonetic else "v"
        elif local == "is":
            self._value = ""
        elif local == "f":
            self._within, self._formula = "f", ""
        elif local == "rPh":
            self._phonetic = True
        elif local == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif local == "col" and attributes.get("hidden") in TRUE:
            first = int(attributes.get("min", "1"))
            self.cells.hidden_columns.append((first, int(attributes.get("max", first))))

    def end(self, name: str) -> None:
        local = LOCAL.get(name)
        if local == "v" or local == "t" or local == "f":
            self._within = ""
        elif local == "c":
            if self._value or self._formula is not None:
                self._end_cell()
        elif local == "rPh":
            self._phonetic = False

    def text(self, data: str) -> None:
        if self._within == "v":
            self._value = self._value + data if self._value else data
        elif self._within == "f":
            self._formula = (self._formula or "") + data

    def _start_row(self, attributes: dict[str, str]) -> None:
        self._row_text = attributes.get("r", "")
        if self._row_text:
            if not self._row_text.isdecimal() or not 0 < int(self._row_text) <= LAST_ROW:
                raise InputError(
                    f"{self.path}: a row with the number '{self._row_text}'",
                    f"rows have the numbers 1 to {LAST_ROW}; save the workbook as .xlsx again",
                )
            self._row = int(self._row_text)
        else:
            self._row += 1
            self._row_text = str(self._row)
        self._column = 0
        if attributes.get("hidden") in TRUE:
            self.cells.hidden_rows.add(self._row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        # Some programs write an attribute without a value for one that is left out.
        self._kind, self._style = attributes.get("t") or "n", attributes.get("s") or "0"
        self._value = self._formula = None
        address = attributes.get("r")
        if not address:
            self._column += 1
        else:
            # Nearly every address ends in the number of its row.
            letters = address.removesuffix(self._row_text)
            column = self._letters.get(letters)
            if column is None:
                row, column = self._address(address)
                if f"{get_column_letter(column)}{self._row_text}" == address:
                    self._letters[letters] = column
                else:
                    self._row, self._row_text = row, str(row)
            self._column = column
        if self._column > LAST_COLUMN or self._row > LAST_ROW:
            raise self._beyond(f"row {self._row}, column {self._column}")

    def _address(self, address: str) -> tuple[int, int]:
        try:
            letters, row = coordinate_from_string(address)
            column = int(column_index_from_string(letters))
        except (CellCoordinatesException, ValueError) as error:
            raise self._beyond(address) from error
        if not 0 < row <= LAST_ROW or column > LAST_COLUMN:
            raise self._beyond(address)
        return int(row), column

    def _beyond(self, address: str) -> InputError:
        return InputError(
            f"{self.path}: a cell with the address '{address[:40]}'",
            "addresses are A1 to XFD1048576; save the workbook as .xlsx again",
        )

    def _end_cell(self) -> None:
        value, place = self._value, (self._row, self._column)
        if self._formula is not None:
            has_result = value or (value is not None and self._kind in TEXT_RESULTS)
            if not has_result:
                self.cells.formulas.append((*place, f"={self._formula}"))
            elif value == "0" and self._kind == "n":
                self.cells.zeros.append((*place, f"={self._formula}"))
        if not value:
            return
        cells = self.cells
        cells.rows.append(self._row)
        cells.columns.append(self._column)
        stored = (self._kind, self._style, value)
        cells.codes.append(self.known.setdefault(stored, len(self.known)))
        if len(cells.rows) > MOST_CELLS:
            raise InputError(
                f"{self.path}, row {self._row}: more than {MOST_CELLS} cells down to here",
                "a table of this size is exported as CSV",
            )

    def _merge(self, reference: str) -> None:
        bounds = range_boundaries(reference)
        if None not in bounds:
            first, top, last, bottom = map(int, bounds)
            self.cells.merged.append((first, top, last, bottom))
