"""Whole runs in hostile surroundings: the same bytes, or one line."""

import pytest
from attacks import isolation

WHOLE = {attack.name: attack for attack in isolation.attacks() if attack.whole_run}


@pytest.mark.parametrize(
    "name",
    [
        "packages, start-up files and settings from elsewhere, all at once",
        "modules and settings in the working folder",
        "folder: a b'c $d {e}",
        "64 open files, and no more allowed",
        "looks leave no trace",
        "Ctrl-C after 5 s",
    ],
)
def test_the_attack_is_held(name, tmp_path):
    assert WHOLE[name].attempt(tmp_path) == ""
