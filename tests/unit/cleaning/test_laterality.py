"""Right and left exchanged in an exam."""

import pandas as pd
import pytest
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
