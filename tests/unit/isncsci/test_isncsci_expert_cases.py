"""The expert-reviewed exams of the open-source ISNCSCI algorithm, read from beside the project."""

from pathlib import Path

import pandas as pd
import pytest
from owncontrol.isncsci import cells, classify

CASES = Path(__file__).parents[4] / "shared" / "reference" / "isncsci_expert_cases.csv"

# Where an expert case is not the exact set: exam, output, expert's answer, ours, and why.
DIFFERENT = {
    ("55", "asia_impairment_scale"): (
        "A,B,C,D",
        "A,B,D",
        "C needs function more than three levels below a motor level. The legs are 0, so only a "
        "motor level of C1 to C3 leaves any, and then 10 of 20 key muscles lie below the "
        "neurological level with grade 3 or better: half, which is D",
    ),
}


@pytest.fixture(scope="module")
def expert_cases():
    if not CASES.exists():
        pytest.skip(f"{CASES.name} lies outside the project and is not there")
    return pd.read_csv(CASES, dtype="str", keep_default_na=False).set_index("exam_id")


def test_all_expert_cases_but_the_justified(expert_cases):
    results = classify(expert_cases)
    found = {
        (exam, output): (expert_cases.at[exam, output], results.at[exam, output])
        for output in cells.OUTPUTS
        for exam in results.index[results[output] != expert_cases[output]]
    }
    assert len(results) == 64
    assert found == {where: answers[:2] for where, answers in DIFFERENT.items()}


@pytest.mark.slow
def test_expert_cases_one_at_a_time(expert_cases):
    together = classify(expert_cases)
    apart = pd.concat([classify(expert_cases.loc[[exam]]) for exam in expert_cases.index])
    pd.testing.assert_frame_equal(apart, together)
