"""The analysis of a registry as one plain script: polars and scipy, nothing of this project.

    python benchmarks/peer/registry_polars.py data/raw/registry numbers.csv

The same as registry.py, as a careful analyst would write it with polars: whole columns at a time,
on all cores, cells as small whole numbers with nulls for NT. AIS grades are computed for all exams
at once with numpy, and one by one only where cells that are not testable may lead to several.
Walsh averages are taken of the different changes, weighted by how often each is there, so that they
fit in memory whatever the number of pairs. Reads one file of each kind, or those of all sites.
Prints the seconds of each part.
"""

import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
from registry_study import (
    ARM,
    BOWEL,
    CELLS,
    DATES,
    ENDPOINTS,
    EXAMINED,
    KEY,
    KEY_AT,
    LATER,
    LEG,
    LEVELS,
    MOTOR,
    NON_KEY,
    PRICK,
    TOUCH,
    VISITS,
    WALKING,
    WINDOWS,
    cell_name,
    holm,
    order_statistics,
    share,
    sign_test,
    signed_rank,
)
from scipy import stats

SCORED = ["uems", "lems", "motor_total", "light_touch", "pin_prick", "ais"]
SCORED_SCIM = ["scim_total", "walking"]


def main(raw: Path, target: Path) -> None:
    clock = time.perf_counter()

    def done(part: str) -> None:
        nonlocal clock
        print(f"{part:10} {time.perf_counter() - clock:8.2f} s", flush=True)
        clock = time.perf_counter()

    numbers: dict[str, dict] = {}
    patients = read_patients(raw)
    exams = read_assessments(raw, "isncsci", patients, numbers)
    scim = read_assessments(raw, "scim3", patients, numbers)
    done("read, clean")
    exams, scim = score_exams(exams), score_scim(scim)
    done("score")
    analyse(numbers, patients, exams, scim)
    done("analyse")
    fields = ("value", "lower", "upper", "n", "p", "p_adjusted")
    columns = {name: [found.get(name) for found in numbers.values()] for name in fields}
    schema = dict.fromkeys(fields, pl.Float64)
    table = pl.DataFrame(columns, schema=schema, strict=False)
    table.insert_column(0, pl.Series("estimate_id", list(numbers))).write_csv(target)


def read_text(raw: Path, name: str) -> pl.LazyFrame:
    """All columns of a table as text, empty cells null; of all sites where there are several."""
    return pl.scan_csv(raw / f"{name}*.csv", infer_schema=False)


def read_patients(raw: Path) -> pl.DataFrame:
    age = pl.col("age").cast(pl.Float64)
    # An injury after anything that followed it is no day 0.
    late = pl.any_horizontal(pl.col(DATES[1:]) < pl.col("injury")).fill_null(value=False)
    return (
        read_text(raw, "patients")
        .with_columns(pl.when(age.is_between(0, 120)).then(age).alias("age"))
        .with_columns(pl.col(name).str.head(10).str.to_date("%Y-%m-%d") for name in DATES)
        .with_columns(pl.when(~late).then(pl.col("injury")))
        .rename({"infusion": "treatment"})
        .select("patient", "age", "injury", "treatment")
        .collect()
    )


def read_assessments(
    raw: Path, name: str, patients: pl.DataFrame, numbers: dict[str, dict]
) -> pl.DataFrame:
    """The kept rows of a table, with the patient's dates and whether each is in its window."""
    rows = read_text(raw, name)
    total = rows.select(pl.len()).collect().item()
    first, last = pl.date(2019, 1, 1), pl.date(2022, 12, 31)
    dates = patients.lazy().select("patient", "injury", "treatment")
    rows = (
        rows.with_columns(pl.col("date").str.to_date("%Y-%m-%d", strict=False))
        .filter(pl.col("date").is_between(first, last))
        .join(dates, on="patient", maintain_order="left")
        .unique(keep="first", maintain_order=True)
        .with_columns(pl.col("visit").replace_strict(VISITS))
    )
    if name == "isncsci":
        rows = rows.unique(["patient", *EXAMINED], keep="first", maintain_order=True)
    inside = pl.any_horizontal(
        (pl.col("visit") == visit)
        & (pl.col("date") - pl.col(clock)).dt.total_days().is_between(low, high)
        for visit, (clock, low, high) in WINDOWS.items()
    )
    kept = rows.with_columns(inside.alias("inside")).collect()
    numbers[f"data_quality.{name}_csv.rows_in"] = {"value": total}
    numbers[f"data_quality.{name}_csv.kept"] = {"value": len(kept)}
    return kept


