"""Against natural recovery: the published cohort by hand, other scales, bad tables."""

import math

import numpy as np
import pandas as pd
import pytest
from analysis_study import (
    PUBLISHED,
    RECOVERY,
    ROOT,
    by_id,
    compared_as,
    endpoint,
    scores,
    small_settings,
)
from owncontrol.analysis import learning, natural_recovery
from owncontrol.analysis.graded_exams import exams
from owncontrol.analysis.published_rates import main_rate, rates_of, read_rates
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.study.natural_recovery import Exam
from scipy.stats import binom

TABLE = ROOT / "data/reference/natural_recovery.csv"
AIS = endpoint("ais", "isncsci", "asia_impairment_scale")
MRS = endpoint("mrs", "mrs", "grade")
SUBJECTS = [f"S{number:02d}" for number in range(1, 14)]


def graded(pairs, of=AIS, letters="ABCDE"):
    """Scores at before and after, one subject a pair of letters."""
    place = {letter: number for number, letter in enumerate(letters, start=int(of.minimum))}
    values = {
        f"S{number:02d}": {"before": place[pair[0]], "after": place[pair[1]]}
        for number, pair in enumerate(pairs, start=1)
    }
    return scores(of, values)


def compared(table, of=AIS, rates=None, comparison=None, **recovery):
    settings = small_settings(of, natural_recovery={**RECOVERY, **recovery})
    results = Estimates("natural_recovery", "all", SUBJECTS)
    rates = read_rates(TABLE) if rates is None else rates
    people = {"treated": table}
    natural_recovery.run_comparison(
        results, people, of, rates, comparison or compared_as(), settings
    )
    return by_id(results.table())


def test_the_published_cohort_grade_a_decides_b_and_c_say_little():
    """AIS before and after: Honmou et al. 2021; rates: Khorasanizadeh et al. 2019."""
    rows = compared(graded(PUBLISHED))
    for grade, events, n, rate in (("a", 5, 6, 0.193), ("b", 2, 2, 0.738), ("c", 5, 5, 0.873)):
        stem = f"natural_recovery.main.{grade}"
        row = rows.loc[f"{stem}.benchmark"]
        assert (row["events"], row["n"], row["value"]) == (events, n, rate)
        assert row["p"] == pytest.approx(binom.sf(events - 1, n, rate))
        assert rows.loc[f"{stem}.best_possible", "p"] == pytest.approx(rate**n)
        tipping = rows.loc[f"{stem}.tipping_rate", "value"]
        assert binom.sf(events - 1, n, tipping) == pytest.approx(0.025)
    assert rows.loc["natural_recovery.main.a.benchmark", "p"] < 0.002
    assert rows.loc["natural_recovery.main.b.benchmark", "p"] > 0.5
    assert rows.loc["natural_recovery.main.c.benchmark", "p"] > 0.5
    # 3 of 6 would no longer stand out: binomial p 0.096; 4 of 6 would: 0.016.
    assert rows.loc["natural_recovery.main.a.to_spare", "value"] == 2
    assert "as it is" in rows.loc["natural_recovery.main.b.to_spare", "convention"]
    mixed = rows.loc["natural_recovery.main.all_grades.mixed"]
    assert (mixed["events"], mixed["n"]) == (12, 13)
    expected = 6 * 0.193 + 2 * 0.738 + 5 * 0.873
    assert rows.loc["natural_recovery.main.all_grades.expected", "value"] == pytest.approx(expected)


def test_the_rates_run_over_the_whole_range_and_p_rises_with_them():
    rows = compared(graded(PUBLISHED))
    curve = rows.loc[(rows["statistic"] == "p_at_rate") & rows["stratum"].str.startswith("A,")]
    assert curve["value"].tolist() == [round(0.02 * step, 2) for step in range(51)]
    assert curve["p"].is_monotonic_increasing
    assert curve["p"].iloc[0] == 0
    assert curve["p"].iloc[-1] == 1


def test_each_published_source_is_a_row_and_says_when_its_patients_were_examined():
    rows = compared(graded(PUBLISHED))
    here = rows.loc[(rows["statistic"] == "published_rate") & rows["stratum"].str.startswith("A,")]
    assert len(here) == len(rates_of(read_rates(TABLE), "A", 1)) == 18
    text = here.set_index("stratum")["convention"]
    assert "later, so less" in text["A, Kawano 2020, cervical trauma Japan"]
    derived = "A, Kawano 2020 (derived), cervical trauma Japan still AIS A at 8 weeks"
    assert "earlier, so more" in text[derived]
    assert "count made from n" in text["A, Marino 1999 (SCIMS), all levels"]
    kawano = here.set_index("stratum").loc["A, Kawano 2020, cervical trauma Japan"]
    assert kawano["value"] == pytest.approx(35 / 203)
    assert kawano["method"].startswith("beta-binomial")
    assert kawano["lower"] < kawano["value"] < kawano["upper"]


