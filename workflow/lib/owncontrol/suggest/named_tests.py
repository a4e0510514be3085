"""Measures of a file with a row per test: its name is in one column, its value in another."""

from collections.abc import Iterable, Sequence

from owncontrol.errors import InputError
from owncontrol.suggest.candidates import number_columns, offered
from owncontrol.suggest.column_guesses import date_columns
from owncontrol.suggest.measure_words import measure_name
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request

Found = tuple[RawFile, dict[str, str], dict[str, tuple[str, ...]]]


def named_test(name: str, files: Iterable[RawFile], request: Request) -> Found | None:
    """File, value column and condition of a test that a cell names; None where no cell does.

    Raises InputError where several columns have numbers, and any may hold its values.
    """
    for raw in files:
        of_visits = {request.visit, raw.visit.column if raw.visit else ""}
        of_rows = {*of_visits, *request.subject, raw.subject.column, *request.keep}
        columns = [
            column
            for column in map(str, raw.cells.columns)
            if column not in of_rows and (raw.texts(column) == name).any()
        ]
        if len(columns) != 1:
            continue
        of_rows |= {*date_columns(raw.cells, ()), columns[0]}
        rows = raw.texts(columns[0]) == name
        values = [column for column in number_columns(raw, rows) if column not in of_rows]
        if len(values) > 1:
            raise _several(name, columns[0], raw, values)
        if values:
            return raw, {measure_name(name): values[0]}, {columns[0]: (name,)}
    return None


def _several(name: str, column: str, raw: RawFile, values: Sequence[str]) -> InputError:
    return InputError(
        f"--measure {name}: which column of {raw.path.name} has its values?",
        f"name it as the measure, with --keep {column}={name}: {offered(raw, values)}",
    )
