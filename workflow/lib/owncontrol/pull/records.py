"""The records of a project, in batches."""

import sys
from collections.abc import Iterator, Sequence

from tqdm import tqdm

from owncontrol.errors import InputError
from owncontrol.pull.client import Client
from owncontrol.pull.project import Project, Rows, table
from owncontrol.pull.wanted import BY_ITSELF

BATCH = 200  # records asked for at once


def read_records(
    client: Client, project: Project, columns: Sequence[str], batch: int = BATCH
) -> tuple[list[str], Rows]:
    """Header and rows of the records, raw, with ``columns`` of the project and no others.

    The study codes stand first, then what REDCap adds (event, repeating form, instance). Raises
    InputError where there is no record, and where the server leaves columns out: it does that for
    a user who may not see them.
    """
    fields = list(dict.fromkeys([project.record_id, *(project.columns[name] for name in columns)]))
    known = _ask(client, [project.record_id], None)
    names = list(dict.fromkeys(row[project.record_id] for row in _with_code(known, project)))
    if not names:
        raise InputError(
            "the project has no record that the token's user can see",
            "see the user's rights and data access group in REDCap",
        )
    parts = [names[start : start + batch] for start in range(0, len(names), batch)]
    rows: Rows = []
    with tqdm(total=len(names), unit=" records", disable=not sys.stderr.isatty()) as bar:
        for part in parts:
            rows += _with_code(_ask(client, fields, part), project)
            bar.update(len(part))
    added = [name for name in rows[0] if name in BY_ITSELF] if rows else []
    wanted = [name for name in columns if name != project.record_id]
    header = [project.record_id, *added, *wanted]
    for row in rows:
        if absent := [name for name in header if name not in row]:
            raise InputError(
                f"the server leaves out {', '.join(absent[:5])}",
                "the token's user may lack the right to export them (full data set), or the "
                "project was changed during the pull",
            )
    return header, rows


def _ask(client: Client, fields: Sequence[str], records: Sequence[str] | None) -> Rows:
    options: dict[str, object] = {
        "action": "export",
        "type": "flat",
        "rawOrLabel": "raw",
        "rawOrLabelHeaders": "raw",
        "exportCheckboxLabel": "false",
        "exportSurveyFields": "false",
        "exportDataAccessGroups": "false",
        "fields": list(fields),
    }
    if records is not None:
        options["records"] = list(records)
    return table(client.ask("record", **options), "record", ())


def _with_code(rows: Rows, project: Project) -> Iterator[dict[str, str]]:
    for row in rows:
        if not row.get(project.record_id):
            raise InputError(
                f"a record comes without its study code ({project.record_id})",
                "the field may be marked as an identifier that the token's user may not export",
            )
        yield row
