"""Each figure on studies of every shape: what it shows is right, and its texts can be read."""

import math
from collections import Counter
from copy import copy
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from figure_analyses import SOURCES
from figure_study import BASELINE, ENDPOINTS, NAMES, TIME_POINT, VISITS, make_study
from matplotlib.patches import Rectangle
from owncontrol.figures import ais_transitions, change_map, trajectories
from owncontrol.figures.drawn import MOST_DRAWN, drawn_patients
from owncontrol.figures.readability import text_faults, visible_texts
from owncontrol.figures.style import WIDTHS, journal_style
from owncontrol.figures.verdict import p_text
from owncontrol.isncsci.cells import DERMATOMES, MYOTOMES

LONG = "\u6cbb\u7642 $x_1$ & $y$ <script>alert(1)</script> " + "Rehabilitationskrankenhaus" * 10
# Shape of the study, and the figures that it is a trial for.
STUDIES = {
    "as usual": ({}, NAMES),
    "one subject": ({"n": 1}, NAMES),
    "most visits missed": (
        {"missed": 0.6},
        ["timeline", "ais_transitions", "trajectories", "time_to_improvement"],
    ),
    "no adverse events": ({"events": 0}, ["timeline", "adverse_events"]),
    "many adverse events": ({"n": 4, "events": 25}, ["timeline", "adverse_events"]),
    "a score that nobody has": (
        {"absent": "motor"},
        [
            "trajectories",
            "paired_change",
            "responders",
            "time_to_improvement",
            "specification_curve",
        ],
    ),
    "a grade that nobody has": (
        {"absent": "grade"},
        [
            "ais_transitions",
            "ais_shift",
            "paired_change",
            "change_map",
            "verdict",
            "natural_recovery",
            "recorded_grades",
            "specification_curve",
        ],
    ),
    "long labels in any script": (
        {
            "n": 4,
            "endpoints": [{**item, "label": f"{item['name']} {LONG}"} for item in ENDPOINTS],
            "visits": [{**visit, "label": f"{visit['name']} {LONG}"} for visit in VISITS],
        },
        NAMES,
    ),
    "two endpoints": (
        {"endpoints": ENDPOINTS[:2]},
        [
            "trajectories",
            "paired_change",
            "responders",
            "time_to_improvement",
            "specification_curve",
        ],
    ),
    "stroke scales alone": (
        {"endpoints": ENDPOINTS[5:]},
        ["subject_flow", "timeline", "responders", "time_to_improvement", "specification_curve"],
    ),
    "two visits": (
        {"visits": [item for item in VISITS if item["name"] in (BASELINE, TIME_POINT)]},
        ["timeline", "ais_transitions", "trajectories", "time_to_improvement"],
    ),
    "sixty subjects": (
        {"n": 60},
        ["subject_flow", "timeline", "ais_transitions"],
    ),
}


def drawn(study, name):
    figure = study.draw(name)
    figure.set_dpi(100)  # quicker; the layout is in mm
    figure.draw_without_rendering()
    return figure


@cache
def study_of(kind):
    return make_study(**STUDIES[kind][0])


@cache
def study_without_a_plan_for_some():
    study = make_study(n=4, endpoints=ENDPOINTS[:3])
    study.post_hoc = frozenset({"legs", "either", "grade", "recovery"})
    return study


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, (_, names) in STUDIES.items() for name in names]
)
def test_no_text_is_cut_off_or_overlaps(kind, name):
    study = study_of(kind)
    with journal_style():
        figure = drawn(study, name)
        assert text_faults(figure) == []
    assert figure.get_figwidth() * 25.4 in [pytest.approx(width) for width in WIDTHS.values()]
    words = {text.get_text() for text in visible_texts(figure)}
    assert "SYNTHETIC DATA" in words
    if name == "timeline":
        assert set(study.subjects["subject_id"]) <= words


def test_timeline_rows_are_in_the_order_of_treatment():
    study = study_of("as usual")
    rows = study.behind("timeline")
    places = rows.drop_duplicates("place").set_index("place")["subject_id"].tolist()
    days = study.treatments.set_index("subject_id")["treatment_start_day"]
    assert [days[code] for code in places[:-1]] == sorted(days)
    assert places[-1] == "S-999"


