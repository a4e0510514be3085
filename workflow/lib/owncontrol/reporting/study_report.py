"""What the page, the paper and the manuscript of a study are all made from, read from its run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.estimates.numbers import Numbers, Shown, plain_mark
from owncontrol.lineage.results import Results
from owncontrol.reporting.page_content import context, figure_texts
from owncontrol.reporting.plan_facts import read_plan_facts
from owncontrol.reporting.recorded_decimals import recorded_decimals
from owncontrol.reporting.since_cut import read_since
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import read_table, read_text


@dataclass(frozen=True)
class StudyReport:
    """One content, whatever it is written as.

    ``settings``: with what no plan fixed beforehand marked as post hoc. ``numbers``: marked as the
    kind of document wants them. ``figures``: by name, caption and alternative text. ``context``:
    what the content's template uses beside the numbers (``page_content.context``).
    """

    templates: Path
    settings: AnalysisSettings
    estimates: pd.DataFrame
    results: Results
    numbers: Numbers
    figures: dict[str, dict[str, str]]
    context: dict[str, Any]


def read_study_report(
    files: Mapping[str, Any],
    plain_settings: Mapping[str, Any],
    figure_names: Sequence[str],
    mark: Callable[[Shown], Any],
) -> StudyReport:
    """The content of a report.

    ``files``: the inputs that its rules share (workflow/rules/report.smk, ``REPORT_INPUT``).
    ``plain_settings``: those of the analysis, as the rule has them. ``mark``: how a number is
    written into the document.
    """
    folder = Path(files["estimates"]).parents[1]
    templates = Path(files["content"]).parent
    plan = read_plan_facts(folder, files["as_frozen"])
    settings = plan.told(AnalysisSettings.model_validate(plain_settings))
    estimates = read_table(files["estimates"], "estimates")
    results = Results(folder, for_report=True)
    decimals = recorded_decimals(results, settings.endpoints, settings.characteristics)
    numbers = Numbers(estimates, mark, decimals, settings.design.called)
    return StudyReport(
        templates,
        settings,
        estimates,
        results,
        numbers,
        figure_texts(templates, list(figure_names), numbers.marked(plain_mark), settings),
        context(
            numbers,
            settings,
            read_table(files["discrepancies"], "discrepancies"),
            read_text(files["raw_files"]),
            read_text(files["environment"]),
            plan,
            results,
            read_since(files["since_last_cut"]),
        ),
    )
