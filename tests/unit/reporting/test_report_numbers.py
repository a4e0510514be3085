"""Numbers as printed: half up on the decimal, never zero for what is not, units by word."""

import json
import math
import re
import shutil
import subprocess
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import get_args

import pandas as pd
import pytest
from analysis_study import ROOT, endpoint
from hypothesis import given
from hypothesis import strategies as st
from owncontrol.analysis.value_decimals import value_decimals
from owncontrol.basics import decimals, number_texts
from owncontrol.basics.units import COUNT_NOUNS, plural, unit_for, with_unit
from owncontrol.cli.diff import _changed
from owncontrol.cli.trace import tree
from owncontrol.estimates import digits
from owncontrol.estimates.numbers import Numbers, printed
from owncontrol.estimates.statistic import Printed
from owncontrol.figures.style import TickNumbers
from owncontrol.lineage.counts import StepKind
from owncontrol.lineage.results import Results
from owncontrol.reporting.cards import _written
from owncontrol.reporting.recorded_decimals import recorded_decimals
from owncontrol.study.subjects import Characteristic
from owncontrol.tables import conform

MINUS, THIN = "\u2212", "\u202f"
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
usual = st.floats(-1e12, 1e12, allow_nan=False)


def read_back(text):
    """The decimal that a printed number says."""
    return Decimal(text.replace(MINUS, "-").replace(THIN, ""))


def half_up(exact, places):
    with localcontext(prec=1000):
        return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (2.675, 2, "2.68"),  # binary: 2.67499...
        (0.125, 2, "0.13"),
        (-0.125, 2, f"{MINUS}0.13"),
        (0.5, 0, "1"),
        (1.005, 2, "1.01"),
        (-0.0, 1, "0.0"),
        (11234.56, 2, f"11{THIN}234.56"),
        (1234567.5, None, f"1{THIN}234{THIN}567.5"),
        (1e15, 0, THIN.join(["1", *["000"] * 5])),
        (0.0004, 1, "0.0004"),
        (0.00004, 1, "< 0.0001"),
        (-0.00004, 1, f"> {MINUS}0.0001"),
        (-1e-300, 0, f"> {MINUS}0.001"),
        (math.inf, 1, "\u221e"),
        (-math.inf, None, f"{MINUS}\u221e"),
    ],
)
def test_a_number_is_rounded_half_up_as_it_is_written(value, places, text):
    assert number_texts.number(value, places) == text


@given(usual, st.integers(0, 6))
def test_rounding_is_that_of_the_decimal(value, places):
    exact, text = Decimal(repr(value)), number_texts.number(value, places)
    if text[0] in "<>":
        assert 0 < abs(exact) < Decimal(5).scaleb(-places - 4)
        return
    shown = len(text.partition(".")[2])
    assert read_back(text) == half_up(exact, shown)
    assert shown == places or not half_up(exact, shown - 1)


@given(finite, st.integers(0, 6))
def test_no_number_reads_as_zero_that_is_none_and_none_has_an_exponent(value, places):
    text = number_texts.number(value, places)
    assert "e" not in text.lower()
    assert (text.strip("0.") == "") == (value == 0)
    assert not re.match(rf"[-{MINUS}][0.]*$", text)


@given(finite)
def test_a_plain_number_reads_back_to_the_last_digit(value):
    assert float(decimals.plain(value)) == value
    assert decimals.plain(value).isascii()
    assert "e" not in decimals.plain(value)


@given(st.decimals(-(10**9), 10**9, places=6))
def test_a_recorded_value_keeps_all_its_digits(exact):
    value = float(exact)
    assert read_back(number_texts.exact(value)) == Decimal(repr(value))
    assert number_texts.most_decimals([value]) <= 6


def test_what_a_program_reads_has_no_noise_and_no_signs_of_print():
    assert decimals.plain(0.1 + 0.2, 9) == "0.3"
    assert decimals.plain(1e9) == "1000000000"
    assert decimals.plain(-16.0) == "-16"
    assert decimals.plain(1e-7) == "0.0000001"
    assert decimals.plain(math.inf) == "inf"
    assert decimals.plain_change(2.0) == "+2"
    assert decimals.plain_change(-0.5) == "-0.5"


