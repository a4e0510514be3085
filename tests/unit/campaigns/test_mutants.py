"""What ``make mutants`` changes in code, and that a fault which no test sees is said."""

import ast

import pytest
from code_mutation import mutation, mutations


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
