"""One corruption of one raw file, and what the operators have in common."""

import random
from dataclasses import dataclass, field
from typing import Any

from mutation.codebook import ANYTHING, CODES, FORMS, Codebook, contradicted_sums
from mutation.files import RawFile, Rows, text

Place = tuple[int | None, str | None]


@dataclass(frozen=True)
class Mutation:
    """A corrupted file.

    ``places``: rows (as counted in the original file) and columns that were touched; None stands
    for all of them. ``origin``: for each row of the new file the row of the original one that it
    was, None for a new one; empty where no row moved. ``breaks``: a rule of the codebook, or the
    form of the file, is broken. ``looks_like``: what the new file says if nobody can tell.
    """

    kind: str
    file: str
    what: str
    content: bytes
    places: frozenset[Place] = frozenset()
    origin: tuple[int | None, ...] = ()
    breaks: bool = True
    looks_like: str = ""


@dataclass
class Draw:
    """What an operator draws from: the file, its codebook, and its own random numbers."""

    kind: str
    file: RawFile
    codebook: Codebook
    rng: random.Random
    header: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.header = self.file.header

    def cell(self, wanted: Any) -> tuple[int, int] | None:
        """Row and column (from 0) of a data cell whose text ``wanted`` accepts; None if none is."""
        for _ in range(400):
            row = self.rng.randrange(1, len(self.file.rows))
            column = self.rng.randrange(len(self.file.rows[row]))
            is_named = column < len(self.header) and self.header[column]
            if is_named and wanted(text(self.file.rows[row][column])):
                return row, column
        return None

    def row(self) -> int:
        """A data row that is not blank, from 0."""
        filled = [n for n, row in enumerate(self.file.rows) if n and any(map(text, row))]
        return self.rng.choice(filled)

    def changed_cell(self, row: int, column: int, new: Any) -> Mutation:
        """The file with another value in one cell."""
        return self.changed_cells({(row, column): new})

    def changed_cells(self, new: dict[tuple[int, int], Any]) -> Mutation:
        """The file with other values in some cells."""
        rows = [list(row) for row in self.file.rows]
        for (row, column), value in new.items():
            rows[row][column] = value
        breaks = False
        for row, column in new:
            name, value = self.header[column], rows[row][column]
            before = contradicted_sums(self.header, self.file.rows[row])
            breaks |= not self.codebook.permits(self.file.name, name, value)
            breaks |= bool(contradicted_sums(self.header, rows[row]) - before)
            empty = text(value) == ""
            breaks |= empty and self.codebook.is_item(self.file.name, name)
        (row, column), value = next(iter(new.items()))
        old = text(self.file.rows[row][column])
        return Mutation(
            self.kind,
            self.file.name,
            f"row {row + 1}, {self.header[column]}: {old[:40]!r} -> {text(value)[:40]!r}",
            self.file.content(rows),
            frozenset((row + 1, self.header[column]) for row, column in new),
            breaks=breaks,
            looks_like=looks_like(self.codebook, self.file.name, self.header[column], value),
        )

    def moved_rows(
        self, rows: Rows, origin: list[int | None], touched: set[int], **more: Any
    ) -> Mutation:
        """The file with other rows. ``touched``: rows of the original file, from 1."""
        return Mutation(
            self.kind,
            self.file.name,
            more.pop("what", f"row {min(touched)}"),
            self.file.content(rows),
            frozenset((row, None) for row in touched),
            tuple(origin),
            **more,
        )

    def whole(self, content: bytes, what: str, **more: Any) -> Mutation:
        """The file with other bytes, every row in its place."""
        return Mutation(self.kind, self.file.name, what, content, frozenset({(None, None)}), **more)


def looks_like(codebook: Codebook, file: str, column: str, value: Any) -> str:
    """In words, what a permitted value in a column is taken for."""
    entry = codebook.columns.get((file, column))
    permitted = entry["permitted_values"].partition("; missing: ")[0] if entry else ""
    if text(value) == "":
        return "an empty cell where one is permitted"
    if column == "record_id" or permitted in CODES:
        return "another subject's study code"
    if permitted in FORMS:
        return "another date"
    if codebook.is_item(file, column) or column in ("wisci_level",):
        return "another permitted grade"
    if permitted in ANYTHING:
        return "another text"
    if any(sign.isdigit() for sign in text(value)) and not text(value).startswith("EX"):
        return "another permitted number or code"
    return "another permitted category"
