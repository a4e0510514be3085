"""Wide tables whose column names have nothing in common: each whole name is a visit."""

from pathlib import Path

import pytest
from export_files import INSTRUMENTS
from owncontrol.ingest.export import ingest_export
from owncontrol.instruments import load_instrument
from owncontrol.study.exports import Export

WISCI = {"wisci2": load_instrument(INSTRUMENTS / "wisci2.yaml")}


def ingested(folder: Path, text: str, wide: str):
    path = folder / "walks.csv"
    path.write_text(text, "utf-8")
    columns = {"subject_id": "id", "visit": "{visit}", "wisci_level": "{visit}"}
    table = {"undated": True, "wide": wide, "columns": columns, "recode": {"visit": {}}}
    export = Export.model_validate({"file": path.name, "tables": {"wisci2": table}})
    return ingest_export(path, None, export, WISCI, [])


def test_each_column_is_a_visit_and_is_traced_to_itself(tmp_path):
    found = ingested(tmp_path, "id,before,after\nP1,3,5\nP2,4,\n", "before|after")
    table = found.tables["wisci2"].astype("str")
    rows = table[["source_row", "visit", "wisci_level"]].to_numpy().tolist()
    assert rows == [["2", "before", "3"], ["2", "after", "5"], ["3", "before", "4"]]
    read = found.columns[["column", "raw_column"]].to_numpy().tolist()
    assert read == [["subject_id", "id"], ["visit", "{visit}"], ["wisci_level", "{visit}"]]
    assert not len(found.findings)


@pytest.mark.parametrize("wide", ["before", "before|later"])
def test_a_column_that_no_visit_stands_for_is_named(tmp_path, wide):
    found = ingested(tmp_path, "id,before,after\nP1,3,5\n", wide)
    assert found.findings["column"].tolist() == ["after"]


def test_the_visits_of_a_row_are_in_the_order_in_which_the_file_first_names_them(tmp_path):
    path = tmp_path / "walks.csv"
    text = "id,level_v1,day_v2,level_v3,level_v2,day_v1,day_v3\nP1,1,2021-02-02,3,2,2021-02-01,\n"
    path.write_text(text, "utf-8")
    columns = {"subject_id": "id", "visit": "{visit}", "wisci_level": "level_{visit}"}
    columns |= {"date": "day_{visit}"}
    table = {"wide": "v[0-9]", "columns": columns, "recode": {"visit": {}}}
    export = Export.model_validate({"file": path.name, "tables": {"wisci2": table}})
    found = ingest_export(path, None, export, WISCI, []).tables["wisci2"].astype("str")
    rows = found[["visit", "wisci_level", "date"]].to_numpy().tolist()
    assert rows == [["v1", "1", "2021-02-01"], ["v2", "2", "2021-02-02"], ["v3", "3", ""]]
