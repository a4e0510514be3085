"""Workbooks made by hand for tests: the XML of a sheet in a package of few parts."""

import zipfile
from pathlib import Path

from export_files import export_entry
from owncontrol.findings.finding import Finding
from owncontrol.ingest.readers import RawTable, read_export

TRANSITIONAL = "http://schemas.openxmlformats.org"
MAIN = f"{TRANSITIONAL}/spreadsheetml/2006/main"
OFFICE = f"{TRANSITIONAL}/officeDocument/2006/relationships"
LINKS = f"{TRANSITIONAL}/package/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def link(key: str, kind: str, target: str, office: str = OFFICE) -> str:
    """One relationship."""
    return f'<Relationship Id="{key}" Type="{office}/{kind}" Target="{target}"/>'


def links(*each: str) -> str:
    """A part of relationships."""
    return f'<Relationships xmlns="{LINKS}">{"".join(each)}</Relationships>'


def sheet(rows: str, after: str = "", before: str = "", main: str = MAIN) -> str:
    """A sheet's part around its rows."""
    return f'<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def styles(*formats: str) -> str:
    """A part of styles, the first one General, the others with these number formats."""
    declared = "".join(
        f'<numFmt numFmtId="{164 + place}" formatCode="{code}"/>'
        for place, code in enumerate(formats)
    )
    numbers = [0, *range(164, 164 + len(formats))]
    entries = "".join(f'<xf numFmtId="{number}"/>' for number in numbers)
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{declared}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs>{entries}</cellXfs></styleSheet>'
    )


def handmade(
    path: Path,
    page: str | bytes,
    style: str = "",
    texts: str = "",
    about: str = "",
    office: str = OFFICE,
    main: str = MAIN,
    **parts: str | bytes,
) -> Path:
    """Write a workbook with one sheet; ``about``: elements of the workbook before its sheets.

    ``parts``: further parts, or others in place of the usual, with __ for a slash in the name.
    """
    known = [link("r1", "worksheet", "worksheets/sheet1.xml", office)]
    known += [link("r2", "styles", "styles.xml", office)] if style else []
    known += [link("r3", "sharedStrings", "sharedStrings.xml", office)] if texts else []
    content: dict[str, str | bytes] = {
        "_rels/.rels": links(link("r1", "officeDocument", "xl/workbook.xml", office)),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{about}'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": links(*known),
        "xl/worksheets/sheet1.xml": page,
    }
    if style:
        content["xl/styles.xml"] = style
    if texts:
        content["xl/sharedStrings.xml"] = texts
    content |= {name.replace("__", "/"): part for name, part in parts.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in content.items():
            package.writestr(name, part)
    return path


def read_book(path: Path, **given: object) -> RawTable:
    """The workbook as the workflow reads it."""
    return read_export(path, export_entry(path.name, format="excel", **given))


def rows_of(raw: RawTable) -> dict[int, tuple[str, ...]]:
    """The texts of each row."""
    texts = raw.cells.astype("str").itertuples(index=False)
    return {int(row): tuple(cells) for row, cells in zip(raw.cells.index, texts, strict=True)}


def found_in(raw: RawTable) -> list[tuple[int | None, str, str, str, str]]:
    """Place, value, rule and severity of each finding."""
    every: list[Finding] = [*raw.findings, *raw.cell_findings]
    return [(f.row, f.column, f.value, f.rule, f.severity) for f in every]
