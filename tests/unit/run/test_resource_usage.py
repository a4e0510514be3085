"""What a step used: its own, its children's and its helpers', as a line that reads back."""

import math
import subprocess
import sys
import time

import pytest
from owncontrol.run import resource_usage

BUSY = "x = bytearray(60_000_000); n = 0\nwhile True: n += 1"


def test_the_line_of_a_log_reads_back() -> None:
    found = resource_usage.read_spent(f"first\n{resource_usage.spent_line()}\n")
    assert found is not None
    assert found.wall > 0
    assert found.processor > 0
    assert found.memory > 10
    assert resource_usage.read_spent("failed: it stopped") is None


@pytest.mark.skipif(math.isnan(resource_usage.spent().read), reason="the system counts no bytes")
def test_a_process_that_is_no_child_counts_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_usage, "HELPERS", [])
    with subprocess.Popen([sys.executable, "-c", BUSY]) as process:
        for _ in range(200):
            time.sleep(0.05)
            resource_usage.HELPERS.clear()
            resource_usage.count_helper(process.pid)
            if resource_usage.HELPERS[0].processor > 0.1 and resource_usage.HELPERS[0].memory > 60:
                break
        process.kill()
    (helper,) = resource_usage.HELPERS
    assert helper.processor > 0.1
    assert helper.memory > 60
    assert resource_usage.spent().processor >= helper.processor
    resource_usage.count_helper(process.pid)  # it has ended: nothing is counted
    assert len(resource_usage.HELPERS) == 1
