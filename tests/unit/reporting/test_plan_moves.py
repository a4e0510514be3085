"""Further moves of a biased investigator: what each leaves on the first page."""

import copy
import datetime

import pytest
from owncontrol.analysis.plan_disclosures import (
    Disclosure,
    Kind,
    keyed_codes,
    other_references,
    raw_gone,
)
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.reporting.departure_sentences import told_by_area
from owncontrol.reporting.plan_facts import PlanFacts, Version
from owncontrol.reporting.plan_sentences import _choices, _not_comparable, status_sentences
from owncontrol.study.base import FrozenMapping
from owncontrol.study.design import PATIENTS
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.frozen_configuration import with_frozen_parts
from owncontrol.study.loading import study_from
from owncontrol.study.manifest import gone, read_manifest, record_files, recorded_changes
from owncontrol.study.plan_departures import departures
from owncontrol.study.plan_lock import read_lock
from owncontrol.study.plan_parts import frozen_parts
from owncontrol.study.plan_timing import Moment
from owncontrol.study.subjects import SubjectCode
from plan_study import CONFIG, DAYS, FIRST, ROOT, Raw, changed, config, first_page, freeze_plan

TABLE = "exports.exams.tables.isncsci"
NATURAL = "natural_recovery"
NAMED = {"name": "smoker", "label": "Smoker", "type": "category", "values": ["yes", "no"]}
AGED = {"name": "old", "label": "Age", "type": "boolean", "eligibility": True}

