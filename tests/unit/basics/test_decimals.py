"""Numbers are read, summed and subtracted as they are written, to the last digit."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import yaml
from export_files import export_entry
from hypothesis import given
from hypothesis import strategies as st
from owncontrol.basics import decimals
from owncontrol.cleaning.cell_values import Column, folded, read_cell
from owncontrol.cleaning.columns import column_reader
from owncontrol.instruments import Range, load_instrument
from owncontrol.scoring import score_table
from owncontrol.scoring.score_table import score_assessments
from owncontrol.statistics.missing import tipping_change
from owncontrol.statistics.signed_rank import signed_rank_p
from owncontrol.study.parts import CleaningSettings
from small_study import small_study

# Decimal text of up to 17 significant digits, as a laboratory or a program writes it.
DIGITS = st.integers(0, 10**17 - 1)
NUMBERS = st.builds(
    lambda sign, whole, places: f"{sign}{Decimal(whole).scaleb(-places):f}",
    st.sampled_from(["", "-"]),
    DIGITS,
    st.integers(0, 17),
)


def instrument_of(tmp_path, limits: str, parts: int = 1, resolution: str = ""):
    """An instrument of one scale over ``parts`` measured items."""
    low, high = (yaml.safe_load(limits)[key] for key in ("minimum", "maximum"))
    items = "\n".join(f"  - {{name: v{i}, label: V{i}, values: v}}" for i in range(parts))
    names = ", ".join(f"v{i}" for i in range(parts))
    path = tmp_path / "lab.yaml"
    path.write_text(
        f"""name: lab
label: Laboratory value
edition: SYNTHETIC
source: made for a test
missing: {{rule: require_all, source: made for a test}}
value_sets:
  v: {{range: {limits}}}
items:
{items}
scales:
  - {{name: value, label: Value, kind: {"sum" if parts > 1 else "item"}, items: [{names}],
     direction: lower_is_better, minimum: {_plain(low * parts)}, maximum: {_plain(high * parts)},
     {resolution} unit: ng/l}}
