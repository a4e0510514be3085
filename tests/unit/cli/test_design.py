"""design: what a cohort could show, from the configuration alone."""

import re
from pathlib import Path

import pytest
from owncontrol.analysis.null_worlds import World
from owncontrol.cli.design_study import MOST_TRIED, ODDS, counts_by_grade, design_lines
from owncontrol.errors import InputError
from owncontrol.study.loading import load_study

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def in_project(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.slow
def test_a_plan_with_numbers():
    said = design_lines(None, "A=10, C=8,B=6")
    assert "10 of grade A, 6 of grade B, 8 of grade C" in said[0]
    assert "grade B is not judged: no eligible published rate" in said
    more = next(line for line in said if line.startswith("more than expected: from"))
    needed, error, share = re.search(
        r"from (\d+) improved; wrong in ([\d.]+) % .* where ([\d.]+) % improve", more
    ).groups()
    assert int(needed) <= 18
    assert float(error) <= 2.5
    assert int(needed) / 18 * 100 - 10 < float(share) < 100
    sizes = said.index("patients of this mix that show more than expected with 80 %:")
    worlds = said.index("in simulated worlds where the treatment does nothing (more, fewer):")
    assert worlds - sizes == 1 + len(ODDS)
    assert len(said) - worlds == 1 + len(World)
    needed = [line.split(" where ")[0].strip() for line in said[sizes + 1 : worlds]]
    assert needed[0] == f"more than {MOST_TRIED}"
    assert int(needed[-1]) < int(needed[-2])


def test_more_patients_show_smaller_effects(monkeypatch):
    monkeypatch.setattr("owncontrol.cli.design_study.ODDS", ())

    def share(numbers):
        more = next(line for line in design_lines(None, numbers) if line.startswith("more than"))
        return float(re.search(r"where ([\d.]+) % improve", more)[1])

    assert share("A=10") > share("A=20") > share("A=40")


def test_too_few_to_show_anything():
    said = design_lines(None, "A=1")
    assert "more than expected: cannot be shown with these patients" in said
    assert design_lines(None, "B=4")[-1] == "no verdict is possible with these patients"


@pytest.mark.slow
def test_the_subjects_are_called_what_the_study_calls_them(monkeypatch):
    design = {"subjects": {"one": "rat", "many": "rats"}}
    study = load_study({"design": design})
    monkeypatch.setattr("owncontrol.cli.design_study.load_study", lambda _: study)
    said = "\n".join([*design_lines(None, "A=10,C=8"), *design_lines(None, "A=1,B=4")])
    assert "patient" not in said
    assert "odds of each rat times" in said
    assert "cannot be shown with these rats" in said
    assert design_lines(None, "B=4")[-1] == "no verdict is possible with these rats"
    with pytest.raises(InputError, match="is no number of rats"):
        design_lines(None, "A=0")


@pytest.mark.parametrize("numbers", ["A", "A=", "A=0", "A=-1", "A=1.5", "A=1,A=2", "F=3", "", "=3"])
def test_what_is_no_number_of_patients(numbers):
    with pytest.raises(InputError, match="--n"):
        counts_by_grade(numbers, tuple("ABCDE"))


def test_a_study_without_published_rates():
    with pytest.raises(InputError, match="natural_recovery is not configured"):
        design_lines("stroke", "A=3")
