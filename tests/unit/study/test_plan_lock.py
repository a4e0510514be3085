"""A frozen plan: what it holds, what breaks it, and what differs from it."""

import copy
import hashlib
import json
import os
from pathlib import Path

import pytest
import yaml
from owncontrol.analysis.plan_disclosures import parts_not_held
from owncontrol.errors import InputError
from owncontrol.study.frozen_configuration import with_frozen_parts
from owncontrol.study.loading import load_study, study_from
from owncontrol.study.plan_departures import Area, departures, not_held
from owncontrol.study.plan_lock import lock_path, read_lock, version_hash
from owncontrol.study.plan_parts import frozen_parts
from owncontrol.study.reference_tables import LISTED, is_shipped
from plan_study import CONFIG, ROOT, changed, config, freeze_plan

WHERE = "config/moved.plan.lock"


def lock_values(folder):
    return yaml.safe_load((folder / WHERE).read_text("utf-8"))


def rewritten(folder, values):
    (folder / WHERE).write_text(yaml.safe_dump(values, allow_unicode=True), "utf-8")


def found(before, now, folder=ROOT):
    """Area, key and both texts of each departure between two configurations."""
    plan, present = (
        frozen_parts(study_from(copy.deepcopy(values), "test"), folder) for values in (before, now)
    )
    return [(item.area, item.key, item.frozen, item.now) for item in departures(plan, present)]


def test_a_lock_holds_what_was_decided_and_a_hash_that_anybody_can_check(tmp_path):
    freeze_plan(tmp_path)
    [version] = lock_values(tmp_path)["versions"]
    assert version["who"] == "J. Doe"
    assert version["frozen"] == "2020-06-01T09:00:00+00:00"
    assert version["raw_files"] == {}
    assert version["synthetic"] is True
    assert version["parts"]["visits"] == CONFIG["visits"]
    assert [item["name"] for item in version["parts"]["endpoints"]] == ["ais", "uems", "touch"]
    assert version["parts"]["natural_recovery"]["benchmark"] == "Khorasanizadeh 2019 (meta)"
    table = (ROOT / "data/reference/natural_recovery.csv").read_bytes()
    assert version["rates"] == hashlib.sha256(table).hexdigest()
    assert list(version["instruments"]) == ["isncsci"]
    said = {key: value for key, value in version.items() if key not in ("sha256", "signature")}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert version["sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_the_same_plan_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        freeze_plan(tmp_path / name)
    assert (tmp_path / "a" / WHERE).read_bytes() == (tmp_path / "b" / WHERE).read_bytes()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("parts", "level"), 0.8),
        (("parts", "natural_recovery", "benchmark"), "another"),
        (("frozen",), "2019-01-01T00:00:00+00:00"),
        (("who",), "somebody else"),
        (("raw_files",), {"x.csv": "0" * 64}),
        (("number",), 2),
        (("sha256",), "0" * 64),
    ],
)
def test_a_lock_that_was_edited_by_hand_is_one_line(tmp_path, place, value):
    freeze_plan(tmp_path)
    values = lock_values(tmp_path)
    part = values["versions"][0]
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    rewritten(tmp_path, values)
    with pytest.raises(InputError, match="version 1 was edited after it was frozen") as error:
        read_lock("moved", tmp_path)
    assert "\n" not in error.value.message


def test_a_former_version_that_is_taken_out_shows(tmp_path):
    freeze_plan(tmp_path)
    freeze_plan(tmp_path, changed("level", 0.9), "2020-07-01T00:00:00+00:00")
    values = lock_values(tmp_path)
    del values["versions"][0]
    rewritten(tmp_path, values)
    with pytest.raises(InputError, match="edited"):
        read_lock("moved", tmp_path)


