"""A small seeded sample of ``make fuzz``: every reader gives a table or one line."""

import random

import pyreadstat
import pytest
from fuzzing import READERS, corrupted, seeds
from owncontrol.errors import InputError

pytestmark = pytest.mark.slow


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
    READERS[name](path)
    assert read


def test_the_sas_file_that_is_broken_is_a_whole_one(files, tmp_path):
    path = tmp_path / "x.sas7bdat"
    path.write_bytes(files["sas7bdat"][0])
    frame, about = pyreadstat.read_sas7bdat(str(path))
    assert list(frame["site"]) == ["é", "Sapporo", "z"]
    assert frame["dose"].tolist()[0::2] == [2.5, -1]
    assert about.number_rows == 3
