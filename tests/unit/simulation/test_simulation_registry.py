"""The SYNTHETIC registry: same bytes for the same seed, faults where the list says."""

from pathlib import Path

import pandas as pd
import pytest
from owncontrol.files import sha256
from owncontrol.simulation import registry
from owncontrol.simulation.registry import EXAMS, PATIENTS, PLANTED, SCIM, write_registry
from owncontrol.simulation.registry_faults import IN_EXAMS, IN_PATIENTS, IN_SCIM


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("registry")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "BLOCK", 200)
        write_registry(place, 600, 7)
    return place


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("other", 8)):
        write_registry(tmp_path / name, 20, seed)
    one, two, other = (
        [sha256(tmp_path / name / file) for file in (PATIENTS, EXAMS, SCIM, PLANTED, "MANIFEST")]
        for name in ("one", "two", "other")
    )
    assert one == two
    assert not set(one) & set(other)


def test_blocks_follow_each_other_without_a_gap(folder: Path) -> None:
    exams = read(folder / EXAMS)
    codes = exams["patient"].str[4:].astype(int)
    assert codes.is_monotonic_increasing
    assert codes.nunique() == 600
    assert exams.groupby("patient").size().between(1, 9).all()
    assert list(exams.columns[:3]) == ["patient", "visit", "date"]


def test_two_rows_in_a_hundred_have_a_fault(folder: Path) -> None:
    planted = read(folder / PLANTED)
    for file, kinds in ((PATIENTS, IN_PATIENTS), (EXAMS, IN_EXAMS), (SCIM, IN_SCIM)):
        here = planted.loc[planted["file"] == file]
        assert set(here["kind"]) == set(kinds)
        assert 0.005 < len(here) / len(read(folder / file)) < 0.035


def test_faults_stand_at_the_rows_of_the_list(folder: Path) -> None:
    planted = read(folder / PLANTED)
    tables = {name: read(folder / name) for name in (PATIENTS, EXAMS, SCIM)}
    for file, row, patient, kind in planted.itertuples(index=False):
        if kind == "not in the file":
            assert patient not in set(tables[file]["patient"])
            continue
        table, place = tables[file], int(row) - 2
        cells = table.iloc[place]
        if kind != "unknown patient":
            assert cells["patient"] == patient
        if kind == "row twice":
            assert (cells == table.iloc[place + 1]).all()
        elif kind == "cells copied from the row before":
            assert (cells.iloc[4:136] == table.iloc[place - 1].iloc[4:136]).all()
        elif kind == "cell not permitted":
            assert "7" in cells.iloc[4:138].tolist()
        elif kind == "no sex":
            assert cells["sex"] == ""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same registry in seven sites, whose borders are none of a block, by two processes."""
    place = tmp_path_factory.mktemp("sites")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "BLOCK", 200)
        write_registry(place, 600, 7, sites=7, processes=2)
    return place


def test_the_files_of_all_sites_hold_what_one_file_holds(folder: Path, sites: Path) -> None:
    for name in (PATIENTS, EXAMS, SCIM):
        whole = (folder / name).read_bytes().splitlines()
        stem = Path(name).stem
        parts = [path.read_bytes().splitlines() for path in sorted(sites.glob(f"{stem}-[1-7].csv"))]
        assert len(parts) == 7
        assert {part[0] for part in parts} == {whole[0]}
        assert [line for part in parts for line in part[1:]] == whole[1:]
    patients = [len(read(path)) for path in sites.glob("patients-*.csv")]
    assert max(patients) - min(patients) < 10


def test_a_fault_is_listed_at_its_row_in_the_file_of_the_site(folder: Path, sites: Path) -> None:
    whole, planted = read(folder / PLANTED), read(sites / PLANTED)
    assert sorted(whole["kind"]) == sorted(planted["kind"])
    assert planted["file"].nunique() == 21
    tables = {name: read(sites / name) for name in set(planted["file"])}
    named = planted.loc[~planted["kind"].isin(["not in the file", "unknown patient"])]
    for file, row, patient, _ in named.itertuples(index=False):
        assert tables[file]["patient"].iloc[int(row) - 2] == patient


@pytest.mark.parametrize(
    ("subjects", "sites", "said"),
    [(0, 1, "at least 1"), (5, 6, "from 1 to 5"), (5, 0, "sites: 0"), (9999, 301, "1 to 300")],
)
def test_a_registry_of_nobody_is_refused(
    tmp_path: Path, subjects: int, sites: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        write_registry(tmp_path, subjects, 1, sites)
