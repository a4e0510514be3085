"""What a person says about a new study, in words: parsed, checked, and said again as a command."""

import argparse
import csv
import itertools
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from owncontrol.errors import InputError

DIRECTIONS = {"higher": "higher_is_better", "lower": "lower_is_better"}
KINDS = ("measurement", "rated_scale", "count", "yes_no")
# A unit that says of itself what is counted.
KIND_OF_UNIT = {"yes/no": "yes_no", "yes-no": "yes_no", "yes_no": "yes_no", "count": "count"}
NO_KIND = re.compile(r"(?:.*:)?time[-_]to[-_]event", re.IGNORECASE)
MEASURE = re.compile(
    rf"(?P<name>.+?):(?P<direction>{'|'.join(DIRECTIONS)})"
    rf"(?::(?P<unit>[^=]*?))?(?::(?P<kind>{'|'.join(KINDS)}))?(?:=(?P<columns>.+))?",
    re.DOTALL,
)
NUMBER = r"-?\d+(?:\.\d+)?"
WINDOW_OF = re.compile(rf"{NUMBER}(?: *\.\. *{NUMBER}){{0,2}}")
EVENT = re.compile(
    r"(?P<name>[^:=]+):(?P<unit>[^:=]+)(?::(?P<at>\d+(\.\d+)?( *, *\d+(\.\d+)?)*))?=(?P<columns>.+)"
)
EVENT_FORM = "--event relapse:days:90,180=days_followed,relapsed=1"
MEASURE_FORM = "--measure NAME:higher:UNIT or NAME:lower:UNIT, with =COLUMN,COLUMN after it"


@dataclass(frozen=True)
class AskedMeasure:
    """One measure: its name (a column, or a code of tests), and whether more of it is better.

    ``kind``: as it was said; empty where the unit decides.

    ``columns``: what is after ``=``, one entry per visit (or a single one for every visit), each
    a column or several joined by ``+``; empty where the measure's name is its column.
    """

    name: str
    direction: str
    unit: str
    kind: str = ""
    columns: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The raw columns that it names, those of a sum one by one."""
        return tuple(name for column in self.columns or (self.name,) for name in column.split("+"))

    def option(self) -> str:
        """The measure as ``--measure`` takes it."""
        kind = "" if self.kind in ("", KIND_OF_UNIT.get(self.unit)) else f":{self.kind}"
        columns = f"={joined_list(self.columns)}" if self.columns else ""
        return f"{self.name}:{self.direction}:{self.unit}{kind}{columns}"


@dataclass(frozen=True)
class AskedEvent:
    """A time to an event: its unit, the times to look at, the columns of time and event.

    ``value``: that of the event; empty where the column says yes or no.
    """

    name: str
    unit: str
    time: str
    seen: str
    value: str = ""
    at: tuple[float, ...] = ()

    def option(self) -> str:
        """The event as ``--event`` takes it."""
        at = f":{','.join(f'{time:g}' for time in self.at)}" if self.at else ""
        seen = f"{self.seen}={self.value}" if self.value else self.seen
        return f"{self.name}:{self.unit}{at}={joined_list((self.time, seen))}"


@dataclass(frozen=True)
class AskedWindow:
    """A visit's first and last number, and the one that was planned where it was said."""

    first: float
    last: float
    target: float | None = None

    def __str__(self) -> str:
        """The window as ``--windows`` takes it."""
        if self.first == self.last:
            return f"{self.first:g}"
        ends = (self.first, self.target, self.last)
        return "..".join(f"{end:g}" for end in ends if end is not None)


