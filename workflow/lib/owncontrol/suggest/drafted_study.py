"""A new study from its raw files and what a person said about it."""

import contextlib
import functools
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import pandas as pd

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.program_files import INSTRUMENTS
from owncontrol.errors import InputError
from owncontrol.instruments import Instrument, load_instrument
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.suggest.answers import recoded_answers
from owncontrol.suggest.cdisc import (
    as_in_file,
    is_of_subject,
    standard_dates,
    study_day,
    unscheduled_note,
    with_flagged_baseline,
)
from owncontrol.suggest.column_guesses import NO_SUBJECT, Guess, date_columns, missing_codes
from owncontrol.suggest.draft import (
    DraftEndpoint,
    DraftExport,
    DraftStudy,
    DraftTable,
    DraftVisit,
    ToSay,
)
from owncontrol.suggest.placed_measures import (
    REPEATED,
    Placed,
    measure_name,
    number_columns,
    offered,
    place_measure,
    subject_columns,
)
from owncontrol.suggest.project_events import dates_of_form, planned_dates, with_windows
from owncontrol.suggest.proposal import (
    date_forms,
    ignored_columns,
    proposed_export,
    slug,
    without_doubts,
)
from owncontrol.suggest.raw_file import RawFile, read_raw_file
from owncontrol.suggest.request import Request
from owncontrol.suggest.schedule import Schedule, schedule
from owncontrol.suggest.study_clock import found_visits, study_clock
from owncontrol.suggest.units_and_words import fed_once, with_units_and_words
from owncontrol.tables import fields

# Endpoints that are proposed of an instrument with several scales.
MAIN_SCALES = {"isncsci": ("asia_impairment_scale", "motor_total")}
NOT_ASKED = ""  # columns that the person did not name need no comment
T = TypeVar("T")


