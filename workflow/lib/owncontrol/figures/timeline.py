"""When what happened to each patient, on one clock (a swimmer plot)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from owncontrol.analysis.clock_days import days_on_clock
from owncontrol.basics.natural_order import natural_key
from owncontrol.figures import style
from owncontrol.figures.clock_axis import axis_title, mark_days
from owncontrol.figures.drawn import drawn_patients
from owncontrol.figures.made import Files, Made
from owncontrol.figures.settings import PlannedVisit, ShownVisit, TimelineSettings
from owncontrol.figures.words import legible
from owncontrol.study.visits import AnyClock
from owncontrol.tables import read_assessments, read_cleaned

COLUMNS = ["subject_id", "place", "event", "visit", "day", "end_day", "grade", "serious"]
# Three lanes a patient, in rows (the axis points down): milestones, visits, adverse events.
ABOVE, BELOW, STACKED = -0.27, 0.24, 0.17
LONGEST_OF_FIVE = 26  # letters of the longest label for which five columns have room
WIDTH_MM = 150.0  # of the axes
ONSET_MM = 30.0  # that the word for the onset may take
UNKNOWN = 0  # a grade that is not known
MARKS: dict[str, style.Looks] = {
    "injury": {"marker": "X", "s": 16, "color": style.INK},
    "registration": {"marker": "s", "s": 9, "facecolor": style.PAPER, "edgecolor": style.INK},
    "collection": {"marker": "v", "s": 15, "color": style.PREPARATION_COLOUR},
    "treatment": {"marker": "v", "s": 30, "color": style.TREATMENT_COLOUR},
    "visit": {"marker": "|", "s": 22, "color": style.INK},
    "missed visit": {"marker": "o", "s": 8, "facecolor": style.PAPER, "edgecolor": style.INK},
}
STRETCHES = {"culture": style.PREPARATION_COLOUR, "course": style.TREATMENT_COLOUR}
WORDS = {
    "registration": "Registration",
    "collection": "Collection of cells",
    "treatment": "Treatment",
    "visit": "Visit",
    "missed visit": "Visit missed",
}


def timeline_numbers(
    subjects: pd.DataFrame,
    treatments: pd.DataFrame,
    adverse_events: pd.DataFrame,
    scores: pd.DataFrame,
    visits: Sequence[PlannedVisit],
    clock: AnyClock = "injury",
    event_clock: AnyClock = "injury",
) -> pd.DataFrame:
    """What happened when: one row per event, ``day`` (and ``end_day`` of a stretch) on ``clock``.

    Cleaned tables, scores and the visit schedule. ``place``: row of the
    patient, 0 on top: by day of the first treatment, those not treated last. A visit of the
    schedule without any score is a missed visit at its planned day, where that day is known.
    ``event_clock``: what days of events count from; on another clock they are not known.
    Of many patients those that are drawn (``drawn_patients``).
    """
    drawn = drawn_patients(subjects["subject_id"], "timeline")
    subjects, treatments, adverse_events, scores = (
        table.loc[table["subject_id"].isin(drawn)] if len(table) else table
        for table in (subjects, treatments, adverse_events, scores)
    )
    if event_clock != clock:
        subjects = subjects[["subject_id"]]
        treatments = treatments.reindex(columns=["subject_id"])
        adverse_events = pd.DataFrame()
    first = treatments.reindex(columns=["subject_id", "treatment_start_day"])
    first = first.groupby("subject_id")["treatment_start_day"].min().astype("float")
    order = sorted(
        subjects["subject_id"], key=lambda code: (first.get(code, np.inf), natural_key(code))
    )
    seen = scores.assign(day=_days(scores, clock, visits))
    seen = seen.groupby(["subject_id", "visit"], observed=True)["day"].min()
    parts = [
        _origins(subjects, treatments, clock),
        _on_days(subjects, "registration_day", "registration"),
        *_treatments(treatments),
        seen.reset_index().assign(event="visit"),
        _missed(order, visits, set(seen.index), first, clock),
        _on_days(adverse_events, "onset_day", "adverse event", ["grade", "serious"]),
    ]
    rows = pd.concat([part.astype("object") for part in parts if len(part)]).reindex(
        columns=COLUMNS
    )
    rows["place"] = rows["subject_id"].map({code: place for place, code in enumerate(order)})
    kept = rows.dropna(subset=["place", "day"])
    kept = kept.sort_values(["place", "day", "event"], kind="stable").reset_index(drop=True)
    return kept.astype(
        {"place": "int", "day": "int", "end_day": "Float64", "grade": "Int64", "serious": "boolean"}
    )


def _origins(subjects: pd.DataFrame, treatments: pd.DataFrame, clock: AnyClock) -> pd.DataFrame:
    """The event that the days count from, on day 0; none where it is a visit or not known."""
    known = subjects if clock == "injury" else pd.DataFrame(columns=["subject_id"])
    if clock == "treatment" and "treatment_start_day" not in treatments:
        known = treatments.drop_duplicates("subject_id")
    return known[["subject_id"]].assign(event=clock, day=0)


def _days(
    scores: pd.DataFrame, clock: AnyClock, visits: Sequence[PlannedVisit]
) -> "pd.Series[float]":
    """The day of each assessment on the clock of the timeline."""
    if clock == "injury":
        return scores["day_from_injury"].astype("float64")
    return days_on_clock(scores, clock, visits)


def _on_days(table: pd.DataFrame, day: str, event: str, more: Sequence[str] = ()) -> pd.DataFrame:
    """One event a row of a cleaned table, on the day in one of its columns, where it has that."""
    rows = table.reindex(columns=["subject_id", day, *more])
    return rows.rename(columns={day: "day"}).assign(event=event)


def _treatments(treatments: pd.DataFrame) -> list[pd.DataFrame]:
    """Collection, culture and treatment; a stretch, where both its ends are known."""
    culture = treatments.reindex(columns=["subject_id", "culture_start_day", "culture_days"])
    start = culture["culture_start_day"]
    ends = {"day": start, "end_day": start + culture["culture_days"]}
    return [
        _on_days(treatments, "collection_day", "collection"),
        culture[["subject_id"]].assign(event="culture", **ends).dropna(),
        _on_days(treatments, "treatment_start_day", "treatment"),
        _courses(treatments),
    ]


def _courses(treatments: pd.DataFrame) -> pd.DataFrame:
    """Treatments that last more than a day."""
    known = treatments.reindex(
        columns=["subject_id", "treatment_start_day", "treatment_end_day"]
    ).dropna()
    known = known.loc[known["treatment_end_day"] > known["treatment_start_day"]]
    ends = {"day": known["treatment_start_day"], "end_day": known["treatment_end_day"]}
    return known[["subject_id"]].assign(event="course", **ends)


def draw_timeline(
    rows: pd.DataFrame,
    synthetic: bool,
    onset: str = "injury",
    clock: AnyClock = "injury",
    visits: Sequence[ShownVisit] = (),
    severity: Sequence[str] = (),
) -> Figure:
    """Draw ``rows`` as from ``timeline_numbers``: one line per patient, marks as in the legend.

    ``onset``: what the clock called injury counts from, in a word. ``visits``: all, in order.
    ``severity``: the words that stand for grades of events.
    """
    subjects = rows.drop_duplicates("place").set_index("place")["subject_id"]
    onset = legible(onset, ONSET_MM, 1)
    count = len(subjects)
    figure = style.new_figure("double", 30 + count * (7 if count <= 26 else 4), synthetic)
    axes = figure.subplots()
    first, last = min(0, rows["day"].min()), rows[["day", "end_day"]].astype("float").max().max()
    span = max(last - first, 1)
    _lines_and_marks(axes, rows, clock, closest=0.016 * span)
    axes.set_ylim(count - 0.35, -0.6)
    axes.set_xlim(first - 0.02 * span, last + 0.02 * span)
    axes.set_yticks(subjects.index, [legible(code, 24, 1) for code in subjects])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.3)
    axes.set_xlabel(axis_title(clock, onset))
    if clock == "order":
        mark_days(axes, clock, visits, WIDTH_MM)
    handles = _legend(rows, onset, clock, severity)
    longest = max(len(handle.get_label()) for handle in handles)
    columns = 5 if longest <= LONGEST_OF_FIVE else 4
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)
    return figure


def _lines_and_marks(axes: Axes, rows: pd.DataFrame, clock: AnyClock, closest: float) -> None:
    """A patient's line, its stretches and marks; ``closest``: days between marks side by side."""
    for place, days in rows.loc[rows["event"] != "missed visit"].groupby("place")["day"]:
        start = 0 if clock == "injury" else min(0, days.min())
        axes.plot([start, days.max()], [place, place], color=style.FAINT, linewidth=0.8, zorder=1)
    for event, colour in STRETCHES.items():
        here = rows.loc[rows["event"] == event]
        axes.barh(
            here["place"] + ABOVE,
            (here["end_day"] - here["day"]).astype("float"),
            left=here["day"],
            height=0.16,
            color=colour,
            alpha=0.55,
            linewidth=0,
            zorder=2,
        )
    for event, mark in MARKS.items():
        here = rows.loc[rows["event"] == event]
        above = ABOVE if event in ("collection", "treatment") else 0
        axes.scatter(here["day"], here["place"] + above, linewidths=0.7, zorder=3, **mark)
    events = rows.loc[rows["event"] == "adverse event"]
    _adverse_events(axes, events, closest=closest)


