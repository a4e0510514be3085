"""A new study from its raw files and what a person said about it."""

from dataclasses import replace

from owncontrol.errors import InputError
from owncontrol.suggest.asked_study import asked_study
from owncontrol.suggest.cdisc import with_flagged_baseline
from owncontrol.suggest.code_headings import with_code_headings
from owncontrol.suggest.draft import DraftStudy
from owncontrol.suggest.found_study import found_study
from owncontrol.suggest.proposal import proposed_export
from owncontrol.suggest.raw_file import read_raw_file
from owncontrol.suggest.request import Request


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
    files = [with_flagged_baseline(raw, request) for raw in files]
    exports = [proposed_export(raw) for raw in files]
    if len({export.key for export in exports}) < len(exports):
        raise InputError("two exports would have the same name", "rename one of the files")
    draft = (
        asked_study(request, files, exports)
        if request.measures
        else found_study(request, files, exports)
    )
    draft = with_code_headings(draft, files, request)
    return replace(draft, missing=tuple(dict.fromkeys(draft.missing)))
