"""Each format of a table on disk does what the protocol says, and the name of a file decides."""

import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from owncontrol.errors import InputError
from owncontrol.tables import (
    conform,
    csv_bytes,
    read_coded,
    read_table,
    read_text,
    stored_table,
    table_file,
    text_files,
    write_parts,
    write_table,
)
from owncontrol.tables.parquet_files import ParquetFile
from owncontrol.tables.text_files import TextFile

ENDINGS = ("csv", "parquet")
FRAME = pd.DataFrame(
    {
        "estimate_id": ["a", "b", "c", "d"],
        "stratum": ["", "=1+1", 'say "so",\nnow', "NA"],
        "statistic": ["median", "p", "p", "n"],
        "value": [0.1 + 0.2, -0.0, None, 1e-300],
        "n": [13, None, 0, 7],
    }
)
ESTIMATES = conform(FRAME, "estimates")


@pytest.fixture(params=ENDINGS)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    place = tmp_path / f"estimates.{request.param}"
    write_table(ESTIMATES, place)
    return place


def test_the_name_decides_the_format() -> None:
    assert isinstance(table_file("x/scores.csv"), TextFile)
    assert isinstance(table_file(Path("x/scores.parquet")), ParquetFile)
    assert isinstance(table_file("x/scores"), TextFile)


def test_a_table_reads_back_the_same(path: Path) -> None:
    found = read_table(path, "estimates").astype(ESTIMATES.dtypes)
    pd.testing.assert_frame_equal(found, ESTIMATES)
    assert table_file(path).header() == list(ESTIMATES)


def test_text_is_the_same_of_each_format(path: Path) -> None:
    found = read_text(path, without=("method", "inputs"))
    assert "method" not in found and "value" in found
    assert found["stratum"].tolist() == ["", "=1+1", 'say "so",\nnow', "NA"]
    assert found["value"].tolist() == ["0.30000000000000004", "-0.0", "", "1e-300"]
    assert found["n"].tolist() == ["13", "", "0", "7"]


def test_rows_are_found_by_the_values_of_columns(path: Path) -> None:
    file = table_file(path)
    assert file.find_rows({"statistic": ["p", "n"]})["estimate_id"].tolist() == ["b", "c", "d"]
    both = file.find_rows({"statistic": ["p"], "stratum": ["=1+1"]})
    assert both["estimate_id"].tolist() == ["b"]
    nothing = file.find_rows({"statistic": ["mean"]})
    assert (len(nothing), list(nothing)) == (0, list(ESTIMATES))
    pd.testing.assert_frame_equal(file.find_rows({}), file.read_text())


@pytest.mark.parametrize("size", [1, 7, 60, 10**6])
def test_blocks_of_any_size_hold_whole_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    write_table(ESTIMATES, tmp_path / "x.csv")
    monkeypatch.setattr(text_files, "BLOCK_BYTES", size)
    file = table_file(tmp_path / "x.csv")
    pd.testing.assert_frame_equal(file.find_rows({}), file.read_text())
    if size < 60:
        # Reading stops at the first block that has enough.
        assert file.find_rows({}, at_most=2)["estimate_id"].tolist() == ["a", "b"]


def test_a_column_comes_in_pieces(path: Path) -> None:
    counts: Counter[str] = Counter()
    for part in table_file(path).column_parts("statistic"):
        counts.update(part.to_pylist())
    assert counts == {"median": 1, "p": 2, "n": 1}
    (formula,) = (
        text
        for part in table_file(path).column_parts("stratum")
        for text in part.to_pylist()
        if "1+1" in text
    )
    assert formula == "=1+1"