def test_an_estimate_is_rounded_without_the_noise_of_binary_differences():
    assert number_texts.estimate(16.0, 1) == "16.0"
    assert number_texts.estimate(2.25, 1) == "2.3"
    # Half of (59.1 - 59.5) + (60.3 - 60.95): -0.525 in decimals.
    assert number_texts.estimate(-0.5249999999999999, 2) == f"{MINUS}0.53"
    assert number_texts.estimate(0.44999999999999574, 2) == "0.45"
    assert number_texts.estimate(54.9 - 54.8 - 0.1, 2) == "0.00"  # not "< 0.00001"


@given(st.integers(-(10**7), 10**7), st.integers(-(10**7), 10**7))
def test_half_of_a_difference_of_decimals_is_half_up_exactly(before, after):
    """As a Hodges-Lehmann estimate is made: floats of two decimals, halved."""
    value = (after / 100 - before / 100) / 2
    exact = Decimal(after - before) / 200
    text = number_texts.estimate(value, 2)
    shown = len(text.partition(".")[2])
    assert read_back(text) == half_up(exact, shown)


@pytest.mark.parametrize(
    ("events", "n", "text"),
    [(1, 8, "13"), (3, 8, "38"), (1, 1000, "0.1"), (999, 1000, "99.9"), (199, 200, "99.5"),
     (99_999, 100_000, "99.999"), (10**6 - 1, 10**6, "> 99.999"), (1, 10**6, "< 0.001")],
)  # fmt: skip
def test_a_share_of_some_is_neither_none_nor_all(events, n, text):
    assert number_texts.share(events, n) == f"{events}/{n} ({text}\u00a0%)"


@given(st.integers(1, 10**6), st.data())
def test_only_none_and_all_read_so(n, data):
    events = data.draw(st.integers(0, n))
    text = number_texts.share(events, n)
    assert ("(0\u00a0%)" in text) == (events == 0)
    assert ("(100\u00a0%)" in text) == (events == n)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(0.145, 1, "14.5"), (0.28, 1, "28.0"), (0.0205, 0, "2"), (1.0, 1, "100.0"),
     (0.95, None, "95"), (0.975, None, "97.5"), (0.0001, 1, "0.01"),
     (math.nan, 1, "not estimable")],
)  # fmt: skip
def test_percentages(value, places, text):
    assert number_texts.percent(value, places) == text


def test_what_a_level_leaves_is_exact():
    assert number_texts.significance(0.95) == "0.05"  # 1 - 0.95 is 0.050000000000000044
    assert number_texts.significance(0.9545) == "0.0455"
    assert number_texts.significance(0.999) == "0.001"


@pytest.mark.parametrize(
    ("resolution", "values", "decimals"),
    [(1.0, [], 0), (0.1, [], 1), (0.25, [], 2), (5.0, [], 0), (0.0, [1.0, 2.5, 11234.56], 2),
     (0.0, [4.07142857142857], 2),
     (0.0, [22.413793103448278, 20.0, 31.0], 1), (0.0, [0.0, 0.72345678901], 3),
     (0.0, [1234.123456789, 5.25], 2), (0.0, [0.00000012345678], 6),
     (0.0, [], 0), (0.0, [math.nan, 2.5], 1)],
)  # fmt: skip
def test_a_scale_has_the_decimals_of_its_resolution_or_of_its_values(resolution, values, decimals):
    assert number_texts.scale_decimals(resolution, values) == decimals


ROW = {"analysis": "change", "endpoint": "volume", "visit": "day_90", "unit": "ml", "n": 12}


def numbers_of(rows, decimals=None):
    """A table of estimates of these rows, each over ROW, shown as plain text."""
    frame = conform(pd.DataFrame([{**ROW, **row} for row in rows]), "estimates")
    return Numbers(frame, lambda shown: shown.text, decimals)