def test_timeline_shows_each_visit_once_as_seen_or_as_missed():
    study = make_study(endpoints=ENDPOINTS[:1], missed=0.3)
    rows = study.behind("timeline")
    visits = rows.loc[rows["event"].isin(["visit", "missed visit"])]
    treated = visits.loc[visits["subject_id"] != "S-999"]
    assert not treated.duplicated(["subject_id", "visit"]).any()
    assert len(treated) == 13 * len(VISITS)
    seen = study.scores.groupby(["subject_id", "visit"])["day_from_injury"].min()
    for row in treated.itertuples():
        if row.event == "visit":
            assert row.day == seen[row.subject_id, row.visit]
        else:
            assert (row.subject_id, row.visit) not in seen.index
    # Without a treatment only the visits counted from the injury have a planned day.
    untreated = visits.loc[visits["subject_id"] == "S-999"]
    assert untreated[["visit", "day", "event"]].to_numpy().tolist() == [
        ["screening", 12, "missed visit"],
        ["late", 235, "missed visit"],
    ]


def test_timeline_plans_a_missed_visit_on_its_own_clock():
    study = make_study(n=1, endpoints=ENDPOINTS[:1], missed=0)
    study.scores = study.scores.loc[study.scores["visit"] != "t28"]
    rows = study.behind("timeline")
    start = study.treatments["treatment_start_day"].iloc[0]
    assert rows.loc[rows["event"] == "missed visit", ["visit", "day"]].to_numpy().tolist() == [
        ["t28", start + 28]
    ]


def test_timeline_does_without_columns_that_no_export_feeds():
    study = make_study(n=3, events=0)
    study.subjects = study.subjects[["row_id", "subject_id"]]
    study.treatments = study.treatments[["row_id", "subject_id", "treatment_start_day"]]
    rows = study.behind("timeline")
    assert set(rows["event"]) <= {"injury", "treatment", "visit", "missed visit"}
    with journal_style():
        assert text_faults(drawn(study, "timeline")) == []


@pytest.mark.slow
def test_transitions_keep_every_subject_at_every_visit():
    study = make_study(missed=0.4)
    flows = study.behind("ais_transitions")
    boxes, ribbons = (flows.loc[(flows["next_visit"] == "") == box] for box in (True, False))
    per_visit = boxes.groupby("visit")["subjects"].sum()
    assert per_visit.to_dict() == {visit["name"]: 13 for visit in VISITS}
    known = study.scores.loc[
        (study.scores["scale"] == "asia_impairment_scale") & study.scores["value"].notna()
    ]
    here = boxes.set_index(["visit", "grade"])["subjects"]
    counts = here.loc[here.index.get_level_values("grade") != "unknown"]
    assert counts.to_dict() == known.groupby(["visit", "text"]).size().to_dict()
    # What arrives at a visit is what leaves it, and what is there.
    arriving = ribbons.groupby(["next_visit", "next_grade"])["subjects"].sum()
    leaving = ribbons.groupby(["visit", "grade"])["subjects"].sum()
    first, last = VISITS[0]["name"], VISITS[-1]["name"]
    assert arriving.to_dict() == here.drop(first, level="visit").to_dict()
    assert leaving.to_dict() == here.drop(last, level="visit").to_dict()


@pytest.mark.slow
def test_transitions_are_those_of_each_subject():
    study = make_study(missed=0.4)
    scores = study.scores
    here = scores.loc[(scores["scale"] == "asia_impairment_scale") & scores["value"].notna()]
    grade = {(row.subject_id, row.visit): row.text for row in here.itertuples()}
    names = [visit["name"] for visit in VISITS]
    expected = Counter(
        (one, grade.get((code, one), "unknown"), other, grade.get((code, other), "unknown"))
        for code in study.treatments["subject_id"]
        for one, other in pairwise(names)
    )
    flows = study.behind("ais_transitions")
    columns = ["visit", "grade", "next_visit", "next_grade"]
    ribbons = flows.loc[flows["next_visit"] != ""].set_index(columns)["subjects"]
    assert ribbons.to_dict() == expected


