"""The questions that new-study asks on a terminal: numbered choices, Enter takes the proposal."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from owncontrol.errors import InputError
from owncontrol.suggest.candidates import (
    is_of_subjects,
    number_columns,
    shown_columns,
    subject_candidates,
    visit_candidates,
)
from owncontrol.suggest.column_guesses import NO_SUBJECT
from owncontrol.suggest.common_form import common_form
from owncontrol.suggest.dialogue import Dialogue
from owncontrol.suggest.event_questions import asked_event_times
from owncontrol.suggest.files_of_one_form import with_files_of_one_form
from owncontrol.suggest.proposal import proposed_export
from owncontrol.suggest.raw_file import RawFile, read_raw_file
from owncontrol.suggest.request import KIND_OF_UNIT, AskedMeasure, Request, comma_list
from owncontrol.suggest.visit_words import named_day


def asked(request: Request, dialogue: Dialogue | None = None) -> Request:
    """The request completed by questions about its files; what it says already is not asked.

    Raises InputError where the files cannot be read, or the person leaves.
    """
    ask = dialogue or Dialogue()
    files = [
        read_raw_file(path, request.dictionary if place == 0 else None)
        for place, path in enumerate(request.exports)
    ]
    raw = _file_of_measures(ask, with_files_of_one_form(files))
    if any(table.name not in ("subjects", "treatments") for table in proposed_export(raw).tables):
        ask.write(f"{raw.path.name} has columns of an instrument or a table that is known.")
        if ask.yes("Use what was found in it?", proposal=True):
            return request
    subject = request.subject or (_subject(ask, raw),)
    is_long = _repeats(raw, subject)
    visit = request.visit or (_visit(ask, raw, subject) if is_long else "")
    measures, visits = _measures(ask, raw, bool(visit), {*subject, visit})
    if visit and not visits:
        texts = [text for text in raw.texts(visit).unique() if text]
        visits = tuple(texts)
    repeated = request.baseline_columns
    if visit and not repeated:
        repeated = _repeated_baselines(ask, raw, subject, measures)
    baseline, time_point = _visits(ask, request, visits, bool(repeated))
    taken = {*subject, visit, *(name for measure in measures for name in measure.names)}
    taken |= {name for columns in repeated.values() for name in columns}
    return replace(
        request,
        subject=subject,
        visit=visit,
        visits=request.visits if visit else visits,
        measures=measures,
        events=request.events or asked_event_times(ask, raw, subject, taken),
        baseline_columns=repeated,
        baseline=baseline,
        time_point=time_point,
        treatment=request.treatment
        or ask.text("What was given, as inside a sentence (nothing: Enter)", ""),
        title=request.title or ask.text("Title of the report", request.name),
    )


def _file_of_measures(ask: Dialogue, files: Sequence[RawFile]) -> RawFile:
    if len(files) == 1:
        return files[0]
    by_name = {raw.path.name: raw for raw in files}
    most = max(files, key=lambda raw: len(number_columns(raw)))
    shown = [(name, f"{len(raw.cells)} rows") for name, raw in by_name.items()]
    return by_name[ask.choice("Which file has the measurements?", shown, most.path.name)]


def _subject(ask: Dialogue, raw: RawFile) -> str:
    proposal = "" if raw.subject.doubt == NO_SUBJECT else raw.subject.column
    names = list(dict.fromkeys([*([proposal] if proposal else []), *subject_candidates(raw)]))
    chosen = ask.choice(
        "Which column has the study codes of the subjects?", shown_columns(raw, names), proposal
    )
    if not chosen:
        raise InputError("without study codes no subject can be followed", "add a column of codes")
    return chosen


def _repeats(raw: RawFile, subject: Sequence[str]) -> bool:
    return bool(raw.cells[list(subject)].astype("str").duplicated().any())


def _visit(ask: Dialogue, raw: RawFile, subject: Sequence[str]) -> str:
    guess = raw.visit
    candidates = visit_candidates(raw, subject)
    proposal = guess.column if guess else next(iter(candidates), "")
    names = list(dict.fromkeys([proposal, *candidates])) if proposal else candidates
    return ask.choice(
        "Subjects have several rows. Which column says at which visit a row was recorded?",
        shown_columns(raw, names),
        proposal,
    )


def _measures(
    ask: Dialogue, raw: RawFile, is_long: bool, taken: set[str]
) -> tuple[tuple[AskedMeasure, ...], tuple[str, ...]]:
    """The measures, and the visits of which each has a column."""
    left = [name for name in number_columns(raw) if name not in taken]
    found: list[AskedMeasure] = []
    visits: tuple[str, ...] = ()
    while left:
        which = "What is the primary measure?" if not found else "Another measure? Enter ends."
        if is_long:
            name = ask.choice(which, shown_columns(raw, left))
            columns: tuple[str, ...] = ()
            chosen: tuple[str, ...] = (name,)
        else:
            for line, beside in shown_columns(raw, left):
                ask.write(f"      {line}   {beside}")
            ask.write("Each visit has a column of its own.")
            columns = _columns(ask, raw, f"{which} Its columns in order of time, with commas")
            name = ask.text("Name of the measure", columns[0]) if columns else ""
            chosen = columns
        if not name:
            break
        higher = ask.choice(
            f"Is a higher or a lower {name} better?", [("higher", ""), ("lower", "")], "higher"
        )
        unit = ask.text("Its unit", "points")
        kind = KIND_OF_UNIT.get(unit.casefold(), "")
        unit = "" if kind == "yes_no" else unit
        found.append(AskedMeasure(name, higher, unit, kind, columns))
        if columns and not visits:
            said = ask.text("Names of the visits, with commas", _parts(columns))
            visits = comma_list(said)
        left = [name for name in left if name not in chosen]
    if not found:
        raise InputError("a study needs a measure", "nothing was written; start again")
    return tuple(found), visits


def _columns(ask: Dialogue, raw: RawFile, question: str) -> tuple[str, ...]:
    while True:
        columns = comma_list(ask.text(question))
        wrong = [name for name in columns if name not in raw.cells]
        if not wrong and len(columns) != 1:
            return columns
        ask.write(
            f"There is no column '{wrong[0]}'." if wrong else "A change needs two columns at least."
        )


def _parts(columns: Sequence[str]) -> str:
    return ",".join(common_form(columns)[1])


def _repeated_baselines(
    ask: Dialogue, raw: RawFile, subject: Sequence[str], measures: Sequence[AskedMeasure]
) -> dict[str, tuple[str, ...]]:
    """By measure the column that repeats its baseline; asked where a column could do so."""
    taken = {*subject, *(measure.name for measure in measures)}
    left = [name for name in number_columns(raw) if name not in taken]
    left = [name for name in left if is_of_subjects(raw, subject, name)]
    found: dict[str, tuple[str, ...]] = {}
    for measure in measures:
        if left:
            question = f"Does a column have the baseline of {measure.name} in every row? Enter: no."
            column = ask.choice(question, shown_columns(raw, left))
            if column:
                found[measure.name] = (column,)
                left.remove(column)
    return found


def _visits(
    ask: Dialogue, request: Request, visits: Sequence[str], is_repeated: bool
) -> tuple[str, str]:
    """Baseline and time point, of visits in order of time as far as it can be told.

    ``is_repeated``: no visit is the baseline, which is in a column of its own.
    """
    numbers = pd.to_numeric(pd.Series(list(visits), dtype="object"), errors="coerce")
    days = [named_day(text) for text in visits]
    if numbers.notna().all():
        order = [text for _, text in sorted(zip(numbers, visits, strict=True))]
    elif all(day is not None for day in days):
        order = [text for _, text in sorted(zip(days, visits, strict=True))]
    else:
        order = list(visits)
    shown = [(text, "") for text in order]
    if is_repeated:
        baseline = request.baseline
    else:
        baseline = request.baseline or ask.choice("Which visit is the baseline?", shown, order[0])
    later = [(text, "") for text in order if text != baseline]
    if request.time_point or len(later) == 1:
        return baseline, request.time_point or later[0][0]
    return baseline, ask.choice("Which visit is that of the main result?", later, later[-1][0])
