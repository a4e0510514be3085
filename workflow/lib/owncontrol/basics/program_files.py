"""Where the workflow keeps its own files that the library reads."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from owncontrol.basics.yaml_text import PlainValues

WORKFLOW = Path(__file__).parents[3]
INSTRUMENTS = WORKFLOW / "instruments"
SCHEMAS = WORKFLOW / "schemas"


@cache
def read_program_yaml(path: Path) -> dict[str, Any]:
    """A YAML file of the program's own, once a process; whoever reads it changes nothing in it.

    Files of users are read within bounds (``yaml_text.read_yaml``).
    """
    content: dict[str, Any] = yaml.load(path.read_text("utf-8"), PlainValues)
    return content
