"""The verdict on the primary comparison: more patients improved than expected, fewer, or neither.

Expected is what the published rates predict for a cohort of this size and these grades
(``owncontrol.statistics.cohort_verdict``). Where the rows of a registry leave a choice, "more" is
compared with the highest of them and "fewer" with the lowest. The error of the verdict is alpha
in each direction, whatever the confidence level of the intervals is. With declared looks it is the
share of alpha that the look may spend.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import replace

import pandas as pd

from owncontrol.analysis.graded_exams import (
    improvements,
    with_not_improved,
    without_follow_up,
)
from owncontrol.analysis.judged_cohort import Cohort, expected_rates
from owncontrol.analysis.known_misrating import add_known_misrating
from owncontrol.analysis.null_worlds import DESCRIBED, false_verdicts
from owncontrol.analysis.settings import RecoverySettings
from owncontrol.basics.decimals import plain
from owncontrol.estimates.collect import About, Estimates
from owncontrol.estimates.looks import at_look
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import AllGrades, BaselineGrade, Misjudged, NullWorld
from owncontrol.statistics.cohort_verdict import (
    Direction,
    Verdict,
    decide,
    detectable_log_odds,
    expected_improved,
    improved_distribution,
    power,
)
from owncontrol.study.natural_recovery import NaturalRecovery as Recovery
from owncontrol.study.natural_recovery import Primary
from owncontrol.study.settings import CompleteEndpoint

ALL = AllGrades()
METHOD = "closed test, logit mixture of binomials, exact"
CODES = {Direction.MORE: 1, Direction.NOT_DECIDED: 0, Direction.FEWER: -1}
MOST_MISRATED = 12
LEAST_MISSING = 5  # patients that are imagined as missing where fewer are


def run_verdict(
    estimates: Estimates,
    populations: Mapping[str, pd.DataFrame],
    endpoint: CompleteEndpoint | None,
    rates: pd.DataFrame,
    settings: RecoverySettings,
    died: pd.DataFrame | None = None,
) -> None:
    """Add the verdict on the primary comparison, its error, and what it survives.

    ``died``: adverse events (subject_id, row_id) that are a death after the treatment; None where
    the study has none or records no events.
    """
    recovery = settings.natural_recovery
    comparison, primary = recovery.primary_comparison, recovery.primary
    about: About = {"endpoint": comparison.name, "stratum": ALL, "method": METHOD}
    if endpoint is None or not endpoint.grades:
        reason = f"'{recovery.endpoint}' is no endpoint with grades"
        estimates.add_missing(NaturalRecovery.VERDICT, reason, n=0, **about)
        return
    scores = populations[endpoint.population]
    cohort, people, used = _cohort(scores, endpoint, rates, recovery, _who(died))
    about["inputs"] = estimates.inputs(used)
    if not cohort.total:
        estimates.add_missing(NaturalRecovery.VERDICT, cohort.why_nobody(people), n=0, **about)
        return
    primary = at_look(primary, cohort.total)
    _add(estimates, cohort, primary, about)
    if died is not None:
        _add_died(estimates, scores, endpoint, rates, recovery, died, cohort.grades, about)
    if recovery.misrated.is_known:
        known = recovery.misrated
        add_known_misrating(estimates, people, cohort, endpoint, known, primary.alpha, about)


def at_this_look(
    populations: dict[str, pd.DataFrame],
    endpoint: CompleteEndpoint | None,
    rates: pd.DataFrame,
    settings: RecoverySettings,
    died: pd.DataFrame | None = None,
) -> RecoverySettings:
    """The settings with the level at which the verdict of ``run_verdict`` is tested.

    They are themselves where no looks are declared. For what is shown beside the verdict; the
    verdict itself takes the settings as they are.
    """
    recovery = settings.natural_recovery
    if not recovery.primary.looks or endpoint is None or not endpoint.grades:
        return settings
    cohort, _, _ = _cohort(populations[endpoint.population], endpoint, rates, recovery, _who(died))
    primary = at_look(recovery.primary, cohort.total)
    here = recovery.model_copy(update={"primary": primary})
    return settings.model_copy(update={"natural_recovery": here})


def _who(died: pd.DataFrame | None) -> frozenset[str]:
    """The subjects who died."""
    return frozenset() if died is None else frozenset(died["subject_id"].astype(str))


def _cohort(
    scores: pd.DataFrame,
    endpoint: CompleteEndpoint,
    rates: pd.DataFrame,
    recovery: Recovery,
    died: Collection[str],
) -> tuple[Cohort, pd.DataFrame, pd.DataFrame]:
    """The patients that are judged; all with both exams; the rows of scores that were used.

    Who died without a follow-up exam is judged as not improved, unless the plan leaves such
    patients out.
    """
    comparison = recovery.primary_comparison
    people, used = improvements(scores, endpoint, comparison)
    missing = without_follow_up(scores, endpoint, comparison)
    if recovery.primary.death == "not improved":
        is_dead = missing.index.astype(str).isin(died)
        dead, missing = missing.loc[is_dead], missing.loc[~is_dead]
        people = with_not_improved(people, dead)
        used = pd.concat([used, dead.reset_index()]) if len(dead) else used
    chosen = recovery.primary.grades or endpoint.grades
    expected = expected_rates(rates, chosen, comparison.gain, recovery.eligible)
    cohort = Cohort.of(people, missing["text"], expected, chosen)
    return cohort, people, used.loc[used["subject_id"].isin(cohort.subjects)]


def _add_died(
    estimates: Estimates,
    scores: pd.DataFrame,
    endpoint: CompleteEndpoint,
    rates: pd.DataFrame,
    recovery: Recovery,
    died: pd.DataFrame,
    grades: Collection[str],
    about: About,
) -> None:
    """Add how many died without a follow-up exam, and the verdict by the other choice on them.

    ``grades``: those that are judged.
    """
    missing = without_follow_up(scores, endpoint, recovery.primary_comparison)
    missing = missing.loc[missing["text"].isin(grades)]
    here = died.loc[died["subject_id"].astype(str).isin(set(missing.index.astype(str)))]
    if here.empty:
        return
    count = here["subject_id"].nunique()
    given: About = {**about, "unit": "subjects", "method": "count", "n": count}
    words = "died after the treatment, without a follow-up exam"
    estimates.add(
        NaturalRecovery.DIED,
        count,
        convention=f"{words}: {recovery.primary.death}",
        rows=("adverse_events", here["row_id"]),
        **given,
    )
    other = {"not improved": "left out", "left out": "not improved"}[recovery.primary.death]
    primary = recovery.primary.model_copy(update={"death": other})
    changed = recovery.model_copy(update={"primary": primary})
    cohort, people, used = _cohort(scores, endpoint, rates, changed, _who(died))
    given = {**about, "unit": "", "inputs": estimates.inputs(used), "n": cohort.total}
    if not cohort.total:
        reason = cohort.why_nobody(people)
        estimates.add_missing(NaturalRecovery.VERDICT_OTHERWISE, reason, **given)
        return
    alpha = at_look(primary, cohort.total).alpha
    verdict = decide(cohort.improved, cohort.high, cohort.low, alpha)
    estimates.add(
        NaturalRecovery.VERDICT_OTHERWISE,
        CODES[verdict.direction],
        events=sum(cohort.improved),
        convention=f"{verdict.direction.value}; who died: {other}",
        **given,
    )


def _add(estimates: Estimates, cohort: Cohort, primary: Primary, about: About) -> None:
    verdict = decide(cohort.improved, cohort.high, cohort.low, primary.alpha)
    events, n = sum(cohort.improved), cohort.total
    counted: About = {**about, "n": n, "events": events}
    side = f"alpha {plain(primary.alpha, 9)} in each direction"
    estimates.add(
        NaturalRecovery.VERDICT,
        CODES[verdict.direction],
        convention=f"{verdict.direction.value}; {side}; grades {', '.join(cohort.grades)}",
        unit="",
        **counted,
    )
    for name, expected, p, row in (
        (NaturalRecovery.MORE_THAN_EXPECTED, verdict.expected_high, verdict.p_more, "highest"),
        (NaturalRecovery.FEWER_THAN_EXPECTED, verdict.expected_low, verdict.p_fewer, "lowest"),
    ):
        words = f"one-sided; {row} row of each registry; value: subjects expected to improve"
        estimates.add(name, expected, p=p, convention=words, unit="subjects", **counted)
    _add_limits(estimates, verdict, about, n)
    _add_power(estimates, cohort, primary, about)
    _add_grades(estimates, cohort, verdict, about)
    for grade, (patients, why) in cohort.left_out.items():
        given: About = {**about, "stratum": BaselineGrade(grade), "method": "count"}
        given |= {"unit": "subjects", "n": patients}
        estimates.add(NaturalRecovery.NOT_JUDGED, patients, convention=why, **given)
    _add_survival(estimates, cohort, verdict, primary, about)
    _add_null_worlds(estimates, cohort, primary, about)


def _add_null_worlds(estimates: Estimates, cohort: Cohort, primary: Primary, about: About) -> None:
    """Add how often the verdict is wrong in simulated worlds where the treatment does nothing."""
    for wrong in false_verdicts(cohort.high, cohort.low, primary.alpha):
        for name, count in (
            (NaturalRecovery.FALSE_MORE, wrong.more),
            (NaturalRecovery.FALSE_FEWER, wrong.fewer),
        ):
            given: About = {**about, "stratum": NullWorld(wrong.world.value), "unit": "share"}
            given |= {"n": wrong.studies, "events": count, "method": "simulation, seed 1"}
            words = DESCRIBED[wrong.world]
            estimates.add(name, count / wrong.studies, convention=words, **given)


def _add_limits(estimates: Estimates, verdict: Verdict, about: About, n: int) -> None:
    edges = verdict.limits
    for name, count, words in (
        (
            NaturalRecovery.MORE_FROM,
            edges.more_from,
            "even all subjects improved would not be more",
        ),
        (NaturalRecovery.FEWER_TO, edges.fewer_to, "even no subject improved would not be fewer"),
    ):
        given: About = {**about, "n": n, "unit": "subjects"}
        if count is None:
            estimates.add_missing(name, words, **given)
        else:
            estimates.add(name, count, convention="subjects improved that decide", **given)


def _add_power(estimates: Estimates, cohort: Cohort, primary: Primary, about: About) -> None:
    """Add the error, and what could have been shown with the power asked for."""
    given: About = {**about, "n": cohort.total, "unit": "share"}
    errors = power(cohort.high, cohort.low, 0.0, primary.alpha)
    for name, chance in zip(
        (NaturalRecovery.ERROR_MORE, NaturalRecovery.ERROR_FEWER), errors, strict=True
    ):
        words = "chance where the treatment does nothing, over every number improved"
        estimates.add(name, chance, convention=words, **given)
    shifts = detectable_log_odds(cohort.high, cohort.low, primary.power, primary.alpha)
    for name, shift, groups in (
        (NaturalRecovery.SHOWN_MORE, shifts[0], cohort.high),
        (NaturalRecovery.SHOWN_FEWER, shifts[1], cohort.low),
    ):
        if math.isnan(shift):
            estimates.add_missing(name, "no rate could be shown with these subjects", **given)
            continue
        words = (
            f"share that is shown with power {plain(primary.power, 9)}; odds of each subject "
            f"times {plain(math.exp(shift), 3)}"
        )
        share = expected_improved(groups, shift) / cohort.total
        estimates.add(name, share, convention=words, **given)


def _add_grades(estimates: Estimates, cohort: Cohort, verdict: Verdict, about: About) -> None:
    """Add each grade's own p of the closed test, in both directions."""
    for place, grade in enumerate(cohort.grades):
        group = cohort.high[place]
        if not group.n:
            continue
        for name, p, groups in (
            (NaturalRecovery.CLOSED_MORE, verdict.more[place], cohort.high),
            (NaturalRecovery.CLOSED_FEWER, verdict.fewer[place], cohort.low),
        ):
            estimates.add(
                name,
                expected_improved([groups[place]]),
                p=p,
                n=group.n,
                events=cohort.improved[place],
                convention="largest p of all sets of grades that hold it; value: expected",
                unit="subjects",
                **{**about, "stratum": BaselineGrade(grade)},
            )