# By move: key, value, and the sentence.
BY_CONFIGURATION = {
    "another exam counts as follow-up": (
        f"{TABLE}.recode",
        {"visit": {"day_90": "day_180"}},
        "The reading of raw values, exams.isncsci.recode.visit, is day_90: day_180; the frozen "
        "plan has none.",
    ),
    "values swapped": (
        f"{TABLE}.recode",
        {"recorded_asia_impairment_scale": {"A": "B"}},
        "exams.isncsci.recode.recorded_asia_impairment_scale, is A: B",
    ),
    "not testable made a value": (
        f"{TABLE}.recode_items",
        {"NT": "0"},
        "exams.isncsci.recode_items.NT, is 0; the frozen plan has none.",
    ),
    "a bad score made missing": (
        "exports.exams.missing",
        ["A", "0"],
        "missing.exams, is A, 0; the frozen plan has none.",
    ),
    "an arm kept": (
        "exports.exams.keep",
        {"arm": "high"},
        "Populations, kept rows, exams: arm: high; the frozen plan has nothing.",
    ),
    "rows of one kind": (f"{TABLE}.rows", {"ais": ["B", "C"]}, "exams.isncsci.rows.ais, is B, C"),
    "rows that are no data": (
        "exports.exams.not_data",
        ["P-03"],
        "files.exams.not_data, is P-03; the frozen plan has none.",
    ),
    "a range for a score": (
        f"{TABLE}.permitted",
        {"recorded_upper_extremity_motor_score": {"values": ["12", "13"]}},
        "The cleaning rule exams.isncsci.permitted.recorded_upper_extremity_motor_score is values: "
        "12, 13; the frozen plan has none.",
    ),
    "the better of two exams": (
        f"{TABLE}.duplicates",
        "keep_last",
        "The cleaning rule exams.isncsci.duplicates is keep_last; the frozen plan has keep_none.",
    ),
    "dates read day first": ("exports.exams.dates", ["%Y-%d-%m"], "files.exams.dates, is %Y-%d-%m"),
    "another folder": ("raw", "data/raw/other", "raw, is data/raw/other; the frozen plan has"),
    "another column": (
        f"{TABLE}.columns.recorded_light_touch_total",
        "uems",
        "exams.isncsci.columns.recorded_light_touch_total, is uems; the frozen plan has touch.",
    ),
    "running numbers no longer counted": (
        "exports.exams.numbered",
        [{"column": "uems"}],
        "files.exams.numbered, is column: uems",
    ),
    "states of forms no longer looked at": (
        f"{TABLE}.form_state",
        "done",
        "The cleaning rule exams.isncsci.form_state is done; the frozen plan has none.",
    ),
    "another alpha": (
        f"{NATURAL}.primary",
        {"alpha": 0.1},
        "Comparison with published rates, primary, alpha: 0.1; the frozen plan has 0.025.",
    ),
    "grades of the verdict": (
        f"{NATURAL}.primary",
        {"grades": ["A"]},
        "Comparison with published rates, primary, grades: A; the frozen plan has none.",
    ),
    "another follow-up": (
        f"{NATURAL}.comparisons.0.follow_up",
        {"visit": "day_90"},
        "comparisons, main, follow up, visit: day_90; the frozen plan has day_180.",
    ),
    "the nearest exam": (
        f"{NATURAL}.comparisons.0.follow_up",
        {"clock": "treatment", "day": 150, "within": 80},
        "comparisons, main, follow up, within: 80; the frozen plan has nothing.",
    ),
    "less to gain": (
        f"{NATURAL}.comparisons.0.gain",
        {"B": 0},
        "comparisons, main, gain, B: 0; the frozen plan has nothing.",
    ),
    "a lower rate for one grade": (
        f"{NATURAL}.comparisons.0.benchmark",
        {"A": "Kirshblum 2016 (SCIMS)"},
        "comparisons, main, benchmark, A: Kirshblum 2016 (SCIMS); the frozen plan has nothing.",
    ),
    "other sources eligible": (
        f"{NATURAL}.eligible",
        {"exam_by": 400},
        "Comparison with published rates, eligible, exam by: 400; the frozen plan has 30.",
    ),
    "a narrower meta-analysis": (
        f"{NATURAL}.eligible",
        {"tau2": "PM"},
        "Comparison with published rates, eligible, tau2: PM; the frozen plan has DL.",
    ),
    "misrating that flatters": (
        f"{NATURAL}.misrated",
        {"too_low": {"B": 0.2}},
        "misrated, too low, B: 0.2; the frozen plan has nothing.",
    ),
    "another endpoint compared": (
        f"{NATURAL}.endpoint",
        "uems",
        "Comparison with published rates, endpoint: uems; the frozen plan has ais.",
    ),
    "a criterion lowered": (
        "claims.0.conditions.0.below",
        0.5,
        "Claims, C1, conditions, natural recovery, main, a, benchmark, below: 0.5; the frozen plan "
        "has 0.05.",
    ),
    "a criterion on another number": (
        "claims.0.conditions.0.field",
        "value",
        "benchmark, field: value; the frozen plan has p.",
    ),
    "endpoints turned round": (
        "endpoints",
        CONFIG["endpoints"][::-1],
        "The primary endpoint is Light touch; in the frozen plan it is AIS grade.",
    ),
    "an earlier time point": (
        "endpoints.0.time_point",
        "day_90",
        "Endpoints, AIS grade, time point: day_90; the frozen plan has nothing.",
    ),
    "a family that is not corrected": (
        "endpoints.1.family",
        "alone",
        "Endpoints, Upper extremity motor score, family: alone; the frozen plan has motor.",
    ),
    "a lower important difference": (
        "endpoints.1.important_difference",
        {"threshold": 1, "source": "ours"},
        "The important difference of Upper extremity motor score is threshold: 1; source: ours; "
        "the frozen plan has none.",
    ),
    "another population": (
        "estimand_defaults",
        {"population": "in_window"},
        "Estimands, population: in_window; the frozen plan has treated.",
    ),
    "a death left out": (
        "estimand_defaults",
        {"intercurrent_events": [
            {"event": "death", "strategy": "hypothetical", "handling": "left out"}
        ]},
        "Estimands, intercurrent events, death: event: death; strategy: hypothetical",
    ),
    "an entry criterion": (
        "characteristics",
        [AGED],
        "Populations, entry criteria, old: Age; the frozen plan has nothing.",
    ),
    "groups that are described": (
        "characteristics",
        [NAMED],
        "Populations, described, smoker: Smoker; the frozen plan has nothing.",
    ),
    "blinding declared afterwards": (
        "design",
        {"blinded": {"assessors": True}},
        "Design, design, blinded, assessors: yes; the frozen plan has nothing.",
    ),
    "a course said to be stable": (
        "design",
        {"natural_course": "stable"},
        "natural course: stable; the frozen plan has nothing.",
    ),
    "other choices in the sensitivity analysis": (
        "sensitivity",
        {"endpoints": ["ais"]},
        "Sensitivity, endpoints: ais; the frozen plan has none.",
    ),
    "days counted otherwise": ("clock", "nominal", "Clock: nominal; the frozen plan has tre"),
    "a period without the bad ones": (
        "period",
        ["2021-01-01", "2021-12-01"],
        "The cleaning rule period is 2021-01-01, 2021-12-01; the frozen plan has none.",
    ),
    "other weeks": (
        "improved_by_weeks",
        [30],
        "Responders, improved by weeks: 30; the frozen plan has 1, 2, 4, 8.",
    ),
    "nobody with a value is no fault": (
        "may_be_empty",
        ["ais"],
        "The cleaning rule may_be_empty is ais; the frozen plan has none.",
    ),
    "another question": (
        "question",
        "Does it get better?",
        "The question of the report reads “Does it get better?”; in the frozen plan it reads “Does "
        "it change?”.",
    ),
    "a caution taken out": (
        "caution",
        "Beware.",
        "The caution of the report reads “Beware.”; in the frozen plan it is left out.",
    ),
    "made-up data that say so no longer": (
        "synthetic",
        False,
        "Design, synthetic: no; the frozen plan has yes.",
    ),
}  # fmt: skip


