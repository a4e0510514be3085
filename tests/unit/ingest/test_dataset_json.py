"""Dataset-JSON 1.1: the cells of the transport file with the same data, or one line."""

import json

import pandas as pd
import pyreadstat
import pytest
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.dataset_json import dataset_labels
from owncontrol.ingest.readers.proposed import proposed_options
from owncontrol.study.exports import ReadingOptions

COLUMNS = [
    {"itemOID": "IT.QS.USUBJID", "name": "USUBJID", "label": "Subject", "dataType": "string"},
    {"itemOID": "IT.QS.VISIT", "name": "VISIT", "label": "Visit Name", "dataType": "string"},
    {"itemOID": "IT.QS.QSSTRESN", "name": "QSSTRESN", "label": "Result", "dataType": "double"},
    {"itemOID": "IT.QS.QSDTC", "name": "QSDTC", "label": "", "dataType": "date"},
]
ROWS = [
    ["P1", "BASELINE", 7.0, "2021-03-01"],
    ["P1", "WEEK 8", 0.1, "2021-05"],
    ["P2", "BASELINE", None, ""],
    ["P2", "WEEK 8", 1e-05, "2021-05-02"],
]


def dataset(**more):
    return {
        "datasetJSONCreationDateTime": "2026-11-29T10:00:00",
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": "IG.QS",
        "records": len(ROWS),
        "name": "QS",
        "label": "Questionnaires",
        "columns": COLUMNS,
        "rows": ROWS,
    } | more


def written(folder, value, name="qs.json"):
    path = folder / name
    if name.endswith(".ndjson"):
        rows = value.pop("rows")
        path.write_text("".join(json.dumps(line) + "\n" for line in [value, *rows]), "utf-8")
    else:
        path.write_text(json.dumps(value), "utf-8")
    return path


def read(path):
    return read_export(path, ReadingOptions(file=path.name)).cells.astype("str")


@pytest.mark.parametrize("name", ["qs.json", "qs.ndjson"])
def test_the_cells_are_those_of_a_transport_file(tmp_path, name):
    frame = pd.DataFrame(ROWS, columns=[column["name"] for column in COLUMNS])
    other = tmp_path / "qs.xpt"
    pyreadstat.write_xport(frame, other, table_name="QS", file_format_version=5)
    found = read(written(tmp_path, dataset(), name))
    assert found["QSSTRESN"].tolist() == ["7", "0.1", "", "1e-05"]
    expected = read(other).set_axis(found.index)
    assert found.drop(columns="QSSTRESN").equals(expected.drop(columns="QSSTRESN"))
    numbers = pd.to_numeric(found["QSSTRESN"]), pd.to_numeric(expected["QSSTRESN"])
    assert numbers[0].equals(numbers[1])


def test_the_format_is_known_by_name_and_content(tmp_path):
    path = written(tmp_path, dataset())
    assert proposed_options(path) == ({"format": "dataset_json"}, {})
    assert dataset_labels(path) == {
        "USUBJID": "Subject",
        "VISIT": "Visit Name",
        "QSSTRESN": "Result",
    }


def test_digits_and_truth_are_as_in_the_file(tmp_path):
    text = json.dumps(dataset(records=1, rows=[["P1", True, 1, "x"]]))
    path = tmp_path / "qs.json"
    path.write_text(text.replace("true, 1,", "true, 12345678901234567890.10,"), "utf-8")
    assert read(path).iloc[0].tolist() == ["P1", "true", "12345678901234567890.10", "x"]


def test_a_dataset_without_rows_is_only_columns(tmp_path):
    value = dataset(records=0)
    del value["rows"]
    assert read(written(tmp_path, value)).shape == (0, 4)


BAD = {
    "version": (dataset(datasetJSONVersion="1.0.0"), "is no Dataset-JSON 1.1"),
    "records": (dataset(records=5), "4 records, and it says 5"),
    "width": (dataset(rows=[*ROWS[:3], ["P2"]]), "row 5: not 4 values"),
    "row": (dataset(rows=[*ROWS[:3], {"a": 1}]), "row 5: not 4 values"),
    "nested": (dataset(rows=[*ROWS[:3], [["P2"], "", 1, ""]]), "row 5: a value that is no text"),
    "columns": (dataset(columns=[]), "names no columns"),
    "name": (dataset(columns=[{"label": "x"}]), "column 1 has no name"),
    "twice": (dataset(columns=[*COLUMNS[:3], COLUMNS[0]]), "'USUBJID' names two columns"),
    "number": (dataset(rows=[*ROWS[:3], ["P2", "", float("nan"), ""]]), "NaN is no JSON"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_dataset_is_one_line(tmp_path, case):
    value, message = BAD[case]
    with pytest.raises(InputError, match=message):
        read(written(tmp_path, value))


@pytest.mark.parametrize("name", ["qs.json", "qs.ndjson"])
def test_a_file_that_is_cut_short_is_one_line(tmp_path, name):
    path = written(tmp_path, dataset(), name)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"cannot be read as JSON|records, and it says"):
        read(path)


def test_other_json_is_refused(tmp_path):
    path = tmp_path / "other.json"
    path.write_text('{"a": [1, 2]}', "utf-8")
    with pytest.raises(InputError, match="it is JSON"):
        read(path)
