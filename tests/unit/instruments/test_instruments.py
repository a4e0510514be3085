"""Instruments as data: definitions hold together, bad ones say why, scores follow the manuals."""

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from owncontrol.errors import InputError
from owncontrol.instruments import Instrument, load_instruments
from owncontrol.scoring.instrument_scores import score

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "workflow" / "instruments"
REFERENCE = ROOT.parent / "shared" / "reference"
INSTRUMENTS = load_instruments(FOLDER)
# Rated items, whose values are listed; measured ones: test_decimals.py.
SUMMED = [
    name
    for name, instrument in INSTRUMENTS.items()
    if instrument.algorithm is None and not any(item.range for item in instrument.items.values())
]

REGIONS = {"C": 8, "T": 12, "L": 5, "S": 3}
LEVELS = [f"{region}{n + 1}" for region, count in REGIONS.items() for n in range(count)] + ["INT"]


def reference(name: str) -> list[dict[str, str]]:
    path = REFERENCE / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- the shipped definitions ---


def test_the_shipped_instruments() -> None:
    assert sorted(INSTRUMENTS) == [
        "fim_motor",
        "isncsci",
        "lesion_volume",
        "modified_ashworth",
        "mrs",
        "nihss",
        "scim3",
        "wisci2",
    ]


@pytest.mark.parametrize(
    ("name", "ranges"),
    [
        ("scim3", {"total": (0, 100), "self_care": (0, 20), "resp_sphincter": (0, 40),
                   "mobility": (0, 40), "mobility_room_toilet": (0, 10),
                   "mobility_in_outdoors": (0, 30), "bladder": (0, 15), "bowel": (0, 10),
                   "walking": (0, 24)}),
        ("wisci2", {"level": (0, 20)}),
        ("nihss", {"total": (0, 42)}),
        ("mrs", {"grade": (0, 6)}),
        ("fim_motor", {"total": (13, 91)}),
        ("isncsci", {"motor_total": (0, 100), "upper_extremity_motor_score": (0, 50),
                     "lower_extremity_motor_score": (0, 50), "right_motor_total": (0, 50),
                     "light_touch_total": (0, 112), "pin_prick_total": (0, 112),
                     "asia_impairment_scale": (1, 5), "neurological_level_of_injury": (1, 29)}),
    ],
)  # fmt: skip
def test_published_ranges(name: str, ranges: dict[str, tuple[float, float]]) -> None:
    scales = INSTRUMENTS[name].scales
    assert {key: (scales[key].minimum, scales[key].maximum) for key in ranges} == ranges


def test_scim3_equals_the_reference_items() -> None:
    rows = reference("scim3_items.csv")
    scim = INSTRUMENTS["scim3"]
    assert [(item.name, item.label, "|".join(item.values)) for item in scim.items.values()] == [
        (row["field_name_suggested"], row["label"], row["permitted_values"]) for row in rows
    ]
    for subscale in dict.fromkeys(row["subscale"] for row in rows):
        of_subscale = [row for row in rows if row["subscale"] == subscale]
        scale = scim.scales[subscale]
        assert list(scale.items) == [row["field_name_suggested"] for row in of_subscale]
        assert scale.maximum == sum(int(row["max"]) for row in of_subscale)
    assert set(scim.scales["total"].items) == set(scim.items)


def test_important_differences_hold_the_reference_thresholds() -> None:
    """Every number of the reference that is a threshold of a scale is in a definition."""
    names = {"SCIM-III": "scim3", "ISNCSCI": "isncsci", "WISCI-II": "wisci2"}
    scales = {
        "motor level": ["right_motor_level", "left_motor_level"],
        "light_touch/pin_prick": ["light_touch_total", "pin_prick_total"],
        "max level": ["level"],
    }
    checked = 0
    for row in reference("clinically_important_difference.csv"):
        if row["kind"] == "reliability" or row["threshold"].startswith("large"):
            continue  # a coefficient, and a finding without a number
        # The last number is the threshold ("1.147 / 1.682 -> 2 levels"), or a range's upper end.
        numbers = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", row["threshold"])]
        is_range = re.fullmatch(r"[\d.]+-[\d.]+", row["threshold"]) is not None
        expected = (numbers[0], numbers[1]) if is_range else (numbers[-1], None)
        for scale in scales.get(row["scale"], [row["scale"]]):
            differences = INSTRUMENTS[names[row["instrument"]]].scales[scale].important_differences
            author = row["source"].split(",")[0].split(" PubMed")[0]
            found = [(d.threshold, d.upper) for d in differences if d.source.startswith(author)]
            assert expected in found, row
            checked += 1
    assert checked == 14


