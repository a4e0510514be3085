"""Which criteria of improvement the figures show, by domain."""

from collections.abc import Iterable

from owncontrol.figures.settings import ShownCriterion
from owncontrol.study.settings import AnalysisSettings

TOGETHER = "Declared together"


def shown_criteria(settings: AnalysisSettings) -> tuple[ShownCriterion, ...]:
    """The criteria: endpoints, then declared responders.

    An endpoint without an important difference is no criterion; the domain of an endpoint is its
    family.
    """
    single = [
        ShownCriterion(
            name=item.name,
            label=item.label,
            domain=item.family.replace("_", " ").capitalize(),
            time_point=item.time_point,
        )
        for item in settings.endpoints
        if item.important_difference
    ]
    together = [
        ShownCriterion(
            name=item.name, label=item.label, domain=TOGETHER, time_point=settings.time_point
        )
        for item in settings.responders
    ]
    return (*single, *together)


def leading_criteria(criteria: Iterable[ShownCriterion]) -> tuple[ShownCriterion, ...]:
    """The first criterion of each domain, and all that are declared together."""
    seen: set[str] = set()
    chosen = []
    for criterion in criteria:
        if criterion.domain == TOGETHER or criterion.domain not in seen:
            chosen.append(criterion)
        seen.add(criterion.domain)
    return tuple(chosen)
