"""A study that is being proposed: what its configuration will say, and the doubt about each part.

A doubt is a text; an empty one means that there is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from owncontrol.study.visit_windows import VisitWindows
from owncontrol.study.visits import StudyClock
from owncontrol.suggest.column_guesses import Guess
from owncontrol.suggest.request import AskedEvent


@dataclass(frozen=True)
class DraftTable:
    """A canonical table of an export.

    ``columns``: canonical column and the raw one, None where a needed one was not found.
    ``subject``: the raw columns of a code that several make up. ``rows``: by raw column the values
    that a row of the table has. ``wide``: the visits that are in names of columns, as a regular
    expression. ``mark``: the column of the flag of the baseline, where it marks visits.
    ``unknown``: by canonical column, codes of which nothing is known. ``repeated``: by canonical
    column the raw one that has the value of ``repeated_visit`` in every row. ``long``: of a table
    with several rows an assessment the columns of item codes and those of values; ``patterns``: for
    its items, a regular expression, the canonical name and words for its group.
    ``nearest_of_several``: of a subject's rows in one window that nearest to its target is read.
    """

    name: str
    columns: Mapping[str, Guess | None]
    recode: Mapping[str, Mapping[str, Guess]] = field(default_factory=dict)
    unknown: Mapping[str, Sequence[str]] = field(default_factory=dict)
    recorded: bool = False
    subject: tuple[str, ...] = ()
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wide: str = ""
    undated: bool = False
    mark: str = ""
    doubt: str = ""
    repeated: Mapping[str, str] = field(default_factory=dict)
    repeated_visit: str = ""
    long: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    patterns: tuple[tuple[str, str, Mapping[str, str]], ...] = ()
    nearest_of_several: bool = False

    def raw_columns(self) -> set[str]:
        """The raw columns that the table reads (those of a wide one as templates)."""
        mapped = (guess.column for guess in self.columns.values() if guess)
        of_items = {name for names in self.long for name in names}
        marks = filter(None, [self.mark])
        return {*self.subject, *marks, *mapped, *self.repeated.values(), *of_items}


@dataclass(frozen=True)
class DraftExport:
    """A raw file, how it is read, and what it feeds.

    ``missing``, ``dates``, ``numbers``: each with its doubt. ``ignored``: by column why.
    ``notes``: comments at the end.
    """

    key: str
    file: str
    options: Mapping[str, object]
    option_doubts: Mapping[str, str]
    dictionary: str
    missing: Mapping[str, str]
    dates: Mapping[str, str]
    numbers: Mapping[str, str]
    ignored: Mapping[str, str]
    tables: tuple[DraftTable, ...]
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    windows: VisitWindows | None = None
    entry: str | tuple[str, ...] = ""


@dataclass(frozen=True)
class DraftVisit:
    """A visit; without a day where none is known, without a window where none was said.

    ``clock``: what the day counts from.
    """

    name: str
    label: str
    clock: str
    day: int | None
    window: tuple[int, int] | None = None
    doubt: str = ""


@dataclass(frozen=True)
class DraftEvent:
    """A time to an event; ``codes``: what each text of its column stands for, yes or no."""

    name: str
    label: str
    asked: AskedEvent
    codes: Mapping[str, Guess]

    @property
    def columns(self) -> dict[str, str]:
        """The characteristics that hold time and event, and the raw column of each."""
        return {f"{self.name}_time": self.asked.time, f"{self.name}_seen": self.asked.seen}


@dataclass(frozen=True)
class DraftMeasure:
    """An instrument of the study itself; ``items``: those that it adds up.

    ``kind``: empty where the unit decides. ``words``: of a rating in words, the lowest first.
    """

    name: str
    label: str
    kind: str
    direction: str
    unit: str
    items: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class DraftEndpoint:
    """An endpoint; ``scale`` empty where the instrument has one."""

    name: str
    label: str
    instrument: str
    scale: str = ""
    family: str = "primary"
    difference: tuple[str, str] | None = None
    doubt: str = ""


@dataclass(frozen=True)
class ToSay:
    """Something that has to be said before a study can run.

    ``hint`` may show values of cells: it is for the person at the terminal, and goes into no file.
    """

    what: str
    hint: str = ""

    def line(self) -> str:
        """Both on one line."""
        between = " " if self.what.endswith("?") else "; "
        return f"{self.what}{between}{self.hint}" if self.hint else self.what


@dataclass(frozen=True)
class DraftStudy:
    """The whole study. ``command``: what makes it again, an option a line.

    ``words``: title, question and treatment, each with its doubt. ``in_capitals``: whether study
    codes are read as capital letters. ``clock``: what days of courses count from. ``dose_unit``:
    empty for that of cells. ``severity``: words for it, the mildest first. ``not_read``: files in
    which nothing was found. ``missing``: what has to be settled before it can run, one line each,
    in the order to do it. ``arms``: the characteristic by which arms are described, if one is.
    ``called``: one subject and several, where they are no patients.
    """

    name: str
    command: tuple[str, ...]
    words: Mapping[str, tuple[str, str]]
    synthetic: bool
    pattern: Guess
    in_capitals: bool
    visits: tuple[DraftVisit, ...]
    baseline: str
    time_point: Guess
    exports: tuple[DraftExport, ...]
    measures: tuple[DraftMeasure, ...]
    endpoints: tuple[DraftEndpoint, ...]
    not_read: tuple[str, ...] = ()
    characteristics: tuple[tuple[str, str, str], ...] = ()
    arms: str = ""
    called: tuple[str, ...] = ()
    events: tuple[DraftEvent, ...] = ()
    missing: tuple[ToSay, ...] = ()
    clock: StudyClock = "treatment"
    dose_unit: str = ""
    severity: tuple[str, ...] = ()

    @property
    def has_treatments(self) -> bool:
        """Whether anybody was given anything."""
        return any(table.name == "treatments" for of in self.exports for table in of.tables)
