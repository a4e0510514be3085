"""A flag that says which row is the baseline, where the name of the visit does not."""

from copy import deepcopy

from small_study import CONFIG, clean_small, write_files

ROWS = """id,when,flag,day,level
P1,screening,,2021-01-20,3
P1,visit 1,Y,2021-02-01,4
P1,end,,2021-08-01,9
P2,screening,Y,2021-03-01,0
P2,visit 1,,2021-03-03,1
P2,end,,2021-09-01,5
"""


def test_a_mark_of_the_visit_makes_the_flagged_row_the_baseline(tmp_path):
    write_files(tmp_path)
    (tmp_path / "walks.csv").write_text(ROWS, "utf-8")
    exports = deepcopy(CONFIG["exports"])
    walks = exports["walks"]
    walks["ignored"] = []
    table = walks["tables"]["wisci2"]
    del table["columns"]["visit"]
    table["patterns"] = [
        {
            "raw": "when",
            "column": "visit",
            "mark": {"raw": "flag", "values": {"Y": " (baseline)"}},
        }
    ]
    table["recode"] = {
        "visit": {
            "screening (baseline)": "before",
            "visit 1 (baseline)": "before",
            "end": "after",
        }
    }
    cleaned = clean_small(tmp_path, exports=exports)
    found = cleaned.tables["wisci2"][["subject_id", "visit", "wisci_level"]]
    assert found.to_numpy().tolist() == [
        ["P1", "before", "4"],
        ["P1", "after", "9"],
        ["P2", "before", "0"],
        ["P2", "after", "5"],
    ]
    # Rows of the same visits without the flag are set aside, each with a finding.
    aside = cleaned.quarantine.loc[cleaned.quarantine["file"] == "walks.csv", "row"]
    assert sorted(map(int, aside)) == [2, 6]
