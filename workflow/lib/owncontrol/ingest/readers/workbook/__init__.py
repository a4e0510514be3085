"""Workbooks (.xlsx, .xlsm): one reader, on an XML parser that streams.

``package`` opens the file and its parts, ``book`` knows the sheets, texts and number formats,
``sheet`` gives each cell as stored, ``number_formats`` and ``values`` decide its text, ``table``
puts the grid together. The parts and elements are those of Office Open XML (ISO/IEC 29500-1),
Transitional and Strict. Formulas are never evaluated; the stored result counts.
"""

from pathlib import Path

from owncontrol.errors import InputError
from owncontrol.ingest.readers.file_formats import check_format
from owncontrol.ingest.readers.grid import Grid
from owncontrol.ingest.readers.workbook.book import Book, Sheet
from owncontrol.ingest.readers.workbook.package import Package, as_input_error
from owncontrol.ingest.readers.workbook.sheet import read_cells
from owncontrol.ingest.readers.workbook.stored_values import date_of_serial
from owncontrol.ingest.readers.workbook.table import grid_of_cells

__all__ = ["Sheet", "date_of_serial", "read_sheet", "sheets"]


def read_sheet(path: Path, sheet: str) -> Grid:
    """Read one sheet (the first visible worksheet where ``sheet`` is empty).

    Dates become ISO 8601, whole numbers lose their decimal point, a cell with a percent format
    gives the percentage, and a formula gives the result that is stored with it. Raises InputError
    where the file cannot be read, has no such sheet, or says two things of one cell.
    """
    with as_input_error(path), Package(path) as package:
        book = Book(package)
        page, notes = book.choose(sheet)
        book.read_shared()
        cells = read_cells(package, page.part)
        grid = grid_of_cells(path, cells, book)
        grid.findings += notes
        return grid


def sheets(path: Path | str) -> list[Sheet]:
    """The worksheets of a workbook in their order, each with its name and visibility.

    Chart sheets are left out. Raises InputError where the file is no workbook that can be read,
    or has no worksheet.
    """
    path = Path(path)
    check_format(path, "excel")
    with as_input_error(path), Package(path) as package:
        found = Book(package).sheets
        if not found:
            raise InputError(f"{path}: has no worksheet", "export the file again")
        return found
