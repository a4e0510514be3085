"""A raw file as a proposal sees it: how it is read, its cells, and what its columns are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.ingest.export import FORM_STATE
from owncontrol.ingest.private_columns import free_text_columns, identifier_columns
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.dataset_json import dataset_labels
from owncontrol.ingest.readers.odm import labels_and_choices
from owncontrol.ingest.readers.proposed import Options, proposed_options, reading_of
from owncontrol.ingest.readers.redcap_xml import EVENT, Event, read_project
from owncontrol.ingest.readers.statistical import FORMATS, value_labels, variable_labels
from owncontrol.ingest.redcap import KIND, NAME, Field, read_choices, read_dictionary
from owncontrol.study.exports import labelled_column
from owncontrol.study.visit_windows import VisitWindows
from owncontrol.suggest.beside_tables import labels_beside
from owncontrol.suggest.column_guesses import NO_SUBJECT, Guess, subject_column, visit_column
from owncontrol.suggest.header_place import header_place, own_names
from owncontrol.suggest.labelled_export import has_labels
from owncontrol.suggest.several_sheets import sheets_of_one_form


@dataclass(frozen=True)
class RawFile:
    """One raw file.

    ``options``: how it is read, as keys under ``exports``; ``doubts``: about them. ``known``: the
    fields of its REDCap data dictionary. ``labels``: by column, what a dictionary or the file
    itself calls it; ``choices``: by column, the labels of its codes. ``events``: those of a REDCap
    project, where the file has them; ``missing``: codes that it declares for a missing value.
    ``windows``: of which visits were made. ``entry``: the pattern or the names of several files
    that are read as one; empty of a single file. ``has_rows``: False of a project without data,
    whose cells are then its events alone.
    """

    path: Path
    options: Options
    doubts: Mapping[str, str]
    cells: pd.DataFrame
    dictionary: str
    known: Mapping[str, Field]
    labels: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]
    events: Mapping[str, Event] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    has_rows: bool = True
    windows: VisitWindows | None = None
    entry: str | tuple[str, ...] = ""

    @cached_property
    def subject(self) -> Guess:
        """The column of study codes, as far as it can be guessed: by its name, else its label."""
        found = subject_column(self.cells, next(iter(self.known), ""))
        if found.doubt != NO_SUBJECT or not self.labels:
            return found
        labelled = subject_column(self._labelled, "")
        return found if labelled.doubt == NO_SUBJECT else self._of_label(labelled)

    @cached_property
    def visit(self) -> Guess | None:
        """The column of visits: by its name or texts, else by its label or those of its codes."""
        found = visit_column(self.cells)
        if found is None and self.labels:
            labelled = visit_column(self._labelled)
            found = self._of_label(labelled) if labelled else None
        if found is None and self.choices:
            coded = [name for name in self.choices if name in self.cells]
            said = {name: self.said(name, self.texts(name)) for name in coded}
            found = visit_column(pd.DataFrame(said, index=self.cells.index))
        return found

    def said(self, column: str, texts: "pd.Series[str]") -> "pd.Series[str]":
        """The labels of a column's codes, the codes themselves where they have none."""
        labels = self.choices.get(column, {})
        return texts.map(lambda text: labels.get(text, text)).astype("str")

    @cached_property
    def _labelled(self) -> pd.DataFrame:
        """The cells, with the label of each column for its name where it has one."""
        return self.cells.set_axis(
            [self.labels.get(name, name) for name in map(str, self.cells.columns)], axis=1
        ).loc[:, lambda cells: ~cells.columns.duplicated()]

    def _of_label(self, guess: Guess) -> Guess:
        names = map(str, self.cells.columns)
        column = next(name for name in names if self.labels.get(name, name) == guess.column)
        return Guess(column, "taken for its label")

    @cached_property
    def private(self) -> dict[str, str]:
        """Columns of identifiers and free text with the reason; never that of study codes."""
        known = dict(self.known)
        found = identifier_columns(self.cells, known) | free_text_columns(self.cells, known)
        found.pop(self.subject.column, None)
        return found

    @cached_property
    def usable(self) -> dict[str, list[str]]:
        """The columns that may be mapped, each with the names it goes by."""
        return {
            name: [name, *([self.labels[name]] if name in self.labels else [])]
            for name in map(str, self.cells.columns)
            if name not in self.private
            and name != self.subject.column
            and not FORM_STATE.fullmatch(name)
        }

    def called(self, names: Sequence[str]) -> tuple[str, ...]:
        """The columns of these names, or labelled cells; none where the file lacks one."""
        found = [
            next((raw for raw in (name, labelled_column(name)) if raw in self.cells), "")
            for name in names
        ]
        return tuple(found) if all(found) else ()

    def texts(self, column: str) -> "pd.Series[str]":
        """The texts of a column without blanks around them."""
        return self.cells[column].astype("str").str.strip()


