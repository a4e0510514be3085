"""Tables, exports and endpoints of which nothing is left: the run stops, or says "not known"."""

import copy
import re

import numpy as np
import pandas as pd
import pytest
from owncontrol.cleaning.complete_pairs import check_pairs, primary_endpoints
from owncontrol.errors import InputError
from owncontrol.findings.cleaning_rules import NotPermitted
from owncontrol.findings.finding import Finding, findings_table
from owncontrol.study.loading import study_from
from owncontrol.study.parts import ScoredEndpoint
from owncontrol.tables import conform
from small_study import CONFIG, FILES, clean_small, write_files

HEADER = FILES["events.csv"].split("\n")[0] + "\n"
STRANGERS = (
    HEADER + "P8,Cystitis,Infections,2,N,unrelated,2021-03-01,\nP9,Fever,,1,N,,2021-03-03,\n"
)


def with_events(folder, text):
    write_files(folder)
    (folder / "events.csv").write_text(text, "utf-8")


def settings(**changes):
    """The small study's exports, the table of events changed."""
    exports = copy.deepcopy(CONFIG["exports"])
    exports["events"]["tables"]["adverse_events"] |= changes
    return {"exports": exports}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            STRANGERS,
            r"events\.csv: all 2 rows of the table adverse_events are set aside; most often by "
            r"the rule unknown_subject \(2 times\), as in events\.csv, row 2, column id \(",
        ),
        (HEADER, r"events\.csv: no row of the table adverse_events: .* no row below its header"),
        (
            HEADER + "P1,,,,,,,\nP2,,,,,,,\n",
            r"events\.csv: no row belongs to the table adverse_events; none of its \d rows has "
            "content",
        ),
        (
            HEADER + "P1,a\nP2,b\nP2,c,d\n",
            r"no row belongs to the table adverse_events; most often because of: row does "
            r"not fit the header \(3 times\)",
        ),
    ],
)
def test_events_of_which_none_is_kept_stop_the_run_with_one_line(tmp_path, text, message):
    with_events(tmp_path, text)
    with pytest.raises(InputError, match=message) as caught:
        clean_small(tmp_path)
    assert "\n" not in caught.value.message
    assert "add 'adverse_events' to may_be_empty" in caught.value.hint
    cleaned = clean_small(tmp_path, may_be_empty=["adverse_events"])
    assert cleaned.tables["adverse_events"].empty
    assert "adverse_events" in set(cleaned.flow["table"])


def test_a_condition_that_no_row_meets_is_named_with_what_stands_there(tmp_path):
    write_files(tmp_path)
    with pytest.raises(InputError) as caught:
        clean_small(tmp_path, **settings(rows={"class": "adverse_event"}))
    assert (
        "none of its 2 rows has 'adverse_event' in column class, as 'rows' asks; most often it "
        "holds 'Infections', as in row 2" in caught.value.message
    )


def test_a_subject_that_takes_all_rows_with_it_is_the_reason(tmp_path):
    with_events(tmp_path, HEADER + "P1,Cystitis,Infections,2,N,unrelated,2021-03-01,\n")
    text = FILES["people.csv"].replace("2021-01-01", "once")
    (tmp_path / "people.csv").write_text(text, "utf-8")
    with pytest.raises(InputError, match="the only row of the table adverse_events is set aside"):
        clean_small(tmp_path)


@pytest.mark.parametrize(
    ("file", "text", "table"),
    [
        ("walks.csv", FILES["walks.csv"].replace("P", "Q"), "wisci2"),
        ("cells.csv", FILES["cells.csv"].replace("P", "Q"), "treatments"),
        ("walks.csv", "id,when,day,level,note\n", "wisci2"),
    ],
)
def test_every_table_is_looked_at(tmp_path, file, text, table):
    write_files(tmp_path)
    (tmp_path / file).write_text(text, "utf-8")
    with pytest.raises(InputError, match=f"table {table}") as caught:
        clean_small(tmp_path)
    assert ("may_be_empty" in caught.value.hint) == (table != "treatments")


def test_an_export_that_lost_every_row_stops_the_run_beside_one_that_did_not(tmp_path):
    write_files(tmp_path)
    exports = copy.deepcopy(CONFIG["exports"])
    exports["more"] = {**exports["events"], "file": "more.csv"}
    (tmp_path / "more.csv").write_text(STRANGERS, "utf-8")
    with pytest.raises(InputError, match=r"more\.csv: all 2 rows are set aside, so it adds noth"):
        clean_small(tmp_path, exports=exports)
    cleaned = clean_small(tmp_path, exports=exports, may_be_empty=["adverse_events"])
    assert len(cleaned.tables["adverse_events"]) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("treatments", "without treatments there is nothing to report"),
        ("adverse_event", "neither a table of the study nor an endpoint"),
    ],
)
def test_only_what_may_be_empty_can_be_named(name, message):
    with pytest.raises(InputError, match=message):
        study_from({**CONFIG, "may_be_empty": [name]}, "config.yaml")
    study_from({**CONFIG, "may_be_empty": ["adverse_events", "wisci"]}, "config.yaml")


def test_events_know_no_last_row_before_treatment():
    changed = settings(duplicates="last_before_treatment")
    with pytest.raises(InputError, match="last_before_treatment is for assessments"):
        study_from({**CONFIG, **changed}, "config.yaml")


ENDPOINT = ScoredEndpoint(
    name="wisci",
    instrument="wisci2",
    scale="level",
    family="primary",
    baseline="before",
    time_point="after",
)


def scores(*rows):
    columns = ["subject_id", "visit", "value"]
    frame = pd.DataFrame(rows, columns=columns).assign(instrument="wisci2", scale="level")
    return conform(frame, "scores")


@pytest.mark.parametrize(
    "rows",
    [
        [("P1", "before", 3.0), ("P2", "after", 9.0)],
        [("P1", "before", 3.0), ("P1", "after", np.nan)],
        [("P9", "before", 3.0), ("P9", "after", 9.0)],
        [],
    ],
)
def test_a_primary_endpoint_without_a_pair_stops_the_run(rows):
    aside = Finding(NotPermitted(reason="x"), "walks.csv", 3, "level", "99")
    findings = findings_table([aside])
    with pytest.raises(InputError) as caught:
        check_pairs([ENDPOINT], scores(*rows), ["P1", "P2"], findings)
    assert re.match(
        r"endpoints\.wisci: no treated subject has a value of wisci2\.level both at before .* "
        r"by the rule not_permitted \(once\), as in walks\.csv, row 3, column level \(x\)",
        caught.value.message,
    )
    assert "add 'wisci' to may_be_empty" in caught.value.hint


def test_a_pair_or_a_word_of_the_configuration_is_enough():
    pair = scores(("P1", "before", 3.0), ("P1", "after", 9.0))
    check_pairs([ENDPOINT], pair, ["P1"], findings_table([]))
    other = ENDPOINT.model_copy(
        update={"name": "other", "family": "function", "instrument": "scim3"}
    )
    assert primary_endpoints([ENDPOINT, other], []) == [ENDPOINT]
    assert primary_endpoints([other, ENDPOINT], []) == [other, ENDPOINT]
    assert primary_endpoints([ENDPOINT, other], ["wisci"]) == []
    assert primary_endpoints([ENDPOINT, other], ["wisci2"]) == []
