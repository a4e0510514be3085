"""A REDCap export with labels in place of names or codes, told by its data dictionary."""

from collections.abc import Mapping

import pandas as pd

from owncontrol.ingest.redcap import Field


def has_labels(cells: pd.DataFrame, known: Mapping[str, Field]) -> bool:
    """Whether the header has more labels than names of fields, or the cells more than codes."""
    header = [str(name).strip() for name in cells.columns]
    labels = {field.label for field in known.values()} - known.keys()
    if sum(name in labels for name in header) > sum(name in known for name in header):
        return True
    said = coded = 0
    for name, field in known.items():
        if name in cells and field.choices:
            texts = set(cells[name].astype("str").str.strip()) - {""}
            said += len(texts & set(field.choices.values()) - field.choices.keys())
            coded += len(texts & field.choices.keys())
    return said > coded
