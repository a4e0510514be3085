"""All published and independently computed reference values, within their tolerance."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from reference_adapter import compute

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "statistics.json"


def read_entries() -> list[dict[str, Any]]:
    if not REFERENCE.exists():
        return []
    return json.loads(REFERENCE.read_text(encoding="utf-8"))["entries"]


def assert_agrees(value: Any, expected: Any, tolerance: float) -> None:
    if isinstance(expected, dict):
        assert value.keys() == expected.keys()
        for key in expected:
            assert_agrees(value[key], expected[key], tolerance)
    elif isinstance(expected, list):
        assert len(value) == len(expected)
        for one, other in zip(value, expected, strict=True):
            assert_agrees(one, other, tolerance)
    elif expected is None:
        assert value is None
    else:
        assert math.isclose(value, expected, rel_tol=tolerance, abs_tol=1e-15)


@pytest.mark.skipif(not REFERENCE.exists(), reason=f"{REFERENCE} is not on this machine")
def test_reference_file_is_read() -> None:
    assert len(read_entries()) == 202


@pytest.mark.parametrize("entry", read_entries(), ids=lambda entry: entry["id"])
def test_reference_value(entry: dict[str, Any]) -> None:
    given = {key: value for key, value in entry.items() if key != "expected"}
    assert_agrees(compute(given), entry["expected"], entry["tolerance"])
