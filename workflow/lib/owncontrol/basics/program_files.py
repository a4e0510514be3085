"""Where the workflow keeps its own files that the library reads."""

from pathlib import Path

WORKFLOW = Path(__file__).parents[3]
INSTRUMENTS = WORKFLOW / "instruments"
SCHEMAS = WORKFLOW / "schemas"