def parts(values, folder=ROOT):
    study = study_from(copy.deepcopy(values), "test")
    return frozen_parts(study, folder), analysis_settings(study)


def sentences(values, plan=None):
    """What the first page says of the departures of a configuration from its frozen plan."""
    now, settings = parts(values)
    by_area = told_by_area(departures(plan or parts(CONFIG)[0], now), settings)
    return [sentence for _, told in by_area for sentence in told]


@pytest.mark.parametrize("name", list(BY_CONFIGURATION))
def test_a_move_in_the_configuration_has_a_sentence_that_names_it(name):
    key, value, sentence = BY_CONFIGURATION[name]
    told = sentences(changed(key, value))
    assert [text for text in told if sentence in text], told


@pytest.mark.slow
@pytest.mark.parametrize("name", list(BY_CONFIGURATION))
def test_the_frozen_parts_put_back_leave_no_departure(name):
    """Whether the move adds something to the plan or takes it away."""
    key, value, _ = BY_CONFIGURATION[name]
    for before, after in ((CONFIG, changed(key, value)), (changed(key, value), CONFIG)):
        plan, now = parts(before)[0], study_from(copy.deepcopy(after), "test")
        values = with_frozen_parts(now, plan, frozen_parts(now, ROOT))
        made = frozen_parts(study_from(values, "test"), ROOT)
        assert [item.key for item in departures(plan, made)] == (["raw"] if key == "raw" else [])


def test_what_subjects_are_called_is_a_matter_of_words():
    assert sentences(config(design={"subjects": {"one": "rat", "many": "rats"}})) == []
    assert sentences(config(design={"placebo": True})) != []


def test_other_order_of_the_files_is_told():
    turned = config(exports=dict(reversed(CONFIG["exports"].items())))
    assert sentences(turned) == [
        "The reading of raw values, read_order, is exams, people; the frozen plan has people, "
        "exams."
    ]


