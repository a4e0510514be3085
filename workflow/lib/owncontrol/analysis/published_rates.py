"""Published rates of improvement without the treatment: read, checked, found by grade."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from owncontrol.basics.decimals import plain
from owncontrol.errors import InputError
from owncontrol.ingest.readers.delimited import read_small_table
from owncontrol.tables import conform, fields, load_schema

TABLE = "natural_recovery"
MOST = 1e9
NUMBERS = (
    "gain",
    "exam_from",
    "exam_to",
    "follow_up_from",
    "follow_up_to",
    "n",
    "events",
    "percent",
)
# What a table may leave out: then each row is a cohort of its own, of mixed levels.
LEFT_OUT = ("level", "registry", "kind", "follow_up_from", "follow_up_to")
KINDS = ("cohort", "review", "derived")


class Rate(NamedTuple):
    """One published rate: a share, with its counts where the source has them (else 0 of 0)."""

    source: str
    population: str
    share: float
    events: int
    n: int
    derived: bool
    exam: str
    exam_from: float
    exam_to: float
    citation: str
    level: str = ""
    registry: str = ""
    kind: str = ""
    follow_up_from: float = float("nan")

    @property
    def words(self) -> str:
        """The rate as it was published, in words."""
        if not self.n:
            return f"{self.source}: {plain(100 * self.share, 9)} %, n not published"
        counted = " (count made from n and percentage)" if self.derived else ""
        return f"{self.source}: {self.events} of {self.n}{counted}"


def read_rates(path: Path | str) -> pd.DataFrame:
    """Read a table of published rates (schema natural_recovery).

    Raises InputError with file, row and column for a column that is missing, a cell that is no
    number, a percentage outside 0 to 100, more events than patients, and a duplicated row.
    """
    text = read_small_table(Path(path))
    known = f"its columns: {', '.join(fields(TABLE))} (workflow/schemas/tables/{TABLE}.yaml)"
    for name in fields(TABLE):
        if name not in text and name in LEFT_OUT:
            text[name] = ""
        if name not in text:
            raise InputError(f"{path}: column '{name}' is missing", known)
    for name in text:
        if name not in fields(TABLE):
            raise InputError(f"{path}: there is no column '{name}' in such a table", known)
    for name in NUMBERS:
        number = pd.to_numeric(text[name].where(text[name] != ""), errors="coerce")
        whole = fields(TABLE)[name]["type"] != "integer" or number % 1 == 0
        bad = text.loc[(text[name] != "") & ~(number.abs().lt(MOST) & whole)]
        if len(bad):
            value, row = bad[name].iloc[0], bad.index[0]
            raise InputError(
                f"{path}, row {row}, {name}: {value!r} is not a number",
                "counts and days are whole numbers; leave it empty where it is not published",
            )
    _check_kinds(path, text)
    rows = text.index
    rates = conform(text, TABLE)
    impossible = ~rates["percent"].between(0, 100) | (rates["events"] > rates["n"]).fillna(False)
    if impossible.any():
        row = int(impossible.idxmax())
        raise InputError(
            f"{path}, row {rows[row]}: {plain(rates['percent'][row])} percent, "
            f"{rates['events'][row]} events of {rates['n'][row]}",
            "a percentage lies between 0 and 100, and events are at most n",
        )
    key = load_schema(TABLE)["key"]
    twice = rates.duplicated(key)
    if twice.any():
        row = int(twice.idxmax())
        raise InputError(
            f"{path}, row {rows[row]}: {', '.join(map(str, rates.loc[row, key]))} is there twice",
            f"{', '.join(key)} together name a row",
        )
    return rates


def _check_kinds(path: Path | str, text: pd.DataFrame) -> None:
    bad = ~text["kind"].isin(["", *KINDS])
    if bad.any():
        row = bad.idxmax()
        raise InputError(
            f"{path}, row {row}, kind: {text['kind'][row]!r} is not permitted",
            f"permitted: {', '.join(KINDS)}, or empty",
        )


def rates_of(rates: pd.DataFrame, grade: str, gain: int) -> list[Rate]:
    """The published rates of one baseline grade and gain, in the order of the table."""
    chosen = rates.loc[(rates["grade"] == grade) & (rates["gain"] == gain)]
    return [_rate(row) for row in chosen.to_dict("records")]


def main_rate(rates: pd.DataFrame, grade: str, gain: int, source: str) -> Rate | None:
    """The rate of ``source`` for a grade and gain; None if it has none.

    Raises InputError where the source has several, of which one would have to be chosen.
    """
    found = [rate for rate in rates_of(rates, grade, gain) if rate.source == source]
    if len(found) > 1:
        raise InputError(
            f"natural_recovery.benchmark: '{source}' has {len(found)} rates for grade {grade}",
            f"choose a source with one, or one of: {'; '.join(rate.population for rate in found)}",
        )
    return found[0] if found else None


def _rate(row: dict[str, object]) -> Rate:
    def number(name: str) -> float:
        value = row[name]
        return float("nan") if pd.isna(value) else float(value)  # type: ignore[arg-type]

    share, n, events = number("percent") / 100, number("n"), number("events")
    known = not pd.isna(n)
    derived = known and pd.isna(events)
    if derived:
        events = round(share * n)
    return Rate(
        source=str(row["source"]),
        population=str(row["population"]),
        share=events / n if known else share,
        events=int(events) if known else 0,
        n=int(n) if known else 0,
        derived=derived,
        exam=str(row["exam"]),
        exam_from=number("exam_from"),
        exam_to=number("exam_to"),
        citation=str(row["citation"]),
        level=str(row["level"]),
        registry=str(row["registry"]),
        kind=str(row["kind"]),
        follow_up_from=number("follow_up_from"),
    )