def test_where_the_day_of_the_exam_is_not_known_no_rate_is_called_later():
    table = graded(["AB", "AA"]).assign(day_from_injury=pd.array([pd.NA] * 4, "Int64"))
    rows = compared(table)
    here = (rows["statistic"] == "published_rate") & rows["stratum"].str.startswith("A,")
    said = rows.loc[here, "convention"]
    assert len(said) and said.str.contains("; day of the exam here not known").all()


def test_an_empty_grade_and_one_without_a_rate_say_so():
    rows = compared(graded(["AA", "AB", "EE"]))
    for name in ("improved", "benchmark", "tipping_rate", "highest_exceeded"):
        assert "no subject" in rows.loc[f"natural_recovery.main.b.{name}", "convention"]
    assert "has no rate for grade E" in rows.loc["natural_recovery.main.e.benchmark", "convention"]
    mixed = rows.loc["natural_recovery.main.all_grades.mixed"]
    assert mixed["convention"] == "not estimable: no main rate for grade E"
    nobody = compared(graded(["AA"]).iloc[:0])
    assert nobody["value"].isna().sum() > 10
    assert nobody.loc["natural_recovery.main.all_grades.baseline_after_treatment", "value"] == 0


def test_where_nobody_improved_nothing_stands_out():
    rows = compared(graded(["AA"] * 6))
    row = rows.loc["natural_recovery.main.a.benchmark"]
    assert (row["p"], row["events"]) == (1, 0)
    assert rows.loc["natural_recovery.main.a.tipping_rate", "value"] == 0
    row = rows.loc["natural_recovery.main.a.highest_exceeded"]
    assert np.isnan(row["value"])
    assert row["convention"] == "not estimable: p exceeds 0.025 against every published rate"


def test_the_highest_rate_that_is_exceeded_is_the_last_one_with_a_small_p():
    rows = compared(graded(["AB"] * 3 + ["AA"] * 5))
    row = rows.loc["natural_recovery.main.a.highest_exceeded"]
    shares = sorted({rate.share for rate in rates_of(read_rates(TABLE), "A", 1)})
    exceeded = [share for share in shares if binom.sf(2, 8, share) <= 0.025]
    assert 0 < len(exceeded) < len(shares)
    assert row["value"] == exceeded[-1]
    assert "; p at most 0.025" in row["convention"]


def test_two_grades_are_asked_where_the_comparison_says_so():
    comparison = compared_as(gain={"A": 2}, benchmark={"A": "Kirshblum 2016 (SCIMS)"})
    rows = compared(graded(PUBLISHED), comparison=comparison)
    assert rows.loc["natural_recovery.main.a.improved", "events"] == 2
    assert rows.loc["natural_recovery.main.a.benchmark", "value"] == pytest.approx(32 / 187)
    assert rows.loc["natural_recovery.main.b.improved", "events"] == 2


def test_the_exam_nearest_to_a_day_counts_and_of_two_the_earlier():
    days = {"S01": [40, 52, 58], "S02": [45, 53], "S03": [30, 70], "S04": [49, 49]}
    rows = pd.DataFrame(
        [
            {"subject_id": code, "visit": f"v{place}", "value": 1.0, "day_from_injury": day}
            for code, those in days.items()
            for place, day in enumerate(those)
        ]
    )
    rows.loc[rows["day_from_injury"] == 49, "value"] = [math.nan, 2.0]
    found = exams(rows, Exam(clock="injury", day=49, within=7))
    assert found["day_from_injury"].to_dict() == {"S01": 52, "S02": 45, "S04": 49}
    assert found.loc["S04", "visit"] == "v1"


def test_exams_before_and_after_the_treatment_are_told_apart():
    comparison = compared_as(baseline={"clock": "injury", "day": 68, "within": 5})
    table = scores(AIS, {"S01": {"middle": 1, "after": 2}, "S02": {"before": 1, "after": 2}})
    rows = compared(table, comparison=comparison)
    assert rows.loc["natural_recovery.main.all_grades.improved", "n"] == 1
    assert rows.loc["natural_recovery.main.all_grades.baseline_after_treatment", "value"] == 1


