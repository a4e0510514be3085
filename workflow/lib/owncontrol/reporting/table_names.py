"""Which tables a report has, as far as the configuration decides on it: the names of their files.

Nothing else is imported here, so that the workflow knows the files before any of them is made.
"""

from collections.abc import Iterable

FIRST = ("patients", "attendance", "change", "course", "natural-course", "estimands", "plan")
RESULTS = ("responders", "multiverse", "baselines", "missing-and-rating", "claims")
RECOVERY = ("natural-recovery", "verdict", "null-worlds", "published-rates", "trial")
DATA = ("flow", "cells", "findings", "deviations", "discrepancies", "raw_files", "environment")
CUTS = ("since-last-cut",)
TIMES = ("event-times",)
EVENTS = ("adverse_events", "serious-events")


def table_names(
    shifts: Iterable[str],
    has_events: bool,
    has_recovery: bool,
    has_cuts: bool = False,
    has_times: bool = False,
) -> list[str]:
    """The names of the tables. ``shifts``: endpoints with a table of both visits.

    ``has_times``: whether times to events are declared.
    """
    return [
        *FIRST,
        *(f"shift-{name}" for name in shifts),
        *RESULTS,
        *(EVENTS if has_events else ()),
        *(RECOVERY if has_recovery else ()),
        *(CUTS if has_cuts else ()),
        *(TIMES if has_times else ()),
        *DATA,
    ]
