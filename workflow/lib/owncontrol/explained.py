"""Why a computed score is what it is, beside each recorded one that contradicts it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from owncontrol.instruments import Instrument, Scale
from owncontrol.scoring import items_as_scored
from owncontrol.tables import conform

# A registry has more discrepancies than anybody reads; of them so many are explained.
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
    places = {
        name: pd.MultiIndex.from_frame(table[["row_id", "visit"]].astype("str"))
        for name, table in cleaned.items()
    }
    sentences = []
    for number, entry in enumerate(differing.to_dict("records")):
        if number == MOST_EXPLAINED:
            sentences += [NOT_EXPLAINED] * (len(differing) - number)
            break
        instrument, table = instruments[entry["instrument"]], cleaned[entry["instrument"]]
        row = places[entry["instrument"]].get_loc((entry["row_id"], entry["visit"]))
        items = items_as_scored(instrument, table.iloc[[row]]).iloc[0]
        sentences.append(_sentence(instrument, instrument.scales[entry["scale"]], items))
    return conform(differing.assign(explanation=sentences), "discrepancies")


def _sentence(instrument: Instrument, scale: Scale, items: "pd.Series[Any]") -> str:
    if instrument.algorithm == "isncsci" and scale.kind == "algorithm":
        from owncontrol.isncsci import explain  # the other instruments do without it

        found = {entry.output: entry.sentence for entry in explain(items)}
        return found[scale.name]
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
