"""Products: whose cells a treatment was made of, and whether it was released by then."""

import pandas as pd
import pytest
from analysis_study import by_id
from owncontrol.analysis.patients import trace_products
from owncontrol.estimates.collect import Estimates

SUBJECTS = ["S01", "S02", "S03"]


def traced(**columns):
    """The numbers of three treatments, one a subject, on day 30."""
    treatments = pd.DataFrame(
        {"subject_id": SUBJECTS, "row_id": [f"log:{row}" for row in (2, 3, 4)], **columns}
    )
    results = Estimates("patients", "all", SUBJECTS)
    trace_products(results, treatments)
    return by_id(results.table()).rename(index=lambda name: name.rpartition(".")[2])


@pytest.mark.parametrize(
    ("sources", "other", "known"),
    [
        (["S01", "S02", "S03"], 0, 3),
        (["S01", "S03", "S03"], 1, 3),
        (["S02", "S01", None], 2, 2),
        ([None, None, "S03"], 0, 1),
    ],
)
def test_cells_of_another_subject_are_counted_where_the_source_is_known(sources, other, known):
    row = traced(source_subject_id=sources).loc["other_cells"]
    assert (row["value"], row["events"], row["n"]) == (other, other, known)


@pytest.mark.parametrize(
    ("release", "days", "without"),
    [
        (["passed", "passed", "passed"], [28, 30, 1], 0),
        (["passed", "passed", "passed"], [31, 30, 29], 1),
        (["failed", "passed", None], [28, None, 28], 3),
    ],
)
def test_a_release_counts_that_passed_by_the_day_of_the_treatment(release, days, without):
    row = traced(
        release=release,
        release_day=pd.array(days, "Int64"),
        treatment_start_day=pd.array([30, 30, 30], "Int64"),
    ).loc["unreleased"]
    assert (row["value"], row["events"], row["n"]) == (without, without, 3)


def test_a_study_without_such_columns_has_no_such_numbers():
    assert traced().empty
