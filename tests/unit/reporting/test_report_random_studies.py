"""Random studies with hostile texts everywhere: page, paper, captions and tables are made whole."""

import pytest
from hostile_pages import faults_of
from owncontrol.reporting import html
from random_studies import render

pytestmark = pytest.mark.slow

# Seeds of studies that once broke something, and some more; the campaign is random_studies.py.
SEEDS = (2, 7, 9, 12, 19, 1028, 1, 3, 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_study_has_a_whole_report(seed, tmp_path, monkeypatch):
    monkeypatch.setattr(html, "cards", lambda *_: "")  # needs the records of a whole run
    made = render(seed, tmp_path)
    assert faults_of(made) == []
