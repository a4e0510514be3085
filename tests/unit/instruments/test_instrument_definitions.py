"""A new instrument is a YAML file and no code; a definition that contradicts itself says where."""

import itertools
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from owncontrol.errors import InputError
from owncontrol.instruments import load_instrument, load_instruments
from owncontrol.scoring.instrument_scores import score

ROOT = Path(__file__).parents[3]

NEW: dict[str, Any] = {
    "name": "hand",
    "label": "Hand test",
    "edition": "first",
    "source": "made for this test",
    "missing": {"rule": "prorate", "allowed": 1, "source": "made for this test"},
    "axes": {"side": {"right": "Right", "left": "Left"}, "finger": {"thumb": "thumb", "1": "one"}},
    "value_sets": {
        "force": {"values": [0, 2, 5, "NT"], "not_testable": ["NT"], "labels": {"0": "none"}},
        "grip": {"values": ["weak", "fair", "good"], "rank_from": 1},
    },
    "items": [
        {"name": "{side}_{finger}", "label": "{side} {finger}", "values": "force"},
        {"name": "grip", "label": "Grip", "values": "grip"},
    ],
    "scales": [
        {
            "name": "{side}_total", "label": "{side} total", "kind": "sum",
            "items": ["{side}_{finger}"], "direction": "higher_is_better",
            "minimum": 0, "maximum": 10, "resolution": 1, "unit": "point",
        },
        {
            "name": "grip", "label": "Grip", "kind": "item", "items": ["grip"],
            "direction": "higher_is_better", "minimum": 1, "maximum": 3, "resolution": 1,
            "unit": "grade",
            "important_differences": [
                {"threshold": 1, "kind": "meaningful change", "population": "p", "source": "s"}
            ],
        },
    ],
}  # fmt: skip


def write(folder: Path, changes: dict[str, Any] | None = None) -> Path:
    """The new instrument with some values changed, by their path ("scales.0.unit")."""
    document: Any = deepcopy(NEW)
    for path, value in (changes or {}).items():
        *steps, last = [int(s) if s.isdecimal() else s for s in path.split(".")]
        place = document
        for step in steps:
            place = place[step]
        if value is None:
            del place[last]
        else:
            place[last] = value
    file = folder / "hand.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return file


def test_a_new_instrument_needs_no_code(tmp_path: Path) -> None:
    hand = load_instrument(write(tmp_path))
    assert list(hand.items) == ["right_thumb", "right_1", "left_thumb", "left_1", "grip"]
    assert hand.items["left_1"].label == "Left one"
    assert [level.text for level in hand.scales["grip"].levels] == ["weak", "fair", "good"]
    rows = [
        ["2", "5", "NT", "5", "weak"],
        ["", "5", "NT", "", "good"],
        [0, 0, 2, 2, ""],
    ]
    scores = score(hand, pd.DataFrame(rows, columns=list(hand.items)))
    np.testing.assert_equal(scores["right_total"].to_list(), [7, 10, 0])
    np.testing.assert_equal(scores["left_total"].to_list(), [10, np.nan, 4])
    np.testing.assert_equal(scores["grip"].to_list(), [1, 3, np.nan])


