"""A small seeded sample of the long check (`make check-isncsci`), and that it can fail."""

import campaign_isncsci
import numpy as np
import pytest
from isncsci_exams import make_exam
from owncontrol.isncsci import cells

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("change", "count"),
    [
        (campaign_isncsci.leave, 300),
        (campaign_isncsci.open_cells, 60),
        (campaign_isncsci.tag_cells, 60),
    ],
)
def test_a_sample_agrees(change, count):
    assert campaign_isncsci.compare(7, count, change) == 0


def test_cells_are_opened_and_tagged_where_they_decide():
    rng = np.random.default_rng(3)
    exams = [make_exam(rng) for _ in range(200)]
    opened = np.array([campaign_isncsci.open_cells(rng, codes) for codes in exams])
    tagged = np.array([campaign_isncsci.tag_cells(rng, codes) for codes in exams])
    assert ((opened == cells.NT).sum(axis=1) >= 1).all()
    assert ((opened == cells.NT).sum(axis=1) <= 5).all()
    assert (opened[:, [cells.VAC_ROW, cells.DAP_ROW]] == cells.NT).any()
    assert ((tagged <= cells.SINGLE).sum(axis=1) >= 1).all()
    assert (tagged == cells.DOUBLE + cells.NT).any()


def test_a_wrong_classification_is_found(monkeypatch, capsys):
    classify = campaign_isncsci.classify

    def wrong(exams):
        return classify(exams).replace({"injury_complete": {"C": "I"}})

    monkeypatch.setattr(campaign_isncsci, "classify", wrong)
    assert campaign_isncsci.compare(7, 50, campaign_isncsci.leave) > 0
    assert "injury_complete" in capsys.readouterr().out
