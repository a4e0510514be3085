"""Events over the time under observation, the listed ones, and what no data could show."""

import math

import pandas as pd
import pytest
from analysis_study import by_id
from owncontrol.analysis import claims, event_time, patients, safety
from owncontrol.analysis.settings import ClaimsSettings
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.listed_events import ListedFacts
from owncontrol.statistics.proportions import clopper_pearson, upper_bound
from owncontrol.study.claims import Claim
from owncontrol.study.subjects import Characteristic, Requirement

SUBJECTS = pd.DataFrame(
    {
        "row_id": ["p:2", "p:3", "p:4"],
        "subject_id": ["P1", "P2", "P3"],
        "registration_day": pd.array([5, None, 30], "Int64"),
    }
)
TREATMENTS = pd.DataFrame(
    {
        "row_id": ["t:2", "t:3", "t:4"],
        "subject_id": ["P1", "P1", "P2"],
        "treatment_start_day": pd.array([20, 50, 40], "Int64"),
    }
)
SCORES = pd.DataFrame(
    {
        "subject_id": ["P1", "P1", "P2", "P2"],
        "visit": ["baseline", "day_90", "baseline", "day_90"],
        "instrument": "scim3",
        "scale": "total",
        "day_from_injury": pd.array([18, 110, 36, 120], "Int64"),
    }
)


def events(*rows):
    """Each row: subject, term, grade, serious, relation, day of onset, whether after."""
    names = ["subject_id", "term", "grade", "serious", "relation", "onset_day", "after_treatment"]
    table = pd.DataFrame(rows, columns=names).astype({"onset_day": "Int64"})
    table["row_id"] = [f"ae:{place}" for place in range(2, len(rows) + 2)]
    return table


def counted(table, subjects=SUBJECTS, clock="injury"):
    results = Estimates("adverse_events", "treated", ["P1", "P2", "P3"])
    observed = event_time.days_observed(results, subjects, TREATMENTS, SCORES, table, clock)
    event_time.add_rates(results, table, observed, 0.95)
    return observed, results


def test_days_go_from_the_first_to_the_last_day_that_is_known():
    late = events(("P2", "Fever", 2, False, "possible", 130, True))
    observed, results = counted(late)
    # P1: 5 to 19, and 20 to 110. P2: 36 (an exam) to 39, and 40 to 130 (the event). P3: untreated.
    assert observed.days.loc["P1", ["before", "after"]].tolist() == [15, 91]
    assert observed.days.loc["P2", ["before", "after"]].tolist() == [4, 91]
    assert observed.without == 1
    found = by_id(results.table())
    before, after = (f"adverse_events.onset_day.{side}_treatment" for side in ("before", "after"))
    assert found.loc[f"{before}.days_observed", "value"] == 19
    assert found.loc[f"{after}.days_observed", "value"] == 182
    assert found.loc[f"{after}.event_rate", "value"] == pytest.approx(1 / 1.82)
    assert found.loc[f"{before}.event_rate", "events"] == 0
    assert "not known of 1" in found.loc[f"{before}.days_observed", "convention"]
    assert "p:2" in found.loc[f"{before}.days_observed", "inputs"]
    unregistered = by_id(counted(late, SUBJECTS.drop(columns="registration_day"))[1].table())
    assert "p:2" not in unregistered.loc[f"{before}.days_observed", "inputs"]
    ratio = found.loc["adverse_events.onset_day.event_rate_ratio", "convention"]
    assert "no event in the first" in ratio


def test_an_event_of_an_unknown_side_or_of_one_without_days_is_in_no_rate():
    table = events(
        ("P1", "A", 1, False, None, 10, False),
        ("P1", "B", 1, False, None, None, None),
        ("P3", "C", 1, False, None, 31, True),
    )
    found = by_id(counted(table)[1].table())["events"]
    assert found["adverse_events.onset_day.before_treatment.event_rate"] == 1
    assert found["adverse_events.onset_day.after_treatment.event_rate"] == 0


def test_a_study_without_days_has_no_rate_and_says_so():
    observed, results = counted(events(), SUBJECTS.drop(columns="registration_day"), "recorded")
    assert observed.days.empty
    found = by_id(results.table())
    rate = found.loc["adverse_events.onset_day.after_treatment.event_rate"]
    assert math.isnan(rate["value"])
    assert rate["convention"] == "not estimable: no time under observation"


def listed(table, severity=()):
    observed, results = counted(table)
    event_time.list_worst(results, table, SUBJECTS, observed, severity)
    return by_id(results.table())


