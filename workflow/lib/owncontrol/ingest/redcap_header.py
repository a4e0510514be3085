"""The header of a REDCap export: which column of the project each of its cells stands for.

An export has its fields' names or their labels in its header, and columns that REDCap adds. Where
several columns share one label, they are told apart by their order if all of them are there, by
the form of their neighbours, or not at all.
"""

import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from owncontrol.basics.nearest import nearest
from owncontrol.errors import InputError
from owncontrol.findings.finding import Finding
from owncontrol.findings.mapping_rules import HeaderIsLabel, HeaderNotInDictionary
from owncontrol.ingest.redcap_labels import LONGEST, NEAR, Labels

if TYPE_CHECKING:
    from owncontrol.ingest.redcap import Field

Kind = Literal["field", "box", "state", "timestamp", "added", "unknown"]
# What REDCap adds to every export, by the label that it gives it.
MOST_COMPARED = 20_000  # names of fields with names of columns
ADDED = {
    "Record ID": "record_id",
    "Event Name": "redcap_event_name",
    "Repeat Instrument": "redcap_repeat_instrument",
    "Repeat Instance": "redcap_repeat_instance",
    "Data Access Group": "redcap_data_access_group",
    "Survey Identifier": "redcap_survey_identifier",
}
STATE, TIMESTAMP = "Complete?", "Survey Timestamp"
FORM_STATES = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
BOX_STATES = {"1": "Checked", "0": "Unchecked"}
WAY_OUT = "export the file raw, or give each field a label of its own"


@dataclass(frozen=True)
class ExportColumn:
    """A column that an export can have. ``choices``: code and label as the dictionary has it."""

    name: str
    label: str = ""
    form: str = ""
    kind: Kind = "field"
    choices: dict[str, str] = field(default_factory=dict, compare=False)


def expected_columns(fields: "list[Field]") -> list[ExportColumn]:
    """Every column that an export of these fields can have, in the order of the dictionary."""
    forms: dict[str, list[ExportColumn]] = {}
    for entry in fields:
        columns = forms.setdefault(entry.form, [])
        if entry.kind != "descriptive":
            columns += _columns_of(entry)
    return [column for form, columns in forms.items() for column in _whole(form, columns)]


def _columns_of(entry: "Field") -> Iterator[ExportColumn]:
    if entry.kind != "checkbox":
        yield ExportColumn(
            entry.name, entry.written, entry.form, "field", dict(entry.written_choices)
        )
        return
    for code, label in entry.written_choices.items():
        name = box_name(entry.name, code)
        yield ExportColumn(
            name, f"{entry.written} (choice={label})", entry.form, "box", {code: label}
        )


def _whole(form: str, columns: list[ExportColumn]) -> list[ExportColumn]:
    """The columns of one form between those that REDCap adds to it."""
    if not form:
        return columns
    return [
        ExportColumn(f"{form}_timestamp", TIMESTAMP, form, "timestamp"),
        *columns,
        ExportColumn(f"{form}_complete", STATE, form, "state", FORM_STATES),
    ]


def box_name(name: str, code: str) -> str:
    """The column of one choice of a checkbox: ``aids`` and ``-1`` give ``aids____1``."""
    return f"{name}___{re.sub('[^a-z0-9_]', '_', code.lower())}"


def raw_header(
    header: list[str], columns: list[ExportColumn], missing: Collection[str]
) -> list[ExportColumn]:
    """The column of each cell of a header of names; those not known are of kind ``unknown``.

    ``missing``: codes that stand for a missing value; a checkbox has a column for each of them.
    """
    known = _by_name(columns)
    boxes = {column.name.rpartition("___")[0] for column in columns if column.kind == "box"}
    for name, code in itertools.product(boxes, missing):
        extra = ExportColumn(box_name(name, code), kind="box", choices={code: code})
        known.setdefault(extra.name, extra)
    return [known.get(name, ExportColumn(name, name, kind="unknown")) for name in header]