@pytest.mark.slow
def test_a_grade_that_is_not_determined_is_not_a_grade():
    study = make_study(n=2, missed=0)
    rows = (study.scores["scale"] == "asia_impairment_scale") & (study.scores["visit"] == "t28")
    study.scores.loc[rows, "value"] = float("nan")
    study.scores.loc[rows, "text"] = "C,D"
    flows = study.behind("ais_transitions")
    assert set(flows.loc[flows["visit"] == "t28", "grade"]) == {"unknown"}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        # Equal days apart: equal distances.
        ([0, 50, 100, 150], [0, 50, 100, 150]),
        # Day 1 is kept apart from day 0, and the others share what is left.
        ([0, 1, 101, 201], [0, 8, 79, 150]),
        ([0, 1, 2, 182], [0, 8, 16, 150]),
        ([0, math.nan, 100], [0, 75, 150]),
        ([math.nan] * 3, [0, 75, 150]),
        ([5, 5, 5], [0, 75, 150]),
        ([100, 50, 40], [0, 75, 150]),  # medians of other patients: no visit goes back
        ([3], [0]),
        (range(31), [5 * place for place in range(31)]),
    ],
)
def test_equal_days_are_equal_distances_between_visits(days, expected):
    assert ais_transitions.visit_places(list(days)) == pytest.approx(expected)


@pytest.mark.slow
def test_transition_boxes_are_as_high_as_their_counts():
    study = study_of("as usual")
    flows = study.behind("ais_transitions")
    counts = flows.loc[flows["next_visit"] == "", "subjects"]
    with journal_style():
        axes = drawn(study, "ais_transitions").axes[0]
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    heights = sorted(box.get_height() for box in boxes)
    unit = heights[-1] / counts.max()
    assert heights == pytest.approx([unit * count for count in sorted(counts)])
    shown = sorted(int(text.get_text()) for text in axes.texts)
    assert shown == sorted(counts)
    # Across, where the median days of the visits place them.
    graded = study.scores.loc[study.scores["scale"] == "asia_impairment_scale"].dropna(
        subset="value"
    )
    days = graded.groupby("visit")["day_from_treatment"].median()
    places = ais_transitions.visit_places([days[visit["name"]] for visit in study.visits])
    centres = sorted({round(box.get_x() + box.get_width() / 2, 6) for box in boxes})
    assert centres == pytest.approx(places)


def test_trajectories_show_every_known_value_and_the_median():
    study = study_of("as usual")
    rows = study.behind("trajectories")
    known = study.scores.loc[study.scores["value"].notna()]
    for endpoint in study.endpoints[1:]:
        here = known.loc[
            (known["instrument"] == endpoint["instrument"]) & (known["scale"] == endpoint["scale"])
        ]
        mine = rows.loc[rows["endpoint"] == endpoint["name"]]
        patients = mine.loc[mine["series"] == "subject"]
        assert sorted(patients["value"]) == sorted(here["value"])
        medians = mine.loc[mine["series"] == "median"].set_index("visit")
        # Of the same patients at every visit, so that nobody's absence moves the line.
        wide = here.pivot(index="subject_id", columns="visit", values="value")
        throughout = wide[wide.columns[wide.notna().mean() >= 0.5]].dropna()
        few = len(throughout) < 3
        assert medians["value"].to_dict() == ({} if few else throughout.median().to_dict())
        assert few or set(medians["n"]) == {len(throughout)}
        days = here.groupby("visit")["day_from_treatment"].median()
        assert medians["day"].to_dict() == days[medians.index].to_dict()
        assert set(medians["estimate_id"]) <= set(study.results("change")["estimate_id"])
    assert (rows["series"] == "median").any()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("trajectories", "endpoint"),
        ("paired_change", "endpoint"),
        ("specification_curve", "endpoint"),
        ("responders", "criterion"),
        ("time_to_improvement", "criterion"),
        ("ais_transitions", "grade"),
        ("ais_shift", "grade"),
        ("natural_recovery", "recovery"),
    ],
)
def test_what_the_plan_does_not_have_is_marked(name, about):
    study = copy(study_without_a_plan_for_some())
    rows = study.behind(name)
    of_several = about in ("endpoint", "criterion")
    whose = rows[about] if of_several else pd.Series(about, rows.index)
    assert (rows["post_hoc"] == whose.isin(study.post_hoc)).all()
    one = ("either" if about == "criterion" else "legs") if of_several else about
    labels = {item.name: item.label for item in (*study.shown.endpoints, *study.shown.criteria)}
    for marked in ({one} if of_several else set(), set(whose)):
        study.behind = lambda _, names=marked: rows.assign(post_hoc=whose.isin(names))
        with journal_style():
            words = [text.get_text() for text in visible_texts(drawn(study, name))]
        apart = [word for word in words if "(post hoc)" in word]
        assert ("POST HOC · SYNTHETIC DATA" in words) == (marked == set(whose))
        assert len(apart) == (marked == {one} and of_several)
        assert not apart or labels[one].split()[0] in apart[0]


