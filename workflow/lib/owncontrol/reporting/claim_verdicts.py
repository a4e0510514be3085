"""The verdict on each claim, in words, and the table of them."""

import math

from owncontrol.estimates.collect import slug
from owncontrol.estimates.conventions import NOT_SHOWABLE, Untestable
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.report_tables import MISSING, Table
from owncontrol.study.claims import Claim
from owncontrol.study.settings import AnalysisSettings

CLAIMED = {1.0: "supported", 0.0: "not supported"}
CANNOT = "cannot be tested"


def claims_table(numbers: Numbers, settings: AnalysisSettings) -> Table:
    """One row a claim: verdict and how many conditions hold."""
    return Table(
        "claims",
        "Claims and verdicts",
        ["Claim", "Verdict", "Conditions that hold"],
        [
            [
                f"{claim.id}. {claim.claim}",
                verdict(numbers, claim),
                numbers.share(_verdict_id(claim)) if has_verdict(numbers, claim) else MISSING,
            ]
            for claim in settings.claims
        ],
        "Criteria were fixed in the configuration. A supported claim says what was seen, "
        "not what caused it.",
    )


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
