"""Files made to hang, to burst or to crash: each ends soon, well or in one line.

A file below a megabyte (a workbook: unpacked) takes a second of processor time at most, a larger
one a second more for each megabyte. What is refused is refused with exit code 1 (2 by ``inspect``), one line and a hint.
"""

import contextlib
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from owncontrol.__main__ import main
from owncontrol.analysis.published_rates import read_rates
from owncontrol.cleaning.corrections import COLUMNS, read_corrections
from owncontrol.config import check_config, load_config
from owncontrol.errors import InputError
from owncontrol.estimands import analysis_settings
from owncontrol.instruments import load_instrument
from small_study import CONFIG, FILES, clean_small
from workbook_files import handmade, sheet, styles

from attacks import Attack

MEGABYTE = 2**20
# Of processor time; a file of 60 MB may take a minute of it.
SECONDS, SECONDS_PER_MEGABYTE = 1.0, 1.0
HEAD = '<row r="1"><c r="A1" t="str"><v>a</v></c></row>'
BODY = '<row r="2"><c r="A2"><v>1</v></c></row>'
SMALL = sheet(HEAD + BODY)
DICTIONARY = (
    "Variable / Field Name,Form Name,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels","Branching Logic (Show field only if...)"\n'
)
Act = Callable[[], object]


