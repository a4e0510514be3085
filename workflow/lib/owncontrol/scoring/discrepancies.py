"""Why a computed score is what it is, beside each recorded one that contradicts it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from owncontrol.instruments import Instrument, Scale
from owncontrol.scoring.score_table import items_as_scored
from owncontrol.tables import conform

# A large study has more discrepancies than anybody reads; of them so many are explained.
MOST_EXPLAINED = 100
NOT_EXPLAINED = f"not explained here, as only the first {MOST_EXPLAINED} are"
LISTED = 20  # item values a sentence lists one by one; more are counted


def explain_discrepancies(
    differing: pd.DataFrame,
    cleaned: Mapping[str, pd.DataFrame],
    instruments: Mapping[str, Instrument],
) -> pd.DataFrame:
    """``differing`` (rows of the scores table) with an explanation of each computed score.

    ``cleaned``: the cleaned table of each instrument, as text. Returns the schema discrepancies.
    """
    sentences = pd.Series(NOT_EXPLAINED, index=differing.index, dtype="str")
    shown = differing.head(MOST_EXPLAINED)
    for name in shown["instrument"].unique():
        entries = shown.loc[shown["instrument"] == name]
        sentences[entries.index] = _sentences(instruments[name], cleaned[name], entries)
    return conform(differing.assign(explanation=sentences), "discrepancies")


def _sentences(instrument: Instrument, table: pd.DataFrame, entries: pd.DataFrame) -> list[str]:
    """One sentence an entry; the assessments that they are about are looked at all at once."""
    rows = table.loc[table["row_id"].isin(entries["row_id"])]
    # A raw row may hold several visits.
    keys = zip(rows["row_id"], rows["visit"], strict=True)
    place = {key: number for number, key in enumerate(keys)}
    items = items_as_scored(instrument, rows)
    values = items.astype("object").to_dict("records")
    reasons = _reasons(items) if instrument.algorithm == "isncsci" else []
    sentences = []
    for key, name in zip(
        zip(entries["row_id"], entries["visit"], strict=True), entries["scale"], strict=True
    ):
        scale = instrument.scales[name]
        if scale.kind == "algorithm":
            sentences.append(reasons[place[key]][name])
        else:
            sentences.append(_sentence(instrument, scale, values[place[key]]))
    return sentences


def _reasons(exams: pd.DataFrame) -> list[dict[str, str]]:
    """Why each output of each exam is what it is."""
    from owncontrol.isncsci import explain_all  # the other instruments do without it

    return [{entry.output: entry.sentence for entry in found} for found in explain_all(exams)]


def _sentence(instrument: Instrument, scale: Scale, items: Mapping[str, Any]) -> str:
    names = {name: item.label for name, item in instrument.items.items()}
    if len(scale.items) == 1:
        return f"{names[scale.items[0]]}: {items[scale.items[0]]}."
    values = [str(items[name]) for name in scale.items]
    return f"Sum of {len(values)} items: {summed(values)}."


def summed(values: list[str]) -> str:
    """What is summed, in words; an empty value is an item that was not assessed."""
    written = [value or "not assessed" for value in values]
    if len(written) <= LISTED:
        return ", ".join(written)
    counts = sorted(Counter(written).items(), reverse=True)
    return ", ".join(f"{value} in {count}" for value, count in counts)
