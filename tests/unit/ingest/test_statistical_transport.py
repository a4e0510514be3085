"""SAS transport files with one or several datasets: the one that is named, whole, or one line."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from export_files import export_entry
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.statistical import variable_labels
from owncontrol.study.exports import file_names
from transport_files import Dataset, transport

CASE = Path(__file__).parents[2] / "cases" / "01-transport-two-datasets" / "all.xpt"
DM = Dataset("DM", [("USUBJID", -4, ""), ("AGE", 8, "")], [["P-01", 41.0], ["P-02", None]])
QS = Dataset("QS", [("USUBJID", -4, ""), ("SCORE", 3, "")], [["P-01", 5.0], ["P-02", 0.5]])
NONE = Dataset("EMPTY", [("USUBJID", -4, "")])


def read(path, **given):
    return read_export(path, export_entry(path.name, **given))


def rows(raw):
    return raw.cells.astype("str").to_numpy().tolist()


def written(folder, *datasets, **given):
    path = folder / "all.xpt"
    path.write_bytes(transport(*datasets, **given))
    return path


def test_the_case_of_two_datasets():
    with pytest.raises(InputError, match=r"all\.xpt: holds 2 datasets: DM, QS"):
        read(CASE)
    raw = read(CASE, dataset="DM")
    assert rows(raw) == [["P-01", "41"], ["P-02", "52"], ["P-03", "33"]]
    assert list(raw.cells.index) == [1, 2, 3]
    assert len(rows(read(CASE, dataset="qs"))) == 4


@pytest.mark.parametrize("version", [5, 8])
def test_each_dataset_is_read_by_its_name_in_either_case(tmp_path, version):
    path = written(tmp_path, DM, NONE, QS, version=version)
    assert rows(read(path, dataset="dm")) == [["P-01", "41"], ["P-02", ""]]
    assert rows(read(path, dataset="Qs")) == [["P-01", "5"], ["P-02", "0.5"]]
    empty = read(path, dataset="EMPTY")
    assert rows(empty) == []
    assert [finding.rule for finding in empty.findings] == ["no_rows"]
    with pytest.raises(InputError, match="holds no dataset 'AE'; it holds: DM, EMPTY, QS"):
        read(path, dataset="AE")


@pytest.mark.parametrize("version", [5, 8])
def test_one_dataset_needs_no_name_and_filling_gives_no_row(tmp_path, version):
    # 3 rows of 8 bytes leave 56 bytes of blanks: seven rows that are none.
    short = Dataset("S", [("CODE", -8, "")], [["a"], ["b"], ["c"]])
    path = written(tmp_path, short, version=version)
    assert rows(read(path)) == [["a"], ["b"], ["c"]]
    assert rows(read(path, dataset="s")) == [["a"], ["b"], ["c"]]
    two = written(tmp_path, short, DM, version=version)
    assert rows(read(two, dataset="S")) == [["a"], ["b"], ["c"]]


def test_rows_of_blanks_that_the_header_counts_are_rows(tmp_path):
    data = Dataset("S", [("CODE", -8, "")], [["a"], [""], ["b"], [""], [""]])
    raw = read(written(tmp_path, data, version=8, counted=True))
    assert rows(raw) == [["a"], ["b"]]
    assert raw.set_aside == dict.fromkeys((2, 4, 5), "blank row")


def test_a_dataset_without_variables_is_one_line(tmp_path):
    path = written(tmp_path, Dataset("VOID", []))
    with pytest.raises(InputError, match=r"all\.xpt: dataset VOID holds no variables"):
        read(path)


@pytest.mark.parametrize("version", [5, 8])
@pytest.mark.parametrize("lost", [1, 5, 79, 80])
def test_a_cut_file_is_one_line(tmp_path, version, lost):
    data = Dataset("S", [("CODE", -7, ""), ("X", 8, "")], [["abcdefg", 0.1]] * 21)
    content = transport(data, version=version, counted=version == 8).rstrip(b" ")
    path = tmp_path / "cut.xpt"
    path.write_bytes(content[:-lost])
    with pytest.raises(InputError, match=r"cut\.xpt: the file ends within row \d+"):
        read(path)
    path.write_bytes(content)  # without the filling: all rows are there
    assert len(rows(read(path))) == 21


def test_a_cport_file_is_one_line_with_the_way_out(tmp_path):
    path = tmp_path / "all.xpt"
    path.write_bytes(b"**COMPRESSED** **COMPRESSED** **COMPRESSED**".ljust(400))
    with pytest.raises(InputError, match="a SAS CPORT file, which only SAS can read") as error:
        read(path)
    assert "PROC CIMPORT" in str(error.value)


def test_a_file_transferred_as_text_is_one_line(tmp_path):
    path = tmp_path / "all.xpt"
    path.write_bytes(transport(DM).replace(b"SASLIB", b"SASLIB\r\n"))
    with pytest.raises(InputError, match="no dataset begins in it where a record begins"):
        read(path)


def test_two_datasets_of_one_name_and_a_dataset_elsewhere_are_one_line(tmp_path):
    with pytest.raises(InputError, match="two datasets are called DM"):
        read(written(tmp_path, DM, DM), dataset="DM")
    pyreadstat.write_sav(pd.DataFrame({"a": [1.0]}), str(tmp_path / "a.sav"))
    with pytest.raises(InputError, match="only a SAS transport file holds several datasets"):
        read(tmp_path / "a.sav", dataset="DM")


def test_a_header_inside_a_text_begins_no_dataset(tmp_path):
    text = "HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!"
    data = Dataset("S", [("NOTE", -80, "")], [["first"], [text], ["last"]])
    assert rows(read(written(tmp_path, data))) == [["first"], [text], ["last"]]


def test_two_exports_of_one_file_are_named_by_their_datasets():
    exports = {
        "a": export_entry("all.xpt", dataset="DM"),
        "b": export_entry("all.xpt", dataset="QS"),
        "c": export_entry("other.xpt", dataset="QS"),
    }
    assert file_names(exports) == {"a": "all.xpt (DM)", "b": "all.xpt (QS)", "c": "other.xpt"}


def test_labels_are_those_of_the_named_dataset(tmp_path):
    frame = pd.DataFrame({"ID": ["P"], "X": [1.0]})
    contents = []
    for name, label in (("A", "of A"), ("B", "of B")):
        path = tmp_path / f"{name}.xpt"
        pyreadstat.write_xport(
            frame, str(path), table_name=name, column_labels=["", label], file_format_version=5
        )
        contents.append(path.read_bytes())
    path = tmp_path / "both.xpt"
    path.write_bytes(contents[0] + contents[1][240:])
    assert variable_labels(path, export_entry(path.name, format="xport", dataset="b")) == {
        "X": "of B"
    }
