"""design: what a cohort could show against published rates, before any data exist."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from owncontrol.analysis.judged_cohort import expected_rates
from owncontrol.analysis.null_worlds import DESCRIBED, false_verdicts
from owncontrol.analysis.published_rates import read_rates
from owncontrol.basics.decimals import plain
from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.program_files import WORKFLOW
from owncontrol.errors import InputError
from owncontrol.estimates.looks import at_look
from owncontrol.statistics.cohort_verdict import (
    Group,
    detectable_log_odds,
    expected_improved,
    limits,
    power,
    smallest_cohort,
)
from owncontrol.study.design import PATIENTS, SubjectWords
from owncontrol.study.endpoints import Endpoint
from owncontrol.study.estimands import complete_endpoint
from owncontrol.study.loading import load_study
from owncontrol.study.model import Study
from owncontrol.study.natural_recovery import NaturalRecovery, Primary

MOST = 100_000
ODDS = (2, 3, 5, 10, 20)  # effects for which a number of subjects is given
MOST_TRIED = 400


def design_lines(study: str | None, numbers: str) -> list[str]:
    """What ``numbers`` subjects (``A=10,B=6``) could show by the configuration of a study.

    Raises InputError for a study without a comparison with published rates, and for a grade that
    its endpoint does not have.
    """
    known = load_study({"study": study} if study else {})
    recovery = known.natural_recovery
    if recovery is None:
        raise InputError(
            f"{known.study}: natural_recovery is not configured",
            "a verdict needs published rates: see natural_recovery in config/README.md",
        )
    grades = _grades(known, recovery)
    who = known.design.called
    counts = counts_by_grade(numbers, grades, who)
    chosen = [grade for grade in recovery.primary.grades or grades if grade in counts]
    path = Path(recovery.table)
    rates = read_rates(path if path.is_file() else WORKFLOW.parent / path)
    comparison = recovery.primary_comparison
    expected = expected_rates(rates, chosen, comparison.gain, recovery.eligible)
    judged = [grade for grade in chosen if grade in expected.high]
    high = [Group(counts[grade], expected.high[grade]) for grade in judged]
    low = [Group(counts[grade], expected.low[grade]) for grade in judged]
    left = [grade for grade in counts if grade not in judged]
    lines = [f"{comparison.label}: {_told(counts)}"]
    lines += [
        f"grade {grade} is not judged: {expected.without.get(grade, 'not in primary.grades')}"
        for grade in left
    ]
    if not judged:
        return [*lines, f"no verdict is possible with these {who.many}"]
    return [*lines, *_shown(high, low, recovery, who)]


def counts_by_grade(
    numbers: str, grades: Sequence[str], who: SubjectWords = PATIENTS
) -> dict[str, int]:
    """``A=10,B=6`` as numbers of subjects (``who``), in the order of the grades.

    Raises InputError for a grade that there is not, one that is named twice, and what is no number
    of subjects from 1 to 100,000.
    """
    found: dict[str, int] = {}
    for part in filter(None, (text.strip() for text in numbers.split(","))):
        grade, equals, count = (text.strip() for text in part.partition("="))
        if grade not in grades:
            raise InputError(
                f"--n {numbers}: there is no grade '{grade}'",
                did_you_mean(grade, grades, f"grades: {', '.join(grades)}"),
            )
        if not equals or not count.isdecimal() or not 1 <= int(count) <= MOST or grade in found:
            raise InputError(
                f"--n {numbers}: '{part}' is no number of {who.many} from 1 to {MOST:,} of a "
                "grade that is named once",
                f"for example --n {grades[0]}=10,{grades[-1]}=6",
            )
        found[grade] = int(count)
    if not found:
        raise InputError(f"--n: names no {who.many}", f"for example --n {grades[0]}=10")
    return {grade: found[grade] for grade in grades if grade in found}


def _grades(study: Study, recovery: NaturalRecovery) -> tuple[str, ...]:
    named: dict[str, Endpoint] = {endpoint.name: endpoint for endpoint in study.endpoints}
    if recovery.endpoint in named:
        grades = complete_endpoint(named[recovery.endpoint], study).grades
        if grades:
            return tuple(grades)
    raise InputError(
        f"natural_recovery.endpoint: '{recovery.endpoint}' is no endpoint with grades",
        "name an endpoint whose scale has grades",
    )


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} of grade {grade}" for grade, count in counts.items())


def _shown(
    high: Sequence[Group], low: Sequence[Group], recovery: NaturalRecovery, who: SubjectWords
) -> list[str]:
    total = sum(group.n for group in high)
    primary = at_look(recovery.primary, total)
    alpha, wanted = primary.alpha, primary.power
    edges, errors = limits(high, low, alpha), power(high, low, 0.0, alpha)
    shifts = detectable_log_odds(high, low, wanted, alpha)
    lines = [_look(recovery.primary, total)] if primary.looks else []
    lines += [
        f"expected without the treatment: {plain(expected_improved(low), 1)} to "
        f"{plain(expected_improved(high), 1)} of {total} improved"
    ]
    for word, edge, error, shift, groups in (
        ("more", edges.more_from, errors[0], shifts[0], high),
        ("fewer", edges.fewer_to, errors[1], shifts[1], low),
    ):
        if edge is None or math.isnan(shift):
            lines.append(f"{word} than expected: cannot be shown with these {who.many}")
            continue
        share = expected_improved(groups, shift) / total
        lines.append(
            f"{word} than expected: {'from' if word == 'more' else 'up to'} {edge} improved; wrong "
            f"in {plain(100 * error, 2)} % of studies where the treatment does nothing; shown with "
            f"{plain(100 * wanted, 1)} % power where {plain(100 * share, 1)} % improve (odds of "
            f"each {who.one} times {plain(math.exp(shift), 2)})"
        )
    lines += _sizes(high, low, recovery, who)
    lines.append("in simulated worlds where the treatment does nothing (more, fewer):")
    for wrong in false_verdicts(high, low, alpha):
        more, fewer = (plain(100 * count / wrong.studies, 1) for count in (wrong.more, wrong.fewer))
        lines.append(f"  {wrong.world.value}: {more} %, {fewer} % ({DESCRIBED[wrong.world]})")
    return lines


def _look(primary: Primary, total: int) -> str:
    return (
        f"look {primary.look(total)} of {len(primary.looks)}: tested at "
        f"{plain(at_look(primary, total).alpha, 6)} of {plain(primary.alpha, 6)}"
    )


def _sizes(
    high: Sequence[Group], low: Sequence[Group], recovery: NaturalRecovery, who: SubjectWords
) -> list[str]:
    """How many subjects (``who``) of this mix show an effect, at one look; exact at each size."""
    alpha, wanted = recovery.primary.alpha, recovery.primary.power
    total = sum(group.n for group in high)
    lines = [
        f"{who.many} of this mix that show more than expected with {plain(100 * wanted, 1)} %:"
    ]
    for odds in ODDS:
        size = smallest_cohort(high, low, math.log(odds), wanted, alpha, MOST_TRIED)
        share = expected_improved(high, math.log(odds)) / total
        needed = f"more than {MOST_TRIED}" if size is None else str(size)
        lines.append(
            f"  {needed} where {plain(100 * share, 1)} % improve (odds of each times {odds})"
        )
    return lines