@pytest.mark.slow
def test_scales_of_the_same_name_in_two_instruments_are_not_mixed():
    study = make_study(n=2, missed=0)
    other = study.scores.loc[study.scores["scale"] == "total"].assign(instrument="other", value=-1)
    study.scores = pd.concat([study.scores, other], ignore_index=True)
    rows = study.behind("trajectories")
    assert (rows["value"] >= 0).all()


@pytest.mark.slow
def test_paired_change_shows_who_has_both_and_prints_the_estimate():
    study = study_of("as usual")
    rows = study.behind("paired_change")
    estimates = study.results("change").set_index("estimate_id")
    for name, mine in rows.groupby("endpoint"):
        printed = mine.loc[mine["series"] == "estimate"].iloc[0]
        row = estimates.loc[f"change.{name}.{TIME_POINT}.hodges_lehmann"]
        assert (
            printed[["value", "lower", "upper", "n"]].tolist()
            == row[["value", "lower", "upper", "n"]].tolist()
        )
        assert printed["p"] == estimates.loc[f"change.{name}.{TIME_POINT}.signed_rank_pratt", "p"]
        assert (mine["series"] == "subject").sum() == row["n"]
        directions = mine["direction"].value_counts()
        for word, statistic in (("better", "improved"), ("worse", "worse")):
            events = estimates.loc[f"change.{name}.{TIME_POINT}.{statistic}", "events"]
            assert directions.get(word, 0) == events
    with journal_style():
        words = {text.get_text() for text in visible_texts(drawn(study, "paired_change"))}
    assert set(rows.loc[rows["series"] == "estimate", "text"]) <= words


@pytest.mark.slow
def test_an_estimate_that_the_results_lack_is_named():
    study = make_study(n=2)
    rows = study.results("change")
    lacking = rows.loc[rows["estimate_id"] != f"change.motor.{TIME_POINT}.hodges_lehmann"]
    study._results["change"] = lacking
    with pytest.raises(KeyError, match=r"no estimate 'change\.motor\.t180\.hodges_lehmann'"):
        study.behind("paired_change")


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
def test_every_number_that_is_drawn_is_one_of_the_results(name):
    study = study_of("as usual")
    rows, results = study.behind(name), study.results(SOURCES[name]).set_index("estimate_id")
    columns = [column for column in rows if column.startswith("estimate_id")]
    for column in columns:
        drawn = rows.loc[rows[column].notna() & (rows[column] != "")]
        assert len(drawn) and set(drawn[column]) <= set(results.index)
        of = results.loc[drawn[column]].reset_index()
        for key in {"lower", "upper", "p", "n"} & set(rows):
            mine = pd.to_numeric(drawn[key]).astype("float64").to_numpy()
            theirs = of[key].astype("float64").to_numpy()
            known = ~np.isnan(mine)
            # There p is that of the test, and n that of the patients with an event.
            if (name, key) not in {("paired_change", "p"), ("adverse_events", "n")}:
                np.testing.assert_array_equal(mine[known], theirs[known])


@pytest.mark.slow
def test_the_shift_table_and_the_flow_have_every_subject_once():
    study = study_of("as usual")
    assert study.behind("ais_shift")["subjects"].sum() == len(
        study.behind("paired_change").query("endpoint == 'grade' and series == 'subject'")
    )
    flow = study.behind("subject_flow")
    steps = flow.loc[flow["part"] == "subjects"]
    assert (steps["came_in"] == steps["kept"] + steps["lost"]).all()
    with journal_style():
        words = " ".join(text.get_text() for text in visible_texts(drawn(study, "subject_flow")))
    assert "1 not treated: S-999: no row" in words and "n = 13" in words


def test_the_change_map_counts_the_exams_themselves():
    study = study_of("as usual")
    rows = study.behind("change_map").set_index(["side", "modality", "segment"])
    exams = study.exams.set_index(["subject_id", "visit"])
    for key, cell in (
        (("right", "motor", "C5"), "right_motor_c5"),
        (("left", "pin_prick", "S4-5"), "left_pin_prick_s4_5"),
    ):
        grades = pd.to_numeric(exams[cell], errors="coerce").unstack("visit")
        change = (grades[TIME_POINT] - grades[BASELINE]).dropna()
        expected = [(change > 0).sum(), (change < 0).sum(), len(change)]
        assert rows.loc[key, ["better", "worse", "n"]].tolist() == expected


