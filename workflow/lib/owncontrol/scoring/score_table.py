"""From cleaned items to scores: one long table, computed values beside what the examiner wrote."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.basics.decimals import plain
from owncontrol.basics.natural_order import natural_key
from owncontrol.errors import InputError
from owncontrol.instruments import Instrument, Scale, recorded_parts
from owncontrol.scoring.instrument_scores import exact_texts, needs_exact, score
from owncontrol.study.parts import ScoredEndpoint
from owncontrol.tables import conform
from owncontrol.tables.categories import (
    as_categories,
    by_value,
    codes,
    constant,
    narrow,
    replaced,
    sorted_categories,
    stack,
    texts,
)

RECORDED = "recorded_"
ROWS_AT_ONCE = 131_072  # that are scored; 8 blocks of the ISNCSCI classification
# What the scores take over from the row they are made of, where it has that.
ABOUT = ["subject_id", "visit", "day_from_injury", "day_from_treatment", "study_day", "row_id"]
# What is written where a score cannot be determined, computed and by examiners.
UNDETERMINED = ("", "ND", "NA")


def score_assessments(
    instrument: Instrument, cleaned: pd.DataFrame, recorded: bool = False
) -> pd.DataFrame:
    """Score one instrument's cleaned table: one row per subject, visit and scale (schema scores).

    ``recorded``: the study has no items, and the recorded scores are the scores.

    Items that the study does not have at all are taken as not assessed, so a scale that needs
    them is empty. In ISNCSCI an empty cell is not testable (NT): any value may be behind it.
    """
    if recorded:
        return conform(take_recorded(instrument, cleaned), "scores")
    parts = score_scales(instrument, cleaned, list(instrument.scales))
    return conform(pd.concat(parts, ignore_index=True), "scores")


def score_scales(
    instrument: Instrument, cleaned: pd.DataFrame, scales: Sequence[str], coded: bool = False
) -> Iterator[pd.DataFrame]:
    """The same a scale at a time, in the order of ``scales``; ``coded``: text as categories.

    Some rows are scored at a time, and of each scale is kept what has a byte or two a row.
    """
    if coded:
        # Once for all scales.
        about = {name: sorted_categories(cleaned[name]) for name in ("subject_id", "visit")}
        cleaned = cleaned.assign(**about)
    exact = [name for name in scales if needs_exact(instrument, instrument.scales[name], cleaned)]
    found: dict[str, list[_Scored]] = {name: [] for name in scales}
    for start in range(0, max(1, len(cleaned)), ROWS_AT_ONCE):
        block = cleaned.iloc[start : start + ROWS_AT_ONCE]
        for name, scored in _scored(instrument, block, scales, exact):
            found[name].append(scored)
    for name in scales:
        parts = found.pop(name)
        numbers = np.concatenate([part.values[part.places] for part in parts])
        text = stack([part.text for part in parts])
        del parts
        rows = _scale_rows(instrument, instrument.scales[name], cleaned, numbers, text)
        yield conform(rows, "scores", coded)


class _Scored(NamedTuple):
    """Scores of one scale: the different ones, by row the place of its own, and their text."""

    values: NDArray[np.float64]
    places: NDArray[np.signedinteger[Any]]
    text: "pd.Series[Any]"


def _scored(
    instrument: Instrument, cleaned: pd.DataFrame, scales: Sequence[str], exact: Collection[str]
) -> Iterator[tuple[str, _Scored]]:
    """The scores of some rows by scale; ``exact``: scales whose sums are kept digit by digit."""
    items = items_as_scored(instrument, cleaned)
    outputs = None
    if instrument.algorithm == "isncsci":
        from owncontrol.isncsci import classify  # the other instruments do without it

        outputs = classify(items, coded=True)
    values = score(instrument, items, outputs)
    for name in scales:
        scale, numbers = instrument.scales[name], values[name].to_numpy()
        if outputs is not None and scale.kind == "algorithm":
            text = outputs[name]
        elif name in exact:
            texts = exact_texts(instrument, scale, items)
            text = as_categories(pd.Series(texts, dtype="str"))
            numbers = np.array([float(number or "nan") for number in texts])
        else:
            text = _as_text(numbers, scale)
        # By their bits, so that what is put together again is the same.
        places, distinct = pd.factorize(numbers.view(np.int64))
        yield name, _Scored(distinct.view(np.float64), narrow(places, len(distinct)), text)


def take_recorded(instrument: Instrument, cleaned: pd.DataFrame) -> pd.DataFrame:
    """The scores as the raw file has them, and sums whose parts it has.

    A scale that the file does not have, and whose parts it does not have, has no rows. A score
    that is empty, not determined or a set of values is no number.
    """
    known = {column.removeprefix(RECORDED) for column in cleaned if column.startswith(RECORDED)}
    long = []
    for name, parts in recorded_parts(instrument, known).items():
        columns = [cleaned[RECORDED + part].astype("str").fillna("") for part in parts]
        values = sum(
            (_as_numbers(instrument.scales[part], column))
            for part, column in zip(parts, columns, strict=True)
        )
        whole = parts == (name,)
        long.append(
            cleaned[_about(cleaned)].assign(
                instrument=instrument.name,
                scale=name,
                value=values,
                text=columns[0] if whole else _as_text(values, instrument.scales[name]).array,
                recorded=columns[0] if whole else "",
                method="recorded" if whole else "sum of recorded",
            )
        )
    return pd.concat(long, ignore_index=True)


def _about(cleaned: pd.DataFrame) -> list[str]:
    return [name for name in ABOUT if name in cleaned]


def _as_numbers(scale: Scale, texts: "pd.Series[str]") -> "pd.Series[float]":
    """The number of each recorded score; NaN where it has none. Cleaning has checked the texts."""
    levels = {level.text: level.value for level in scale.levels}
    plain = texts.str.rstrip("*")
    if levels:
        return plain.map(levels).astype("float64")
    return plain.where(~plain.isin(UNDETERMINED)).astype("float64")


def items_as_scored(instrument: Instrument, cleaned: pd.DataFrame) -> pd.DataFrame:
    """The items of a cleaned table as categories, with what stands for those without a value."""
    absent = constant("", len(cleaned)).set_axis(cleaned.index)
    items = {
        name: as_categories(cleaned[name]) if name in cleaned else absent
        for name in instrument.items
    }
    if instrument.algorithm == "isncsci":
        for name, item in instrument.items.items():
            if not item.optional:
                items[name] = replaced(items[name], "", "NT")
    return pd.DataFrame(items, index=cleaned.index)


def discrepancies(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores that contradict what the examiner wrote."""
    return scores.loc[scores["agrees"].eq(False).fillna(False)].reset_index(drop=True)


