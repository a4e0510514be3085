"""Workbooks made to hang, to burst or to crash: each ends soon, well or in one line."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbook_files import handmade, sheet, styles

from attacks import Attack
from attacks.files import looks

HEAD = '<row r="1"><c r="A1" t="str"><v>a</v></c></row>'
BODY = '<row r="2"><c r="A2"><v>1</v></c></row>'
SMALL = sheet(HEAD + BODY)


def _book(page: Callable[[], str], **parts: Any) -> Callable[[Path], Path]:
    given = {key: value() if callable(value) else value for key, value in parts.items()}
    return lambda folder: handmade(folder / "x.xlsx", page(), **given)


def _far(cells: str) -> str:
    return sheet(HEAD + cells)


def attacks() -> list[Attack]:
    """Each as the commands meet it."""
    rows = range(2, 100_000)
    cases: dict[str, Callable[[Path], Path]] = {
        "tags that end in a blank": _book(
            lambda: sheet("<row >" + "<c ><v >1</v ></c >" * 1_500 + "</row >")
        ),
        "17 million cells": _book(
            lambda: _far(("<row>" + "<c><v>1</v></c>" * 17 + "</row>") * 10**6)
        ),
        "100,000 rows of one cell": _book(
            lambda: _far("".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in rows))
        ),
        "rows 1 and 1048576, columns to XFD": _book(
            lambda: _far('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
        ),
        "one cell in the last row": _book(
            lambda: _far('<row r="1048576"><c r="A1048576"><v>1</v></c></row>')
        ),
        "a row of 16385 cells": _book(lambda: _far("<row>" + "<c><v>1</v></c>" * 16385 + "</row>")),
        "the whole sheet merged": _book(
            lambda: sheet(HEAD + BODY, '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
        ),
        "200,000 merged areas": _book(
            lambda: sheet(
                HEAD + BODY,
                "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 200_000 + "</mergeCells>",
            )
        ),
        "merged areas with odd names": _book(
            lambda: sheet(
                HEAD + BODY,
                "<mergeCells>"
                + "".join(
                    f'<mergeCell ref="{ref}"/>' for ref in ("", "A", "1", ":", "A1:", "A1" * 9999)
                )
                + "</mergeCells>",
            )
        ),
        "a dimension that lies": _book(
            lambda: SMALL.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
        ),
        "100,000 hidden columns": _book(
            lambda: SMALL.replace(
                "<sheetData>",
                "<cols>"
                + '<col min="1" max="99999999999" hidden="1"/>' * 50_000
                + "</cols><sheetData>",
            )
        ),
        "200,000 formulas without a result": _book(
            lambda: _far(
                "".join(f"<row><c><v>1</v></c><c><f>A{n}</f></c></row>" for n in range(10**5))
            )
        ),
        "100,000 styles": _book(
            lambda: SMALL, style=lambda: styles(*(f'0"{n}"' for n in range(100_000)))
        ),
        "a number format of 200,000 brackets": _book(
            lambda: sheet(HEAD + '<row r="2"><c r="A2" s="1"><v>1</v></c></row>'),
            style=lambda: styles("[" * 200_000),
        ),
        "a number format of 200,000 quotes": _book(
            lambda: sheet(HEAD + '<row r="2"><c r="A2" s="1"><v>1</v></c></row>'),
            style=lambda: styles("&quot;&quot;" * 100_000 + "&quot;"),
        ),
        "a million shared texts": _book(
            lambda: sheet(HEAD + '<row r="2"><c r="A2" t="s"><v>999999</v></c></row>'),
            texts=lambda: _shared("".join(f"<si><t>{n}</t></si>" for n in range(10**6))),
        ),
        "a shared text of 100,000 runs": _book(
            lambda: sheet(HEAD + '<row r="2"><c r="A2" t="s"><v>0</v></c></row>'),
            texts=lambda: _shared("<si>" + "<r><t>x</t></r>" * 100_000 + "</si>"),
        ),
        "a text of half-written escapes": _book(
            lambda: _far('<row><c t="str"><v>' + "_x00" * 200_000 + "</v></c></row>")
        ),
        "elements inside each other, 100,000 deep": _book(
            lambda: sheet(HEAD + BODY, "<x>" * 100_000 + "</x>" * 100_000)
        ),
        "an element with 100,000 attributes": _book(
            lambda: sheet(HEAD + BODY, "<x " + "".join(f'a{n}="1" ' for n in range(100_000)) + "/>")
        ),
        "a cell with a namespace for each of 50,000 elements": _book(
            lambda: sheet(HEAD + BODY, "".join(f'<x xmlns:p{n}="u{n}"/>' for n in range(50_000)))
        ),
        "a number of 500,000 digits": _book(
            lambda: _far("<row><c><v>" + "1" * 500_000 + "</v></c></row>")
        ),
        "an address of 500,000 letters": _book(
            lambda: _far('<row><c r="' + "A" * 500_000 + '1"><v>1</v></c></row>')
        ),
        "a row with a number of 500,000 digits": _book(
            lambda: _far('<row r="' + "1" * 500_000 + '"><c><v>1</v></c></row>')
        ),
        "a style and a shared text with numbers of 500,000 digits": _book(
            lambda: _far('<row><c t="s"><v>' + "1" * 500_000 + "</v></c></row>")
        ),
    }
    found = [
        each for name, made in cases.items() for each in looks(f"workbook: {name}", made, "inspect")
    ]
    for name, columns in (
        ("one cell in the last row", 1),
        ("tags that end in a blank", 1_500),
        ("17 million cells", 17),
    ):
        made = cases[name]
        proposals = ("suggest-mapping", "new-study")
        found += looks(f"workbook: {name}", made, *proposals, columns=columns)
    found += looks("workbook: 5,000 hidden sheets", _many_sheets, "inspect", "suggest-mapping")
    found += looks("workbook: 50,000 parts", _many_parts, "inspect")
    return found


def _shared(body: str) -> str:
    return f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{body}</sst>'


def _many_sheets(folder: Path) -> Path:
    main_part = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = "".join(
        f'<sheet name="s{n}" sheetId="{n}" state="{"hidden" if n < 5000 else "visible"}" r:id="rId1"/>'
        for n in range(1, 5001)
    )
    book = f'<workbook xmlns="{main_part}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>'
    return _with_part(handmade(folder / "x.xlsx", SMALL), "xl/workbook.xml", book)


def _with_part(path: Path, part: str, content: str) -> Path:
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = content.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, text in parts.items():
            new.writestr(name, text)
    return path


def _many_parts(folder: Path) -> Path:
    path = handmade(folder / "x.xlsx", SMALL)
    with zipfile.ZipFile(path, "a") as package:
        for number in range(5_000):
            package.writestr(f"xl/x{number}.xml", "")
    return path
