"""A new study from its raw files and what a person said about it."""

from collections.abc import Sequence
from dataclasses import replace

from owncontrol.errors import InputError
from owncontrol.study.exports import ROW
from owncontrol.suggest.asked_study import asked_study
from owncontrol.suggest.cdisc import with_flagged_baseline
from owncontrol.suggest.code_headings import with_code_headings
from owncontrol.suggest.column_guesses import NO_SUBJECT
from owncontrol.suggest.draft import DraftExport, DraftStudy
from owncontrol.suggest.files_of_one_form import with_files_of_one_form
from owncontrol.suggest.found_study import found_study
from owncontrol.suggest.headings_as_seen import as_headed
from owncontrol.suggest.known_words import plain_words
from owncontrol.suggest.proposal import proposed_export
from owncontrol.suggest.raw_file import RawFile, read_raw_file
from owncontrol.suggest.request import Request
from owncontrol.suggest.values_by_label import in_codes
from owncontrol.suggest.windowed_visits import by_windows, only_in_windows, with_windowed_visits


def drafted_study(request: Request) -> DraftStudy:
    """The study as far as it can be drafted; what is left to say is in ``missing``.

    Raises InputError where a file cannot be read, has no row, or two would have the same name.
    """
    files = [
        read_raw_file(path, request.dictionary if place == 0 else None)
        for place, path in enumerate(request.exports)
    ]
    for raw in files:
        if not len(raw.cells):
            raise InputError(f"{raw.path}: a header and no row", "export it again")
    files = [with_flagged_baseline(raw, request) for raw in with_files_of_one_form(files)]
    if ROW in request.subject:
        files = [
            replace(raw, cells=raw.cells.assign(**{ROW: raw.cells.index.astype("str")}))
            for raw in files
        ]
    command, files, request = request, *_windowed(request, files)
    request = in_codes(_subject_as_called(as_headed(request, files), files), files)
    exports = _with_own_keys([proposed_export(raw) for raw in files])
    if len({export.key for export in exports}) < len(exports):
        raise InputError("two exports would have the same name", "rename one of the files")
    draft = (
        asked_study(request, files, exports)
        if request.measures
        else found_study(request, files, exports)
    )
    draft = with_code_headings(draft, files, request)
    return replace(
        draft,
        exports=tuple(
            only_in_windows(raw, export)
            for export in draft.exports
            for raw in files
            if raw.path.name == export.file
        ),
        command=tuple(command.command_lines()),
        missing=tuple(dict.fromkeys(draft.missing)),
    )


def _subject_as_called(request: Request, files: Sequence[RawFile]) -> Request:
    """The request with the column of codes that is called what one subject is called (rat).

    Only where nobody named another, and the name of no column says that it has study codes.
    """
    if request.subject or not request.called:
        return request
    for raw in files:
        alike = [name for name in map(str, raw.cells.columns) if _is_called(name, request)]
        if raw.subject.doubt == NO_SUBJECT and len(alike) == 1:
            return replace(request, subject=(alike[0],))
    return request


def _is_called(column: str, request: Request) -> bool:
    words = plain_words(column).removesuffix(" id").removesuffix(" no").removesuffix(" number")
    return words == plain_words(request.called[0])


def _with_own_keys(exports: Sequence[DraftExport]) -> list[DraftExport]:
    """The exports; of those of several files, which no file names, the second one is files_2."""
    places = [place for place, export in enumerate(exports) if export.entry != export.file]
    named = list(exports)
    for number, place in enumerate(places[1:], 2):
        named[place] = replace(named[place], key=f"{named[place].key}_{number}")
    return named


def _windowed(request: Request, files: Sequence[RawFile]) -> tuple[list[RawFile], Request]:
    """The files with the visits that windows make, and the request that names these."""
    found = [with_windowed_visits(raw, request) for raw in files]
    if request.windows and all(raw.windows is None for raw in found):
        raise InputError(
            "--windows: no file has a column of the days or dates",
            "name that of the days with --visit, or that of the dates with --date",
        )
    return found, by_windows(request)
