"""The SYNTHETIC example study: same bytes, true to the published cohort, plausible."""

import csv
import datetime
import hashlib
import re
import subprocess
import sys

import numpy as np
import openpyxl
import pandas as pd
import pytest
from owncontrol.isncsci import classify
from owncontrol.simulation.cohort import GRADES, SCHEDULE, draw_cohort
from owncontrol.simulation.exports import CELL_COLUMNS, exams_frame
from owncontrol.simulation.function_scales import SCIM_ITEMS, SCIM_NAMES
from owncontrol.simulation.redcap_files import DICTIONARY_HEADER, FIELDS, MISSING_CODES
from owncontrol.simulation.simulated_study import write_study
from owncontrol.simulation.truth import Truth, draw_truth, streams
from simulated_files import (
    CELLS,
    EVENTS,
    EXAMPLE,
    REDCAP,
    REFERENCE,
    ROOT,
    WORKBOOK,
    canonical,
    frame_of,
    rows_of,
)


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean")
    write_study(folder, 13, 2021, clean=True)
    return folder


@pytest.fixture(scope="module")
def truth() -> Truth:
    return draw_truth(13, streams(2021))


def test_same_bytes_as_in_the_repository(tmp_path):
    write_study(tmp_path, 13, 2021, clean=False)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(path.name for path in EXAMPLE.iterdir())
    different = [n for n in names if (tmp_path / n).read_bytes() != (EXAMPLE / n).read_bytes()]
    assert different == [], "make example writes data/raw/example again"


def test_manifest_lists_every_file_sorted_with_its_hash():
    lines = (EXAMPLE / "MANIFEST").read_text().splitlines()
    names = [line.split("  ")[1] for line in lines]
    assert names == sorted(names)
    assert {*names, "MANIFEST"} == {path.name for path in EXAMPLE.iterdir()}
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((EXAMPLE / name).read_bytes()).hexdigest() == digest


def test_workbook_holds_no_clock_and_says_synthetic():
    book = openpyxl.load_workbook(EXAMPLE / WORKBOOK)
    assert book.sheetnames == ["Exams", "About"]
    assert "SYNTHETIC" in book["About"]["A1"].value
    assert book.properties.modified == book.properties.created
    dates = [cell for cell in book["Exams"]["C"][1:] if isinstance(cell.value, datetime.datetime)]
    assert len(dates) > 140
    assert {cell.number_format for cell in dates} == {"yyyy-mm-dd"}


@pytest.mark.parametrize(("subjects", "seed"), [(13, 2021), (400, 7)])
def test_every_exam_classifies_to_the_intended_grade_and_levels(subjects, seed):
    rng = streams(seed)
    exams = exams_frame(draw_truth(subjects, rng), rng["exports"])
    computed = classify(canonical(exams))
    pairs = {
        "AIS": "asia_impairment_scale",
        "Complete": "injury_complete",
        "NLI": "neurological_level_of_injury",
        "Sens level R": "right_sensory_level",
        "Sens level L": "left_sensory_level",
        "Motor level R": "right_motor_level",
        "Motor level L": "left_motor_level",
        "UEMS": "upper_extremity_motor_score",
        "LEMS": "lower_extremity_motor_score",
        "LT total": "light_touch_total",
        "PP total": "pin_prick_total",
    }
    for written, name in pairs.items():
        differs = exams[written].astype(str).to_numpy() != computed[name].astype(str).to_numpy()
        assert not differs.any(), exams.loc[differs, ["Patient", "Visit", written]].head()
    assert exams["NLI"].str.startswith("C").all()
    assert exams["Motor level R"].str.startswith("C").all()


def test_grades_before_and_after_are_those_of_the_published_cohort(clean):
    if not REFERENCE.is_dir():
        pytest.skip("../shared/reference is absent")
    exams = frame_of(clean, WORKBOOK)
    computed = exams.assign(AIS=classify(canonical(exams))["asia_impairment_scale"].to_numpy())
    grade = computed.pivot(index="Patient", columns="Visit", values="AIS")
    found = grade.groupby(["Pre-infusion", "Day 180"]).size()
    published = pd.read_csv(REFERENCE / "published_cohort.csv").set_index(
        ["ais_before_infusion", "ais_six_months_after_infusion"]
    )["patients"]
    assert found.to_dict() == published.to_dict()
    assert (grade["Day 220 post injury"] > grade["Pre-infusion"]).sum() == 12


def test_grade_c_patients_are_d_at_their_first_exam_after_infusion(truth):
    c = truth.cohort
    before = c.grade[:, c.visit_index("baseline")] == GRADES.index("C")
    assert (c.grade[before, c.visit_index("day_1")] == GRADES.index("D")).all()
    assert before.sum() == 5


