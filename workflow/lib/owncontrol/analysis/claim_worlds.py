"""How often each claim would be supported where the treatment does nothing.

The world is made of this study's own patients, visits and gaps. Each patient's change is the one
that a published course expects of them, and its difference from what was seen with a random
sign, the same for all their scores. Where no course is known, that is a random sign of the change
itself: no natural improvement at all, so such a rate is the least that it can be. A claim about the
share that improved by grade is judged by published rates (``claims_by_rates``).
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.analysis.claims import COMPARED, limit_of
from owncontrol.analysis.claims_by_rates import is_about_rates, supported_by_rates
from owncontrol.analysis.expected_change import expected_by_subject
from owncontrol.analysis.natural_course import NaturalCourse
from owncontrol.analysis.pairs import differences, of_endpoint, paired
from owncontrol.analysis.settings import ClaimWorldsSettings
from owncontrol.estimates.collect import About, Estimates, slug
from owncontrol.estimates.declared_statistics import Change, Claims, Responders
from owncontrol.estimates.recovery_strata import NullWorld
from owncontrol.estimates.selections import name_matching
from owncontrol.statistics.flipped_changes import (
    DECIMALS,
    holm,
    shares,
    sign_flips,
    signed_rank_p,
    walsh_intervals,
)
from owncontrol.statistics.result import Floats
from owncontrol.study.claims import Claim, Condition
from owncontrol.study.settings import CompleteEndpoint

SEED = 1
STUDIES = 2000
FEWER_STUDIES = 400  # of more than MANY subjects
MANY = 60
ALL_FLIPS = 8192  # of 13 subjects: up to so many, every flip is taken and nothing is drawn
MOST_SUBJECTS = 300  # their Walsh averages are still made in seconds
SHARE = frozenset({"value", "lower", "upper", "events", "n"})
# Fields of an estimate that are simulated, by its analysis and statistic.
SIMULATED: Mapping[tuple[str, str], frozenset[str]] = {
    ("change", Change.HODGES_LEHMANN): frozenset({"value", "lower", "upper", "n"}),
    ("change", Change.SIGNED_RANK_PRATT): frozenset({"p", "p_adjusted", "n"}),
    ("change", Change.IMPROVED): SHARE,
    ("change", Change.UNCHANGED): SHARE,
    ("change", Change.WORSE): SHARE,
    ("responders", Responders.RESPONDERS): SHARE,
}
# By whether a course is known of any of the scores, and of all of them.
WORLDS = {
    (True, True): NullWorld("natural change"),
    (True, False): NullWorld("natural change where known"),
    (False, False): NullWorld("no change"),
}
BY_RATES = NullWorld("published rates")
AROUND = {True: "around the published course", False: "around zero, no course known"}
# Why a condition that is not simulated has no world, by its analysis.
NO_WORLD = {
    "natural_recovery": "published rates have worlds of their own, beside the verdict",
    "responders": "when untreated subjects improve is in no published course",
    "change": "this number of a change is not simulated",
}
NOT_A_CHANGE = "not every condition is about a change of scores"
Bools = NDArray[np.bool_]
Fields = dict[str, Floats]


class Flipped(NamedTuple):
    """Simulated changes, shape ``(studies, subjects)``; ``expected``: of so many a course."""

    changes: Floats
    places: NDArray[np.int64]
    expected: int


class Met(NamedTuple):
    """Whether each subject is known to meet a criterion, and not to; ``(studies, subjects)``."""

    yes: Bools
    no: Bools


class World:
    """Simulated studies of the same patients, in which the treatment does nothing.

    ``everything``: all analysis results by id. ``populations``: scores of each analysis set.
    ``courses`` and ``rates``: what is published; no rates: none are named by the study.
    """

    def __init__(
        self,
        everything: pd.DataFrame,
        populations: Mapping[str, pd.DataFrame],
        subjects: pd.DataFrame,
        courses: Sequence[NaturalCourse],
        settings: ClaimWorldsSettings,
        rates: pd.DataFrame | None = None,
    ) -> None:
        """Nothing is simulated before it is asked for."""
        self.everything, self.populations, self.subjects = everything, populations, subjects
        self.courses, self.settings, self.rates = courses, settings, rates
        self.endpoints = {endpoint.name: endpoint for endpoint in settings.endpoints}
        self.responders = {item.name: item for item in settings.responders}
        whose = {endpoint.population for endpoint in settings.endpoints}
        self.codes = sorted({str(code) for name in whose for code in populations[name].subject_id})
        self._flipped: dict[tuple[str, str, str], Flipped] = {}

    @cached_property
    def signs(self) -> NDArray[np.int8]:
        """The sign of each subject in each study."""
        studies = STUDIES if len(self.codes) <= MANY else FEWER_STUDIES
        return sign_flips(len(self.codes), ALL_FLIPS, studies, SEED)

    @property
    def method(self) -> str:
        """How the studies were made."""
        drawn = 2 ** len(self.codes) > ALL_FLIPS
        return f"random signs, seed {SEED}" if drawn else "all sign flips"

    def flipped(self, endpoint: CompleteEndpoint, baseline: str, visit: str) -> Flipped:
        """The simulated changes of an endpoint."""
        key = endpoint.name, baseline, visit
        if key not in self._flipped:
            scores = self.populations[endpoint.population]
            pairs = paired(of_endpoint(scores, endpoint), baseline, visit)
            seen = differences(pairs)
            seen.index = seen.index.astype(str)
            expected = self._expected(scores, endpoint, baseline, visit).reindex(seen.index)
            centre = expected.fillna(0.0).to_numpy()
            places = np.asarray(pd.Index(self.codes).get_indexer(seen.index), np.int64)
            changes = centre + self.signs[:, places] * (seen.to_numpy(np.float64) - centre)
            known = int(expected.notna().sum())
            self._flipped[key] = Flipped(np.round(changes, DECIMALS), places, known)
        return self._flipped[key]

    def _expected(
        self, scores: pd.DataFrame, endpoint: CompleteEndpoint, baseline: str, visit: str
    ) -> "pd.Series[float]":
        course = self.settings.natural_course
        scale = endpoint.instrument, endpoint.scale
        if course is None or all((one.instrument, one.scale) != scale for one in self.courses):
            return pd.Series(dtype=np.float64)
        here = endpoint.model_copy(update={"baseline": baseline})
        return expected_by_subject(scores, self.subjects, self.courses, here, visit, course)

    def gains(self, endpoint: CompleteEndpoint, baseline: str, visit: str) -> Floats:
        """The simulated improvements of an endpoint."""
        changes = self.flipped(endpoint, baseline, visit).changes
        return -changes if endpoint.lower_is_better else changes

    def fields(self, estimate: str, field: str) -> Floats:
        """A field of an estimate in every study."""
        row = self.everything.loc[estimate]
        level, statistic = self.settings.level, row["statistic"]
        if row["analysis"] == "responders":
            met = self._met(row["endpoint"], row["visit"], self._start(row["endpoint"]))
            return _share(met.yes.sum(axis=1), (met.yes | met.no).sum(axis=1), level)[field]
        endpoint, visit = self.endpoints[row["endpoint"]], row["visit"]
        flipped = self.flipped(endpoint, endpoint.baseline, visit)
        if field == "n":
            return np.full(len(self.signs), float(flipped.changes.shape[1]))
        if statistic == Change.HODGES_LEHMANN:
            names = "value", "lower", "upper"
            return dict(zip(names, walsh_intervals(flipped.changes, level), strict=True))[field]
        if statistic == Change.SIGNED_RANK_PRATT:
            return self._adjusted(endpoint) if field == "p_adjusted" else self._p(endpoint, visit)
        gains = self.gains(endpoint, endpoint.baseline, visit)
        counted = {Change.IMPROVED: gains > 0, Change.UNCHANGED: gains == 0}
        events = counted.get(statistic, gains < 0).sum(axis=1)
        return _share(events, np.full_like(events, gains.shape[1]), level)[field]

    def _p(self, endpoint: CompleteEndpoint, visit: str) -> Floats:
        return signed_rank_p(self.flipped(endpoint, endpoint.baseline, visit).changes)

    def _adjusted(self, endpoint: CompleteEndpoint) -> Floats:
        """Holm's adjusted p of an endpoint in its family, at its own time point."""
        family = self.family(endpoint)
        p = np.column_stack([self._p(member, member.time_point) for member in family])
        return holm(p)[:, [member.name for member in family].index(endpoint.name)]

    def family(self, endpoint: CompleteEndpoint) -> list[CompleteEndpoint]:
        """The declared endpoints that are adjusted together, those whose test has a p."""
        tests = self.everything["p"]
        return [
            member
            for member in self.endpoints.values()
            if member.declared and member.family == endpoint.family
            if pd.notna(tests.get(_test(member)))
        ]

    def _start(self, name: str) -> str:
        """The visit that a criterion is counted from."""
        return self.endpoints[name].baseline if name in self.endpoints else self.settings.baseline

    def _met(self, name: str, visit: str, baseline: str) -> Met:
        """Who meets a criterion: an endpoint by its important difference, or several together."""
        if name in self.endpoints:
            endpoint = self.endpoints[name]
            assert endpoint.important_difference is not None  # else it has no verdict
            places = self.flipped(endpoint, baseline, visit).places
            enough = endpoint.important_difference.threshold
            reached = self.gains(endpoint, baseline, visit) >= enough
            met = Met(np.zeros(self.signs.shape, bool), np.zeros(self.signs.shape, bool))
            met.yes[:, places], met.no[:, places] = reached, ~reached
            return met
        parts = [self._met(part, visit, baseline) for part in self.responders[name].of]
        yes, no = [part.yes for part in parts], [part.no for part in parts]
        if self.responders[name].needs == "all":
            return Met(np.logical_and.reduce(yes), np.logical_or.reduce(no))
        return Met(np.logical_or.reduce(yes), np.logical_and.reduce(no))

    def used(self, condition: Condition) -> list[tuple[CompleteEndpoint, str, str]]:
        """The changes that a condition is made of: endpoint, baseline, visit."""
        row = self.everything.loc[condition.estimate]
        name, visit = row["endpoint"], row["visit"]
        if row["analysis"] == "responders":
            return [(item, self._start(name), visit) for item in self._parts(name)]
        endpoint = self.endpoints[name]
        if condition.field == "p_adjusted":
            return [(item, item.baseline, item.time_point) for item in self.family(endpoint)]
        return [(endpoint, endpoint.baseline, visit)]

    def _parts(self, name: str) -> list[CompleteEndpoint]:
        if name in self.endpoints:
            return [self.endpoints[name]]
        return [item for part in self.responders[name].of for item in self._parts(part)]


