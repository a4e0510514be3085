"""What both plain scripts know of the registry, and the tests that scipy has for it."""

import numpy as np
from scipy import stats

DAYS = (28, 56, 90, 120, 150, 180)
LATER = [f"day_{day}" for day in DAYS]
VISITS = {"Registration": "registration", "Pre-infusion": "baseline"}
VISITS |= {f"Day {day}": f"day_{day}" for day in DAYS}
#: Clock, first and last day of each visit's window.
WINDOWS = {
    "registration": ("injury", 0, 14),
    "baseline": ("treatment", -7, 0),
    "day_28": ("treatment", 24, 32),
    "day_56": ("treatment", 49, 63),
    "day_90": ("treatment", 80, 100),
    "day_120": ("treatment", 110, 130),
    "day_150": ("treatment", 140, 160),
    "day_180": ("treatment", 166, 194),
}
#: Important difference, least and greatest value of each endpoint.
ENDPOINTS = {
    "ais": (1, 1, 5),
    "motor_total": (2, 0, 100),
    "uems": (2, 0, 50),
    "lems": (2, 0, 50),
    "light_touch": (7, 0, 112),
    "pin_prick": (7, 0, 112),
    "scim_total": (10, 0, 100),
    "walking": (3, 0, 25),
}
FAMILIES = (
    ["motor_total", "uems", "lems"],
    ["light_touch", "pin_prick"],
    ["scim_total", "walking"],
    ["ais"],
)
LEVELS = [f"C{i}" for i in range(2, 9)] + [f"T{i}" for i in range(1, 13)]
LEVELS += [f"L{i}" for i in range(1, 6)] + ["S1", "S2", "S3", "S4-5"]
ARM, LEG = ["C5", "C6", "C7", "C8", "T1"], ["L2", "L3", "L4", "L5", "S1"]
KEY = ARM + LEG
KEY_AT = [LEVELS.index(name) for name in KEY]
MOTOR = [f"{side} {name} motor" for side in "RL" for name in KEY]
TOUCH = [f"{side} {name} LT" for side in "RL" for name in LEVELS]
PRICK = [f"{side} {name} PP" for side in "RL" for name in LEVELS]
CELLS = MOTOR + TOUCH + PRICK
NON_KEY = ["R non-key", "L non-key"]
EXAMINED = [*CELLS, *NON_KEY, "VAC", "DAP"]
WALKING = ["scim_mob_indoors", "scim_mob_moderate", "scim_mob_outdoors"]
BOWEL = [0, 5, 8, 10]
DATES = ["injury", "consent", "registration", "marrow", "culture_start", "release", "infusion"]
LEVEL = 0.95


def order_statistics(n: int, size: int, level: float = LEVEL) -> list[int]:
    """Places of the two middle ones of so many Walsh averages, and of the interval's bounds."""
    mean, deviation = n * (n + 1) / 4, np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    k = max(1, int(np.floor(mean + deviation * stats.norm.ppf((1 - level) / 2))))
    return [(size + 1) // 2 - 1, size // 2, k - 1, size - k]


def signed_rank(change, zeros: str) -> float:
    return stats.wilcoxon(change, zero_method=zeros, correction=False, method="asymptotic").pvalue


def sign_test(change) -> float:
    up, down = int((change > 0).sum()), int((change < 0).sum())
    return stats.binomtest(up, up + down).pvalue


def share(count: int, n: int, method: str = "exact") -> dict:
    interval = stats.binomtest(int(count), int(n)).proportion_ci(LEVEL, method)
    return {"value": count / n, "lower": interval.low, "upper": interval.high, "n": n}


def holm(numbers: dict[str, dict]) -> None:
    for family in FAMILIES:
        ids = [f"change.{name}.day_180.signed_rank_pratt" for name in family]
        ids.sort(key=lambda name: numbers[name]["p"])
        worst = 0.0
        for place, name in enumerate(ids):
            worst = max(worst, min(1.0, (len(ids) - place) * numbers[name]["p"]))
            numbers[name]["p_adjusted"] = worst


def cell_name(cell: str) -> str:
    """The workflow's name of a cell of an exam (``R C5 motor``)."""
    sides, kinds = {"R": "right", "L": "left"}, {"LT": "light_touch", "PP": "pin_prick"}
    side, level, kind = cell.split()
    return f"{sides[side]}_{kinds.get(kind, kind)}_{level.lower().replace('-', '_')}"
