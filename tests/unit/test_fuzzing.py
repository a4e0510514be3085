"""A small seeded sample of ``make fuzz``: every reader gives a table or one line."""

import random

import pytest
from fuzzing import READERS, corrupted, seeds
from owncontrol.errors import InputError


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return seeds(tmp_path_factory.mktemp("seeds"))


@pytest.mark.parametrize("name", READERS)
def test_a_broken_file_is_read_or_refused_in_one_line(files, tmp_path, name):
    rng = random.Random(name)
    path = tmp_path / "x"
    read = 0
    for _ in range(25):
        path.write_bytes(corrupted(rng, files[name]))
        try:
            READERS[name](path)
            read += 1
        except InputError as error:
            assert "\n" not in error.message
            assert error.hint
    path.write_bytes(files[name][0])
    if name != "sas7bdat":  # of which there is only a beginning
        READERS[name](path)
        assert read
