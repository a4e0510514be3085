"""run: what is asked of Snakemake, and what is refused before it is started."""

import pytest
from owncontrol.basics.program_files import WORKFLOW
from owncontrol.cli.run_workflow import Wanted, _arguments, _calm_arguments, _check_figure
from owncontrol.errors import InputError
from owncontrol.run.usable_memory import usable_mib
from snakemake.cli import parse_args


@pytest.fixture(autouse=True)
def project(monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)


def test_a_mistyped_figure_is_answered_with_the_nearest_name():
    with pytest.raises(InputError) as refused:
        _check_figure(None, "timelin")
    assert refused.value.message == "FIGURE=timelin: no such figure"
    assert refused.value.hint == "did you mean 'timeline'?"


def test_a_figure_that_the_study_does_not_have_is_answered_with_those_it_has():
    with pytest.raises(InputError) as refused:
        _check_figure("honmou2021", "timeline")
    assert "the study honmou2021 has no such figure" in refused.value.message
    assert "ais_shift" in refused.value.hint and "timeline" not in refused.value.hint
    _check_figure("honmou2021", "ais_shift")
    _check_figure(None, "timeline")


def test_the_default_profile_is_given_as_arguments_without_being_announced():
    said = " ".join(_calm_arguments())
    assert "--logger owncontrol --workflow-profile none" in said
    assert "--nolock" in said and "--rerun-triggers mtime params" in said
    assert "printshellcmds" not in said  # it is off


def test_targets_come_last_and_a_configuration_is_laid_over():
    wanted = Wanted("stroke", "2", figure="timeline", configuration="x.yaml")
    assert _arguments(wanted, "stroke") == [
        *("--config", "study=stroke", "--configfile", "x.yaml"),
        *("--resources", f"mem_mb={usable_mib()}", "--cores", "2"),
        *("--", "results/stroke/figures/timeline.pdf"),
    ]
    assert not wanted.whole and Wanted().whole


def test_a_target_is_not_taken_for_a_value_of_the_option_before_it():
    given = parse_args(_arguments(Wanted("stroke", more=["x"]), "stroke"))[1]
    assert list(given.targets) == ["x"] and given.config == ["study=stroke"]
    slurm = _arguments(Wanted("stroke", profile="slurm", more=["x"]), "stroke")
    assert slurm[-3] == "--workflow-profile" and slurm[-1] == "x"


def test_in_a_folder_without_a_workflow_the_programs_own_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = WORKFLOW / "Snakefile"
    arguments = _arguments(Wanted(cores="1"), "x")
    assert arguments[:2] == ["--snakefile", str(own)] and arguments[-2:] == ["--cores", "1"]
    assert "--nolock" in _calm_arguments()
    slurm = _arguments(Wanted(profile="slurm"), "x")
    assert slurm[-2:] == ["--workflow-profile", str(WORKFLOW.parent / "profiles/slurm")]
    (tmp_path / "profiles/slurm").mkdir(parents=True)
    (tmp_path / "Snakefile").write_text("")
    assert _arguments(Wanted(profile="slurm"), "x") == ["--workflow-profile", "profiles/slurm"]


def test_steps_run_side_by_side_as_far_as_the_memory_goes(tmp_path):
    """Of the computer, or of its container where that has less; a cluster has its own rules."""
    limit, word, absent = (tmp_path / name for name in ("max", "word", "absent"))
    limit.write_text(f"{500 * 2**20}\n")
    word.write_text("max\n")
    assert usable_mib((absent, limit, word)) == 400
    assert usable_mib((word,)) == usable_mib((absent,)) > 400
    said = " ".join(_calm_arguments())
    assert "--default-resources mem_mb=" in said and "input.size_mb" in said
    assert "--resources" not in _arguments(Wanted(profile="slurm"), "x")
