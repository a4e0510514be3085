"""Each move of a biased investigator leaves its sentence on the first page."""

import re

import pytest
from owncontrol.analysis.plan_disclosures import RawChange
from plan_study import CONFIG, ROOT, Raw, changed, config, first_page, freeze_plan

OTHER_SOURCE = "EMSCI 2011 (CICADA-1 comparator)"


@pytest.fixture
def frozen(tmp_path):
    """A folder in which the plan of the study was frozen before any patient was seen."""
    freeze_plan(tmp_path)
    return tmp_path


def test_a_study_that_keeps_its_plan_says_when_it_was_frozen_and_nothing_else(frozen):
    page = first_page(frozen)
    [version] = page.facts.versions
    assert page.text == (
        "Plan frozen on 2020-06-01 by J. Doe, before the first follow-up. The hash of the plan "
        f"begins with {version.sha256[:12]}: compare it with the one that was deposited when it "
        "was frozen. Nothing departs from the "
        "frozen plan. MANIFEST.history records no change of a raw file since it was listed. Every "
        "set of raw files analysed here is counted in provenance/history-looks.txt."
    )
    assert page.facts.post_hoc == ()


def moved(key, value):
    return lambda folder: first_page(folder, changed(key, value)).text


def excluding_two(folder):
    two = [{"subject": "P-02", "why": "withdrew"}, "P-05"]
    return first_page(folder, config(excluded=two)).text


def deleting_two(folder):
    return first_page(folder, raw=Raw(left_out=("P-02", "P-05"))).text


def correcting_a_cell(folder):
    cell = ("exams.csv", "id=P-01;visit=day_180", "ais", "B", "C", "a slip", "me", "2022-01-01")
    return first_page(folder, raw=Raw(corrections=(cell,))).text


def losing_two(folder):
    missed = tuple((code, "day_180") for code in ("P-03", "P-07"))
    return first_page(folder, raw=Raw(missed=missed)).text


def own_table_of_rates(folder):
    table = (ROOT / "data/reference/natural_recovery.csv").read_text("utf-8")
    (folder / "mine.csv").write_text(table.replace("19.3", "9.3"), "utf-8")
    values = changed("natural_recovery.table", "mine.csv")
    return first_page(folder, values).text


MOVES = {
    "lower benchmark source": (
        moved("natural_recovery.benchmark", OTHER_SOURCE),
        f"The main published rate is that of {OTHER_SOURCE}; the frozen plan has that of "
        "Khorasanizadeh 2019 (meta).",
    ),
    "level 0.80": (
        moved("level", 0.8),
        "The level of confidence is 80 %; the frozen plan has 95 %.",
    ),
    "excluding two": (
        excluding_two,
        "2 patients are excluded that the frozen plan does not exclude: P-02 (withdrew), P-05 (no "
        "reason given).",
    ),
    "deleting two": (
        deleting_two,
        "Numbers are left out in people.csv, id: codes run from P-01 to P-08, without P-02, P-05.",
    ),
    "one corrected cell": (
        correcting_a_cell,
        "1 corrected cell touches the primary endpoint, AIS grade: P-01, Day 180: ais (exams.csv "
        "row 4).",
    ),
    "plan dated late": (
        moved("plan.date", "2022-01-01"),
        "The plan of the configuration is dated 2022-01-01, after the first follow-up: every "
        "result is post hoc.",
    ),
    "fewer endpoints": (
        moved("endpoints.1", None),
        "The endpoint Upper extremity motor score of the frozen plan is not analysed.",
    ),
    "benchmark removed": (
        moved("natural_recovery", None),
        "The change is not compared with published rates; the frozen plan has that comparison.",
    ),
    "own table of rates": (
        own_table_of_rates,
        "The table of published rates is not the one of the frozen plan.",
    ),
    "baseline moved": (
        moved("baseline", "day_90"),
        "Changes are counted from Day 90; the frozen plan counts them from Baseline.",
    ),
    "claim reworded": (
        moved("claims.0.claim", "Some patients improve."),
        "Claim C1 reads “Some patients improve.”; in the frozen plan it reads “Patients improve "
        "more than expected.”.",
    ),
    "two lost": (
        losing_two,
        "2 of 8 patients with AIS grade at Baseline have none at Day 180: P-03 (last seen at Day "
        "90), P-07 (last seen at Day 90).",
    ),
    "windows widened": (
        moved("visits.2.window", [120, 300]),
        "The window of Day 180 is day 120 to day 300; the frozen plan has day 166 to day 194.",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(MOVES))
def test_each_move_leaves_its_sentence_on_the_first_page(frozen, name):
    move, sentence = MOVES[name]
    assert sentence in move(frozen)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(MOVES))