def labelled_header(
    path: Path, header: list[str], columns: list[ExportColumn], dictionary: str
) -> list[ExportColumn]:
    """The column of each cell of a header of labels, or of names, or of both.

    Raises InputError where a cell is the name of one field and the label of another, and where a
    label stands for several columns, of which the export has some and not others.
    """
    names = _by_name(columns)
    labels = Labels((column.label, column) for column in columns if column.kind in ("field", "box"))
    named = [names.get(text) for text in header]
    meant = [_with_added(text, labels.meant(text)) for text in header]
    found: dict[int, ExportColumn] = {}
    for place, text in enumerate(header):
        column = _by_its_name(path, place, text, named, meant)
        if column is not None:
            found[place] = column
        elif not meant[place] and text not in (STATE, TIMESTAMP):
            found[place] = ExportColumn(text, text, kind="unknown")
    rest = {place: meant[place] for place in range(len(header)) if place not in found}
    special = [place for place in rest if header[place] in (STATE, TIMESTAMP) and not rest[place]]
    for place in special:
        del rest[place]
    order = {column.name: number for number, column in enumerate(columns)}
    found |= _by_labels(path, header, rest, found, order, dictionary)
    states = {place for place in special if header[place] == STATE}
    found |= _states(path, found, states, columns)
    found |= _timestamps(path, found, [place for place in special if place not in states])
    return [found[place] for place in range(len(header))]