def test_an_amendment_does_not_become_the_first_version(tmp_path):
    freeze_plan(tmp_path)
    freeze_plan(tmp_path, changed("level", 0.9), "2020-07-01T00:00:00+00:00")
    values = lock_values(tmp_path)
    last = values["versions"].pop() | {"number": 1}
    values["versions"] = [last | {"sha256": version_hash(last)}]
    rewritten(tmp_path, values)
    with pytest.raises(InputError, match="edited"):
        read_lock("moved", tmp_path)


def test_an_amendment_leaves_the_former_version_word_for_word(tmp_path):
    freeze_plan(tmp_path)
    [before] = lock_values(tmp_path)["versions"]
    freeze_plan(tmp_path, changed("level", 0.9), "2020-07-01T00:00:00+00:00")
    first, second = lock_values(tmp_path)["versions"]
    assert first == before
    assert second["number"] == 2
    assert second["before"] == first["sha256"]
    assert second["why"] == "more patients"
    assert len(read_lock("moved", tmp_path).versions) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("form: 1\nstudy: other\nversions: []\n", "is the plan of the study 'other'"),
        ("form: 1\nstudy: moved\nversions: []\n", "versions"),
        ("form: 1\nstudy: moved\nversions: 3\n", "version 1 was edited"),
        ("form: 1\nstudy: moved\nversions: [3]\n", "version 1 was edited"),
        ("nothing", "holds no 'key: value' pairs"),
        ("a: [", "not valid YAML"),
    ],
)
def test_what_is_no_lock_of_this_study_is_one_line(tmp_path, text, message):
    (tmp_path / "config").mkdir()
    (tmp_path / WHERE).write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        read_lock("moved", tmp_path)


