"""Columns of study codes that are called like a number which names a person.

"Patienten-Nr." is the code of a study in one file and the hospital's record number in another. A
run refuses such a column until somebody says which it is.
"""

from collections.abc import Sequence
from dataclasses import replace

from owncontrol.ingest.private_columns import identifier_columns
from owncontrol.study.exports import label_of
from owncontrol.suggest.draft import DraftExport, DraftStudy, ToSay
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request

DOUBT = "allowed because --subject says that they are the study's own codes, not the hospital's"


def with_code_headings(draft: DraftStudy, files: Sequence[RawFile], request: Request) -> DraftStudy:
    """The study with such columns allowed where ``--subject`` names them; others are missing."""
    by_name = {raw.path.name: raw for raw in files}
    doubtful = {export.key: _doubtful(by_name[export.file], export) for export in draft.exports}
    exports = []
    missing = list(draft.missing)
    for export in draft.exports:
        names = doubtful[export.key]
        said = by_name[export.file].called(request.subject)
        allowed = tuple(name for name in names if name in said)
        if allowed:
            options = {**export.options, "identifiers_allowed": allowed}
            doubts = {**export.option_doubts, "identifiers_allowed": DOUBT}
            export = replace(export, options=options, option_doubts=doubts)
        missing += [_to_say(name, why) for name, why in names.items() if name not in allowed]
        exports.append(export)
    return replace(draft, exports=tuple(exports), missing=tuple(missing))


def _doubtful(raw: RawFile, export: DraftExport) -> dict[str, str]:
    codes = {
        name
        for table in export.tables
        for guess in [table.columns.get("subject_id")]
        for name in (table.subject or ((guess.column,) if guess else ()))
        if name in raw.cells
    }
    return identifier_columns(raw.cells[sorted(codes)], {})


def _to_say(name: str, why: str) -> ToSay:
    name = label_of(name)
    return ToSay(
        f"--subject: '{name}' may be no study code, {why}",
        f"where it is the study's own code, say so: --subject '{name}'; where it is the "
        "hospital's, replace it in the files",
    )
