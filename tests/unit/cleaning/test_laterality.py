"""Right and left exchanged in an exam."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from export_files import INSTRUMENTS
from owncontrol.cleaning.laterality import check_mirrored_visits, check_recorded_sides
from owncontrol.cleaning.working_table import Sheet
from owncontrol.instruments import load_instrument
from owncontrol.simulation.simulated_study import write_study
from study_run import run_study


@pytest.fixture(scope="module")
def exams(tmp_path_factory):
    """A clean study, and its run."""
    folder = tmp_path_factory.mktemp("exams")
    write_study(folder, 13, 2021, clean=True)
    return folder, run_study(folder)


def swap_sides(frame, row, totals):
    columns = [name for name in frame if name.startswith(("R ", "L "))]
    if totals:
        columns += ["UER", "UEL", "LER", "LEL"]
        columns += ["Sens level R", "Sens level L", "Motor level R", "Motor level L"]
    mirror = str.maketrans("RL", "LR")

    def other(name):
        if name in ("LER", "LEL", "UER", "UEL"):
            return name[:2] + name[2].translate(mirror)
        return (
            name[0].translate(mirror) + name[1:]
            if name[1] == " "
            else (name[:-1] + name[-1].translate(mirror))
        )

    frame.loc[row, columns] = frame.loc[row, [other(name) for name in columns]].to_numpy()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("totals", "expected"),
    [(False, ("sides_swapped", "error")), (True, ("sides_mirrored", "warning"))],
)
def test_right_and_left_exchanged(exams, tmp_path, totals, expected):
    folder, before = exams
    frame = pd.read_excel(
        folder / "isncsci_exams.xlsx", sheet_name="Exams", dtype=object, engine="openpyxl"
    )
    unequal = (
        pd.to_numeric(frame["UER"], errors="coerce") - pd.to_numeric(frame["UEL"], errors="coerce")
    ).abs()
    row = int(unequal.iloc[2:-2].idxmax())
    swap_sides(frame, row, totals)
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    frame.to_excel(tmp_path / "isncsci_exams.xlsx", sheet_name="Exams", index=False)
    new = run_study(tmp_path).found().merge(before.found(), how="left", indicator=True)
    new = new.loc[new["_merge"] == "left_only", ["row", "column", "rule", "severity"]]
    assert new.to_numpy().tolist() == [[str(row + 2), "", *expected]]


ISNCSCI = load_instrument(INSTRUMENTS / "isncsci.yaml")
ARM = ("c5", "c6", "c7", "c8", "t1")
UPPER = "upper_extremity_motor_score"


def sheet_of(*exams, subjects=None):
    """Exams one day after the other, each by column; of one subject where no others are given."""
    texts = pd.DataFrame(exams).astype("category")
    dates = pd.date_range("2021-01-01", periods=len(exams)).to_numpy()
    codes = pd.Categorical(subjects or ["P1"] * len(exams))
    values = texts.assign(subject_id=codes, date=dates)
    files = pd.Series(["x.csv"] * len(exams), dtype="category")
    raw = {("x.csv", name): name for name in values}
    return Sheet("isncsci", texts, files, np.arange(2, 2 + len(exams)), raw, {"x.csv": "x"}, values)


def arms(right, left, **more):
    """Grades of both arms, five signs each."""
    sides = (("right", right), ("left", left))
    return {
        f"{side}_motor_{level}": grade
        for side, grades in sides
        for level, grade in zip(ARM, grades.split(), strict=True)
    } | more


def totals(right, left, name=UPPER):
    return {f"recorded_right_{name}": right, f"recorded_left_{name}": left}


def told(sheet):
    return [
        (row, rule, detail)
        for found in sheet.findings
        for row, rule, detail in found[["row", "rule", "detail"]].itertuples(index=False)
    ]


@pytest.mark.parametrize(
    ("right", "left", "swapped"),
    [
        ("9", "25", True),
        ("25", "9", False),
        ("9", "24", False),
        ("8", "25", False),
        ("", "25", False),
        ("9", "", False),
        ("", "", False),
        ("ND", "25", False),
    ],
)
def test_cells_of_each_side_that_give_the_total_of_the_other(right, left, swapped):
    exam = arms("5 5 5 5 5", "5 4 0 0 0", **totals(right, left))
    sheet = sheet_of(exam, exam | totals("25", "9"))
    check_recorded_sides(sheet, ISNCSCI)
    assert sheet.is_kept.tolist() == [not swapped, True]
    assert [found[:2] for found in told(sheet)] == [(2, "sides_swapped")] * swapped
    if swapped:
        assert f"the other ({UPPER})" in told(sheet)[0][2]
        assert sheet.reason[0] == "right and left exchanged"


def test_a_side_that_cannot_be_summed_has_a_total_that_is_not_determinable():
    exam = arms("NT 5 5 5 5", "5 4 0 0 0", **totals("9", "ND"))
    sheet = sheet_of(exam, arms("NT 5 5 5 5", "5 4 0 0 0", **totals("ND", "9")))
    check_recorded_sides(sheet, ISNCSCI)
    assert sheet.is_kept.tolist() == [False, True]


def test_all_recorded_totals_have_to_agree_crosswise():
    exam = arms("5 5 5 5 5", "5 4 0 0 0")
    both = [{**exam, f"{side}_motor_l2": grade} for side, grade in (("right", "5"), ("left", "1"))]
    legs = {f"{side}_motor_{level}": "0" for side in ("right", "left") for level in
            ("l3", "l4", "l5", "s1")}  # fmt: skip
    exam = both[0] | both[1] | legs | totals("9", "25")
    lower = "lower_extremity_motor_score"
    sheet = sheet_of(exam | totals("1", "5", lower), exam | totals("5", "1", lower))
    check_recorded_sides(sheet, ISNCSCI)
    assert sheet.is_kept.tolist() == [False, True]
    assert f"({UPPER} and {lower})" in told(sheet)[0][2]


def test_sides_that_are_alike_or_without_totals_are_not_exchanged():
    alike = arms("5 5 5 5 5", "5 5 5 5 5", **totals("25", "25"))
    for exam in (alike, arms("5 5 5 5 5", "5 4 0 0 0")):
        sheet = sheet_of(exam)
        check_recorded_sides(sheet, ISNCSCI)
        assert sheet.is_kept.all()
        assert not told(sheet)


def mirrored(*exams, subjects=None):
    """What is told of exams, by raw row."""
    sheet = sheet_of(*exams, subjects=subjects)
    places = sheet.values["subject_id"].cat.codes.to_numpy(np.int64)
    check_mirrored_visits(sheet, SimpleNamespace(places=lambda _: places), ISNCSCI)
    assert sheet.is_kept.all()
    return {row: detail for row, _, detail in told(sheet)}


USUAL, OTHER = arms("5 5 5 1 0", "5 2 1 0 0"), arms("5 2 1 0 0", "5 5 5 1 0")


def test_an_exam_between_two_that_it_mirrors_is_told():
    # Each side differs by 3, 4 and 1 from the same one before and after: 16 of both sides.
    found = mirrored(USUAL, OTHER, USUAL, USUAL)
    assert list(found) == [3]
    assert found[3].startswith("16 and 16 grades from the visits before and after")
    assert found[3].endswith("exchanged 0 and 0")


@pytest.mark.parametrize(
    ("exams", "subjects"),
    [
        ((USUAL, OTHER, OTHER, OTHER), None),  # one neighbour that it mirrors is not enough
        ((OTHER, USUAL, USUAL, OTHER), None),
        ((USUAL, OTHER), None),
        ((USUAL, OTHER, USUAL), ["P1", "P1", "P2"]),  # another patient is no neighbour
        ((USUAL, OTHER, USUAL), ["P1", "P2", "P2"]),
        ((USUAL, USUAL, USUAL), None),
    ],
)
def test_an_exam_is_mirrored_only_between_two_of_the_same_patient(exams, subjects):
    assert mirrored(*exams, subjects=subjects) == {}


@pytest.mark.parametrize(
    ("right", "left", "is_told"),
    [
        ("5 3 0 0 0", "5 0 0 0 0", True),  # 6 grades off
        ("5 2 0 0 0", "5 0 0 0 0", False),  # 4 grades off
    ],
)
def test_a_mirror_image_has_to_be_nearer_by_six_grades(right, left, is_told):
    found = mirrored(arms(right, left), arms(left, right), arms(right, left))
    assert bool(found) == is_told


@pytest.mark.parametrize(("gained", "is_told"), [("5 5 5 0", True), ("5 5 5 1", False)])
def test_a_mirror_image_has_to_be_more_than_twice_as_near(gained, is_told):
    """Arms are 16 grades off as they are; a leg of 15 or 16 grades more is so either way."""
    legs = [f"{side}_motor_{level}" for side in ("right", "left") for level in ("l2", "l3")]
    none = dict.fromkeys(legs, "0")
    middle = OTHER | dict(zip(legs, gained.split(), strict=True))
    assert bool(mirrored(USUAL | none, middle, USUAL | none)) == is_told