@pytest.mark.parametrize(
    ("row", "value", "bounds"),
    [
        ({"statistic": "hodges_lehmann"}, "5.50", f"{MINUS}0.53 to 12.00"),
        ({"statistic": "tipping_shift", "analysis": "sensitivity"}, "5.5", f"{MINUS}0.5 to 12.0"),
        ({"statistic": "rate_after", "analysis": "sensitivity"}, "5.500",
         f"{MINUS}0.525 to 12.000"),
        ({"statistic": "median_left", "analysis": "responders", "unit": "days", "value": 28.0},
         "28", None),
        ({"statistic": "median_day", "unit": "days", "value": 28.5}, "28.5", None),
        ({"statistic": "minimum", "analysis": "patients", "value": 3.0}, "3", None),
        ({"statistic": "median", "analysis": "patients", "value": 3.0}, "3.0", None),
        ({"statistic": "cell_better", "unit": "subjects", "value": 1234.0}, f"1{THIN}234", None),
        ({"statistic": "expected", "analysis": "natural_recovery", "stratum": "all grades",
          "unit": "subjects", "value": 7.0}, "7.0", None),
        ({"statistic": "rank_biserial", "value": 2 / 3}, "0.67", None),
        ({"statistic": "baseline_day_from_injury", "analysis": "natural_recovery", "stratum": "A",
          "unit": "days", "value": 41.0, "lower": 28.0, "upper": 49.0}, "41.0", "28 to 49"),
    ],
)  # fmt: skip
def test_each_statistic_has_the_digits_of_its_scale(row, value, bounds):
    about = {"estimate_id": "one", "value": 5.5, "lower": -0.5249999999999999, "upper": 12.0}
    numbers = numbers_of([{**about, **row}], {"volume": 1})
    assert numbers.value("one") == value
    assert bounds is None or numbers.interval("one") == bounds


def test_a_column_of_patients_has_the_digits_of_its_extremes_where_nobody_says():
    about = {"analysis": "patients", "endpoint": "dose", "unit": "10^8 cells"}
    rows = [
        {**about, "estimate_id": f"patients.dose.{name}", "statistic": name, "value": value}
        for name, value in (("median", 1.3), ("minimum", 0.7), ("maximum", 1.98))
    ]
    assert numbers_of(rows).value("patients.dose.median") == "1.300"
    assert numbers_of(rows).value("patients.dose.minimum") == "0.70"


def test_the_word_fits_the_number_as_it_is_printed():
    rows = [{"estimate_id": "one", "statistic": "hodges_lehmann", "value": -0.96}]
    assert numbers_of(rows).change("one") == f"{MINUS}1.0"
    assert numbers_of(rows).noun("one", "point") == "point"
    assert numbers_of(rows, {"volume": 1}).noun("one", "point") == "points"


def test_every_declared_kind_of_number_has_its_decimals():
    for kind in Printed:
        assert (kind in digits.MORE) + (kind in digits.FIXED) + (kind is Printed.COUNT) == 1, kind


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        ("1", "point", "1 point"),
        ("2", "point", "2 points"),
        ("0.5", "point", "0.5 points"),
        ("0", "days", "0 days"),
        (f"{MINUS}1", "points", f"{MINUS}1 point"),
        ("+1.0", "grade", "+1.0 grade"),
        ("1", "days", "1 day"),
        ("3", "mmHg", "3 mmHg"),
        ("2", "kg", "2 kg"),
        ("2", "lb", "2 lb"),
        ("3", "h", "3 h"),
        ("3", "s", "3 s"),
        ("3", "ms", "3 ms"),
        ("2", "%", "2 %"),
        ("2", "percent", "2 percent"),
        ("2", "score", "2 score"),
        ("2", "level", "2 levels"),
        ("2", "mg/dL", "2 mg/dL"),
        ("2", "points/day", "2 points/day"),
        ("1", "points/day", "1 point/day"),
        ("2", "grade a week", "2 grades a week"),
        ("1", "patients in an arm", "1 patient in an arm"),
        ("1.5", "10^8 cells", "1.5 10^8 cells"),
        ("2", "Punkt", "2 Punkt"),
        ("2", "jour", "2 jour"),
        ("2", "点", "2 点"),
        ("2", "", "2"),
        ("< 0.01", "point", "< 0.01 points"),
        (f"1{THIN}000", "day", f"1{THIN}000 days"),
    ],
)
def test_units_by_word(amount, unit, text):
    assert with_unit(amount, unit) == text


