"""The commands that the documentation shows, as they are."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def shown(page: str, language: str = "sh") -> list[str]:
    """The code blocks of a page in one language, in order."""
    text = (DOCS / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