def _soon(act: Act, size: int) -> str:
    """What is wrong with how long it took, or with what it raised; empty if nothing."""
    begun = time.process_time()
    allowed = SECONDS + SECONDS_PER_MEGABYTE * (size // MEGABYTE)
    try:
        act()
    except InputError as error:
        if "\n" in error.message or not error.hint or len(error.message) > 2000:
            return f"refused in more than a line: {error.message[:200]}"
    spent = time.process_time() - begun
    return f"took {spent:.1f} s for {size} bytes" if spent > allowed else ""


def command(*arguments: str) -> None:
    """Call a command. InputError where it refuses; RuntimeError at an error of the program."""
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = main(list(arguments))
    text = said.getvalue()
    if code not in (0, 1, 2):
        raise RuntimeError(f"ended with {code}: {text[-300:]}")
    if code:
        error = text[text.find("error: ") :].strip()
        message, _, hint = error.partition("\n  Hint: ")
        raise InputError(message, hint or "in the same line")


def _looks(name: str, content: Callable[[Path], object], *commands: str) -> list[Attack]:
    """An attack for each command that looks at such a file."""
    return [
        Attack(f"{name}: {each}", lambda folder, each=each: _look(folder, each, content))
        for each in commands or ("inspect", "suggest-mapping", "new-study", "score-isncsci")
    ]


def _look(folder: Path, name: str, content: Callable[[Path], object]) -> str:
    made = content(folder)
    path = made if isinstance(made, Path) else next(folder.iterdir())
    arguments = {"new-study": ["trial", "--from", str(path)]}.get(name, [str(path)])
    return _soon(lambda: command(name, *arguments), _size(path))


def _size(path: Path) -> int:
    """Bytes of a file; of a workbook those that it unpacks to, as far as they are read."""
    if not zipfile.is_zipfile(path):
        return path.stat().st_size
    with zipfile.ZipFile(path) as package:
        return min(sum(part.file_size for part in package.infolist()), 20 * MEGABYTE)


def _text(content: Callable[[], str | bytes], name: str = "x.csv") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        made = content()
        (folder / name).write_bytes(made if isinstance(made, bytes) else made.encode())
        return folder / name

    return write


def _book(page: Callable[[], str], **parts: Any) -> Callable[[Path], Path]:
    given = {key: value() if callable(value) else value for key, value in parts.items()}
    return lambda folder: handmade(folder / "x.xlsx", page(), **given)


def _far(cells: str) -> str:
    return sheet(HEAD + cells)


def _workbooks() -> list[Attack]:
    rows = range(2, 100_000)
    cases: dict[str, Callable[[Path], Path]] = {
        "tags that end in a blank": _book(
            lambda: sheet("<row >" + "<c ><v >1</v ></c >" * 16_000 + "</row >")
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
        "a column of its own for each of 16384 cells": _book(
            lambda: _far("<row>" + "<c><v>1</v></c>" * 16384 + "</row>")
        ),
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
        each
        for name, made in cases.items()
        for each in _looks(f"workbook: {name}", made, "inspect")
    ]
    for name in ("one cell in the last row", "tags that end in a blank", "17 million cells"):
        found += _looks(f"workbook: {name}", cases[name], "suggest-mapping", "new-study")
    found += _looks("workbook: 5,000 hidden sheets", _many_sheets, "inspect", "suggest-mapping")
    found += _looks("workbook: 50,000 parts", _many_parts, "inspect")
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


def _cells(text: str) -> str:
    """A table of five codes, each beside the same cell."""
    return "code,a\n" + "".join(f"P{number},{text}\n" for number in range(5))


def _delimited() -> list[Attack]:
    cases: dict[str, Callable[[], str | bytes]] = {
        "100,000 columns": lambda: ",".join(f"c{n}" for n in range(100_000)) + "\n" + "," * 99_999,
        "a million columns": lambda: ",".join(f"c{n}" for n in range(10**6)) + "\n" + "," * 999_999,
        "a million delimiters in the header": lambda: "," * 10**6 + "\n1\n",
        "a million delimiters in a row": lambda: "a,b\n" + "," * 10**6 + "\n",
        "a million quotes": lambda: "a,b\n" + '"' * 10**6,
        "a million quotes in pairs of lines": lambda: "a,b\n" + '"\n' * 300_000,
        "a quote that never ends": lambda: 'a,b\n1,"' + "x\n" * 400_000,
        "rows of any length": lambda: "a,b\n" + "".join("," * (n % 9) + "\n" for n in range(100_000)),
        "one cell of 60 MB": lambda: "a,b\n1," + "x" * 60_000_000 + "\n",
        "one line of 70 MB": lambda: "a" * 70_000_000,
        "blank lines": lambda: "a,b\n" + "\n" * 900_000,
        "carriage returns": lambda: "a,b\r" + "\r" * 900_000,
        "the header 100,000 times": lambda: "a,b\n" * 100_000,
        "doubled names": lambda: ",".join(["a"] * 50_000) + "\n",
        "names alike but for the end": lambda: ",".join("a" * 60 + str(n) for n in range(5_000)) + "\n1",
        "names of one long word": lambda: "a" * 500_000 + ",b\n1,2\n",
        "names of capitals and small letters": lambda: "aB" * 250_000 + ",b\n1,2\n",
        "a cell of at signs": lambda: _cells(f"{'@' * 90_000}"),
        "a cell of digits and blanks": lambda: _cells(f"{'1 ' * 45_000}"),
        "a cell of dots": lambda: _cells(f"a@{'a.' * 45_000}"),
        "a cell of brackets": lambda: _cells(f"{'<a' * 45_000}"),
        "a cell of signs before a number": lambda: _cells(f"{'-' * 90_000}1"),
        "a cell of invisible signs": lambda: _cells(f"{chr(0x200b) * 30_000}"),
        "a cell of combining signs": lambda: _cells(f"a{chr(0x301) * 40_000}"),
        "a cell of flags": lambda: _cells(f"{chr(0x1f3f4)}{chr(0xe0067) * 20_000}"),
        "a number of a long exponent": lambda: _cells(f"1e{'9' * 90_000}"),
        "numbers with large exponents": lambda: "code,a\n" + "".join(f"P{n},1e999999999\n" for n in range(5_000)),
        "a number of 500,000 digits": lambda: "code,a\nP1," + "9" * 500_000 + "\n",
        "a separator line of a long sign": lambda: "sep=" + "=" * 500_000 + "\na,b\n",
        "bytes of every kind": lambda: b"a,b\n" + bytes(range(1, 256)) * 3_000,
        "bytes that fit many encodings": lambda: b"a,b\n" + b"\x83\x41\xe9\x81," * 100_000,
        "100,000 codes that are alike": lambda: "subject_id,visit\n" + "".join(f"P{n:06},v{n}\n" for n in range(60_000)),
        "dates in every form": lambda: "subject_id,day\n" + "".join(f"P{n},{n % 31 + 1}/{n % 12 + 1}/20{n % 90 + 10}\n" for n in range(50_000)),
    }  # fmt: skip
    return [each for name, made in cases.items() for each in _looks(f"text: {name}", _text(made))]


def _dictionaries() -> list[Attack]:
    cases = {
        "500,000 choices": 'a,f,radio,A,"' + "|".join(f"{n},x" for n in range(50_000)) + '",\n',
        "choices of bars": 'a,f,radio,A,"' + "|" * 500_000 + '",\n',
        "choices of commas": 'a,f,radio,A,"' + "," * 500_000 + '",\n',
        "choices with one label": 'a,f,radio,A,"' + "|".join(f"{n},x" for n in range(20_000)) + '",\n',
        "a branching logic of brackets": 'a,f,text,A,,"' + "[" * 500_000 + '"\n',
        "a label of tags": f'a,f,text,"{"<a " * 200_000}",,\n',
        "a label of comments": f'a,f,text,"{"<!--" * 200_000}",,\n',
        "30,000 fields": "".join(f"field{n},form{n},text,Label {n},,\n" for n in range(10_000)),
        "fields alike but for the end": "".join(f"{'a' * 60}{n},f,text,L{n},,\n" for n in range(3_000)),
        "labels alike but for the end": "".join(f"a{n},f,text,{'word ' * 12}{n},,\n" for n in range(3_000)),
    }  # fmt: skip

    def attack(rows: str, labelled: bool, folder: Path) -> str:
        (folder / "dictionary.csv").write_text(DICTIONARY + rows, "utf-8")
        columns = ",".join(
            f"{'word ' * 12}x{n}" if labelled else f"{'a' * 60}x{n}" for n in range(300)
        )
        (folder / "x.csv").write_text(f"record_id,{columns}\n1{',2' * 300}\n", "utf-8")
        size = len(rows)
        options = ["--labelled"] if labelled else []
        return _soon(
            lambda: command("inspect", "x.csv", "--dictionary", "dictionary.csv", *options), size
        ) or _soon(
            lambda: command("suggest-mapping", "x.csv", "--dictionary", "dictionary.csv"), size
        )

    return [
        Attack(
            f"data dictionary: {name}, {'labels' if labelled else 'codes'}",
            lambda folder, rows=rows, labelled=labelled: attack(rows, labelled, folder),
        )
        for name, rows in cases.items()
        for labelled in (False, True)
    ]


def _configurations() -> list[Attack]:
    cases: dict[str, str | Callable[[], str]] = {
        "brackets 100,000 deep": "a: " + "[" * 100_000,
        "braces 50,000 deep": "a: " + "{a: " * 50_000,
        "lists 100,000 deep": "- " * 100_000,
        "keys 3,000 deep": "\n".join(" " * n + "a:" for n in range(1_300)),
        "complex keys 50,000 deep": "? " * 50_000,
        "an alias of itself": "a: &a [*a]",
        "a merge of itself": "a: &a {<<: *a}",
        "aliases of aliases": "a0: &a0 [1]\n"
        + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20)),
        "merges of merges": "a0: &a0 {x: 1}\n"
        + "".join(f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 9)}], k{n}: 1}}\n" for n in range(1, 20)),
        "a wide merge": "a: &a {" + ",".join(f"k{n}: 1" for n in range(20_000)) + "}\nb: {<<: ["
        + ",".join(["*a"] * 20_000) + "]}",
        "100,000 keys": "\n".join(f"k{n}: 1" for n in range(90_000)),
        "a number of 100,000 digits": "level: " + "9" * 100_000,
        "a number to the base 60": "level: 1" + ":1" * 100_000,
        "a text of 900,000 quotes": "a: '" + "'" * 900_001,
        "a date that is none": "a: 2021-02-30",
        "a tag before what is none": "a: !!int x",
        "a tag of an object": "a: !!python/object/apply:os.system [touch A]",
        "bytes that are no text": "a: \udcff",
    }  # fmt: skip

    def attack(text: str | Callable[[], str], folder: Path) -> str:
        content = (text() if callable(text) else text).encode("utf-8", "surrogateescape")
        (folder / "config.yaml").write_bytes(content)
        said = _soon(lambda: analysis_settings(load_config({}, folder)), len(content))
        if said:
            return said
        (folder / "x.yaml").write_bytes(content)
        return _soon(lambda: load_instrument(folder / "x.yaml"), len(content))

    found = [
        Attack(f"configuration: {name}", lambda folder, text=text: attack(text, folder))
        for name, text in cases.items()
    ]
    return found + [
        Attack(f"configuration: {name}", lambda folder, change=change: _changed(folder, change))
        for name, change in _changes().items()
    ]


