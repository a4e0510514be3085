"""What an estimate was computed from: any set of rows is named exactly and read back the same."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from owncontrol.estimates import selections
from owncontrol.estimates.selections import (
    SubjectPlaces,
    name_matching,
    name_rows,
    name_scores,
    read_inputs,
    split_row_ids,
)

SUBJECTS = [f"S{number:02d}" for number in range(1, 14)]
cells = st.tuples(
    st.sampled_from(["isncsci.uems", "isncsci.lems", "scim3.total", "nihss.total"]),
    st.sampled_from(["baseline", "day_28", "day_180"]),
    st.sampled_from(SUBJECTS),
)


def table(rows):
    """Scores with only the columns that name them."""
    return pd.DataFrame(
        [(*scale.split("."), visit, subject) for scale, visit, subject in rows],
        columns=["instrument", "scale", "visit", "subject_id"],
    )


@given(st.sets(cells, min_size=1))
def test_any_set_of_scores_is_named_exactly(chosen):
    scores = table(sorted(chosen))
    read = read_inputs(name_scores(scores, SubjectPlaces(SUBJECTS)), SUBJECTS)
    expected = {f"{subject}/{visit}/{scale}" for scale, visit, subject in chosen}
    assert {key for _, key in read} == expected
    assert len(read) == len(expected)
    assert {table for table, _ in read} == {"scores"}


@pytest.mark.slow
@given(st.lists(cells, min_size=1))
def test_many_rows_are_named_as_few_and_categories_as_text(chosen):
    scores = table(chosen)
    few = name_scores(scores, SubjectPlaces(SUBJECTS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selections, "FEW", 0)
        patch.setattr(selections, "ROWS_AT_ONCE", 5)
        places = SubjectPlaces(SUBJECTS)
        assert name_scores(scores, places) == few
        coded = scores.astype("category")
        assert name_scores(coded, places) == few
        assert name_scores(coded.iloc[:1], places) == name_scores(scores.iloc[:1], places)


@pytest.mark.parametrize("dtype", ["str", "category"])
def test_a_subject_of_another_study_is_refused(dtype):
    scores = pd.Series(["S01", "X99"], dtype=dtype)
    with pytest.raises(KeyError, match="X99"):
        SubjectPlaces(SUBJECTS).of(scores)
    # A category that no cell has is none of the subjects.
    assert SubjectPlaces(SUBJECTS).of(scores.iloc[:1]).tolist() == [0]


@pytest.mark.parametrize("dtype", ["str", "category"])
def test_row_ids_are_split_at_the_last_colon(dtype):
    parts = split_row_ids(
        pd.Series(["b:7", "a:x:12", "b:2", "b:7"], index=[4, 2, 3, 1], dtype=dtype)
    )
    assert parts["export"].tolist() == ["b", "a:x", "b", "b"]
    assert parts["export"].cat.categories.tolist() == ["a:x", "b"]
    assert parts["row"].tolist() == [7, 12, 2, 7]
    assert parts.index.tolist() == [4, 2, 3, 1]


@pytest.mark.slow
@given(st.sets(st.tuples(st.sampled_from(["redcap", "a_b"]), st.integers(2, 40)), min_size=1))
def test_any_set_of_rows_is_named_exactly(chosen):
    names = {f"{export}:{row}" for export, row in chosen}
    read = read_inputs(name_rows("subjects", sorted(names)), SUBJECTS)
    assert sorted(read) == sorted(("subjects", name) for name in names)


@given(st.text(alphabet="ab.;=[]()% é表", min_size=1).map(str.strip).filter(bool))
def test_a_file_of_any_name_is_named_exactly(file):
    selection = name_matching("flow", file=file, table="(file)")
    assert read_inputs(selection, SUBJECTS) == [("flow", f"file={file}; table=(file)")]


def test_a_complete_grid_is_one_short_selection():
    grid = table(
        [
            (scale, visit, subject)
            for scale in ("isncsci.uems", "isncsci.lems")
            for visit in ("baseline", "day_180")
            for subject in SUBJECTS
        ]
    )
    assert name_scores(grid, SubjectPlaces(SUBJECTS)) == (
        "scores[isncsci.uems,isncsci.lems; baseline,day_180; S01~S13]"
    )


def test_conditions_and_selections_stand_together():
    text = "scores[isncsci.uems; baseline; S01] " + name_matching(
        "flow", file="a.csv", table="(file)"
    )
    assert read_inputs(text, SUBJECTS) == [
        ("scores", "S01/baseline/isncsci.uems"),
        ("flow", "file=a.csv; table=(file)"),
    ]
