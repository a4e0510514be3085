"""The verdict on each claim, in words, and the table of them."""

import math

from owncontrol.basics.number_texts import number, percent
from owncontrol.estimates.collect import slug
from owncontrol.estimates.conventions import NOT_SHOWABLE, Untestable
from owncontrol.estimates.declared_statistics import Claims
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.recovery_strata import NullWorld
from owncontrol.estimates.stratum import WholeGroup
from owncontrol.reporting.report_tables import MISSING, Table
from owncontrol.reporting.sentences import listed
from owncontrol.study.claims import Claim
from owncontrol.study.settings import AnalysisSettings

CLAIMED = {1.0: "supported", 0.0: "not supported"}
CANNOT = "cannot be tested"
WEAK = 0.1  # supported without an effect more often than this
KNOWN = NullWorld("natural change")
BY_RATES = NullWorld("published rates")
AT_LEAST = ", so the rate is a lower bound"
FIXED = (
    "Criteria were fixed in the configuration. A supported claim says what was seen, not what "
    "caused it."
)


def claims_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """One row per claim: verdict, how many conditions hold, how easily it would be supported."""
    return Table(
        "claims",
        "Claims and verdicts",
        ["Claim", "Verdict", "Conditions that hold", "Supported without an effect, %"],
        [
            [
                f"{claim.id}. {claim.claim}",
                marked_verdict(numbers, claim),
                numbers.share(_verdict_id(claim)) if has_verdict(numbers, claim) else MISSING,
                numbers.percent(rate) if (rate := _false_support(numbers, claim)) else MISSING,
            ]
            for claim in settings.claims
        ],
        " ".join(filter(None, [FIXED, *_worlds_words(numbers, settings)])),
    )


def marked_verdict(numbers: Numbers, claim: Claim) -> str:
    """The verdict, and with one whether the test is weak: often supported without an effect."""
    said, rate = verdict(numbers, claim), _false_support(numbers, claim)
    if not rate or numbers.raw(rate) <= WEAK:
        return said
    # An upper bound does not say that the test is weak, only that it is not known to be better.
    is_bound = numbers.row(rate).stratum == BY_RATES
    return f"{said} ({'may be a weak test' if is_bound else 'weak test'})"


def _false_support(numbers: Numbers, claim: Claim) -> str:
    """The estimate of how often a claim is supported without an effect; empty without one."""
    found = numbers.by_stratum(NullWorld, **_about(claim))
    return next(iter(found.values()), "")


def _about(claim: Claim) -> dict[str, str]:
    return {"analysis": "claims", "endpoint": claim.id, "statistic": Claims.FALSE_SUPPORT}


def _worlds_words(numbers: Numbers, settings: AnalysisSettings) -> list[str]:
    """What the rates are of, and why a claim has none."""
    rates = {
        claim.id: numbers.row(rate)
        for claim in settings.claims
        if (rate := _false_support(numbers, claim))
    }
    exact = {name: row for name, row in rates.items() if row.stratum == BY_RATES}
    simulated = {name: row for name, row in rates.items() if name not in exact}
    weak = f"Weak test: above {percent(WEAK)} %."
    words = []
    if simulated:
        counts = {number(row.counted) for row in simulated.values()}
        words.append(
            f"Supported without an effect: in {listed(sorted(counts))} simulated studies of the "
            "same patients, visits and gaps, in which each patient changes by what is expected "
            "without the treatment, and by the rest of the change seen with a random sign. The "
            f"spread is the one seen, and scores are not held to the ends of their scale. {weak}"
        )
        words += [
            f"{name}: {row.convention.words}{'' if row.stratum == KNOWN else AT_LEAST}."
            for name, row in simulated.items()
        ]
    elif exact:
        words.append(weak)
    words += [
        f"{name}: at most, of {number(row.counted)} patients with the published rates of their "
        f"grades, {row.convention.words}."
        for name, row in exact.items()
    ]
    return words + _not_simulated(numbers, settings)


def _not_simulated(numbers: Numbers, settings: AnalysisSettings) -> list[str]:
    """Which claims with a verdict have no such rate, and why."""
    reasons: dict[str, list[str]] = {}
    for claim in settings.claims:
        if has_verdict(numbers, claim):
            for _, row in numbers.in_strata(WholeGroup, **_about(claim)):
                reasons.setdefault(row.convention.reason, []).append(claim.id)
    return [f"Not simulated: {listed(claims)} ({because})." for because, claims in reasons.items()]


def has_verdict(numbers: Numbers, claim: Claim) -> bool:
    """Whether a claim is supported or not supported."""
    return not math.isnan(numbers.raw(_verdict_id(claim)))


def verdict(numbers: Numbers, claim: Claim) -> str:
    """Supported, not supported, cannot be tested, or cannot be shown with so many patients."""
    because = reason(numbers, claim)
    if because.startswith(NOT_SHOWABLE):
        return because.partition(":")[0]
    return CLAIMED.get(numbers.raw(_verdict_id(claim)), CANNOT)


def reason(numbers: Numbers, claim: Claim) -> str:
    """Why a claim cannot be tested; empty where it can."""
    if has_verdict(numbers, claim):
        return ""
    return Untestable.parse(numbers.row(_verdict_id(claim)).convention.reason).because


def _verdict_id(claim: Claim) -> str:
    return f"claims.{slug(claim.id)}.verdict"
