"""The whole truth of a SYNTHETIC study, drawn from one seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from owncontrol.simulation.cohort import SCHEDULE, Cohort, Visit, draw_cohort
from owncontrol.simulation.function_scales import FunctionScales, draw_function_scales
from owncontrol.simulation.simulated_exams import Exams, draw_exams
from owncontrol.simulation.treatment import Events, Treatment, draw_events, draw_treatment


@dataclass(frozen=True)
class Truth:
    """What happened to the patients, before any site wrote it down."""

    cohort: Cohort
    exams: Exams
    scales: FunctionScales
    treatment: Treatment
    events: Events


def streams(seed: int) -> dict[str, np.random.Generator]:
    """One independent stream of random numbers a topic, so that a change in one leaves the rest."""
    names = ("cohort", "exams", "scales", "treatment", "events", "exports", "faults")
    children = np.random.SeedSequence(seed).spawn(len(names))
    return {name: np.random.default_rng(child) for name, child in zip(names, children, strict=True)}


def draw_truth(
    subjects: int, rng: dict[str, np.random.Generator], schedule: tuple[Visit, ...] = SCHEDULE
) -> Truth:
    """Draw a study of any number of subjects; `rng` are the `streams` of its seed."""
    cohort = draw_cohort(subjects, rng["cohort"], schedule)
    exams = draw_exams(cohort, rng["exams"])
    return Truth(
        cohort=cohort,
        exams=exams,
        scales=draw_function_scales(cohort, exams, rng["scales"]),
        treatment=draw_treatment(cohort, rng["treatment"]),
        events=draw_events(cohort, rng["events"]),
    )
