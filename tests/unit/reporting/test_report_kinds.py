"""The table of changes and the figures of measurements and of yes or no."""

import numpy as np
import pandas as pd
import pytest
from analysis_study import DAYS, endpoint, small_settings
from owncontrol.analysis import change, measurements, yes_no
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.numbers import Numbers
from owncontrol.figures.paired_change import draw_paired_change, paired_numbers
from owncontrol.figures.settings import ShownEndpoint
from owncontrol.figures.shown_settings import shown_settings, what_study_has
from owncontrol.figures.style import new_figure, show_scale
from owncontrol.instruments import instrument_of
from owncontrol.reporting.report_tables import change_table, shift_table
from owncontrol.reporting.study_words import has_items
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.measures import Measure
from owncontrol.tables import conform
from scipy.stats import ttest_rel
from small_study import small_study

MEASURES = {
    "weight": {"label": "Weight", "direction": "higher_is_better", "unit": "kg", "minimum": 0}
    | {"maximum": 500},
    "walks": {"label": "Walks", "direction": "higher_is_better", "kind": "yes_no"},
}
ENDPOINTS = [
    {"name": name, "label": name.capitalize(), "instrument": name, "family": "one"}
    for name in MEASURES
]
VISITS = [
    {"name": name, "label": name.capitalize(), "clock": "injury", "day": DAYS[name]}
    for name in ("before", "after")
]
STUDY = {
    "visits": VISITS,
    "baseline": "before",
    "time_point": "after",
    "plan": {"version": "1", "date": "2024-01-01", "endpoints": list(MEASURES)},
}
VALUES = {
    "weight": [(80.5, 84.2), (70.1, 77.0), (75.0, 75.5), (66.0, 65.0)],
    "walks": [(0, 1), (0, 1), (1, 1), (1, 0)],
}


def study_of(*names):
    chosen = [item for item in ENDPOINTS if item["name"] in names]
    measures = {name: MEASURES[name] for name in names}
    return analysis_settings(small_study(instruments=measures, endpoints=chosen, **STUDY))


def scores_of(name):
    rows = [
        {
            "subject_id": f"S{number}",
            "visit": visit,
            "instrument": name,
            "scale": "value",
            "value": float(value),
            "text": f"{value:g}",
            "row_id": f"f:{number}{visit}",
        }
        for number, pair in enumerate(VALUES[name])
        for visit, value in zip(("before", "after"), pair, strict=True)
    ]
    return conform(pd.DataFrame(rows), "scores")


@pytest.mark.parametrize(
    ("measure", "expected"), [({}, False), ({"kind": "sum", "items": ["one", "two"]}, True)]
)
def test_only_a_score_with_items_is_computed_from_them(measure, expected):
    measures = {"weight": MEASURES["weight"] | measure}
    settings = small_study(instruments=measures, endpoints=ENDPOINTS[:1], **STUDY)
    assert has_items(analysis_settings(settings)) is expected


def numbers_of(settings):
    results = Estimates("change", "all", [f"S{number}" for number in range(4)])
    keys = {"visits": [visit.plain() for visit in settings.visits]}
    for of in settings.endpoints:
        told = small_settings(of, **keys)
        change.change_from_baseline(results, scores_of(of.name), of, told)
        if of.kind == "measurement":
            measurements.means(results, scores_of(of.name), of, told)
        else:
            yes_no.answers(results, scores_of(of.name), of, told)
    return Numbers(results.table(), lambda shown: shown.text, {"weight": 1})


def cells(row):
    joined = ["".join(cell) if isinstance(cell, list) else cell for cell in row]
    return [cell.replace("\u00a0", " ") for cell in joined]


