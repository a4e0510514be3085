"""The further studies: by configuration alone, their data as published or as simulated."""

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from own_studies import OWN
from owncontrol.errors import InputError
from owncontrol.ingest.export import ingest_export
from owncontrol.instruments import load_instrument, load_instruments, recorded_parts
from owncontrol.scoring.score_table import score_assessments
from owncontrol.simulation.infarcts import write_series
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.exports import Export
from owncontrol.study.loading import load_study
from small_study import clean_small, small_config, small_study, write_files

ROOT = Path(__file__).parents[3]
INSTRUMENTS = load_instruments(ROOT / "workflow/instruments")
# Those with data of their own; a registry's are made when it is run.
STUDIES = [name for name in OWN if name != "registry"]
# What makes data is no part of the workflow; notebooks start from the default study.
CODE = [
    path
    for folder in ("workflow/lib", "workflow/rules", "workflow/scripts", "workflow/report")
    for path in sorted((ROOT / folder).rglob("*.*"))
    if path.suffix in {".py", ".smk", ".j2"} and "simulat" not in str(path)
]
CODE += [*sorted((ROOT / "notebooks").glob("*.ipynb")), ROOT / "Snakefile"]
PUBLISHED = {"AA": 1, "AB": 3, "AC": 2, "BC": 1, "BD": 1, "CD": 5}


@pytest.mark.parametrize("study", STUDIES)
def test_no_name_of_a_study_stands_in_the_code(study):
    assert len(CODE) > 100 and len(STUDIES) >= 3
    name = re.compile(rf"(?<![\w-]){re.escape(study)}(?![\w:=-])")  # : and = follow a line's stroke
    for path in CODE:
        for line in path.read_text("utf-8").splitlines():
            assert not name.search(line), f"{path}: {line.strip()}"


@pytest.mark.parametrize("study", STUDIES)
def test_configurations_are_complete(study):
    settings = analysis_settings(load_study({"study": study}, ROOT))
    assert settings.study == study
    assert (ROOT / settings.raw / "README.md").is_file()


def test_the_published_cohort_is_what_the_abstract_counts():
    cohort = pd.read_csv(ROOT / "data/raw/honmou2021/cohort.csv")
    moves = cohort["ais_before_infusion"] + cohort["ais_six_months_after_infusion"]
    assert Counter(moves) == PUBLISHED


def test_the_simulated_series_is_made_anew_with_the_same_bytes(tmp_path):
    write_series(tmp_path, 12, 2024)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in (ROOT / "data/raw/stroke").iterdir()}
    assert made == kept
    assert b"SYNTHETIC" in made["README.md"]


def cleaned(instrument, rows):
    about = {"day_from_injury": "", "day_from_treatment": "0", "row_id": "x:2"}
    return pd.DataFrame([{"subject_id": "P1", "visit": "before"} | about | row for row in rows])


def test_recorded_scores_are_the_scores():
    rows = [
        {
            "recorded_asia_impairment_scale": "C",
            "recorded_upper_extremity_motor_score": "50",
            "recorded_lower_extremity_motor_score": "24",
            "recorded_neurological_level_of_injury": "T9",
        }
    ]
    table = cleaned("isncsci", rows)
    scores = score_assessments(INSTRUMENTS["isncsci"], table, recorded=True).set_index("scale")
    assert scores["value"].to_dict() == {
        "asia_impairment_scale": 3,
        "upper_extremity_motor_score": 50,
        "lower_extremity_motor_score": 24,
        "motor_total": 74,
        "neurological_level_of_injury": 17,
    }
    assert scores.loc["motor_total", "method"] == "sum of recorded"
    assert set(scores["method"]) == {"recorded", "sum of recorded"}
    assert scores.loc["neurological_level_of_injury", "text"] == "T9"
    assert scores["agrees"].isna().all()


@pytest.mark.parametrize("text", ["", "ND"])
def test_a_recorded_score_that_is_none_is_no_number(text):
    rows = [
        {
            "recorded_upper_extremity_motor_score": "50",
            "recorded_lower_extremity_motor_score": text,
        }
    ]
    table = cleaned("isncsci", rows)
    scores = score_assessments(INSTRUMENTS["isncsci"], table, recorded=True).set_index("scale")
    assert scores["value"].isna()[["lower_extremity_motor_score", "motor_total"]].all()


