"""Labels of variables and values speak where names do not; units and numbers are compared."""

import pandas as pd
import pyreadstat
import pytest
from owncontrol.__main__ import main
from owncontrol.cli.check_study import check_study
from owncontrol.study.loading import load_study
from owncontrol.suggest.instrument_facts import stated_unit
from owncontrol.suggest.proposal import proposed_export
from owncontrol.suggest.raw_file import read_raw_file

LABELS = ["Patient ID", "Visit", "Pain free", "Body weight (kg)"]
CODES = {"V2": {1: "6 months", 2: "Baseline"}, "V3": {1: "No", 2: "Yes"}}
WRITERS = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}


def write(folder, suffix, codes=CODES):
    table = pd.DataFrame(
        {
            "V1": [1, 1, 2, 2, 3, 3],
            "V2": [1, 2, 1, 2, 1, 2],
            "V3": [2, 1, 1, 1, 2, 1],
            "V4": [84.5, 80.2, 71.1, 70.3, 69.5, 66.4],
        }
    )
    path = folder / f"lab.{suffix}"
    WRITERS[suffix](table, str(path), column_labels=LABELS, variable_value_labels=codes)
    return path


@pytest.mark.parametrize("suffix", list(WRITERS))
def test_labels_say_what_names_do_not(tmp_path, monkeypatch, suffix):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, suffix)
    words = ["new-study", "new", "--from", path.name, "--measure", "body weight (kg):higher:kg"]
    assert main([*words, "--measure", "pain free:higher:yes-no"]) == 0
    assert check_study("new", tmp_path) == []
    study = load_study({"study": "new"}, tmp_path)
    # The order is that of the days that the labels speak of, not that of the codes.
    assert [(visit.name, visit.label, visit.day) for visit in study.visits] == [
        ("baseline", "Baseline", 0),
        ("visit_6_months", "6 months", 183),
    ]
    weight, pain = (study.exports["lab"].tables[name] for name in study.instruments)
    assert dict(weight.columns) == {"subject_id": "V1", "visit": "V2", "body_weight_kg": "V4"}
    assert dict(weight.recode["visit"]) == {"1": "visit_6_months", "2": "baseline"}
    assert dict(pain.recode["pain_free"]) == {"1": "no", "2": "yes"}
    assert [item.label for item in study.instruments.values()] == ["Body weight (kg)", "Pain free"]


def test_visits_are_named_by_their_labels_in_options_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, "sav", {**CODES, "V2": {1: "After", 2: "Before"}})
    words = ["new-study", "new", "--from", path.name, "--measure", "V4:higher:kg"]
    assert main([*words, "--visits", "Before,After", "--baseline", "Before"]) == 0
    study = load_study({"study": "new"}, tmp_path)
    assert [visit.name for visit in study.visits] == ["before", "after"]


def test_columns_that_only_their_labels_name(tmp_path):
    raw = read_raw_file(write(tmp_path, "sav", {}), None)
    assert (raw.subject.column, raw.subject.doubt) == ("V1", "taken for its label")
    assert (raw.visit.column, raw.visit.doubt) == ("V2", "taken for its label")


def test_a_column_is_offered_with_its_label(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    main(["new-study", "new", "--from", write(tmp_path, "sav").name])
    assert "V4 (Body weight (kg): 84.5, 80.2, 71.1)" in capsys.readouterr().out


def test_value_labels_are_proposed_for_codes_of_subjects(tmp_path):
    path = tmp_path / "people.sav"
    table = pd.DataFrame({"id": ["P1", "P2"], "sex": [1, 2], "age": [40, 50]})
    pyreadstat.write_sav(table, str(path), variable_value_labels={"sex": {1: "Female", 2: "Male"}})
    (subjects,) = (
        table
        for table in proposed_export(read_raw_file(path, None)).tables
        if table.name == "subjects"
    )
    codes = {text: (guess.column, guess.doubt) for text, guess in subjects.recode["sex"].items()}
    assert codes == {"1": ("female", ""), "2": ("male", "")}


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("Weight (kg)", "kg"),
        ("volume_ml", "ml"),
        ("Volume [cm3]", "ml"),
        ("lesion volume", ""),
        ("nihss_total", ""),
        ("item (of 5)", ""),
        ("ml", ""),
    ],
)
def test_the_unit_of_a_heading(heading, unit):
    assert stated_unit(heading) == unit


def instruments_of(folder, header, *rows):
    path = folder / "f.csv"
    path.write_text("\n".join([f"id,visit,{header}", *rows]) + "\n", "utf-8")
    return {table.name for table in proposed_export(read_raw_file(path, None)).tables}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("header", "value", "offered"),
    [
        ("lesion_volume_ml", "12.5", True),
        ("lesion_volume", "12.5", True),
        ("Lesion volume (mm)", "12.5", False),
        ("lesion_volume", "12500", False),
        ("mrs_grade", "3", True),
        ("mrs_grade", "45", False),
    ],
)
def test_an_instrument_is_offered_where_unit_and_numbers_are_its(tmp_path, header, value, offered):
    rows = [f"P{number},before,{value}" for number in range(1, 4)]
    found = instruments_of(tmp_path, header, *rows)
    assert bool(found & {"lesion_volume", "mrs"}) == offered


ARMS = {"V3": {1: "Sugar, water", 2: "Licorice", 3: "twice", 4: "twice"}}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", list(WRITERS))
@pytest.mark.parametrize(
    ("said", "kept"),
    [("Licorice", "2"), ("licorice", "2"), ('"Sugar, water"', "1"), ("2", "2")],
)
def test_an_arm_may_be_named_by_the_label_of_its_code(tmp_path, monkeypatch, suffix, said, kept):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, suffix, {**CODES, **ARMS})
    words = ["new-study", "new", "--from", path.name, "--measure", "V4:higher:kg"]
    assert main([*words, "--keep", f"V3={said}"]) == 0
    study = load_study({"study": "new"}, tmp_path)
    assert dict(study.exports["lab"].keep) == {"V3": kept}
    assert f"V3={said}" in (tmp_path / "config/new.yaml").read_text()  # the command as it was given


@pytest.mark.parametrize("said", ["Liquorice", "twice"])
def test_an_arm_that_no_label_tells_is_asked_for_with_the_labels(
    tmp_path, monkeypatch, capsys, said
):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, "sav", {**CODES, **ARMS})
    words = ["new-study", "new", "--from", path.name, "--measure", "V4:higher:kg"]
    main([*words, "--keep", f"V3={said}"])
    told = capsys.readouterr().out
    assert f"--keep: no row has V3 '{said}'" in told
    assert "Licorice" in told


def test_an_event_may_be_named_by_its_label(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame(
        {"id": [1, 2, 3], "pre": [5, 6, 7], "post": [4, 4, 4], "weeks": [3, 9, 2], "end": [0, 1, 2]}
    )
    labels = {"end": {0: "Alive", 1: "Dead", 2: "Transplant"}}
    pyreadstat.write_sav(table, str(tmp_path / "liver.sav"), variable_value_labels=labels)
    words = ["new-study", "new", "--from", "liver.sav", "--measure", "pain:lower:points=pre,post"]
    assert main([*words, "--event", "death:weeks=weeks,end=Dead"]) == 0
    assert check_study("new", tmp_path) == []
    study = load_study({"study": "new"}, tmp_path)
    codes = study.exports["liver"].tables["subjects"].recode[study.event_times[0].seen]
    assert dict(codes) == {"0": "no", "1": "yes", "2": "no"}
