"""A REDCap export beside its data dictionary: labels read back, and what the dictionary denies.

A labelled export has the same cells as a raw one, under field labels instead of field names and
with choice labels instead of codes; through REDCap's API one can be had without the other. The
dictionary says which is which. A cell that can be told becomes what the raw export has there; any
other is reported and left as it is written. Event labels are not in the dictionary, so an event
stays as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from owncontrol.findings import mapping_rules
from owncontrol.findings.finding import Finding
from owncontrol.findings.rule import Rule
from owncontrol.ingest import redcap
from owncontrol.ingest.redcap_header import (
    BOX_STATES,
    ExportColumn,
    expected_columns,
    labelled_header,
    raw_header,
    unknown_headers,
)
from owncontrol.ingest.redcap_labels import Labels
from owncontrol.study.exports import ReadingOptions
from owncontrol.tables.categories import codes, present_texts, recoded, texts

if TYPE_CHECKING:
    from owncontrol.ingest.readers.grid import Grid

REPEATED = "redcap_repeat_instrument"


@dataclass(frozen=True)
class Reading:
    """What the texts of one column can mean: ``codes`` as they are, ``labels`` for a code."""

    codes: frozenset[str]
    labels: Labels[str]
    accepted: frozenset[str]

    def is_code(self, text: str) -> bool:
        """Whether a text is a code, or a number that is equal to one code (1.0 and 1)."""
        if text in self.codes:
            return True
        number = _number(text)
        equal = [code for code in self.codes if number is not None and _number(code) == number]
        return len(equal) == 1


def compare(path: Path, grid: "Grid", export: ReadingOptions) -> None:
    """Give ``grid`` the names and codes of its dictionary, and a finding where that fails.

    ``export``: its entry in the configuration. A raw export is only compared, not changed. Raises
    InputError where the dictionary is not readable, and where a header cell cannot be told.
    """
    dictionary = path.parent / export.dictionary
    fields = redcap.all_fields(dictionary, export.encoding)
    columns = expected_columns(fields)
    header = [" ".join(text.split()) for text in grid.header]
    if export.labelled:
        found = labelled_header(path, header, columns, dictionary.name)
    else:
        found = raw_header(header, columns, export.missing)
    readings = {
        place: _reading(column, export)
        for place, column in enumerate(found)
        if column.choices and place in grid.cells
    }
    if export.labelled:
        spoken = _are_labels(grid, header, found, readings)
        _translate(path, grid, found, readings, spoken)
        _forms(path, grid, found, {entry.form for entry in fields} - {""})
        _rename(grid, header, found)
    else:
        grid.cell_findings += _not_codes(path, grid, readings)
    grid.findings += unknown_headers(path, found, columns, dictionary.name)


def _reading(column: ExportColumn, export: ReadingOptions) -> Reading:
    labels = [(label, code) for code, label in column.choices.items()]
    known = frozenset(column.choices)
    if column.kind == "box":
        # The one choice's own label stands for a tick where an export shows labels in boxes.
        own = next(iter(column.choices.values()))
        labels = [(label, code) for code, label in BOX_STATES.items()] + [(own, "1")]
        known = frozenset(BOX_STATES)
    return Reading(known, Labels(labels), export.accepted_texts(column.name))


def _translate(
    path: Path,
    grid: "Grid",
    found: list[ExportColumn],
    readings: dict[int, Reading],
    spoken: bool | None,
) -> None:
    """Codes in place of labels; a finding at each cell that is neither, or can be either."""
    for place, reading in readings.items():
        new: dict[str, str] = {}
        doubts: dict[str, Rule] = {}
        for text in _present(grid, place):
            meaning = _meaning(text.strip(), reading, spoken)
            if isinstance(meaning, Rule):
                doubts[text] = meaning
                new[text] = "" if reading.is_code(text.strip()) else text
            else:
                new[text] = text if meaning == text.strip() else meaning
        grid.cell_findings += _at_cells(path, grid, place, found[place].name, doubts)
        if found[place].kind == "box" and _shows_labels(new, reading):
            note = Finding(mapping_rules.BoxWithLabel(), path.name, 1, found[place].name)
            grid.cell_findings.append((place, note))
        grid.cells[place] = recoded(grid.cells[place], new)


def _are_labels(
    grid: "Grid", header: list[str], found: list[ExportColumn], readings: dict[int, Reading]
) -> bool | None:
    """Whether the cells are labels or codes, by those that are only one of them.

    Where none is, a header of labels says that the cells are labels, too; None: it is not known.
    """
    kinds = set()
    for place, reading in readings.items():
        for text in _present(grid, place):
            is_code, is_label = reading.is_code(text.strip()), bool(reading.labels.meant(text))
            if is_code != is_label:
                kinds.add(is_label)
    if kinds:
        return kinds.pop() if len(kinds) == 1 else None
    pairs = zip(header, found, strict=True)
    known = [text == one.name for text, one in pairs if one.label not in ("", one.name)]
    return True if known and not any(known) else None


def _meaning(text: str, reading: Reading, spoken: bool | None) -> str | Rule:
    """The code that a text stands for, or why that is not known."""
    meant = reading.labels.meant(text)
    is_code = reading.is_code(text)
    if is_code and (not meant or meant == [text] or spoken is False):
        return text
    if len(meant) == 1 and (not is_code or spoken):
        return meant[0]
    if text in reading.accepted:
        return text
    if not meant:
        return mapping_rules.NotAChoice()
    if len(meant) > 1:
        listed = " and ".join(filter(None, [", ".join(meant[:-1]), meant[-1]]))
        outcome: mapping_rules.Outcome = "read as empty" if is_code else "kept as written"
        return mapping_rules.LabelOfTwoChoices(codes=listed, outcome=outcome)
    return mapping_rules.LabelOrCode(other=meant[0])


def _shows_labels(new: dict[str, str], reading: Reading) -> bool:
    filled = {text.strip(): code for text, code in new.items() if text.strip()}
    return "1" in filled.values() and not filled.keys() & {*BOX_STATES, *BOX_STATES.values()}


def _forms(path: Path, grid: "Grid", found: list[ExportColumn], forms: set[str]) -> None:
    """Form names in place of their titles, by the rule that makes the first of the second."""
    by_title = {re.sub("_+", "_", form): form for form in forms}
    for place, column in enumerate(found):
        if column.name != REPEATED:
            continue
        new: dict[str, str] = {}
        unknown: dict[str, mapping_rules.ToldOnce] = {}
        for text in _present(grid, place):
            words = re.sub("[^a-z0-9_]", "", "_".join(text.casefold().split()))
            title = re.sub("_+", "_", words)
            new[text] = text if text.strip() in forms else by_title.get(title, text)
            if new[text].strip() not in forms:
                unknown[text] = mapping_rules.NotAForm(further="")
        grid.cell_findings += _once(path, grid, place, REPEATED, unknown)
        grid.cells[place] = recoded(grid.cells[place], new)


def _rename(grid: "Grid", header: list[str], found: list[ExportColumn]) -> None:
    """Names in place of labels, in the header and in what was found under it."""
    grid.header = [column.name for column in found]
    names = {text: column.name for text, column in zip(header, found, strict=True)}
    grid.findings[:] = [
        replace(finding, column=names.get(finding.column, finding.column))
        for finding in grid.findings
    ]


def _not_codes(path: Path, grid: "Grid", readings: dict[int, Reading]) -> list[tuple[int, Finding]]:
    """A warning for each text of a raw export that is no code of its field."""
    findings: list[tuple[int, Finding]] = []
    for place, reading in readings.items():
        doubts: dict[str, mapping_rules.ToldOnce] = {}
        for text in _present(grid, place):
            value = text.strip()
            if reading.is_code(value) or value in reading.accepted:
                continue
            meant = reading.labels.meant(value)
            doubts[text] = (
                mapping_rules.LabelForCode(meant=" and ".join(meant), further="")
                if meant
                else mapping_rules.NotACode(further="")
            )
        findings += _once(path, grid, place, grid.header[place].strip(), doubts)
    return findings


def _present(grid: "Grid", place: int) -> list[str]:
    """The texts in a column's cells, blank ones aside."""
    return [text for text in present_texts(grid.cells[place]) if text.strip()]


def _rows_of(grid: "Grid", place: int, text: str) -> list[int]:
    column = grid.cells[place]
    chosen = codes(column) == texts(column).index(text)
    return [int(row) for row in grid.cells.index[chosen]]


def _at_cells(
    path: Path, grid: "Grid", place: int, name: str, doubts: dict[str, Rule]
) -> Iterator[tuple[int, Finding]]:
    """An error at each cell with such a text."""
    for text, doubt in doubts.items():
        for row in _rows_of(grid, place, text):
            yield place, Finding(doubt, path.name, row, name, text)


def _once(
    path: Path, grid: "Grid", place: int, name: str, doubts: dict[str, mapping_rules.ToldOnce]
) -> Iterator[tuple[int, Finding]]:
    """A warning for each such text, at the first of its cells."""
    for text, doubt in doubts.items():
        first, *others = _rows_of(grid, place, text)
        further = f"; {len(others)} further rows have it" if others else ""
        yield place, Finding(replace(doubt, further=further), path.name, first, name, text)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