def score_exams(exams: pl.DataFrame) -> pl.DataFrame:
    """Cells as numbers, null where not testable or not permitted, and the scores beside them."""
    grades = exams.select(
        "patient",
        "visit",
        "inside",
        *NON_KEY,
        *(pl.col(name) == "Yes" for name in ("VAC", "DAP")),
        *(whole(name, range(6 if name in MOTOR else 3)) for name in CELLS),
    )
    sums = {
        "uems": [f"{side} {name} motor" for side in "RL" for name in ARM],
        "lems": [f"{side} {name} motor" for side in "RL" for name in LEG],
        "motor_total": MOTOR,
        "light_touch": TOUCH,
        "pin_prick": PRICK,
    }
    grades = grades.with_columns(**{name: summed(columns) for name, columns in sums.items()})
    return grades.with_columns(impairments(grades))


def score_scim(scim: pl.DataFrame) -> pl.DataFrame:
    items = [name for name in scim.columns if name.startswith("scim_") and name != "scim_total"]
    steps = {"scim_bowel": BOWEL}
    points = scim.select(
        "patient", "visit", "inside", *(whole(name, steps.get(name, range(101))) for name in items)
    )
    return points.with_columns(scim_total=summed(items), walking=summed(WALKING))


def whole(name: str, allowed: range | list[int]) -> pl.Expr:
    """A column of text as small numbers; null for all that is not allowed."""
    number = pl.col(name).cast(pl.Int8, strict=False)
    return pl.when(number.is_in(list(allowed))).then(number).alias(name)


def summed(columns: list[str]) -> pl.Expr:
    return pl.sum_horizontal(pl.col(columns).cast(pl.Int16), ignore_nulls=False)


def impairments(exams: pl.DataFrame) -> pl.Series:
    """AIS grades, A = 1 to E = 5; null where cells that are not testable leave it open."""
    whole_exam = exams.select(pl.all_horizontal(pl.col(CELLS).is_not_null())).to_series()
    grades = np.zeros(len(exams), np.int8)
    grades[whole_exam.to_numpy()] = tested_impairments(*as_arrays(exams.filter(whole_exam)))
    untested = exams.filter(~whole_exam)
    open_grades = [untested_impairment(*row) for row in rows_of(untested)]
    grades[~whole_exam.to_numpy()] = open_grades
    return pl.Series("ais", grades).replace({0: None})


def as_arrays(exams: pl.DataFrame) -> tuple:
    """Cells, contraction, pressure, place of the lowest non-key muscle (-1 for none) by side."""
    place = {name: number for number, name in enumerate(LEVELS)}
    non_key = exams.select(
        pl.col(NON_KEY).replace_strict(place, default=-1, return_dtype=pl.Int8)
    ).to_numpy()
    cells = exams.select(pl.col(CELLS).fill_null(-1)).to_numpy()
    return cells, exams["VAC"].to_numpy(), exams["DAP"].to_numpy(), non_key


def rows_of(exams: pl.DataFrame) -> Iterator[tuple]:
    cells, contraction, pressure, non_key = as_arrays(exams)
    return zip(cells, contraction, pressure, non_key, strict=True)


def untested_impairment(cells, contraction, pressure, non_key) -> int:
    """The grade that all values of cells that are not testable lead to; 0 where there are several.

    Some thousand values at a time; the first of them show already where there are several.
    """
    untested = np.flatnonzero(cells < 0)
    choices = [range(6 if place < len(MOTOR) else 3) for place in untested]
    found: set[int] = set()
    combined = product(*choices)
    size = 16
    while values := [row for _, row in zip(range(size), combined, strict=False)]:
        filled = np.repeat(cells[None], len(values), axis=0)
        filled[:, untested] = values
        same = (np.full(len(values), flag) for flag in (contraction, pressure))
        found |= set(
            tested_impairments(filled, *same, np.repeat(non_key[None], len(values), 0)).tolist()
        )
        if len(found) > 1:
            return 0
        size = min(4 * size, 4096)
    return found.pop()


def tested_impairments(cells, contraction, pressure, non_key):
    """AIS grades of exams whose cells are all tested."""
    n, m = len(LEVELS), len(KEY)
    motor = cells[:, : 2 * m].reshape(-1, 2, m)
    touch, prick = np.moveaxis(cells[:, 2 * m :].reshape(-1, 2, 2, n), 1, 0)
    intact = (touch == 2) & (prick == 2)
    first_not_intact = np.where(intact.all(axis=2), n, (~intact).argmax(axis=2))
    levels = motor_levels(motor, first_not_intact)
    neurological = np.minimum(levels.min(axis=1), first_not_intact.min(axis=1) - 1)
    sacral = ((touch[..., -1] > 0) | (prick[..., -1] > 0)).any(axis=1)
    complete = ~(contraction | pressure | sacral)
    capped = np.minimum(levels, n - 2)
    spared = (motor > 0) & (np.array(KEY_AT) - capped[..., None] > 3)
    below = spared.any(axis=(1, 2)) | ((non_key >= 0) & (non_key - capped > 3)).any(axis=1)
    under = np.array(KEY_AT) > neurological[:, None]
    muscles = 2 * under.sum(axis=1)
    strong = ((motor >= 3) & under[:, None]).sum(axis=(1, 2))
    return np.select(
        [complete, contraction & (neurological >= n - 1), ~contraction & ~below],
        [1, 5, 2],
        np.where(2 * strong < muscles, 3, 4),
    ).astype(np.int8)