def test_a_move_in_the_configuration_is_counted_and_listed(frozen, name):
    text = MOVES[name][0](frozen)
    if name in ("deleting two", "one corrected cell", "two lost"):
        assert "Nothing departs from the frozen plan." in text
        return
    count = int(re.search(r"departs from the frozen plan in (\d+) point", text)[1])
    table = text.partition("Departures from the frozen plan")[2]
    assert count >= 1
    assert table
    assert "Nothing departs" not in text


@pytest.mark.slow
def test_the_same_moves_are_told_without_any_lock_where_data_or_usage_show_them(tmp_path):
    for name in ("deleting two", "one corrected cell", "plan dated late", "two lost"):
        move, sentence = MOVES[name]
        text = move(tmp_path)
        assert sentence in text
        assert text.startswith("The plan was not frozen: endpoints, windows, benchmark and claims")
    assert "2 patients are excluded: P-02 (withdrew), P-05 (no reason given)." in excluding_two(
        tmp_path
    )
    level = moved("level", 0.8)(tmp_path)
    assert "The level of confidence is 80 %, not the usual 95 %." in level
    without = moved("natural_recovery", None)(tmp_path)
    assert "No published rates are configured" in without
    rates = own_table_of_rates(tmp_path)
    assert (
        "The table of published rates (mine.csv) is not one that comes with the project." in rates
    )
    fewer = moved("endpoints.1", None)(tmp_path)
    assert (
        "Of 3 scores recorded at both visits, 2 are analysed; not analysed: ISNCSCI: Upper "
        "extremity motor score (UEMS)."
    ) in fewer


def test_a_patient_whose_baseline_exam_is_not_there_is_named(frozen):
    raw = Raw(missed=(("P-03", "baseline"), ("P-04", "day_180")))
    text = first_page(frozen, raw=raw).text
    assert "1 of 8 treated patients has no AIS grade at Baseline: P-03." in text
    assert "1 of 7 patients with AIS grade at Baseline has none at Day 180: P-04 (last" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("exports.exams.tables.isncsci.columns.recorded_asia_impairment_scale", "uems"),
        ("exports.exams.missing", ["A"]),
        ("exports.exams.tables.isncsci.recode", {"recorded_asia_impairment_scale": {"A": "B"}}),
    ],
)
def test_another_way_to_read_the_raw_values_is_told_once(frozen, key, value):
    page = first_page(frozen, changed(key, value))
    assert page.text.count("The reading of raw values, ") == 1


def test_codes_that_no_pattern_takes_any_more_are_told(frozen):
    page = first_page(frozen, changed("subject_id.pattern", "P-0[1-7]"))
    assert (
        "Populations, subject id, pattern: P-0[1-7]; the frozen plan has P-[0-9]{2}." in page.text
    )


def test_a_plan_that_was_not_frozen_names_what_the_study_has(tmp_path):
    values = config(natural_recovery=None, claims=None)
    text = first_page(tmp_path, values).text
    assert "not frozen: endpoints and windows may have been chosen" in text