def test_an_export_of_another_name_keeps_what_no_plan_holds():
    """Without the columns that it may read the run by the plan would stop."""
    renamed = changed("exports.exams.ignored", ["note"])
    renamed["exports"]["visits"] = renamed["exports"].pop("exams")
    several = [NAMED, NAMED | {"name": "other"}, AGED, AGED | {"name": "well"}]
    renamed["characteristics"] = several[::-1]
    now, plan = study_from(renamed, "test"), parts(config(characteristics=several))[0]
    values = with_frozen_parts(now, plan, frozen_parts(now, ROOT))
    assert values["exports"]["exams"]["ignored"] == ["note"]
    assert list(values["exports"]) == ["people", "exams"]
    assert departures(plan, frozen_parts(study_from(values, "test"), ROOT)) == ()


def test_many_small_departures_hide_no_large_one(tmp_path):
    freeze_plan(tmp_path)
    values = changed("natural_recovery.primary", {"alpha": 0.1})
    for item in (
        *values["visits"],
        *values["endpoints"],
        *values["natural_recovery"]["comparisons"],
    ):
        item["label"] += " (new)"
    values["natural_recovery"] |= {"exam_days": [3], "function": "uems", "motor": "touch"}
    page_one = first_page(tmp_path, values).text.partition("Departures from")[0]
    assert "primary, alpha: 0.1; the frozen plan has 0.025." in page_one
    assert "On endpoints there are" not in page_one
    assert page_one.index("alpha: 0.1") < page_one.index("(new)")


@pytest.fixture
def frozen(tmp_path):
    """A folder in which the plan of the study was frozen before any patient was seen."""
    freeze_plan(tmp_path)
    return tmp_path


def test_a_corrected_date_of_treatment_is_told(frozen):
    earlier = str(FIRST - datetime.timedelta(days=20))
    cell = ("people.csv", "id=P-01", "given", str(FIRST), earlier, "a slip", "me", "2022-01-01")
    text = first_page(frozen, raw=Raw(corrections=(cell,))).text
    assert (
        "1 corrected cell concerns patients or treatments: P-01, given (people.csv row 2)."
    ) in text


def test_a_corrected_cell_of_another_score_is_told(frozen):
    cell = ("exams.csv", "id=P-02;visit=day_90", "touch", "1", "9", "x", "me", "2022-01-01")
    text = first_page(frozen, raw=Raw(corrections=(cell,))).text
    assert "1 other cell was corrected: P-02, Day 90: touch (exams.csv row 6)." in text


def test_more_than_a_third_of_the_patients_left_out_is_told(frozen):
    text = first_page(frozen, raw=Raw(left_out=("P-02", "P-03", "P-05", "P-06"))).text
    assert "codes run from P-01 to P-08, without P-02, P-03, P-05, P-06." in text


@pytest.mark.slow
def test_a_plan_that_found_the_follow_ups_was_not_frozen_before_them(tmp_path):
    """A clock that was set back dates a plan before the follow-ups that it was made with."""
    raw = tmp_path / CONFIG["raw"]
    Raw().write(raw)
    there = {name: sha256(raw / name) for name in ("exams.csv", "people.csv")}
    freeze_plan(tmp_path, raw_files=there)
    page = first_page(tmp_path)
    assert "after the first follow-up: every result is post hoc." in page.text
    assert (
        "2 raw files of the study were already there when it was frozen, 2 of them with the "
        "content that is analysed now."
    ) in page.text
    assert page.facts.post_hoc == ("ais", "uems", "touch", "main")
    # With one more exam in the file the plan may have come before it.
    other = first_page(tmp_path, raw=Raw(missed=(("P-01", "day_90"),))).text
    assert "Plan frozen on 2020-06-01 by J. Doe, before the first follow-up." in other
    assert "Raw files are not as they were when the plan was frozen: exams.csv (changed)." in other


