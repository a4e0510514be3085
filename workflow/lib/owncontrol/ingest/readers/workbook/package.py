"""The package of a workbook: a zip file whose parts are XML, and links between the parts."""

import posixpath
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol
from urllib.parse import unquote
from xml.parsers import expat

from owncontrol.errors import InputError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
LINK_IDS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
# A sheet of 100,000 rows and 50 columns unpacks to 200 MB; what has more is exported as text.
MOST_BYTES = 2**30
# Sheets of cells with addresses pack to a twentieth, whatever they hold (a constant in 5,000,000
# cells: to a fourteenth), and have an element in each packed byte; measured with xlsxwriter and
# openpyxl. A part made to burst packs to a thousandth.
MOST_PACKED, BURST_BYTES = 100, 2**24
MOST_ELEMENTS, BURST_ELEMENTS = 4, 2_000_000
CHUNK = 2**16
BURST = "save it again in a spreadsheet program; if it is as large as that, export it as CSV"


class Handler(Protocol):
    """What takes the elements of a part; names are 'namespace local', or without a namespace."""

    elements: int

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def text(self, data: str) -> None:
        """Take a piece of text."""


@dataclass(frozen=True)
class Link:
    """A relationship of a part: the last word of its type (worksheet, styles), and its target."""

    kind: str
    target: str


@contextmanager
def as_input_error(path: Path) -> Iterator[None]:
    """Whatever a damaged workbook makes its reader raise, as one line."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # errors of zip, zlib, expat and of decoding come through
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{path}: cannot be read as a workbook ({reason[:200]})",
            "open it in a spreadsheet program and save it as .xlsx again, or export the file again",
        ) from error


class Package:
    """An open workbook file. Raises InputError where it is no package, damaged or made to burst."""

    def __init__(self, path: Path) -> None:
        """Open the file and check all its parts: each has a sum, and not all are read later."""
        self.path = path
        self._file = path.open("rb")
        try:
            if not zipfile.is_zipfile(self._file):
                raise InputError(
                    f"{path}: a workbook that is cut short",
                    "the copy or download was not complete; get the file again",
                )
            self._zip = zipfile.ZipFile(self._file)
            self._check()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Package":
        """Stay open for a while."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def _check(self) -> None:
        infos = self._zip.infolist()
        names = [_plain(info.filename) for info in infos]
        self._parts = dict(zip(names, infos, strict=True))
        # Names of parts are equal whatever the case of their letters (ISO/IEC 29500-2, 6.2.2).
        if len({name.lower() for name in names}) < len(names):
            twice, _ = Counter(name.lower() for name in names).most_common(1)[0]
            raise InputError(
                f"{self.path}: its part {twice} is in the package twice",
                "open it in a spreadsheet program and save it as .xlsx again",
            )
        if any(info.flag_bits & 1 for info in infos):
            raise InputError(
                f"{self.path}: its parts are locked with a password",
                "unpack the file with the password and save the workbook without one",
            )
        size = sum(info.file_size for info in infos)
        packed = sum(info.compress_size for info in infos)
        if size > MOST_BYTES or any(_bursts(info.file_size, info.compress_size) for info in infos):
            raise InputError(
                f"{self.path}: {packed} bytes that unpack to {size}",
                BURST,
            )
        damaged = self._zip.testzip()
        if damaged:
            raise zipfile.BadZipFile(f"its part {damaged} is damaged")

    def find(self, name: str) -> str:
        """The part of that name as the package spells it; '' where there is none."""
        wanted = _plain(name)
        if wanted not in self._parts and unquote(wanted) in self._parts:
            return unquote(wanted)
        if wanted in self._parts:
            return wanted
        # As above.
        return next((part for part in self._parts if part.lower() == wanted.lower()), "")

    def links(self, part: str) -> dict[str, Link]:
        """The relationships of a part by their id; those of the package where it is ''."""
        folder, name = posixpath.split(part)
        taker = _Links(folder)
        self.parse(
            posixpath.join(folder, "_rels", f"{name}.rels"), (LINKS,), "Relationships", taker
        )
        return taker.found

    def parse(self, part: str, namespaces: tuple[str, ...], root: str, taker: Handler) -> None:
        """Stream the elements of a part to ``taker``; ``root``: what its first element must be.

        Raises InputError where the part is missing, declares a document type (with which XML can
        unfold to any size), or has more elements than its packed bytes can hold.
        """
        name = self.find(part)
        if not name:
            raise InputError(
                f"{self.path}: its part {part} is missing",
                "the file is cut or damaged; export it again",
            )
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True

        def first(tag: str, attributes: dict[str, str]) -> None:
            if tag not in [f"{namespace} {root}" for namespace in namespaces]:
                raise ValueError(f"its part {name} begins with the element '{tag}', not '{root}'")
            parser.StartElementHandler = taker.start
            taker.start(tag, attributes)

        def doctype(*_: object) -> None:
            raise InputError(
                f"{self.path}: its part {name} declares a document type",
                "open it in a spreadsheet program and save it as .xlsx again",
            )

        parser.StartElementHandler = first
        parser.EndElementHandler = taker.end
        parser.CharacterDataHandler = taker.text
        parser.StartDoctypeDeclHandler = doctype
        try:
            self._stream(name, parser, taker)
        except expat.ExpatError as error:
            raise ValueError(f"its part {name}: {error}") from error

    def _stream(self, name: str, parser: expat.XMLParserType, taker: Handler) -> None:
        with self._zip.open(self._parts[name]) as source:
            begin = self._file.tell()
            while chunk := source.read(CHUNK):
                parser.Parse(chunk, False)
                # The position in the file tells how many packed bytes gave these elements.
                packed = self._file.tell() - begin + CHUNK
                if taker.elements > max(BURST_ELEMENTS, MOST_ELEMENTS * packed):
                    raise InputError(
                        f"{self.path}: {taker.elements} elements unpack from {packed} bytes of "
                        f"its part {name}",
                        BURST,
                    )
            parser.Parse(b"", True)


class _Links:
    """Takes the relationships of a part."""

    def __init__(self, folder: str) -> None:
        self.elements = 0
        self.found: dict[str, Link] = {}
        self._folder = folder

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if name == f"{LINKS} Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.join("/", self._folder, attributes.get("Target", ""))
            kind = attributes.get("Type", "").rstrip("/").rpartition("/")[2]
            link = Link(kind, posixpath.normpath(target).lstrip("/"))
            if self.found.setdefault(attributes.get("Id", ""), link) != link:
                raise ValueError(f"two of its links have the Id '{attributes.get('Id', '')}'")

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


def _plain(name: str) -> str:
    """A part's name without the leading slash, with slashes where a program wrote backslashes."""
    return name.replace("\\", "/").lstrip("/")


def _bursts(size: int, packed: int) -> bool:
    return size > BURST_BYTES and size > MOST_PACKED * max(1, packed)
