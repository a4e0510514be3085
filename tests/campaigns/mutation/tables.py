"""Corruptions of rows and columns."""

from typing import Any

from mutation.codebook import contradicted_sums
from mutation.files import Rows, text
from mutation.model import Draw, Mutation

LONE_ROW = "a row that nothing counts is missing"


def _with(draw: Draw, at: int, new: list[list[Any]], origin: list[int | None]) -> tuple[Rows, Any]:
    """Rows with ``new`` ones before place ``at``, and their origins."""
    rows = draw.file.rows
    places: list[int | None] = [*range(1, at + 1), *origin, *range(at + 1, len(rows) + 1)]
    return [*rows[:at], *new, *rows[at:]], places


def row_dropped(draw: Draw) -> Mutation | None:
    row = draw.row()
    rows = [cells for n, cells in enumerate(draw.file.rows) if n != row]
    origin: list[int | None] = [n + 1 for n in range(len(draw.file.rows)) if n != row]
    touched = {row + 1, row + 2}
    return draw.moved_rows(
        rows, origin, touched, what=f"row {row + 1} dropped", breaks=False, looks_like=LONE_ROW
    )


def row_doubled(draw: Draw) -> Mutation | None:
    row = draw.row()
    at = draw.rng.choice([row + 1, len(draw.file.rows)])
    rows, origin = _with(draw, at, [draw.file.rows[row]], [None])
    touched = {row + 1, at + 1}
    return draw.moved_rows(rows, origin, touched, what=f"row {row + 1} again at {at + 1}")


def row_doubled_and_changed(draw: Draw) -> Mutation | None:
    """The same exam typed twice, with one difference."""
    row = draw.row()
    copy = list(draw.file.rows[row])
    at = draw.rng.choice([n for n, cell in enumerate(copy) if text(cell) != ""])
    others = {text(r[at]): r[at] for r in draw.file.rows[1:] if at < len(r)}
    copy[at] = draw.rng.choice(
        [value for key, value in others.items() if key != text(copy[at])] or [""]
    )
    rows, origin = _with(draw, row + 1, [copy], [None])
    what = f"row {row + 1} again, {draw.header[at]}: {text(copy[at])[:30]!r}"
    looks = f"a further row ({draw.header[at]})"
    return draw.moved_rows(
        rows, origin, {row + 1, row + 2}, what=what, breaks=False, looks_like=looks
    )


def row_shifted(draw: Draw) -> Mutation | None:
    """All cells of a row, from one on, moved by one column."""
    row = draw.row()
    cells = list(draw.file.rows[row])
    at = draw.rng.randrange(len(cells))
    if draw.rng.random() < 0.5:
        moved = [*cells[:at], "", *cells[at:]]
    else:
        moved = [*cells[:at], *cells[at + 1 :]]
    if draw.file.is_workbook or draw.rng.random() < 0.5:
        moved = [*moved, ""][: len(cells)]
    if list(map(text, moved)) == list(map(text, cells)):
        return None
    rows = [moved if n == row else other for n, other in enumerate(draw.file.rows)]
    return draw.moved_rows(rows, [], {row + 1}, what=f"row {row + 1} shifted from {at + 1}")


def rows_in_other_order(draw: Draw) -> Mutation | None:
    order = list(range(1, len(draw.file.rows)))
    first = draw.rng.choice(order[:-1])
    order[first - 1], order[first] = order[first], order[first - 1]
    rows = [draw.file.rows[0], *(draw.file.rows[n] for n in order)]
    origin: list[int | None] = [1, *(n + 1 for n in order)]
    touched = {first + 1, first + 2}
    return draw.moved_rows(
        rows,
        origin,
        touched,
        what=f"rows {first + 1} and {first + 2} exchanged",
        breaks=False,
        looks_like="rows in another order",
    )


def row_of_another_patient(draw: Draw) -> Mutation | None:
    row = draw.row()
    column = next(
        n
        for n, name in enumerate(draw.header)
        if name in ("record_id", "Patient", "infusion_patient", "patient", "row_key")
    )
    old = text(draw.file.rows[row][column])
    others = sorted({text(r[column]) for r in draw.file.rows[1:]} - {old, ""})
    return draw.changed_cell(row, column, draw.rng.choice(others))


def rows_exchanged_between_patients(draw: Draw) -> Mutation | None:
    """All that two rows hold, but for whose they are."""
    one, other = draw.row(), draw.row()
    columns = [
        n
        for n, name in enumerate(draw.header)
        if name and not name.lower().endswith("patient") and name != "record_id"
    ]
    new = {}
    for column in columns:
        here, there = draw.file.rows[one][column], draw.file.rows[other][column]
        if text(here) != text(there):
            new |= {(one, column): there, (other, column): here}
    return draw.changed_cells(new) if new else None