def test_isncsci_items_are_the_columns_of_the_specification() -> None:
    muscles = ["c5", "c6", "c7", "c8", "t1", "l2", "l3", "l4", "l5", "s1"]
    dermatomes = [level.lower() for level in LEVELS[1:-1]] + ["s4_5"]
    cells = {
        *(f"{side}_motor_{level}" for side in ("right", "left") for level in muscles),
        *(
            f"{side}_{modality}_{level}"
            for side in ("right", "left")
            for modality in ("light_touch", "pin_prick")
            for level in dermatomes
        ),
    }
    assert len(cells) == 132
    others = {"voluntary_anal_contraction", "deep_anal_pressure"}
    non_key = {"right_lowest_non_key_muscle", "left_lowest_non_key_muscle"}
    items = INSTRUMENTS["isncsci"].items
    assert set(items) == cells | others | non_key
    tags = ["", "*", "**"]
    motor = {f"{v}{t}" for v in (0, 1, 2, 3, 4, "NT") for t in tags} | {"5"}
    sensory = {f"{v}{t}" for v in (0, 1, "NT") for t in tags} | {"2"}
    for name, item in items.items():
        if name in cells:
            assert set(item.values) == (motor if "_motor_" in name else sensory), name
            assert item.not_testable == ("NT", "NT*", "NT**")
        assert item.optional == (name in non_key)
    assert set(items["deep_anal_pressure"].values) == {"Yes", "No", "NT"}


def test_isncsci_items_and_scales_fit_the_expert_cases() -> None:
    rows = reference("isncsci_expert_cases.csv")
    isncsci = INSTRUMENTS["isncsci"]
    computed = {s.name for s in isncsci.scales.values() if s.kind == "algorithm"}
    assert set(isncsci.items) | computed <= set(rows[0])
    for row in rows:
        for name, item in isncsci.items.items():
            assert row[name] in item.values or (row[name] == "" and item.optional), (name, row)
    table = pd.DataFrame(rows)
    numbers = score(isncsci, table, outputs=table)
    for row, (_, scores) in zip(rows, numbers.iterrows(), strict=True):
        text = row["asia_impairment_scale"]
        if len(text.rstrip("*")) == 1:
            assert scores["asia_impairment_scale"] == 1 + "ABCDE".index(text[0])
        else:
            assert np.isnan(scores["asia_impairment_scale"])
        parts = [row["upper_extremity_motor_score"], row["lower_extremity_motor_score"]]
        if "ND" in parts:
            assert np.isnan(scores["motor_total"])
        else:
            assert scores["motor_total"] == sum(map(int, parts))


def test_levels_are_ordered_rostral_to_caudal() -> None:
    scale = INSTRUMENTS["isncsci"].scales["neurological_level_of_injury"]
    assert [level.text for level in scale.levels] == LEVELS
    assert [level.value for level in scale.levels] == list(range(1, 30))
    ais = INSTRUMENTS["isncsci"].scales["asia_impairment_scale"]
    assert {level.text: level.value for level in ais.levels} == {
        "A": 1, "B": 2, "C": 3, "D": 4, "E": 5,
    }  # fmt: skip


def test_lineage_of_isncsci_scales() -> None:
    scales = INSTRUMENTS["isncsci"].scales
    assert set(scales["asia_impairment_scale"].items) == set(INSTRUMENTS["isncsci"].items)
    assert all(name.startswith("right_motor_") for name in scales["right_motor_total"].items)
    assert len(scales["motor_total"].items) == 20
    assert scales["motor_total"].parts == (
        "upper_extremity_motor_score",
        "lower_extremity_motor_score",
    )


# --- scoring ---


def text_rows(instrument: Instrument) -> st.SearchStrategy[dict[str, str]]:
    """One assessment: any permitted value or an empty cell for each item."""
    return st.fixed_dictionaries(
        {item.name: st.sampled_from([*item.values, ""]) for item in instrument.items.values()}
    )


def number(instrument: Instrument, item: str, text: str) -> float | None:
    definition = instrument.items[item]
    return dict(zip(definition.values, definition.codes, strict=True)).get(text)