def _changes() -> dict[str, Callable[[dict[str, Any]], None]]:
    visit = CONFIG["visits"][0]
    nested = [
        "(P+)+$",
        "(P|P)*$",
        "(P*)*$",
        "(.*)*$",
        "(P|P[0-9]?)+$",
        "((P+)+)+$",
        "(.*.*.*.*.*.*)x",
    ]
    nested += [r"(\w+\s?)*$", "(?:P+){10,}$", "(?=(P+)+$)P.*", r"^(P+)*\1$", "(?:(?:P?)*)*x"]

    def pattern(text: str) -> Callable[[dict[str, Any]], None]:
        return lambda config: config["subject_id"].update(pattern=text)

    changes = {f"a code's pattern {text}": pattern(text) for text in nested}
    changes["a pattern that is none"] = pattern("(P")
    changes["a pattern of 100,000 brackets"] = pattern("(" * 100_000 + ")" * 100_000)
    changes["a pattern of 1,000 brackets"] = pattern("(" * 499 + ")" * 499)
    changes["a pattern of a million choices"] = pattern("|".join(["P"] * 500_000))
    changes["a pattern that repeats a repetition"] = pattern("((P{0,999}){0,999}){0,999}x")
    changes["a row's pattern"] = lambda config: config["exports"]["people"].update(
        not_data=["(P+)+$"]
    )
    changes["a cell's pattern"] = lambda config: config["exports"]["events"]["tables"][
        "adverse_events"
    ].update(permitted={"term": {"pattern": "(P+)+$"}})
    changes["a column's pattern"] = lambda config: config["exports"]["walks"]["tables"][
        "wisci2"
    ].update(patterns=[{"raw": "(P+)+$", "column": "{1}"}])
    changes["100,000 visits"] = lambda config: config.update(
        visits=[{**visit, "name": f"v{n}"} for n in range(5_000)] + config["visits"]
    )
    changes["3,000 endpoints"] = lambda config: config.update(
        endpoints=[{**config["endpoints"][0], "name": f"e{n}"} for n in range(2_000)]
    )
    changes["a key that nobody knows, of 100,000 letters"] = lambda config: config.update(
        {"tite" * 25_000: 1}
    )
    changes["a date's form of 100,000 signs"] = lambda config: config["exports"]["people"].update(
        dates=["%d" * 50_000]
    )
    changes["dates in forms that are none"] = lambda config: config["exports"]["people"].update(
        dates=["%y%y", "%", "%Q", "(a+)+$", "%d%d%d"]
    )
    return changes


