"""Shrink figures for the gallery of the documentation: RESULTS [RESULTS ...] DOCS.

Each is of the first study that has it.
"""

import sys
from pathlib import Path

from owncontrol.figures.catalogue import FIGURES
from PIL import Image

WIDTH = 1100  # pixels
COLOURS = 128  # figures have few colours, and the repository keeps every version


def shrink(source: Path, target: Path) -> None:
    """Write a picture at ``WIDTH`` with ``COLOURS`` colours, without what it says of itself."""
    with Image.open(source) as picture:
        height = round(picture.height * WIDTH / picture.width)
        small = picture.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(COLOURS).save(target, optimize=True)


if __name__ == "__main__":
    *studies, docs = map(Path, sys.argv[1:])
    (docs / "figures").mkdir(exist_ok=True)
    for entry in FIGURES:
        pictures = [results / f"figures/{entry.name}.png" for results in studies]
        drawn = next(picture for picture in pictures if picture.exists())
        shrink(drawn, docs / f"figures/{entry.name}.png")
