"""Results that were damaged since the run: each command names the file, in one line."""

import random
import shutil

import pytest
from fuzz_commands import call
from fuzzing import corrupted
from owncontrol.errors import InputError

COMMANDS = (
    ("trace", "change.motor_total.day_180.median", "--results", "results/example"),
    ("summary", "results/example"),
    ("diff", "results/example", "results/example"),
    ("verify", "results/example"),
)
FILES = ("statistics/estimates.csv", "cleaned/flow.csv", "ingested/isncsci/rows.csv")
FILES += ("provenance/configuration.yaml", "scored/scores.csv", "provenance/outputs.csv")


def test_a_damaged_result_is_named(finished, tmp_path, monkeypatch):
    for name in ("results", "logs"):
        shutil.copytree(finished / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    rng = random.Random(3)
    there = [name for name in FILES if (tmp_path / "results/example" / name).is_file()]
    assert len(there) > 3
    for name in there:
        path = tmp_path / "results/example" / name
        whole = path.read_bytes()
        for content in (corrupted(rng, [whole]), whole[:-7] + b'"\xff,', b"", b"\0" * 9):
            path.write_bytes(content)
            for command in COMMANDS:
                try:
                    call(*command)
                except InputError as error:
                    assert "\n" not in error.message
                    assert error.hint
        path.write_bytes(whole)
    (tmp_path / "results/example/statistics/estimates.csv").write_bytes(b'estimate_id\n"\xff')
    with pytest.raises(InputError, match=r"statistics/estimates.csv: is not as the run left it"):
        call(*COMMANDS[0])