def by_hand(instrument: Instrument, scale_name: str, row: dict[str, str]) -> float:
    """A sum written out item by item, from the rules' wording."""
    scale = instrument.scales[scale_name]
    total, absent, blank = 0.0, 0, False
    for item in scale.items:
        value = number(instrument, item, row[item])
        if value is None:
            absent += 1
            blank = blank or row[item] == ""
        else:
            total += value
    if scale.missing_rule == "omit_untestable":
        return total if absent <= scale.missing_allowed and not blank else np.nan
    return np.nan if absent else total


@pytest.mark.slow
@pytest.mark.parametrize("name", SUMMED)
@given(data=st.data())
@settings(max_examples=60)
def test_scores_equal_sums_by_hand(name: str, data: st.DataObject) -> None:
    instrument = INSTRUMENTS[name]
    # Mostly full rows, or a sum of many items would hardly ever be one.
    full = st.fixed_dictionaries(
        {
            i.name: st.sampled_from([v for v in i.values if v not in i.not_testable])
            for i in instrument.items.values()
        }
    )
    holes = st.lists(st.sampled_from([*instrument.items]), max_size=2)
    rows = data.draw(st.lists(st.one_of(full, text_rows(instrument)), min_size=1, max_size=5))
    for row in rows:
        for hole in data.draw(holes):
            row[hole] = data.draw(st.sampled_from(["", *instrument.items[hole].not_testable]))
    index = pd.Index([f"row {i}" for i in range(len(rows))])
    scores = score(instrument, pd.DataFrame(rows, index=index))
    assert list(scores.columns) == list(instrument.scales)
    assert scores.index.equals(index)
    for (_, found), row in zip(scores.iterrows(), rows, strict=True):
        for scale in instrument.scales.values():
            expected = by_hand(instrument, scale.name, row)
            np.testing.assert_equal(found[scale.name], expected)
            assert np.isnan(expected) or scale.minimum <= expected <= scale.maximum


@pytest.mark.parametrize("name", SUMMED)
def test_extremes_reach_the_stated_range(name: str) -> None:
    instrument = INSTRUMENTS[name]
    codes = {i.name: [c for c in i.codes if c is not None] for i in instrument.items.values()}
    texts = {i.name: dict(zip(i.codes, i.values, strict=True)) for i in instrument.items.values()}
    for pick, bound in ((min, "minimum"), (max, "maximum")):
        row = {item: texts[item][pick(values)] for item, values in codes.items()}
        scores = score(instrument, pd.DataFrame([row])).iloc[0]
        for scale in instrument.scales.values():
            assert scores[scale.name] == getattr(scale, bound)


@pytest.mark.slow
@pytest.mark.parametrize("name", SUMMED)
def test_every_permitted_value_is_taken_and_no_other(name: str) -> None:
    instrument = INSTRUMENTS[name]
    for item in instrument.items.values():
        table = pd.DataFrame({i: [""] * len(item.values) for i in instrument.items})
        table[item.name] = list(item.values)
        score(instrument, table)
        for wrong in sorted({"-1", "99", "x", " 0", "0.5", "1*"} - set(item.values)):
            table.loc[1, item.name] = wrong
            with pytest.raises(InputError) as error:
                score(instrument, table)
            message = str(error.value)
            assert item.name in message
            assert "row 1" in message
            assert repr(wrong) in message
            assert ", ".join(item.values) in message


@pytest.mark.slow
@given(st.data())
@settings(max_examples=40)
def test_numbers_score_as_their_text(data: st.DataObject) -> None:
    scim = INSTRUMENTS["scim3"]
    rows = data.draw(st.lists(text_rows(scim), min_size=1, max_size=4))
    text = pd.DataFrame(rows)
    expected = score(scim, text)
    floats = text.apply(pd.to_numeric)
    pd.testing.assert_frame_equal(score(scim, floats), expected)
    pd.testing.assert_frame_equal(score(scim, floats.astype("Int64")), expected)
    pd.testing.assert_frame_equal(score(scim, text.astype("category")), expected)
    pd.testing.assert_frame_equal(score(scim, text.replace("", None)), expected)


def test_a_fraction_and_a_truth_value_are_refused() -> None:
    for wrong in (2.5, True, np.inf):
        with pytest.raises(InputError, match="mrs_grade, row 7"):
            score(INSTRUMENTS["mrs"], pd.DataFrame({"mrs_grade": [wrong]}, index=[7]))


def test_a_gap_of_a_gapped_scale_is_refused() -> None:
    scim = INSTRUMENTS["scim3"]
    row = dict.fromkeys(scim.items, "0") | {"scim_bladder": "5"}
    with pytest.raises(InputError, match=r"scim_bladder.*'5'.*0, 3, 6, 9, 11, 13, 15"):
        score(scim, pd.DataFrame([row]))