def test_a_sum_is_had_from_recorded_scores_only_where_all_are_there():
    isncsci = INSTRUMENTS["isncsci"]
    assert "motor_total" not in recorded_parts(isncsci, {"upper_extremity_motor_score"})
    assert recorded_parts(INSTRUMENTS["fim_motor"], {"total"}) == {"total": ("total",)}


def with_days(config, **columns):
    """The small study with walks dated by other columns."""
    exports = {name: dict(export) for name, export in config["exports"].items()}
    table = dict(exports["walks"]["tables"]["wisci2"])
    undated = columns.pop("undated", False)
    mapped = {key: raw for key, raw in table["columns"].items() if key != "date"} | columns
    table |= {"columns": mapped, "undated": undated}
    exports["walks"]["tables"] = {"wisci2": table}
    exports["walks"]["ignored"] = ["note", *([] if "day" in columns.values() else ["day"])]
    return exports


def test_days_stand_in_for_dates(tmp_path):
    write_files(tmp_path)
    walks = tmp_path / "walks.csv"
    for date, day in (
        ("2021-02-01", "0"), ("2021-08-01", "181"), ("2021-03-01", "-9"), ("2021-09-01", "180")
    ):  # fmt: skip
        walks.write_text(walks.read_text("utf-8").replace(date, day), "utf-8")
    exports = with_days(small_config(), day_from_treatment="day")
    done = clean_small(tmp_path, exports=exports)
    found = done.tables["wisci2"]
    assert found["day_from_treatment"].tolist() == [0, 181, -9, 180]
    assert found["day_from_injury"].isna().all()
    window = done.findings.loc[done.findings["rule"] == "visit_window"]
    assert window[["row", "column", "value"]].values.tolist() == [[4, "day", "-9"]]


def test_a_study_without_days_keeps_its_visits(tmp_path):
    write_files(tmp_path)
    done = clean_small(tmp_path, exports=with_days(small_config(), undated=True))
    assert len(done.tables["wisci2"]) == 4
    assert done.tables["wisci2"][["day_from_injury", "day_from_treatment"]].isna().all(axis=None)
    assert "visit_window" not in set(done.findings["rule"])


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "no raw column is mapped to 'date'"),
        ({"date": "day", "undated": True}, "undated, but 'date' is mapped"),
        ({"date": "day", "day_from_injury": "level"}, "both 'date' and 'day_from_injury'"),
    ],
)
def test_how_an_assessment_is_dated_is_said_once(tmp_path, columns, words):
    write_files(tmp_path)
    with pytest.raises(InputError, match=words):
        clean_small(tmp_path, exports=with_days(small_config(), **columns))


def test_clocks_are_those_with_a_day_0():
    config = small_config()
    assert small_study().known_clocks(["wisci2"]) == ("injury", "treatment")
    days = small_study(exports=with_days(config, day_from_treatment="day"))
    assert days.known_clocks(iter(["wisci2"])) == ("treatment",)
    undated = small_study(exports=with_days(config, undated=True))
    assert undated.known_clocks(["wisci2"]) == ()


def test_a_table_of_subjects_alone_keeps_them(tmp_path):
    write_files(tmp_path)
    config = small_config()
    table = config["exports"]["cells"]["tables"]["treatments"]
    export = config["exports"]["cells"] | {
        "tables": {"treatments": table | {"columns": {"subject_id": "for"}}}
    }
    read = ingest_export(tmp_path / "cells.csv", None, Export.model_validate(export), {}, [])
    assert read.tables["treatments"]["subject_id"].tolist() == ["P1", "P2"]


@pytest.mark.parametrize("table", ["subjects", "treatments"])
def test_subjects_and_treatments_are_needed(table):
    config = load_study({"study": "stroke"}, ROOT).plain()
    del config["exports"]["patients"]["tables"][table]
    with pytest.raises(InputError, match=f"no file feeds the table {table}"):
        load_study(config)


def test_measurements_are_multiples_of_their_step(tmp_path):
    volume = INSTRUMENTS["lesion_volume"]
    item = volume.items["lesion_volume_ml"]
    assert str(item.range) == "0 to 500 in steps of 0.1"
    assert not volume.scales["volume"].levels
    wrong = (ROOT / "workflow/instruments/lesion_volume.yaml").read_text("utf-8")
    path = tmp_path / "lesion_volume.yaml"
    path.write_text(wrong.replace("step: 0.1", "step: 0.3"), "utf-8")
    with pytest.raises(InputError, match=r"no range leads from 0 to 500 in steps of 0\.3"):
        load_instrument(path)
