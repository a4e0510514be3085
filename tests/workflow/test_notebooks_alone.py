"""Each notebook as JupyterLab opens it: in its own folder, with its defaults, to its end."""

import csv
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def rows(path):
    """The rows of an analysis without the cell that made each, which only a kernel knows."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{**row, "cell": ""} for row in csv.DictReader(file)]


def test_every_notebook_runs_with_its_defaults_and_gives_the_same_rows(project, monkeypatch):
    notebooks = sorted((project / "notebooks").glob("*.ipynb"))
    assert len(notebooks) == 10
    # The example follows no event, so it has no such results.
    notebooks = [path for path in notebooks if path.name != "10_time_to_event.ipynb"]
    monkeypatch.setattr(sys, "path", [str(ROOT / "workflow/lib"), *sys.path])
    for notebook in notebooks:
        # JupyterLab starts the kernel in the folder of the notebook.
        monkeypatch.chdir(project / "notebooks")
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        space = {"display": lambda *shown: None}
        exec(code[0], space)
        written = project / space["estimates"]
        before = rows(written)
        written.unlink()
        for cell in code:
            exec(cell, space)
        assert rows(written) == before, notebook.name
