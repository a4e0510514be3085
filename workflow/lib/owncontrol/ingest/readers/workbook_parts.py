"""What a workbook's cells alone do not say: merged cells, formulas without a value, the epoch.

Read from the parts of the .xlsx file (Office Open XML, ECMA-376), because a reader of values
passes over them.
"""

import datetime
import re
import zipfile
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELL = re.compile(rb'<c\s[^>]*?\br="([A-Z]+[0-9]+)"[^>]*?(?:/>|>(.*?)</c>)', re.DOTALL)
FORMULA = re.compile(rb"<f(?:\s[^>]*)?(?:/>|>(.*?)</f>)", re.DOTALL)
VALUE = re.compile(rb"<v>[^<]|<t[ >]")
MERGED = re.compile(rb'<mergeCell\s[^>]*?ref="([A-Z0-9:]+)"')
# Day 60 of the 1900 system is 29 February 1900, which never was; from day 61 on, day 0 is this.
EPOCH_1900, EPOCH_1904 = datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1)
SERIAL = re.compile(r"\d{1,6}(\.\d+)?")


def sheet_xml(path: Path | str, sheet: str) -> bytes:
    """The XML of a sheet by its name, of the first one where the name is empty."""
    with zipfile.ZipFile(path) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        pages = [page for page in book.iter() if page.tag in (f"{MAIN}sheet", f"{STRICT}sheet")]
        page = next(page for page in pages if sheet in ("", page.get("name")))
        target = targets[page.get(RELATION) or ""]
        name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        return archive.read(str(PurePosixPath(name)))


def merged_ranges(xml: bytes) -> list[tuple[int, int, int, int]]:
    """Merged cells of a sheet: first column, first row, last column, last row, counted from 1."""
    bounds = [range_boundaries(ref.decode("ascii")) for ref in MERGED.findall(xml)]
    return [(int(a), int(b), int(c), int(d)) for a, b, c, d in bounds if None not in (a, b, c, d)]


def formulas_without_value(xml: bytes) -> list[tuple[int, int, str]]:
    """Row, column (from 1) and text of each formula whose result the file does not hold.

    A program that calculates stores the result beside the formula; one that only writes files
    does not, and the cell then reads as empty.
    """
    if not re.search(rb"<f[ >/]", xml):
        return []
    found = []
    for match in CELL.finditer(xml):
        formula = FORMULA.search(match.group(2) or b"")
        if formula and not VALUE.search(match.group(2)):
            row, column = coordinate_to_tuple(match.group(1).decode("ascii"))
            found.append((row, column, f"={(formula.group(1) or b'').decode('utf-8')}"))
    return found


def epoch(path: Path | str) -> datetime.datetime:
    """Day 0 of the numbers that stand for dates in this workbook (ISO/IEC 29500-1, 18.17.4)."""
    with zipfile.ZipFile(path) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    for part in book:
        if part.tag in (f"{MAIN}workbookPr", f"{STRICT}workbookPr"):
            return EPOCH_1904 if part.get("date1904") in ("1", "true") else EPOCH_1900
    return EPOCH_1900


def date_of_number(text: str, start: datetime.datetime) -> str:
    """A number of days as the date it stands for, ISO 8601; any other text as it is."""
    plain = text.strip()
    if not SERIAL.fullmatch(plain) or (start == EPOCH_1900 and float(plain) < 61):
        return text
    moment = start + datetime.timedelta(minutes=round(float(plain) * 1440))
    midnight = moment.time() == datetime.time()
    return moment.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")


def fill_merged(rows: list[list[str]], ranges: list[tuple[int, int, int, int]]) -> None:
    """Write the text of each merged range into all its cells in ``rows`` (the sheet's first)."""
    for left, top, right, bottom in ranges:
        if top > len(rows):
            continue
        text = rows[top - 1][left - 1] if left <= len(rows[top - 1]) else ""
        for row in rows[top - 1 : bottom]:
            for column in range(left - 1, min(right, len(row))):
                row[column] = text


def joined_header(rows: list[list[str]]) -> list[str]:
    """One name a column from several header rows: their texts in order, each once, a space between.

    An empty cell of an upper row that is not merged adds nothing.
    """
    width = max(map(len, rows), default=0)
    names = []
    for column in range(width):
        parts = [row[column].strip() if column < len(row) else "" for row in rows]
        names.append(" ".join(dict.fromkeys(part for part in parts if part)))
    return names
