"""Runs without a speed-up: slower, with the same bytes. All of them: make without-speed."""

import random

import pytest
import without_speed

# A different part would be no better; the last two are runs without any speed-up.
CASES = list(without_speed.cases())
SAMPLE = [*random.Random(1).sample(CASES[:-2], 2), CASES[-1]]


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return without_speed.usual(tmp_path_factory.mktemp("usual"))


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.what)
def test_the_run_makes_the_same_bytes(case, usual, tmp_path):
    assert without_speed.attempt(case, tmp_path, usual) == ""
