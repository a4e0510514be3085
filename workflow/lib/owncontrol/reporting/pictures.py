"""The pictures of the figures and the data dictionary, put into their places on the page.

The rest of the page is made before them, so that a changed figure makes little of it again.
"""

import re
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from owncontrol.engine_texts import held
from owncontrol.reporting.dictionary import dictionary_pages

# The places. No text from the data can look like one: it is escaped.
PICTURE = Markup('<img data-figure="{}"')
DICTIONARY = Markup("<!-- data dictionary -->")


def complete(page: str, pictures: dict[str, Path], described: pd.DataFrame) -> str:
    """The whole page, from one that has the places.

    ``pictures``: by name of a figure, its SVG file. ``described``: the table ``data_dictionary``.
    Raises ValueError for what has no place on the page.
    """
    parts = {
        str(PICTURE.format(name)): f'<img src="{image_address(file)}"'
        for name, file in pictures.items()
    }
    parts[str(DICTIONARY)] = held(str(dictionary_pages(described)))
    if missing := [place for place in parts if place not in page]:
        raise ValueError(f"the page has no {missing[0]}")
    return re.sub("|".join(map(re.escape, parts)), lambda found: parts[found[0]], page)


def image_address(path: Path | str) -> Markup:
    """A data URI of an SVG file, safe in a double-quoted attribute of HTML.

    Written out and not in base64, which would take a third more; links as browsers know them,
    other programs only by their old name.
    """
    text = Path(path).read_text("utf-8").replace(" xlink:href=", " href=")
    for sign, code in (("%", "%25"), ("#", "%23"), ("'", "%27"), ('"', "'"), ("&", "&amp;")):
        text = text.replace(sign, code)
    return Markup(f"data:image/svg+xml,{text}")
