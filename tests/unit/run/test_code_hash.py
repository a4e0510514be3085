"""Content hashes: any edit of a script, or of what it imports, changes its hash; nothing else."""

import os

from owncontrol.run.code_hash import FileFacts, content_hash, imported_modules


def library(folder):
    package = folder / "pack"
    (package / "sub").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text(
        "import os\nif TYPE_CHECKING:\n    import pack.other\nelse:\n    from pack import b\n"
    )
    (package / "b.py").write_text("from pack.sub.c import x\n")
    (package / "other.py").write_text("y = 1\n")
    (package / "sub" / "__init__.py").write_text("")
    (package / "sub" / "c.py").write_text("from .d import x\n")
    (package / "sub" / "d.py").write_text("x = 1\n")
    return folder


def test_imports_are_followed_through_packages_and_relative_names(tmp_path):
    script = tmp_path / "script.py"
    # Wherever a statement has others below it.
    script.write_text(
        "try:\n    pass\nexcept OSError:\n    match 1:\n        case 1:\n"
        "            with f:\n                def f():\n                    import pack.a\n"
    )
    found = imported_modules(script, library(tmp_path))
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "pack/__init__.py",
        "pack/a.py",
        "pack/b.py",
        "pack/sub/__init__.py",
        "pack/sub/c.py",
        "pack/sub/d.py",
    ]


def test_notebook_code_is_read_without_magics(tmp_path):
    notebook = tmp_path / "book.ipynb"
    notebook.write_text(
        '{"cells": [{"cell_type": "markdown", "source": ["import nothing ("]},'
        ' {"cell_type": "code", "source": ["%matplotlib inline\\n", "from pack import other"]}]}'
    )
    found = imported_modules(notebook, library(tmp_path))
    assert [path.name for path in found] == ["__init__.py", "other.py"]


def test_the_hash_follows_content_and_not_time(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("x = 1")
    before = content_hash([file])
    os.utime(file, (1, 1))
    assert content_hash([file]) == before
    file.write_text("x = 2")
    os.utime(file, (1, 1))
    assert content_hash([file]) != before


def test_the_cache_sees_an_edit_with_a_falsified_time(tmp_path):
    file = tmp_path / "raw.csv"
    file.write_text("a,b\n1,2\n")
    stat = file.stat()
    cache = FileFacts(tmp_path / "cache.json")
    before = cache.sha256(file)
    cache.save()
    file.write_text("a,b\n1,3\n")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_mtime_ns == stat.st_mtime_ns
    assert file.stat().st_size == stat.st_size
    assert FileFacts(tmp_path / "cache.json").sha256(file) != before


def test_a_damaged_cache_is_an_empty_one(tmp_path):
    (tmp_path / "cache.json").write_text("{half")
    file = tmp_path / "raw.csv"
    file.write_text("x")
    cache = FileFacts(tmp_path / "cache.json")
    assert len(cache.sha256(file)) == 64
    cache.save()
    assert FileFacts(tmp_path / "cache.json").sha256(file) == cache.sha256(file)
