"""A study of the measures that a person named."""

import functools
from collections.abc import Sequence

from owncontrol.suggest.answers import recoded_answers
from owncontrol.suggest.asked_events import asked_events
from owncontrol.suggest.asked_tables import asked_export, dated
from owncontrol.suggest.column_guesses import Guess
from owncontrol.suggest.draft import DraftEndpoint, DraftExport, DraftStudy, ToSay
from owncontrol.suggest.measure_words import measure_name
from owncontrol.suggest.placed_measures import Placed, place_measure
from owncontrol.suggest.project_events import with_windows
from owncontrol.suggest.proposal import slug
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request
from owncontrol.suggest.rows_of_one_visit import check_one_row_each
from owncontrol.suggest.schedule import schedule
from owncontrol.suggest.shown_cells import near_text
from owncontrol.suggest.study_clock import study_clock
from owncontrol.suggest.study_parts import (
    Missing,
    code_pattern,
    in_capitals,
    missing_of,
    near,
    no_visits,
    study_words,
)
from owncontrol.suggest.subjects_table import asked_characteristics, with_subjects
from owncontrol.suggest.treatment_word import treatment_word
from owncontrol.suggest.units_and_words import fed_once, with_units_and_words


def asked_study(
    request: Request, files: Sequence[RawFile], exports: Sequence[DraftExport]
) -> DraftStudy:
    """A study of the measures that were named; of the rest of a file, only what is sure."""
    missing = Missing()
    _check_columns(request, files, missing)
    placed = _placed(request, files, missing)
    plan = missing.attempt(lambda: schedule(placed, request)) if placed else None
    drafted = [
        asked_export(request, raw, export, [place for place in placed if place.raw is raw], plan)
        for raw, export in zip(files, exports, strict=True)
    ]
    drafted, dose_unit, severity = with_units_and_words(files, fed_once(drafted))
    events = asked_events(request, files, missing)
    exports = with_subjects(request, files, drafted, events)
    visits = plan.visits if plan else no_visits()
    clock = study_clock(exports, visits)
    if plan:
        visits = with_windows(visits, dict(plan.names), placed, clock)
    return DraftStudy(
        name=request.name,
        command=tuple(request.command_lines()),
        words=study_words(request, treatment_word(files, request)),
        synthetic=request.synthetic,
        pattern=code_pattern(request, files),
        in_capitals=in_capitals(request, files),
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
        characteristics=tuple(asked_characteristics(request, files)),
        arms=slug(request.arms) if request.arms else "",
        called=request.called,
        events=tuple(events),
        missing=tuple(missing),
    )


def _placed(request: Request, files: Sequence[RawFile], missing: Missing) -> list[Placed]:
    """The measures that were named, each where a file has it; of the others, why not."""
    for raw in files:
        if not raw.has_rows:
            what = f"{raw.path.name}: a project without data"
            missing.append(ToSay(what, "download it with its data and make the study again"))
    placed = [
        found
        for asked in request.measures
        if (found := missing.attempt(functools.partial(place_measure, asked, files, request)))
    ]
    placed = [dated(place, request, missing) for place in placed]
    for place in placed:
        missing.attempt(functools.partial(recoded_answers, place, missing_of(request, place.raw)))
        missing.attempt(functools.partial(check_one_row_each, place))
    return placed


def _check_columns(request: Request, files: Sequence[RawFile], missing: list[ToSay]) -> None:
    """Columns that options name and no file has; values of ``--keep`` that do not occur."""
    known = [name for raw in files for name in map(str, raw.cells.columns)]
    named = [("--keep", column) for column in request.keep]
    named += [("--describe", column) for column in request.describe]
    named += [("--arms", request.arms)]
    named += [("--date", request.date), ("--start", request.start)]
    for option, column in named:
        if column and column not in known:
            missing.append(
                ToSay(f"{option}: no file has the column '{column}'", near(column, known))
            )
    measures = [asked.name for asked in request.measures]
    named_measures = [("--baseline-column", name) for name in request.baseline_columns if name]
    named_measures += [("--words", name) for name in request.words]
    for option, name in named_measures:
        if measure_name(name) not in map(measure_name, measures):
            missing.append(ToSay(f"{option}: no measure '{name}'", near(name, measures)))
    for column, values in request.keep.items():
        having = [raw for raw in files if column in raw.cells]
        texts = {text for raw in having for text in raw.texts(column)} - {""}
        for value in values:
            if texts and value not in texts:
                hint = near_text(value, having, column)
                missing.append(ToSay(f"--keep: no row has {column} '{value}'", hint))


def _asked_endpoints(
    request: Request, placed: Sequence[Placed], missing: list[ToSay]
) -> list[DraftEndpoint]:
    names = [place.measure.name for place in placed]
    by_measure = {measure_name(name): of for name, of in request.differences.items()}
    for name in by_measure:
        if names and name not in names:
            missing.append(ToSay(f"--important-difference: no measure '{name}'", near(name, names)))
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