def unknown_headers(
    path: Path, found: list[ExportColumn], columns: list[ExportColumn], dictionary: str
) -> list[Finding]:
    """A warning for each column of the export that its dictionary does not know."""
    labels = Labels((column.label, column.name) for column in columns)
    names = [column.name for column in columns]
    findings: list[Finding] = []
    # So many comparisons take a second; in a large project the first columns alone get a hint.
    most = max(10, MOST_COMPARED // (1 + len(names)))
    for column in found:
        if column.kind != "unknown" or not column.name:
            continue
        compared = len(findings) < most and len(column.name) <= LONGEST
        likely = " or ".join(labels.meant(column.name))
        near = labels.nearest(column.name) if compared else ""
        name = nearest(column.name, names, NEAR) if compared else ""
        nearest_one = f"label {near!r}" if near else f"field {name!r}" if name else ""
        hint = f"; nearest is the {nearest_one}" if nearest_one else ""
        rule = (
            HeaderIsLabel(fields=likely, dictionary=dictionary)
            if likely
            else HeaderNotInDictionary(dictionary=dictionary, nearest=hint)
        )
        findings.append(Finding(rule, path.name, 1, column.name))
    return findings


def _by_name(columns: list[ExportColumn]) -> dict[str, ExportColumn]:
    added = {name: ExportColumn(name, label, kind="added") for label, name in ADDED.items()}
    return added | {column.name: column for column in columns}


def _with_added(text: str, meant: list[ExportColumn]) -> list[ExportColumn]:
    """The columns that a label stands for, with the one that REDCap itself adds as the first."""
    label = " ".join(text.split())
    if label not in ADDED or (label == "Record ID" and meant):
        return meant
    return [ExportColumn(ADDED[label], label, kind="added"), *meant]


def _by_its_name(
    path: Path,
    place: int,
    text: str,
    named: list[ExportColumn | None],
    meant: list[list[ExportColumn]],
) -> ExportColumn | None:
    """The column whose name the cell is, unless the other cells say that it is a label."""
    column = named[place]
    if column is None or not meant[place] or meant[place] == [column]:
        return column
    names = any(one and not others for one, others in zip(named, meant, strict=True))
    labels = any(others and not one for one, others in zip(named, meant, strict=True))
    if names == labels:
        other = ", ".join(other.name for other in meant[place])
        raise InputError(
            f"{path}, row 1, column {place + 1}: {text!r} is the name of one field and the label "
            f"of {other}, and the header has "
            + ("names and labels" if names else "nothing else that tells names from labels"),
            "export the file raw, or with all labels",
        )
    return column if names else None


def _by_labels(
    path: Path,
    header: list[str],
    meant: dict[int, list[ExportColumn]],
    found: dict[int, ExportColumn],
    order: dict[str, int],
    dictionary: str,
) -> dict[int, ExportColumn]:
    """The columns of cells that are labels; those of one label are told by their order."""
    taken = {column.name for column in found.values()}
    settled = {place: one[0] for place, one in meant.items() if len(one) == 1}
    taken |= {column.name for column in settled.values()}
    groups: dict[tuple[ExportColumn, ...], list[int]] = {}
    for place, candidates in meant.items():
        free = [one for one in candidates if place in settled or one.name not in taken]
        groups.setdefault(tuple(free), []).append(place)
    known = [order[column.name] for _, column in sorted(settled.items()) if column.name in order]
    ordered = known == sorted(known)
    for columns, places in groups.items():
        leading = any(_is_leading(header, place) for place in places)
        fields = tuple(column for column in columns if column.kind != "added")
        if len(places) == len(fields) < len(columns) and not leading:
            columns = fields  # what REDCap adds comes first in a row
        if len(places) != len(columns) or (len(places) > 1 and not ordered):
            names = ", ".join(column.name for column in columns) or "columns that are already there"
            why = "" if len(places) != len(columns) else "; the columns are in another order"
            raise InputError(
                f"{path}, row 1, column {places[0] + 1}: the label {header[places[0]]!r} stands "
                f"for {len(columns)} fields of {dictionary} ({names}), and for {len(places)} "
                f"columns here{why}",
                WAY_OUT,
            )
        settled |= dict(zip(places, columns, strict=True))
    return settled


def _is_leading(header: list[str], place: int) -> bool:
    """Whether only columns that REDCap adds are between the first column and this one."""
    return all(text in ADDED for text in header[1:place])


def _states(
    path: Path, found: dict[int, ExportColumn], places: set[int], columns: list[ExportColumn]
) -> dict[int, ExportColumn]:
    """The state column of the form whose columns are to its left.

    The states of forms without other columns are told by the forms before and behind them, where
    there are as many as forms in between.
    """
    states = {column.form: column for column in columns if column.kind == "state"}
    forms = list(states)
    blocks, filled = _blocks(found, places, columns)
    at = [forms.index(next(iter(block))) if len(block) == 1 else None for block in blocks.values()]
    settled = {}
    for number, (place, block) in enumerate(blocks.items()):
        form = next(iter(block), "")
        if at[number] is None:
            left = next((k for k in range(number, -1, -1) if at[k] is not None), -1)
            right = next((k for k in range(number, len(at)) if at[k] is not None), len(at))
            start = -1 if left < 0 else at[left] or 0
            stop = len(forms) if right == len(at) else at[right]
            between = [form for form in forms[start + 1 : stop] if form not in filled]
            if block or len(between) != right - left - 1:
                raise InputError(
                    f"{path}, row 1, column {place + 1}: {STATE!r} does not say of which form it "
                    f"is ({', '.join(sorted(block) or between) or 'each form has one already'})",
                    "export the file raw, or whole forms",
                )
            form = between[number - left - 1]
        settled[place] = states[form]
    return {place: settled[place] for place in places}


def _blocks(
    found: dict[int, ExportColumn], places: set[int], columns: list[ExportColumn]
) -> tuple[dict[int, set[str]], set[str]]:
    """By place of each form state: the forms of the columns since the last one; all such forms.

    The record's own code is in every export, and so says nothing.
    """
    record = next((column.name for column in columns if column.kind in ("field", "box")), "")
    blocks: dict[int, set[str]] = {}
    forms: set[str] = set()
    filled: set[str] = set()
    for place in sorted([*found, *places]):
        column = found.get(place)
        if column is None or column.kind == "state":
            blocks[place] = {column.form} if column else forms
            forms = set()
        elif column.kind in ("field", "box") and column.name != record and column.form:
            forms.add(column.form)
            filled.add(column.form)
    return blocks, filled.union(*blocks.values())


def _timestamps(
    path: Path, found: dict[int, ExportColumn], places: list[int]
) -> dict[int, ExportColumn]:
    """The time of each survey: that of the form whose columns follow."""
    settled: dict[int, ExportColumn] = {}
    for place in places:
        form = ""
        for following in range(place + 1, max(found, default=0) + 1):
            if following in places:
                break
            column = found[following]
            if column.kind in ("field", "box", "state"):
                form = column.form
                break
        column = ExportColumn(f"{form}_timestamp", TIMESTAMP, form, "timestamp")
        if not form or column in settled.values():
            raise InputError(
                f"{path}, row 1, column {place + 1}: {TIMESTAMP!r} does not say of which form it "
                "is; the columns of its form follow it in REDCap's exports",
                "export the file raw, or whole forms",
            )
        settled[place] = column
    return settled
