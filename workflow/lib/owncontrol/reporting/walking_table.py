"""The report's table of who walks beside what published rules predict."""

from typing import Any

from owncontrol.basics.number_texts import percent
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.strata import PredictionRule
from owncontrol.isncsci.walking_rules import RULES
from owncontrol.reporting.report_tables import MISSING, Table, visit_labels
from owncontrol.study.settings import AnalysisSettings


def walking_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """How many walk at the time point and how many each published rule predicts."""
    found = numbers.by_stratum(
        PredictionRule, analysis="change", statistic=Change.WALKING_PREDICTED
    )
    rows = [_row(numbers, rule.name, name) for rule, name in found.items()]
    sources = "; ".join(rule.citation for rule in RULES)
    return Table(
        "walking",
        f"Walking at {visit_labels(settings)[settings.time_point]} beside published rules",
        ["Rule", "n", "Walk", "Predicted", "Range", "Days"],
        rows,
        f"Walk: {numbers.who.many} who walk at this visit, by the study's own scale, of those "
        "with age, exam "
        "and outcome. Predicted: sum of the chance of each "
        f"{numbers.who.one} of walking one year after the "
        "injury, from age, and motor grades and light touch at L3 and S1 of the better side at "
        f"baseline. Range: where {percent(settings.level)} % of such numbers lie if the rule is "
        f"right. Rules: {sources}.",
    )


def _row(numbers: Numbers, label: str, predicted: str) -> list[Any]:
    seen = predicted.removesuffix("predicted") + "seen"
    said = numbers.row(predicted).convention
    if said.reason:
        return [label, numbers.n(predicted), *[MISSING] * 3, said.reason]
    return [
        label,
        numbers.n(predicted),
        numbers.share(seen),
        numbers.value(predicted),
        numbers.interval(predicted),
        said.words,
    ]
