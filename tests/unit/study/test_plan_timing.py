"""Before or after the first follow-up: what is compared, and what is post hoc by it."""

import pytest
from owncontrol.study.plan_lock import read_lock
from owncontrol.study.plan_timing import (
    FollowUps,
    Moment,
    compared_version,
    is_late,
    marked_post_hoc,
    post_hoc_names,
)
from plan_study import changed, first_page, freeze_plan

NAMED = ("ais", "uems", "main")


@pytest.fixture
def lock(tmp_path):
    """Three versions."""
    freeze_plan(tmp_path)
    freeze_plan(tmp_path, changed("level", 0.9), "2020-07-01T00:00:00+00:00")
    freeze_plan(tmp_path, changed("level", 0.8), "2020-08-01T00:00:00+00:00")
    return read_lock("moved", tmp_path)


def moments(*of):
    words = {"b": Moment.BEFORE, "a": Moment.AFTER, "?": Moment.NOT_KNOWN}
    return {number: words[word] for number, word in enumerate(of)}


@pytest.mark.parametrize(
    ("dated", "before", "moment"),
    [(0, 0, Moment.NOT_KNOWN), (5, 0, Moment.BEFORE), (5, 1, Moment.AFTER)],
)
def test_one_follow_up_before_the_plan_makes_it_late(dated, before, moment):
    assert FollowUps(dated, before).moment is moment


@pytest.mark.parametrize(
    ("when", "number"), [("bbbb", 3), ("bbba", 2), ("bbaa", 1), ("baaa", 1), ("????", 1)]
)
def test_the_last_version_before_the_first_follow_up_is_compared(lock, when, number):
    assert compared_version(lock, moments(*when)).number == number


@pytest.mark.parametrize(
    ("when", "late"), [("bb", False), ("ab", True), ("ba", True), ("b?", False), ("??", False)]
)
def test_either_date_after_the_first_follow_up_is_late(lock, when, late):
    assert is_late(lock, moments(*when)) is late


def test_without_a_lock_the_date_of_the_plan_decides():
    assert post_hoc_names(NAMED, ["ais"], None, moments("b")) == ("uems", "main")
    assert post_hoc_names(NAMED, ["ais"], None, moments("a")) == NAMED
    assert post_hoc_names(NAMED, ["ais"], None, {}) == ("uems", "main")


def test_settings_say_what_is_post_hoc():
    given = {"post_hoc": [], "endpoints": [{"name": "ais", "declared": True}], "level": 0.95}
    marked = marked_post_hoc(given, ["ais"])
    assert marked == {
        "post_hoc": ["ais"],
        "endpoints": [{"name": "ais", "declared": False}],
        "level": 0.95,
    }
    assert given["endpoints"][0]["declared"]


@pytest.mark.slow
def test_follow_ups_are_counted_and_no_day_is_written(tmp_path):
    # The first follow-up is on 2021-05-30, 90 days after the first treatment.
    for date, before in (("2021-05-30", 0), ("2021-05-31", 1), ("2030-01-01", 16)):
        page = first_page(tmp_path, changed("plan.date", date))
        assert page.cleaned.plan_timing.to_numpy().tolist() == [[0, 16, before]]


def test_a_study_without_a_date_says_that_it_is_not_known(tmp_path):
    freeze_plan(tmp_path)
    values = changed("exports.exams.tables.isncsci.undated", True)
    del values["exports"]["exams"]["tables"]["isncsci"]["columns"]["date"]
    values["exports"]["exams"]["ignored"] = ["day"]
    text = first_page(tmp_path, values).text
    assert (
        "Plan frozen on 2020-06-01 by J. Doe; no follow-up has a known date, so whether that was "
        "before the first one is not known."
    ) in text
