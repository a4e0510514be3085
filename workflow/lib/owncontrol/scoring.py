"""From cleaned items to scores: one long table, computed values beside what the examiner wrote."""

import numpy as np
import pandas as pd

from owncontrol.errors import InputError
from owncontrol.instruments import Instrument, Scale, recorded_parts
from owncontrol.instruments.scoring import score
from owncontrol.tables import conform

RECORDED = "recorded_"
# What the scores take over from the row they are made of.
ABOUT = ["subject_id", "visit", "day_from_injury", "day_from_treatment", "row_id"]
# What stands where a score cannot be determined: in the computed text, and as examiners write it.
UNDETERMINED = ("", "ND", "NA")


def score_assessments(
    instrument: Instrument, cleaned: pd.DataFrame, recorded: bool = False
) -> pd.DataFrame:
    """Score one instrument's cleaned table: one row a subject, visit and scale (schema scores).

    ``recorded``: the study has no items, and the recorded scores are the scores.

    Items that the study does not have at all are taken as not assessed, so a scale that needs
    them is empty. In ISNCSCI an empty cell is not testable (NT): any value may stand behind it.
    """
    if recorded:
        return conform(take_recorded(instrument, cleaned), "scores")
    items = items_as_scored(instrument, cleaned)
    outputs = None
    if instrument.algorithm == "isncsci":
        from owncontrol.isncsci import classify  # the other instruments do without it

        outputs = classify(items)
    values = score(instrument, items, outputs)
    long = [
        _scale_rows(instrument, scale, cleaned, values[name], outputs)
        for name, scale in instrument.scales.items()
    ]
    return conform(pd.concat(long, ignore_index=True), "scores")


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
            cleaned[ABOUT].assign(
                instrument=instrument.name,
                scale=name,
                value=values,
                text=columns[0] if whole else _as_text(values, instrument.scales[name]),
                recorded=columns[0] if whole else "",
                method="recorded" if whole else "sum of recorded",
            )
        )
    return pd.concat(long, ignore_index=True)


def _as_numbers(scale: Scale, texts: "pd.Series[str]") -> "pd.Series[float]":
    """The number of each recorded score; NaN where it has none. Cleaning has checked the texts."""
    levels = {level.text: level.value for level in scale.levels}
    plain = texts.str.rstrip("*")
    if levels:
        return plain.map(levels).astype("float64")
    return plain.where(~plain.isin(UNDETERMINED)).astype("float64")


def items_as_scored(instrument: Instrument, cleaned: pd.DataFrame) -> pd.DataFrame:
    """The items of a cleaned table as text, with what stands for those without a value."""
    items = cleaned.reindex(columns=list(instrument.items)).astype("str").fillna("")
    if instrument.algorithm == "isncsci":
        required = [name for name, item in instrument.items.items() if not item.optional]
        items[required] = items[required].replace("", "NT")
    return items


def discrepancies(scores: pd.DataFrame) -> pd.DataFrame:
    """The scores that contradict what the examiner wrote."""
    return scores.loc[scores["agrees"].eq(False).fillna(False)].reset_index(drop=True)


def _scale_rows(
    instrument: Instrument,
    scale: Scale,
    cleaned: pd.DataFrame,
    values: pd.Series,
    outputs: pd.DataFrame | None,
) -> pd.DataFrame:
    if outputs is not None and scale.kind == "algorithm":
        text = outputs[scale.name].astype("str").to_numpy()
    else:
        text = _as_text(values, scale)
    recorded = cleaned.get(RECORDED + scale.name)
    recorded = pd.Series("", index=cleaned.index) if recorded is None else recorded
    recorded = recorded.astype("str").fillna("")
    return cleaned[ABOUT].assign(
        instrument=instrument.name,
        scale=scale.name,
        value=values.to_numpy(),
        text=text,
        recorded=recorded.to_numpy(),
        agrees=_agreement(recorded, text),
        method="computed",
    )


def _agreement(recorded: pd.Series, computed: "np.ndarray | list[str]") -> pd.array:
    """Whether each recorded score is the computed one, as nullable booleans."""
    pairs = pd.DataFrame({"recorded": recorded.to_numpy(), "computed": computed})
    pair, distinct = pd.factorize(pd.MultiIndex.from_frame(pairs))
    answers = pd.array([agrees(*texts) for texts in distinct], dtype="boolean")
    return answers.take(pair)


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


def _as_text(values: pd.Series, scale: Scale) -> list[str]:
    levels = {level.value: level.text for level in scale.levels}
    return ["" if pd.isna(value) else levels.get(value, f"{value:g}") for value in values]


def check_endpoints(endpoints: list[dict[str, str]], instruments: dict[str, Instrument]) -> None:
    """Raise InputError for an endpoint whose instrument has no data or no such scale."""
    for endpoint in endpoints:
        name, scale = endpoint["instrument"], endpoint["scale"]
        if name not in instruments:
            raise InputError(
                f"endpoints.{endpoint['name']}: no export feeds the instrument '{name}'",
                f"instruments with data: {', '.join(instruments)}",
            )
        if scale not in instruments[name].scales:
            raise InputError(
                f"endpoints.{endpoint['name']}: {name} has no scale '{scale}'",
                f"its scales: {', '.join(instruments[name].scales)}",
            )


def sort_scores(scores: pd.DataFrame, visits: list[str]) -> pd.DataFrame:
    """By instrument and scale, then subject, then the schedule's order of visits."""
    place = {visit: number for number, visit in enumerate(visits)}
    order = scores.assign(_visit=scores["visit"].map(place)).sort_values(
        ["instrument", "scale", "subject_id", "_visit"], kind="stable"
    )
    return order.drop(columns="_visit").reset_index(drop=True)