def test_a_plan_older_than_the_one_before_it_stops(frozen):
    with pytest.raises(InputError, match="earlier than version 1"):
        freeze_plan(frozen, changed("level", 0.9), "2020-05-01T00:00:00+00:00")
        read_lock("moved", frozen)


def test_a_patient_whose_treatment_was_deleted_is_named(frozen):
    text = first_page(frozen, raw=Raw(untreated=("P-05",))).text
    assert "1 patient examined at Day 180 has no treatment on record: P-05." in text


def test_a_raw_file_that_was_taken_away_is_told(tmp_path):
    """A site's file that a pattern found leaves no trace in the configuration."""
    for name in ("site-a.csv", "site-b.csv"):
        (tmp_path / name).write_text("id\n", "utf-8")
    record_files(tmp_path, "", "me")
    (tmp_path / "site-b.csv").unlink()
    assert gone(tmp_path, read_manifest(tmp_path)) == ["site-b.csv"]
    facts = PlanFacts((), (), tuple(raw_gone(["site-b.csv"])), Moment.NOT_KNOWN, ())
    assert _not_comparable(facts, PATIENTS) == [
        ["Raw files that MANIFEST lists are not there: site-b.csv."]
    ]
    record_files(tmp_path, "a site withdrew", "me")
    [change] = recorded_changes(tmp_path, ["site-a.csv"])
    assert (change["file"], change["why"]) == ("site-b.csv", "a site withdrew")


def test_a_patient_split_in_two_codes_is_lost_under_the_first(frozen):
    values = changed(f"{TABLE}.recode", {"subject_id": {"P-03": "P-09"}})
    text = first_page(frozen, values).text
    assert "exams.isncsci.recode.subject_id, is P-03: P-09" in text
    assert "1 of 8 treated patients has no AIS grade at Baseline: P-03." in text


def test_a_plan_is_shown_with_its_hash_and_a_registry_number_that_nobody_checked():
    version = Version("2020-06-01", "J. Doe", "NCT0", "", Moment.BEFORE, 0, 0, "ab" * 32, True)
    facts = PlanFacts((version,), (), (), Moment.NOT_KNOWN, ())
    assert status_sentences(facts, parts(CONFIG)[1]) == [
        "Plan frozen on 2020-06-01 by J. Doe (registry number as entered: NCT0), before the first "
        "follow-up.",
        "The hash of the plan begins with abababababab: compare it with the one that was deposited "
        "when it was frozen.",
    ]


def test_what_is_not_of_the_project_is_told_without_a_plan_too():
    """An instrument defined otherwise, another published course, codes in which no gap shows."""
    now, settings = parts(config(natural_course={"table": "mine.csv"}))
    plan = now
    keyed = now.parts.model_copy(update={"subject_code": SubjectCode(key_file="key")})
    own = {"instruments": FrozenMapping({"isncsci": "0" * 64}), "parts": keyed}
    now = now.model_copy(update=own)
    assert [str(item.key) for item in departures(plan, now)] == [
        "subject_code.key_file", "instruments.isncsci",
    ]  # fmt: skip
    old = Disclosure(Kind.NOT_HELD, "cleaning", "form_state")
    found = (*other_references(now), *keyed_codes(now), old)
    facts = PlanFacts((), (), found, Moment.NOT_KNOWN, ())
    told = [
        text
        for kind in (_choices(facts, settings), _not_comparable(facts, PATIENTS))
        for text in kind
    ]
    assert told == [
        ["The table of published courses (mine.csv) is not one that comes with the project."],
        ["The study defines the instrument isncsci otherwise than the project does."],
        [
            "The frozen plan was written by an earlier version of the program. Not held by this "
            "lock, and so not compared: cleaning (form state)."
        ],
        ["Patients have keyed codes, so that no gap in their numbers can be seen."],
    ]


def test_the_study_of_these_tests_has_the_visits_that_the_moves_name():
    assert set(DAYS) == {visit["name"] for visit in CONFIG["visits"]}
