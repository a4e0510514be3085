"""What goes in: texts, codes and mixtures of them; what is refused, and in which words."""

import io

import numpy as np
import pandas as pd
import pytest
from isncsci_exams import frame, make_exam, open_some, tag_some, texts
from owncontrol.errors import InputError
from owncontrol.isncsci import cells, classify, parse_exams


@pytest.fixture(scope="module")
def typed():
    rng = np.random.default_rng(4)
    exams = [make_exam(rng) for _ in range(40)]
    exams += [tag_some(rng, open_some(rng, make_exam(rng), 2), 2) for _ in range(40)]
    return frame(exams)


@pytest.fixture(scope="module")
def written(typed):
    return pd.DataFrame([texts(codes) for codes in typed.to_numpy()], dtype="str")


def plain(table):
    return table.iloc[:40].reset_index(drop=True)


@pytest.mark.parametrize(
    "dtype",
    ["object", "category", pd.StringDtype("python", na_value=np.nan), "string[pyarrow]"],
    ids=str,
)
def test_texts_of_every_kind_are_the_same(written, typed, dtype):
    expected = classify(typed)
    pd.testing.assert_frame_equal(classify(written), expected)
    pd.testing.assert_frame_equal(classify(written.astype(dtype)), expected)


@pytest.mark.parametrize("dtype", ["int8", "int64", "int16", "float64", "Int8", "object"])
def test_codes_of_every_width_are_the_same(typed, dtype):
    pd.testing.assert_frame_equal(classify(typed.astype(dtype)), classify(typed))


def test_numbers_and_texts_may_stand_side_by_side(written, typed):
    mixed = written.copy()
    for cell in ("right_motor_c5", "left_pin_prick_t4", cells.VAC):
        mixed[cell] = typed[cell]
    mixed["right_motor_c6"] = [int(t) if t.isdigit() else t for t in written["right_motor_c6"]]
    pd.testing.assert_frame_equal(classify(mixed), classify(typed))


def test_other_columns_and_the_index_are_left_alone(written):
    table = written.set_index(pd.Index([f"exam {k}" for k in range(len(written))], name="id"))
    table.insert(0, "subject_id", "S01")
    result = classify(table[list(reversed(table.columns))])
    assert list(result.columns) == list(cells.OUTPUTS)
    pd.testing.assert_index_equal(result.index, table.index)


def test_input_is_not_changed(typed, written):
    for table in (typed, written):
        before = table.copy(deep=True)
        classify(table)
        parse_exams(table)
        pd.testing.assert_frame_equal(table, before)


def test_results_are_text_and_survive_a_file(written):
    result = classify(written)
    assert set(result.dtypes) == {pd.Series(["text"]).dtype}
    file = io.StringIO(result.to_csv(index=False))
    pd.testing.assert_frame_equal(pd.read_csv(file, dtype="str", keep_default_na=False), result)


def test_a_missing_non_key_muscle_is_none(written):
    gone = written.assign(right_lowest_non_key_muscle=None)
    empty = written.assign(right_lowest_non_key_muscle="")
    pd.testing.assert_frame_equal(classify(gone), classify(empty))
    kept = written.astype({"right_lowest_non_key_muscle": object})
    kept.loc[0, "right_lowest_non_key_muscle"] = np.nan
    assert classify(kept)["asia_impairment_scale"].notna().all()