def false_support(estimates: Estimates, world: World) -> None:
    """Add how often each claim is supported in ``world``, or why that is not simulated.

    ``estimates`` has the verdicts of the claims.
    """
    verdicts = estimates.table().set_index("estimate_id")["value"]
    for claim in world.settings.claims:
        about: About = {"endpoint": claim.id, "unit": "share"}
        if _is_by_rates(claim, verdicts, world):
            _add_by_rates(estimates, claim, world, about)
            continue
        reason = _not_simulated(claim, verdicts, world)
        if reason:
            estimates.add_missing(Claims.FALSE_SUPPORT, reason, n=0, **about)
            continue
        held = [_holds(condition, world) for condition in claim.conditions]
        together = np.logical_or if claim.needs == "any" else np.logical_and
        supported: Bools = together.reduce(held)
        used = list(dict.fromkeys(one for item in claim.conditions for one in world.used(item)))
        estimates.add(
            Claims.FALSE_SUPPORT,
            float(supported.mean()),
            n=len(supported),
            events=int(supported.sum()),
            stratum=_world(world, used),
            method=world.method,
            convention=_said(world, used),
            inputs=" ".join(_inputs(claim, world, used)),
            **about,
        )


def _is_by_rates(claim: Claim, verdicts: "pd.Series[float]", world: World) -> bool:
    """Whether published rates say how often a claim is supported; ``verdicts``: as below."""
    has_verdict = pd.notna(verdicts.get(f"claims.{slug(claim.id)}.{Claims.VERDICT}"))
    few = len(world.subjects) <= MOST_SUBJECTS
    return bool(
        world.rates is not None
        and has_verdict
        and few
        and is_about_rates(claim, world.everything, world.settings)
    )