def test_a_what_if_is_compared_with_no_plan(frozen):
    text = first_page(frozen, config(study="what-if/moved_level-0-8", level=0.8)).text
    assert text.startswith(
        "This run is a variation of a study; it is not compared with a frozen plan."
    )
    assert "was not frozen" not in text


def test_a_stable_natural_course_needs_no_benchmark(tmp_path):
    values = config(natural_recovery=None, design={"natural_course": "stable"})
    assert "natural course" not in first_page(tmp_path, values).text


def test_a_plan_that_is_frozen_late_makes_everything_post_hoc(tmp_path):
    freeze_plan(tmp_path, when="2022-05-05T10:00:00+00:00")
    page = first_page(tmp_path)
    assert (
        "Plan frozen on 2022-05-05 by J. Doe, after the first follow-up: every result is post hoc."
    ) in page.text
    assert page.facts.post_hoc == ("ais", "uems", "touch", "main")


def test_an_amendment_after_the_first_follow_up_hides_no_departure(frozen):
    values = changed("level", 0.8)
    freeze_plan(frozen, values, when="2022-05-05T10:00:00+00:00")
    text = first_page(frozen, values).text
    assert "Amended on 2022-05-05 by J. Doe, after the first follow-up: more patients." in text
    assert "This run is compared with the version of 2020-06-01." in text
    assert "The level of confidence is 80 %; the frozen plan has 95 %." in text


@pytest.mark.slow
def test_an_amendment_before_the_first_follow_up_is_the_plan(frozen):
    values = changed("level", 0.9)
    freeze_plan(frozen, values, when="2020-12-01T10:00:00+00:00")
    text = first_page(frozen, values).text
    assert "Amended on 2020-12-01 by J. Doe, before the first follow-up: more patients." in text
    assert "Nothing departs from the frozen plan." in text


def test_an_endpoint_that_the_frozen_plan_does_not_name_is_post_hoc(tmp_path):
    freeze_plan(tmp_path, changed("plan.endpoints", ["ais", "main"]))
    assert first_page(tmp_path).facts.post_hoc == ("uems", "touch")


def test_more_departures_of_an_area_than_three_are_counted_with_reference_to_the_table(frozen):
    values = config(level=0.8)
    for endpoint in values["endpoints"]:
        endpoint |= {"label": endpoint["label"] + " (new)", "family": "other"}
    for visit in values["visits"]:
        visit["window"] = [visit["day"] - 30, visit["day"] + 30]
    text = first_page(frozen, values).text
    page_one, _, table = text.partition("Departures from the frozen plan")
    assert "departs from the frozen plan in 10 points (Table 1)." in page_one
    assert "On endpoints there are 6 departures in all." in page_one
    assert "Further departures: Table 1." in page_one
    assert page_one.count("the frozen plan has") == 7
    assert table.count("(new)") == 3


def test_changed_raw_files_are_named_with_the_reason(frozen):
    changes = (RawChange("exams.csv", "2022-02-02", "a new export"),)
    text = first_page(frozen, raw_changes=changes).text
    assert (
        "Listed raw files were changed: exams.csv on 2022-02-02 (a new export). These data are at "
        "least cut 2 of the study."
    ) in text


@pytest.mark.slow
def test_no_calendar_date_of_a_patient_is_on_the_page(frozen):
    dates = set(re.findall(r"\d{4}-\d{2}-\d{2}", losing_two(frozen) + correcting_a_cell(frozen)))
    assert dates == {"2020-06-01"}


def test_the_block_is_on_the_first_page_of_the_report():
    content = (ROOT / "workflow/report/content.j2").read_text("utf-8")
    summary = content[content.index('heading("Summary")') : content.index('heading("Methods")')]
    assert '{% include "plan.j2" %}' in summary
    assert '{% include "plan_table.j2" %}' in content


def test_the_study_of_these_tests_is_complete():
    assert {item["name"] for item in CONFIG["endpoints"]} < set(CONFIG["plan"]["endpoints"])