@pytest.mark.parametrize(
    "replace",
    [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/missing")],
    ids=["a pipe", "a folder", "a link to nothing"],
)
def test_what_stands_in_the_place_of_a_lock_is_not_taken_for_no_plan(tmp_path, replace):
    (tmp_path / "config").mkdir()
    replace(tmp_path / WHERE)
    with pytest.raises(InputError, match=r"moved\.plan\.lock"):
        read_lock("moved", tmp_path)


def test_a_study_without_a_lock_and_a_what_if_have_none(tmp_path):
    assert read_lock("moved", tmp_path) is None
    assert lock_path("what-if/moved") is None


def test_nothing_departs_from_itself():
    assert found(CONFIG, CONFIG) == []


def test_a_default_that_is_written_out_is_no_departure():
    said = config(level=0.95, estimand_defaults={"population": "treated"})
    assert found(CONFIG, said) == []


@pytest.mark.parametrize(
    ("now", "departure"),
    [
        (changed("level", 0.8), (Area.LEVEL, "level", "0.95", "0.8")),
        (changed("visits.2.window", [150, 210]),
         (Area.VISITS, "visits.day_180.window", "166, 194", "150, 210")),
        (changed("visits.1.window", None), (Area.VISITS, "visits.day_90.window", "80, 100", "")),
        (changed("endpoints.1", None),
         (Area.ENDPOINTS, "endpoints.uems", "Upper extremity motor score", "")),
        (changed("claims.0.conditions.0.below", 0.1),
         (Area.CLAIMS, "claims.C1.conditions.natural_recovery.main.a.benchmark.below", "0.05",
          "0.1")),
        (changed("exports.exams.tables.isncsci.duplicates", "keep_last"),
         (Area.CLEANING, "cleaning.exams.isncsci.duplicates", "keep_none", "keep_last")),
        (changed("exports.exams.tables.isncsci.recode", {"visit": {"a": "day_90"}}),
         (Area.READING, "reading.exams.isncsci.recode.visit", "", "a: day_90")),
        (changed("exports.people.keep", {"arm": "1"}),
         (Area.POPULATIONS, "kept_rows.people", "", "arm: 1")),
        (config(excluded=["P-02"]), (Area.EXCLUSIONS, "excluded.P-02", "", "no reason given")),
        (config(design={"natural_course": "stable"}),
         (Area.DESIGN, "design.natural_course", "", "stable")),
        (config(sensitivity={"endpoints": ["ais"]}),
         (Area.SENSITIVITY, "sensitivity.endpoints", "none", "ais")),
        (config(claims=[]), (Area.CLAIMS, "claims.C1", "Patients improve more than expected.", "")),
    ],
)  # fmt: skip
def test_each_difference_is_one_row(now, departure):
    assert found(CONFIG, now) == [departure]


ARM = {"name": "arm", "label": "Arm", "type": "category", "values": ["low", "high"]}
EXAMS = "exports.exams.tables.isncsci"


@pytest.mark.parametrize(
    ("now", "area", "key"),
    [
        (config(clock="nominal"), Area.CLOCK, "clock"),
        (config(characteristics=[ARM], arms="arm"), Area.ARMS, "arms"),
        (config(severity=["mild", "severe"]), Area.READING, "severity"),
        (config(dose_unit="mg"), Area.READING, "dose_unit"),
        (config(natural_course={"table": "t.csv"}), Area.COURSE, "natural_course"),
        (changed("exports.exams.file", "other.csv"), Area.READING, "files.exams.files"),
        (changed("exports.exams.format", "excel"), Area.READING, "files.exams.format"),
        (changed("exports.exams.sheet", "Week 6"), Area.READING, "files.exams.sheet"),
        (changed("exports.exams.title_rows", 2), Area.READING, "files.exams.title_rows"),
        (changed("exports.exams.column_names", {"1": "level"}), Area.READING,
         "files.exams.column_names.1"),
        (changed("exports.exams.labelled_cells", ["Patient"]), Area.READING,
         "files.exams.labelled_cells"),
        (changed("exports.exams.dates", ["%d.%m.%Y"]), Area.READING, "files.exams.dates"),
        (changed("exports.exams.not_data", ["Total"]), Area.READING, "files.exams.not_data"),
        (changed(f"{EXAMS}.undated", True), Area.READING, "reading.exams.isncsci.undated"),
        (changed(f"{EXAMS}.long", {"item": "code", "value": ["left", "right"]}), Area.READING,
         "reading.exams.isncsci.long.item"),
    ],
)  # fmt: skip
def test_what_decides_on_reading_and_analysis_shows(now, area, key):
    assert (area, key) in [(where, what) for where, what, *_ in found(CONFIG, now)]
    assert found(now, now) == []


def test_other_columns_of_values_in_a_grid_show():
    grid, other = (
        changed(f"{EXAMS}.long", {"item": "level", "value": [*columns, "Left LT"]})
        for columns in (["Right LT"], ["Right LT", "Right PP"])
    )
    assert found(grid, other) == [
        (Area.READING, "reading.exams.isncsci.long.value",
         "Right LT, Left LT", "Right LT, Right PP, Left LT")
    ]  # fmt: skip


def test_other_arms_show():
    now, other = (
        config(characteristics=[ARM, ARM | {"name": "site", "label": "Site"}], arms=name)
        for name in ("arm", "site")
    )
    assert found(now, other) == [
        (Area.ARMS, "arms.name", "arm", "site"),
        (Area.ARMS, "arms.label", "Arm", "Site"),
    ]


def test_a_file_that_is_left_out_of_a_list_shows(tmp_path):
    raw = tmp_path / "data/raw/moved"
    raw.mkdir(parents=True)
    (tmp_path / "config").mkdir()
    parts = []
    for files in (["a.csv", "b.csv"], ["a.csv"]):
        values = changed("exports.exams.file", files)
        (tmp_path / "config/moved.yaml").write_text(yaml.safe_dump(values), "utf-8")
        study = load_study({"study": "moved"}, tmp_path)
        parts.append(frozen_parts(study, ROOT))
    assert [(item.key, item.frozen, item.now) for item in departures(*parts)] == [
        ("files.exams.files", "a.csv, b.csv", "a.csv")
    ]
    values = with_frozen_parts(study, *parts)
    assert frozen_parts(load_study(values, tmp_path), ROOT) == parts[0]


def test_what_an_earlier_program_did_not_record_is_not_compared_and_can_be_amended(tmp_path):
    freeze_plan(tmp_path, changed("exports.exams.title_rows", 2) | {"characteristics": [ARM]})
    values = lock_values(tmp_path)
    [version] = values["versions"]
    del version["holds"]
    for part in ("files", "clock"):
        del version["parts"][part]
    for table in version["parts"]["cleaning"].values():
        del table["form_state"]
    rewritten(tmp_path, {**values, "versions": [version | {"sha256": version_hash(version)}]})
    [version] = read_lock("moved", tmp_path).versions
    values = changed(f"{EXAMS}.form_state", "done") | {
        "characteristics": [ARM], "arms": "arm", "natural_course": {"table": "t.csv"},
    }  # fmt: skip
    study = study_from(values, "test")
    now = frozen_parts(study, ROOT)
    lacking = not_held(version, now)
    assert lacking == (
        ("clock",), ("arms",), ("natural_course",), ("files",),
        ("cleaning", "exams.isncsci", "form_state"),
    )  # fmt: skip
    assert departures(version, now) == ()
    # As the step of the workflow is given it: through plain values.
    assert not_held(type(version).model_validate(version.given()), now) == lacking
    # Put back is what it holds; the rest stays as it is now.
    values = with_frozen_parts(study, version, now)
    assert frozen_parts(study_from(values, "test"), ROOT).parts == now.parts
    freeze_plan(tmp_path)  # an amendment, although nothing is known to differ
    assert not_held(read_lock("moved", tmp_path).versions[1], now) == ()
    told = {item.name: item.detail for item in parts_not_held(version, now)}
    assert told == {
        "clock": "clock", "arms": "arms", "comparison with a published course": "natural_course",
        "reading of raw values": "files", "cleaning": "form_state",
    }  # fmt: skip


def test_another_order_of_endpoints_is_a_departure_for_the_first_is_the_primary_one():
    turned = config(endpoints=CONFIG["endpoints"][::-1])
    assert found(CONFIG, turned) == [
        (Area.ENDPOINTS, "endpoints.(order)", "ais, uems, touch", "touch, uems, ais")
    ]


def test_words_of_the_report_are_part_of_the_plan():
    other = config(title="Another", question="Why?", caution="None")
    assert [key for _, key, *_ in found(CONFIG, other)] == ["title", "question", "caution"]


def test_files_of_a_pattern_that_arrive_later_are_no_departure(tmp_path):
    raw = tmp_path / "data/raw/moved"
    raw.mkdir(parents=True)
    values = changed("exports.exams.file", "exams-*.csv")

    def parts():
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config/moved.yaml").write_text(yaml.safe_dump(values), "utf-8")
        return frozen_parts(load_study({"study": "moved"}, tmp_path), ROOT)

    (raw / "exams-1.csv").write_text("id\n", "utf-8")
    before = parts()
    (raw / "exams-2.csv").write_text("id\n", "utf-8")
    assert departures(before, parts()) == ()


def test_the_tables_that_come_with_the_project_are_listed_by_their_hash():
    listed = [line for line in LISTED.read_text("utf-8").splitlines() if line]
    manifest = (ROOT / "data/reference/MANIFEST").read_text("utf-8").splitlines()
    assert listed
    assert set(listed) <= set(manifest)
    table = (ROOT / "data/reference/natural_recovery.csv").read_bytes()
    assert is_shipped(hashlib.sha256(table).hexdigest())
    assert not is_shipped(hashlib.sha256(table + b"\n").hexdigest())


def test_the_example_keeps_its_plan_and_says_that_it_is_synthetic():
    lock = read_lock("example", ROOT)
    [version] = lock.versions
    study = load_study({}, ROOT)
    assert departures(version, frozen_parts(study, ROOT)) == ()
    assert version.synthetic
    assert "SYNTHETIC" in version.who
    assert version.day == study.plan.date
