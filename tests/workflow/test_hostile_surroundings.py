"""Whole runs in hostile surroundings: the same bytes, or one line."""

import random

import pytest
from attacks import isolation, places, surroundings

# Commands in a project with a finished run, and what is planted in it: one of each.
OF_COMMANDS = [
    attack
    for group in (surroundings, places)
    for attack in random.Random(group.__name__).sample(
        [one for one in group.attacks() if not one.whole_run], 1
    )
]
WHOLE = {attack.name: attack for attack in isolation.attacks() if attack.whole_run}


@pytest.mark.parametrize(
    "name",
    [
        "packages, settings and modules from elsewhere in an odd folder, all at once",
        "64 open files, and no more allowed",
        "snakemake --dag leaves no trace",
        "Ctrl-C after 5 s",
    ],
)
def test_the_attack_is_held(name, tmp_path):
    assert WHOLE[name].attempt(tmp_path) == ""


@pytest.mark.parametrize("attack", OF_COMMANDS, ids=lambda attack: attack.name)
def test_a_command_holds_it(attack, tmp_path):
    assert attack.attempt(tmp_path) == ""
