"""Which criteria of improvement the figures show, by domain."""

from collections.abc import Iterable
from typing import Any

Config = dict[str, Any]
TOGETHER = "Declared together"


def shown_criteria(settings: Config) -> list[Config]:
    """Each criterion's name, label, domain and time_point: endpoints, then declared responders.

    ``settings``: complete, see study.estimands. An endpoint without an important difference
    is no criterion; the domain of an endpoint is its family.
    """
    single = [item for item in settings["endpoints"] if item.get("important_difference")]
    domains = [item["family"].replace("_", " ").capitalize() for item in single]
    together = settings["responders"]
    return [
        {
            "name": item["name"],
            "label": item["label"],
            "domain": domain,
            "time_point": item.get("time_point", settings["time_point"]),
        }
        for item, domain in zip(
            [*single, *together], [*domains, *[TOGETHER] * len(together)], strict=True
        )
    ]


def leading_criteria(criteria: Iterable[Config]) -> list[Config]:
    """The first criterion of each domain, and all that are declared together."""
    seen: set[str] = set()
    chosen = []
    for criterion in criteria:
        if criterion["domain"] == TOGETHER or criterion["domain"] not in seen:
            chosen.append(criterion)
        seen.add(criterion["domain"])
    return chosen