def _scale_rows(
    instrument: Instrument,
    scale: Scale,
    cleaned: pd.DataFrame,
    values: NDArray[np.float64],
    text: "pd.Series[Any]",
) -> pd.DataFrame:
    recorded = cleaned.get(RECORDED + scale.name)
    recorded = constant("", len(cleaned)) if recorded is None else as_categories(recorded)
    return cleaned[_about(cleaned)].assign(
        instrument=constant(instrument.name, len(cleaned)).array,
        scale=constant(scale.name, len(cleaned)).array,
        value=values,
        text=text.array,
        recorded=recorded.array,
        agrees=_agreement(recorded, text),
        method=constant("computed", len(cleaned)).array,
    )


def _agreement(recorded: "pd.Series[Any]", computed: "pd.Series[Any]") -> pd.array:
    """Whether each recorded score is the computed one, as nullable booleans.

    Both in columns of categories: each pair of texts is compared once.
    """
    known = texts(computed)
    pair, distinct = pd.factorize(codes(recorded).astype(np.int64) * len(known) + codes(computed))
    answers = [agrees(texts(recorded)[p // len(known)], known[p % len(known)]) for p in distinct]
    return pd.array(answers, dtype="boolean").take(pair)


def agrees(recorded: str, computed: str) -> bool | None:
    """Whether a recorded score is the computed one; None where that cannot be told.

    Where cells are not testable, the computed score is a set of values or not determined. An
    examiner may have known more than the cells tell: a single value that is possible contradicts
    nothing, and proves nothing either.
    """
    if recorded == "":
        return None
    if recorded == computed:
        return True
    possible = [value.rstrip("*") for value in computed.split(",")]
    if computed in UNDETERMINED:
        return None
    if len(possible) > 1 and recorded.rstrip("*") in (*possible, *UNDETERMINED):
        return None
    return False


def _as_text(values: Any, scale: Scale) -> "pd.Series[Any]":
    """Each value as the scale writes it, as categories; empty where there is none."""
    levels = {level.value: level.text for level in scale.levels}
    places, distinct = pd.factorize(values)
    written = [*(levels.get(value, plain(value)) for value in distinct), ""]
    names = {text: number for number, text in enumerate(dict.fromkeys(written))}
    place = np.array([names[text] for text in written])
    return pd.Series(pd.Categorical.from_codes(place[places], list(names)))


def check_endpoints(
    endpoints: Sequence[ScoredEndpoint], instruments: dict[str, Instrument]
) -> None:
    """Raise InputError for an endpoint whose instrument has no data or no such scale."""
    for endpoint in endpoints:
        name, scale = endpoint.instrument, endpoint.scale
        if name not in instruments:
            raise InputError(
                f"endpoints.{endpoint.name}: no export feeds the instrument '{name}'",
                f"instruments with data: {', '.join(instruments)}",
            )
        if scale not in instruments[name].scales:
            raise InputError(
                f"endpoints.{endpoint.name}: {name} has no scale '{scale}'",
                f"its scales: {', '.join(instruments[name].scales)}",
            )


def in_order(assessments: pd.DataFrame, visits: list[str]) -> pd.DataFrame:
    """An assessment table by subject, then the schedule's order of visits."""
    place = {visit: number for number, visit in enumerate(visits)}
    codes = as_categories(assessments["subject_id"])
    names = sorted(codes.cat.categories, key=natural_key)
    subject = by_value(codes, {name: number for number, name in enumerate(names)}.__getitem__)
    visit = by_value(as_categories(assessments["visit"]), place.__getitem__)
    return assessments.take(np.lexsort((visit, subject))).reset_index(drop=True)