def _changed(folder: Path, change: Callable[[dict[str, Any]], None]) -> str:
    """A small study with a changed configuration, over codes that a bad pattern hangs on."""
    from copy import deepcopy

    config = deepcopy(CONFIG)
    change(config)
    bad = "P" * 40 + "!"
    for name, text in FILES.items():
        (folder / name).write_text(text + (f"{bad},1\n" if name == "people.csv" else ""), "utf-8")
        if name == "events.csv":
            (folder / name).write_text(text.replace("Cystitis", bad), "utf-8")
        if name == "walks.csv":
            (folder / name).write_text(text.replace("note", bad), "utf-8")
        if name == "people.csv":
            (folder / name).write_text(text.replace("P2", bad), "utf-8")

    def run() -> None:
        check_config(config, "config.yaml")
        clean_small(folder, **config)

    # Reading a small study takes half a second by itself.
    return _soon(run, 2 * MEGABYTE)


def _records() -> list[Attack]:
    row = "people.csv,id=P1,sex,1,2,typed,me,2021-01-01\n"
    head = ",".join(COLUMNS) + "\n"

    def corrections(text: str, folder: Path) -> str:
        (folder / "corrections.csv").write_text(text, "utf-8")
        return _soon(lambda: read_corrections(folder / "corrections.csv"), len(text))

    def rates(text: str, folder: Path) -> str:
        (folder / "rates.csv").write_text(text, "utf-8")
        return _soon(lambda: read_rates(folder / "rates.csv"), len(text))

    def manifest(text: str, folder: Path) -> str:
        (folder / "MANIFEST").write_text(text, "utf-8")
        (folder / "a.csv").write_text("a\n", "utf-8")
        return _soon(lambda: command("manifest", str(folder)), len(text))

    long = "people.csv," + "id=P1;" * 50_000 + ",sex,1,2,typed,me,2021-01-01\n"
    found = [
        Attack(f"corrections: {name}", lambda folder, text=text: corrections(text, folder))
        for name, text in {
            "a million lines of one correction": head + row * 100_000,
            "a row key of 50,000 parts": head + long,
            "quotes that never end": head + 'people.csv,"' + "x\n" * 300_000,
            "a million delimiters": head + "," * 10**6,
            "no column": "\n" * 10**6,
        }.items()
    ]
    found += [
        Attack(f"published rates: {name}", lambda folder, text=text: rates(text, folder))
        for name, text in {
            "a million delimiters": "," * 10**6,
            "a quote that never ends": 'source,n\n"' + "x\n" * 300_000,
            "nothing": "",
            "100,000 empty rows": "source,n\n" + ",\n" * 100_000,
        }.items()
    ]
    return found + [
        Attack(f"MANIFEST: {name}", lambda folder, text=text: manifest(text, folder))
        for name, text in {
            "100,000 files": ("0" * 64 + "  x.csv\n") * 100_000,
            "a name of 900,000 letters": "0" * 64 + "  " + "x" * 900_000 + "\n",
        }.items()
    ]


