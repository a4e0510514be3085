"""Public data sets that nobody here made, with numbers computed independently (../shared/real).

Read there, never copied; their configurations and instruments are those that a person wrote by
hand. What they show: whole numbers written 16.0, averages without a grid, repeated instruments, SAS
transport files, visits in column names.
"""

from pathlib import Path

import pytest
from owncontrol.analysis.pairs import differences, paired
from owncontrol.basics.decimals import read_decimal
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.instruments import load_instrument
from owncontrol.statistics import hodges_lehmann, signed_rank_test
from owncontrol.study.model import Study
from read_study import ingest_files
from study_run import clean_and_score

REAL = Path(__file__).parents[4] / "shared" / "real"
BY_HAND = REAL / "by_hand"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="../shared/real is absent")
# Configuration, folder, endpoint's instrument, n, Hodges-Lehmann estimate, p of the Pratt test.
RIGHT = [
    ("sleep", "sleep", "sleep_gain", 10, 1.3, 0.00390625),
    ("anorexia", "anorexia", "weight_lb", 17, 7.65, 0.000839),
    ("btheb", "beat_the_blues", "bdi_total", 52, -7.0, 4.2e-8),
    ("backpain", "back_pain", "pain_nrs", 38, -2.5, 3.2e-7),
    ("backpain", "back_pain", "odi", 38, -12.0, 3.1e-5),
    ("backpain", "back_pain", "bpi_interference", 38, -2.0357, 3.3e-7),
    ("cdisc2", "cdisc_pilot", "adas_cog", 27, 0.0, 0.94795),
]


@pytest.fixture(scope="module")
def runs():
    return {}


def run_of(name, folder, runs, place):
    """Ingest, clean and score a study once; the averages of the BPI have no steps."""
    if name not in runs:
        study = Study.model_validate(read_yaml(BY_HAND / f"{name}.yaml"))
        tables = {table for _, table, _ in study.mappings}
        instruments = {}
        for path in sorted(BY_HAND.glob("*.yaml")):
            if path.stem in tables:
                text = path.read_text("utf-8").replace(", step: 0.01", "")
                copy = place / path.name
                copy.write_text(text.replace("    resolution: 0.01\n", ""), "utf-8")
                instruments[path.stem] = load_instrument(copy)
        ingested = ingest_files(REAL / folder, study, instruments)
        runs[name] = clean_and_score(REAL / folder, study, instruments, ingested)
    return runs[name]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "folder", "instrument", "n", "estimate", "p"), RIGHT)
def test_the_numbers_are_those_computed_elsewhere(
    name, folder, instrument, n, estimate, p, runs, tmp_path
):
    run = run_of(name, folder, runs, tmp_path)
    scores = run.scores.loc[run.scores["instrument"] == instrument]
    change = differences(paired(scores, run.study.baseline, run.study.time_point))
    assert len(change) == n
    assert hodges_lehmann(change).value == pytest.approx(estimate, abs=5e-5)
    assert signed_rank_test(change).p == pytest.approx(p, rel=0.02)


def test_no_number_is_refused(runs, tmp_path):
    for name, folder, instrument, *_ in RIGHT:
        found = run_of(name, folder, runs, tmp_path).cleaned.findings
        refused = found.loc[found["rule"] == "not_permitted"]
        numbers = [value for value in refused["value"] if read_decimal(value) and "." in value]
        assert not numbers, (name, instrument, numbers[:3])