@dataclass(frozen=True)
class Request:
    """Everything that the options of ``new-study`` say; what is empty was not said.

    ``keep``: by column the values of rows that belong to the study. ``differences``: by measure the
    least change that counts, and where that comes from. ``windows``: by visit the first and the
    last number of ``visit``, or day since the subject's first ``date``. ``words``: by measure what
    is in its cells in place of numbers, the lowest first. ``baseline_columns``: by measure the
    column (several of a sum) that repeats its baseline in every row; an empty name is the only
    measure. ``called``: one subject and several, in a word each.
    """

    name: str
    exports: tuple[Path, ...]
    dictionary: Path | None = None
    subject: tuple[str, ...] = ()
    visit: str = ""
    visits: tuple[str, ...] = ()
    baseline: str = ""
    time_point: str = ""
    measures: tuple[AskedMeasure, ...] = ()
    keep: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    differences: dict[str, tuple[str, str]] = field(default_factory=dict)
    date: str = ""
    start: str = ""
    treatment: str = ""
    title: str = ""
    question: str = ""
    synthetic: bool = False
    describe: tuple[str, ...] = ()
    arms: str = ""
    baseline_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    windows: dict[str, AskedWindow] = field(default_factory=dict)
    events: tuple[AskedEvent, ...] = ()
    called: tuple[str, ...] = ()

    @property
    def described(self) -> tuple[str, ...]:
        """Columns of the patients' table; that of the arms is one of them."""
        named = () if not self.arms or self.arms in self.describe else (self.arms,)
        return (*self.describe, *named)

    def command_lines(self) -> list[str]:
        """The command that makes the same study again from its copied raw files, an option a line.

        Each is quoted for a shell, so that no text of an option is cut in two.
        """
        raw = Path("data/raw") / self.name
        files = [(raw / path.name).as_posix() for path in self.exports]
        lines = [[".venv/bin/python", "-m", "owncontrol", "new-study", self.name]]
        lines.append(["--from", *files])
        if self.dictionary:
            lines.append(["--dictionary", (raw / self.dictionary.name).as_posix()])
        # With "=", a value that begins with a dash is no option.
        lines += [
            [f"{option}={value}"] if value.startswith("-") else [option, value]
            for option, value in self._options()
            if value
        ]
        lines += [["--synthetic"]] if self.synthetic else []
        return [shlex.join(words) for words in lines]

    def _options(self) -> Iterator[tuple[str, str]]:
        """Options with their values; an empty value was not said."""
        yield "--subject", joined_list(self.subject)
        yield "--visit", self.visit
        yield "--visits", joined_list(self.visits)
        yield "--windows", joined_list(f"{name}={window}" for name, window in self.windows.items())
        yield "--baseline", self.baseline
        yield "--time-point", self.time_point
        yield "--baseline-column", joined_list(_repeated_texts(self.baseline_columns))
        for measure in self.measures:
            yield "--measure", measure.option()
        for event in self.events:
            yield "--event", event.option()
        for option, said in (("--words", self.words), ("--keep", self.keep)):
            for name, values in said.items():
                yield option, f"{name}={joined_list(values)}"
        yield "--missing", joined_list(self.missing)
        for name, (value, source) in self.differences.items():
            yield "--important-difference", f"{name}={value}" + (f":{source}" if source else "")
        yield "--date", self.date
        yield "--start", self.start
        yield "--treatment", self.treatment
        yield "--title", self.title
        yield "--question", self.question
        yield "--describe", joined_list(self.describe)
        yield "--arms", self.arms
        yield "--called", joined_list(self.called)


def request_of(options: argparse.Namespace) -> Request:
    """What the options of the command say.

    Raises InputError for one that cannot be read, or has a line break or another sign without a
    shape: the command is written into the configuration as a comment.
    """
    for option, value in vars(options).items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and not text.isprintable():
                name = option.replace("_", "-")
                raise InputError(
                    f"--{name} {text!r}: has a line break or a sign that is not seen",
                    "write it on one line",
                )
    return Request(
        name=options.name,
        exports=tuple(options.exports),
        dictionary=options.dictionary,
        subject=comma_list(options.subject),
        visit=options.visit.strip(),
        visits=comma_list(options.visits),
        baseline=options.baseline.strip(),
        time_point=options.time_point.strip(),
        measures=tuple(map(asked_measure, options.measure)),
        keep=named_values("--keep", options.keep, "COLUMN=VALUE", "arm=treated"),
        windows=asked_windows(options.windows),
        events=tuple(map(asked_event, options.event)),
        words=named_values("--words", options.words, "MEASURE=WORD,WORD", "status=poor,fair,good"),
        missing=comma_list(options.missing),
        differences=least_differences(options.important_difference),
        date=options.date.strip(),
        start=options.start.strip(),
        treatment=options.treatment.strip(),
        title=options.title.strip(),
        question=options.question.strip(),
        synthetic=options.synthetic,
        describe=comma_list(options.describe),
        arms=options.arms.strip(),
        called=subject_words(options.called),
        baseline_columns=repeated_baselines(options.baseline_column, options.measure),
    )


def subject_words(text: str) -> tuple[str, ...]:
    """What one subject is called, and several; none where nothing is said.

    Raises InputError for one word, or for more than two.
    """
    words = comma_list(text)
    if len(words) not in (0, 2):
        raise InputError(f"--called {text!r}: is not ONE,MANY", "for example --called rat,rats")
    return words


def comma_list(text: str) -> tuple[str, ...]:
    """The parts of a list with commas; one that holds a comma is in double quotes."""
    rows = list(csv.reader([text], skipinitialspace=True))
    return tuple(part.strip() for part in (rows[0] if rows else []) if part.strip())


def joined_list(parts: Iterable[str]) -> str:
    """Parts as ``comma_list`` takes them."""
    return ",".join(
        '"' + part.replace('"', '""') + '"' if {",", '"'} & set(part) else part for part in parts
    )


