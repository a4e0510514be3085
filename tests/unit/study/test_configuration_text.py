"""YAML of people: plain values, each key once, and no more than a person can have meant."""

import pytest
from owncontrol.basics.yaml_text import DEEPEST, MOST_VALUES, parse_yaml, read_yaml
from owncontrol.errors import InputError

BOMB = "a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdef", "bcdefg", strict=True)
)
MERGED = (
    "a: &a {" + ", ".join(f"k{n}: 1" for n in range(9000)) + "}\nb: {<<: [*a, *a, *a, *a, *a, *a]}"
)


def test_plain_values_are_read(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text('a: &a {b: 1, c: "2"}\nd: {<<: *a, b: 3}\ne: [true, 1.5, text]\n', "utf-8")
    assert read_yaml(path) == {
        "a": {"b": 1, "c": "2"},
        "d": {"b": 3, "c": "2"},
        "e": [True, 1.5, "text"],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("study: a\ntitle: x\nstudy: b\n", "line 3: the key 'study' occurs here and in line 1"),
        ("one: {file: a, file: b}\n", "line 1: the key 'file'"),
        ("a: &a {b: 1}\nc:\n  <<: *a\n  d: 1\n  d: 2\n", "line 5: the key 'd' .* line 4"),
        ("study: x\n  title: y: z\n", "line 2: not valid YAML"),
        ("a: !!python/object/apply:os.system [x]\n", "line 1: not valid YAML: could not determine"),
        ("a: !!int x\n", "not readable as YAML"),
        (b"a: \xff\n", "not readable as YAML"),
        (BOMB, f"unfolds to more than {MOST_VALUES} values"),
        (MERGED, f"merges in more than {MOST_VALUES} keys"),
        ("[" + "1, " * (2 * MOST_VALUES) + "1]", f"line 1: more than {MOST_VALUES} values"),
        ("[" * (DEEPEST + 1), f"line 1: YAML of more than {DEEPEST} lists"),
        ("a: " + "x" * 1001, "line 1: a word or number of 1001 characters without quotes"),
        ("a: " + "9" * 400, "a whole number of more than 300 digits"),
    ],
)
def test_what_nobody_can_have_meant_is_refused_in_one_line(text, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_yaml(text, "study.yaml")
    assert caught.value.message.startswith("study.yaml")
    assert caught.value.hint


def test_a_long_text_in_quotes_is_one():
    assert parse_yaml(f'a: "{"x" * 2000}"', "x") == {"a": "x" * 2000}


def test_a_file_holds_keys_and_values(tmp_path):
    (tmp_path / "list.yaml").write_text("- a\n", "utf-8")
    with pytest.raises(InputError, match="holds no 'key: value' pairs"):
        read_yaml(tmp_path / "list.yaml")


def test_a_key_that_stands_twice_is_named_with_both_lines(tmp_path):
    path = tmp_path / "config.yaml"
    for text, line, first in (
        ("study: a\ntitle: x\nstudy: b\n", 3, 1),
        ("exports:\n  one: {file: a.csv, file: b.csv}\n", 2, 2),
        ("a: &a {b: 1}\nc:\n  <<: *a\n  d: 1\n  d: 2\n", 5, 4),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=f"line {line}: the key '.*' .* line {first}\n"):
            read_yaml(path)
    path.write_text("a: &a {b: 1}\nc: &c\n  <<: *a\n  b: 2\nd: {<<: *c, e: 3}\n")
    assert read_yaml(path)["d"] == {"b": 2, "e": 3}
