"""A small seeded sample of ``make fuzz``: commands end well or in one line."""

import os
import random
import warnings

import pytest
from fuzz_commands import ENTRIES, call
from owncontrol.basics.yaml_text import MOST_VALUES, parse_yaml, read_yaml
from owncontrol.errors import InputError
from owncontrol.ingest.readers.workbook import read_sheet
from owncontrol.instruments import load_instrument
from owncontrol.run.output_hashes import recorded
from owncontrol.tables import read_text
from workbook_files import handmade, sheet, styles

pytestmark = pytest.mark.slow

HEAD = '<row r="1"><c r="A1" t="str"><v>a</v></c></row>'
# "results" needs a finished run (tests/workflow/test_damaged_results.py).
NAMES = [name for name in ENTRIES if name != "results"]


@pytest.mark.parametrize("name", NAMES)
def test_broken_input_ends_well_or_in_one_line(tmp_path, monkeypatch, name):
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                ENTRIES[name](random.Random(f"{name}:{number}"), folder)
            except InputError as error:
                assert "\n" not in error.message
                assert error.hint


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "- " * 100_000,
        "? " * 50_000,
        "a: &a {" + ",".join(f"k{n}: 1" for n in range(2000)) + "}\nb: {<<: ["
        + ",".join(["*a"] * 2000) + "]}",
        "[" + "1," * (2 * MOST_VALUES) + "]",
        "a: !!bool x",
        "a: !!timestamp x",
    ],
    ids=["lists", "items", "keys", "merges", "values", "bool", "timestamp"],
)  # fmt: skip
def test_yaml_that_would_crash_or_hang_is_one_line(tmp_path, text):
    # Where YAML is read it is read in one place.
    path = tmp_path / "x.yaml"
    path.write_text(text, "utf-8")
    for read in (read_yaml, load_instrument, lambda path: parse_yaml(path.read_bytes(), "RULE=x")):
        with pytest.raises(InputError) as caught:
            read(path)
        assert "\n" not in caught.value.message


def test_merges_of_merges_are_what_they_were():
    text = "a: &a {x: 1, y: 2}\nb: &b {<<: [*a, *a], y: 3}\nc: {<<: [*b, *a], z: 4}\n"
    assert parse_yaml(text, "x")["c"] == {"x": 1, "y": 3, "z": 4}


def test_a_table_that_is_too_wide_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in (16_385, 200_000):
        (tmp_path / "x.csv").write_text(",".join(f"c{n}" for n in range(number)) + "\n1\n", "utf-8")
        for command in (["inspect", "x.csv"], ["new-study", "trial", "--from", "x.csv"]):
            with pytest.raises(InputError, match=f"{number} columns; at most 16384"):
                call(*command)


def test_rows_that_do_not_fit_have_a_limit(tmp_path):
    for text in ("\n" * 60_000, "1\n" * 60_000, '1,"' + "x\n" * 60_000):
        (tmp_path / "x.csv").write_text("a,b\n" + text, "utf-8")
        with pytest.raises(InputError, match="more than 50000 rows are blank or do not fit"):
            call("inspect", str(tmp_path / "x.csv"))
    far = sheet(HEAD + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>')
    with pytest.raises(InputError, match="1048574 of the rows down to here are blank"):
        read_sheet(handmade(tmp_path / "x.xlsx", far), "")


def test_a_number_format_has_a_length(tmp_path):
    page = sheet(HEAD + '<row r="2"><c r="A2" s="1"><v>1</v></c></row>')
    path = handmade(tmp_path / "x.xlsx", page, style=styles("[" * 200_000))
    with pytest.raises(InputError, match="a number format has 200000 characters"):
        read_sheet(path, "")


def test_a_damaged_record_or_table_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.makedirs("results/s/provenance")  # noqa: PTH103
    record = tmp_path / "results/s/provenance/history.jsonl"
    for content in (b"\xff,x\n", b"[]\n", b'{"a": 1}\n', b"{}\n{}\n", b"[" * 100_000 + b"\n"):
        record.write_bytes(content)
        with pytest.raises(InputError, match=r"history\.jsonl, line 1: ") as caught:
            recorded("results/s", "logs/s")
        assert "\n" not in caught.value.message
    for content in (b"\xff\xfe", b"", b'a,b\n"', b'a\n1,2,3\n"'):
        record.write_bytes(content)
        with pytest.raises(InputError, match="cannot be read as a table"):
            read_text(record)
