"""A small seeded sample of ``make attack``, and what the lists of attacks must be like."""

import random
import time

import attack
import pytest
from attacks import Attack, nothing

pytestmark = pytest.mark.slow

GROUPS = attack.groups()
SAMPLE = 4


@pytest.mark.parametrize("group", GROUPS)
def test_a_list_of_attacks_has_some_and_each_has_a_name_of_its_own(group):
    names = [one.name for one in GROUPS[group]]
    assert names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("group", GROUPS)
def test_a_sample_of_attacks_is_held(group):
    # Those that need a finished run are tried in tests/workflow.
    quick = [one for one in GROUPS[group] if not one.whole_run and one.needs is nothing]
    chosen = random.Random(group).sample(quick, min(SAMPLE, len(quick)))
    assert {one.name: said for one in chosen if (said := attack.tried(one, 120))} == {}


def test_an_attack_that_fails_hangs_or_dies_is_not_held(tmp_path):
    def dies(folder):
        import os

        os._exit(3)

    def starts_another(folder):
        import subprocess
        import sys

        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        time.sleep(60)
        return ""

    assert attack.tried(Attack("held", lambda folder: ""), 60) == ""
    assert attack.tried(Attack("not", lambda folder: "a\nb"), 60) == "a b"
    assert "ZeroDivisionError" in attack.tried(Attack("raises", lambda folder: 1 / 0), 60)
    assert attack.tried(Attack("hangs", starts_another), 1) == "not ended after 1 s"
    assert "ended with 3" in attack.tried(Attack("dies", dies), 60)
    assert attack.tried(Attack("empty", lambda folder: str(list(folder.iterdir()))), 60) == "[]"
