"""A labelled export says the same as the raw one, cell by cell, or a finding says where not."""

import random

import pytest
from export_files import export_entry
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from redcap_project import made_project

WAYS = [
    (labels, values, quotes, gap)
    for labels in (True, False)
    for values in (True, False)
    for quotes, gap in ((False, ""), (True, ""), (False, " "))
]


def read(folder, labelled):
    entry = export_entry("export.csv", labelled=labelled, dictionary="dictionary.csv")
    return read_export(folder / "export.csv", entry)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_labels_give_the_raw_cells_or_a_finding_at_the_cell(tmp_path, seed):
    rng = random.Random(seed)
    project = made_project(rng)
    project.write_dictionary(tmp_path / "dictionary.csv")
    names = [column.name for column in project.columns]
    for labels, values, quotes, gap in WAYS:
        project.write_export(tmp_path / "export.csv", labels, values, quotes, gap)
        try:
            found = read(tmp_path, labelled=True)
        except InputError as error:
            # Boxes that share a label, with the columns in the dictionary's order, are told.
            raise AssertionError(error) from error
        assert list(found.cells.columns) == names
        assert [one for one in found.findings if one.rule == "header_not_in_dictionary"] == []
        doubted = {(one.row, one.column) for one in found.cell_findings if one.severity == "error"}
        for row, cells in enumerate(project.rows, start=2):
            for name, raw in zip(names, cells, strict=True):
                if (row, name) not in doubted:
                    assert found.cells.at[row, name] == raw, (row, name, labels, values)
        if not values:
            assert doubted == set()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 50))
def test_a_raw_export_has_nothing_that_its_dictionary_denies(tmp_path, seed):
    project = made_project(random.Random(seed))
    project.write_dictionary(tmp_path / "dictionary.csv", ";", "utf-16")
    project.write_export(tmp_path / "export.csv", labels=False, values=False)
    found = read(tmp_path, labelled=False)
    assert found.findings == []
    assert found.cell_findings == []
    assert found.cells.astype("str").to_numpy().tolist() == project.rows
