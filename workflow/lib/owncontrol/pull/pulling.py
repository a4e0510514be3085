"""pull: a data cut of a study from its REDCap project."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from owncontrol.errors import InputError
from owncontrol.pull import cuts
from owncontrol.pull.client import Client
from owncontrol.pull.project import Project, Rows, read_project
from owncontrol.pull.records import BATCH, read_records
from owncontrol.pull.wanted import check_events, check_forms, wanted_columns
from owncontrol.study.checks import check_inside
from owncontrol.study.data_cuts import CUTS, DICTIONARY
from owncontrol.study.exports import Export
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import user
from owncontrol.study.model import Study

ADDRESS = "REDCAP_API_URL"  # of the environment, beside the token
# The files of a cut beside the records; events with the day offsets that the project has.
TABLES = ("events", "form_events", "repeating_forms")


@dataclass(frozen=True)
class Request:
    """What the command line says. ``url``: of the API; empty where it is in the environment."""

    study: str | None
    url: str = ""
    export: str = ""
    who: str = ""
    batch: int = BATCH


def pull_study(
    request: Request,
    folder: Path,
    token_of: Callable[[str], str],
    client_of: Callable[[str, str], Client] = Client,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    address: str = "",
) -> list[str]:
    """Make a data cut, and the newest data those that are analysed. Gives what to say of it.

    ``token_of``: the token of a study; ``client_of``: the client of an address and a token;
    ``address``: of the API where the request has none. Nothing is written before all has arrived.
    Raises InputError for whatever is wrong with the study, the server, its answers, or a mapping
    that no longer fits the project.
    """
    if request.batch < 1:
        raise InputError(f"--batch {request.batch}: at least 1", "leave it out")
    study = load_study({"study": request.study} if request.study else {}, folder)
    export = _export_of(study, request.export)
    same_file = [one for one in study.exports.values() if one.file == export.file]
    raw = folder / study.raw
    current = {export.file: Path(export.file).name}
    if export.dictionary:
        current[export.dictionary] = DICTIONARY
    for name in current:
        check_inside("raw", f"{study.raw}/{name}", folder)
    cuts.check_ready(raw, current)
    last = cuts.newest_cut(raw)
    url = request.url.strip() or address.strip()
    if not url:
        before = f"; the last cut came from {last[1].url}" if last else ""
        raise InputError(
            f"the address of the API is not said{before}",
            "the token is sent there, so no file of the study decides it: --url https://.../api/, "
            f"or set {ADDRESS}",
        )
    client = client_of(url, token_of(study.study))
    project = read_project(client)
    columns = _columns(project, same_file)
    header, rows = read_records(client, project, columns, request.batch)
    contents = _contents(project, export, header, rows)
    records = len({row[project.record_id] for row in rows})
    cut = cuts.Cut(
        pulled=now().isoformat(timespec="seconds"),
        who=request.who.strip() or user(),
        url=url,
        redcap_version=project.version,
        project_id=project.about.get("project_id", ""),
        records=records,
        rows=len(rows),
        fields=tuple(header),
        missing_data_codes=project.missing_codes,
        files={},
    )
    return [_added(raw, last, cut, contents, current), *_notes(project, export)]


def _added(
    raw: Path,
    last: tuple[str, cuts.Cut] | None,
    cut: cuts.Cut,
    contents: Mapping[str, bytes],
    current: Mapping[str, str],
) -> str:
    """Write the cut, unless it has nothing new; what was done."""
    if last and dict(last[1].files) == cuts.hashes(contents):
        name = last[0]
        if not cuts.is_current(raw, name, current):
            cuts.switch_to(raw, name, current, last[1])
        return f"nothing has changed since the data cut {name}; no new one was made"
    name = cuts.add_cut(raw, cut, contents, current)
    return f"wrote {raw / CUTS / name}: {cut.records} records in {cut.rows} rows"


def _export_of(study: Study, name: str) -> Export:
    """The entry under ``exports`` that is pulled: the named one, or that with a dictionary."""
    if name and name not in study.exports:
        raise InputError(f"--export {name}: no such export", f"known: {', '.join(study.exports)}")
    found = [
        export
        for key, export in study.exports.items()
        if (key == name if name else bool(export.dictionary))
    ]
    if len({export.file for export in found}) != 1:
        raise InputError(
            f"{len(found)} exports have a data dictionary of REDCap; one is pulled",
            f"name it with --export: {', '.join(study.exports)}",
        )
    export = found[0]
    if export.labelled or export.found_by or not export.file.endswith((".csv", ".tsv", ".txt")):
        raise InputError(
            f"{export.file}: is no raw export of REDCap (CSV, one file, codes and no labels)",
            "give the export a file name that ends in .csv, and leave labelled out",
        )
    if export.dictionary and not export.dictionary.endswith(".csv"):
        raise InputError(f"{export.dictionary}: a pull writes CSV", "rename it to end in .csv")
    return export


def _columns(project: Project, exports: Sequence[Export]) -> list[str]:
    """What is asked for; checked against the project as it is now."""
    columns = wanted_columns(exports, list(project.columns))
    if project.events:
        check_events(exports, project.event_names)
    check_forms(exports, project.forms)
    allowed = {name for export in exports for name in export.identifiers_allowed}
    private = [
        name
        for name in columns
        if project.columns[name] in project.identifiers - {project.record_id}
        and name not in allowed
    ]
    if private:
        raise InputError(
            f"the configuration maps '{private[0]}', which the project marks as an identifier",
            "leave it out of the mapping, or list it under identifiers_allowed",
        )
    return columns


def _contents(
    project: Project, export: Export, header: Sequence[str], rows: Rows
) -> dict[str, bytes]:
    """The files of a cut by name."""
    text = _csv(header, rows, export.delimiter)
    try:
        data = text.encode(export.encoding)
    except (UnicodeEncodeError, LookupError) as error:
        raise InputError(
            f"{export.file}: the records cannot be written as {export.encoding} ({error.args[-1]})",
            "leave encoding out of the export's entry: a pull then writes UTF-8",
        ) from error
    described = zip(TABLES, (project.events, project.form_events, project.repeating), strict=True)
    return {
        Path(export.file).name: data,
        DICTIONARY: _csv(list(project.dictionary[0]), project.dictionary).encode("utf-8"),
        **{
            f"{name}.csv": _csv(list(found[0]), found).encode("utf-8")
            for name, found in described
            if found
        },
    }


def _csv(header: Sequence[str], rows: Rows, delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(
        out, header, delimiter=delimiter, lineterminator="\n", extrasaction="ignore", restval=""
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _notes(project: Project, export: Export) -> list[str]:
    """What the project says and the configuration does not."""
    codes = [code for code in project.missing_codes if code not in export.missing]
    if not codes:
        return []
    return [
        f"the project's codes for missing data {', '.join(codes)} are not listed under "
        "exports.*.missing of the configuration"
    ]
