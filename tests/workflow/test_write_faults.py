"""A small sample of `make write-faults`: a write of a run fails, and the next run makes it good."""

import pytest
import write_faults

# In a step, and in what Snakemake itself writes.
FAULTS = (("torn", 1000), ("ENOSPC", 1900))


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    place = tmp_path_factory.mktemp("faults")
    library = write_faults.failing_writes(place)
    if not library:
        pytest.skip("no C compiler, or no Linux")
    return write_faults.Campaign(place, library)


def test_a_write_that_fails_is_one_line_and_the_next_run_ends_with_the_same_bytes(campaign):
    for kind, number in FAULTS:  # in one test: the undisturbed run is made once
        outcome = campaign.attempt(kind, number)
        assert outcome.place, (kind, number)
        assert outcome.faults == [], (kind, number, outcome.said[-3000:])
