"""What the days of a new study count from, and the visits that names of columns speak of."""

from collections.abc import Sequence

from owncontrol.study.clocks import DATED
from owncontrol.study.table_mapping import CANONICAL
from owncontrol.study.visits import StudyClock
from owncontrol.suggest.draft import DraftExport, DraftVisit
from owncontrol.suggest.visit_words import named_day


def study_clock(exports: Sequence[DraftExport], visits: Sequence[DraftVisit]) -> StudyClock:
    """What days count from: the treatment or the baseline by dates, else what visits are called.

    ``visits``: those of the schedule, where some have no day if only their order is known.
    """
    tables = [table for export in exports for table in export.tables]
    given = [table.columns for table in tables if table.name == "treatments"]
    started = any(columns.get("treatment_start") for columns in given)
    assessed = [table for table in tables if table.name not in CANONICAL]
    if any(table.columns.get("date") for table in assessed):
        return "treatment" if started else "baseline"
    if any(table.columns.get("study_day") for table in assessed):
        return "recorded"
    return "order" if any(visit.day is None for visit in visits) else "nominal"


def found_visits(exports: Sequence[DraftExport], clock: StudyClock) -> tuple[DraftVisit, ...]:
    """Name, day and window of each visit that an export has, by the words in its name.

    A nominal visit has no window.
    """
    names: dict[str, str] = {}
    for export in exports:
        for table in export.tables:
            for text, guess in table.recode.get("visit", {}).items():
                names.setdefault(guess.column, text)
    of_visits = clock if clock in DATED else "nominal"
    found: list[tuple[int, DraftVisit]] = []
    for name, text in (names or {"baseline": "baseline"}).items():
        day = named_day(name) if named_day(text) is None else named_day(text)
        if day is None:
            day = max((day for day, _ in found), default=-1) + 1
        margin = max(2, day // 10)
        window = (day - margin, day + margin)
        if day == 0:
            window = (0, 0) if clock == "baseline" else (-14, 0)
        label = name.replace("_", " ").capitalize()
        judged = of_visits != "nominal"
        doubt = "day and window" if judged else "day"
        visit = DraftVisit(name, label, of_visits, day, window if judged else None, doubt)
        found.append((day, visit))
    return tuple(visit for _, visit in sorted(found, key=lambda entry: entry[0]))