def motor_levels(motor, first_not_intact):
    """Walk down: a level without a key muscle counts as normal while sensation does."""
    n = len(LEVELS)
    level = np.full(first_not_intact.shape, -1)
    walking = np.ones(level.shape, bool)
    for place in range(n - 1):
        if place in KEY_AT:
            strength = motor[..., KEY_AT.index(place)]
            level[walking & (strength >= 3)] = place
            walking &= strength == 5
        else:
            walking &= place < first_not_intact
            level[walking] = place
    return np.where(walking & (first_not_intact >= n), n - 1, level)


def analyse(
    numbers: dict[str, dict], patients: pl.DataFrame, exams: pl.DataFrame, scim: pl.DataFrame
) -> None:
    wide, inside = by_visit(exams, scim), by_visit(*(t.filter("inside") for t in (exams, scim)))
    age = patients["age"].drop_nulls()
    for statistic, part in (("median", 0.5), ("first_quartile", 0.25), ("third_quartile", 0.75)):
        value = age.quantile(part, "linear")
        numbers[f"patients.age.{statistic}"] = {"value": value, "n": len(age)}
    assessed = dict(exams.group_by("visit").agg(pl.col("patient").n_unique()).iter_rows())
    for visit in VISITS.values():
        numbers[f"patients.isncsci.{visit}.assessed"] = {"value": assessed.get(visit, 0)}
    for endpoint, visit in product(ENDPOINTS, LATER):
        change_at_visit(numbers, wide, endpoint, visit)
    holm(numbers)
    grades(numbers, wide)
    responders(numbers, wide)
    cells(numbers, exams)
    for endpoint in ("ais", "motor_total", "scim_total"):
        specifications(numbers, {"treated": wide, "in_window": inside}, endpoint)
        missing(numbers, wide, endpoint)


def by_visit(exams: pl.DataFrame, scim: pl.DataFrame) -> pl.DataFrame:
    """One row for each patient, a column for each endpoint and visit (``motor_total baseline``)."""
    wide = [
        table.pivot(
            "visit",
            on_columns=list(VISITS.values()),
            index="patient",
            values=names,
            aggregate_function="mean",
            separator=" ",
        )
        for table, names in ((exams, SCORED), (scim, SCORED_SCIM))
    ]
    return wide[0].join(wide[1], on="patient", how="full", coalesce=True)


def pair(wide: pl.DataFrame, endpoint: str, first: str, last: str) -> pl.DataFrame:
    names = {"first": f"{endpoint} {first}", "last": f"{endpoint} {last}"}
    pairs = wide.select(**{name: pl.col(column) for name, column in names.items()}).drop_nulls()
    return pairs.with_columns(change=pl.col("last") - pl.col("first"))


def change_at_visit(
    numbers: dict[str, dict], wide: pl.DataFrame, endpoint: str, visit: str
) -> None:
    pairs = pair(wide, endpoint, "baseline", visit)
    change = pairs["change"].to_numpy()
    stem = f"change.{endpoint}.{visit}"
    numbers[f"{stem}.hodges_lehmann"] = hodges_lehmann(change)
    numbers[f"{stem}.signed_rank_pratt"] = {"p": signed_rank(change, "pratt"), "n": len(change)}
    for name, count in (
        ("improved", (change > 0).sum()),
        ("unchanged", (change == 0).sum()),
        ("worse", (change < 0).sum()),
    ):
        numbers[f"{stem}.{name}"] = share(count, len(change))
    if visit == "day_180":
        numbers[f"{stem}.median_baseline"] = {"value": pairs["first"].median()}
        numbers[f"{stem}.median_visit"] = {"value": pairs["last"].median()}
        numbers[f"{stem}.signed_rank_wilcoxon"] = {"p": signed_rank(change, "wilcox")}
        ranks = stats.rankdata(np.abs(change)) * (change != 0)
        numbers[f"{stem}.rank_biserial"] = {"value": (ranks * np.sign(change)).sum() / ranks.sum()}
        numbers[f"{stem}.sign_test"] = {"p": sign_test(change)}


