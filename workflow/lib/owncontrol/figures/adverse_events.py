"""Adverse events of treated patients by system organ class and grade."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from owncontrol.estimates.counted import events_state
from owncontrol.estimates.event_statistics import EVENTS_OF_GRADE, AdverseEvents
from owncontrol.estimates.event_strata import OrganClass
from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.figures import style
from owncontrol.figures.made import Files, Made
from owncontrol.figures.plots import bars
from owncontrol.figures.settings import SeveritySettings
from owncontrol.figures.words import legible
from owncontrol.study.design import PATIENTS, SubjectWords

COLUMNS = ["class", "grade", "events", "estimate_id", "subjects", "n", "text"]
ROW_MM, LABEL_MM = 5.0, 50.0
DIGIT = 0.03  # of the width of the axes, for a digit of a number in a bar
UNKNOWN = 0  # stands for a grade that is not known while rows are put together
PART: style.Looks = {"edgecolor": style.INK, "linewidth": 0.4}


def adverse_event_numbers(numbers: Numbers) -> pd.DataFrame:
    """Events of each class by grade, and the subjects with at least one, from the results.

    Most frequent class first; ``text``: subjects as the figure prints them. The grade of events
    whose grade is not known is missing.
    """
    classes = {
        organ_class.name: numbers.beside(estimate, AdverseEvents.EVENTS)
        for organ_class, estimate in numbers.by_stratum(
            OrganClass, analysis="adverse_events", statistic=AdverseEvents.EVENTS_GRADE_1
        ).items()
    }
    rows = []
    for name in sorted(classes, key=lambda name: -numbers.raw(classes[name])):
        subjects = numbers.beside(classes[name], AdverseEvents.SUBJECTS_WITH_EVENT)
        row, text = numbers.row(subjects), numbers.share(subjects)
        for known, statistic in EVENTS_OF_GRADE.items():
            estimate = numbers.beside(classes[name], statistic)
            if estimate not in numbers:  # a grade that the study's words do not reach
                continue
            grade, count = UNKNOWN if known is None else known, int(numbers.raw(estimate))
            rows.append((name, grade, count, estimate, row.occurred, row.counted, text))
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["grade"] = table["grade"].astype("Int64").where(table["grade"] != UNKNOWN)
    return table


def why_empty(numbers: Numbers) -> str:
    """What the figure says in place of bars."""
    if events_state(numbers) == "not known":
        return "Adverse events: not known."
    return "No adverse event was recorded."


def draw_adverse_events(
    rows: pd.DataFrame,
    synthetic: bool,
    empty: str = "No adverse event was recorded.",
    severity: Sequence[str] = (),
    who: SubjectWords = PATIENTS,
) -> Figure:
    """Draw ``rows`` as from ``adverse_event_numbers``: a bar per class, a part a grade.

    ``empty``: what to say where there are none (``why_empty``). ``severity``: words for grades.
    ``who``: what the subjects are called.
    """
    if rows.empty:
        return style.empty_figure("one_and_half", empty, synthetic)
    classes = list(dict.fromkeys(rows["class"]))
    figure = style.new_figure("one_and_half", ROW_MM * len(classes) + 28, synthetic)
    axes = figure.subplots()
    _grades(axes, rows.assign(place=rows["class"].map(classes.index)))
    beside = axes.get_yaxis_transform()
    for place, said in enumerate(rows.drop_duplicates("class")["text"]):
        axes.text(1.04, place, said, va="center", transform=beside)
    axes.text(1.04, -0.75, who.capital_many, va="center", transform=beside)
    axes.set_yticks(range(len(classes)), [legible(name, LABEL_MM, 2) for name in classes])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(classes) - 0.4, -1.2)
    axes.set_xlim(0, max(1, rows.groupby("class")["events"].sum().max()))
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=style.ROUND_STEPS, integer=True))
    axes.set_xlabel("Events")
    axes.spines["left"].set_visible(False)
    handles = [
        Patch(facecolor=colour, label=label, **PART)
        for label, colour in zip(_labels(severity), style.SEVERITY_COLOURS.values(), strict=False)
    ]
    if rows.loc[rows["grade"].isna(), "events"].any():
        handles.append(
            Patch(
                facecolor=style.FAINT,
                label=f"{'Severity' if severity else 'Grade'} not known",
                **PART,
            )
        )
    figure.legend(handles=handles, loc="outside lower center", ncols=5 if len(handles) == 5 else 3)
    return figure


def make_figure(files: Files, settings: SeveritySettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    numbers = plain_numbers(files["estimates"])
    rows = adverse_event_numbers(numbers)
    return rows, draw_adverse_events(
        rows, settings.synthetic, why_empty(numbers), settings.severity, settings.who
    )


def _labels(severity: Sequence[str]) -> list[str]:
    """What each grade is called, from the least."""
    words = [legible(f"{word[:1].upper()}{word[1:]}", LABEL_MM, 1) for word in severity]
    return words or [f"Grade {grade}" for grade in style.SEVERITY_COLOURS]


def _grades(axes: Axes, rows: pd.DataFrame) -> None:
    """The parts of all bars, from the least grade to the greatest; ``place``: of each class.

    A number is in a part that has room for it, or it would lie on that of the next.
    """
    ends = rows.groupby("place")["events"].cumsum()
    placed = rows.assign(left=ends - rows["events"])
    digit = DIGIT * max(1, ends.max())
    for grade, part in placed.groupby("grade", dropna=False, sort=False):
        colour = style.FAINT if pd.isna(grade) else style.SEVERITY_COLOURS[grade]
        # No edge around nothing: it would lie on that of the part beside it.
        looks = PART | {"linewidth": PART["linewidth"] * (part["events"] > 0)}
        bars(axes, part, "events", "place", 0.72, left=part["left"], color=colour, **looks)
        has_room = part["events"] >= digit * part["events"].astype("str").str.len()
        for row in part.loc[has_room & (part["events"] > 0)].itertuples():
            axes.text(
                row.left + row.events / 2,
                row.place,
                str(row.events),
                ha="center",
                va="center_baseline",
                color=style.text_colour(colour),
            )
