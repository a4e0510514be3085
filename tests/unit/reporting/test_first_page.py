"""The first page: each part says what the study has, and nothing that it does not have."""

from types import SimpleNamespace

import pandas as pd
import pytest
from analysis_study import small_settings
from owncontrol.analysis import change, measurements
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting import html, typst
from owncontrol.reporting.event_sentences import events_sentence
from owncontrol.reporting.first_page import Part, conclusion, design, small_figures
from owncontrol.reporting.first_page_changes import what_would_change
from owncontrol.reporting.first_page_results import results
from owncontrol.reporting.patient_pages import PatientPages
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.sentences import Ref, capital, in_brackets, listed, verb
from owncontrol.study.estimands import analysis_settings
from small_study import small_study

MEASURES = {
    "weight": {"label": "Weight", "direction": "higher_is_better", "unit": "kg", "minimum": 0}
    | {"maximum": 500},
    "pain": {"label": "Pain", "direction": "lower_is_better", "unit": "points", "minimum": 0}
    | {"maximum": 10, "kind": "rated_scale"},
}
VISITS = [
    {"name": "before", "label": "Before", "clock": "injury", "day": 40},
    {"name": "after", "label": "After", "clock": "injury", "day": 220},
]


def study_of(name, **keys):
    """Settings of a study with one endpoint and no plan."""
    one = {"name": name, "label": name.capitalize(), "instrument": name, "family": "one"}
    plain = {"baseline": "before", "time_point": "after", "visits": VISITS, **keys}
    study = small_study(instruments={name: MEASURES[name]}, endpoints=[one], **plain)
    return analysis_settings(study)