def test_the_new_instrument_against_every_possible_row(tmp_path: Path) -> None:
    hand = load_instrument(write(tmp_path))
    texts = [[*item.values, ""] for item in hand.items.values()]
    rows = pd.DataFrame(list(itertools.product(*texts)), columns=list(hand.items))
    scores = score(hand, rows)
    for side in ("right", "left"):
        fingers = rows[[f"{side}_thumb", f"{side}_1"]].to_numpy()
        for pair, found in zip(fingers, scores[f"{side}_total"], strict=True):
            present = [int(text) for text in pair if text.isdecimal()]
            # One of two may be missing: the other one stands for it.
            np.testing.assert_equal(found, 2 * np.mean(present) if present else np.nan)
    grips = rows["grip"].map({"weak": 1.0, "fair": 2.0, "good": 3.0})
    np.testing.assert_equal(scores["grip"].to_numpy(), grips.to_numpy())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scales.0.directon": "up"}, ["scales[{side}_total]", "'directon'", "did you mean 'dire"]),
        ({"scales.0.direction": "up"}, ["direction", "'up'", "higher_is_better, lower_is_better"]),
        ({"scales.1.unit": None}, ["scales[grip]", "'unit' is missing", "What one step counts"]),
        ({"source": ""}, ["source"]),
        ({"name": "Hand"}, ["name", "'Hand'"]),
        ({"name": "foot"}, ["name", "'foot'", "allowed: 'hand'"]),
        ({"value_sets.grip.values": [True, False]}, ["value_sets.grip.values", 'quote such words']),
        ({"value_sets.force.not_testable": ["UN"]}, ["value_sets.force", "'UN'", "0, 2, 5, NT"]),
        ({"value_sets.force.labels": {"7": "x"}}, ["value_sets.force", "'7'"]),
        ({"items.1.values": "grp"}, ["items[grip].values", "'grp'", "force, grip"]),
        ({"items.1.name": "right_1"}, ["items", "'right_1' is duplicated"]),
        ({"items.0.name": "{hand}_{finger}"}, ["no axis 'hand'", "side, finger"]),
        ({"scales.1.name": "right_total"}, ["scales", "'right_total' is duplicated"]),
        ({"scales.1.items": ["gripp"]}, ["scales[grip].items", "'gripp'", "did you mean 'grip'?"]),
        ({"scales.0.items": ["right_1", "right_1"]}, ["'right_1' is added twice"]),
        ({"scales.1.items": ["grip", "left_1"]}, ["scales[grip].items", "2 items", "one"]),
        ({"scales.0.maximum": 12}, ["scales[right_total].maximum: 12", "give 10"]),
        ({"scales.0.minimum": 1}, ["scales[right_total].minimum: 1", "give 0"]),
        ({"scales.0.resolution": 2}, ["resolution: 2", "give 1"]),
        ({"value_sets.grip.rank_from": None}, ["'grip' has no number for 'weak'", "rank_from"]),
        ({"scales.1.kind": "algorithm"}, ["scales[grip].kind", "sum, item"]),
        ({"algorithm": "isncsci"}, ["kind", "beside an algorithm"]),
        ({"scales.1.values": "grip"}, ["scales[grip].values", "only for kind 'algorithm'"]),
        ({"missing.allowed": 2}, ["missing.allowed: 2", "1 to 1"]),
        ({"missing.rule": "require_all"}, ["missing.allowed: 1", "require_all: 0 to 0"]),
        ({"scales.1.important_differences.0.threshold": 9}, ["important_differences", "9", "2"]),
        ({"scales.1.important_differences.0.upper": 0.5}, ["important_differences", "1 to 0.5"]),
    ],
)  # fmt: skip
def test_a_fault_is_one_line_and_a_hint(
    tmp_path: Path, changes: dict[str, Any], words: list[str]
) -> None:
    path = write(tmp_path, changes)
    with pytest.raises(InputError) as error:
        load_instrument(path)
    assert error.value.message.startswith(str(path))
    assert "\n" not in error.value.message
    assert "\n" not in error.value.hint
    assert error.value.hint
    for word in words:
        assert word in str(error.value)


def test_files_that_are_no_definition(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no instrument there"):
        load_instruments(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        load_instrument(tmp_path / "hand.yaml")
    path = tmp_path / "hand.yaml"
    for text, words in (
        ("name: [}", "line 1"),
        ("name: a\nlabel: b\nname: c\n", "line 3: the key 'name' occurs here and in line 1"),
        ("1: a\n'1': b\n", "line 2: the key '1' occurs here and in line 1"),
        ("- name\n", "holds no keys"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=words):
            load_instrument(path)


def test_the_schema_describes_every_key_and_is_strict() -> None:
    schema = yaml.safe_load((ROOT / "workflow/schemas/instrument.schema.yaml").read_text("utf-8"))
    objects = [schema, *schema["$defs"].values()]
    seen = 0
    while objects:
        node = objects.pop()
        for key, value in node.get("properties", {}).items():
            assert "description" in value, key
            objects.append(value)
            seen += 1
        if node.get("type") == "object":
            extra = node["additionalProperties"]
            assert extra is False if "properties" in node else isinstance(extra, dict)
            objects.extend([extra] if isinstance(extra, dict) else [])
    assert seen > 40
