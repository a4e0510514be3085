"""Files made to hang, to burst or to crash: each ends soon, well or in one line.

On a quiet machine a file (a workbook: unpacked) takes a second of processor time at most, and two
more for each megabyte that it has. The limits are twice that, since two measurements of one thing
differ; on a machine that is slow at the moment they are larger by as much as it is slow.
What is refused is refused in one line with a hint.
"""

import contextlib
import io
import random
import tempfile
import time
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pyreadstat
from owncontrol.__main__ import main
from owncontrol.errors import InputError
from owncontrol.ingest.readers.grid import MOST_COLUMNS

from attacks import Attack

MEGABYTE = 2**20
# Of processor time; a file of 60 MB may take two minutes of it, and one of 1,000 columns, each of
# which is looked at for what it may be, three seconds.
SECONDS, SECONDS_PER_MEGABYTE, SECONDS_PER_COLUMN = 2.0, 4.0, 0.004
DICTIONARY = (
    "Variable / Field Name,Form Name,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels","Branching Logic (Show field only if...)"\n'
)
Act = Callable[[], object]


def slowness() -> float:
    """How many times as slow as the machine of the limits this one is now; at least 1.

    That one adds two million times in a tenth of a second.
    """
    begun, total = time.process_time(), 0
    for number in range(2_000_000):
        total += number
    return max(1.0, 10 * (time.process_time() - begun))


def soon(act: Act, size: int, columns: int = 0) -> str:
    """What is wrong with how long it took, or with what it raised; empty if nothing.

    ``size``: bytes that are to be read.
    """
    _import_all()
    begun = time.process_time()
    allowed = SECONDS + SECONDS_PER_MEGABYTE * size / MEGABYTE + SECONDS_PER_COLUMN * columns
    try:
        act()
    except InputError as error:
        if "\n" in error.message or not error.hint or len(error.message) > 2000:
            return f"refused in more than a line: {error.message[:200]}"
    spent = time.process_time() - begun
    # How slow the machine is at this moment: others may use it.
    slow = spent > allowed and spent > allowed * slowness()
    return f"took {spent:.1f} s for {size} bytes" if slow else ""


@cache
def _import_all() -> None:
    """Let the commands import what they use, which counts for no attack."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "small.csv"
        file.write_text("record_id,visit\n1,a\n", "utf-8")
        (Path(place) / "dictionary.csv").write_text(f"{DICTIONARY}record_id,f,text,Id,,\n", "utf-8")
        for name in ("inspect", "suggest-mapping"):
            command(name, str(file), "--dictionary", f"{place}/dictionary.csv")


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


def looks(
    name: str, content: Callable[[Path], object], *commands: str, columns: int | None = None
) -> list[Attack]:
    """An attack for each command that looks at such a file.

    ``columns``: how many it has, where it is no delimited text and has many.
    """
    return [
        Attack(f"{name}: {each}", lambda folder, each=each: _look(folder, each, content, columns))
        for each in commands or ("inspect", "suggest-mapping", "new-study", "score-isncsci")
    ]


def _look(folder: Path, name: str, content: Callable[[Path], object], columns: int | None) -> str:
    made = content(folder)
    path = made if isinstance(made, Path) else next(folder.iterdir())
    arguments = {"new-study": ["trial", "--from", str(path)]}.get(name, [str(path)])
    columns = _columns(path) if columns is None else columns
    return soon(lambda: command(name, *arguments), _size(path), columns)


def _columns(path: Path) -> int:
    """Columns of a delimited text, as far as a table may have so many."""
    with path.open("rb") as file:
        return min(file.readline(10 * MEGABYTE).count(b","), MOST_COLUMNS)


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
        "names alike but for the end": lambda: ",".join("a" * 60 + str(n) for n in range(1_000)) + "\n1",
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
    return [each for name, made in cases.items() for each in looks(f"text: {name}", _text(made))]


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
        return soon(
            lambda: command("inspect", "x.csv", "--dictionary", "dictionary.csv", *options), size
        ) or soon(
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


def _statistical() -> list[Attack]:
    """Headers that claim more than there is."""
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    writers = {
        "sav": pyreadstat.write_sav,
        "dta": pyreadstat.write_dta,
        "xpt": pyreadstat.write_xport,
    }

    def attack(kind: str, seed: int, folder: Path) -> str:
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
            said = soon(lambda: command("inspect", str(path)), 0)
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
    """Texts, data dictionaries and files of statistics programs."""
    return [
        *_delimited(),
        *_dictionaries(),
        *_statistical(),
    ]
