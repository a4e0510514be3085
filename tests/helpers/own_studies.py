"""The studies that come with the project: whoever uses it has others beside them."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
# Each with a configuration of its own beside that of the example.
OWN = ("case-report", "honmou2021", "registry", "stroke")
CONFIGURATIONS = [ROOT / "config.yaml", *(ROOT / f"config/{name}.yaml" for name in OWN)]
