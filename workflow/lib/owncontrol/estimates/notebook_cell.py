"""Which cell of which notebook is running, so that a number can say where it was made."""

import json
import sys
from functools import cache

from owncontrol.basics.program_files import WORKFLOW

NOTEBOOKS = WORKFLOW.parent / "notebooks"


def running_cell(analysis: str) -> str:
    """``NN_analysis.ipynb#cell`` of the notebook cell that runs now; empty outside of a notebook.

    The kernel knows the text of the cell, the project's notebook of that analysis which of its
    cells has this text; so the id is the same in the workflow, where a cell of parameters is
    added, and in a notebook that runs alone. Empty also for a cell that the project's notebook
    does not have: somebody is trying something out.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        return ""
    name, cells = _cells(analysis)
    cell = cells.get(shell.history_manager.input_hist_raw[-1])
    return f"{name}#{cell}" if cell else ""


@cache
def _cells(analysis: str) -> tuple[str, dict[str, str]]:
    """The notebook of an analysis, and the ids of its code cells by their text."""
    for path in sorted(NOTEBOOKS.glob(f"[0-9][0-9]_{analysis}.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        return path.name, {
            "".join(cell["source"]): cell["id"] for cell in cells if cell["cell_type"] == "code"
        }
    return "", {}
