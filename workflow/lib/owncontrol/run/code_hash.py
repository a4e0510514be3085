"""What a step is made of: content hashes of files, and of a script with all it imports.

Snakemake reruns a step when a file is newer. Here a step reruns when content differs, whatever
the clock says: the hashes go into the step's params, which Snakemake compares with the last run.
"""

import ast
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from owncontrol.files import sha256, write_text

# Where a statement has others.
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


class FileFacts:
    """SHA-256 and imports of files, remembered by size, mtime, ctime and inode.

    The change time cannot be set back by hand, so an edit with a falsified mtime is seen, and
    neither is a gigabyte hashed nor the whole library parsed at each start. Each file is looked at
    once: what is known of it stays as it was then.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        """Open what was remembered at ``path``; missing or damaged it is empty. None: no file."""
        self.path = None if path is None else Path(path)
        self._known: dict[str, dict[str, Any]] = {}
        self._looked_at: dict[str, dict[str, Any]] = {}  # by path as given
        self._changed = False
        if self.path is not None and self.path.is_file():
            try:
                known = json.loads(self.path.read_bytes())
            except (ValueError, RecursionError):
                known = {}
            # Facts that cannot be read cost one look at each file, nothing else.
            if isinstance(known, dict) and all(isinstance(fact, dict) for fact in known.values()):
                self._known = known

    def sha256(self, path: Path | str) -> str:
        """SHA-256 of ``path``."""
        return str(self._fact(path, "sha256", sha256))

    def imports(self, path: Path | str) -> list[str]:
        """Dotted names that a script, notebook or module imports, and perhaps their contents.

        Relative ones keep their leading dots.
        """
        return list(self._fact(path, "imports", _imports))

    def _fact(self, path: Path | str, name: str, find: Callable[[Path], Any]) -> Any:
        # Thousands of times a run: nothing is made of a path that was looked at before.
        facts = self._looked_at.get(os.fspath(path))
        if facts is None:
            facts = self._looked_at[os.fspath(path)] = self._facts(Path(path).absolute())
        if name not in facts:
            facts[name] = find(Path(path))
            self._changed = True
        return facts[name]

    def _facts(self, path: Path) -> dict[str, Any]:
        """What is known of a file as it is now; the same for whatever path leads to it first."""
        key = str(path)
        if key not in self._looked_at:
            stat = path.stat()
            signature = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
            if self._known.get(key, {}).get("signature") != signature:
                self._known[key] = {"signature": signature}
            self._looked_at[key] = self._known[key]
        return self._looked_at[key]

    def save(self) -> None:
        """Write what is known if anything was looked up again."""
        if self._changed and self.path is not None:
            write_text(self.path, json.dumps(self._known, sort_keys=True))


def imported_modules(
    source: Path | str, library: Path | str, facts: FileFacts | None = None
) -> list[Path]:
    """All modules below ``library`` that a script, notebook or module imports, directly or not.

    Resolved from the code itself, so that the list is never stale. ``library`` is the folder that
    holds the package (``workflow/lib``). Sorted; without ``source``.
    """
    library, facts = str(Path(library)), facts or FileFacts()
    found: set[str] = set()
    todo = [str(Path(source))]
    while todo:
        importer = todo.pop()
        for path in _module_files(importer, tuple(facts.imports(importer)), library):
            if path not in found:
                found.add(path)
                todo.append(path)
    return sorted(map(Path, found - {str(Path(source))}))


def content_hash(files: Iterable[Path | str], facts: FileFacts | None = None) -> str:
    """One hash over the names and bytes of several files, in the order given."""
    facts = facts or FileFacts()
    digest = hashlib.sha256()
    for file in files:
        name = os.path.basename(file)  # noqa: PTH119 (thousands of times a run)
        digest.update(name.encode() + b"\0" + bytes.fromhex(facts.sha256(file)))
    return digest.hexdigest()[:16]


def _imports(path: Path) -> list[str]:
    names = []
    for node in _executed(ast.parse(_code(path)).body):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            separator = "." if node.module else ""
            names += [base, *(f"{base}{separator}{alias.name}" for alias in node.names)]
    return sorted(set(names))


@cache
def _module_files(importer: str, names: tuple[str, ...], library: str) -> list[str]:
    """The files below ``library`` that run when ``importer`` imports these names."""
    absolute = []
    for name in names:
        plain = name.lstrip(".")
        level = len(name) - len(plain)
        if level:
            package = Path(importer).relative_to(library).parent.parts
            parents = package[: len(package) - level + 1]
            plain = ".".join([*parents, *([plain] if plain else [])])
        absolute.append(plain)
    # Importing a.b.c runs a/__init__ and a.b/__init__ as well; ``from a import b`` may name a
    # module or its content.
    parts = {tuple(name.split(".")[:i]) for name in absolute for i in range(1, name.count(".") + 2)}
    files = (_module_file(".".join(part), library) for part in sorted(parts))
    return [file for file in files if file is not None]


def _executed(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All statements, those in others too, without what only a type checker reads.

    That is what follows ``if TYPE_CHECKING:``. No expression is looked into: none holds a
    statement.
    """
    todo = list(statements)
    while todo:
        node = todo.pop()
        yield node
        test = node.test if isinstance(node, ast.If) else None
        checked = isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"
        for name in ("orelse",) if checked else BLOCKS:
            todo += getattr(node, name, ())


@cache
def _module_file(name: str, library: str) -> str | None:
    """The file of a module below ``library``; the same name is asked for by most modules."""
    base = os.path.join(library, *name.split("."))  # noqa: PTH118 (as above)
    for path in (f"{base}/__init__.py", f"{base}.py"):
        if os.path.isfile(path):  # noqa: PTH113
            return path
    return None


def _code(path: Path) -> str:
    """Python source of a module or of a notebook's code cells (magics are not Python)."""
    text = path.read_text("utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    lines = "\n".join("".join(cell["source"]) for cell in cells).splitlines()
    return "\n".join(line for line in lines if not line.startswith(("%", "!")))
