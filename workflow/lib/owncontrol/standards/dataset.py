"""A dataset of analysis as standards describe it: variables with an origin, and rows."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from owncontrol.study.model import Study

Kind = Literal["text", "integer", "float"]
Origin = Literal["Predecessor", "Derived", "Assigned"]
LONGEST_NAME, LONGEST_LABEL = 8, 40  # of a SAS transport file of version 5
YES_NO = (("Y", "Yes"), ("N", "No"))
YES = (("Y", "Yes"),)


@dataclass(frozen=True)
class Variable:
    """One variable. ``source``: where its values are from; of a derived one how they are made.

    ``key``: its place in the key of the dataset, from 1. ``codes``: permitted values and what each
    means.
    """

    name: str
    label: str
    kind: Kind
    origin: Origin
    source: str
    key: int = 0
    codes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Dataset:
    """``rows`` has a column for each variable: texts (empty where missing) or numbers (NA).

    ``structure``: what one row is. ``of_class``: the class of CDISC's terminology.
    """

    name: str
    label: str
    structure: str
    of_class: str
    variables: tuple[Variable, ...]
    rows: pd.DataFrame


def dataset(
    name: str,
    label: str,
    structure: str,
    of_class: str,
    columns: Collection[tuple[Variable, "pd.Series[object]"]],
) -> Dataset:
    """A dataset of variables and their values, in the order of its key."""
    variables = tuple(variable for variable, _ in columns)
    rows = pd.DataFrame({variable.name: _typed(variable, values) for variable, values in columns})
    keys = sorted((variable.key, variable.name) for variable in variables if variable.key)
    rows = rows.sort_values([key for _, key in keys], kind="stable", ignore_index=True)
    return Dataset(name, label, structure, of_class, variables, rows)


def _typed(variable: Variable, values: "pd.Series[object]") -> "pd.Series[object]":
    if variable.kind == "text":
        return values.astype("object").where(values.notna(), "").astype(str)
    numbers = pd.to_numeric(values, errors="coerce").astype("Float64")
    return numbers.round().astype("Int64") if variable.kind == "integer" else numbers


def short_name(text: str, taken: Collection[str]) -> str:
    """A name of at most eight capital letters and digits that is not ``taken``."""
    plain = re.sub("[^A-Z0-9]", "", text.upper()) or "X"
    plain = plain if plain[0].isalpha() else f"X{plain}"
    name, number = plain[:LONGEST_NAME], 1
    while name in taken:
        number += 1
        name = f"{plain[: LONGEST_NAME - len(str(number))]}{number}"
    return name


def short_label(text: str) -> str:
    """A label of at most 40 characters."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 3].rstrip()}..."


def yes_or_no(values: "pd.Series[object]") -> "pd.Series[object]":
    """Y and N for true and false; empty where it is not known."""
    return values.map({True: "Y", False: "N"})


def source_of(study: Study, table: str, column: str) -> str:
    """The cleaned column, and the raw columns that it was read from."""
    raw = [
        f"{study.exports[key].file}: {' + '.join(mapping.raw_columns(column))}"
        for key, name, mapping in study.mappings
        if name == table and mapping.raw_columns(column)
    ]
    return f"cleaned/{table}.csv: {column}" + (f" (raw: {'; '.join(raw)})" if raw else "")


def since_first(days: "pd.Series[object]") -> "pd.Series[object]":
    """Relative days as CDISC counts them: the first day is 1, the one before it -1."""
    numbers = pd.to_numeric(days, errors="coerce").astype("Float64")
    return numbers.where(numbers < 0, numbers + 1)