def test_eligibility_dates_and_windows(truth):
    for c in (truth.cohort, draw_cohort(3000, np.random.default_rng(3))):
        days = {
            name: (getattr(c, name) - c.injury).astype(int)
            for name in (
                "consent",
                "registration",
                "marrow",
                "culture_start",
                "release",
                "infusion",
            )
        }
        assert (days["registration"] <= 14).all()
        assert ((c.age >= 20) & (c.age <= 70)).all()
        assert ((days["infusion"] >= 30) & (days["infusion"] <= 54)).all()
        steps = np.stack([days[name] for name in days])
        assert (np.diff(steps, axis=0) >= 0).all()
        assert (c.injury < c.consent).all()
        late = np.zeros_like(c.late)
        for column, visit in enumerate(SCHEDULE):
            origin = c.injury if visit.anchor == "injury" else c.infusion
            day = (c.visit_date[:, column] - origin).astype(int)
            assert (day >= visit.earliest).all(), visit.name
            late[:, column] = day > visit.latest
        assert (late == c.late).all()
        assert (np.diff(c.visit_date[:, :-1], axis=1).astype(int) > 0).all()
        day_180, day_220 = c.visit_date[:, -2], c.visit_date[:, -1]
        assert (np.abs((day_220 - day_180).astype(int)) >= 3).all()
    assert truth.cohort.late.any()
    assert not truth.cohort.attended.all()
    assert ((truth.treatment.dose >= 0.5) & (truth.treatment.dose <= 2)).all()


def test_neighbouring_exams_are_plausible(truth):
    """No fall beyond an examiner's few points, and no leap."""
    for study, leap in ((truth, 20), (draw_truth(300, streams(11)), 40)):
        order = np.argsort(study.cohort.visit_date.astype(int), axis=1)
        motor = np.maximum(study.exams.motor, 0).astype(int)
        testable = (study.exams.motor >= 0).all(axis=(-1, -2))
        for part in (slice(0, 5), slice(5, 10)):
            score = np.take_along_axis(motor[..., part].sum(axis=(-1, -2)), order, axis=1)
            both = np.take_along_axis(testable, order, axis=1)
            change = np.diff(score, axis=1)[both[:, 1:] & both[:, :-1]]
            assert change.min() >= -5
            assert change.max() <= leap
        sensory = np.maximum(study.exams.sensory, 0).astype(int).sum(axis=(-1, -2))
        for modality in (0, 1):
            score = np.take_along_axis(sensory[..., modality], order, axis=1)
            assert np.diff(score, axis=1).min() >= -8
            assert np.diff(score, axis=1).max() <= 40


def test_no_two_exams_of_a_patient_have_the_same_cells(truth):
    for study in (truth, draw_truth(300, streams(11))):
        n = study.cohort.size
        parts = (study.exams.motor, study.exams.sensory)
        cells = np.concatenate([part.reshape(n, 12, -1) for part in parts], axis=-1)
        same = (cells[:, :, None] == cells[:, None]).all(axis=-1)
        assert same.sum() == 12 * n  # each with itself only


def test_exams_that_decide_the_endpoint_are_determinate(clean):
    exams = frame_of(clean, WORKBOOK)
    decisive = exams["Visit"].isin(["Pre-infusion", "Day 180", "Day 220 post injury"])
    assert decisive.sum() == 39
    assert not (exams.loc[decisive, CELL_COLUMNS] == "NT").any(axis=None)
    assert (exams[CELL_COLUMNS] == "NT").any(axis=None)


def test_scim_takes_permitted_values_and_rises(clean, truth):
    if not REFERENCE.is_dir():
        pytest.skip("../shared/reference is absent")
    items = pd.read_csv(REFERENCE / "scim3_items.csv")
    permitted = {
        name: tuple(int(value) for value in values.split("|"))
        for name, values in zip(
            items["field_name_suggested"], items["permitted_values"], strict=True
        )
    }
    assert {name: values for name, values, *_ in SCIM_ITEMS} == permitted
    assert list(SCIM_NAMES) == list(items["field_name_suggested"])
    export = frame_of(clean, REDCAP)
    forms = export[export["scim_date"] != ""]
    for name, values in permitted.items():
        assert set(forms[name]) <= {str(value) for value in values} | set(MISSING_CODES)
    whole = forms[~forms[list(permitted)].isin(MISSING_CODES).any(axis=1)]
    total = whole[list(permitted)].astype(int).sum(axis=1)
    assert (total == whole["scim_total_recorded"].astype(int)).all()
    assert len(whole) < len(forms)
    order = np.argsort(truth.cohort.visit_date.astype(int), axis=1)[..., None]
    for subject in np.take_along_axis(truth.scales.scim, order, axis=1):
        done = subject[subject[:, 0] >= 0]
        assert (np.diff(done, axis=0) >= 0).all()
        assert done[-1].sum() > done[0].sum()


def test_walking_agrees_between_scales(clean):
    export = frame_of(clean, REDCAP)
    both = export[(export["wisci_level"] != "") & export["scim_mob_indoors"].str.isdigit()]
    level, indoors = both["wisci_level"].astype(int), both["scim_mob_indoors"].astype(int)
    assert level.between(0, 20).all()
    assert ((level > 0) == (indoors >= 3)).all()
    assert (level > 0).any()