def hodges_lehmann(change) -> dict:
    """Median of all Walsh averages; interval of order statistics (Hollander and Wolfe).

    Of two different changes the average is there as often as both have pairs.
    """
    n = len(change)
    values, counts = np.unique(change, return_counts=True)
    one, other = np.triu_indices(len(values))
    times = np.where(
        one == other, counts[one] * (counts[one] + 1) // 2, counts[one] * counts[other]
    )
    averages = (values[one] + values[other]) / 2
    order = np.argsort(averages, kind="stable")
    upto, size = np.cumsum(times[order]), int(times.sum())
    places = order_statistics(n, size)
    below, above, low, high = averages[order][np.searchsorted(upto, places, side="right")]
    return {"value": (below + above) / 2, "lower": low, "upper": high, "n": n}


def grades(numbers: dict[str, dict], wide: pl.DataFrame) -> None:
    letters = dict(zip(range(1, 6), "abcde", strict=True))
    for visit, (value, letter) in product(VISITS.values(), letters.items()):
        count = int((wide[f"ais {visit}"] == value).sum())
        numbers[f"change.ais.{visit}.{letter}.subjects"] = {"value": count}
    pairs = pair(wide, "ais", "baseline", "day_180").group_by("first", "last").len()
    counts = {(first, last): count for first, last, count in pairs.iter_rows()}
    for before, after in product(sorted({grade for key in counts for grade in key}), repeat=2):
        name = f"{letters[before]}_to_{letters[after]}"
        numbers[f"change.ais.day_180.{name}.shift"] = {"value": counts.get((before, after), 0)}


def responders(numbers: dict[str, dict], wide: pl.DataFrame) -> None:
    for visit in LATER:
        reached = wide.select(
            (pl.col(f"{name} {visit}") - pl.col(f"{name} baseline") >= difference).alias(name)
            for name, (difference, _, _) in ENDPOINTS.items()
        ).with_columns(walking_or_motor=pl.col("walking") | pl.col("motor_total"))
        for known in reached:
            stem, n = f"responders.{known.name}.{visit}", len(known) - known.null_count()
            numbers[f"{stem}.responders"] = share(known.sum(), n)
            numbers[f"{stem}.responders_wilson"] = share(known.sum(), n, "wilson")


def cells(numbers: dict[str, dict], exams: pl.DataFrame) -> None:
    first, last = (
        exams.filter(pl.col("visit") == visit).select("patient", *CELLS)
        for visit in ("baseline", "day_180")
    )
    both = first.join(last, on="patient", suffix=" last")
    change = both.select((pl.col(f"{cell} last") - pl.col(cell)).alias(cell) for cell in CELLS)
    known = change.select(pl.all().count()).row(0, named=True)
    counts = {
        "better": change.select((pl.all() > 0).sum()).row(0, named=True),
        "worse": change.select((pl.all() < 0).sum()).row(0, named=True),
    }
    for cell, (word, count) in product(CELLS, counts.items()):
        found = {"value": count[cell], "n": known[cell]}
        numbers[f"change.{cell_name(cell)}.day_180.cell_{word}"] = found


def specifications(
    numbers: dict[str, dict], populations: dict[str, pl.DataFrame], endpoint: str
) -> None:
    for population, baseline in product(populations, ("registration", "baseline")):
        pairs = pair(populations[population], endpoint, baseline, "day_180")
        change = pairs["change"].to_numpy()
        estimate = hodges_lehmann(change)
        stem = f"sensitivity.{endpoint}.day_180."
        end = f"_{baseline}_{population}.specification"
        for name, zeros in (("pratt", "pratt"), ("wilcoxon", "wilcox")):
            p = signed_rank(change, zeros)
            numbers[f"{stem}signed_rank_{name}{end}"] = estimate | {"p": p}
        numbers[f"{stem}sign_test{end}"] = {"p": sign_test(change), "value": np.median(change)}


def missing(numbers: dict[str, dict], wide: pl.DataFrame, endpoint: str) -> None:
    _, lowest, highest = ENDPOINTS[endpoint]
    change = pair(wide, endpoint, "baseline", "day_180")["change"].to_numpy()
    is_lost = pl.col(f"{endpoint} day_180").is_null()
    lost = wide.filter(is_lost)[f"{endpoint} baseline"].drop_nulls().to_numpy()
    for case, imputed in (("complete", []), ("worst", lowest - lost), ("best", highest - lost)):
        together = np.concatenate([change, imputed])
        numbers[f"sensitivity.{endpoint}.day_180.{case}_case"] = hodges_lehmann(together) | {
            "p": signed_rank(together, "pratt")
        }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
