"""Each figure on studies of every shape: what it shows is right, and its texts can be read."""

from functools import cache

import pandas as pd
import pytest
from figure_study import BASELINE, ENDPOINTS, NAMES, TIME_POINT, VISITS, make_study
from matplotlib.patches import Rectangle
from owncontrol.figures.checks import text_faults, visible_texts
from owncontrol.figures.style import WIDTHS, journal_style

LONG = "\u6cbb\u7642 $x_1$ & $y$ <script>alert(1)</script> " + "Rehabilitationskrankenhaus" * 10
# Shape of the study, and the figures that it is a trial for.
STUDIES = {
    "as usual": ({}, NAMES),
    "one subject": ({"n": 1}, NAMES),
    "most visits missed": ({"missed": 0.6}, NAMES),
    "no adverse events": ({"events": 0}, ["timeline"]),
    "many adverse events": ({"n": 4, "events": 25}, ["timeline"]),
    "a score that nobody has": ({"absent": "motor"}, ["trajectories", "paired_change"]),
    "a grade that nobody has": ({"absent": "grade"}, ["ais_transitions", "paired_change"]),
    "long labels in any script": (
        {
            "n": 4,
            "endpoints": [{**item, "label": f"{item['name']} {LONG}"} for item in ENDPOINTS],
            "visits": [{**visit, "label": f"{visit['name']} {LONG}"} for visit in VISITS],
        },
        NAMES,
    ),
    "two endpoints": ({"endpoints": ENDPOINTS[:2]}, ["trajectories", "paired_change"]),
    "two visits": (
        {"visits": [item for item in VISITS if item["name"] in (BASELINE, TIME_POINT)]},
        ["timeline", "ais_transitions", "trajectories"],
    ),
    "sixty subjects": ({"n": 60}, ["timeline", "ais_transitions"]),
}


def drawn(study, name):
    figure = study.draw(name)
    figure.set_dpi(100)  # quicker; the layout is in mm
    figure.draw_without_rendering()
    return figure


@cache
def study_of(kind):
    return make_study(**STUDIES[kind][0])


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
    study = make_study()
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


def test_transitions_keep_every_subject_at_every_visit():
    study = make_study(missed=0.4)
    flows = study.behind("ais_transitions")
    per_visit = flows.groupby("visit")["subjects"].sum()
    assert per_visit.to_dict() == {visit["name"]: 13 for visit in VISITS}
    known = study.scores.loc[
        (study.scores["scale"] == "asia_impairment_scale") & study.scores["value"].notna()
    ]
    counts = flows.loc[flows["grade"] != "unknown"].groupby(["visit", "grade"])["subjects"].sum()
    assert counts.to_dict() == known.groupby(["visit", "text"]).size().to_dict()
    # What arrives at a visit is what leaves it.
    arriving = flows.loc[flows["next_visit"] != ""].groupby(["next_visit", "next_grade"])
    leaving = flows.groupby(["visit", "grade"])["subjects"].sum()
    for key, count in arriving["subjects"].sum().items():
        assert leaving[key] == count


def test_a_grade_that_is_not_determined_is_not_a_grade():
    study = make_study(n=2, missed=0)
    rows = (study.scores["scale"] == "asia_impairment_scale") & (study.scores["visit"] == "t28")
    study.scores.loc[rows, "value"] = float("nan")
    study.scores.loc[rows, "text"] = "C,D"
    flows = study.behind("ais_transitions")
    assert set(flows.loc[flows["visit"] == "t28", "grade"]) == {"unknown"}


def test_transition_boxes_are_as_high_as_their_counts():
    study = make_study()
    counts = study.behind("ais_transitions").groupby(["visit", "grade"])["subjects"].sum()
    with journal_style():
        axes = drawn(study, "ais_transitions").axes[0]
    heights = sorted(patch.get_height() for patch in axes.patches if isinstance(patch, Rectangle))
    unit = heights[-1] / counts.max()
    assert heights == pytest.approx([unit * count for count in sorted(counts)])
    shown = sorted(int(text.get_text()) for text in axes.texts)
    assert shown == sorted(counts)


def test_trajectories_show_every_known_value_and_the_median():
    study = make_study()
    rows = study.behind("trajectories")
    known = study.scores.loc[study.scores["value"].notna()]
    for endpoint in study.endpoints[1:]:
        here = known.loc[
            (known["instrument"] == endpoint["instrument"]) & (known["scale"] == endpoint["scale"])
        ]
        mine = rows.loc[rows["endpoint"] == endpoint["name"]]
        patients = mine.loc[mine["series"] == "patient"]
        assert sorted(patients["value"]) == sorted(here["value"])
        medians = mine.loc[mine["series"] == "median"].set_index("visit")
        expected = here.groupby("visit")["value"].agg(["median", "size"])
        assert medians["value"].to_dict() == expected["median"].to_dict()
        assert medians["n"].to_dict() == expected["size"].to_dict()


def test_scales_of_the_same_name_in_two_instruments_are_not_mixed():
    study = make_study(n=2, missed=0)
    other = study.scores.loc[study.scores["scale"] == "total"].assign(instrument="other", value=-1)
    study.scores = pd.concat([study.scores, other], ignore_index=True)
    rows = study.behind("trajectories")
    assert (rows["value"] >= 0).all()


def test_paired_change_shows_who_has_both_and_prints_the_estimate():
    study = make_study()
    rows = study.behind("paired_change")
    estimates = study.estimates.set_index("estimate_id")
    for name, mine in rows.groupby("endpoint"):
        printed = mine.loc[mine["series"] == "estimate"].iloc[0]
        row = estimates.loc[f"change.{name}.{TIME_POINT}.hodges_lehmann"]
        assert (
            printed[["value", "lower", "upper", "n"]].tolist()
            == row[["value", "lower", "upper", "n"]].tolist()
        )
        assert printed["p"] == estimates.loc[f"change.{name}.{TIME_POINT}.signed_rank_pratt", "p"]
        assert (mine["series"] == "patient").sum() == row["n"]
        directions = mine["direction"].value_counts()
        for word, statistic in (("better", "improved"), ("worse", "worse")):
            events = estimates.loc[f"change.{name}.{TIME_POINT}.{statistic}", "events"]
            assert directions.get(word, 0) == events
    with journal_style():
        words = {text.get_text() for text in visible_texts(drawn(study, "paired_change"))}
    assert set(rows.loc[rows["series"] == "estimate", "text"]) <= words


def test_an_estimate_that_the_results_lack_is_named():
    study = make_study(n=2)
    study.estimates = study.estimates.loc[
        study.estimates["estimate_id"] != f"change.motor.{TIME_POINT}.hodges_lehmann"
    ]
    with pytest.raises(KeyError, match=r"no estimate 'change\.motor\.t180\.hodges_lehmann'"):
        study.behind("paired_change")