def test_forms_are_on_their_visits_only(clean):
    export = frame_of(clean, REDCAP)
    events = set(export.loc[export["scim_date"] != "", "redcap_event_name"])
    assert events == {f"{v.name}_arm_1" for v in SCHEDULE if v.function_scales}
    repeating = export["redcap_repeat_instrument"] == "rehabilitation"
    assert (export.loc[repeating, "redcap_event_name"] == "baseline_arm_1").all()
    assert (export.loc[repeating, ["scim_date", "age"]] == "").all(axis=None)
    assert (export.loc[~repeating, "rehab_minutes"] == "").all()
    keys = ["record_id", "redcap_event_name", "redcap_repeat_instance"]
    assert not export.duplicated(keys).any()


def test_dictionary_is_redcaps_and_covers_the_export(clean):
    dictionary = frame_of(clean, "redcap_dictionary.csv")
    if REFERENCE.is_dir():
        with (REFERENCE / "redcap_isncsci_dictionary.csv").open(encoding="utf-8-sig") as file:
            assert next(csv.reader(file)) == list(DICTIONARY_HEADER)
    assert list(dictionary.columns) == list(DICTIONARY_HEADER)
    name = dictionary["Variable / Field Name"]
    identifiers = set(name[dictionary["Identifier?"] == "y"])
    assert {"family_name", "date_of_birth", "hospital_number", "phone"} <= identifiers
    raw = [re.sub(r"___\d$", "", column) for column in frame_of(clean, REDCAP).columns]
    forms = {f"{field.form}_complete" for field in FIELDS}
    keys = {"redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"}
    assert set(raw) == set(name) | forms | keys


def test_codebook_explains_every_column(clean):
    book = frame_of(clean, "codebook.csv")
    for file in (REDCAP, WORKBOOK, CELLS, EVENTS, "corrections.csv"):
        explained = book.loc[book["file"] == file, "column"]
        assert sorted(explained) == sorted(rows_of(clean, file)[0]), file
    assert (book["meaning"] != "").all()


def test_identifiers_and_free_text_are_marked_synthetic():
    export = frame_of(EXAMPLE, REDCAP)
    people = export[export["redcap_event_name"] == "registration_arm_1"]
    assert people["family_name"].str.startswith("Synthetica-").all()
    assert people["hospital_number"].str.match(r"SYN-\d{7}$").all()
    assert people["hospital_number"].is_unique
    mark = r"CANARY-[0-9a-f]{8}"
    assert people["enrolment_notes"].str.contains("SYNTHETIC.*" + mark).all()
    assert frame_of(EXAMPLE, EVENTS)["narrative"].str.contains("SYNTHETIC.*" + mark).all()
    assert frame_of(EXAMPLE, WORKBOOK)["Comments"].str.contains("SYNTHETIC.*" + mark).sum() > 5
    assert "SYNTHETIC" in (EXAMPLE / "README.md").read_text(encoding="utf-8").splitlines()[0]


def test_adverse_events_of_the_clean_twin_are_coherent(clean, truth):
    events = frame_of(clean, EVENTS)
    assert 1 <= (events["serious"] == "Y").sum() <= 2
    assert (events.loc[events["serious"] == "Y", "relation"] == "unrelated").all()
    assert (events["ctcae_grade"].astype(int) <= 2).mean() > 0.8
    consent = dict(zip(truth.cohort.code, truth.cohort.consent.astype(str), strict=True))
    assert (events["onset_date"] >= events["patient"].map(consent)).all()
    ended = events["end_date"] != ""
    assert (events["end_date"] >= events["onset_date"])[ended].all()
    assert ((events["outcome"] == "recovered") == ended).all()


def test_shares_of_transitions_hold_for_any_size():
    cohort = draw_cohort(1300, np.random.default_rng(5))
    before, after = cohort.grade[:, 1], cohort.grade[:, cohort.visit_index("day_180")]
    pairs = pd.Series(list(zip(before.tolist(), after.tolist(), strict=True))).value_counts()
    assert pairs.to_dict() == {
        (0, 0): 100,
        (0, 1): 300,
        (0, 2): 200,
        (1, 2): 100,
        (1, 3): 100,
        (2, 3): 500,
    }


def test_a_shorter_schedule_is_an_argument(truth):
    names = {"registration", "baseline", "day_28", "day_180"}
    schedule = tuple(visit for visit in SCHEDULE if visit.name in names)
    study = draw_truth(50, streams(4), schedule)
    assert study.exams.motor.shape == (50, 4, 2, 10)
    assert study.scales.scim.shape == (50, 4, 19)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = ROOT / "workflow" / "scripts" / "simulate_study.py"
    return subprocess.run(
        [sys.executable, script, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_command_writes_the_clean_twin(clean, tmp_path):
    done = run(str(tmp_path / "twin"), "--clean")
    assert done.returncode == 0, done.stderr
    for path in clean.iterdir():
        assert (tmp_path / "twin" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"), [(["--subjects", "0"], "subjects: 0"), (["--subjects", "2"], "hint")]
)
def test_command_says_in_one_line_why_a_study_cannot_be_made(tmp_path, arguments, said):
    done = run(str(tmp_path / "study"), *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "study").exists()
