"""The table of subjects of a new study, and what of it is to be described."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from owncontrol.suggest.candidates import number_columns
from owncontrol.suggest.column_guesses import NO_SUBJECT, Guess
from owncontrol.suggest.draft import DraftEvent, DraftExport, DraftTable
from owncontrol.suggest.proposal import slug
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request
from owncontrol.suggest.study_parts import subject_of


def with_subjects(
    request: Request,
    files: Sequence[RawFile],
    exports: Sequence[DraftExport],
    events: Sequence[DraftEvent] = (),
) -> list[DraftExport]:
    """The exports with a table of subjects: of codes alone where none was found.

    One of treatments, too, where a date or a word says that something was given.
    """
    found = list(exports)
    given = bool(request.start or request.treatment)
    for name in ("treatments", "subjects") if given else ("subjects",):
        if any(table.name == name for export in found for table in export.tables):
            continue
        place = next((at for at, export in enumerate(found) if export.tables), None)
        if place is None:
            continue
        subject = subject_of(files[place], request)
        columns: dict[str, Guess | None] = {"subject_id": Guess(subject[0])}
        if name == "treatments" and request.start in files[place].cells:
            columns["treatment_start"] = Guess(request.start)
        table = DraftTable(name, columns, subject=subject)
        found[place] = replace(found[place], tables=(table, *found[place].tables))
    pairs = zip(files, found, strict=True)
    return [_described(request, raw, export, events) for raw, export in pairs]


def _described(
    request: Request, raw: RawFile, export: DraftExport, events: Sequence[DraftEvent]
) -> DraftExport:
    """The export with the columns that are to be described in its table of subjects."""
    extra = {slug(name): Guess(name) for name in request.described if name in raw.cells}
    codes: dict[str, Mapping[str, Guess]] = {}
    for event in events:
        if event.asked.time in raw.cells:
            extra |= {name: Guess(column) for name, column in event.columns.items()}
            codes |= {f"{event.name}_seen": event.codes} if event.codes else {}
    tables = tuple(
        replace(table, columns={**table.columns, **extra}, recode={**table.recode, **codes})
        if table.name == "subjects"
        else table
        for table in export.tables
    )
    read = {name for table in tables for name in table.raw_columns()}
    ignored = {name: why for name, why in export.ignored.items() if name not in read}
    return replace(export, tables=tables, ignored=ignored)


def asked_characteristics(request: Request, files: Sequence[RawFile]) -> list[tuple[str, str, str]]:
    """Name, label and type of each column that is to be described."""
    found = []
    for column in request.described:
        for raw in files:
            if column in raw.cells:
                is_number = column != request.arms and column in number_columns(raw)
                kind = "number" if is_number else "category"
                label = raw.labels.get(column, column.replace("_", " "))
                found.append((slug(column), label[:1].upper() + label[1:], kind))
                break
    return found


def with_codes(files: Sequence[RawFile], exports: Sequence[DraftExport]) -> list[DraftExport]:
    """Subjects of nothing but codes, where no export seems to feed them."""
    fed = any(table.name == "subjects" for export in exports for table in export.tables)
    found = []
    for raw, export in zip(files, exports, strict=True):
        if not fed and raw.subject.doubt != NO_SUBJECT:
            code = {"subject_id": Guess(raw.subject.column)}
            table = DraftTable("subjects", code, doubt="nothing but the codes was found")
            export, fed = replace(export, tables=(*export.tables, table)), True
        found.append(export)
    return found
