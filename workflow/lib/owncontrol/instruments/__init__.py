"""Instruments as data: read a scale's definition from YAML, and score its items.

A definition (``workflow/instruments/*.yaml``, bound to ``instrument.schema.yaml``) names the items
with their permitted values and the scales that ``scoring.score`` scores from them. Everything that
a definition states twice (range, resolution) is checked against its items when it is read, so that
a slip in a permitted value cannot pass.
"""

from owncontrol.instruments.definition import instrument_of, load_instrument, load_instruments
from owncontrol.instruments.instrument import (
    ImportantDifference,
    Instrument,
    Item,
    Level,
    Range,
    Scale,
)
from owncontrol.instruments.recorded import recorded_parts

__all__ = [
    "ImportantDifference",
    "Instrument",
    "Item",
    "Level",
    "Range",
    "Scale",
    "instrument_of",
    "load_instrument",
    "load_instruments",
    "recorded_parts",
]
