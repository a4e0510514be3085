"""The times to events in a sentence of the first page: described, and not tested."""

import math
from collections.abc import Mapping

from owncontrol.estimates.declared_statistics import EventTimes
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.report_tables import Table, marked_label
from owncontrol.reporting.sentences import Ref, Sentence, in_brackets
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
        label = marked_label(event, settings)
        said += ["; " if place else "", *_event(numbers, event.name, label, units[event.time])]
    table = [Ref("table", "event-times")] if "event-times" in tables else []
    return [*said, *in_brackets([table]), "."]


def _event(numbers: Numbers, name: str, label: str, unit: str) -> Sentence:
    stem = f"event_times.{name}"
    had, median, longest = (
        f"{stem}.{statistic}"
        for statistic in (EventTimes.HAD_EVENT, EventTimes.MEDIAN_TIME, EventTimes.LONGEST_TIME)
    )
    if not numbers.raw_n(had):
        return [f"{label}, not known of anybody"]
    seen: Sentence = [f"{label} in ", numbers.share(had)]
    if math.isnan(numbers.raw(median)):
        noun = numbers.noun(longest, unit)
        return [*seen, ", fewer than half within ", numbers.value(longest), f" {noun}"]
    return [*seen, ", half by ", numbers.value(median), f" {numbers.noun(median, unit)}"]