def test_a_grade_scale_where_lower_is_better_with_a_table_of_its_own():
    rates = read_rates(TABLE).iloc[:2].copy()
    rates["source"], rates["grade"], rates["percent"] = "Own", ["4", "5"], [20.0, 10.0]
    rates[["n", "events"]] = pd.NA
    table = graded(["41", "44", "53"], MRS, letters="0123456")
    rows = compared(table, MRS, rates, benchmark="Own", endpoint="mrs")
    assert rows.loc["natural_recovery.main.4.improved", "events"] == 1
    assert rows.loc["natural_recovery.main.5.benchmark", "p"] == pytest.approx(0.1)
    assert rows.loc["natural_recovery.main.all_grades.mixed", "n"] == 3


def test_an_endpoint_that_is_not_defined_or_has_no_grades_is_a_row():
    settings = small_settings(natural_recovery={**RECOVERY, "endpoint": "grade"})
    assert natural_recovery.graded_endpoint(settings) is None
    results = Estimates("natural_recovery", "all", SUBJECTS)
    natural_recovery.run_comparison(results, {}, None, pd.DataFrame(), compared_as(), settings)
    assert "'grade' is no endpoint with grades" in results.table()["convention"].iloc[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("17.2", "117.2", "row 2: 117.2 percent"),
        (",17.2,", ",-0.5,", "row 2: -0.5 percent"),
        (",203,35,", ",30,35,", "35 events of 30"),
        (",203,", ",many,", "row 2, n: 'many' is not a number"),
        ("percent", "per cent", "column 'percent' is missing"),
        ("Ariji 2022 (JSSCI-DB),NLI T12 or higher Japan,A", "Kawano 2020,cervical trauma Japan,A",
         "is there twice"),
    ],
)  # fmt: skip
def test_a_faulty_table_of_rates_is_told_by_row(tmp_path, old, new, message):
    text = TABLE.read_text("utf-8")
    assert old in text
    (tmp_path / "rates.csv").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InputError) as caught:
        read_rates(tmp_path / "rates.csv")
    assert message in caught.value.message
    assert caught.value.hint


def test_a_source_with_two_rates_for_a_grade_cannot_be_the_benchmark():
    with pytest.raises(InputError, match="2 rates for grade A"):
        main_rate(read_rates(TABLE), "A", 1, "Spiess 2009 (EMSCI)")


def test_function_without_motor_is_counted_as_learning():
    difference = {"threshold": 2, "source": ""}
    motor = endpoint("motor", "isncsci", "motor_total", important_difference=difference)
    scim = endpoint("scim", "scim3", "total")

    def settings(function):
        chosen = {**RECOVERY, "function": function, "motor": "motor"}
        return small_settings(motor, scim, natural_recovery=chosen)

    up, same = {"before": 5, "after": 15}, {"before": 5, "after": 5}
    table = pd.concat(
        [
            scores(motor, {"S01": up, "S02": same, "S03": same, "S04": up, "S05": same}),
            scores(scim, {"S01": up, "S02": up, "S03": same, "S05": same}),
        ]
    )
    results = Estimates("natural_recovery", "all", SUBJECTS)
    learning.function_beside_motor(results, table, settings("scim"))
    counts = results.table().set_index("stratum")["value"].to_dict()
    assert counts == {"both gained": 1, "function only": 1, "motor only": 0, "neither": 2}
    missing = Estimates("natural_recovery", "all", SUBJECTS)
    learning.function_beside_motor(missing, table, settings("gait"))
    assert "no endpoint 'gait'" in missing.table()["convention"].iloc[0]


def test_each_exam_lies_in_one_span_of_days_and_the_last_day_belongs_to_it():
    days = {"S01": 0, "S02": 14, "S03": 15, "S04": 28, "S05": 29}
    table = graded([("A", "A"), ("A", "B"), ("A", "C"), ("A", "A"), ("A", "D")])
    baseline = table["visit"].astype(str) == "before"
    table.loc[baseline, "day_from_injury"] = table.loc[baseline, "subject_id"].astype(str).map(days)
    rows = compared(table)
    counts = {
        span: tuple(rows.loc[f"natural_recovery.main.a_exam_{span}.improved", ["events", "n"]])
        for span in ("day_0_to_14", "day_15_to_28", "after_day_28")
    }
    # S01 and S02, S03 and S04, S05.
    assert counts == {"day_0_to_14": (1, 2), "day_15_to_28": (1, 2), "after_day_28": (1, 1)}
