"""Maps the entries of ``reference/statistics.json`` to the project's own functions.

``compute(entry)`` reads ``method``, ``convention`` and ``data`` of an entry, and returns the
value in the shape of its ``expected``. Nothing of ``expected`` is looked at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from owncontrol import statistics as st
from scipy.stats import binomtest

Entry = dict[str, Any]


def compute(entry: Entry) -> float | list[Any] | dict[str, Any] | None:
    """Return what the project computes for ``entry``.

    Raises:
        KeyError: the method has no counterpart in the project.
    """
    method = entry["method"]
    if method.startswith("p_adjust_"):
        return st.adjust(entry["data"], _adjustment(method)).tolist()
    family = _family(method)
    if family not in _METHODS:
        raise KeyError(f"method {method!r} has no counterpart; known are {sorted(_METHODS)}")
    return _METHODS[family](entry)


def _family(method: str) -> str:
    """Return the name without the level or the alternative that it may end with."""
    return re.sub(r"(_one_sided_[\d.]+|_(two_sided|greater|less))$", "", method)


def _adjustment(method: str) -> Any:
    named = {"bh": "BH", "fdr": "BH", "by": "BY"}
    name = method.removeprefix("p_adjust_").lower()
    return named.get(name, name)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _alternative(entry: Entry, default: str = "two-sided") -> Any:
    """Return the alternative that the method's name or the convention gives."""
    text = f"{entry['method']} {entry['convention']}".lower()
    if re.search(r"two[.\-_ ]?sided", text):
        return "two-sided"
    for word in ("greater", "less"):
        if re.search(rf"(?<![a-z]){word}(?![a-z])", text):
            return word
    return default


def _zeros(entry: Entry) -> Any:
    """Return the zero convention; one that the project does not have is refused."""
    convention = entry["convention"].lower()
    named = re.search(r"zeros?\s*=\s*([a-z]+)", convention)
    if named and named[1] not in ("pratt", "wilcoxon", "wilcox"):
        raise KeyError(f"zero convention {named[1]!r} has no counterpart: pratt, wilcoxon")
    return "wilcoxon" if "wilcox" in convention else "pratt"


def _drops_zeros(entry: Entry) -> bool:
    return bool(re.search(r"zeros? (dropped|excluded|removed|left out)", entry["convention"]))


def _differences(entry: Entry) -> list[float]:
    """Return the data, without zeros where the convention drops them."""
    return [value for value in entry["data"] if value or not _drops_zeros(entry)]


def _level(entry: Entry) -> float:
    found = re.search(r"(\d+(?:\.\d+)?)\s*%", entry["convention"])
    share = re.search(r"level\s*=?\s*(0?\.\d+)", entry["convention"])
    named = re.search(r"_(\d\d(?:\.\d+)?)$", entry["method"])
    if found:
        return float(found[1]) / 100
    if share:
        return float(share[1])
    return float(named[1]) / 100 if named else 0.95


def _with_continuity(entry: Entry) -> bool:
    text = entry["convention"].lower()
    return "continuity" in text and not re.search(r"\b(no|without)( \w+)? continuity", text)


def _without_continuity(entry: Entry) -> Entry:
    """Return the entry; a continuity correction that the project does not have is refused."""
    if _with_continuity(entry):
        raise KeyError(f"{entry['method']} with continuity correction has no counterpart")
    return entry


def _interval(function: Callable[..., st.Result]) -> Callable[[Entry], list[float]]:
    def limits(entry: Entry) -> list[float]:
        events, n = entry["data"][:2]
        result = function(events, n, _level(entry))
        return [result.lower, result.upper]

    return limits


def _one_sided(function: Callable[..., st.Result], side: str) -> Callable[[Entry], float]:
    def limit(entry: Entry) -> float:
        events, n = entry["data"][:2]
        return float(getattr(function(events, n, _level(entry)), side))

    return limit


def _chi_squared(result: st.Result) -> dict[str, float | None]:
    return {"stat": _number(result.value), "df": _number(result.df), "p": _number(result.p)}


def _binomial(entry: Entry) -> float:
    found = re.search(r"p0\s*=\s*([0-9.]+)", entry["convention"])
    rate = float(found[1]) if found else entry["data"][2]
    events, n = entry["data"][:2]
    return st.binomial_test(events, n, rate, _alternative(entry)).p


def _wilson(entry: Entry) -> list[float]:
    if _with_continuity(entry):
        found = binomtest(*entry["data"][:2]).proportion_ci(_level(entry), method="wilsoncc")
        return [float(found.low), float(found.high)]
    return _interval(st.wilson)(entry)


def _walsh_interval(entry: Entry) -> dict[str, Any]:
    level, differences = _level(entry), _differences(entry)
    result = st.hodges_lehmann(differences, level, "walsh")
    k, achieved = st.walsh_order(len(differences), level)
    return {"ci": [result.lower, result.upper], "achieved_level_no_ties": achieved, "k": k}


def _inversion_interval(entry: Entry) -> list[float]:
    if _zeros(entry) != "pratt":
        raise KeyError("the inversion of the test with zeros dropped has no counterpart")
    result = st.hodges_lehmann(entry["data"], _level(entry), "inversion")
    return [result.lower, result.upper]


