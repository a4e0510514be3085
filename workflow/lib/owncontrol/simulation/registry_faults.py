"""Faults of a SYNTHETIC registry: two rows in a hundred of each file, each with one fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from owncontrol.simulation.cohort import Ints

SHARE = 0.02
IN_EXAMS = (
    "cell not permitted",
    "not testable written as 9",
    "total one too high",
    "another grade recorded",
    "year mistyped",
    "row twice",
    "cells copied from the row before",
    "unknown patient",
)
IN_SCIM = ("item not permitted", "total one too high", "row twice", "no date")
IN_PATIENTS = ("no sex", "injury after registration", "not in the file", "age not possible")
TWICE, ABSENT = "row twice", "not in the file"


@dataclass
class Rows:
    """Rows of a file as columns of categories; ``subject`` is the place of each row's patient.

    ``faults``: row (from 0), patient and kind of each planted fault.
    """

    columns: dict[str, Any]
    subject: Ints
    faults: pd.DataFrame = field(default_factory=pd.DataFrame)

    def write(self, rows: Ints, column: str, texts: list[str]) -> None:
        """Write a text into a cell of each of the rows."""
        cells = self.columns[column]
        known = dict.fromkeys([*cells.categories.tolist(), *texts])
        places = {text: place for place, text in enumerate(known)}
        codes = cells.codes.astype(np.int32)
        codes[rows] = [places[text] for text in texts]
        self.columns[column] = pd.Categorical.from_codes(codes, list(known))

    def read(self, rows: Ints, column: str) -> list[str]:
        """Texts of a column in these rows."""
        found: list[str] = np.asarray(self.columns[column][rows]).astype(str).tolist()
        return found


def plant_in_exams(rows: Rows, rng: np.random.Generator) -> Rows:
    """The exams with faults."""
    chosen = _choose(rows, IN_EXAMS, rng)
    names = list(rows.columns)
    cells = [name for name in names if name.endswith(("motor", "LT", "PP"))]
    for kind, text in (("cell not permitted", "7"), ("not testable written as 9", "9")):
        where = rng.integers(0, len(cells), len(chosen[kind]))
        for place in np.unique(where):
            here = chosen[kind][where == place]
            rows.write(here, cells[place], [text] * len(here))
    _raise_total(rows, chosen["total one too high"], "LEMS")
    grades = rows.read(chosen["another grade recorded"], "AIS")
    other = ["ABCD"[("ABCD".index(grade) + 1) % 4] for grade in grades]
    rows.write(chosen["another grade recorded"], "AIS", other)
    dates = rows.read(chosen["year mistyped"], "date")
    rows.write(chosen["year mistyped"], "date", [f"21{date[2:]}" for date in dates])
    # Only a row below one of the same patient can be a copy of it.
    copies = chosen["cells copied from the row before"]
    for name in [*cells, "R non-key", "L non-key", "VAC", "DAP"]:
        codes = rows.columns[name].codes.copy()
        codes[copies] = codes[copies - 1]
        rows.columns[name] = pd.Categorical.from_codes(codes, rows.columns[name].categories)
    unknown = chosen["unknown patient"]
    rows.write(unknown, "patient", [f"XX{code[2:]}" for code in rows.read(unknown, "patient")])
    return _with_rows_twice(rows, chosen[TWICE])


def plant_in_scim(rows: Rows, rng: np.random.Generator) -> Rows:
    """The SCIM-III forms with faults."""
    chosen = _choose(rows, IN_SCIM, rng)
    wrong = chosen["item not permitted"]
    rows.write(wrong, "scim_bowel", ["7"] * len(wrong))
    _raise_total(rows, chosen["total one too high"], "scim_total")
    rows.write(chosen["no date"], "date", [""] * len(chosen["no date"]))
    return _with_rows_twice(rows, chosen[TWICE])


def plant_in_patients(rows: Rows, rng: np.random.Generator) -> Rows:
    """The patients with faults; one that is absent has exams all the same."""
    chosen = _choose(rows, IN_PATIENTS, rng)
    rows.write(chosen["no sex"], "sex", [""] * len(chosen["no sex"]))
    rows.write(chosen["age not possible"], "age", ["190"] * len(chosen["age not possible"]))
    late = chosen["injury after registration"]
    days = np.array(rows.read(late, "infusion"), "datetime64[m]").astype("datetime64[D]") + 30
    rows.write(late, "injury", days.astype(str).tolist())
    kept = np.ones(len(rows.subject), np.int64)
    kept[chosen[ABSENT]] = 0
    return _repeated(rows, kept)


def _choose(rows: Rows, kinds: tuple[str, ...], rng: np.random.Generator) -> dict[str, Ints]:
    """The rows of each kind of fault; records them in ``rows.faults``."""
    size = len(rows.subject)
    number = int(rng.binomial(size, SHARE))
    chosen = np.sort(rng.choice(size, number, replace=False))
    kind = rng.integers(0, len(kinds), number)
    if "cells copied from the row before" in kinds:
        copy = kinds.index("cells copied from the row before")
        first = (chosen == 0) | (rows.subject[chosen] != rows.subject[chosen - 1])
        kind[(kind == copy) & first] = kinds.index("cell not permitted")
    rows.faults = pd.DataFrame(
        {
            "row": chosen,
            "patient": rows.read(chosen, "patient"),
            "kind": np.array(kinds, dtype=object)[kind],
        }
    )
    return {name: chosen[kind == place] for place, name in enumerate(kinds)}


def _raise_total(rows: Rows, chosen: Ints, column: str) -> None:
    written = rows.read(chosen, column)
    rows.write(chosen, column, [str(int(t) + 1) if t.isdecimal() else "50" for t in written])


def _with_rows_twice(rows: Rows, twice: Ints) -> Rows:
    times = np.ones(len(rows.subject), np.int64)
    times[twice] = 2
    return _repeated(rows, times)


def _repeated(rows: Rows, times: Ints) -> Rows:
    """Each row so many times; the rows of faults are counted on (an absent one: where it was)."""
    order = np.repeat(np.arange(len(times)), times)
    start = np.concatenate([[0], np.cumsum(times)])
    columns = {name: column[order] for name, column in rows.columns.items()}
    faults = rows.faults.assign(row=start[rows.faults["row"].to_numpy()])
    return Rows(columns, rows.subject[order], faults)