def read_raw_file(path: Path, dictionary: Path | None) -> RawFile:
    """Read a file as it can be read best.

    ``dictionary``: the file's REDCap data dictionary, where it has one. Raises InputError where a
    file cannot be read, has no column, or is a data dictionary itself.
    """
    options, doubts = proposed_options(path)
    if options["format"] == "redcap_xml":
        dictionary = dictionary or path  # which has its own
    known = {} if dictionary is None else read_dictionary(dictionary)
    options |= header_place(path, options)
    beside = labels_beside(path, options)
    options |= {"labelled_cells": beside} if beside else {}
    entry = reading_of(path, options)
    cells = read_export(path, entry).cells
    if dictionary not in (None, path) and has_labels(cells, known):
        options["labelled"] = True
        beside_it = {"dictionary": str(Path(str(dictionary)).resolve())}
        cells = read_export(path, reading_of(path, {**options, **beside_it})).cells
    sheet = options.get("sheet", "")
    if "sheet" in options:
        several = sheets_of_one_form(path, options, cells)
        if several is not None:
            (cells, options["sheet"]), doubts = several, {}
    if not len(cells.columns):
        raise InputError(f"{path}: no columns", "name a file with a header")
    if {NAME, KIND} <= set(cells.columns):
        raise InputError(
            f"{path}: a REDCap data dictionary, which has no data to map",
            f"name the export first: suggest-mapping EXPORT --dictionary {path.name}",
        )
    labels = {name: field.label for name, field in known.items()}
    labels |= {labelled_column(label): label for label in beside}
    labels |= own_names(path, {**options, "sheet": sheet}, list(map(str, cells.columns)))
    choices = {name: field.choices for name, field in known.items() if field.choices}
    if options["format"] in FORMATS:
        labels |= variable_labels(path, entry)
        choices |= value_labels(path, entry)
    if options["format"] == "dataset_json":
        labels |= dataset_labels(path)
    if options["format"] == "odm":
        own = labels_and_choices(path)
        labels |= own[0]
        choices |= own[1]
    named = "" if dictionary is None else dictionary.name
    raw = RawFile(path, options, doubts, cells, named, known, labels, choices)
    return _with_events(raw) if options["format"] == "redcap_xml" else raw


def _with_events(raw: RawFile) -> RawFile:
    """The file of a REDCap project with its events and codes for missing data."""
    project = read_project(raw.path)
    events = {event.name: event for event in project.events}
    labels = {EVENT: {name: event.label or name for name, event in events.items()}}
    cells = raw.cells
    if not len(cells) and events:  # a project without data still has its schedule
        cells = pd.DataFrame("", index=range(len(events)), columns=cells.columns)
        cells[EVENT] = list(events)
    return replace(
        raw,
        cells=cells,
        has_rows=len(raw.cells) > 0,
        events=events,
        choices={**raw.choices, **labels} if events else raw.choices,
        missing=tuple(read_choices(project.missing)),
    )
