"""What ``make mutants`` changes in code, and that a fault which no test sees is said."""

import ast
import subprocess
import sys
from pathlib import Path

import mutants
import pytest
from code_mutation import mutation, mutations

CAMPAIGN = Path(__file__).parents[2] / "campaigns/mutants.py"


def changed(code: str) -> set[str]:
    """All that one change makes of some code, written out."""
    tree = ast.parse(code)
    places = [place for found in mutations(tree).values() for place in found]
    return {ast.unparse(mutation(tree, *place).tree) for place in places}


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        ("a < b", {"a <= b", "a > b"}),
        ("a == b", {"a != b"}),
        ("a is b", {"a is not b"}),
        ("a in b", {"a not in b"}),
        ("a < b < c", {"a <= b < c", "a > b < c", "a < b <= c", "a < b > c"}),
        ("a + b", {"a - b"}),
        ("a / b", {"a * b"}),
        ("a and b", {"a or b"}),
        ("not a", {"a"}),
        ("-a", {"a"}),
        ("~a", {"a"}),
        ("x = True", {"x = False"}),
        ("x = 2.5", {"x = 5.0"}),
        ("x = 7", {"x = 8", "x = 6"}),
        ("a if b else c", {"c if b else a"}),
        ("a[b:]", {"a[b + 1:]"}),
        ("a[:b]", {"a[:b - 1]"}),
    ],
)
def test_each_kind_of_fault(code, faults):
    assert changed(code) == faults


def test_statements_are_changed():
    assert "if not a:\n    b()" in changed("if a:\n    b()")
    assert changed("def f():\n    return a") == {"def f():\n    return None"}
    assert "while a:\n    continue" in changed("while a:\n    break")


@pytest.mark.parametrize(
    "code",
    [
        '"""A sentence of 3 words."""',
        "def f(a: Literal[1]) -> Literal[2]:\n    ...",
        "raise ValueError(f'{a + 1} of 2')",
        "if TYPE_CHECKING:\n    a = 1",
        "a + 'text'",
        "return_nothing()",
        "def f():\n    return None",
    ],
)
def test_sentences_and_types_are_left_alone(code):
    assert changed(code) == set()


def test_a_change_knows_its_line_and_its_function():
    tree = ast.parse("x = 1\nclass A:\n    def f(self):\n        def g():\n            return a\n")
    found = {line: mutation(tree, *places[0]).function for line, places in mutations(tree).items()}
    assert found == {1: "", 5: "A.f.<locals>.g"}


def test_what_is_drawn_stays_when_a_line_elsewhere_goes(tmp_path, monkeypatch):
    """A seed means the same before and after the code was mended because of it."""
    monkeypatch.setattr(mutants, "source", lambda module: tmp_path / module)
    lines = [f"value_{number} = {number} + other" for number in range(40)]

    def drawn(first):
        (tmp_path / "one").write_text("\n".join(first))
        (tmp_path / "two").write_text("\n".join(lines))
        found = mutants.drawn(30, 7, ["one", "two"], slice(None))
        return {(each.module, each.difference) for each in found}

    before = drawn(lines)
    assert len(before) == 30
    gone = next(text.split()[0].lstrip("-") for module, text in before if module == "one")
    lost = before - drawn([line for line in lines if line.split()[0] != gone])
    assert lost
    assert all(module == "one" and gone in text for module, text in lost)


def campaign(memory, test_file, *arguments):
    """A campaign in a process of its own that knows one test file."""
    tests = f"tests/unit/statistics/{test_file}"
    command = [sys.executable, str(CAMPAIGN), "--memory", str(memory), "--tests", tests]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_sample_of_faults_is_noticed(tmp_path):
    module = "owncontrol.statistics.external_rates"
    asked = ("--count", "10", "--seed", "1", "--module", module)
    done = campaign(tmp_path, "test_statistics_external_rates.py", *asked)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "statistics: 10 tried, 100.0% killed: 10 killed, 0 killed by time" in done.stdout
    again = campaign(tmp_path, "test_statistics_external_rates.py", *asked)
    assert again.stdout == done.stdout


@pytest.mark.slow
def test_a_fault_that_no_test_looks_at_survives(tmp_path):
    asked = ("--count", "2", "--seed", "1", "--module", "owncontrol.statistics.walsh")
    done = campaign(tmp_path, "test_statistics_reference.py", *asked)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.count("survived: workflow/lib/owncontrol/statistics/walsh.py:") == 2
    sums = "statistics: 2 tried, 0.0% killed: 0 killed, 0 killed by time, 0 equal, 2 survived"
    assert sums in done.stdout
