"""What a number made of other analysis results was computed from: all that they were made of."""

from collections.abc import Iterable, Sequence

import pandas as pd

from owncontrol.lineage import name_rows, name_scores, read_inputs


def combined_inputs(inputs: Iterable[str], subjects: Sequence[str]) -> str:
    """One ``inputs`` text that names everything that any of the given ones names, each once.

    ``subjects``: all subjects of the study, sorted.
    """
    scores: dict[str, None] = {}
    rows: dict[str, dict[str, None]] = {}
    conditions: dict[str, None] = {}
    for text in dict.fromkeys(inputs):
        for table, key in read_inputs(text, subjects):
            if table == "scores":
                scores[key] = None
            elif "=" in key:
                conditions[f"{table}[{key}]"] = None
            else:
                rows.setdefault(table, {})[key] = None
    parts = []
    if scores:
        cells = pd.DataFrame(
            [key.replace(".", "/", 1).split("/") for key in scores],
            columns=["subject_id", "visit", "instrument", "scale"],
        )
        parts.append(name_scores(cells, subjects))
    parts += [name_rows(table, keys) for table, keys in rows.items()]
    return " ".join([*parts, *conditions])
