"""Text of a study in a file of Markdown: words alone, no link, no markup, no further line."""

import re

from owncontrol.engine_texts import shown

# Every sign that begins something in CommonMark or in tables of GitHub, wherever it is.
MARKUP = re.compile(r"[\\`*_{}\[\]()<>#+!|~&:=$@-]")


def markdown(text: str) -> str:
    """``text`` in one line, each sign of markup after a backslash.

    CommonMark 0.31, 2.4: before a sign of ASCII a backslash takes its meaning away.
    """
    # An escaped colon is none that makes an address clickable without brackets.
    line = MARKUP.sub(r"\\\g<0>", shown(text).strip())
    return re.sub(r"^(\d+)([.])", r"\1\\\2", line)