def test_a_measurement_has_a_row_of_means_below_that_of_the_main_test():
    settings = study_of("weight")
    table = change_table(numbers_of(settings), settings)
    main, means = map(cells, table.rows)
    before, after = np.array(VALUES["weight"]).T
    assert main[0] == "Weight"
    assert means[0] == "  mean (SD), kg"
    assert means[2] == f"{before.mean():.2f} ({before.std(ddof=1):.2f})"
    assert means[3] == f"75.43 ({after.std(ddof=1):.2f})"  # 75.425, half up
    assert means[4] == "+2.53"  # 2.525, half up
    # W- is 2 of 16 sign flips' sums; 0, 1 and 2 are as small.
    assert main[6] == "p = 0.38"
    assert means[6] == f"p = {ttest_rel(after, before).pvalue:.2f}"
    assert means[7:] == ["\u2013", "\u2013"]
    assert "the main test is the one above" in table.note
    assert "McNemar" not in table.note


def test_yes_or_no_has_numbers_with_yes_and_the_changes_both_ways():
    settings = study_of("walks")
    numbers = numbers_of(settings)
    table = change_table(numbers, settings)
    assert [cells(row) for row in table.rows] == [
        [
            "Walks, yes",
            "4",
            "2/4 (50 %)",
            "3/4 (75 %)",
            "2 to yes, 1 to no",
            "\u2013",
            "p = 1.00",
            "\u2013",
            "2/4 (50 %)",
        ]
    ]
    assert table.note.startswith("Yes or no: ")
    assert not {"Median", "Hodges"} & set(table.note.replace("\u2013", " ").split())
    moves = shift_table(numbers, settings, settings.endpoints[0])
    assert [cells(row) for row in moves.rows] == [["no", "0", "2"], ["yes", "1", "1"]]
    assert "Exact McNemar test" in cells([moves.note])[0]


def figure_of(name):
    settings = study_of(name)
    shown = [ShownEndpoint.taken_from(item) for item in settings.endpoints]
    instrument = instrument_of(Measure.model_validate(MEASURES[name]).definition(name), name)
    scales = {name: instrument.scales["value"]}
    rows = paired_numbers(scores_of(name), numbers_of(settings), shown, scales, "before", "after")
    return rows, draw_paired_change(rows, shown, scales, ("Before", "After"), True)


def test_an_axis_of_a_measurement_spans_the_values_seen_and_has_its_unit():
    _, figure = figure_of("weight")
    values, sizes = figure.axes[:2]
    assert (values.get_ylabel(), sizes.get_ylabel()) == ("kg", "kg")
    low, high = values.get_ylim()
    assert 60 < low < 65
    assert 84.2 < high < 90  # and not the 500 that are possible


def test_a_figure_of_yes_or_no_has_no_estimate_of_a_change():
    rows, figure = figure_of("walks")
    estimate = rows.loc[rows["series"] == "estimate"].iloc[0]
    assert estimate["text"] == "yes: 2 before, 3 after, of 4, p = 1.00"
    assert estimate["estimate_id"] == "change.walks.after.yes_visit"
    values, sizes = figure.axes[:2]
    assert [text.get_text() for text in values.get_yticklabels()] == ["no", "yes"]
    assert not sizes.axison
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["Better", "Unchanged", "Worse"]


@pytest.mark.parametrize(("names", "there"), [(["walks"], False), (["walks", "weight"], True)])
def test_yes_or_no_has_no_course_and_no_specifications(names, there):
    settings = study_of(*names)
    has = what_study_has(settings, [], exam_cells=False)
    assert ({"scores", "sizes of changes"} <= has) == there
    shown = shown_settings(settings)
    assert [item.name for item in shown.scores] == (["weight"] if there else [])
    assert [item.name for item in shown.examined] == (["weight"] if there else [])


def test_the_endpoints_of_the_library_keep_their_axes():
    assert endpoint("lems", "isncsci", "lower_extremity_motor_score").kind != "measurement"


def test_a_measurement_that_nobody_has_shows_no_numbers_on_its_axis():
    scale = instrument_of(Measure.model_validate(MEASURES["weight"]).definition("w"), "w").scales
    axes = new_figure("single", 40, True).subplots()
    axes.axvline(0)
    show_scale(axes, scale["value"], "measurement")
    assert list(axes.get_yticks()) == []
    assert axes.get_ylabel() == "kg"
