"""The visits of a new study: from how they are written, in the order of time."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from owncontrol.basics.nearest import did_you_mean
from owncontrol.errors import InputError
from owncontrol.study.visit_windows import WINDOW
from owncontrol.suggest.cdisc import as_in_file, flagged_baseline, is_marked, unscheduled
from owncontrol.suggest.column_guesses import date_columns, missing_codes
from owncontrol.suggest.draft import DraftVisit
from owncontrol.suggest.placed_measures import REPEATED, Placed
from owncontrol.suggest.project_events import event_of
from owncontrol.suggest.proposal import REPEATS, slug, visit_name
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request
from owncontrol.suggest.visit_words import named_day

FLAGGED = "Baseline (flagged)"
UNITS_OF_TIME = ("hours", "days", "weeks", "months", "years")
MOST_SHOWN = 12  # visits in a line
FEWEST_SUBJECTS = 4  # of whom a visit of one stands out
OF_ONE = "one subject has this visit: correct the cell, or leave the visit out"


@dataclass(frozen=True)
class Schedule:
    """The visits in order, which is the baseline and which the time point.

    ``names``: by how a visit is written, its name, those outside the schedule included. A visit
    has no day where the order of the visits is all that is known.
    """

    visits: tuple[DraftVisit, ...]
    names: Mapping[str, str]
    baseline: str
    time_point: str


def schedule(placed: Sequence[Placed], request: Request) -> Schedule:
    """The schedule of all measures together.

    Raises InputError that names ``--baseline``, ``--time-point`` or ``--visits`` where a visit is
    meant that no file has, or several could be meant.
    """
    names = _names(placed)
    repeated = _repeated_visit(placed, names, request)
    order = _ordered(list(names), placed, request, repeated)
    if repeated:
        names[repeated] = visit_name(repeated)
        order = [repeated, *order]
    said = repeated or request.baseline
    flagged = flagged_baseline(placed)
    baseline = (
        _chosen("--baseline", said, names, order)
        or (names[flagged] if flagged in order else "")
        or _first(order, names)
    )
    if not _is_timed(order, placed):
        order = sorted(order, key=lambda text: names[text] != baseline)
    time_point = _chosen("--time-point", request.time_point, names, order)
    if not time_point:
        later = list(dict.fromkeys(names[text] for text in order if names[text] != baseline))
        if len(later) != 1:
            raise InputError(
                "--time-point: at which visit is the change from "
                f"{_written(baseline, names)} the main result?",
                f"visits: {_some([text for text in order if names[text] != baseline])}",
            )
        time_point = later[0]
    if time_point == baseline:
        raise InputError(
            f"--time-point: {_written(baseline, names)} is the baseline",
            f"name a later visit: {_some(order[1:])}",
        )
    visits = _visits(order, names, placed, baseline)
    scheduled = {visit.name for visit in visits}
    if {baseline, time_point} - scheduled:  # asked for, though --visits leaves it out
        missing = ({baseline, time_point} - scheduled).pop()
        raise InputError(
            f"--visits: leaves out '{_written(missing, names)}'", "name all visits of the study"
        )
    return Schedule(tuple(visits), names, baseline, time_point)


def _some(texts: Sequence[str]) -> str:
    """The first of some texts, and how many there are beside them."""
    more = f" and {len(texts) - MOST_SHOWN} more" if len(texts) > MOST_SHOWN else ""
    return ", ".join(texts[:MOST_SHOWN]) + more or "none"


def _repeated_visit(placed: Sequence[Placed], names: Mapping[str, str], request: Request) -> str:
    """What the visit of a baseline is called that a column repeats; empty where none does."""
    if not any(place.table.repeated for place in placed):
        return ""
    text = request.baseline or "baseline"
    if text in names or visit_name(text) in names.values():
        raise InputError(
            f"--baseline-column: the file has rows of the visit '{text}', and so a baseline",
            "leave --baseline-column out, or call the baseline otherwise with --baseline",
        )
    return text


def _names(placed: Sequence[Placed]) -> dict[str, str]:
    """By how a visit is written its name; texts that differ only in case share one."""
    names: dict[str, str] = {}
    owner: dict[str, str] = {}
    for place in placed:
        for text, said in zip(place.texts, place.names or place.texts, strict=True):
            said = FLAGGED if is_marked(text) else said
            stem = visit_name(said if _tells(said) else f"visit {said.replace('-', 'minus ')}")
            same = said.casefold().strip()
            numbered = (f"{stem}_{number}" for number in itertools.count(2))
            possible = itertools.chain([stem], numbered)
            found = next(name for name in possible if owner.setdefault(name, same) == same)
            names.setdefault(text, found)
    return names


def _tells(text: str) -> bool:
    """Whether a name of letters is left of a text; ``-1`` and ``1`` would become the same."""
    return slug(text) != "x" and not text.strip().lstrip("+-").replace(".", "").isdigit()


def _ordered(
    texts: list[str], placed: Sequence[Placed], request: Request, repeated: str
) -> list[str]:
    """The texts of the scheduled visits in order of time, as far as it can be told.

    ``repeated``: the baseline where a column repeats it; no row is of it.
    """
    if request.visits:
        if any(place.names and not place.visit for place in placed):
            said = [text for place in placed if place.names for text in place.texts]
            return list(dict.fromkeys(said))
        labelled = {n: t for p in placed if p.names for t, n in zip(p.texts, p.names, strict=True)}
        asked_for = [labelled.get(name, name) for name in request.visits if name != repeated]
        for name in asked_for:
            if name not in texts:
                if request.visit == WINDOW:
                    raise InputError(
                        f"--windows: no row lies in the window of '{name}'",
                        "widen it, or leave the visit out",
                    )
                raise InputError(
                    f"--visits: no row is of a visit '{name}'", did_you_mean(name, texts)
                )
        return asked_for
    asked = {request.baseline, request.time_point}
    outside = set(unscheduled(texts, {place.visit for place in placed})) - asked
    texts = [text for text in texts if text not in outside] or texts
    numbers = {text: _number(text) for text in texts}
    days = {text: day_of(text, placed) for text in texts}
    if any(place.names for place in placed) and None not in days.values():
        return sorted(texts, key=lambda text: days[text] or 0)
    if all(number is not None for number in numbers.values()):
        return sorted(texts, key=lambda text: numbers[text] or 0.0)
    named = sorted((text for text in texts if days[text] is not None), key=lambda t: days[t] or 0)
    if len(named) == len(texts):
        return named
    if not any(place.visit for place in placed):  # columns, in the order in which they were named
        return texts
    if len(named) * 2 > len(texts):  # the rest are unscheduled ones, but those that were asked for
        return _with_asked(texts, named, request)
    return texts


def _with_asked(texts: Sequence[str], named: Sequence[str], request: Request) -> list[str]:
    """Visits in order of their days, with those asked for that have none where the file has them.

    ``texts``: as they come in the file; a baseline without a day is the first of all.
    """
    order = list(named)
    for text in texts:
        if text in named or text not in (request.baseline, request.time_point):
            continue
        before = [order.index(other) for other in texts[: texts.index(text)] if other in order]
        order.insert(0 if text == request.baseline or not before else before[-1] + 1, text)
    return order


def _is_timed(order: Sequence[str], placed: Sequence[Placed]) -> bool:
    """Whether the order is one of time, by numbers or by days that the names speak of.

    Then a visit may come before the baseline.
    """
    numbers = all(_number(text) is not None for text in order)
    days = [day_of(text, placed) for text in order]
    return numbers or (None not in days and days == sorted(day or 0 for day in days))


def _number(text: str) -> float | None:
    try:
        return float(*as_in_file([text]))
    except ValueError:
        return None


def day_of(text: str, placed: Sequence[Placed]) -> int | None:
    """The day that a visit's text names, by itself or together with its column's name."""
    if is_marked(text):
        return 0
    event = event_of(text, placed)
    if event is not None and event.day is not None:
        return event.day
    said = next((p.names[p.texts.index(text)] for p in placed if p.names and text in p.texts), text)
    day = named_day(said)
    if day is not None or _number(said) is None:
        return day
    columns = {place.visit for place in placed if text in place.texts and place.visit}
    days = {named_day(f"{column} {text}") for column in columns}
    return days.pop() if len(days) == 1 else None


def _first(order: Sequence[str], names: Mapping[str, str]) -> str:
    """The visit that others are compared with, where nothing was said: the first in order."""
    if not order:
        raise InputError("--visits: no visit was found", "name the visits")
    return names[order[0]]


def _chosen(option: str, said: str, names: Mapping[str, str], order: Sequence[str]) -> str:
    """The name of the visit that an option means, as written or by its name."""
    if not said:
        return ""
    if said in names:
        return names[said]
    by_name = {name: name for name in names.values()}
    near = by_name.get(visit_name(said))
    if near and (_tells(said) or said in by_name):
        return near
    raise InputError(
        f"{option}: there is no visit '{said}'", did_you_mean(said, list(order) or list(names))
    )


def _written(name: str, names: Mapping[str, str]) -> str:
    return next(text for text, of in names.items() if of == name)


def _visits(
    order: Sequence[str], names: Mapping[str, str], placed: Sequence[Placed], baseline: str
) -> list[DraftVisit]:
    """One visit a name, with the day that its text names, or that was seen; all of them or none."""
    seen = _seen_days(placed, names, baseline)
    named = {text: day_of(text, placed) for text in order}
    count_from = named.get(_written(baseline, names)) or 0
    use_names = sum(day is not None for day in named.values()) == len(order) or (
        len(order) > 1
        and all(day is not None for text, day in named.items() if names[text] != baseline)
    )
    said = {t: n for p in placed if p.names for t, n in zip(p.texts, p.names, strict=True)}
    of_one = _of_one(names, placed)
    visits: dict[str, DraftVisit] = {}
    for text in order:
        name = names[text]
        day: int | None = None
        if name == baseline:
            day = 0
        elif use_names and named[text] is not None:
            day = (named[text] or 0) - count_from
        elif name in seen:
            day = seen[name]
        label = FLAGGED if is_marked(text) else _label(said.get(text, text), text, placed)
        doubt = OF_ONE if name in of_one else ""
        visits.setdefault(name, DraftVisit(name, label, "nominal", day, doubt=doubt))
    found = list(visits.values())
    if any(visit.day is None for visit in found):
        return [replace(visit, day=None) for visit in found]
    return found


def _of_one(names: Mapping[str, str], placed: Sequence[Placed]) -> set[str]:
    """The visits that one subject of several has, where most of the others share theirs.

    Such a text is a slip more often than a visit; it may name a person, and labels are shown.
    """
    tables = []
    for place in placed:
        if not place.visit or place.visit not in place.raw.cells or place.names:
            return set()
        columns = [place.raw.texts(name)[place.rows] for name in place.table.subject]
        columns.append(place.raw.texts(place.visit)[place.rows].map(names))
        tables.append(pd.concat(columns, axis=1, keys=[*range(len(columns) - 1), "visit"]))
    rows = pd.concat(tables).dropna(subset="visit").drop_duplicates()
    subjects = len(rows.drop(columns="visit").drop_duplicates())
    having = rows["visit"].value_counts()
    if subjects < FEWEST_SUBJECTS or (2 * having > subjects).sum() < 2:
        return set()
    return set(having.index[having == 1])


def _label(said: str, text: str, placed: Sequence[Placed]) -> str:
    """What the report calls a visit: as it was said or written; a number with its column."""
    if _number(said) is None:
        plain = said.replace("_", " ").strip()
        return (
            plain[:1].upper() + plain[1:].lower()
            if plain.isupper()
            else plain[:1].upper() + plain[1:]
        )
    place = next(place for place in placed if text in place.texts)
    column = place.visit or "visit"
    if column in REPEATS:
        column = next(iter(place.table.rows.get(REPEATED, ())), "visit")
    column = column.replace("_", " ").lower()
    column = column.removesuffix("s") if column in UNITS_OF_TIME else column
    return f"{column[:1].upper()}{column[1:]} {text}"


def _as_dates(raw: RawFile, column: str) -> "pd.Series[pd.Timestamp]":
    """The dates of a column, each in the first form that reads it; empty where none does."""
    texts = raw.texts(column)
    forms = date_columns(raw.cells[[column]], missing_codes(raw.cells[[column]])).get(column)
    found = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce")
    for form in (*forms.usual[:1], *forms.others) if forms else ():
        found = found.fillna(pd.to_datetime(texts, format=form, errors="coerce"))
    return found


def _seen_days(placed: Sequence[Placed], names: Mapping[str, str], baseline: str) -> dict[str, int]:
    """By visit the median of days since the subject's baseline date, where dates are known."""
    parts = []
    for place in placed:
        guess = place.table.columns.get("date")
        if guess is None or not place.visit:
            continue
        subject = place.raw.cells[list(place.table.subject)].astype("str").agg("-".join, axis=1)
        frame = pd.DataFrame(
            {
                "subject": subject,
                "visit": place.raw.texts(place.visit).map(names),
                "date": _as_dates(place.raw, guess.column),
            }
        )
        parts.append(frame[place.rows].dropna())
    if not any(map(len, parts)):
        return {}
    all_of = pd.concat(parts)
    first = all_of[all_of["visit"] == baseline].groupby("subject")["date"].min()
    since = (all_of["date"] - all_of["subject"].map(first)).dt.days
    medians = since.groupby(all_of["visit"]).median().dropna()
    return {str(name): round(day) for name, day in medians.items()}