def test_deaths_and_serious_events_are_listed_with_their_facts():
    table = events(
        ("P1", "Sepsis", 5, False, "unlikely", 30, True),
        ("P1", "Fever", 2, False, "unrelated", 21, True),
        ("P1", "Clot", None, True, None, 25, True),
        ("P3", "Fall", 3, True, "unrelated", None, None),
    )
    found = listed(table)
    assert found.loc["adverse_events.deaths", "value"] == 1
    first = found.loc["adverse_events.p1_listed_event_1.serious_event_day"]
    assert first["value"] == 5
    facts = ListedFacts.parse(first["convention"])
    assert facts == ListedFacts("Clot", "", "", "True", died=False, from_treatment=True)
    second = found.loc["adverse_events.p1_listed_event_2.serious_event_day", "convention"]
    assert ListedFacts.parse(second).died
    unknown = found.loc["adverse_events.p3_listed_event_1.serious_event_day"]
    assert math.isnan(unknown["value"])
    assert ListedFacts.parse(unknown["convention"]).term == "Fall"
    assert not found.index.str.contains("listed_event_3").any()


def test_without_a_serious_event_none_is_listed():
    not_known = ("P2", "Cough", 1, None, "possible", 50, True)
    found = listed(events(("P1", "Fever", 2, False, "possible", 30, True), not_known))
    assert not found.index.str.contains("listed").any()
    assert found.loc["adverse_events.deaths", "value"] == 0


def test_facts_of_an_event_are_read_back():
    for facts in (
        ListedFacts("A | B", "3", "possible", "False", died=True, from_treatment=False),
        ListedFacts("", "", "", "", died=False, from_treatment=True),
    ):
        read = ListedFacts.parse(str(facts))
        assert str(read) == str(facts)
    with pytest.raises(ValueError, match="facts"):
        ListedFacts.parse("day of onset not known")


def test_treated_patients_outside_a_criterion_are_counted_by_what_it_requires():
    age = Characteristic(
        name="eligible_age", label="Age", type="boolean", eligibility=True,
        requires=Requirement(column="age", minimum=20, maximum=70),
    )  # fmt: skip
    other = Characteristic(name="ok", label="Ok", type="boolean", eligibility=True)
    people = SUBJECTS.assign(
        age=[71.0, 30.0, None],
        eligible_age=pd.array([True, False, False], "boolean"),
        ok=pd.array([None, True, True], "boolean"),
    )
    results = Estimates("patients", "treated", ["P1", "P2", "P3"])
    patients.count_outside(results, people, [age, other])
    found = by_id(results.table())
    # 71 is outside whatever was ticked; 30 is inside; of the third only the tick is known.
    assert found.loc["patients.eligible_age.outside_criterion", "value"] == 2
    assert found.loc["patients.ok.outside_criterion", ["value", "n"]].tolist() == [0, 2]


def judged(n, condition, events_of=0):
    names = [f"S{place:04}" for place in range(n)]
    people = pd.DataFrame({"row_id": [f"p:{place}" for place in range(n)], "subject_id": names})
    table = events(*[(name, "X", 3, True, "possible", 50, True) for name in names[:events_of]])
    results = Estimates("adverse_events", "treated", names)
    safety.summarise_events(results, table, people, 0.95)
    settings = ClaimsSettings(
        level=0.95,
        claims=[Claim(id="C4", claim="safe", criterion="safe", conditions=[condition])],
    )
    verdicts = Estimates("claims", "all", names)
    claims.audit(verdicts, results.table(), settings)
    return by_id(verdicts.table()).loc["claims.c4.verdict"]


BOUND = {"estimate": "adverse_events.serious_and_related.upper_bound", "field": "upper"}
SHARE = {"estimate": "adverse_events.serious.subjects_with_event", "field": "upper"}


@pytest.mark.slow
@pytest.mark.parametrize("condition", [BOUND, SHARE])
def test_a_claim_that_no_data_of_so_many_could_show_is_not_judged(condition):
    best = upper_bound if condition is BOUND else clopper_pearson
    least = next(n for n in range(1, 200) if best(0, n, 0.95).upper < 0.1)
    few = judged(least - 1, {**condition, "below": 0.1})
    assert math.isnan(few["value"])
    assert f"cannot be shown with {least - 1} subjects: even without an event" in few["convention"]
    assert judged(least, {**condition, "below": 0.1})["value"] == 1
    # Enough patients, and an event among them: judged, and not supported.
    assert judged(least, {**condition, "below": 0.1}, events_of=1)["value"] == 0


def test_a_lower_bound_that_even_all_patients_could_not_reach_is_not_judged():
    share = {"estimate": "adverse_events.any.subjects_with_event", "field": "lower"}
    few = judged(13, {**share, "at_least": 0.9}, events_of=13)
    assert "even with all of them a true rate of 75.3 %" in few["convention"]
    assert judged(13, {**share, "at_least": 0.7}, events_of=13)["value"] == 1
    # A value can be reached by any number of patients, and so is judged.
    assert judged(2, {**share, "field": "value", "at_least": 0.9}, events_of=1)["value"] == 0