def _beta_binomial(entry: Entry) -> float:
    named = re.search(r"beta\(\s*([\d.]+)\s*,\s*([\d.]+)\s*\)", entry["convention"].lower())
    if named:
        prior = float(named[1]), float(named[2])
    else:
        prior = (1.0, 1.0) if "uniform" in entry["convention"].lower() else (0.5, 0.5)
    return st.beta_binomial_predictive(*entry["data"], prior, _alternative(entry, "greater")).p


def _scores(entry: Entry) -> list[float] | None:
    """Return scores that the convention lists (``scores 0, 1, 3``); None for 1..k."""
    listed = re.search(r"scores\s+([-\d.]+(?:\s*,\s*[-\d.]+)+)", entry["convention"])
    return [float(score) for score in listed[1].split(",")] if listed else None


def _turnbull(entry: Entry) -> dict[str, Any]:
    data = entry["data"]
    right = [math.inf if value is None else value for value in data["right"]]
    closure = "closed" if "closed" in entry["convention"] else "half-open"
    curve = st.turnbull(data["left"], right, closure)
    ends = [None if math.isinf(value) else value for value in curve.right]
    return {
        "intervals": [list(ends_of_one) for ends_of_one in zip(curve.left, ends, strict=True)],
        "mass": list(curve.mass),
        "loglik": curve.log_likelihood,
    }


def _kaplan_meier(entry: Entry) -> list[list[float]]:
    curve = st.kaplan_meier(entry["data"]["time"], entry["data"]["event"])
    return [[time, share] for time, share in zip(curve.right, curve.survival, strict=True)]


def _kaplan_meier_median(entry: Entry) -> float | None:
    median = st.kaplan_meier(entry["data"]["time"], entry["data"]["event"]).quantile(0.5)[1]
    return None if math.isinf(median) else median


def _max_t(entry: Entry) -> dict[str, list[float]]:
    matrix = np.array(entry["data"])
    kind: Any = "signed-rank" if "rank" in entry["convention"] else "t"
    if _alternative(entry) != "two-sided":
        raise KeyError("max-T is two-sided")
    down = st.max_t(matrix, step_down=True, statistic=kind)
    single = st.max_t(matrix, step_down=False, statistic=kind)
    return {
        "t": down.statistic.tolist(),
        "raw": down.p.tolist(),
        "adj": down.p_adjusted.tolist(),
        "adj_single_step": single.p_adjusted.tolist(),
    }


def _meta_analysis(entry: Entry) -> dict[str, float | None]:
    """The values of metafor: its search for tau2 ends early, and so does this one."""
    given = {**entry, **entry["data"]} if isinstance(entry.get("data"), dict) else entry
    events, n, chosen = given["events"], given["n"], given.get("tau2_method", "REML")
    found = st.meta_analysis(events, n, chosen, given.get("test", "z"), stopping="metafor")
    names = "estimate", "lower", "upper", "prediction_lower", "prediction_upper", "tau2", "i2"
    return {name: _number(getattr(found, name)) for name in names}


_METHODS: dict[str, Callable[[Entry], Any]] = {
    "signed_rank_exact_p": lambda e: st.signed_rank_test(e["data"], _zeros(e), _alternative(e)).p,
    "sign_test_exact_p": lambda e: st.sign_test(e["data"], _alternative(e)).p,
    "sign_flip_mean_exact_p": lambda e: st.sign_flip_test(e["data"], _alternative(e)).p,
    "matched_rank_biserial": lambda e: _number(st.rank_biserial(e["data"], _zeros(e)).value),
    "hodges_lehmann": lambda e: st.hodges_lehmann(_differences(e)).value,
    "hl_ci_walsh_order_statistics": _walsh_interval,
    "hl_ci_inversion_tie_aware": _inversion_interval,
    "mcnemar_exact_p": lambda e: st.mcnemar(e["data"], "exact", _alternative(e)).p,
    "mcnemar_midp": lambda e: st.mcnemar(e["data"], "mid-p", _alternative(e)).p,
    "bowker": lambda e: _chi_squared(st.bowker(_without_continuity(e)["data"], exact=False)),
    "bowker_exact_p": lambda e: st.bowker(e["data"], exact=True).p,
    "stuart_maxwell": lambda e: _chi_squared(st.stuart_maxwell(e["data"], exact=False)),
    "stuart_maxwell_exact_p": lambda e: st.stuart_maxwell(e["data"], exact=True).p,
    "marginal_homogeneity_linear_scores_exact_p": lambda e: (
        st.marginal_homogeneity(e["data"], _scores(e), _alternative(e)).p
    ),
    "friedman": lambda e: _chi_squared(st.friedman(e["data"], exact=False)),
    "friedman_exact_p": lambda e: st.friedman(e["data"], exact=True).p,
    "page_trend_exact_p": lambda e: (
        st.page(e["data"], exact=True, alternative=_alternative(e, "greater")).p
    ),
    "binomial_test": _binomial,
    "clopper_pearson": _interval(st.clopper_pearson),
    "wilson": _wilson,
    "blaker": _interval(st.blaker),
    "midp": _interval(st.midp),
    "upper_bound": _one_sided(st.upper_bound, "upper"),
    "lower_bound": _one_sided(st.lower_bound, "lower"),
    "beta_binomial_predictive_p": _beta_binomial,
    "turnbull_npmle": _turnbull,
    "kaplan_meier": _kaplan_meier,
    "kaplan_meier_median": _kaplan_meier_median,
    "westfall_young_maxT_stepdown": _max_t,
    "meta_analysis": _meta_analysis,
}