def test_an_absent_column_is_refused() -> None:
    table = pd.DataFrame({"fim_eating": [1]})
    with pytest.raises(InputError, match="12 of 13 columns are absent: fim_grooming"):
        score(INSTRUMENTS["fim_motor"], table)


def test_a_missing_item_is_never_zero() -> None:
    scim = INSTRUMENTS["scim3"]
    row = {name: item.values[-1] for name, item in scim.items.items()}
    complete, without_bladder = row, row | {"scim_bladder": ""}
    scores = score(scim, pd.DataFrame([complete, without_bladder]))
    assert scores.loc[0, ["total", "resp_sphincter", "mobility", "bladder"]].to_list() == [
        100, 40, 40, 15,
    ]  # fmt: skip
    assert scores.loc[1, ["total", "resp_sphincter", "bladder"]].isna().all()
    assert scores.loc[1, "mobility"] == 40


def test_untestable_items_of_the_stroke_scale() -> None:
    nihss = INSTRUMENTS["nihss"]
    can_be_untestable = [name for name, item in nihss.items.items() if item.not_testable]
    assert can_be_untestable == [
        "nihss_motor_arm_left",
        "nihss_motor_arm_right",
        "nihss_motor_leg_left",
        "nihss_motor_leg_right",
        "nihss_limb_ataxia",
        "nihss_dysarthria",
    ]
    ones = dict.fromkeys(nihss.items, "1")
    rows = [
        ones,
        ones | {"nihss_motor_leg_left": "UN"},
        ones | {"nihss_motor_leg_left": ""},
        ones | dict.fromkeys(can_be_untestable, "UN"),
    ]
    scores = score(nihss, pd.DataFrame(rows))
    np.testing.assert_equal(scores["total"].to_list(), [15, np.nan, np.nan, np.nan])
    np.testing.assert_equal(scores["total_testable"].to_list(), [15, 14, np.nan, 9])


def test_modified_ashworth_grades_count_by_rank() -> None:
    ashworth = INSTRUMENTS["modified_ashworth"]
    grades = ["0", "1", "1+", "2", "3", "4"]
    table = pd.DataFrame(dict.fromkeys(ashworth.items, grades))
    scores = score(ashworth, table)
    assert scores.shape == (6, 12)
    assert (scores.to_numpy() == np.arange(6)[:, None]).all()


def test_outputs_that_are_not_one_value() -> None:
    isncsci = INSTRUMENTS["isncsci"]
    words = {"asia_impairment_scale": "A", "injury_complete": "C"}
    plain = {s.name: words.get(s.name, "C5" if s.levels else "20")
             for s in isncsci.scales.values() if s.kind == "algorithm"}  # fmt: skip
    items = pd.DataFrame([dict.fromkeys(isncsci.items, "") | {"right_motor_c5": "3"}] * 3)
    rows = [
        plain,
        plain | {"asia_impairment_scale": "D*", "right_motor_level": "INT*"},
        plain | {"asia_impairment_scale": "C,D", "upper_extremity_motor_score": "ND"},
    ]
    scores = score(isncsci, items, outputs=pd.DataFrame(rows))
    np.testing.assert_equal(scores["asia_impairment_scale"].to_list(), [1, 4, np.nan])
    np.testing.assert_equal(scores["right_motor_level"].to_list(), [5, 29, 5])
    np.testing.assert_equal(scores["motor_total"].to_list(), [40, 40, np.nan])
    assert scores["right_upper_extremity_motor_score"].isna().all()
    for column, wrong in (("asia_impairment_scale", "F"), ("light_touch_total", "113")):
        with pytest.raises(InputError, match=f"'{wrong}'"):
            score(isncsci, items.head(1), outputs=pd.DataFrame([plain | {column: wrong}]))


def test_isncsci_is_scored_by_its_classification() -> None:
    isncsci = INSTRUMENTS["isncsci"]
    # The best value of a cell is its last plain number; the anal findings are present.
    row = {
        name: "" if item.optional else ([v for v in item.values if v.isdecimal()] or ["Yes"])[-1]
        for name, item in isncsci.items.items()
    }
    scores = score(isncsci, pd.DataFrame([row])).iloc[0]
    assert scores["asia_impairment_scale"] == 5
    assert scores["neurological_level_of_injury"] == 29
    assert scores["motor_total"] == 100
    assert scores["left_lower_extremity_motor_score"] == 25
    assert scores["light_touch_total"] == scores["pin_prick_total"] == 112
