"""A SYNTHETIC series of patients after an infarct of the brain, as three raw exports.

Every patient has one severity that falls with time from the infarct, quickly first; all scales are
made from it with an error of their own. Nothing is estimated from anybody's data.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.files import write_text
from owncontrol.study.manifest import write_manifest

# Days from the infusion on which each visit is planned.
VISITS = {"PRE": 0, "W1": 7, "W2": 14, "M1": 28, "M3": 90, "M6": 180, "M12": 365}
IMAGED = ("PRE", "W1", "W2", "M3", "M12")
# Item of the NIH Stroke Scale, highest score, how much of the severity it takes.
NIHSS = {
    "loc": (3, 0.2), "loc_questions": (2, 0.6), "loc_commands": (2, 0.5), "gaze": (2, 0.5),
    "visual": (3, 0.5), "facial_palsy": (3, 0.8), "motor_arm_left": (4, 1.3),
    "motor_arm_right": (4, 1.3), "motor_leg_left": (4, 1.1), "motor_leg_right": (4, 1.1),
    "limb_ataxia": (2, 0.3), "sensory": (2, 0.8), "language": (3, 0.8), "dysarthria": (2, 0.7),
    "extinction": (2, 0.5),
}  # fmt: skip
FIM = {
    "eating": 0.8, "grooming": 0.9, "bathing": 1.2, "dressing_upper": 1.0, "dressing_lower": 1.15,
    "toileting": 1.05, "bladder": 0.8, "bowel": 0.75, "transfer_bed": 1.0, "transfer_toilet": 1.05,
    "transfer_tub": 1.2, "walk_wheelchair": 1.15, "stairs": 1.35,
}  # fmt: skip
README = """# SYNTHETIC series after stroke ({count} patients)

**SYNTHETIC. No patient stands behind any line of these files**: everything is drawn by
`python workflow/scripts/simulate_infarcts.py FOLDER --subjects {count} --seed {seed}`, and the same
command gives the same bytes. No number is estimated from anybody's data.

{count} patients are given an infusion of their own mesenchymal stem cells some weeks after a stroke
and are seen before it, and 1 and 2 weeks, 1, 3, 6 and 12 months after it.

| file | from | exported |
|---|---|---|
| patients.csv | trial office, one row per patient | 2024-06-30 |
| assessments.csv | ward, one row per visit: NIHSS, mRS, FIM (motor), item by item | 2024-06-30 |
| imaging.csv | imaging core, one row per image: lesion volume, decimal comma | 2024-06-30 |