def sides_exchanged(draw: Draw) -> Mutation | None:
    """Right and left of an exam exchanged: of all cells, or of one modality."""
    if not draw.file.is_workbook:
        return None
    row = draw.row()
    kind = draw.rng.choice(["motor", "LT", "PP", ""])
    new = {}
    for column, name in enumerate(draw.header):
        if name.startswith("R ") and (name.endswith(kind)) and name != "R non-key":
            left = draw.header.index("L " + name[2:])
            here, there = draw.file.rows[row][column], draw.file.rows[row][left]
            if text(here) != text(there):
                new |= {(row, column): there, (row, left): here}
    return draw.changed_cells(new) if new else None


def _columns(draw: Draw, rows: Rows, what: str, names: set[str], **more: Any) -> Mutation:
    places = frozenset((None, name) for name in names)
    more.setdefault("breaks", True)
    return Mutation(draw.kind, draw.file.name, what, draw.file.content(rows), places, **more)


def _a_column(draw: Draw) -> int:
    return draw.rng.choice([n for n, name in enumerate(draw.header) if name])


def column_renamed(draw: Draw) -> Mutation | None:
    column = _a_column(draw)
    old = draw.header[column]
    new = draw.rng.choice([old + "_2", old.upper() + "x", old[:-1], old + "?", "x"])
    rows = [list(row) for row in draw.file.rows]
    rows[0][column] = new
    return _columns(draw, rows, f"{old} -> {new}", {old, new})


def column_names_swapped(draw: Draw) -> Mutation | None:
    one, other = _a_column(draw), _a_column(draw)
    if one == other:
        return None
    rows = [list(row) for row in draw.file.rows]
    rows[0][one], rows[0][other] = rows[0][other], rows[0][one]
    names = {draw.header[one], draw.header[other]}
    looks = "two columns of the same kind under each other's name"
    return _columns(draw, rows, " and ".join(sorted(names)), names, breaks=False, looks_like=looks)


def columns_reordered(draw: Draw) -> Mutation | None:
    width = len(draw.file.rows[0])
    order = list(range(width))
    one, other = _a_column(draw), _a_column(draw)
    order[one], order[other] = order[other], order[one]
    rows = [[row[n] for n in order] if len(row) == width else row for row in draw.file.rows]
    looks = "columns in another order"
    return _columns(draw, rows, "columns reordered", set(), breaks=False, looks_like=looks)


def column_dropped(draw: Draw) -> Mutation | None:
    column = _a_column(draw)
    rows = [[c for n, c in enumerate(row) if n != column] for row in draw.file.rows]
    return _columns(draw, rows, f"{draw.header[column]} dropped", {draw.header[column]})


def column_doubled(draw: Draw) -> Mutation | None:
    column = _a_column(draw)
    rows = [[*row[: column + 1], *row[column:]] for row in draw.file.rows]
    return _columns(draw, rows, f"{draw.header[column]} doubled", {draw.header[column]})


def column_shifted(draw: Draw) -> Mutation | None:
    """The cells of one column, all one row further down."""
    column = _a_column(draw)
    rows = [list(row) for row in draw.file.rows]
    for n in range(2, len(rows)):
        if column < len(rows[n]) and column < len(draw.file.rows[n - 1]):
            rows[n][column] = draw.file.rows[n - 1][column]
    rows[1][column] = ""
    if [text(r[column]) for r in rows[1:] if column < len(r)] == [
        text(r[column]) for r in draw.file.rows[1:] if column < len(r)
    ]:
        return None
    name = draw.header[column]
    breaks = any(_new_contradictions(draw, rows))
    looks = "another permitted value"
    return _columns(draw, rows, f"{name} one row down", {name}, breaks=breaks, looks_like=looks)


def _new_contradictions(draw: Draw, rows: Rows) -> list[set[str]]:
    return [
        contradicted_sums(draw.header, new) - contradicted_sums(draw.header, old)
        for new, old in zip(rows[1:], draw.file.rows[1:], strict=True)
    ]


def header_again(draw: Draw) -> Mutation | None:
    at = draw.rng.randrange(1, len(draw.file.rows) + 1)
    rows, origin = _with(draw, at, [draw.file.rows[0]], [None])
    return draw.moved_rows(rows, origin, {at + 1}, what=f"header again at {at + 1}")


def header_lost(draw: Draw) -> Mutation | None:
    return draw.whole(draw.file.content(draw.file.rows[1:]), "no header")


def rows_lost(draw: Draw) -> Mutation | None:
    return draw.whole(draw.file.content(draw.file.rows[:1]), "a header alone")


TABLES = (
    row_dropped,
    row_doubled,
    row_doubled_and_changed,
    row_shifted,
    rows_in_other_order,
    row_of_another_patient,
    rows_exchanged_between_patients,
    sides_exchanged,
    column_renamed,
    column_names_swapped,
    columns_reordered,
    column_dropped,
    column_doubled,
    column_shifted,
    header_again,
    header_lost,
    rows_lost,
)
