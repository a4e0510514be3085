"""Tables that list, the course with its n, and steps of a scale by their names."""

import pandas as pd
import pytest
from analysis_study import all_changes, endpoint, scores, small_settings
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.course_table import course_table
from owncontrol.reporting.listings import deviations_table
from owncontrol.reporting.report_tables import shown_value

AIS = endpoint("ais", "isncsci", "asia_impairment_scale")
LEVEL = endpoint("level", "isncsci", "neurological_level_of_injury")
FINDINGS = [
    {"file": "b.csv", "row": "10", "rule": "visit_window", "detail": "late"},
    {"file": "b.csv", "row": "9", "rule": "visit_window", "detail": "early"},
    {"file": "b.csv", "row": "1", "rule": "byte_order_mark", "detail": "a mark"},
]


class Run:
    """A finished run with these tables."""

    def __init__(self, **tables):
        self.tables = {f"cleaned/{name}.csv": pd.DataFrame(rows) for name, rows in tables.items()}

    def has(self, name):
        return name in self.tables

    def rows(self, name, **where):
        table = self.tables[name]
        for column, values in where.items():
            table = table.loc[table[column].isin(values)]
        return table


def test_deviations_are_those_of_conduct_with_their_place_and_a_long_list_is_cut():
    table = deviations_table(Run(findings=FINDINGS))
    assert table.rows == [
        ["Visit window", "b.csv, row 9", "early"],
        ["Visit window", "b.csv, row 10", "late"],
    ]
    cut = deviations_table(Run(findings=FINDINGS[:1] * 101))
    assert len(cut.rows) == 100 and "The first 100 of 101" in cut.note


def numbers_of(of, table):
    results = Estimates("change", "all", sorted(table["subject_id"].unique()))
    all_changes(of, table, small_settings(of), results)
    return Numbers(results.table(), lambda shown: shown.text)


def test_the_course_has_the_n_of_every_visit_and_no_visit_without_a_value():
    results = Estimates("change", "all", ["S1", "S2", "S3"])
    for visit, value, n in (("before", 1.0, 3), ("after", 2.5, 2)):
        about = {"endpoint": "ais", "visit": visit, "method": "median", "unit": "grade"}
        results.add(Change.MEDIAN, value, n=n, inputs="", **about)
    numbers = Numbers(results.table(), lambda shown: shown.text)
    told = course_table(numbers, small_settings(AIS))
    assert told.header == ["Endpoint", "before", "after"]
    assert [["".join(cell) for cell in row] for row in told.rows] == [
        ["ais", "A (3)", "B/C (2)"],
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "name"), [((6, 6), "C6"), ((6, 7), "C6/C7"), ((1, 1), "C1"), ((29, 29), "INT")]
)
def test_a_neurological_level_has_its_name(values, name):
    table = scores(LEVEL, {f"S{i}": {"before": v, "after": v} for i, v in enumerate(values)})
    numbers = numbers_of(LEVEL, table)
    assert shown_value(numbers, "change.level.after.median_visit", LEVEL) == name


def test_a_scale_of_numbers_has_no_names():
    assert endpoint("motor", "isncsci", "motor_total").names == ()
    assert endpoint("mrs", "mrs", "grade").names == ()
    assert AIS.names == ("A", "B", "C", "D", "E")
