"""The times to events in a sentence of the first page: described, and not tested."""

import math
from collections.abc import Mapping

from owncontrol.estimates.declared_statistics import EventTimes
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.sentences import Ref, Sentence, in_brackets
from owncontrol.study.event_times import EventTime
from owncontrol.study.settings import AnalysisSettings


def event_times_sentence(
    numbers: Numbers, settings: AnalysisSettings, tables: Mapping[str, Table]
) -> Sentence:
    """Who had each declared event, and by when half had it; empty where none is declared."""
    if not settings.event_times:
        return []
    units = {item.name: item.unit for item in settings.characteristics}
    said: Sentence = ["Time to an event, described and not tested: "]
    for place, event in enumerate(settings.event_times):
        said += ["; " if place else "", *_event(numbers, event, units[event.time])]
    table = [Ref("table", "event-times")] if "event-times" in tables else []
    return [*said, *in_brackets([table]), "."]


def _event(numbers: Numbers, event: EventTime, unit: str) -> Sentence:
    stem = f"event_times.{event.name}"
    had, median, longest = (
        f"{stem}.{name}"
        for name in (EventTimes.HAD_EVENT, EventTimes.MEDIAN_TIME, EventTimes.LONGEST_TIME)
    )
    if not numbers.raw_n(had):
        return [f"{event.label}, not known of anybody"]
    seen: Sentence = [f"{event.label} in ", numbers.share(had)]
    if math.isnan(numbers.raw(median)):
        noun = numbers.noun(longest, unit)
        return [*seen, ", fewer than half within ", numbers.value(longest), f" {noun}"]
    return [*seen, ", half by ", numbers.value(median), f" {numbers.noun(median, unit)}"]
