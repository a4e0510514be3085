"""Change from baseline within each subject, at every visit and for every declared endpoint."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from owncontrol.estimates import Estimates
from owncontrol.statistics.hodges_lehmann import hodges_lehmann
from owncontrol.statistics.multiplicity import adjust
from owncontrol.statistics.proportions import clopper_pearson
from owncontrol.statistics.sign_tests import sign_test
from owncontrol.statistics.signed_rank import rank_biserial, signed_rank_test, smallest_p

Config = dict[str, Any]


def of_endpoint(scores: pd.DataFrame, endpoint: Config) -> pd.DataFrame:
    """The rows of the scores table that hold an endpoint."""
    return scores.loc[
        (scores["instrument"] == endpoint["instrument"]) & (scores["scale"] == endpoint["scale"])
    ]


def paired(scores: pd.DataFrame, endpoint: Config, baseline: str, visit: str) -> pd.DataFrame:
    """The scored values of an endpoint in subjects with a determinate value at both visits.

    Rows of the scores table, two a subject, sorted by subject and then baseline first.
    """
    here = of_endpoint(scores, endpoint)
    here = here.loc[here["visit"].isin([baseline, visit]) & here["value"].notna()]
    both = here.loc[here.groupby("subject_id")["visit"].transform("nunique") == 2]
    later = (both["visit"] != baseline).rename("later")
    order = pd.concat([both["subject_id"], later], axis=1).sort_values(["subject_id", "later"])
    return both.loc[order.index]


def differences(pairs: pd.DataFrame) -> pd.Series:
    """Value at the visit less value at baseline, by subject; ``pairs`` as from ``paired``."""
    values = pairs["value"].to_numpy().reshape(-1, 2)
    return pd.Series(values[:, 1] - values[:, 0], index=pairs["subject_id"].to_numpy()[::2])


def change_from_baseline(
    estimates: Estimates,
    scores: pd.DataFrame,
    endpoint: Config,
    settings: Config,
    lower_is_better: bool = False,
) -> None:
    """Add the change of one endpoint at every visit after baseline.

    At each visit: Hodges-Lehmann estimate with its interval, exact signed-rank test (Pratt), and
    the shares improved, unchanged and worse. At the time point also the medians, the test with
    zeros dropped, the sign test and the effect size. ``settings``: baseline, time_point, visits
    and level of the configuration.
    """
    level, baseline = settings["level"], settings["baseline"]
    for visit in visits_after(settings):
        pairs = paired(scores, endpoint, baseline, visit)
        change = differences(pairs)
        about = {
            "endpoint": endpoint["name"],
            "visit": visit,
            "scores": pairs,
            "unit": endpoint.get("unit", ""),
        }
        estimates.add_result(hodges_lehmann(change, level), statistic="hodges_lehmann", **about)
        estimates.add_result(signed_rank_test(change), statistic="signed_rank_pratt", **about)
        better = -change if lower_is_better else change
        for direction, count in (
            ("improved", (better > 0).sum()),
            ("unchanged", (better == 0).sum()),
            ("worse", (better < 0).sum()),
        ):
            estimates.add_result(
                clopper_pearson(int(count), len(change), level),
                statistic=direction,
                events=int(count),
                **about,
            )
        if visit == settings["time_point"]:
            _at_time_point(estimates, pairs, change, about, baseline, visit)


def visits_after(settings: Config) -> list[str]:
    """The visits of the schedule that come after the baseline."""
    names = [visit["name"] for visit in settings["visits"]]
    return names[names.index(settings["baseline"]) + 1 :]


def _at_time_point(
    estimates: Estimates,
    pairs: pd.DataFrame,
    change: pd.Series,
    about: Config,
    baseline: str,
    visit: str,
) -> None:
    for when, name in ((baseline, "median_baseline"), (visit, "median_visit")):
        values = pairs.loc[pairs["visit"] == when]
        estimates.add(
            name,
            values["value"].median() if len(values) else float("nan"),
            n=len(values),
            method="median",
            convention="subjects with a value at both visits",
            **{**about, "scores": values},
        )
    estimates.add_result(
        signed_rank_test(change, zeros="wilcoxon"), statistic="signed_rank_wilcoxon", **about
    )
    estimates.add_result(rank_biserial(change), statistic="rank_biserial", **about)
    estimates.add_result(sign_test(change), statistic="sign_test", **about)
    if len(change):
        estimates.add(
            "smallest_p",
            smallest_p(len(change)),
            n=len(change),
            method="2 / 2^n",
            convention="the smallest two-sided p that n pairs allow",
            **about,
        )


def adjust_families(estimates: Estimates, endpoints: Sequence[Config], visit: str) -> None:
    """Set Holm's adjusted p-values of the Pratt tests at ``visit`` inside each declared family."""
    families: dict[str, list[str]] = {}
    for endpoint in endpoints:
        estimate_id = f"{estimates.analysis}.{endpoint['name']}.{visit}.signed_rank_pratt"
        families.setdefault(endpoint["family"], []).append(estimate_id)
    for members in families.values():
        p = pd.Series(estimates.p_values(members), index=members).dropna()
        if len(p):
            estimates.set_adjusted(dict(zip(p.index, adjust(p.to_numpy(), "holm"), strict=True)))


def shift(
    estimates: Estimates, scores: pd.DataFrame, endpoint: Config, settings: Config
) -> pd.DataFrame:
    """Add the shift table of an ordinal endpoint (AIS) from baseline to the time point.

    One number a cell, stratum ``from to``; returns the table of counts.
    """
    pairs = paired(scores, endpoint, settings["baseline"], settings["time_point"])
    text = pairs["text"].to_numpy().reshape(-1, 2)
    grades = sorted(set(scores.loc[scores["scale"] == endpoint["scale"], "text"]) & set("ABCDE"))
    counts = pd.DataFrame(0, index=grades, columns=grades)
    for before in grades:
        for after in grades:
            here = (text[:, 0] == before) & (text[:, 1] == after)
            counts.loc[before, after] = int(here.sum())
            rows = pairs.loc[pd.Series(here).repeat(2).to_numpy()]
            estimates.add(
                "shift",
                int(here.sum()),
                endpoint=endpoint["name"],
                visit=settings["time_point"],
                stratum=f"{before} to {after}",
                n=len(text),
                events=int(here.sum()),
                method="count",
                unit="subjects",
                scores=rows if len(rows) else pairs,
            )
    return counts


def distribution(
    estimates: Estimates, scores: pd.DataFrame, endpoint: Config, settings: Config
) -> None:
    """Add how many subjects have each grade at each visit, and how many are undetermined."""
    here = of_endpoint(scores, endpoint)
    for visit in [visit["name"] for visit in settings["visits"]]:
        now = here.loc[here["visit"] == visit]
        grade = now["text"].where(now["value"].notna(), "undetermined")
        for text in ("A", "B", "C", "D", "E", "undetermined"):
            rows = now.loc[grade == text]
            if len(rows) or text != "undetermined":
                estimates.add(
                    "subjects",
                    len(rows),
                    endpoint=endpoint["name"],
                    visit=visit,
                    stratum=text,
                    n=len(now),
                    events=len(rows),
                    method="count",
                    unit="subjects",
                    scores=rows if len(rows) else now,
                )
