"""A row that was merged is told apart from one that was set aside, by what cleaning wrote."""

from owncontrol.cleaning.merged_rows import is_merged
from small_study import clean_small, write_files

CYSTITIS = "P1,Cystitis,Infections,2,N,unrelated,2021-03-01,2021-03-08\n"


def test_what_cleaning_merges_is_read_back_as_merged(tmp_path):
    worse = CYSTITIS.replace(",2,N", ",3,N")
    unknown = CYSTITIS.replace("P1", "P7")
    write_files(tmp_path, events=(CYSTITIS, CYSTITIS + CYSTITIS + worse + unknown))
    cleaned = clean_small(tmp_path)
    flow = cleaned.flow.set_index(["file", "table"]).loc[("events.csv", "adverse_events")]
    reasons = cleaned.quarantine["reason"]
    assert (flow["merged"], flow["quarantined"]) == (2, 1)
    assert reasons.map(is_merged).sum() == 2 and len(reasons) == 3
    assert set(reasons) >= {"equal to an earlier row", "unknown subject"}


def test_other_reasons_are_none_of_merging():
    for reason in ("", "unknown subject", "another row of the event is kept (keep_first)"):
        assert not is_merged(reason)