def _add_survival(
    estimates: Estimates, cohort: Cohort, verdict: Verdict, primary: Primary, about: About
) -> None:
    """Add the verdict's p with some improvements misrated and some patients missing.

    Each direction has it the other way round: for "fewer", patients who were rated as not improved
    did, and missing ones did too. More patients than are missing here are imagined, of the grade
    that costs the verdict most.
    """
    direction = verdict.direction
    names = (NaturalRecovery.MISRATED_TO_SPARE, NaturalRecovery.MISSING_TO_SPARE)
    if direction is Direction.NOT_DECIDED:
        for name in names:
            estimates.add_missing(name, "nothing was decided", n=cohort.total, **about)
        return
    is_more = direction is Direction.MORE
    room = sum(cohort.improved) if is_more else cohort.total - sum(cohort.improved)
    most_missing = max(LEAST_MISSING, sum(cohort.missing))
    kept: dict[tuple[int, int], bool] = {}
    for missing in range(most_missing + 1):
        with_them = cohort.with_missing(_missing_by_grade(cohort, missing, is_more), not is_more)
        for misrated in range(min(room, MOST_MISRATED) + 1):
            p = _p(with_them, misrated, direction)
            kept[misrated, missing] = p <= primary.alpha
            events = sum(with_them.improved) - (misrated if is_more else -misrated)
            estimates.add(
                NaturalRecovery.IF_MISJUDGED,
                events,
                p=p,
                n=with_them.total,
                convention=f"subjects improved; p of '{direction.value}', one-sided",
                unit="subjects",
                **{**about, "stratum": Misjudged(misrated, missing)},
            )
    for name, spared, words in (
        (names[0], [kept[key] for key in kept if key[1] == 0], "misrated"),
        (names[1], [kept[key] for key in kept if key[0] == 0], "missing and counted against it"),
    ):
        most = spared.index(False) - 1 if False in spared else len(spared) - 1
        more = "" if False in spared else " or more"
        estimates.add(
            name,
            most,
            n=cohort.total,
            convention=f"subjects{more} that may be {words} before the verdict falls",
            **{**about, "unit": "subjects"},
        )


def _missing_by_grade(cohort: Cohort, count: int, is_more: bool) -> tuple[int, ...]:
    """So many missing patients by grade: those that are first, then imagined ones."""
    groups = cohort.high if is_more else cohort.low
    rates = [expected_improved([replace(group, n=1)]) for group in groups]
    here = [place for place, group in enumerate(groups) if group.n or cohort.missing[place]]
    costly = sorted(here, key=lambda place: -rates[place] if is_more else rates[place])
    found = [0] * len(groups)
    for place in costly:
        taken = min(count, cohort.missing[place])
        found[place] += taken
        count -= taken
    found[costly[0]] += count
    return tuple(found)


def _p(cohort: Cohort, misrated: int, direction: Direction) -> float:
    """The p of a direction with so many patients misrated in its favour."""
    events = sum(cohort.improved)
    if direction is Direction.MORE:
        return min(1.0, float(improved_distribution(cohort.high)[events - misrated :].sum()))
    chances = improved_distribution(cohort.low)
    return min(1.0, float(chances[: events + misrated + 1].sum()))
