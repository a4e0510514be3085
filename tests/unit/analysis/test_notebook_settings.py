"""What the rules give the notebooks: the types that each makes of it, and no more than that."""

import json

import pytest
from analysis_study import ROOT
from owncontrol.analysis.catalogue import ANALYSES, AnalysisEntry
from owncontrol.analysis.settings import PatientsSettings
from owncontrol.run.notebooks import typed_settings
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import load_study
from pydantic import ValidationError

TYPED = [entry for entry in ANALYSES if entry.settings]


def source(entry: AnalysisEntry) -> str:
    cells = json.loads((ROOT / f"notebooks/{entry.notebook}.ipynb").read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


@pytest.mark.parametrize("entry", ANALYSES, ids=lambda entry: entry.name)
def test_a_notebook_makes_the_types_that_its_rule_gives(entry: AnalysisEntry) -> None:
    text = source(entry)
    if entry.settings is None:
        assert "settings" not in text
    else:
        assert f"settings = typed_settings({entry.settings.__name__}, settings)\n" in text


@pytest.mark.parametrize("entry", TYPED, ids=lambda entry: entry.name)
def test_what_is_given_comes_back_from_plain_values(
    entry: AnalysisEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert entry.settings is not None
    told = entry.settings.taken_from(analysis_settings(load_study({}, ROOT)))
    # As papermill writes it into the notebook: Python's own expressions.
    given = eval(repr(told.plain()), {"__builtins__": {}})
    assert typed_settings(entry.settings, given) == told
    monkeypatch.chdir(ROOT)
    assert typed_settings(entry.settings, None) == told


def test_a_key_that_a_notebook_is_not_told_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    told = typed_settings(PatientsSettings, None).plain()
    with pytest.raises(ValidationError, match="level"):
        typed_settings(PatientsSettings, {**told, "level": 0.95})
