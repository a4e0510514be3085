"""What page one says of safety, from made-up events."""

from types import SimpleNamespace

import pandas as pd
import pytest
from owncontrol.analysis import event_time, patients, safety
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting import event_sentences, safety_sentences
from owncontrol.reporting.safety_sentences import safety_words, serious_events_table
from owncontrol.tables import conform

PEOPLE = ["P1", "P2", "P3"]
TREATED = pd.DataFrame(
    {
        "row_id": ["p:2", "p:3", "p:4"],
        "subject_id": PEOPLE,
        "registration_day": pd.array([10, 10, 10], "Int64"),
    }
)
NO_SCORES = pd.DataFrame(columns=["subject_id", "visit", "instrument", "scale", "day_from_injury"])
CRITERION = SimpleNamespace(name="young", label="Age below 70", eligibility=True, requires=None)


def told(*rows, start=20, has_treatments=True, other=0, outside=0):
    names = ["subject_id", "term", "grade", "serious", "relation", "onset_day", "after_treatment"]
    events = pd.DataFrame(rows, columns=names).astype({"onset_day": "Int64"})
    events["row_id"] = [f"ae:{place}" for place in range(2, len(rows) + 2)]
    treatments = TREATED.assign(
        treatment_start_day=start, source_subject_id=["P2", "P3", "P1"][:other] + PEOPLE[other:]
    )
    results = Estimates("adverse_events", "treated", PEOPLE)
    safety.summarise_events(results, events, TREATED, 0.95)
    safety.by_onset(results, events, TREATED, 0.95)
    observed = event_time.days_observed(results, TREATED, treatments, NO_SCORES, events, "injury")
    event_time.add_rates(results, events, observed, 0.95)
    event_time.list_worst(results, events, TREATED, observed)
    given = Estimates("patients", "treated", PEOPLE)
    patients.trace_products(given, treatments)
    young = pd.array([place >= outside for place in range(3)], "boolean")
    patients.count_outside(given, TREATED.assign(young=young), [CRITERION])
    numbers = Numbers(
        pd.concat([results.table(), given.table()], ignore_index=True), lambda shown: shown.text
    )
    settings = SimpleNamespace(
        has_treatments=has_treatments, characteristics=[CRITERION], severity=()
    )
    sentences = ["".join(map(str, parts)) for parts in safety_words(numbers, settings)]
    return sentences, serious_events_table(numbers, settings)


def test_rates_before_and_after_the_worst_and_the_deviations():
    said, table = told(
        ("P1", "Fever", 2, False, "unlikely", 15, False),
        ("P1", "Clot", 3, True, "unrelated", 25, True),
        ("P2", "Sepsis", 5, True, "possible", 40, True),
        ("P3", "Rash", 1, False, "possible", None, None),
        other=2, outside=1,
    )  # fmt: skip
    # 20 days before it in P1 and P2, 21 + 6 from it; P3 has one known day, before the treatment.
    assert said[0].startswith(
        "Adverse events over time: 1 in 30 patient-days (3.33 per 100 days) before the treatment, "
        "2 in 27 patient-days (7.41 per 100 days) from the treatment on (ratio of the rates 2.22,"
    )
    assert said[0].endswith("On which side of the treatment they began is not known of 1.")
    assert said[1] == (
        "Deaths: 1; serious events: 2 (P1, clot, day 5 from the treatment, relation: unrelated; "
        "P2, sepsis, a death, day 20 from the treatment, relation: possible)."
    )
    assert said[2] == (
        "Deviations of treatment: 2 treatments with another patient's product; 1 treated patient "
        "outside the entry criterion “Age below 70”."
    )
    assert [row[0] for row in table.rows] == ["P1: Clot", "P2: Sepsis"]
    assert table.rows[1][1:] == ["20", "5", "possible", "yes", "yes"]


def test_a_death_that_is_not_recorded_as_serious_is_said_to_be_so():
    said, table = told(
        ("P1", "Clot", 3, True, "unrelated", 25, True),
        ("P2", "Sepsis", 5, False, "possible", 40, True),
    )
    assert said[1] == (
        "Deaths: 1; serious events: 1 (P1, clot, day 5 from the treatment, relation: unrelated; "
        "P2, sepsis, a death not recorded as serious, day 20 from the treatment, "
        "relation: possible)."
    )
    assert [row[-2:] for row in table.rows] == [["yes", "no"], ["no", "yes"]]


def test_nothing_serious_and_no_deviation_is_said_as_what_was_checked():
    said, table = told(("P1", "Fever", 2, False, "unlikely", 25, True), start=5)
    assert "no patient was under observation before it" in said[0]
    assert said[1] == "Deaths: none recorded; serious events: none recorded."
    assert said[2] == "Deviations of treatment: none found in what the data allow to check."
    assert table is None


def test_of_a_study_without_treatments_nothing_is_said_of_them():
    said, table = told(("P1", "Fever", 2, True, "unlikely", 25, True), has_treatments=False)
    assert not any("Deviations" in sentence or "relation" in sentence for sentence in said)
    assert "Relation" not in table.header


@pytest.mark.parametrize(
    ("term", "said"),
    [("SYNCOPE", "SYNCOPE"), ("ECG changes", "ECG changes"), ("Pain in arm", "pain in arm"),
     ("X", "x"), ("", "")],
)  # fmt: skip
def test_a_term_in_capitals_keeps_its_first_letter(term, said):
    assert safety_sentences._inside_a_sentence(term) == said


@pytest.mark.parametrize(("patients", "words"), [(0, "none, which with 20"), (2, "2/20 (10")])
def test_patients_with_serious_and_related_events_are_not_said_to_be_none(patients, words):
    """The upper bound of the rate is there whether or not anybody had such an event."""
    about = {"analysis": "adverse_events", "stratum": "serious and related", "n": 20}
    about |= {"events": patients, "unit": "subjects", "value": patients / 20, "level": 0.95}
    about |= {"lower": 0.0, "upper": 0.3}
    rows = [
        {**about, "statistic": name, "estimate_id": f"adverse_events.serious_and_related.{name}"}
        for name in ("subjects_with_event", "upper_bound")
    ]
    numbers = Numbers(conform(pd.DataFrame(rows), "estimates"), lambda shown: shown.text)
    text = "".join(map(str, event_sentences._related(numbers)))
    assert text.startswith(f"; serious and related: {words}")


@pytest.mark.parametrize("count", [3, 4])
def test_no_more_than_three_serious_events_are_named(count):
    rows = [("P1", f"E{place}", 3, True, "unrelated", 25 + place, True) for place in range(count)]
    said, table = told(*rows)
    assert ("and others" in said[1]) == (count > 3)
    assert len(table.rows) == count
