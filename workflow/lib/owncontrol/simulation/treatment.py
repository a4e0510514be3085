"""What befell the SYNTHETIC patients beside their exams: cell products and adverse events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from owncontrol.simulation.cohort import Bools, Cohort, Days, Ints

#: Term, system organ class, weight, usual CTCAE grade, longest duration in days.
EVENT_TERMS = (
    ("Urinary tract infection", "Infections and infestations", 7, 2, 14),
    ("Pressure ulcer", "Skin and subcutaneous tissue disorders", 3, 2, 40),
    ("Orthostatic hypotension", "Vascular disorders", 4, 2, 20),
    ("Constipation", "Gastrointestinal disorders", 4, 1, 21),
    ("Neuropathic pain", "Nervous system disorders", 3, 2, 60),
    ("Muscle spasticity", "Musculoskeletal and connective tissue disorders", 3, 1, 60),
    ("Pyrexia", "General disorders and administration site conditions", 3, 1, 4),
    ("Autonomic dysreflexia", "Nervous system disorders", 2, 2, 3),
    ("Pneumonia", "Infections and infestations", 2, 3, 18),
    ("Deep vein thrombosis", "Vascular disorders", 1, 3, 45),
    ("Alanine aminotransferase increased", "Investigations", 2, 1, 20),
    ("Insomnia", "Psychiatric disorders", 2, 1, 30),
    ("Procedural pain", "Injury, poisoning and procedural complications", 2, 1, 4),
)
RELATIONS = ("unrelated", "unlikely", "possible", "probable", "definite")
SERIOUS_SHARE = 0.06
OUTCOMES = ("recovered", "recovering", "not recovered")


@dataclass(frozen=True)
class Treatment:
    """Cell product of each subject: all arrays (n,); dose in 10^8 cells, viability in percent."""

    volume_ml: Ints
    passages: Ints
    dose: NDArray[np.float64]
    viability: NDArray[np.float64]
    start_minute: Ints
    minutes: Ints


@dataclass(frozen=True)
class Events:
    """Adverse events, one entry an event, ordered by subject and onset; `end` is NaT if ongoing."""

    subject: Ints
    term: Ints
    grade: Ints
    serious: Bools
    relation: Ints
    onset: Days
    end: Days


def draw_treatment(cohort: Cohort, rng: np.random.Generator) -> Treatment:
    """One product a subject; dose within the 0.5-2.0 x 10^8 cells of the trial."""
    n = cohort.size
    return Treatment(
        volume_ml=rng.integers(30, 61, n),
        passages=rng.integers(1, 4, n),
        dose=rng.integers(50, 201, n) / 100,
        viability=rng.integers(880, 991, n) / 10,
        start_minute=10 * rng.integers(57, 91, n),
        minutes=rng.integers(30, 61, n),
    )


def draw_events(cohort: Cohort, rng: np.random.Generator) -> Events:
    """About two to three events a subject between consent and the last visit."""
    subject = np.repeat(np.arange(cohort.size), rng.integers(1, 5, cohort.size))
    total = len(subject)
    weights = np.array([weight for _, _, weight, _, _ in EVENT_TERMS])
    term = np.searchsorted(np.cumsum(weights), rng.integers(0, weights.sum(), total), side="right")
    usual_grade = np.array([grade for *_, grade, _ in EVENT_TERMS])[term]
    longest = np.array([days for *_, days in EVENT_TERMS])[term]
    first = cohort.consent[subject] + 1
    span = (cohort.infusion[subject] + 170 - first).astype(np.int64)
    onset = first + np.floor(rng.random(total) * span).astype(np.int64)
    # Pain from the aspiration of marrow starts on its day and is related to it, not to the cells.
    procedural = np.array([name == "Procedural pain" for name, *_ in EVENT_TERMS])[term]
    onset = np.where(procedural, cohort.marrow[subject], onset)
    milder = rng.random(total) < 0.25
    grade = np.maximum(usual_grade - milder, 1)
    serious = np.zeros(total, dtype=bool)
    eligible = np.flatnonzero(grade == 3)
    serious[eligible[: max(1, round(SERIOUS_SHARE * total))]] = True
    doubtful = (rng.random(total) < 0.15) & ~serious & (onset >= cohort.infusion[subject])
    relation = np.where(doubtful, 1 + (rng.random(total) < 0.2), 0)
    end = onset + 1 + np.floor(rng.random(total) * longest).astype(np.int64)
    end[(rng.random(total) < 0.08) & ~procedural] = np.datetime64("NaT")
    order = np.lexsort((term, onset, subject))
    once = _first_of_each(subject[order], term[order], onset[order])
    kept = order[once]
    return Events(
        subject[kept],
        term[kept],
        grade[kept],
        serious[kept],
        relation[kept],
        onset[kept],
        end[kept],
    )


def _first_of_each(subject: Ints, term: Ints, onset: Days) -> Bools:
    """False where an entry repeats subject, term and onset of the one before (sorted input)."""
    repeated = (np.diff(subject) == 0) & (np.diff(term) == 0)
    repeated &= np.diff(onset).astype(np.int64) == 0
    return np.concatenate([[True], ~repeated])