def _statistical() -> list[Attack]:
    """Headers that claim more than there is."""
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    writers = {
        "sav": pyreadstat.write_sav,
        "dta": pyreadstat.write_dta,
        "xpt": pyreadstat.write_xport,
    }

    def attack(kind: str, seed: int, folder: Path) -> str:
        import random

        path = folder / f"x.{kind}"
        writers[kind](frame, str(path))
        content = bytearray(path.read_bytes())
        rng = random.Random(seed)
        for _ in range(40):
            broken = bytearray(content)
            at = rng.randrange(min(len(broken) - 8, 700))
            broken[at : at + 4] = rng.choice(
                [b"\xff\xff\xff\x7f", b"\x7f\xff\xff\xff", b"\xff" * 4]
            )
            path.write_bytes(broken)
            said = _soon(lambda: command("inspect", str(path)), 0)
            if said:
                return said
        return ""

    return [
        Attack(
            f"{kind}: counts of billions, {seed}",
            lambda folder, k=kind, s=seed: attack(k, s, folder),
        )
        for kind in writers
        for seed in (1, 2, 3)
    ]


def attacks() -> list[Attack]:
    """Files, configurations and records that are made to hang, to burst or to crash."""
    return [
        *_workbooks(),
        *_delimited(),
        *_dictionaries(),
        *_configurations(),
        *_records(),
        *_statistical(),
    ]