@given(st.text("abcdefghijklmnopqrstuvwxyzµ%/^0123456789", max_size=12), st.integers(-3, 3))
def test_no_unknown_word_gets_an_s(unit, amount):
    if unit.partition("/")[0].removesuffix("s") not in COUNT_NOUNS:
        assert unit_for(amount, unit) == unit


@given(st.sampled_from(sorted(COUNT_NOUNS)), st.floats(-10, 10))
def test_a_count_noun_has_an_s_unless_there_is_one(noun, amount):
    expected = noun if abs(amount) == 1 else f"{noun}s"
    assert unit_for(amount, noun) == unit_for(amount, f"{noun}s") == expected
    assert plural(noun) == f"{noun}s"


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ([0.0, 2.5, 5.0], ["0.0", "2.5", "5.0"]),
        ([-1.0, 0.0], [f"{MINUS}1", "0"]),
        ([0.1 + 0.2, 0.4], ["0.3", "0.4"]),
        ([0.0, 5e8, 1e9], ["0", f"500{THIN}000{THIN}000", f"1{THIN}000{THIN}000{THIN}000"]),
        ([0.0, 2e-5], ["0.00000", "0.00002"]),
    ],
)
def test_the_ticks_of_an_axis_have_the_same_decimals_and_no_exponent(ticks, labels):
    assert TickNumbers().format_ticks(ticks) == labels


def test_a_card_has_all_digits_as_text():
    """So that the page's script has no number to write: JavaScript would print 1e-7."""
    assert _written(1e-7) == "0.0000001"
    assert _written(13.0) == "13"
    assert _written(-5.500000000000001) == f"{MINUS}5.5"
    assert _written(5 / 12) == "0.416666666666667"
    assert _written(4.645888e-16) == "0.0000000000000004645888"
    assert _written("13.0") == "13.0"


def test_no_number_is_written_but_by_the_one_module():
    """No ``:g`` (six digits) and no binary rounding where a person reads the number."""
    library = ROOT / "workflow/lib/owncontrol"
    places = [
        path
        for name in ("analysis", "cleaning", "figures", "reporting")
        for path in (library / name).glob("*.py")
    ]
    templates = (ROOT / "workflow/report").rglob("*.j2")
    pattern = re.compile(r"\{[^{}]*:[+,]?(\.\d+)?[gf]\}|%\.?\d*[gf]\b|toFixed|toPrecision|\"s\" if")
    allowed = {"number_texts.py", "svg.py", "values.py"}  # the one; coordinates; what is read
    found = [
        f"{path.name}: {line.strip()}"
        for path in [*places, *templates, ROOT / "workflow/report/page.js"]
        if path.name not in allowed
        for line in path.read_text("utf-8").splitlines()
        if pattern.search(line)
    ]
    assert not found


def test_every_noun_that_the_report_counts_is_known():
    content = (ROOT / "workflow/report/content.j2").read_text("utf-8")
    library = (ROOT / "workflow/lib/owncontrol/reporting").glob("*.py")
    code = "".join(path.read_text("utf-8") for path in library)
    nouns = re.findall(r'counted\([^)]*, "([^"]+)"\)', content)
    nouns += re.findall(r"""numbers\.noun\([^()]*, ["']([^"']+)["']\)""", code)
    assert len(nouns) > 5
    assert {noun.rpartition(" ")[2] for noun in nouns} <= COUNT_NOUNS


def test_a_notebook_shows_what_the_report_prints():
    rows = [
        {"estimate_id": "a", "statistic": "hodges_lehmann", "value": -0.5249999999999999,
         "lower": -3.05, "upper": 0.44999999999999574, "p": 3.7e-14},
        {"estimate_id": "b", "statistic": "hodges_lehmann", "value": 16.0, "p": 0.0305},
        {"estimate_id": "c", "statistic": "improved", "method": "exact, Clopper-Pearson",
         "value": 5 / 6},
    ]  # fmt: skip
    frame = conform(pd.DataFrame([{**ROW, **row} for row in rows]), "estimates")
    shown = printed(frame, {"volume": 1})
    assert list(shown["value"]) == [f"{MINUS}0.53", "16.00", "0.833"]
    assert list(shown["lower"]) == [f"{MINUS}3.05", "", ""]
    assert list(shown["upper"]) == ["0.45", "", ""]
    assert list(shown["p"]) == ["< 0.001", "0.031", ""]
    assert list(frame["value"]) == [row["value"] for row in rows]  # the estimates stay


