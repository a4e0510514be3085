"""A sample of the attacks by text: each is held."""

import random

import pytest
from attacks.templates import attacks

QUICK = [attack for attack in attacks() if not attack.whole_run and "random" not in attack.name]


@pytest.mark.slow
@pytest.mark.parametrize("attack", random.Random(17).sample(QUICK, 25), ids=lambda a: a.name)
def test_an_attack_by_text_is_held(attack, tmp_path):
    assert attack.attempt(tmp_path) == ""