""",
        "utf-8",
    )
    return load_instrument(path)


def _plain(number):
    return decimals.plain(number)


def reader_of(instrument, name, scores="computed"):
    tables = {instrument.name: {"columns": {}, "scores": scores}}
    export = export_entry("a.csv", missing=["-99"], tables=tables)
    settings = CleaningSettings.taken_from(small_study())
    return column_reader(instrument.name, name, export, settings, {instrument.name: instrument})


def scored(instrument, **columns):
    cleaned = pd.DataFrame(columns, dtype="str").assign(
        subject_id="P-1", visit="v", day_from_injury=pd.NA, day_from_treatment=pd.NA, row_id="a:2"
    )
    return score_assessments(instrument, cleaned)


@pytest.mark.slow
@given(text=NUMBERS)
def test_any_decimal_text_survives_reading_cleaning_and_scoring(text, tmp_path_factory):
    instrument = instrument_of(
        tmp_path_factory.mktemp("lab"), "{minimum: -1.0e+18, maximum: 1.0e+18}"
    )
    read = read_cell(text, reader_of(instrument, "v0"))
    assert not read.error
    assert Decimal(read.value) == Decimal(text)
    found = scored(instrument, v0=[read.value])
    assert Decimal(found["text"][0]) == Decimal(text)
    assert found["value"][0] == float(text)


@pytest.mark.slow
@given(texts=st.lists(NUMBERS, min_size=3, max_size=3))
def test_sums_are_exact(texts, tmp_path_factory):
    instrument = instrument_of(
        tmp_path_factory.mktemp("lab"), "{minimum: -1.0e+18, maximum: 1.0e+18}", parts=3
    )
    values = [read_cell(text, reader_of(instrument, "v0")).value for text in texts]
    found = scored(instrument, **{f"v{i}": [value] for i, value in enumerate(values)})
    with_all_digits = sum((Decimal(text).scaleb(17) for text in texts), Decimal(0)).scaleb(-17)
    assert Decimal(found["text"][0]).normalize() == with_all_digits.normalize()
    assert found["value"][0] == float(with_all_digits)


@pytest.mark.parametrize(
    ("limits", "written", "read"),
    [
        ("{minimum: 0, maximum: 12000, step: 0.01}", "11234.56", "11234.56"),
        ("{minimum: 0, maximum: 12000, step: 0.01}", "10345.67", "10345.67"),
        ("{minimum: 0, maximum: 2000000000, step: 1}", "1234567.0", "1234567"),
        ("{minimum: 0, maximum: 1000000000, step: 0.01}", "999999999.99", "999999999.99"),
        ("{minimum: 0, maximum: 10}", "4.07142857142857", "4.07142857142857"),
        ("{minimum: 0, maximum: 1, step: 0.1}", "0.30000000000000004", "0.3"),
        ("{minimum: 0.5, maximum: 9.5, step: 1}", "3.50", "3.5"),
        ("{minimum: -5, maximum: 10, step: 0.1}", "-0.1", "-0.1"),
        ("{minimum: 0, maximum: 10}", "1e1", "10"),
        ("{minimum: 0, maximum: 0.001, step: 0.0000001}", "0.0000001", "0.0000001"),
    ],
)
def test_measured_values_are_read_as_written(tmp_path, limits, written, read):
    reading = read_cell(written, reader_of(instrument_of(tmp_path, limits, 1, _step(limits)), "v0"))
    assert (reading.value, reading.error) == (read, "")


def _step(limits):
    known = yaml.safe_load(limits)
    return f"resolution: {_plain(known['step'])}," if "step" in known else ""


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("11234.561", "is no value of 0 to 12000 in steps of 0.01"),
        ("12000.01", "outside 0 to 12000"),
        ("-0.01", "outside 0 to 12000"),
        ("0.005", "is no value of"),
        ("1" * 100, "is outside what a number here can be"),
        ("1e400", "is outside"),
        ("1e-400", "is outside"),
        ("1_000", "is no number"),
        ("١٢", "is no number"),
        ("1¹", "is no number"),
        ("L²", "is no number"),
    ],
)
def test_what_is_no_value_is_refused(tmp_path, written, reason):
    limits = "{minimum: 0, maximum: 12000, step: 0.01}"
    column = reader_of(instrument_of(tmp_path, limits, 1, "resolution: 0.01,"), "v0")
    reading = read_cell(written, column)
    assert reading.value is None
    assert reason in reading.error


@pytest.mark.parametrize("text", ["16", "16.0", "16.00", " 16.0 "])
def test_a_whole_number_with_a_decimal_point_is_the_whole_number(text):
    """Pandas and R write a column of whole numbers so once it has a gap."""
    column = Column("level", "string", permitted=tuple(map(str, range(21))))
    assert read_cell(text, column).value == "16"
    assert read_cell("16.5", column).error
    assert read_cell("21.0", column).error


def test_codes_and_answers_with_a_decimal_point():
    sex = Column("sex", "string", permitted=("male", "female"), recode={"1": "male", "2": "female"})
    assert read_cell("2.0", sex).value == "female"
    assert read_cell("-99.0", replace(sex, missing=("-99",))).value is None
    assert not read_cell("-99.0", replace(sex, missing=("-99",))).error
    assert read_cell("1.0", Column("serious", "boolean")).value is True
    assert read_cell("0.0", Column("serious", "boolean")).value is False
    assert read_cell("16.0", Column("n", "integer")).value == 16
    # A study code is a name: another way to write it may be another patient.
    assert read_cell("16.0", Column("subject_id", "string", pattern="[0-9]+")).error


def test_only_widths_are_folded():
    assert folded("\uff11\uff12\uff0e\uff15") == "12.5"
    assert folded("\u3000\uff21\uff29\uff33\u3000") == "AIS"
    assert folded("\uff76\uff9e") == "\u30ac"  # half-width ka with its voiced mark
    assert folded("e\u0301") == "\u00e9"
    others = ["1\u00b9", "10\u2079", "L\u00b2", "\u2460", "\u2163", "\u00bd", "\ufb01", "\u33a5"]
    for text in others:
        assert folded(text) == text


@pytest.mark.parametrize("resolution", ["resolution: 1,", "resolution: 0.5,", ""])
def test_a_recorded_score_has_no_list_of_values(tmp_path, resolution):
    step = resolution.removeprefix("resolution: ").removesuffix(",")
    limits = "{minimum: 0, maximum: 1000000000" + (f", step: {step}" if step else "") + "}"
    column = reader_of(instrument_of(tmp_path, limits, 1, resolution), "recorded_value", "recorded")
    assert read_cell("999999999.0", column).value == "999999999"
    assert read_cell("ND", column).value == "ND"
    assert read_cell("1000000001", column).error


@given(
    st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)), min_size=1, max_size=8),
    st.integers(0, 6),
)
def test_differences_are_those_of_the_written_numbers(pairs, places):
    scale = Decimal(10) ** -places
    later, earlier = (np.array([float(Decimal(pair[i]) * scale) for pair in pairs]) for i in (0, 1))
    expected = [float((Decimal(a) - Decimal(b)) * scale) for a, b in pairs]
    assert decimals.differences(later, earlier).tolist() == expected


def test_equal_differences_tie_at_any_size():
    later = np.array([1234567.01, 987654.32, 0.03])
    earlier = np.array([1234567.00, 987654.31, 0.02])
    assert set(decimals.differences(later, earlier).tolist()) == {0.01}
    assert np.isnan(decimals.differences(np.array([np.nan, 1.0]), np.array([1.0, 1.0]))[0])


@given(
    st.lists(st.integers(-9, 9), min_size=2, max_size=7),
    st.integers(1, 3),
    st.sampled_from([1.0, 0.1, 0.01]),
)
def test_the_tipping_change_is_that_of_a_search_over_every_step(changes, missing, step):
    observed = [decimals.times(change, step) for change in changes]
    low, high = -12, 12
    counts = np.array([1] * len(observed) + [missing])
    expected = None
    for count in reversed(range(low, high + 1)):
        given_changes = np.array([*observed, count * step])
        if signed_rank_p(given_changes, counts, "pratt", "greater", step) > 0.1:
            break
        expected = decimals.times(count, step)
    found = tipping_change(observed, missing, low * step, high * step, step, 0.1)
    assert (found.value if found.estimable else None) == expected


def test_the_tipping_change_among_many_is_the_least_from_which_all_hold():
    """As a common change passes the observed ones, p goes up a little, though it falls."""
    rng = np.random.default_rng(4)
    observed = np.round(rng.normal(rng.uniform(0.2, 1.2), 4, 70), 2)

    def p(change):
        counts = np.array([1] * len(observed) + [5])
        return signed_rank_p(np.append(observed, change), counts, "pratt", "greater", 0.01)

    alpha = p(0.89) + 1e-9
    assert p(1.18) > alpha
    found = tipping_change(observed, 5, -70.0, 70.0, 0.01, alpha)
    assert found.value == 1.19
    places = np.unique(np.abs(observed))
    tried = np.concatenate([places, places + 0.01, [70.0]])
    assert all(p(change) <= alpha for change in tried[tried > 1.185])


@pytest.mark.parametrize(
    ("limits", "resolution", "message"),
    [
        ("{minimum: 0, maximum: 70, step: 0.3}", "resolution: 0.3,", "no range leads from 0 to 70"),
        ("{minimum: 5, maximum: 5}", "", "no range leads from 5 to 5"),
        ("{minimum: 0, maximum: 70, step: 0.1}", "resolution: 0.2,", "items' values give 0.1"),
    ],
)
def test_a_contradiction_in_a_range_is_named(tmp_path, limits, resolution, message):
    with pytest.raises(Exception, match=message):
        instrument_of(tmp_path, limits, 1, resolution)


def test_a_sum_of_tenths_has_the_resolution_of_a_tenth(tmp_path):
    instrument = instrument_of(
        tmp_path, "{minimum: 0, maximum: 10, step: 0.1}", 3, "resolution: 0.1,"
    )
    found = scored(instrument, v0=["0.1"], v1=["0.2"], v2=["0.3"])
    assert (found["value"][0], found["text"][0]) == (0.6, "0.6")


def test_a_range_says_what_it_holds():
    limits = Range(Decimal(0), Decimal(1), Decimal("0.25"))
    assert [limits.holds(Decimal(n) / 8) for n in range(-1, 10)] == [
        False, True, False, True, False, True, False, True, False, True, False,
    ]  # fmt: skip


def test_long_readings_are_exact_in_every_row_whichever_are_scored_together(tmp_path, monkeypatch):
    instrument = instrument_of(tmp_path, "{minimum: 0, maximum: 1.0e+18}")
    texts = ["0.1", "12345678.123456789", "2.50", ""]
    whole = scored(instrument, **dict.fromkeys(instrument.items, texts))
    monkeypatch.setattr(score_table, "ROWS_AT_ONCE", 1)
    alone = scored(instrument, **dict.fromkeys(instrument.items, texts))
    assert alone["text"].tolist() == whole["text"].tolist()
    assert "12345678.123456789" in whole["text"].tolist()
