"""A new study from a REDCap project in one file: visits, days, windows, dates, missing codes."""

import csv
from pathlib import Path

import pytest
import yaml
from owncontrol.__main__ import main
from redcap_project_xml import write_project

RAW = Path(__file__).parents[3] / "data/raw/example"
DICTIONARY = RAW / "redcap_dictionary.csv"
DAYS = {
    "registration_arm_1": (0, 0, 0),
    "baseline_arm_1": (30, 7, 0),
    "day_28_arm_1": (58, 4, 4),
    "day_180_arm_1": (210, 14, 14),
    "last_visit_arm_1": (395, 30, 60),
}
HEADER = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]


def export(folder, dictionary):
    """Two patients at three of the five events."""
    with dictionary.open(encoding="utf-8", newline="") as file:
        names = [row["Variable / Field Name"] for row in csv.DictReader(file)]
    path = folder / "export.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        boxes = [f"comorbidity___{code}" for code in range(1, 6)]
        states = [
            f"{form}_complete" for form in ("enrolment", "scim_iii", "wisci_ii", "rehabilitation")
        ]
        columns = [*HEADER, *(name for name in names if name not in ("record_id", "comorbidity"))]
        writer = csv.DictWriter(file, [*columns, *boxes, *states], restval="")
        writer.writeheader()
        for number in (1, 2):
            for place, event in enumerate(list(DAYS)[1:4]):
                date = f"2021-0{1 + 2 * place}-1{number}"
                level = str(3 * place + number) if place < 2 or number == 1 else "UNK"
                writer.writerow(
                    {"record_id": f"OC-0{number}", "redcap_event_name": event, "age": "50",
                     "wisci_date": date, "scim_date": date, "wisci_level": level}
                )  # fmt: skip
    return path


def new_study(folder, monkeypatch, with_data):
    monkeypatch.chdir(folder)
    rows = export(folder, DICTIONARY) if with_data else None
    write_project(folder / "project.xml", DICTIONARY, rows, DAYS, "UNK, Unknown | NASK, Not asked")
    asked = ["--measure", "wisci_level:higher:points"]
    asked += ["--baseline", "baseline", "--time-point", "day_180"]
    assert main(["new-study", "walk", "--from", "project.xml", *asked]) == 0
    return yaml.safe_load((folder / "config/walk.yaml").read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("with_data", [True, False])
def test_the_schedule_is_that_of_the_project(tmp_path, monkeypatch, with_data):
    study = new_study(tmp_path, monkeypatch, with_data)
    found = {visit["name"]: (visit["day"], visit["window"]) for visit in study["visits"]}
    assert found == {
        "registration": (-30, [-30, -30]),
        "baseline": (0, [-7, 0]),
        "day_28": (28, [24, 32]),
        "day_180": (180, [166, 194]),
        "last_visit": (365, [335, 425]),
    }
    assert {visit["clock"] for visit in study["visits"]} == {"baseline"}
    assert study["visits"][4]["label"] == "Last visit"
    table = study["exports"]["project"]["tables"]["wisci_level"]
    assert table["columns"]["date"] == "wisci_date"
    assert table["recode"]["visit"]["last_visit_arm_1"] == "last_visit"


@pytest.mark.slow
@pytest.mark.parametrize("with_data", [True, False])
def test_label_missing_codes_and_identifiers_are_known(tmp_path, monkeypatch, with_data):
    study = new_study(tmp_path, monkeypatch, with_data)
    entry = study["exports"]["project"]
    assert study["instruments"]["wisci_level"]["label"] == "WISCI II level"
    assert entry["missing"] == ["UNK", "NASK"]
    assert {"family_name", "date_of_birth", "phone"} <= set(entry["ignored"])
    assert entry["dictionary"] == entry["file"] == "project.xml"


@pytest.mark.slow
def test_a_study_with_data_can_be_run_and_leaves_nothing_unsure(tmp_path, monkeypatch, capsys):
    new_study(tmp_path, monkeypatch, with_data=True)
    assert "unsure" not in (tmp_path / "config/walk.yaml").read_text("utf-8")
    assert main(["check", "walk"]) == 0
    assert "no faults found" in capsys.readouterr().out


def test_of_a_project_without_data_is_said_what_is_left(tmp_path, monkeypatch, capsys):
    new_study(tmp_path, monkeypatch, with_data=False)
    assert "project.xml: a project without data" in capsys.readouterr().out
