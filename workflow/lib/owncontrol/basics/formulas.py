"""Texts that a spreadsheet would run, kept from it in every table that is written.

A program that opens a table takes a cell that begins with ``=``, ``@`` or a sign for a formula
(CWE-1236), in some languages also where these are as wide as a letter of Japanese. Such a text is
written with an apostrophe before it, and read back without. A text that begins with apostrophes
before such a sign gets one more, so that every text reads back the same; headings, too;
numbers with a sign are no formulas.
"""

import re
from typing import Any

import pandas as pd

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
RISKY = re.compile(rf"'*(?!{NUMBER}\Z)(?:[=@＝＠\t\r\n]|[+＋－-].)", re.DOTALL)
# How such a text begins; a quick search for those that have to be looked at.
MAY_BE_RISKY = r"^'*[=@＝＠\t\r\n+＋－-]"


def guarded(text: str) -> str:
    """The text as it is written into a table."""
    return f"'{text}" if RISKY.match(text) else text


def unguarded(text: str) -> str:
    """The text as it was before it was written."""
    return text[1:] if text[:1] == "'" and RISKY.match(text) else text


def without_guards(frame: pd.DataFrame) -> pd.DataFrame:
    """A table that was read as text (plain or in categories), its texts as they were."""
    changed = {}
    for name in frame:
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            texts = column.cat.categories
            if texts.str.startswith("'").any():
                renamed: Any = list(map(unguarded, texts))
                changed[name] = column.cat.rename_categories(renamed)
        elif pd.api.types.is_string_dtype(column.dtype):
            risky = column.str.startswith("'", na=False)
            if risky.any():
                changed[name] = column.where(~risky, column.loc[risky].map(unguarded))
    return frame.assign(**changed) if changed else frame