def _add_by_rates(estimates: Estimates, claim: Claim, world: World, about: About) -> None:
    assert world.rates is not None
    codes = sorted(map(str, world.subjects["subject_id"]))
    found = supported_by_rates(
        claim, world.everything, world.populations, world.rates, world.settings, codes
    )
    if found.reason:
        estimates.add_missing(Claims.FALSE_SUPPORT, found.reason, n=0, **about)
        return
    names = dict.fromkeys(one.estimate for one in claim.conditions)
    estimates.add(
        Claims.FALSE_SUPPORT,
        found.chance,
        n=found.patients,
        stratum=BY_RATES,
        method="exact, published rates by grade",
        convention="all improvement by the end of follow-up counted as seen by then"
        + "".join(
            f", and all of grade {grade} as improved (no eligible rate)" for grade in found.without
        ),
        inputs=" ".join(name_matching("estimates", estimate_id=name) for name in names),
        **about,
    )


def _holds(condition: Condition, world: World) -> Bools:
    word, limit = limit_of(condition)
    held: Bools = COMPARED[word](world.fields(condition.estimate, condition.field), limit)
    return held


def _not_simulated(claim: Claim, verdicts: "pd.Series[float]", world: World) -> str:
    """Why no rate is simulated; empty where one is. ``verdicts``: of the claims, by estimate."""
    if pd.isna(verdicts.get(f"claims.{slug(claim.id)}.{Claims.VERDICT}")):
        return "the claim has no verdict"
    others = [item.estimate for item in claim.conditions if not _can_be(item, world)]
    if others:
        whose = {str(world.everything.loc[name, "analysis"]) for name in others}
        return next((why for name, why in NO_WORLD.items() if name in whose), NOT_A_CHANGE)
    recovery = world.settings.natural_recovery
    used = [endpoint for item in claim.conditions for endpoint, _, _ in world.used(item)]
    graded = world.endpoints.get(recovery.endpoint) if recovery else None
    if graded and any((one.instrument, one.scale) == _scale(graded) for one in used):
        return f"{graded.label}: known are rates of natural recovery, and no course in time"
    if len(world.codes) > MOST_SUBJECTS:
        return f"simulated for up to {MOST_SUBJECTS} subjects"
    return ""


