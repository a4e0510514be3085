"""What a step used: its own, its children's and its helpers', as a line that reads back."""

import math
import subprocess
import sys
import time

import pytest
from owncontrol import spent

BUSY = "x = bytearray(60_000_000); n = 0\nwhile True: n += 1"


def test_the_line_of_a_log_reads_back() -> None:
    found = spent.read_spent(f"first\n{spent.spent_line()}\n")
    assert found is not None
    assert found.wall > 0
    assert found.processor > 0
    assert found.memory > 10
    assert spent.read_spent("failed: it stopped") is None


@pytest.mark.skipif(math.isnan(spent.spent().read), reason="the system counts no bytes")
def test_a_process_that_is_no_child_counts_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spent, "HELPERS", [])
    with subprocess.Popen([sys.executable, "-c", BUSY]) as process:
        for _ in range(200):
            time.sleep(0.05)
            spent.HELPERS.clear()
            spent.count_helper(process.pid)
            if spent.HELPERS[0].processor > 0.1 and spent.HELPERS[0].memory > 60:
                break
        process.kill()
    (helper,) = spent.HELPERS
    assert helper.processor > 0.1
    assert helper.memory > 60
    assert spent.spent().processor >= helper.processor
    spent.count_helper(process.pid)  # it has ended: nothing is counted
    assert len(spent.HELPERS) == 1
