"""The exams that a comparison of grades is made of, and who improved between them."""

import pandas as pd

from owncontrol.analysis.pairs import of_endpoint
from owncontrol.study.natural_recovery import Comparison, Exam
from owncontrol.study.settings import CompleteEndpoint

CLOCKS = ("injury", "treatment")
EXAMS = ("baseline", "follow_up")


def exams(here: pd.DataFrame, which: Exam) -> pd.DataFrame:
    """One determinate exam a subject: at a visit, or the one nearest to a day within a window.

    ``here``: rows of the graded endpoint. Of two exams as near, the earlier counts. Indexed by
    subject.
    """
    known = here.loc[here["value"].notna()]
    if which.visit is not None:
        return known.loc[known["visit"] == which.visit].set_index("subject_id")
    day = known[f"day_from_{which.clock}"].astype("float64")
    away = (day - which.day).abs()
    near = known.assign(_away=away, _day=day).loc[away <= which.within]
    order = near.sort_values(["subject_id", "_away", "_day"])
    return order.drop_duplicates("subject_id").set_index("subject_id")


def without_follow_up(
    scores: pd.DataFrame, endpoint: CompleteEndpoint, comparison: Comparison
) -> pd.DataFrame:
    """The baseline exam of each subject who has that and none at follow-up; indexed by subject."""
    here = of_endpoint(scores, endpoint)
    before, after = exams(here, comparison.baseline), exams(here, comparison.follow_up)
    return before.loc[~before.index.isin(after.index)]


def with_not_improved(people: pd.DataFrame, exams_before: pd.DataFrame) -> pd.DataFrame:
    """``improvements`` with subjects who have no follow-up exam and count as not improved.

    ``exams_before``: their baseline exams. Their gain is not known.
    """
    if exams_before.empty:
        return people
    given = {"grade": exams_before["text"].astype(str), "gain": float("nan"), "improved": False}
    return pd.concat([people, pd.DataFrame(given, index=exams_before.index)])


def improvements(
    scores: pd.DataFrame, endpoint: CompleteEndpoint, comparison: Comparison
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who improved, and the rows of the scores table that say so.

    One row per subject with both exams, the follow-up later than the baseline: ``grade`` at
    baseline, ``needed`` grades, ``improved``, and the day of each exam on both clocks.
    """
    here = of_endpoint(scores, endpoint)
    before, after = exams(here, comparison.baseline), exams(here, comparison.follow_up)
    both = before.index.intersection(after.index)
    before, after = before.loc[both], after.loc[both]
    gain = after["value"] - before["value"]
    people = pd.DataFrame(
        {
            "grade": before["text"],
            "needed": [comparison.gain.get(grade, 1) for grade in before["text"]],
            "gain": -gain if endpoint.lower_is_better else gain,
            **{
                f"{which}_from_{clock}": rows[f"day_from_{clock}"].astype("float64")
                for which, rows in zip(EXAMS, (before, after), strict=True)
                for clock in CLOCKS
            },
        },
        index=both,
    )
    people["improved"] = people["gain"] >= people["needed"]
    people = people.loc[after["visit"] != before["visit"]]
    rows = pd.concat([before, after]).reset_index()
    return people, rows.loc[rows["subject_id"].isin(people.index)]