Some visits were missed. One patient has an arm that cannot be tested (UN in the NIHSS): the total
cannot be determined there, the total of the testable items can. `codebook.csv` explains every
column, `MANIFEST` has the sha256 of every file.
"""


def write_series(folder: Path, subjects: int, seed: int) -> None:
    """Write the raw files, README, codebook and MANIFEST; the same arguments, the same bytes."""
    rng = np.random.default_rng(seed)
    people = _people(subjects, rng)
    assessments, images = _visits(people, rng)
    people = people.assign(**_discharges(people, np.random.default_rng([seed, 1])))
    folder.mkdir(parents=True, exist_ok=True)
    _write(people.drop(columns=["severity", "volume", "infarct", "infusion"]), folder, "patients")
    _write(assessments, folder, "assessments")
    _write(images, folder, "imaging", delimiter=";")
    frames = {"patients.csv": people, "assessments.csv": assessments, "imaging.csv": images}
    _write(_codebook(frames), folder, "codebook")
    write_text(folder / "README.md", README.format(count=subjects, seed=seed))
    write_manifest(folder)


def _people(subjects: int, rng: np.random.Generator) -> pd.DataFrame:
    infarct = [date(2022, 1, 10) + timedelta(int(day)) for day in rng.integers(0, 420, subjects)]
    waited = rng.integers(36, 120, subjects)
    infusion = [day + timedelta(int(wait)) for day, wait in zip(infarct, waited, strict=True)]
    return pd.DataFrame(
        {
            "patient": [f"ST-{number:02d}" for number in range(1, subjects + 1)],
            "sex": rng.choice(["F", "M"], subjects),
            "age": rng.integers(41, 76, subjects),
            "stroke_date": [f"{day:%d.%m.%Y}" for day in infarct],
            "side": rng.choice(["left", "right"], subjects),
            "territory": rng.choice(["cortical", "subcortical", "both"], subjects),
            "infusion_start": [f"{day:%d.%m.%Y} 10:00" for day in infusion],
            "cells_1e8": np.round(rng.uniform(0.6, 1.6, subjects), 2),
            "severity": rng.uniform(0.35, 0.95, subjects),
            "volume": rng.uniform(12, 140, subjects),
            "infarct": infarct,
            "infusion": infusion,
        }
    )


def _discharges(people: pd.DataFrame, rng: np.random.Generator) -> dict[str, NDArray[np.int64]]:
    """Days from the infusion to the discharge home, or to the last day seen in hospital; which."""
    due = np.round(14 + 150 * people["severity"] * rng.exponential(1, len(people))).astype(int)
    looked = rng.integers(60, 366, len(people))
    return {"home_days": np.minimum(due, looked), "home": (due <= looked).astype(np.int64)}


def _visits(people: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    assessments, images = [], []
    for place, person in enumerate(people.itertuples()):
        waited = (person.infusion - person.infarct).days
        for visit, planned in VISITS.items():
            day = planned + (0 if visit == "PRE" else int(rng.integers(-1, 2)) * (planned > 7))
            share = _left(waited + planned) / _left(waited)
            severity = person.severity * (0.35 + 0.65 * share) + rng.normal(0, 0.02)
            if visit not in ("PRE", "M6") and rng.random() < 0.06:
                continue
            when = f"{person.infusion + timedelta(day):%d.%m.%Y}"
            about = {"patient": person.patient, "visit": visit, "date": when}
            scores = _scales(severity, person.side, place == 3, rng)
            assessments.append(about | scores)
            if visit in IMAGED:
                volume = person.volume * (0.7 + 0.3 * share) * rng.normal(1, 0.02)
                images.append(about | {"volume_ml": f"{max(volume, 0):.1f}".replace(".", ",")})
    return pd.DataFrame(assessments), pd.DataFrame(images)


def _left(day: float) -> float:
    """Share of the deficit that is left on a day from the infarct."""
    return 0.3 + 0.7 * float(np.exp(-day / 60))


def _scales(
    severity: float, side: str, untestable: bool, rng: np.random.Generator
) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, (most, weight) in NIHSS.items():
        limb_of_good_side = name.endswith(f"_{side}")  # the other side of the body is weak
        need = 0.0 if limb_of_good_side else weight * severity * most * 0.75
        found[f"nihss_{name}"] = int(np.clip(round(need + rng.normal(0, 0.2)), 0, most))
    if untestable:
        found[f"nihss_motor_arm_{side}"] = "UN"
    found["mrs"] = int(np.clip(round(5.2 * severity + rng.normal(0, 0.2)), 1, 5))
    for name, weight in FIM.items():
        level = 7 - 6.2 * severity * weight + rng.normal(0, 0.3)
        found[f"fim_{name}"] = int(np.clip(round(level), 1, 7))
    return found


def _codebook(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    special = {
        "cells_1e8": ("cells given", "10^8 cells"),
        "volume_ml": ("lesion volume on magnetic resonance imaging", "ml"),
        "age": ("age at the infusion", "years"),
        "mrs": ("modified Rankin Scale", "grade"),
        "home_days": ("from the infusion to the discharge home, or to the last look", "days"),
        "home": ("discharged home by then: 1 yes, 0 no", ""),
    }
    hidden = {"severity", "volume", "infarct", "infusion"}
    rows = []
    for file, frame in frames.items():
        for name in frame.columns:
            if name not in hidden:
                meaning, unit = special.get(name, (name.replace("_", " "), ""))
                rows.append((file, name, meaning, unit))
    return pd.DataFrame(rows, columns=["file", "column", "meaning", "unit"])


def _write(frame: pd.DataFrame, folder: Path, name: str, delimiter: str = ",") -> None:
    text = frame.to_csv(index=False, sep=delimiter, lineterminator="\n")
    write_text(folder / f"{name}.csv", text)
