"""The changes that docs/contributing.md shows, made in a copy of the project."""

import json
import re
from pathlib import Path
from typing import Any

from docs_commands import DOCS

BLOCK = re.compile(r"^```(?:python|jinja|yaml)\n# (\S+), (.+)\n((?:.*\n)*?)^```$", re.MULTILINE)
PLACES = {"after: ": lambda line, text: f"{line}\n{text}", "in place of: ": lambda _, text: text}


def make_changes(project: Path, page: str) -> int:
    """Make all changes of a page, in its order; how many. Raises ValueError where a line is gone.

    The first line of a block says where it goes: ``new`` (a whole file), ``new at the end``, or
    ``after:`` or ``in place of:`` a line, which may be indented otherwise.
    """
    blocks = BLOCK.findall((DOCS / page).read_text("utf-8"))
    for name, place, text in blocks:
        path = project / name
        if place == "new":
            path.write_text(text, "utf-8")
        elif place == "new at the end":
            path.write_text(path.read_text("utf-8") + text, "utf-8")
        elif path.suffix == ".ipynb":
            notebook = json.loads(path.read_text("utf-8"))
            cell = _cell(notebook, place)
            cell["source"] = _changed("".join(cell["source"]), place, text).splitlines(True)
            path.write_text(json.dumps(notebook, indent=1) + "\n", "utf-8")
        else:
            path.write_text(_changed(path.read_text("utf-8"), place, text), "utf-8")
    return len(blocks)


def _cell(notebook: dict[str, Any], place: str) -> dict[str, Any]:
    (found,) = (
        cell for cell in notebook["cells"] if place.partition(": ")[2] in "".join(cell["source"])
    )
    return found


def _changed(content: str, place: str, text: str) -> str:
    how, _, wanted = place.partition(": ")
    lines = content.splitlines()
    here = [number for number, line in enumerate(lines) if line.strip() == wanted]
    if len(here) != 1:
        raise ValueError(f"{len(here)} lines are: {wanted}")
    lines[here[0]] = PLACES[f"{how}: "](lines[here[0]], text.rstrip("\n"))
    return "\n".join(lines) + "\n"