BAD = [
    ("right_motor_c5", "6", "0 to 5 or NT, with * or ** on 0 to 4 and NT"),
    ("right_motor_c5", "5*", "0 to 5 or NT, with * or ** on 0 to 4 and NT"),
    ("left_light_touch_t4", "2**", "0, 1, 2 or NT, with * or ** on 0, 1 and NT"),
    ("left_pin_prick_s4_5", " 1", "0, 1, 2 or NT, with * or ** on 0, 1 and NT"),
    ("left_pin_prick_s4_5", "", "0, 1, 2 or NT, with * or ** on 0, 1 and NT"),
    ("voluntary_anal_contraction", "yes", "Yes, No or NT"),
    ("deep_anal_pressure", "NT*", "Yes, No or NT"),
    ("left_lowest_non_key_muscle", "S4-5", "a level (C1 to S3), or empty"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("cell", "value", "allowed"), BAD)
def test_a_text_that_is_not_permitted_is_named(written, cell, value, allowed):
    bad = plain(written)
    bad.loc[17, cell] = value
    with pytest.raises(InputError) as error:
        classify(bad)
    assert f"row 17, {cell}: {value!r} (permitted: {allowed})" in error.value.message
    problems = parse_exams(bad)[1]
    assert problems.to_dict("records") == [
        {"row": 17, "column": cell, "value": value, "permitted": allowed}
    ]


@pytest.mark.parametrize("number", [6, 9, -1, -8, -15, -30, -128, 127, 300, 3.5, np.nan])
def test_a_number_that_is_no_code_is_named(typed, number):
    bad = plain(typed)
    bad["right_motor_c7"] = bad["right_motor_c7"].astype(type(number))
    bad.loc[3, "right_motor_c7"] = number
    with pytest.raises(InputError, match="row 3, right_motor_c7"):
        classify(bad)


def test_a_level_that_no_muscle_has_is_named_where_all_else_is_plain(typed, written):
    """S3 is 28; the codes go no further, and a text that is no level has none."""
    codes, text = plain(typed), plain(written)
    for cell in cells.NON_KEY_CELLS:
        codes.loc[3, cell], text.loc[3, cell] = 29, "S4-5"
    for bad in (codes, text):
        with pytest.raises(InputError, match=r"2 value.* row 3, right_lowest_non_key_muscle"):
            classify(bad)


def test_categories_of_a_total_are_the_numbers_it_can_be(typed):
    """28 dermatomes a side, each of at most 2."""
    total = classify(plain(typed), coded=True)["light_touch_total"]
    assert list(total.cat.categories) == [str(number) for number in range(28 * 2 * 2 + 1)]


def test_missing_text_is_named(written):
    bad = plain(written)
    bad.loc[5, "right_motor_c5"] = None
    with pytest.raises(InputError, match="row 5, right_motor_c5: nan"):
        classify(bad)


def test_only_the_first_few_are_listed(written):
    bad = plain(written).assign(left_motor_l3="9")
    with pytest.raises(InputError) as error:
        classify(bad)
    assert error.value.message.startswith("40 value(s) are not permitted")
    assert "row 4, left_motor_l3" in error.value.message
    assert "row 5, left_motor_l3" not in error.value.message
    assert error.value.message.endswith("; and 35 more")


def test_problems_keep_their_index_labels(written):
    bad = plain(written).set_index(pd.Index([2] * 40))  # labels need not be unique
    bad.iloc[7, bad.columns.get_loc("left_motor_l3")] = "?"
    typed_exams, problems = parse_exams(bad)
    assert problems[["row", "column", "value"]].to_numpy().tolist() == [[2, "left_motor_l3", "?"]]
    refused = typed_exams["left_motor_l3"].to_numpy() == cells.NOT_PERMITTED
    assert np.flatnonzero(refused).tolist() == [7]


def test_parsed_exams_are_codes(written, typed):
    parsed, problems = parse_exams(written)
    pd.testing.assert_frame_equal(parsed, typed[list(parsed.columns)])
    assert problems.empty
    assert list(problems.columns) == ["row", "column", "value", "permitted"]


def test_a_missing_column_is_named(written):
    with pytest.raises(InputError, match=r"lack 1 column\(s\): left_motor_s1"):
        classify(written.drop(columns="left_motor_s1"))


def test_a_repeated_column_is_named(written):
    twice = pd.concat([written, written[["left_motor_s1"]]], axis=1)
    with pytest.raises(InputError, match="'left_motor_s1' more than once"):
        classify(twice)


def test_layout():
    assert len(cells.MOTOR_CELLS) == 20
    assert len(cells.LIGHT_TOUCH_CELLS) == len(cells.PIN_PRICK_CELLS) == 56
    assert len(cells.EXAMINED_CELLS) == 134
    assert len(set(cells.ALL_CELLS)) == len(cells.ALL_CELLS) == 136
    assert len(cells.OUTPUTS) == 17
