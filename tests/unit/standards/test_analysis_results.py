"""The reporting event of a study: another reader finds the results table in it, and every id."""

import json

import pytest
from owncontrol.standards.analysis_results import (
    OPERATIONS,
    Event,
    reporting_event,
    write_reporting_event,
)

EVENT = Event(
    study="small",
    title="A study",
    description="SYNTHETIC data. A question?",
    declared=frozenset({"walking"}),
    post_hoc=frozenset({"lift"}),
    families={"walking": "primary", "lift": "other"},
)
COLUMNS = (
    *("estimate_id", "analysis", "population", "endpoint", "visit", "stratum", "statistic"),
    *("value", "lower", "upper", "level", "p", "p_adjusted", "method", "convention", "n", "events"),
    *("unit", "cell"),
)
LINES = """\
change.walking.after.hl,change,treated,walking,after,,hl,1,0,2,0.95,0.01,0.02,Walsh,,9,,grade,03.ipynb#a
change.lift.after.hl,change,treated,lift,after,,hl,,,,,,,Walsh,not estimable: none,0,,kg,03.ipynb#a
shift.walking.a.to_b,change,all,walking,after,A to B,moved,4.0,,,,,,count,,9,4,subjects,03.ipynb#b
shift.walking.b.to_c,change,all,walking,after,B to C,moved,1.0,,,,,,count,,9,1,subjects,03.ipynb#b
patients.registered,patients,,,,,registered,9.0,,,,,,count,,9,,subjects,
"""
ROWS = [dict(zip(COLUMNS, line.split(","), strict=True)) for line in LINES.splitlines()]
PRINTED = {
    name: [f"~{row[name]}" if row[name] else "" for row in ROWS]
    for name in ("value", "lower", "upper", "p", "p_adjusted")
}


@pytest.fixture(scope="module")
def event(tmp_path_factory):
    path = tmp_path_factory.mktemp("ars") / "ars.json"
    write_reporting_event(path, reporting_event(EVENT, ROWS, PRINTED))
    return json.loads(path.read_text("utf-8"))


def by_id(event, kind):
    found = {entity["id"]: entity for entity in event[kind]}
    assert len(found) == len(event[kind])
    return found


def test_the_results_are_read_back_as_they_stand_in_the_table(event):
    sets, read = by_id(event, "analysisSets"), {}
    for analysis in event["analyses"]:
        groups = {}
        for result in analysis["results"]:
            [group] = result["resultGroups"]
            column = result["operationId"].rpartition(".")[2]
            groups.setdefault(group["groupValue"], {})[column] = result["rawValue"]
        for stratum, found in groups.items():
            population = (
                sets[analysis["analysisSetId"]]["name"] if "analysisSetId" in analysis else ""
            )
            read[found.pop("estimate_id")] = (stratum, population, found)
    assert read == {
        row["estimate_id"]: (
            row["stratum"] or "all",
            row["population"],
            {name: row[name] for name in OPERATIONS if row[name] and name != "estimate_id"},
        )
        for row in ROWS
    }


def test_numbers_are_shown_as_the_report_prints_them(event):
    results = event["analyses"][0]["results"]
    shown = {item["operationId"].split(".")[-1]: item["formattedValue"] for item in results}
    assert (shown["value"], shown["p"], shown["n"]) == ("~1", "~0.01", "9")


def test_every_id_that_is_named_is_there(event):
    methods, analyses = by_id(event, "methods"), by_id(event, "analyses")
    outputs, documents = by_id(event, "outputs"), by_id(event, "referenceDocuments")
    terms = {
        term["id"]
        for extension in event["terminologyExtensions"]
        for term in extension["sponsorTerms"]
    }
    for analysis in analyses.values():
        operations = {item["id"] for item in methods[analysis["methodId"]]["operations"]}
        assert {item["operationId"] for item in analysis["results"]} <= operations
        assert analysis["reason"].get("sponsorTermId") in {None, *terms}
        program = analysis.get("programmingCode")
        assert not program or program["documentRef"]["referenceDocumentId"] in documents
    listed = event["mainListOfContents"]["contentsList"]["listItems"]
    assert [item["outputId"] for item in listed] == list(outputs)
    below = [item["analysisId"] for part in listed for item in part["sublist"]["listItems"]]
    assert sorted(below) == sorted(analyses)


@pytest.mark.parametrize(
    ("place", "reason", "purpose"),
    [
        (0, {"controlledTerm": "SPECIFIED IN SAP"}, "PRIMARY OUTCOME MEASURE"),
        (1, {"controlledTerm": "DATA DRIVEN"}, "EXPLORATORY OUTCOME MEASURE"),
        (-1, {"sponsorTermId": "TERM.not_in_plan"}, "EXPLORATORY OUTCOME MEASURE"),
    ],
)
def test_an_analysis_says_whether_a_plan_named_it(event, place, reason, purpose):
    analysis = event["analyses"][place]
    assert analysis["reason"] == reason
    assert analysis["purpose"] == {"controlledTerm": purpose}
