"""A columnar scores table says what the text one says, and so do the analyses made from it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analysis_study import endpoint
from hypothesis import given
from hypothesis import strategies as st
from owncontrol.analysis import quality
from owncontrol.analysis.change import adjust_together
from owncontrol.analysis.pairs import differences, of_endpoint, paired
from owncontrol.estimates import collect
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.declared_statistics import Change
from owncontrol.lineage.results import Results
from owncontrol.tables import (
    NOT_ANALYSED,
    conform,
    fields,
    read_assessments,
    read_recorded,
    read_row_ids,
    read_scores,
    read_table,
    schemas,
    write_parts,
)

VISITS = ("before", "after")
PEOPLE = [f"P{number:04d}" for number in range(1, 301)]


def scale(name: str, seed: int, recorded: str) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product([PEOPLE, VISITS], names=["subject_id", "visit"]).to_frame()
    rows = rows.loc[rng.random(len(rows)) < 0.9].reset_index(drop=True)
    value = rng.integers(0, 50, len(rows)).astype(float)
    value[rng.random(len(rows)) < 0.1] = np.nan
    days = pd.Series(rng.integers(0, 9, len(rows))).astype("Int64")
    frame = rows.assign(
        day_from_injury=days.where(days > 1),
        day_from_treatment=days,
        instrument="scim3",
        scale=name,
        value=value,
        text=["" if np.isnan(number) else f"{number:g}" for number in value],
        recorded=recorded,
        agrees=pd.array([True if recorded else None] * len(rows), dtype="boolean"),
        row_id=[f"x:{place}" for place in range(len(rows))],
    )
    return conform(frame, "scores", coded=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("columnar")
    parts = [scale("mobility", 1, ""), scale("total", 2, "7")]
    for kind in ("csv", "parquet"):
        write_parts(iter(parts), place / kind / f"scored/scores.{kind}")
    return place


def both(folder: Path) -> list[Path]:
    return [folder / kind / f"scored/scores.{kind}" for kind in ("csv", "parquet")]


def test_both_files_hold_the_same_table(folder: Path) -> None:
    text, columnar = (read_table(path, "scores") for path in both(folder))
    plain = columnar.astype(dict.fromkeys(text.columns[text.dtypes == "str"], "str"))
    pd.testing.assert_frame_equal(plain, text)


def test_only_what_is_asked_for_is_read_from_row_groups(folder: Path) -> None:
    path = both(folder)[1]
    assert set(read_scores(path, [("scim3", "total")])["scale"]) == {"total"}
    assert set(read_assessments(path)["scale"]) == {"mobility"}
    assert set(read_recorded(path)["scale"]) == {"total"}


def test_analyses_see_the_same_columns_of_both(folder: Path) -> None:
    text, columnar = (read_scores(path, [("scim3", "total")]) for path in both(folder))
    assert list(text) == list(columnar)
    optional = {"study_day"}  # of a clock that this study does not have
    assert set(fields("scores")) - set(text) == {*NOT_ANALYSED, *optional}


def test_differing_scores_stand_beside_their_rows(folder: Path, tmp_path: Path) -> None:
    kept = ["subject_id", "visit", "scale", "recorded", "text", "row_id"]
    whole = read_table(both(folder)[0], "scores")
    # As scoring makes it: every scale of the same assessments.
    assessment = whole.groupby(["subject_id", "visit"])
    whole["row_id"] = "x:" + assessment.ngroup().astype("str")
    whole = whole.loc[assessment["scale"].transform("size") == 2].reset_index(drop=True)
    whole["agrees"] = (whole["text"] == "7").astype("boolean").where(whole["recorded"] != "")
    expected = whole.loc[whole["agrees"].eq(False).fillna(False), kept]
    for kind in ("csv", "parquet"):
        path = tmp_path / f"scores.{kind}"
        coded = conform(whole, "scores", coded=True)
        write_parts((part for _, part in coded.groupby("scale")), path)
        found = quality.differing(read_recorded(path), read_row_ids(path))
        assert found.astype("str").to_numpy().tolist() == expected.to_numpy().tolist()
        assert len(found) > 100


@given(st.lists(st.sampled_from(["", "0", "-0.0", "1.5", "1e3", "007", "-2"])), st.booleans())
def test_numbers_are_read_a_distinct_text_at_a_time(texts: list[str], whole: bool) -> None:
    if whole:
        texts = [text for text in texts if "." not in text]
    kind = "integer" if whole else "number"
    frame = pd.DataFrame({"row": pd.Series(texts, dtype="str")})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schemas, "fields", lambda name: {"row": {"type": kind}})
        found = conform(frame, "any")["row"]
    numbers = [None if text == "" else float(text) for text in texts]
    assert [None if pd.isna(value) else float(value) for value in found] == numbers
    assert found.dtype == ("Int64" if whole else "float64")


def test_both_give_the_same_pairs_and_estimates(folder: Path) -> None:
    endpoints = [endpoint(name, "scim3", name) for name in ("mobility", "total")]
    tables, changes = [], []
    for path in both(folder):
        scores = read_scores(path, {(of.instrument, of.scale) for of in endpoints})
        results = Estimates("change", "all", PEOPLE)
        adjust_together(results, scores, endpoints)
        tables.append(results.table())
        pairs = paired(of_endpoint(scores, endpoints[0]), "before", "after")
        changes.append(differences(pairs))
    pd.testing.assert_frame_equal(*tables)
    assert changes[0].to_dict() == changes[1].to_dict()
    assert len(changes[0]) > 100


def test_a_trace_finds_the_same_rows_as_text(folder: Path) -> None:
    found = [
        Results(folder / kind).rows("scored/scores.csv", subject_id=PEOPLE[:5], scale=["total"])
        for kind in ("csv", "parquet")
    ]
    pd.testing.assert_frame_equal(*found)
    assert len(found[0]) > 4


def test_rows_are_counted_as_in_text(folder: Path) -> None:
    counts = [
        Results(folder / kind).counts("scored/scores.csv", "subject_id")
        for kind in ("csv", "parquet")
    ]
    rows = read_table(both(folder)[0], "scores")
    assert counts == [rows["subject_id"].astype("str").value_counts().to_dict()] * 2


def test_long_inputs_are_written_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "LONGEST", 100)
    scores = read_table(both(folder)[0], "scores")
    results = Estimates("change", "all", PEOPLE)
    for statistic in (Change.FRIEDMAN, Change.PAGE):
        results.add(statistic, 1.0, scores=scores.loc[scores["value"].notna()])
    first, second = results.table()["inputs"]
    assert len(first) > 100
    assert second == "estimates[estimate_id=change.friedman]"
