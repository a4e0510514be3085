"""Adverse events of treated patients by system organ class and grade."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from owncontrol.estimates import slug
from owncontrol.figures import style
from owncontrol.figures.words import legible
from owncontrol.reporting.numbers import Numbers

COLUMNS = ["class", "grade", "events", "estimate_id", "patients", "n", "text"]
ROW_MM, LABEL_MM = 5.0, 50.0


def adverse_event_numbers(numbers: Numbers) -> pd.DataFrame:
    """Events of each class by grade, and the patients with at least one, from the results.

    Most frequent class first; ``text``: patients as the figure prints them.
    """
    strata = [
        str(numbers.row(estimate)["stratum"])
        for estimate in numbers.find(analysis="adverse_events", statistic="events_grade_1")
    ]
    stems = {stratum: f"adverse_events.{slug(stratum)}" for stratum in strata}
    order = sorted(strata, key=lambda stratum: -numbers.raw(f"{stems[stratum]}.events"))
    rows = []
    for stratum in order:
        patients = f"{stems[stratum]}.subjects_with_event"
        row, text = numbers.row(patients), numbers.share(patients)
        for grade in range(1, 6):
            estimate = f"{stems[stratum]}.events_grade_{grade}"
            count = int(numbers.raw(estimate))
            name = stratum.removeprefix("class ")
            rows.append((name, grade, count, estimate, int(row["events"]), int(row["n"]), text))
    return pd.DataFrame(rows, columns=COLUMNS)


def draw_adverse_events(rows: pd.DataFrame, synthetic: bool) -> Figure:
    """Draw ``rows`` as from ``adverse_event_numbers``: a bar a class, a part a grade."""
    if rows.empty:
        return style.empty_figure("one_and_half", "No adverse event after treatment.", synthetic)
    classes = list(dict.fromkeys(rows["class"]))
    figure = style.new_figure("one_and_half", ROW_MM * len(classes) + 28, synthetic)
    axes = figure.subplots()
    for place, name in enumerate(classes):
        here, left = rows.loc[rows["class"] == name], 0
        for row in here.loc[here["events"] > 0].itertuples():
            colour = style.SEVERITY_COLOURS[row.grade]
            axes.barh(
                place, row.events, 0.72, left=left, color=colour, edgecolor=style.INK, linewidth=0.4
            )
            axes.text(
                left + row.events / 2,
                place,
                str(row.events),
                ha="center",
                va="center_baseline",
                color=style.text_colour(colour),
            )
            left += row.events
        beside = axes.get_yaxis_transform()
        axes.text(1.04, place, here["text"].iloc[0], va="center", transform=beside)
    axes.text(1.04, -0.75, "Patients", va="center", transform=axes.get_yaxis_transform())
    axes.set_yticks(range(len(classes)), [legible(name, LABEL_MM, 2) for name in classes])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(classes) - 0.4, -1.2)
    axes.set_xlim(0, max(1, rows.groupby("class")["events"].sum().max()))
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=style.ROUND_STEPS, integer=True))
    axes.set_xlabel("Events")
    axes.spines["left"].set_visible(False)
    handles = [
        Patch(facecolor=colour, edgecolor=style.INK, linewidth=0.4, label=f"Grade {grade}")
        for grade, colour in style.SEVERITY_COLOURS.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=5)
    return figure