def told(name, pairs, **keys):
    """The results of a study with one endpoint, in words."""
    settings = study_of(name, **keys)
    of = settings.endpoints[0]
    rows = [
        {"subject_id": f"S{number}", "visit": visit, "instrument": name, "scale": "value",
         "value": float(value), "text": f"{value:g}", "row_id": f"f:{number}{visit}"}
        for number, pair in enumerate(pairs)
        for visit, value in zip(("before", "after"), pair, strict=True)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    collected = Estimates("change", "all", [f"S{number}" for number in range(len(pairs))])
    visits = {"visits": [visit.plain() for visit in settings.visits]}
    known = small_settings(of, **visits)
    change.change_from_baseline(collected, table, of, known)
    if of.kind == "measurement":
        measurements.means(collected, table, of, known)
    numbers = Numbers(collected.table(), lambda shown: shown.text, {name: 1})
    return " ".join("".join(map(str, said)) for said in results(numbers, settings, {}))


def test_a_measurement_has_its_size_its_mean_and_who_improved():
    said = told("weight", [(80.5, 84.2), (70.1, 77.0), (75.0, 75.5), (66.0, 65.0), (70, 72)])
    assert said.startswith("Weight (post hoc), Before to After: median 70.10, then 75.50; Hodges")
    assert "estimate of the change +" in said and " kg (" in said
    assert "mean change +2.4" in said
    assert "4/5 (80\u00a0%) improved, 1/5 (20\u00a0%) got worse." in said
    assert ", and 5 pairs allow no p below 0.0625" in said
    assert "lower is better" not in said


def test_of_a_score_that_is_better_low_that_is_said():
    said = told("pain", [(8, 3), (7, 4), (6, 6), (9, 2), (8, 5)])
    assert "lower is better" in said and "\u2212" in said
    assert "4/5 (80\u00a0%) improved, 0/5" in said
    assert "mean" not in said


def test_one_patient_is_no_median_and_too_few_for_an_estimate_is_said():
    assert told("pain", [(8, 3)]).startswith("Pain (post hoc), Before to After: 8.00, then 3.00 ")
    assert "median" not in told("pain", [(8, 3)])


@pytest.mark.parametrize("pairs", [[(8, 3)], [(8, 3), (7, 4), (6, 6)]])
def test_no_number_is_printed_that_is_none(pairs):
    assert "nan" not in told("pain", pairs)


def test_what_the_design_does_not_declare_is_not_said():
    said = design(study_of("pain"), False)
    assert [sentence for [sentence] in said] == [
        "Series of patients without a control group; each patient is compared with the same "
        "patient before the treatment."
    ]
    blinded = {"blinded": {"patients": True, "assessors": False}, "enrolment": "consecutive"}
    more = " ".join(sentence for [sentence] in design(study_of("pain", design=blinded), False))
    assert "Patients were blinded, assessors were not blinded." in more
    assert design(study_of("pain"), True)[0][0].startswith("Course of a single patient")
    assert "consecutively" in more and "placebo" not in more


def test_without_a_verdict_the_conclusion_says_what_a_change_can_show():
    [[said]] = conclusion(study_of("pain"), None)
    assert said.startswith("What the numbers show is change within patients")


def test_without_a_sensitivity_analysis_nothing_is_said_to_change_the_conclusion():
    numbers = Numbers(Estimates("change", "all", ["S1"]).table(), lambda shown: shown.text)
    assert what_would_change(numbers, study_of("pain"), None, {}) == []


@pytest.mark.parametrize(
    ("has_treatments", "said"),
    [
        (True, ["No file of this study has adverse events: nothing is known of them here."]),
        (False, []),
    ],
)
def test_a_treatment_without_a_file_of_adverse_events_is_no_safe_one(has_treatments, said):
    numbers = Numbers(Estimates("change", "all", ["S1"]).table(), lambda shown: shown.text)
    settings = SimpleNamespace(has_treatments=has_treatments)
    assert events_sentence(numbers, settings) == said


def test_few_figures_and_none_that_cannot_be_read_in_small():
    known = ["subject_flow", "paired_change", "trajectories", "verdict", "responders"]
    assert small_figures(known, 2, False) == [
        "verdict",
        "paired_change",
        "responders",
        "trajectories",
    ]
    assert small_figures(known, 20, False) == ["verdict", "responders", "subject_flow"]
    assert small_figures([], 2, False) == []
    single = ["verdict", "paired_change", "trajectories", "subject_flow"]
    assert small_figures(known, 2, True) == single


PARTS = [Part("Results", [["a <b>", Ref("table", "flow"), "."]], leads=True)]
FIGURE = {"paired_change": {"caption": "c", "alt": "a", "path": "paired_change.svg"}}


def test_the_page_writes_the_parts_with_links_and_escapes_them():
    page = html.Page(FIGURE, PatientPages())
    said = page.abstract(PARTS, ["paired_change"])
    assert "<h3>Results</h3>" in said and "a &lt;b&gt;" in said and 'class="leads"' in said
    assert (
        '<a href="#table-flow">' in said and '<a href="#figure-paired_change" data-small>' in said
    )


def test_the_paper_writes_the_same_parts():
    said = typst.Page(FIGURE).abstract(PARTS, ["paired_change"])
    assert "@table-flow" in said and "leads: true" in said and r"a \<b\>" in said
    assert "@figure-paired_change" in said


def test_words_of_sentences():
    assert listed(["A"]) == "A" and listed(["A", "B", "C"]) == "A, B and C" and listed([]) == ""
    assert capital("pain") == "Pain" and capital("") == "" and capital("AIS") == "AIS"
    assert verb(1, "was", "were") == "was" and verb(0, "was", "were") == "were"
    assert in_brackets([[], ["a"], ["b"]]) == [" (", "a", "; ", "b", ")"]
    assert in_brackets([[]]) == []


def test_a_table_too_wide_for_an_upright_page_of_the_paper_has_one_across():
    narrow = Table("n", "N", ["", "Change"], [["a", "p < 0.001"]])
    wide = Table("w", "W", ["Improvement"] * 12, [["12/13 (92 %)"] * 12])
    assert "#across(false)[" in typst.Page({}).table(narrow)
    said = typst.Page({}).table(wide)
    assert "#across(true)[" in said
    assert "12\\/13\u00a0\\(92\u00a0\\%\\)" in said  # in one line
