"""What stands with a count: rows that were set aside and are not in it."""

import math
from collections.abc import Iterable
from typing import Any

from owncontrol.estimates.numbers import Numbers

# What the rows of a table are called in a sentence.
ROWS_OF = {
    "adverse_events": "of adverse events",
    "subjects": "of the list of {many}",
    "treatments": "of the list of treatments",
}
EVENTS = "adverse_events.any.events"
UNTREATED = "adverse_events.events_of_untreated"


def not_counted(numbers: Numbers, tables: Iterable[str] = ROWS_OF) -> list[Any]:
    """The parts of a clause that says which rows were set aside; empty where none was.

    ``tables``: those whose rows decide on the count. With adverse events among them also how many
    events are of patients who were not treated.
    """
    tables, who = list(tables), numbers.who
    parts: list[Any] = []
    total = 0
    for table in tables:
        name = f"data_quality.{table}.rows_set_aside"
        count = int(numbers.raw(name)) if name in numbers else 0
        if count:
            rows = "row" if count == 1 else "rows"
            of = who.within(ROWS_OF[table])
            parts += [" and " if parts else "", numbers.value(name), f" {rows} {of}"]
            total += count
    if parts:
        parts.append(" was set aside and is" if total == 1 else " were set aside and are")
        parts.append(" not counted")
    if "adverse_events" in tables and UNTREATED in numbers and numbers.raw(UNTREATED):
        one = numbers.raw(UNTREATED) == 1
        parts += ["; " if parts else "", numbers.value(UNTREATED)]
        parts.append(f" event of {who.a} who was" if one else f" events of {who.many} who were")
        parts.append(" not treated is not counted" if one else " not treated are not counted")
    return parts


def events_state(numbers: Numbers) -> str:
    """Whether the adverse events are "counted", "not known" (no row could be kept) or "none".

    None: the source holds no row of an event. Empty where the study has no table of them.
    """
    if EVENTS not in numbers:
        return ""
    if math.isnan(numbers.raw(EVENTS)):
        return "not known"
    rows = "data_quality.adverse_events.table_rows"
    return "none" if rows in numbers and not numbers.raw(rows) else "counted"
