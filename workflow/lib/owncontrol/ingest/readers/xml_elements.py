"""An XML file element by element: streamed by expat, which follows no reference to another file.

A document type, with which XML can unfold to any size, is refused as in workbooks.
"""

import re
from functools import cache
from pathlib import Path
from xml.parsers import expat

from owncontrol.basics.file_names import check_is_file
from owncontrol.errors import InputError

MOST_BYTES = 2**30
MOST_LEVELS = 60  # of elements in each other; a project has a dozen
CHUNK = 2**16


class ElementTaker:
    """Takes elements one after another: a method ``_start_item_def``, ``_end_item_def`` for each.

    ``roots``: what the first element may be, with its namespace. ``texts``: the elements whose text
    is kept for their end.
    """

    roots: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def __init__(self) -> None:
        """Before the first element."""
        self._path: list[str] = []
        self._text = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        name = local(tag)
        if not self._path and tag not in self.roots:
            raise ValueError(f"begins with the element '{name}', not ODM")
        if len(self._path) == MOST_LEVELS:
            raise ValueError(f"over {MOST_LEVELS} elements in each other")
        self._path.append(name)
        self._text = ""
        act = getattr(self, f"_start_{_snake(name)}", None)
        if act is not None:
            # An attribute that a system has added stands in for none of the standard's.
            act(own_names(attributes))

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        name = self._path.pop()
        act = getattr(self, f"_end_{_snake(name)}", None)
        if act is not None:
            act(self._text.strip())
        self._text = ""

    def text(self, data: str) -> None:
        """Take a piece of text."""
        if self._path[-1] in self.texts:
            self._text += data


def take_elements(path: Path, taker: ElementTaker, again: str) -> None:
    """Give a file's elements to ``taker``; ``again``: what to do where it is damaged.

    Raises InputError where it is no XML, has a document type, is too large, or the taker raises
    ValueError.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = taker.start
    parser.EndElementHandler = taker.end
    parser.CharacterDataHandler = taker.text

    def doctype(*_: object) -> None:
        raise InputError(f"{path}: declares a document type", again)

    parser.StartDoctypeDeclHandler = doctype
    check_is_file(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: over 1 GiB", "export the records as CSV")
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except (expat.ExpatError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: cannot be read as XML ({reason})", again) from error
    except LookupError as error:
        place = f"line {parser.CurrentLineNumber}, column {parser.CurrentColumnNumber + 1}"
        raise InputError(f"{path}, {place}: an element out of its place", again) from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", "check the path") from error


def own_names(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes by their names without namespace; of two, the one that has none."""
    added = {local(key): value for key, value in attributes.items() if " " in key}
    return added | {key: value for key, value in attributes.items() if " " not in key}


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(" ")[2]


@cache
def _snake(name: str) -> str:
    """The name of an element as that of a method: ItemDef gives item_def."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()
