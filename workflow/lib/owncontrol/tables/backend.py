"""What every file format of a table can do; each format is one class of the same methods."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from owncontrol.errors import InputError


@dataclass(frozen=True)
class Part:
    """What a file says of one of its parts: the lowest value of a column, columns with a value."""

    lowest: Mapping[str, Any]
    filled: frozenset[str]


# Which parts of a table are wanted, by their place in the file.
Choose = Callable[[list[Part]], list[int]]


class OnDisk:
    """What the formats have in common: the path of a file."""

    def __init__(self, path: Path | str) -> None:
        """Take the path; nothing is read yet."""
        self.path = Path(path)

    def exists(self) -> bool:
        """Whether there is such a file."""
        return self.path.is_file()

    def check(self) -> None:
        """InputError where there is no such file."""
        if not self.exists():
            raise InputError(f"{self.path}: no such file", "run the study to its end first (make)")


class TableFile(Protocol):
    """A table on disk.

    ``format_name`` and ``media_type``: of the format, for whoever describes the file.
    Reading raises InputError where the file is no such table.
    """

    format_name: str
    media_type: str

    def __init__(self, path: Path | str) -> None:
        """Take the path; nothing is read yet."""

    def exists(self) -> bool:
        """Whether there is such a file."""

    def header(self) -> list[str]:
        """The column names; InputError where the file is absent."""

    def read(
        self, schema: str, without: Collection[str] = (), choose: Choose | None = None
    ) -> pd.DataFrame:
        """The table, in the columns and types of its schema.

        ``without``: columns that are left out. ``choose``: the parts that are wanted; a format
        without parts is read whole, so who asks for parts must not mind further rows.
        """

    def read_text(self, without: Collection[str] = ()) -> pd.DataFrame:
        """The table as text throughout; an empty cell is an empty text, 'NA' is the text 'NA'."""

    def read_coded(
        self,
        numbers: Collection[str] = (),
        columns: Collection[str] | None = None,
        where: Mapping[str, Collection[str]] | None = None,
        plain: Collection[str] = (),
    ) -> pd.DataFrame:
        """The table with text in columns of categories, whole ``numbers``, and ``plain`` text.

        Of ``columns`` those that there are, of the rows those that have one of the values of each
        column of ``where``; the rest is not kept in memory.
        """

    def find_rows(
        self, where: Mapping[str, Collection[str]], at_most: int | None = None
    ) -> pd.DataFrame:
        """The rows in which each of these columns has one of its values, as text.

        ``at_most``: how many there can be; reading may stop when they are found. Raises InputError
        where the file is absent.
        """

    def column_parts(self, column: str) -> Iterator[pa.Array]:
        """A column of text in pieces, so that it need not fit in memory."""

    def write(self, frame: pd.DataFrame) -> None:
        """Write a table as a whole: whoever reads the file sees all of it or the one before."""

    def write_parts(self, parts: Iterable[pd.DataFrame]) -> None:
        """Write a table that comes in parts of the same columns."""