def test_steps_of_the_time_to_improvement_rise_and_stay_apart():
    rows = study_of("as usual").behind("time_to_improvement")
    for _, steps in rows.loc[rows["series"] == "step"].groupby("criterion"):
        assert steps["share"].is_monotonic_increasing
        assert (steps["left"].to_numpy()[1:] >= steps["right"].to_numpy()[:-1]).all()


def test_the_specification_curve_is_in_order_and_counts_as_the_results_do():
    study = study_of("as usual")
    rows = study.behind("specification_curve")
    results = study.results("sensitivity").set_index("estimate_id")
    for name, mine in rows.groupby("endpoint"):
        assert mine["value"].is_monotonic_increasing
        found = results.loc[f"sensitivity.{name}.significant"]
        assert (mine["improvement"].sum(), len(mine)) == (found["events"], found["n"])


def test_classes_of_adverse_events_are_in_order_and_complete():
    study = study_of("as usual")
    rows = study.behind("adverse_events")
    counted = study.adverse_events.groupby(["system_organ_class", "grade"]).size()
    drawn_counts = rows.loc[rows["events"] > 0].set_index(["class", "grade"])["events"]
    assert drawn_counts.sort_index().to_dict() == counted.to_dict()
    totals = rows.groupby("class", sort=False)["events"].sum()
    assert totals.is_monotonic_decreasing


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ais_shift", "Nobody has a grade"),
        ("change_map", "Nobody was examined"),
        ("verdict", "Nobody to compare"),
        ("natural_recovery", "Nobody to compare"),
        ("recorded_grades", "No grade was recorded"),
    ],
)
def test_a_figure_without_anything_to_show_says_so(name, words):
    with journal_style():
        shown = {
            text.get_text()
            for text in visible_texts(drawn(study_of("a grade that nobody has"), name))
        }
    assert any(text.startswith(words) for text in shown)


def test_of_many_patients_some_are_drawn_and_always_the_same():
    codes = [f"SYN-{number:06d}" for number in range(3000)]
    drawn = drawn_patients(codes, "timeline")
    assert len(drawn) == MOST_DRAWN["timeline"]
    assert drawn == sorted(set(drawn)) == drawn_patients(codes[::-1], "timeline")
    assert set(drawn_patients(codes[:2000], "timeline")) >= set(drawn) & set(codes[:2000])
    assert drawn_patients(codes[:50], "timeline") == codes[:50]


@pytest.mark.slow
@pytest.mark.parametrize(("size", "shown"), [(999, "+400"), (1000, "+40")])
def test_the_change_map_shows_percent_where_counts_have_no_room(size, shown):
    rows = pd.DataFrame(
        [
            (side, modality, segment, 400, 0, size, "", "")
            for side, modality in change_map.PLACES
            for segment in (MYOTOMES if modality == "motor" else DERMATOMES)
        ],
        columns=change_map.COLUMNS,
    )
    with journal_style():
        figure = change_map.draw_change_map(rows, synthetic=True)
    assert shown in {text.get_text() for text in visible_texts(figure)}


@pytest.mark.parametrize(
    ("visits", "said"), [(1, "at 1 visit"), (2, "at both visits"), (3, "at all 3 visits")]
)
def test_the_visits_of_a_median_are_counted_in_words(visits, said):
    rows = pd.DataFrame({"series": ["median"] * visits, "n": [7] * visits})
    assert trajectories._of_whom(rows) == f"median of the 7 seen {said}"


def test_the_verdict_is_drawn_beside_what_is_expected_and_what_it_survives():
    study = study_of("as usual")
    rows, found = study.behind("verdict"), study.results("natural_recovery")
    known = found.set_index("estimate_id")
    judged = rows.loc[rows["series"] == "improved"].set_index("grade")
    whole = judged.loc["All judged"]
    verdict = known.loc["natural_recovery.recovery.all_grades.verdict"]
    assert (whole["events"], whole["n"]) == (verdict["events"], verdict["n"])
    more = known.loc["natural_recovery.recovery.all_grades.more_than_expected"]
    assert whole["expected_high"] == more["value"] >= whole["expected_low"]
    cells = rows.loc[rows["series"] == "misjudged"]
    assert cells["p"].tolist() == known.loc[cells["estimate_id"], "p"].tolist()


@pytest.mark.parametrize(
    ("p", "text"), [(0.0253, "> 0.025"), (0.025, "0.025"), (0.0004, "< 0.001"), (0.31, "0.31")]
)
def test_a_p_that_rounding_makes_alpha_is_said_to_be_above_it(p, text):
    assert p_text(p, 0.025) == text
