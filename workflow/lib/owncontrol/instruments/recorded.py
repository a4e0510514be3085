"""Scores that a study has as such, without the items that they are made of."""

from collections.abc import Collection

from owncontrol.instruments.instrument import Instrument


def recorded_parts(instrument: Instrument, known: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The scales that can be had from recorded ones, each with those it is the sum of.

    ``known``: scales that the study recorded; each stands for itself. A sum of scales that are
    known, or that can be had themselves, is had from them.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, scale in instrument.scales.items():
        if name in known:
            found[name] = (name,)
        elif scale.kind == "sum" and set(scale.parts) <= set(found):
            found[name] = tuple(part for whole in scale.parts for part in found[whole])
    return found
