"""That a change of a function takes effect in a process that has loaded it already."""

import ast
import functools
import gc
import importlib
import sys
from types import FunctionType, SimpleNamespace

import pytest
from code_mutation import mutation, mutations
from swapped_code import Loaded

CODE = """\
import functools
def plain():
    return 1 + 1
class Kind:
    @property
    def size(self):
        return 2 + 2
@functools.cache
def kept():
    return 3 + 3
def outer():
    def inner():
        return 4 + 4
    return inner()
def around(other):
    def inner(flag):
        return flag and other
    return inner
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The code above as a module that has been imported."""
    (tmp_path / "to_be_changed.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    yield importlib.import_module("to_be_changed")
    sys.modules.pop("to_be_changed", None)


def loaded(module):
    """What ``Loaded.now`` would find of the module, and no more."""
    functions = [module.plain, module.Kind.size.fget, module.kept.__wrapped__, module.outer]
    assert all(isinstance(each, FunctionType) for each in functions)
    return Loaded([*functions, module.around, module.around(5)], [module.kept])


def change(module, line, old, new):
    """The first change of a line that makes the one out of the other."""
    tree = ast.parse(CODE)
    for place in mutations(tree)[line]:
        found = mutation(tree, *place)
        if new in ast.unparse(found.tree) and ast.unparse(found.tree) != ast.unparse(tree):
            path = module.__file__
            return SimpleNamespace(module="to_be_changed", path=path, change=found)
    raise AssertionError(f"nothing makes {new} of {old}")


@pytest.mark.parametrize(
    ("line", "old", "new", "ask", "before"),
    [
        (3, "1 + 1", "1 - 1", lambda module: module.plain(), 2),
        (7, "2 + 2", "2 - 2", lambda module: module.Kind().size, 4),
        (10, "3 + 3", "3 - 3", lambda module: module.kept(), 6),
        (13, "4 + 4", "4 - 4", lambda module: module.outer(), 8),
    ],
)
def test_the_changed_code_is_in_place(module, line, old, new, ask, before):
    assert ask(module) == before
    found = loaded(module)
    assert found.swap(change(module, line, old, new))
    found.clear()
    assert ask(module) == 0


def test_what_hangs_on_other_variables_is_left_to_a_new_process(module):
    gone = change(module, 17, "return flag and other", "return None")
    assert not loaded(module).swap(gone)


def test_what_nobody_holds_is_left_to_a_new_process(module):
    assert not Loaded([], []).swap(change(module, 3, "1 + 1", "1 - 1"))


def test_a_module_that_is_loaded_later_is_loaded_with_its_change(module):
    changed = change(module, 3, "1 + 1", "1 - 1")
    del sys.modules["to_be_changed"]
    assert Loaded([], []).swap(changed)
    assert importlib.import_module("to_be_changed").plain() == 0


@pytest.mark.slow
def test_what_is_loaded_is_found():
    gc.freeze()  # as a test before it may have left it
    found = Loaded.now()
    from owncontrol.errors import InputError

    assert InputError.__init__ in Loaded.now().functions
    assert all(isinstance(each, functools._lru_cache_wrapper) for each in found.caches)
