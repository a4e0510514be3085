"""What more nodes would give: schedules that can be worked out by hand, and bounds that hold."""

import random

import pytest
import simulate_nodes
from simulate_nodes import Job, chains, longest_chain, makespan


def jobs(**given):
    """Jobs by name: seconds, and the names of those that each waits for."""
    made = (
        Job(name, float(seconds), 1.0, 2.0, frozenset(after))
        for name, (seconds, after) in given.items()
    )
    return {job.name: job for job in made}


DIAMOND = jobs(first=(2, ""), a=(3, ["first"]), b=(5, ["first"]), last=(1, ["a", "b"]))


@pytest.mark.parametrize(
    ("slots", "start", "seconds"), [(1, 0, 11), (2, 0, 8), (9, 0, 8), (2, 1, 11)]
)
def test_a_diamond(slots, start, seconds):
    assert makespan(DIAMOND, slots, start) == seconds


def test_the_longest_chain_is_named():
    assert [job.name for job in longest_chain(DIAMOND, 0)] == ["first", "b", "last"]
    assert chains(DIAMOND, 0) == {"first": 8, "a": 4, "b": 6, "last": 1}


def test_the_job_with_the_longest_chain_behind_it_goes_first():
    # Two short ones are ready as well, and come first by their names.
    three = jobs(a=(1, ""), b=(1, ""), z=(1, ""), after_z=(5, ["z"]))
    assert makespan(three, 1, 0) == 8
    assert makespan(three, 2, 0) == 6


def test_no_schedule_beats_its_bounds():
    rng = random.Random(5)
    for _ in range(50):
        names = [f"j{number}" for number in range(rng.randint(1, 12))]
        given = {
            name: (rng.randint(0, 9), [other for other in names[:place] if rng.random() < 0.3])
            for place, name in enumerate(names)
        }
        made = jobs(**given)
        work, chain = sum(job.seconds for job in made.values()), max(chains(made, 0).values())
        assert sum(job.seconds for job in longest_chain(made, 0)) == chain
        assert makespan(made, 1, 0) == work
        assert makespan(made, len(made), 0) == chain
        for slots in (2, 3):
            seconds = makespan(made, slots, 0)
            # Graham's bound of list scheduling.
            assert max(chain, work / slots) <= seconds <= work / slots + chain * (1 - 1 / slots)


def test_what_a_run_did_not_do_is_no_job(tmp_path, monkeypatch):
    said = (
        "output_file\tdate\trule\tlog-file(s)\tinput-file(s)\n"
        "b.csv\t-\ttwo\tlogs/s/two.log\ta.csv,raw.csv\n"
        "a.csv\t-\tone\tlogs/s/one.log\traw.csv\n"
        "c.csv\t-\tthree\tlogs/s/three.log\tb.csv\n"
    )
    spent = "spent: 2.50 s, processor 1.00 s, memory 9 MiB, read 3.0 MB, written 4.0 MB\n"
    (tmp_path / "logs/s").mkdir(parents=True)
    for name in ("one", "two"):
        (tmp_path / f"logs/s/{name}.log").write_text(spent)
    (tmp_path / "logs/s/three.log").write_text("stopped\n")
    result = type("Result", (), {"stdout": said, "stderr": "no Snakefile", "returncode": 0})
    monkeypatch.setattr(simulate_nodes.subprocess, "run", lambda *_, **__: result)
    found = simulate_nodes.jobs_of(tmp_path, "s")
    one, two = "logs/s/one.log", "logs/s/two.log"
    assert found == {
        one: Job(one, 2.5, 3.0, 4.0, frozenset()),
        two: Job(two, 2.5, 3.0, 4.0, frozenset({one})),
    }
    assert "Longest chain, 13 s" in simulate_nodes.report(found, [1, 50], 4.0)
    monkeypatch.setattr(result, "stdout", said.splitlines()[0])
    with pytest.raises(SystemExit, match="run the study first"):
        simulate_nodes.jobs_of(tmp_path, "s")
    monkeypatch.setattr(result, "returncode", 1)
    with pytest.raises(SystemExit, match="no Snakefile"):
        simulate_nodes.jobs_of(tmp_path, "s")
