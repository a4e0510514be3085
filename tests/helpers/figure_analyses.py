"""The analysis results of a made-up study (figure_study), computed as the notebooks do."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from analysis_study import SmallSettings
from owncontrol.analysis import (
    change,
    courses,
    exam_cells,
    grades,
    multiverse,
    natural_recovery,
    patients,
    quality,
    responders,
    safety,
    time_to_event,
    time_to_improvement,
    verdict,
)
from owncontrol.analysis.published_rates import read_rates
from owncontrol.estimates.collect import Estimates
from owncontrol.figures.catalogue import FIGURES

if TYPE_CHECKING:
    from figure_study import Study

Populations = dict[str, pd.DataFrame]
RATES = Path(__file__).parents[2] / "data/reference/natural_recovery.csv"


def analysed(study: "Study", name: str) -> pd.DataFrame:
    """Every number of one analysis that figures and captions use."""
    settings = SmallSettings.taken_from(study.settings)
    results = Estimates(name, "all", sorted(study.subjects["subject_id"]), study.post_hoc)
    treated = study.scores.loc[study.scores["subject_id"].isin(study.treatments["subject_id"])]
    everybody = dict.fromkeys(("treated", "eligible", "in_window"), treated)
    ANALYSES[name](results, study, everybody, settings)
    return results.table()


def _patients(
    results: Estimates, study: "Study", populations: Populations, settings: SmallSettings
) -> None:
    patients.count_subjects(results, study.subjects, study.treatments)
    patients.describe_number(results, "treatments", study.treatments, "treatment_start_day", "days")


def _change(
    results: Estimates, study: "Study", populations: Populations, settings: SmallSettings
) -> None:
    for endpoint in settings.endpoints:
        change.change_from_baseline(results, populations["treated"], endpoint, settings)
        if endpoint.grades:
            grades.distribution(results, populations["treated"], endpoint, settings)
            grades.shift(results, populations["treated"], endpoint)
            grades.transitions(
                results, populations["treated"], study.treatments, endpoint, settings
            )
        courses.medians(results, populations["treated"], endpoint, settings)
        courses.course_medians(results, populations["treated"], endpoint, settings)
    exam_cells.change_of_cells(results, study.exams, settings.baseline, settings.time_point)


def _adverse_events(
    results: Estimates, study: "Study", populations: Populations, settings: SmallSettings
) -> None:
    treated = study.subjects.loc[study.subjects["subject_id"].isin(study.treatments["subject_id"])]
    safety.summarise_events(results, study.adverse_events, treated, settings.level)
    safety.by_onset(results, study.adverse_events, treated, settings.level)


def _data_quality(
    results: Estimates, study: "Study", populations: Populations, settings: SmallSettings
) -> None:
    quality.count_rows(results, study.flows[1])
    quality.count_discrepancies(results, study.scores)
    quality.count_graded(results, study.scores)


def _responders(
    results: Estimates, study: "Study", populations: Populations, settings: SmallSettings
) -> None:
    for criterion in responders.criteria(settings):
        looks = responders.looks(populations, criterion, settings)
        responders.at_visits(results, looks, criterion, settings.level)
        time_to_improvement.time_to_improvement(results, looks, criterion, settings)


def _event_times(
    results: Estimates, study: "Study", populations: Populations, settings: SmallSettings
) -> None:
    for event in study.settings.event_times:
        time_to_event.describe_time_to_event(results, study.subjects, event, "weeks", 0.95)


def _natural_recovery(
    results: Estimates, study: "Study", populations: Populations, settings: SmallSettings
) -> None:
    endpoint, rates = natural_recovery.graded_endpoint(settings), read_rates(RATES)
    comparison = settings.natural_recovery.comparisons[0]
    natural_recovery.run_comparison(results, populations, endpoint, rates, comparison, settings)
    verdict.run_verdict(results, populations, endpoint, rates, settings)


def _sensitivity(
    results: Estimates, study: "Study", populations: Populations, settings: SmallSettings
) -> None:
    for endpoint in settings.endpoints:
        multiverse.specifications(results, populations, endpoint, settings)


ANALYSES = {
    "patients": _patients,
    "change": _change,
    "adverse_events": _adverse_events,
    "data_quality": _data_quality,
    "responders": _responders,
    "event_times": _event_times,
    "natural_recovery": _natural_recovery,
    "sensitivity": _sensitivity,
}
# What each figure takes its numbers from.
SOURCES = {
    entry.name: Path(entry.inputs["estimates"]).stem
    for entry in FIGURES
    if "estimates" in entry.inputs
}