def asked_measure(text: str) -> AskedMeasure:
    """A measure from ``NAME:higher:UNIT=COLUMN,COLUMN``.

    Raises InputError where the direction is missing, or the kind is none.
    """
    found = MEASURE.fullmatch(text.strip())
    if not found:
        name = re.split("[:=]", text, maxsplit=1)[0] or "NAME"
        raise InputError(
            f"--measure {text!r}: does not say whether a higher or a lower value is better",
            f"write {name}:higher:UNIT or {name}:lower:UNIT",
        )
    unit = (found["unit"] or "").strip()
    if NO_KIND.fullmatch(unit):
        raise InputError(
            f"--measure {text!r}: a time to an event has no baseline that it could change from",
            f"it is described: {EVENT_FORM}",
        )
    kind = found["kind"] or KIND_OF_UNIT.get(unit.casefold(), "")
    return AskedMeasure(
        name=found["name"].strip(),
        direction=found["direction"],
        # yes-no and count say what kind it is, and are nothing that a number is followed by
        unit="" if kind and not found["kind"] else unit,
        kind=kind,
        columns=comma_list(found["columns"] or ""),
    )


def asked_event(text: str) -> AskedEvent:
    """A time to an event from ``NAME:UNIT:AT,AT=TIME,EVENT=VALUE``.

    Raises InputError where it is none.
    """
    found = EVENT.fullmatch(text.strip())
    columns = comma_list(found["columns"]) if found else ()
    at = [float(time) for time in comma_list(found["at"] or "")] if found else []
    if found is None or len(columns) != 2 or any(time <= 0 for time in at):
        raise InputError(f"--event {text!r}: is not NAME:UNIT=TIME,EVENT", EVENT_FORM)
    seen, _, value = columns[1].partition("=")
    return AskedEvent(
        name=found["name"].strip(),
        unit=found["unit"].strip(),
        time=columns[0],
        seen=seen.strip(),
        value=value.strip(),
        at=tuple(dict.fromkeys(at)),
    )


def repeated_baselines(text: str, measures: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """``COLUMN``, or ``MEASURE=COLUMN,MEASURE=COLUMN`` of several measures, of a baseline.

    Raises InputError where it is not said which measure a column is of.
    """
    found: dict[str, tuple[str, ...]] = {}
    for part in comma_list(text):
        name, equals, columns = part.partition("=")
        if not equals and len(measures) > 1:
            first = re.split("[:=]", measures[0], maxsplit=1)[0]
            raise InputError(
                f"--baseline-column {text!r}: does not say which measure '{part}' is of",
                f"write {first}={part}",
            )
        columns = columns if equals else part
        found[name.strip() if equals else ""] = tuple(one.strip() for one in columns.split("+"))
    return found


def _repeated_texts(columns: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The parts of ``--baseline-column``."""
    for name, of_items in columns.items():
        yield (f"{name}=" if name else "") + "+".join(of_items)


def named_values(
    option: str, texts: Sequence[str], form: str, example: str
) -> dict[str, tuple[str, ...]]:
    """By name the values of each ``NAME=VALUE,VALUE``. Raises InputError where there is no ``=``.

    ``form``, ``example``: what the option looks like, for the message.
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        column, equals, values = text.partition("=")
        if not equals or not column.strip() or not comma_list(values):
            raise InputError(f"{option} {text!r}: is not {form}", f"for example {option} {example}")
        found[column.strip()] = found.get(column.strip(), ()) + comma_list(values)
    return found


def asked_windows(text: str) -> dict[str, AskedWindow]:
    """By visit the window of ``VISIT=0,VISIT=80..100`` or, with the planned day, ``=80..91..100``.

    Raises InputError for one that is no number or range, and where two overlap.
    """
    found: dict[str, AskedWindow] = {}
    for part in comma_list(text):
        name, _, rest = part.rpartition("=")
        read = WINDOW_OF.fullmatch(rest.strip())
        if not name.strip() or not read:
            raise InputError(
                f"--windows {part!r}: is not VISIT=FIRST..LAST or VISIT=FIRST..PLANNED..LAST",
                'for example --windows "baseline=0,month 6=150..182..210"',
            )
        ends = [float(end) for end in rest.split("..")]
        if ends != sorted(ends):
            raise InputError(f"--windows {part!r}: its numbers go down", "write the lowest first")
        found[name.strip()] = AskedWindow(ends[0], ends[-1], ends[1] if len(ends) == 3 else None)
    ordered = sorted(found, key=lambda name: found[name].first)
    for one, other in itertools.pairwise(ordered):
        if found[other].first <= found[one].last:
            raise InputError(
                f"--windows: '{one}' and '{other}' overlap", "end one before the other"
            )
    return found


def least_differences(texts: Sequence[str]) -> dict[str, tuple[str, str]]:
    """``MEASURE=NUMBER`` or ``MEASURE=NUMBER:SOURCE`` of each ``--important-difference``.

    Raises InputError where it is no positive number.
    """
    found = {}
    for text in texts:
        name, _, rest = text.rpartition("=") if text.count("=") == 1 else text.partition("=")
        value, _, source = rest.partition(":")
        if not name.strip() or not re.fullmatch(r"\d+(\.\d+)?", value.strip()) or not float(value):
            raise InputError(
                f"--important-difference {text!r}: is not MEASURE=NUMBER",
                'for example --important-difference bdi=5, or bdi=5:"where that comes from"',
            )
        found[name.strip()] = (value.strip(), source.strip())
    return found