def test_a_scale_without_a_grid_has_the_digits_of_its_recorded_scores(tmp_path):
    """Read from the run where the report is made, from the scores where a figure is."""
    scores = pd.DataFrame(
        {"instrument": "blood", "scale": ["probnp", "probnp", "other", "probnp"],
         "value": [11234.56, 10345.7, 1.2345, math.nan], "text": ""}
    )  # fmt: skip
    of = endpoint("any", "wisci2", "level")
    blood = {"name": "nt", "instrument": "blood", "scale": "probnp", "resolution": 0.0}
    whole = {**blood, "name": "sum", "scale": "other", "resolution": 1.0}
    assert value_decimals(scores, "blood", "probnp", 0.0) == 2
    assert value_decimals(scores, "blood", "other", 1.0) == 0
    for name in ("scored", "cleaned"):
        (tmp_path / name).mkdir()
    scores.to_csv(tmp_path / "scored/scores.csv", index=False)
    subjects = {"age": ["51", "", "67"], "weight": ["70.5", "81.25", "x"]}
    pd.DataFrame(subjects).to_csv(tmp_path / "cleaned/subjects.csv", index=False)
    endpoints = [of.model_copy(update=changes) for changes in (blood, whole)]
    weight = Characteristic(name="weight", label="Weight", type="number")
    found = recorded_decimals(Results(tmp_path), endpoints, [weight])
    assert found == {"nt": 2, "sum": 0, "patients.age": 0, "patients.weight": 2}


def test_trace_and_diff_say_numbers_without_exponents_and_trailing_zeros():
    row = {"estimate_id": "one", "value": "13.0", "p": "6.103515625e-05", "n": "13"}
    said = list(tree({"estimate": row, "steps": [], "named": 0}))
    assert said[:3] == ["one = 13", "  p: 0.00006103515625", "  n: 13"]
    nothing = tree({"estimate": {"estimate_id": "one", "value": ""}, "steps": [], "named": 0})
    assert next(nothing) == "one = not estimable"
    changes = {"value": ("1e-07", ""), "convention": ("a", "b")}
    assert _changed("one", {"changes": changes, "because": []}).startswith(
        "one: value 0.0000001 -> (none); convention a -> b"
    )


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_the_page_sorts_numbers_as_they_are_printed():
    """The page's script reads what Python printed; it writes no number itself."""
    script = (ROOT / "workflow/report/page.js").read_text("utf-8")
    source = script[script.index("function sortKey") : script.index("function sortBy")]
    values = [-1234567.5, -2.5, -0.04, -0.00004, 0.0, 0.00004, 0.5, 3.0, 11234.56, 1e9]
    texts = [number_texts.signed(value, 1) for value in values]
    texts += [number_texts.percent(value, 1) for value in values[4:]]
    run = (
        f"{source}\nconst key = (t) => sortKey({{cells: [{{textContent: t}}]}}, 0);\n"
        f"console.log(JSON.stringify({json.dumps(texts)}.map((t) => key(t)[1])))"
    )
    done = subprocess.run(["node", "-e", run], capture_output=True, text=True, check=True)
    read = json.loads(done.stdout)
    assert read == [float(read_back(text.lstrip("+<> "))) for text in texts]
    assert read[:3] == [-1234567.5, -2.5, -0.04]


def test_a_card_has_words_for_every_kind_of_thing_that_a_number_is_made_from():
    script = (ROOT / "workflow/report/page.js").read_text("utf-8")
    kinds = re.search(r"const KINDS = {(.*?)};", script, re.DOTALL)[1]
    named = re.findall(r'(?:"([a-z ]+)"|\b([a-z]+)): \[', kinds)
    assert {quoted or plain for quoted, plain in named} == set(get_args(StepKind)) - {"exam"}
