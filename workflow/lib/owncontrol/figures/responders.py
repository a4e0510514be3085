"""Who reached each criterion at its time point: shares with their intervals, by domain."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from owncontrol.estimates.numbers import Numbers, plain_numbers
from owncontrol.figures import style
from owncontrol.figures.made import Files, Made
from owncontrol.figures.plots import intervals
from owncontrol.figures.settings import CriteriaSettings, ShownCriterion
from owncontrol.figures.words import legible
from owncontrol.study.design import PATIENTS, SubjectWords

COLUMNS = ["domain", "criterion", "estimate_id", "share", "lower", "upper", "events", "n", "text"]
COLUMNS += ["post_hoc"]
ROW_MM, LABEL_MM = 4.4, 62.0
SQUARE: style.Looks = {"marker": "s", "markersize": 3.4, "zorder": 3}
BAR: style.Looks = {"color": style.INK, "linewidth": 1, "zorder": 2}


def responders_numbers(numbers: Numbers, criteria: Sequence[ShownCriterion]) -> pd.DataFrame:
    """The share that reached each criterion, from the results."""
    rows = []
    for criterion in criteria:
        estimate = f"responders.{criterion.name}.{criterion.time_point}.responders"
        row = numbers.row(estimate)
        known = row.counted > 0
        text = f"{numbers.share(estimate)}; {numbers.interval_percent(estimate)} %"
        rows.append(
            {
                "domain": criterion.domain,
                "criterion": criterion.name,
                "estimate_id": estimate,
                "share": row.value,
                "lower": row.lower,
                "upper": row.upper,
                "events": row.events,
                "n": row.n,
                "text": text if known else "not known of anybody",
                "post_hoc": row.convention.post_hoc,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS).astype({"events": "Int64", "n": "Int64"})


def draw_responders(
    rows: pd.DataFrame, labels: dict[str, str], synthetic: bool, who: SubjectWords = PATIENTS
) -> Figure:
    """Draw ``rows`` as from ``responders_numbers``; ``labels`` of the criteria by their name."""
    domains = list(dict.fromkeys(rows["domain"]))
    lines = len(rows) + len(domains)
    everything = style.is_all_post_hoc(rows)
    figure = style.new_figure("double", ROW_MM * lines + 20, synthetic, everything)
    axes = figure.subplots()
    places: dict[Any, int] = {}
    y = 0
    beside = axes.get_yaxis_transform()
    for domain in domains:
        text = legible(domain, LABEL_MM, 1, bold=True)
        axes.text(-0.01, y, text, ha="right", va="center", fontweight="bold", transform=beside)
        y += 1
        for row in rows.loc[rows["domain"] == domain].itertuples():
            axes.text(1.02, y, row.text, va="center", transform=beside)
            places[row.Index] = y
            y += 1
    known = rows.loc[rows["n"] > 0, ["share", "lower", "upper"]].rename(columns={"share": "value"})
    known = (100 * known).assign(place=known.index.map(places))
    intervals(axes, known, "place", "y", BAR, color=style.BETTER, **SQUARE)
    said = rows["criterion"].map(labels)
    if not everything:
        said += rows["post_hoc"].map({True: style.POST_HOC, False: ""})
    axes.set_yticks(list(places.values()), [legible(said[row], LABEL_MM, 1) for row in places])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(lines - 0.4, -0.6)
    axes.set_xlim(-1, 101)
    axes.set_xticks(range(0, 101, 25))
    title = f"{who.capital_many} who reached the criterion, % of those in whom it is known"
    axes.set_xlabel(title)
    axes.grid(axis="x", color=style.FAINT, linewidth=0.4)
    axes.spines["left"].set_visible(False)
    return figure


def make_figure(files: Files, settings: CriteriaSettings) -> Made:
    """The figure of a study: see ``owncontrol.figures.catalogue`` for its files and settings."""
    criteria = settings.criteria
    rows = responders_numbers(plain_numbers(files["estimates"]), criteria)
    labels = {item.name: item.label for item in criteria}
    return rows, draw_responders(rows, labels, settings.synthetic, settings.who)
