"""Texts of the configuration as parameters of a rule whose output is in Snakemake's own report.

That report repeats the parameters inside a script element of its page, without escaping; and
Snakemake takes braces in a parameter that is a text, or a list of texts, for wildcards. So they
are JSON inside a mapping, with no sign that means anything in HTML.
"""

import json
from typing import Any

MARKUP = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&'`"})


def packed(value: Any) -> dict[str, str]:
    """A value of JSON as a parameter that holds no markup."""
    return {"json": json.dumps(value).translate(MARKUP)}


def unpacked(parameter: dict[str, str]) -> Any:
    """The value of a parameter from ``packed``."""
    return json.loads(parameter["json"])
