"""The analysis of a registry as one plain script: pandas and scipy, nothing of this project.

    python benchmarks/peer/registry.py data/raw/registry numbers.csv

Written as a careful analyst would write it for this one study: read three files, set faulty rows
aside, score, test. Numbers have the ids of the workflow's estimates, so that bench_registry.py can
compare them. What scipy does not have (exact tests with ties, max-T, Turnbull's estimate) is left
out. Prints the seconds of each part.
"""

import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
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

#: Pairs; the averages of more, a square of numbers, do not fit beside all else (15,000: 4 GB).
MOST_PAIRS = 15_000


def main(raw: Path, target: Path) -> None:
    clock = time.perf_counter()

    def done(part: str) -> None:
        nonlocal clock
        print(f"{part:10} {time.perf_counter() - clock:8.2f} s", flush=True)
        clock = time.perf_counter()

    patients, exams, scim = (
        pd.read_csv(raw / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("patients", "isncsci", "scim3")
    )
    done("read")
    patients, exams, scim, numbers = clean(patients, exams, scim)
    done("clean")
    scores = score(exams, scim)
    done("score")
    scores = scores.join(patients[["injury", "treatment"]], on="patient")
    numbers |= analyse(scores, exams, patients)
    done("analyse")
    table = pd.DataFrame.from_dict(numbers, orient="index").rename_axis("estimate_id")
    say_skipped(table)
    table.to_csv(target)


def say_skipped(table):
    if "skipped" in table:
        for reason, count in table["skipped"].value_counts().items():
            print(f"skipped    {reason}: {count} estimates", flush=True)


def clean(patients, exams, scim):
    numbers = {}
    patients["age"] = pd.to_numeric(patients["age"])
    patients.loc[~patients["age"].between(0, 120), "age"] = np.nan
    for name in DATES:
        patients[name] = pd.to_datetime(patients[name]).dt.normalize()
    # An injury after anything that followed it is no day 0.
    late = (patients[DATES[1:]].lt(patients["injury"], axis=0)).any(axis=1)
    patients.loc[late, "injury"] = pd.NaT
    patients = patients.set_index("patient").rename(columns={"infusion": "treatment"})
    kept = []
    for name, rows in (("isncsci", exams), ("scim3", scim)):
        total = len(rows)
        rows = rows.loc[rows["patient"].isin(patients.index)]
        dated = pd.to_datetime(rows["date"], errors="coerce")
        inside = dated.between("2019-01-01", "2022-12-31")
        rows = rows.loc[inside].assign(date=dated[inside], visit=rows["visit"].map(VISITS))
        again = rows.duplicated()
        rows = rows.loc[~again].copy()
        if name == "isncsci":
            rows = rows.loc[~rows.duplicated(["patient", *EXAMINED])].copy()
            for cell in CELLS:
                allowed = [str(value) for value in range(6 if cell in MOTOR else 3)]
                rows[cell] = rows[cell].where(rows[cell].isin(allowed), "NT")
        numbers[f"data_quality.{name}_csv.rows_in"] = {"value": total}
        numbers[f"data_quality.{name}_csv.kept"] = {"value": len(rows)}
        kept.append(rows)
    exams, scim = kept
    scim["scim_bowel"] = scim["scim_bowel"].where(scim["scim_bowel"].isin(map(str, BOWEL)), "")
    return patients, exams, scim, numbers


def score(exams, scim):
    """One row per assessment and endpoint: patient, visit, date, endpoint, value."""
    grades = exams[CELLS].replace("NT", np.nan).astype(float)
    values = {
        "uems": grades[[f"{side} {name} motor" for side in "RL" for name in ARM]],
        "lems": grades[[f"{side} {name} motor" for side in "RL" for name in LEG]],
        "motor_total": grades[MOTOR],
        "light_touch": grades[TOUCH],
        "pin_prick": grades[PRICK],
    }
    values = {name: part.sum(axis=1, skipna=False) for name, part in values.items()}
    rows = zip(
        exams[CELLS].to_numpy().tolist(),
        exams["VAC"],
        exams["DAP"],
        exams["R non-key"],
        exams["L non-key"],
        strict=True,
    )
    values["ais"] = pd.Series([impairment(*row) for row in rows], index=exams.index)
    parts = [
        exams[["patient", "visit", "date"]].assign(endpoint=name, value=value)
        for name, value in values.items()
    ]
    items = [name for name in scim if name.startswith("scim_") and name != "scim_total"]
    points = scim[items].apply(pd.to_numeric, errors="coerce")
    for name, columns in (("scim_total", items), ("walking", WALKING)):
        value = points[columns].sum(axis=1, skipna=False)
        parts.append(scim[["patient", "visit", "date"]].assign(endpoint=name, value=value))
    return pd.concat(parts, ignore_index=True)


def impairment(cells, contraction, pressure, non_key_right, non_key_left):
    """AIS grade of an exam, A = 1 to E = 5; NaN where cells not testable leave it open."""
    untested = [place for place, text in enumerate(cells) if text == "NT"]
    found = set()
    choices = [range(6 if place < len(MOTOR) else 3) for place in untested]
    filled = [0 if text == "NT" else int(text) for text in cells]
    for values in product(*choices):
        for place, value in zip(untested, values, strict=True):
            filled[place] = value
        found.add(
            tested_impairment(
                filled, contraction == "Yes", pressure == "Yes", (non_key_right, non_key_left)
            )
        )
        if len(found) > 1:
            return np.nan
    return found.pop()


def tested_impairment(cells, contraction, pressure, non_key):
    n, m = len(LEVELS), len(KEY)
    motor = [cells[:m], cells[m : 2 * m]]
    points = cells[2 * m :]
    touch, prick = [points[:n], points[n : 2 * n]], [points[2 * n : 3 * n], points[3 * n :]]
    sacral = any(touch[side][-1] or prick[side][-1] for side in (0, 1))
    if not (contraction or pressure or sacral):
        return 1
    sensory, motor_levels = [], []
    for side in (0, 1):
        level = next(
            (i for i in range(n) if touch[side][i] != 2 or prick[side][i] != 2), n
        )  # first that is not intact; the level is the one above
        sensory.append(level - 1)
        motor_levels.append(motor_level(motor[side], level, n))
    # n - 1 is S4-5: beyond it everything is intact.
    neurological = min(*sensory, *motor_levels)
    if contraction:
        if neurological >= n - 1:
            return 5
    else:
        capped = [min(level, n - 2) for level in motor_levels]
        below = any(
            (motor[side][k] and KEY_AT[k] - capped[side] > 3) for side in (0, 1) for k in range(m)
        ) or any(
            non_key[side] and LEVELS.index(non_key[side]) - capped[side] > 3 for side in (0, 1)
        )
        if not below:
            return 2
    strengths = [motor[side][k] for side in (0, 1) for k in range(m) if KEY_AT[k] > neurological]
    return 3 if 2 * sum(strength >= 3 for strength in strengths) < len(strengths) else 4


def motor_level(muscles, first_not_intact, n):
    """Walk down: a level without a key muscle counts as normal while sensation does."""
    level = -1
    for place in range(n - 1):
        if place in KEY_AT:
            strength = muscles[KEY_AT.index(place)]
            if strength < 3:
                return level
            level = place
            if strength < 5:
                return level
        elif place >= first_not_intact:
            return level
        else:
            level = place
    return n - 1 if first_not_intact >= n else n - 2


def analyse(scores, exams, patients):
    numbers = {}
    for clock in ("injury", "treatment"):
        scores[f"day_{clock}"] = (scores["date"] - scores[clock]).dt.days
    scores["inside"] = False
    for visit, (clock, first, last) in WINDOWS.items():
        here = scores["visit"] == visit
        scores.loc[here, "inside"] = scores.loc[here, f"day_{clock}"].between(first, last)
    wide = scores.pivot_table(index="patient", columns=["endpoint", "visit"], values="value")
    inside = scores.loc[scores["inside"]].pivot_table(
        index="patient", columns=["endpoint", "visit"], values="value"
    )
    for statistic, part in (("median", 0.5), ("first_quartile", 0.25), ("third_quartile", 0.75)):
        age = patients["age"].dropna()
        numbers[f"patients.age.{statistic}"] = {"value": age.quantile(part), "n": len(age)}
    for visit in VISITS.values():
        n = exams.loc[exams["visit"] == visit, "patient"].nunique()
        numbers[f"patients.isncsci.{visit}.assessed"] = {"value": n}
    for endpoint in ENDPOINTS:
        for visit in LATER:
            change_at_visit(numbers, wide[endpoint], endpoint, visit)
    holm(numbers)
    grades(numbers, wide["ais"])
    responders(numbers, wide)
    cells(numbers, exams)
    for endpoint in ("ais", "motor_total", "scim_total"):
        specifications(numbers, {"treated": wide, "in_window": inside}, endpoint)
        missing(numbers, wide[endpoint], endpoint)
    return numbers


def change_at_visit(numbers, wide, endpoint, visit):
    pairs = wide[["baseline", visit]].dropna()
    change = (pairs[visit] - pairs["baseline"]).to_numpy()
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
        numbers[f"{stem}.median_baseline"] = {"value": pairs["baseline"].median()}
        numbers[f"{stem}.median_visit"] = {"value": pairs[visit].median()}
        numbers[f"{stem}.signed_rank_wilcoxon"] = {"p": signed_rank(change, "wilcox")}
        ranks = stats.rankdata(np.abs(change)) * (change != 0)
        biserial = (ranks * np.sign(change)).sum() / ranks.sum()
        numbers[f"{stem}.rank_biserial"] = {"value": biserial}
        numbers[f"{stem}.sign_test"] = {"p": sign_test(change)}


def hodges_lehmann(change):
    """Median of all Walsh averages; interval of order statistics (Hollander and Wolfe).

    Of more than MOST_PAIRS only their number, and that the rest is skipped.
    """
    n = len(change)
    if n > MOST_PAIRS:
        return {"n": n, "skipped": f"Walsh averages of more than {MOST_PAIRS:,} pairs (memory)"}
    lower = np.tri(n, dtype=bool)
    walsh = np.add.outer(change, change)[lower] / 2
    size = len(walsh)
    places = order_statistics(n, size)
    walsh.partition(places)
    below, above, low, high = walsh[places]
    return {"value": (below + above) / 2, "lower": low, "upper": high, "n": n}


def grades(numbers, wide):
    letters = dict(zip(range(1, 6), "abcde", strict=True))
    for visit in VISITS.values():
        for value, letter in letters.items():
            count = int((wide[visit] == value).sum())
            numbers[f"change.ais.{visit}.{letter}.subjects"] = {"value": count}
    table = pd.crosstab(wide["baseline"], wide["day_180"])
    for before, after in product(sorted(set(table.index) | set(table)), repeat=2):
        count = table.at[before, after] if before in table.index and after in table else 0
        name = f"{letters[before]}_to_{letters[after]}"
        numbers[f"change.ais.day_180.{name}.shift"] = {"value": count}


def responders(numbers, wide):
    reached = {}
    for endpoint, (difference, _, _) in ENDPOINTS.items():
        here = wide[endpoint]
        change = here[LATER].sub(here["baseline"], axis=0)
        reached[endpoint] = (change >= difference).astype("boolean").mask(change.isna())
    either = [reached[name].reindex(wide.index) for name in ("walking", "motor_total")]
    reached["walking_or_motor"] = either[0] | either[1]
    for name, table in reached.items():
        for visit in LATER:
            known = table[visit].dropna()
            stem = f"responders.{name}.{visit}"
            numbers[f"{stem}.responders"] = share(known.sum(), len(known))
            numbers[f"{stem}.responders_wilson"] = share(known.sum(), len(known), "wilson")


def cells(numbers, exams):
    grades = exams[CELLS].replace("NT", np.nan).astype(float)
    grades = pd.concat([exams[["patient", "visit"]], grades], axis=1)
    first, last = (
        grades.loc[grades["visit"] == visit].set_index("patient")[CELLS]
        for visit in ("baseline", "day_180")
    )
    change = (last - first).dropna(how="all")
    for cell in CELLS:
        for word, count in (("better", change[cell] > 0), ("worse", change[cell] < 0)):
            numbers[f"change.{cell_name(cell)}.day_180.cell_{word}"] = {
                "value": int(count.sum()),
                "n": int(change[cell].notna().sum()),
            }


def specifications(numbers, populations, endpoint):
    for population, baseline in product(populations, ("registration", "baseline")):
        wide = populations[population][endpoint]
        pairs = wide[[baseline, "day_180"]].dropna()
        change = (pairs["day_180"] - pairs[baseline]).to_numpy()
        estimate = hodges_lehmann(change)
        stem = f"sensitivity.{endpoint}.day_180."
        end = f"_{baseline}_{population}.specification"
        numbers[f"{stem}signed_rank_pratt{end}"] = estimate | {"p": signed_rank(change, "pratt")}
        numbers[f"{stem}signed_rank_wilcoxon{end}"] = estimate | {
            "p": signed_rank(change, "wilcox")
        }
        numbers[f"{stem}sign_test{end}"] = {"p": sign_test(change), "value": np.median(change)}


def missing(numbers, wide, endpoint):
    _, lowest, highest = ENDPOINTS[endpoint]
    start = wide["baseline"].dropna()
    last = wide["day_180"].reindex(start.index)
    change, lost = (last - start).dropna().to_numpy(), start[last.isna()].to_numpy()
    for case, imputed in (("complete", []), ("worst", lowest - lost), ("best", highest - lost)):
        together = np.concatenate([change, imputed])
        numbers[f"sensitivity.{endpoint}.day_180.{case}_case"] = hodges_lehmann(together) | {
            "p": signed_rank(together, "pratt")
        }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
