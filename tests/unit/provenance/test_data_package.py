"""Every table of the results is described, column by column, and its cells keep to it."""

import csv
import json

import pandas as pd
import pytest
from owncontrol.ingest.export import ingest_export
from owncontrol.instruments import load_instrument
from owncontrol.provenance.data_package import describe_tables, dictionary_table, package_text
from owncontrol.provenance.table_fields import schema_name, table_fields
from owncontrol.study.parts import DescribedTables
from owncontrol.tables import conform, write_parts, write_table
from small_study import INSTRUMENTS, clean_small, small_study, write_files

LATER = ["provenance/data_dictionary.csv"]


described_tables = DescribedTables.taken_from


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """The small study's tables on disk, and their package."""
    folder = tmp_path_factory.mktemp("results")
    write_files(folder)
    study, instruments = small_study(), {"wisci2": load_instrument(INSTRUMENTS / "wisci2.yaml")}
    cleaned = clean_small(folder)
    tables = {f"cleaned/{name}.csv": table for name, table in cleaned.tables.items()}
    for name in ("findings", "quarantine", "flow"):
        tables[f"cleaned/{name}.csv"] = getattr(cleaned, name)
    for name, export in study.exports.items():
        part = ingest_export(folder / export.file, None, export, instruments, study.characteristics)
        records = {"rows": part.rows, "columns": part.columns, "findings": part.findings}
        for table, frame in (part.tables | records).items():
            tables[f"ingested/{name}/{table}.csv"] = frame
    for path, frame in tables.items():
        write_table(frame, folder / path)
    package = describe_tables(folder, list(tables), LATER, described_tables(study), instruments)
    return folder, package


def test_every_table_is_a_resource_with_all_its_columns(described):
    folder, package = described
    assert len(package["resources"]) == len(list(folder.glob("*/**/*.csv"))) + len(LATER)
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names)
    for resource in package["resources"]:
        if resource["path"] in LATER:
            continue
        with (folder / resource["path"]).open(newline="") as file:
            header = next(csv.reader(file))
        assert [field["name"] for field in resource["schema"]["fields"]] == header
        assert all(field["description"] for field in resource["schema"]["fields"])


def test_days_of_an_assessment_may_be_unknown():
    """Where the date of the injury cannot be right, the days from it are not known."""
    study, instruments = small_study(), {"wisci2": load_instrument(INSTRUMENTS / "wisci2.yaml")}
    (days,) = table_fields(
        "cleaned/wisci2.csv", ["day_from_injury"], described_tables(study), instruments
    )
    assert "constraints" not in days
    assert days["description"] == "Date of the assessment, in days from the injury"


def test_cells_keep_to_what_is_written_about_them(described):
    folder, package = described
    checked = 0
    for resource in package["resources"]:
        if resource["path"] in LATER:
            continue
        known = {field["name"]: field for field in resource["schema"]["fields"]}
        with (folder / resource["path"]).open(newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            for name, text in row.items():
                field = known[name]
                limits = field.get("constraints", {})
                if text == "":
                    assert not limits.get("required"), (resource["path"], name)
                    continue
                checked += 1
                if field["type"] == "integer":
                    int(text)
                elif field["type"] == "number":
                    float(text)
                elif field["type"] == "boolean":
                    assert text in ("True", "False")
                assert text in limits.get("enum", [text])
        key = resource["schema"].get("primaryKey", [])
        keys = [tuple(row[name] for name in key) for row in rows]
        assert not key or len(set(keys)) == len(keys), resource["path"]
    assert checked > 200


def field(package, path, name):
    (resource,) = (part for part in package["resources"] if part["path"] == path)
    return next(entry for entry in resource["schema"]["fields"] if entry["name"] == name)


def test_meaning_unit_and_source_of_a_column(described):
    _, package = described
    grade = field(package, "cleaned/adverse_events.csv", "grade")
    assert grade["type"] == "integer"
    assert grade["constraints"] == {"minimum": 1, "maximum": 5}
    assert grade["source"] == "events.csv: grade"
    onset = field(package, "cleaned/adverse_events.csv", "onset_day")
    assert (onset["unit"], onset["source"]) == ("days", "events.csv: from")
    day = field(package, "cleaned/wisci2.csv", "day_from_treatment")
    assert (day["unit"], day["source"]) == ("days", "walks.csv: day")
    level = field(package, "cleaned/wisci2.csv", "wisci_level")
    assert level["constraints"]["enum"][:2] == ["0", "1"]
    assert field(package, "cleaned/subjects.csv", "old_enough")["type"] == "boolean"
    assert field(package, "ingested/walks/wisci2.csv", "date")["type"] == "string"
    assert field(package, "ingested/walks/rows.csv", "source_row")["constraints"]["required"]


def test_the_table_says_the_same_and_the_text_is_always_the_same(described):
    _, package = described
    table = dictionary_table(package)
    assert len(table) == sum(len(part["schema"]["fields"]) for part in package["resources"])
    grade = table.loc[
        (table["file"] == "cleaned/adverse_events.csv") & (table["column"] == "grade")
    ]
    assert grade["permitted"].item() == "from 1, to 5"
    assert json.loads(package_text(package)) == package
    assert "SYNTHETIC" in package["description"]


def test_a_table_or_column_that_nothing_describes_is_a_fault_of_the_program():
    with pytest.raises(ValueError, match=r"statistics_of_mine\.yaml"):
        schema_name("provenance/statistics_of_mine.csv")
    with pytest.raises(ValueError, match="nothing describes the column 'colour'"):
        table_fields("cleaned/flow.csv", ["file", "colour"], described_tables(small_study()), {})


def test_a_columnar_table_is_described_as_one(tmp_path):
    instruments = {"wisci2": load_instrument(INSTRUMENTS / "wisci2.yaml")}
    for name in ("scores.csv", "scores.parquet"):
        write_parts([conform(pd.DataFrame(), "scores", coded=True)], tmp_path / "scored" / name)
    paths = ["scored/scores.csv", "scored/scores.parquet"]
    text, columnar = describe_tables(
        tmp_path, paths, [], described_tables(small_study()), instruments
    )["resources"]
    assert columnar["schema"] == text["schema"]
    assert (columnar["format"], columnar["profile"]) == ("parquet", "data-resource")
    assert (text["format"], text["profile"]) == ("csv", "tabular-data-resource")


def test_a_repeated_baseline_is_a_source_of_its_column(tmp_path):
    walks = {
        "file": "w.csv",
        "tables": {
            "wisci2": {
                "undated": True,
                "columns": {"subject_id": "id", "visit": "month", "wisci_level": "level"},
                "baseline_columns": {"visit": "before", "columns": {"wisci_level": "first"}},
            }
        },
    }
    (tmp_path / "w.csv").write_text("id,month,first,level\nP1,6,3,9\n", "utf-8")
    study = small_study(exports={**small_study().plain()["exports"], "w": walks})
    instruments = {"wisci2": load_instrument(INSTRUMENTS / "wisci2.yaml")}
    part = ingest_export(tmp_path / "w.csv", None, study.exports["w"], instruments, [])
    paths = {"ingested/w/columns.csv": part.columns, "ingested/w/wisci2.csv": part.tables["wisci2"]}
    for path, frame in paths.items():
        write_table(frame, tmp_path / path)
    package = describe_tables(tmp_path, list(paths), [], described_tables(study), instruments)
    sources = {
        field["name"]: field["source"]
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
        if resource["path"].endswith("wisci2.csv")
    }
    assert sources["wisci_level"] == "w.csv: level; w.csv: first (at before)"
    assert sources["subject_id"] == "w.csv: id"
