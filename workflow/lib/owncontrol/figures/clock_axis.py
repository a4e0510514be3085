"""An axis on the study's clock: its title, and names of visits where no day is known."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from owncontrol.figures.settings import ShownVisit
from owncontrol.figures.words import label_visits
from owncontrol.study.clocks import WORDS
from owncontrol.study.visits import AnyClock


def axis_title(clock: AnyClock, onset: str = "") -> str:
    """What an axis on a clock is called; ``onset``: what the clock called injury counts from."""
    return f"Days from {onset}" if clock == "injury" else WORDS[clock].axis


def mark_days(axes: Axes, clock: AnyClock, visits: Sequence[ShownVisit], width: float) -> None:
    """Mark whole days on the x axis, or the visits by name where only their order is known.

    ``visits``: all of the schedule, in order. ``width``: of the axes, in mm.
    """
    if clock == "order":
        labels = [visit.label for visit in visits]
        label_visits(axes, labels, range(len(visits)), width / max(1, len(visits)))
        axes.set_xlim(-0.3, max(1, len(visits) - 1) + 0.3)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 3, 6, 10], integer=True))
