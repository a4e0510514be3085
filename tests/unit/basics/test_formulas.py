"""A text that a spreadsheet would run is guarded in every table, and reads back as it was."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from owncontrol.basics.formulas import guarded, unguarded
from owncontrol.tables import read_coded, read_text, write_table

FORMULAS = [
    "=1+1",
    "@SUM(A1)",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|'x'!A0",
    "\t=1",
    "\r=1",
    "'=1",
    "-x",
    "＝1+1",
    "＠SUM(A1)",
    "＋1+cmd|' /C calc'!A0",
    "－2+3",
    "\n=1",
]
TEXTS = ["", "-", "-99", "+1.5e3", "-.5", "x=1", "'tis", "a-b", "1-2", "NT"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_guarded(text):
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", TEXTS)
def test_other_texts_and_numbers_are_left_alone(text):
    assert guarded(text) == text == unguarded(text)


@given(st.text(st.sampled_from("'=@＝－+-\t\r\n1.ex"), max_size=8))
def test_every_text_reads_back(text):
    assert unguarded(guarded(text)) == text


def test_tables_are_guarded_on_disk_and_nowhere_else(tmp_path):
    table = pd.DataFrame({"a": [*FORMULAS, *TEXTS], "b": 1})
    write_table(table, tmp_path / "x.csv")
    cells = pd.read_csv(tmp_path / "x.csv", dtype="str", keep_default_na=False)["a"]
    assert cells.str[:1].isin(list("=@\t\r")).sum() == 0
    assert read_text(tmp_path / "x.csv")["a"].tolist() == table["a"].tolist()
    assert read_coded(tmp_path / "x.csv", ("b",))["a"].astype("str").tolist() == (
        table["a"].tolist()
    )


def test_headings_are_guarded_on_disk_and_nowhere_else(tmp_path):
    table = pd.DataFrame([["1"] * len(FORMULAS)], columns=FORMULAS)
    write_table(table, tmp_path / "x.csv")
    heads = pd.read_csv(tmp_path / "x.csv").columns
    assert all(head.startswith("'") for head in heads)
    assert list(read_text(tmp_path / "x.csv")) == FORMULAS
    assert list(read_coded(tmp_path / "x.csv")) == FORMULAS
