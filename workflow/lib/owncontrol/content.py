"""What a step is made of: content hashes of files, and of a script with all it imports.

Snakemake reruns a step when a file is newer. Here a step reruns when content differs, whatever
the clock says: the hashes go into the step's params, which Snakemake compares with the last run.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from owncontrol.files import sha256, write_text


class HashCache:
    """SHA-256 of large files, remembered by size, mtime, ctime and inode.

    The change time cannot be set back by hand, so an edit with a falsified mtime is seen, and a
    gigabyte is not hashed at each start.
    """

    def __init__(self, path: Path | str) -> None:
        """Open the cache at ``path``; a missing or damaged one is an empty one."""
        self.path = Path(path)
        self._known: dict[str, list[object]] = {}
        self._changed = False
        if self.path.is_file():
            try:
                self._known = json.loads(self.path.read_text("utf-8"))
            except ValueError:
                # A cache that cannot be read costs one hashing of each file, nothing else.
                self._known = {}

    def sha256(self, path: Path | str) -> str:
        """SHA-256 of ``path``, from the cache where the file is the one that was hashed."""
        stat = Path(path).stat()
        signature = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        key = str(Path(path).resolve())
        known = self._known.get(key)
        if known is None or known[:-1] != signature:
            known = [*signature, sha256(path)]
            self._known[key] = known
            self._changed = True
        return str(known[-1])

    def save(self) -> None:
        """Write the cache if anything was hashed."""
        if self._changed:
            write_text(self.path, json.dumps(self._known, sort_keys=True))


def imported_modules(source: Path | str, library: Path | str) -> list[Path]:
    """All modules below ``library`` that a script, notebook or module imports, directly or not.

    Resolved from the code itself, so that the list is never stale. ``library`` is the folder that
    holds the package (``workflow/lib``). Sorted; without ``source``.
    """
    library = Path(library)
    found: set[Path] = set()
    todo = [Path(source)]
    while todo:
        source_file = todo.pop()
        for path in _imports(source_file, library, source_file.stat().st_mtime_ns):
            if path not in found:
                found.add(path)
                todo.append(path)
    return sorted(found - {Path(source)})


def content_hash(files: Iterable[Path | str]) -> str:
    """One hash over the names and bytes of several small files, in the order given."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(Path(file).name.encode() + b"\0" + bytes.fromhex(sha256(file)))
    return digest.hexdigest()[:16]


@cache
def _imports(path: Path, library: Path, changed: int) -> list[Path]:
    """Modules below ``library`` that a file imports itself; ``changed`` is its time of change.

    Remembered, because most rules of a workflow share most of their modules.
    """
    names = []
    for node in _executed(ast.parse(_code(path))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = path.relative_to(library).parent.parts
                parents = package[: len(package) - node.level + 1]
                base = ".".join([*parents, *([base] if base else [])])
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    # Importing a.b.c runs a/__init__ and a.b/__init__ as well; ``from a import b`` may name a
    # module or its content.
    parts = {tuple(name.split(".")[:i]) for name in names for i in range(1, name.count(".") + 2)}
    files = (_module_file(".".join(part), library) for part in sorted(parts))
    return [file for file in files if file is not None]


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below, without what only a type checker reads (``if TYPE_CHECKING:``)."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from _executed(child)


def _module_file(name: str, library: Path) -> Path | None:
    base = library.joinpath(*name.split("."))
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
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
