"""A study's configuration with hostile texts in every place that is for people to read."""

import random
from pathlib import Path
from typing import Any

from hostile_texts import CODE
from owncontrol.basics.yaml_text import read_yaml
from random_studies import TEXT_KEYS


def hostile_config(path: Path, study: str, seed: int = 1) -> dict[str, Any]:
    """The configuration at ``path``, each of its texts with a piece of some engine's code."""
    rng = random.Random(seed)
    config = read_yaml(path)

    def spoil(part: Any) -> None:
        items = part.items() if isinstance(part, dict) else enumerate(part)
        for key, value in list(items):
            if isinstance(value, dict | list):
                if key != "exports":
                    spoil(value)
            elif isinstance(value, str) and key in TEXT_KEYS:
                part[key] = f"{' '.join(rng.sample(CODE, 3))} {value}"

    spoil(config)
    config["study"] = study
    return config
