"""The same study on each clock: dates and a baseline, recorded days, nominal days, order alone."""

import copy
import datetime

import numpy as np
import pandas as pd
import pytest
from analysis_study import SmallSettings
from owncontrol.analysis import change, courses, responders, sensitivity, time_to_improvement
from owncontrol.analysis.clock_days import days_on_clock
from owncontrol.analysis.populations import read_people, scores_by_population
from owncontrol.estimates.collect import Estimates
from owncontrol.instruments import load_instrument
from owncontrol.scoring.score_table import score_assessments
from owncontrol.study.estimands import analysis_settings
from owncontrol.tables import conform
from small_study import CONFIG, INSTRUMENTS, clean_small, small_study

DAYS = {"screening": -14, "before": 0, "week_4": 28, "after": 84}
RNG_SUBJECTS = 12


def rows_of(seed):
    """Subject, visit, date, day and level of each exam; some are missed."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(1, RNG_SUBJECTS + 1):
        start = datetime.date(2021, 1, 1) + datetime.timedelta(int(rng.integers(300)))
        level = int(rng.integers(0, 12))
        for visit, day in DAYS.items():
            level = min(20, max(0, level + int(rng.integers(-1, 4))))
            if visit in ("before", "after") or rng.random() > 0.2:
                date = start + datetime.timedelta(day)
                rows.append((f"P{number:02d}", visit, date, day, level))
    return rows


def study_on(clock, **changes):
    """The configuration of a study without treatments on a clock."""
    columns = {"subject_id": "id", "visit": "when", "wisci_level": "level"}
    columns |= {"baseline": {"date": "date"}, "recorded": {"study_day": "day"}}.get(clock, {})
    unused = [name for name in ("date", "day") if name not in columns.values()]
    undated = clock in ("nominal", "order")
    people = {
        "file": "people.csv",
        "format": "csv",
        "tables": {"subjects": {"columns": {"subject_id": "id"}}},
    }
    walks = {
        "file": "walks.csv",
        "format": "csv",
        "ignored": unused,
        "tables": {"wisci2": {"columns": columns, "undated": undated}},
    }
    of_visits = clock if clock in ("baseline", "recorded") else "nominal"
    day = {} if clock == "order" else {"clock": of_visits}
    return {
        "clock": clock,
        "visits": [
            {"name": name, "label": name, **day, **({"day": at} if day else {})}
            for name, at in DAYS.items()
        ],
        "subject_id": {"pattern": "P[0-9]+"},
        "characteristics": [],
        "exports": {"people": people, "walks": walks},
        "endpoints": [
            {**CONFIG["endpoints"][0], "important_difference": {"threshold": 3, "source": "x"}}
        ],
        **changes,
    }


def write(folder, rows):
    codes = dict.fromkeys(row[0] for row in rows)
    (folder / "people.csv").write_text("id\n" + "".join(f"{code}\n" for code in codes), "utf-8")
    lines = "".join(",".join(map(str, row)) + "\n" for row in rows)
    (folder / "walks.csv").write_text("id,when,date,day,level\n" + lines, "utf-8")


def cleaned_on(folder, monkeypatch, clock, **changes):
    """Cleaned tables and settings of the files in ``folder`` on a clock."""
    config = copy.deepcopy(CONFIG)
    config.pop("treatment")
    monkeypatch.setattr("small_study.CONFIG", config)
    study = study_on(clock, **changes)
    cleaned = clean_small(folder, **study)
    settings = SmallSettings.taken_from(_complete(analysis_settings(small_study(**study))))
    return cleaned, settings


def _complete(settings):
    """The settings without published rates, which the small study does not compare with."""
    from analysis_study import RECOVERY
    from owncontrol.study.natural_recovery import NaturalRecovery

    return settings.model_copy(
        update={"natural_recovery": NaturalRecovery.model_validate(RECOVERY)}
    )


def estimates_on(folder, monkeypatch, clock):
    """All numbers of the analyses that look at days, by their ids."""
    cleaned, settings = cleaned_on(folder, monkeypatch, clock)
    tables = {name: finish() for name, finish in cleaned.finished.items()}
    scores = score_assessments(load_instrument(INSTRUMENTS / "wisci2.yaml"), tables["wisci2"])
    subjects = cleaned.tables["subjects"]
    sets = scores_by_population(scores, subjects, read_people("", subjects), settings)
    codes, found = sorted(subjects["subject_id"]), []
    endpoint = settings.endpoints[0]
    results = Estimates("change", "x", codes)
    change.change_from_baseline(results, sets[endpoint.population], endpoint, settings)
    courses.medians(results, sets["all"], endpoint, settings)
    found.append(results.table())
    results = Estimates("responders", "x", codes)
    for criterion in responders.criteria(settings):
        looks = responders.looks(sets, criterion, settings)
        responders.at_visits(results, looks, criterion, settings.level)
        time_to_improvement.time_to_improvement(results, looks, criterion, settings)
    found.append(results.table())
    results = Estimates("sensitivity", "x", codes)
    sensitivity.two_baselines(results, sets, endpoint, settings)
    found.append(results.table())
    return pd.concat(found).set_index("estimate_id")


NUMBERS = ["value", "lower", "upper", "p", "n", "events"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_dates_recorded_days_and_nominal_ones_give_the_same_numbers(tmp_path, monkeypatch, seed):
    write(tmp_path, rows_of(seed))
    dated, recorded, nominal, order = (
        estimates_on(tmp_path, monkeypatch, clock)
        for clock in ("baseline", "recorded", "nominal", "order")
    )
    for other in (recorded, nominal):
        pd.testing.assert_frame_equal(dated[NUMBERS], other[NUMBERS])
    assert "responders.wisci.week_4.known_improved_by" in dated.index
    # Where only the order is known, what counts no days is the same, and nothing is in days.
    assert not order["unit"].eq("days").any()
    days = dated.index[~dated.index.isin(order.index)]
    assert all("median_day" in name or ".week_" in name for name in days)
    kept = [name for name in order.index if not timed(name)]
    pd.testing.assert_frame_equal(dated.loc[kept, NUMBERS], order.loc[kept, NUMBERS])
    ends = order.loc[[name for name in order.index if "interval_right" in name], "value"].dropna()
    assert {3} <= set(ends) <= {2, 3}  # places of the two visits after the baseline


def timed(name):
    """Whether a number is made of days."""
    parts = ("interval_", "median_left", "median_right", ".step_", "rate_", "repeatability")
    return any(part in name for part in parts)


def test_the_baseline_visit_is_day_0_of_each_subject(tmp_path, monkeypatch):
    write(tmp_path, rows_of(1))
    cleaned, settings = cleaned_on(tmp_path, monkeypatch, "baseline")
    walks = cleaned.tables["wisci2"]
    assert dict(walks.groupby("visit")["study_day"].unique().map(list)) == {
        name: [day] for name, day in DAYS.items()
    }
    scores = conform(walks[["subject_id", "visit", "study_day"]], "scores")
    assert days_on_clock(scores, "nominal", settings.visits).tolist() == walks["study_day"].tolist()
    assert set(days_on_clock(scores, "order", settings.visits)) == {0, 1, 2, 3}


def test_a_wrong_date_of_the_baseline_is_reported_and_not_counted_from(tmp_path, monkeypatch):
    rows = rows_of(2)
    wrong = next(place for place, row in enumerate(rows) if row[1] == "before")
    code, visit, date, day, level = rows[wrong]
    rows[wrong] = (code, visit, date.replace(year=date.year - 1), day, level)
    rows = [row for row in rows if row[1] != "screening"]
    missing = {"week_4", "after"} - {row[1] for row in rows if row[0] == code}
    rows += [(code, name, date + datetime.timedelta(DAYS[name]), 0, 9) for name in missing]
    write(tmp_path, rows)
    visits = study_on("baseline")["visits"][1:]
    visits = [{**visit, "window": [visit["day"] - 7, visit["day"] + 7]} for visit in visits]
    cleaned, _ = cleaned_on(tmp_path, monkeypatch, "baseline", visits=visits)
    found = cleaned.findings.loc[cleaned.findings["rule"] == "day_0"]
    assert found[["file", "column", "value"]].to_numpy().tolist() == [
        ["walks.csv", "date", str(rows_date(rows, code))]
    ]
    walks = cleaned.tables["wisci2"]
    assert walks.loc[walks["subject_id"] == code, "study_day"].isna().all()
    assert walks.loc[walks["subject_id"] != code, "study_day"].notna().all()


def rows_date(rows, code):
    return next(row[2] for row in rows if row[:2] == (code, "before"))


@pytest.mark.parametrize(("rule", "shift"), [("keep_first", 0), ("keep_last", 5)])
def test_of_two_exams_at_the_baseline_the_one_that_is_kept_is_day_0(
    tmp_path, monkeypatch, rule, shift
):
    rows = rows_of(1)
    code, visit, date, day, level = next(row for row in rows if row[1] == "before")
    again = (code, visit, date + datetime.timedelta(5), day + 5, level + 1)
    write(tmp_path, [*rows, again])
    exports = study_on("baseline")["exports"]
    exports["walks"]["tables"]["wisci2"]["duplicates"] = rule
    cleaned, _ = cleaned_on(tmp_path, monkeypatch, "baseline", exports=exports)
    walks = cleaned.tables["wisci2"]
    days = walks.loc[walks["subject_id"] == code].set_index("visit")["study_day"]
    assert (days["before"], days["after"]) == (0, 84 - shift)


def test_of_two_instruments_the_earlier_exam_at_the_baseline_is_day_0():
    from owncontrol.cleaning.day_counts import Clocks, start_at_baseline

    def sheet(table, date):
        values = pd.DataFrame({"subject_id": ["P1"], "visit": ["before"]}, dtype="category")
        days = np.array([date], "datetime64[D]")
        return type("Sheet", (), {
            "table": table, "values": values, "is_kept": np.array([True]),
            "days": lambda self, column: days,
        })()  # fmt: skip

    for order in (("2021-02-01", "2021-02-09"), ("2021-02-09", "2021-02-01")):
        sheets = dict(zip(("one", "two"), map(sheet, ("one", "two"), order), strict=True))
        clocks = Clocks({"P1": 0}, {}, {})
        start_at_baseline(clocks, sheets, ("one", "two"), "before")
        assert str(clocks.origin["baseline"][0]) == "2021-02-01"
        assert clocks.table_of("baseline", 0) == ("one" if order[0] < order[1] else "two")