@pytest.mark.parametrize("ending", ENDINGS)
def test_parts_make_the_table_that_is_written_whole(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"parts.{ending}"
    write_parts((ESTIMATES.iloc[[place]] for place in range(len(ESTIMATES))), path)
    found = read_table(path, "estimates").astype(ESTIMATES.dtypes)
    pd.testing.assert_frame_equal(found, ESTIMATES)


def test_columns_are_brought_into_form_some_rows_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f'a,"{number}' for number in range(9)] + ["", None, "=1"]
    frame = pd.DataFrame(
        {
            "text": pd.Categorical(texts),
            "plain": pd.Series(texts, dtype="str"),
            "number": [0.0, -0.0, None, *map(float, range(9))],
            "whole": pd.array([None, *range(11)], "Int64"),
        }
    )
    write_table(frame, tmp_path / "whole.csv")
    monkeypatch.setattr(csv_bytes, "ROWS_OF_COLUMNS", 2)
    write_table(frame, tmp_path / "parts.csv")
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    # A column that is asked for as it is, is no column of categories.
    read = read_coded(tmp_path / "parts.csv", plain=["text"])
    assert read["text"].dtype == "str"
    assert read["text"].tolist() == read["plain"].astype("str").tolist()


def test_other_programs_read_the_types_of_a_columnar_file(tmp_path: Path) -> None:
    write_table(ESTIMATES, tmp_path / "e.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "e.parquet"), ESTIMATES)


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_bytes_at_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    write_table(ESTIMATES, tmp_path / f"one.{ending}")
    monkeypatch.setattr(time, "time", lambda: 2e9)
    write_table(ESTIMATES, tmp_path / f"two.{ending}")
    one, two = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("one", "two"))
    assert one == two


def test_categories_are_the_same_of_each_format(path: Path) -> None:
    found = read_coded(path, ("n",), ["statistic", "stratum", "absent"])
    assert list(found) == ["stratum", "statistic"]
    assert all(isinstance(found[name].dtype, pd.CategoricalDtype) for name in found)
    assert found["stratum"].astype("str").tolist() == ESTIMATES["stratum"].tolist()
    wanted = {"statistic": ["p"], "stratum": ["=1+1", "NA"]}
    assert read_coded(path, columns=["estimate_id"], where=wanted)["estimate_id"].tolist() == ["b"]
    assert not len(read_coded(path, where={"statistic": ["none"]}))
    numbers = read_coded(path, ("n",), ["n"])["n"]
    assert numbers.isna().tolist() == [False, True, False, False]
    assert numbers.dropna().tolist() == [13, 0, 7]


def test_a_row_of_another_length_is_no_row_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n3\n", "utf-8")
    with pytest.raises(InputError, match=r"x\.csv: cannot be read as a table"):
        read_coded(path)


def test_a_name_of_a_column_may_hold_a_line_end(tmp_path: Path) -> None:
    frame = pd.DataFrame({'a\n"b"': ["x", "y"], "c": ["1", "2"]})
    write_table(frame, tmp_path / "x.csv")
    for found in (read_coded(tmp_path / "x.csv"), table_file(tmp_path / "x.csv").find_rows({})):
        assert found.astype("str").to_dict("list") == frame.to_dict("list")


def test_a_table_without_rows_has_its_columns(tmp_path: Path) -> None:
    write_table(pd.DataFrame({"a": [], "b": []}), tmp_path / "x.csv")
    found = read_coded(tmp_path / "x.csv", columns=["b"])
    assert list(found) == ["b"] and not len(found)


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_absent_table_is_named(tmp_path: Path, ending: str) -> None:
    file = table_file(tmp_path / f"x.{ending}")
    assert not file.exists()
    reading = (file.header, file.read_coded, lambda: file.find_rows({}))
    for read in (*reading, lambda: list(file.column_parts("a"))):
        with pytest.raises(InputError, match=rf"x\.{ending}: no such file"):
            read()


def test_a_stage_has_written_text_or_a_columnar_file(tmp_path: Path) -> None:
    text, columnar = tmp_path / "x.csv", tmp_path / "x.parquet"
    assert not stored_table(text).exists()
    write_table(ESTIMATES.head(1), columnar)
    assert len(stored_table(text).find_rows({})) == 1
    # Where both are there the columnar one is a copy for other programs.
    write_table(ESTIMATES.head(2), text)
    assert len(stored_table(text).find_rows({})) == 2