def make_figure(files: Files, settings: TimelineSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    given = [read_cleaned(path, "treatments") for path in files["treatments"]]
    events = [read_cleaned(path, "adverse_events") for path in files["adverse_events"]]
    rows = timeline_numbers(
        read_cleaned(files["subjects"], "subjects"),
        given[0] if given else pd.DataFrame(),
        events[0] if events else pd.DataFrame(),
        read_assessments(files["scores"]),
        settings.visit_days,
        settings.timeline_clock,
        settings.event_clock,
    )
    clock, visits = settings.timeline_clock, settings.visits
    figure = draw_timeline(
        rows, settings.synthetic, settings.onset, clock, visits, settings.severity
    )
    return rows, figure


def _missed(
    subjects: Sequence[str],
    visits: Sequence[PlannedVisit],
    seen: set[tuple[str, str]],
    treated: "pd.Series[float]",
    clock: AnyClock,
) -> pd.DataFrame:
    """Visits without a score at their planned days; unknown days are left out."""
    rows = []
    for code in subjects:
        for place, visit in enumerate(visits):
            day = _planned(visit, place, clock, treated.get(code, np.nan))
            if (code, visit.name) not in seen and not np.isnan(day):
                rows.append((code, visit.name, int(day), "missed visit"))
    return pd.DataFrame(rows, columns=["subject_id", "visit", "day", "event"])


def _planned(visit: PlannedVisit, place: int, clock: AnyClock, treated: float) -> float:
    """The planned day of a visit on the clock; NaN where it counts from a day not known.

    ``treated``: the day of the first treatment on the clock.
    """
    if clock == "order" or visit.day is None:
        return float(place) if clock == "order" else np.nan
    if clock in (visit.clock, "nominal"):
        return float(visit.day)
    return treated + visit.day if visit.clock == "treatment" else np.nan


def _adverse_events(axes: Axes, events: pd.DataFrame, closest: float) -> None:
    """Marks by grade; those nearer to each other than ``closest`` days are below one another."""
    levels = []
    for _, days in events.groupby("place")["day"]:
        ends: list[float] = []
        for day in days:
            level = next((i for i, end in enumerate(ends) if day - end >= closest), len(ends))
            ends[level : level + 1] = [day]
            levels.append(min(level, 2))
    lanes = events.assign(
        lane=events["place"] + BELOW + STACKED * np.array(levels, dtype="float"),
        serious=events["serious"].fillna(False),
        grade=events["grade"].fillna(UNKNOWN),
    )
    for (serious, grade), here in lanes.groupby(["serious", "grade"]):
        axes.scatter(here["day"], here["lane"], zorder=4, **_event_mark(int(grade), bool(serious)))


def _event_mark(grade: int, serious: bool) -> style.Looks:
    """Darker and larger by grade, grey without one; a serious event has another shape."""
    shape = {"marker": "D", "linewidths": 1.2} if serious else {"marker": "o", "linewidths": 0.5}
    return {
        "facecolor": style.FAINT if grade == UNKNOWN else style.SEVERITY_COLOURS[grade],
        "edgecolor": style.INK,
        "s": 7 + 4 * (grade or 2),
        **shape,
    }


def _legend(rows: pd.DataFrame, onset: str, clock: AnyClock, severity: Sequence[str]) -> list[Any]:
    """What occurs, in the order of time; ``severity``: the words that stand for grades."""
    noun = "severity" if severity else "grade"
    occurring = set(rows["event"])
    handles: list[Any] = []
    for event, mark in MARKS.items():
        if event in occurring:
            label = onset.capitalize() if event == "injury" else WORDS[event]
            if event == "missed visit" and clock != "order":
                label += " (planned day)"
            handles.append(_handle(mark, label))
        if event == "collection" and "culture" in occurring:
            handles.append(Patch(facecolor=style.PREPARATION_COLOUR, alpha=0.55, label="Culture"))
        if event == "treatment" and "course" in occurring:
            course = Patch(
                facecolor=style.TREATMENT_COLOUR, alpha=0.55, label="Course of treatment"
            )
            handles.append(course)
    for grade in sorted(rows["grade"].dropna().unique()):
        name = severity[grade - 1] if severity else f"grade {grade}"
        handles.append(_handle(_event_mark(grade, False), f"Adverse event, {name}"))
    if rows.loc[rows["event"] == "adverse event", "grade"].isna().any():
        handles.append(_handle(_event_mark(UNKNOWN, False), f"Adverse event, {noun} not known"))
    if rows["serious"].fillna(False).any():
        serious = {**_event_mark(2, True), "facecolor": style.PAPER}
        handles.append(_handle(serious, "Serious adverse event"))
    return handles


def _handle(mark: style.Looks, label: str) -> Line2D:
    face = mark.get("facecolor", mark.get("color"))
    edge = mark.get("edgecolor", mark.get("color"))
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=mark["marker"],
        markersize=mark["s"] ** 0.5,
        markerfacecolor=face,
        markeredgecolor=edge,
        markeredgewidth=mark.get("linewidths", 0.7),
        # Matplotlib leaves out of a legend what begins with an underscore.
        label=f"\u200a{label}" if label.startswith("_") else label,
    )