def drafted_study(request: Request) -> DraftStudy:
    """The study as far as it can be drafted; what is left to say stands in ``missing``.

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
    draft = _asked(request, files, exports) if request.measures else _found(request, files, exports)
    return replace(draft, missing=tuple(dict.fromkeys(draft.missing)))


class _Missing(list[ToSay]):
    """What is left to say, collected instead of raised."""

    def attempt(self, act: Callable[[], T]) -> T | None:
        """What ``act`` gives; None, and the fault noted, where it raises InputError."""
        try:
            return act()
        except InputError as error:
            self.append(ToSay(error.message, error.hint))
            return None


def _asked(
    request: Request, files: Sequence[RawFile], exports: Sequence[DraftExport]
) -> DraftStudy:
    """A study of the measures that were named; of the rest of a file, only what is sure."""
    missing = _Missing()
    _check_columns(request, files, missing)
    for raw in files:
        if not raw.has_rows:
            what = f"{raw.path.name}: a project without data"
            missing.append(ToSay(what, "download it with its data and make the study again"))
    placed = [
        found
        for asked in request.measures
        if (found := missing.attempt(functools.partial(place_measure, asked, files, request)))
    ]
    placed = [_dated(place, request, missing) for place in placed]
    for place in placed:
        missing.attempt(functools.partial(recoded_answers, place, _missing_of(request, place.raw)))
    plan = missing.attempt(lambda: schedule(placed, request)) if placed else None
    drafted = [
        _export(request, raw, export, [place for place in placed if place.raw is raw], plan)
        for raw, export in zip(files, exports, strict=True)
    ]
    drafted, dose_unit, severity = with_units_and_words(files, fed_once(drafted))
    exports = _with_subjects(request, files, drafted)
    visits = plan.visits if plan else _no_visits()
    clock = study_clock(exports, visits)
    if plan:
        visits = with_windows(visits, dict(plan.names), placed, clock)
    return DraftStudy(
        name=request.name,
        command=tuple(request.command_lines()),
        words=_words(request),
        synthetic=request.synthetic,
        pattern=_pattern(request, files),
        in_capitals=_in_capitals(request, files),
        visits=visits,
        clock=clock,
        dose_unit=dose_unit,
        severity=severity,
        baseline=plan.baseline if plan else "baseline",
        time_point=Guess(plan.time_point if plan else "baseline"),
        exports=tuple(export for export in exports if export.tables or not plan),
        not_read=tuple(export.file for export in drafted if plan and not export.tables),
        measures=tuple(place.measure for place in placed),
        endpoints=tuple(_asked_endpoints(request, placed, missing)),
        characteristics=tuple(_characteristics(request, files)),
        missing=tuple(missing),
    )


def _check_columns(request: Request, files: Sequence[RawFile], missing: list[ToSay]) -> None:
    """Columns that options name and no file has; values of ``--keep`` that do not occur."""
    known = [name for raw in files for name in map(str, raw.cells.columns)]
    named = [("--keep", column) for column in request.keep]
    named += [("--describe", column) for column in request.describe]
    named += [("--date", request.date), ("--start", request.start)]
    for option, column in named:
        if column and column not in known:
            missing.append(
                ToSay(f"{option}: no file has the column '{column}'", _near(column, known))
            )
    measures = [asked.name for asked in request.measures]
    for name in request.baseline_columns:
        if name and name not in measures:
            missing.append(ToSay(f"--baseline-column: no measure '{name}'", _near(name, measures)))
    for column, values in request.keep.items():
        texts = [
            text for raw in files if column in raw.cells for text in raw.texts(column).unique()
        ]
        for value in values:
            if texts and value not in texts:
                missing.append(ToSay(f"--keep: no row has {column} '{value}'", _near(value, texts)))


def _near(word: str, known: Sequence[str]) -> str:
    few = ", ".join([text for text in dict.fromkeys(known) if text][:12])
    return did_you_mean(word, list(known), f"there are: {few}")


def _dated(place: Placed, request: Request, missing: list[ToSay]) -> Placed:
    """A measure of a long table with its column of dates, where there is one."""
    if not place.visit:
        return place
    if place.table.repeated:  # what every row repeats has no date
        if request.date:
            what = "--date: a baseline that a column repeats has no date"
            missing.append(ToSay(what, "leave --date out; visits then count by their order"))
        return place
    dates = date_columns(place.raw.cells, missing_codes(place.raw.cells))
    column = request.date if request.date in place.raw.cells else ""
    if not column and not request.date:
        # A column of dates that is filled in the rows of the measure, and in no other use.
        fitting = [
            name
            for name in dates
            if name != request.start and (place.raw.texts(name)[place.rows] != "").mean() > 0.5
        ]
        fitting = [name for name in fitting if not is_of_subject(place, name)]
        fitting = fitting if place.raw.has_rows else planned_dates(place.raw)
        standard = [name for name in fitting if name in standard_dates(place.raw)]
        fitting = standard if len(standard) == 1 else fitting
        same_form = dates_of_form(place, fitting)
        fitting = same_form if len(same_form) == 1 else fitting
        if len(fitting) > 1:
            said = offered(place.raw, fitting)
            missing.append(ToSay("--date: which column has the date of the assessment?", said))
        column = fitting[0] if len(fitting) == 1 else ""
    kind = "date"
    if not column:
        column, kind = study_day(place.raw), "study_day"
    if not column:
        return place
    columns = dict(place.table.columns)
    items = list(columns.items())[2:]
    columns = {
        "subject_id": columns["subject_id"],
        "visit": columns["visit"],
        kind: Guess(column),
    }
    return replace(
        place, table=replace(place.table, columns={**columns, **dict(items)}, undated=False)
    )


def _export(
    request: Request,
    raw: RawFile,
    export: DraftExport,
    placed: Sequence[Placed],
    plan: Schedule | None,
) -> DraftExport:
    """The export with the tables of its measures and of what is surely in it."""
    tables, keep = _kept_rows(
        [_recoded(place, plan, _missing_of(request, raw)) for place in placed]
    )
    keep = {**{column: of for column, of in request.keep.items() if column in raw.cells}, **keep}
    taken = {name for table in tables for name in table.raw_columns()} - {raw.subject.column}
    others = [
        replace(without_doubts(table), subject=_subject(raw, request))
        for table in export.tables
        if table.name in CANONICAL and table.name != "visits"
    ]
    for table in others:
        columns = {
            name: guess
            for name, guess in table.columns.items()
            if name == "subject_id"
            or (guess and guess.column not in taken and _is_in_range(raw, table.name, name, guess))
        }
        if len(columns) > 1 and _is_whole(table.name, columns):
            tables.append(replace(table, columns=_with_subject(columns, table.subject)))
    used = {name for table in tables for name in table.raw_columns()}
    used |= {name for table in tables for name in table.rows} | set(keep)
    used |= {name for place in placed for name in _raw_names(place)}
    codes = (
        dict.fromkeys(request.missing, "")
        if request.missing
        else {code: doubt for code, doubt in export.missing.items() if not doubt}
    )
    read = [name for name in used if name in raw.cells]
    return replace(
        export,
        tables=tuple(tables),
        keep=keep,
        missing=dict.fromkeys(codes, ""),
        dates=date_forms(date_columns(raw.cells[read], codes)),
        ignored=ignored_columns(raw, used, NOT_ASKED),
        notes=tuple(filter(None, [unscheduled_note(place, _scheduled(plan)) for place in placed])),
    )


def _scheduled(plan: Schedule | None) -> dict[str, str]:
    """The visits of the schedule by how they are written."""
    if plan is None:
        return {}
    names = {visit.name for visit in plan.visits}
    return {text: name for text, name in plan.names.items() if name in names}


def _kept_rows(
    tables: Sequence[DraftTable],
) -> tuple[list[DraftTable], dict[str, tuple[str, ...]]]:
    """Tables of one file, and which of its rows are read: those of a test and a visit.

    A table keeps a condition of its own where another table of the file has other rows.
    """
    keep: dict[str, tuple[str, ...]] = {}
    columns = dict.fromkeys(column for table in tables for column in table.rows)
    for column in columns:
        if column != REPEATED and all(column in table.rows for table in tables):
            values = [value for table in tables for value in table.rows[column]]
            keep[column] = tuple(dict.fromkeys(values))
    shorter = [
        replace(
            table,
            rows={
                column: values
                for column, values in table.rows.items()
                if set(values) != set(keep.get(column, ()))
            },
        )
        for table in tables
    ]
    return shorter, keep


def _is_whole(table: str, columns: dict[str, Guess | None]) -> bool:
    """Whether what was surely found of a table is enough to be one."""
    return table != "adverse_events" or "term" in columns


def _is_in_range(raw: RawFile, table: str, column: str, guess: Guess) -> bool:
    """Whether all numbers of a raw column are such as the canonical one can hold: its unit."""
    if (table, column) == ("treatments", "dose"):
        return True  # units_and_words looks for its unit
    limits = fields(table).get(column, {}).get("constraints", {})
    if not {"minimum", "maximum"} & set(limits):
        return True
    numbers = pd.to_numeric(raw.texts(guess.column), errors="coerce").dropna()
    low, high = limits.get("minimum", -math.inf), limits.get("maximum", math.inf)
    return bool(numbers.between(low, high).all())


def _raw_names(place: Placed) -> set[str]:
    """The raw columns of a measure; of a wide one those of all visits."""
    names = {guess.column for guess in place.table.columns.values() if guess}
    return {name.replace("{visit}", text) for name in names for text in place.texts}


def _subject(raw: RawFile, request: Request) -> tuple[str, ...]:
    if request.subject and all(name in raw.cells for name in request.subject):
        return request.subject
    return (raw.subject.column,)


def _with_subject(
    columns: dict[str, Guess | None], subject: tuple[str, ...]
) -> dict[str, Guess | None]:
    return {**columns, "subject_id": Guess(subject[0])}


def _missing_of(request: Request, raw: RawFile) -> Collection[str]:
    """Texts of a file that stand for a missing value, as was said or is surely found."""
    found = missing_codes(raw.cells)
    sure = [code for code, doubt in found.items() if not doubt]
    return request.missing or [*sure, *(code for code in raw.missing if code not in sure)]


def _recoded(place: Placed, plan: Schedule | None, missing: Collection[str]) -> DraftTable:
    if plan is None:
        return place.table
    names = {text: plan.names[text] for text in place.texts}
    scheduled = {visit.name for visit in plan.visits}
    codes = {
        text: Guess(name) for text, name in names.items() if name in scheduled and text != name
    }
    recode: dict[str, Mapping[str, Guess]] = {"visit": codes} if codes else {}
    with contextlib.suppress(InputError):  # it is among what is left to say
        recode |= recoded_answers(place, missing)
    table = replace(place.table, recode=recode, repeated_visit=plan.baseline)
    if place.visit and not set(names.values()) <= scheduled:
        kept = as_in_file([text for text, name in names.items() if name in scheduled])
        table = replace(table, rows={**table.rows, place.visit: kept})
    return table


def _with_subjects(
    request: Request, files: Sequence[RawFile], exports: Sequence[DraftExport]
) -> list[DraftExport]:
    """The exports with a table of subjects: of codes alone where none was found.

    One of treatments, too, where a date or a word says that something was given.
    """
    found = list(exports)
    given = bool(request.start or request.treatment)
    for name in ("treatments", "subjects") if given else ("subjects",):
        if any(table.name == name for export in found for table in export.tables):
            continue
        place = next((at for at, export in enumerate(found) if export.tables), None)
        if place is None:
            continue
        subject = _subject(files[place], request)
        columns: dict[str, Guess | None] = {"subject_id": Guess(subject[0])}
        if name == "treatments" and request.start in files[place].cells:
            columns["treatment_start"] = Guess(request.start)
        table = DraftTable(name, columns, subject=subject)
        found[place] = replace(found[place], tables=(table, *found[place].tables))
    return [_described(request, raw, export) for raw, export in zip(files, found, strict=True)]


def _described(request: Request, raw: RawFile, export: DraftExport) -> DraftExport:
    """The export with the columns that are to be described in its table of subjects."""
    extra = {slug(name): Guess(name) for name in request.describe if name in raw.cells}
    tables = tuple(
        replace(table, columns={**table.columns, **extra}) if table.name == "subjects" else table
        for table in export.tables
    )
    read = {name for table in tables for name in table.raw_columns()}
    ignored = {name: why for name, why in export.ignored.items() if name not in read}
    return replace(export, tables=tables, ignored=ignored)


def _characteristics(request: Request, files: Sequence[RawFile]) -> list[tuple[str, str, str]]:
    """Name, label and type of each column that is to be described."""
    found = []
    for column in request.describe:
        for raw in files:
            if column in raw.cells:
                kind = "number" if column in number_columns(raw) else "category"
                label = raw.labels.get(column, column.replace("_", " "))
                found.append((slug(column), label[:1].upper() + label[1:], kind))
                break
    return found


def _asked_endpoints(
    request: Request, placed: Sequence[Placed], missing: list[ToSay]
) -> list[DraftEndpoint]:
    names = [place.measure.name for place in placed]
    by_measure = {measure_name(name): of for name, of in request.differences.items()}
    for name in by_measure:
        if names and name not in names:
            missing.append(
                ToSay(f"--important-difference: no measure '{name}'", _near(name, names))
            )
    return [
        DraftEndpoint(
            name=place.measure.name,
            label=place.measure.label,
            instrument=place.measure.name,
            family="secondary" if number else "primary",
            difference=by_measure.get(place.measure.name),
        )
        for number, place in enumerate(placed)
    ]


def _words(request: Request) -> dict[str, tuple[str, str]]:
    """Title, question and treatment; what was not said is marked where a study is guessed."""
    is_asked = bool(request.measures)
    title = request.title or request.name
    question = request.question or "Does anything change within patients?"
    treatment = request.treatment or "treatment"
    return {
        "title": (title, "" if request.title or is_asked else "title of the report"),
        "question": (question, "" if request.question or is_asked else "what was studied"),
        "treatment": (
            treatment,
            ""
            if request.treatment or is_asked
            else "what was given, as it stands inside a sentence",
        ),
    }


def _no_visits() -> tuple[DraftVisit, ...]:
    return (DraftVisit("baseline", "Baseline", "nominal", 0, None, "the visits are not known"),)


def _pattern(request: Request, files: Sequence[RawFile]) -> Guess:
    """Regular expression of all codes, where they differ in their digits alone; else any."""
    subjects = [_subject(raw, request) for raw in files]
    if any(len(subject) > 1 for subject in subjects):
        return Guess(".+")
    codes = _codes(request, files)
    if _in_capitals(request, files):
        codes = {code.upper() for code in codes}
    forms = {re.sub(r"[0-9]+", "[0-9]+", re.escape(code)).replace(r"\-", "-") for code in codes}
    return Guess(forms.pop()) if len(forms) == 1 else Guess(".+")


def _codes(request: Request, files: Sequence[RawFile]) -> set[str]:
    """The texts of all columns that study codes are read from."""
    return {
        text
        for raw in files
        for column in _subject(raw, request)
        if column in raw.cells
        for text in raw.texts(column)
    } - {""}


def _in_capitals(request: Request, files: Sequence[RawFile]) -> bool:
    """Whether codes are read as capitals: they are, or they only differ in how they are typed."""
    codes = _codes(request, files)
    capitals = {code.upper() for code in codes}
    return codes == capitals or len(capitals) < len(codes)


def _found(
    request: Request, files: Sequence[RawFile], exports: Sequence[DraftExport]
) -> DraftStudy:
    """A study of what was found in the files by itself, every guess marked."""
    missing = _Missing()
    for raw in files:
        missing.attempt(functools.partial(subject_columns, raw, request))
    exports = [
        replace(export, keep={c: of for c, of in request.keep.items() if c in raw.cells})
        for raw, export in zip(files, exports, strict=True)
    ]
    exports, dose_unit, severity = with_units_and_words(files, exports)
    clock = study_clock(exports, ())
    visits = found_visits(exports, clock)
    endpoints = _found_endpoints(exports)
    if not endpoints:
        numbers = "; ".join(
            f"{raw.path.name} has {offered(raw, number_columns(raw))}" for raw in files
        )
        missing.append(
            ToSay(
                "--measure: what was measured? no file has the items of an instrument that is "
                "known; write --measure NAME:higher:UNIT or NAME:lower:UNIT",
                f"columns of numbers: {numbers}",
            )
        )
    pattern = _pattern(request, files)
    doubt = "the codes do not differ in digits alone" if pattern.column == ".+" else ""
    return DraftStudy(
        name=request.name,
        command=tuple(request.command_lines()),
        words=_words(request),
        synthetic=request.synthetic,
        pattern=Guess(pattern.column, doubt),
        in_capitals=_in_capitals(request, files),
        visits=visits,
        clock=clock,
        dose_unit=dose_unit,
        severity=severity,
        baseline=visits[0].name,
        time_point=Guess(visits[-1].name, "visit of the main result"),
        exports=tuple(_with_codes(files, exports)),
        measures=(),
        endpoints=tuple(endpoints),
        missing=tuple(missing),
    )


def _with_codes(files: Sequence[RawFile], exports: Sequence[DraftExport]) -> list[DraftExport]:
    """Subjects of nothing but codes, where no export seems to feed them."""
    fed = any(table.name == "subjects" for export in exports for table in export.tables)
    found = []
    for raw, export in zip(files, exports, strict=True):
        if not fed and raw.subject.doubt != NO_SUBJECT:
            code = {"subject_id": Guess(raw.subject.column)}
            table = DraftTable("subjects", code, doubt="nothing but the codes was found")
            export, fed = replace(export, tables=(*export.tables, table)), True
        found.append(export)
    return found


def _found_endpoints(exports: Sequence[DraftExport]) -> list[DraftEndpoint]:
    """One or two endpoints of each instrument that an export feeds."""
    tables = dict.fromkeys(table.name for export in exports for table in export.tables)
    found = []
    for name in tables:
        path = INSTRUMENTS / f"{name}.yaml"
        if path.is_file():
            instrument = load_instrument(path)
            found += [(instrument, scale) for scale in _main_scales(instrument)]
    return [
        DraftEndpoint(
            name=f"{instrument.name}_{scale}",
            label=f"{instrument.label}: {instrument.scales[scale].label}",
            instrument=instrument.name,
            scale=scale,
            family="secondary" if place else "primary",
            doubt="is it analysed?",
        )
        for place, (instrument, scale) in enumerate(found)
    ]


def _main_scales(instrument: Instrument) -> tuple[str, ...]:
    if instrument.name in MAIN_SCALES:
        return MAIN_SCALES[instrument.name]
    return ("total",) if "total" in instrument.scales else (next(iter(instrument.scales)),)
