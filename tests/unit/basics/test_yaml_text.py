"""The program's own YAML is read once and strictly; a hint at a word says what was meant."""

from pathlib import Path

import pytest
from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.program_files import read_program_yaml
from owncontrol.basics.yaml_text import KeyTwice


def test_a_file_of_the_program_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "schema.yaml"
    path.write_text("a: {b: [1, no]}\n", "utf-8")
    first = read_program_yaml(path)
    assert first == {"a": {"b": [1, False]}}
    path.write_text("a: other\n", "utf-8")
    assert read_program_yaml(path) is first


def test_a_key_that_stands_twice_in_a_file_of_the_program_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "schema.yaml"
    path.write_text("a: 1\nb: 2\na: 3\n", "utf-8")
    with pytest.raises(KeyTwice, match="the key 'a' occurs here and in line 1"):
        read_program_yaml(path)


@pytest.mark.parametrize(
    ("word", "otherwise", "hint"),
    [
        ("visist", "see the schedule", "did you mean 'visits'?"),
        ("zzz", "see the schedule", "see the schedule"),
        ("zzz", "", "known: visits, endpoints"),
        ("visits" * 100_000, "", "known: visits, endpoints"),  # too long to be compared
    ],
)
def test_a_hint_names_the_word_that_was_meant(word: str, otherwise: str, hint: str) -> None:
    assert did_you_mean(word, ["visits", "endpoints"], otherwise) == hint