def _can_be(condition: Condition, world: World) -> bool:
    row = world.everything.loc[condition.estimate]
    fields = SIMULATED.get((row["analysis"], row["statistic"]), frozenset())
    return condition.field in fields and not row["stratum"]


def _scale(endpoint: CompleteEndpoint) -> tuple[str, str]:
    return endpoint.instrument, endpoint.scale


def _world(world: World, used: Sequence[tuple[CompleteEndpoint, str, str]]) -> NullWorld:
    """Which world the changes of a claim are of."""
    counts = [(one.expected, one.changes.shape[1]) for one in (world.flipped(*u) for u in used)]
    return WORLDS[any(known for known, _ in counts), all(known == count for known, count in counts)]


def _said(world: World, used: Sequence[tuple[CompleteEndpoint, str, str]]) -> str:
    """Around what the changes are simulated."""
    around: dict[bool, list[str]] = {True: [], False: []}
    for one in used:
        flipped = world.flipped(*one)
        count = flipped.changes.shape[1]
        some = f" ({flipped.expected} of {count})" if 0 < flipped.expected < count else ""
        around[flipped.expected > 0].append(f"{one[0].label}{some}")
    return "; ".join(
        f"{AROUND[known]}: {', '.join(dict.fromkeys(names))}"
        for known, names in around.items()
        if names
    )


def _inputs(
    claim: Claim, world: World, used: Sequence[tuple[CompleteEndpoint, str, str]]
) -> list[str]:
    """The estimates that name what the simulated changes are made of."""
    names = [item.estimate for item in claim.conditions]
    for item in claim.conditions:
        if item.field == "p_adjusted":
            endpoint = world.endpoints[world.everything.loc[item.estimate, "endpoint"]]
            names += [_test(member) for member in world.family(endpoint)]
    names += [
        f"change.{endpoint.name}.{visit}.{Change.EXPECTED_CHANGE}"
        for endpoint, baseline, visit in used
        if world.flipped(endpoint, baseline, visit).expected
    ]
    return [
        name_matching("estimates", estimate_id=name)
        for name in dict.fromkeys(names)
        if name in world.everything.index
    ]


def _test(endpoint: CompleteEndpoint) -> str:
    return f"change.{endpoint.name}.{endpoint.time_point}.{Change.SIGNED_RANK_PRATT}"


def _share(events: NDArray[np.int64], n: NDArray[np.int64], level: float) -> Fields:
    value, lower, upper = shares(events, n, level)
    return {
        "value": value,
        "lower": lower,
        "upper": upper,
        "events": events.astype(np.float64),
        "n": n.astype(np.float64),
    }
