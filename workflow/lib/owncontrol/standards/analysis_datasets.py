"""ADSL, ADQS and ADAE of a study, from its cleaned tables and scores.

Like ADaM (ADaMIG 1.1, its basic data structure and its occurrence data), and not ADaM: the results
hold no dates, so there are relative days and no ``--DT``; adverse events are not coded by MedDRA.
Whatever the study does not have, its datasets do not have.
"""

from owncontrol.standards.columns import Results
from owncontrol.standards.dataset import Dataset
from owncontrol.standards.event_dataset import event_dataset
from owncontrol.standards.score_dataset import score_dataset
from owncontrol.standards.subject_dataset import subject_level


def analysis_datasets(results: Results) -> list[Dataset]:
    """Every dataset that the study has the tables of."""
    found = [subject_level(results), score_dataset(results)]
    if results.adverse_events is not None:
        found.append(event_dataset(results.study, results, results.adverse_events))
    return found
