"""The verdict with known errors of rating: against every combination of them."""

from itertools import product

import pytest
from analysis_study import RECOVERY, ROOT, by_id, endpoint, graded_scores, small_settings
from owncontrol.analysis.published_rates import read_rates
from owncontrol.analysis.verdict import run_verdict
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.first_page_changes import _known_misrating
from owncontrol.study.natural_recovery import Misrated
from pydantic import ValidationError

RATES = read_rates(ROOT / "data/reference/natural_recovery.csv")
AIS = endpoint("ais", "isncsci", "asia_impairment_scale")
PAIRS = ["AB", "AC", "AA", "CD", "CC"]
KNOWN = {"too_low": {"A": 0.1, "C": 0.25}, "too_high": {"B": 0.2, "C": 0.05}}
STEM = "natural_recovery.main.all_grades"


def judged(pairs, **more):
    recovery = {**RECOVERY, "eligible": {"level": "cervical"}, **more}
    settings = small_settings(AIS, natural_recovery=recovery)
    table = graded_scores(AIS, pairs)
    results = Estimates("natural_recovery", "all", sorted(table["subject_id"].unique()))
    run_verdict(results, {"treated": table}, AIS, RATES, settings)
    return results.table(), settings


def by_every_error(pairs):
    """Expected improved, and the chance of each number improved, over all errors of all exams."""
    counts = dict.fromkeys(range(len(pairs) + 1), 0.0)
    letters = "".join(pairs)
    for errors in product((-1, 0, 1), repeat=len(letters)):
        chance, true = 1.0, []
        for letter, error in zip(letters, errors, strict=True):
            low, high = (KNOWN[name].get(letter, 0) for name in ("too_low", "too_high"))
            chance *= {-1: high, 0: 1 - low - high, 1: low}[error]
            true.append("ABCDE".index(letter) + error)
        if chance:
            counts[sum(b > a for a, b in zip(true[::2], true[1::2], strict=True))] += chance
    return counts


def test_it_is_what_all_errors_of_all_exams_give():
    pairs = PAIRS[:4]
    counts = by_every_error(pairs)
    table, _ = judged(pairs, misrated=KNOWN)
    rows = by_id(table)
    expected = sum(count * chance for count, chance in counts.items())
    assert rows.loc[f"{STEM}.truly_improved", "value"] == pytest.approx(expected)
    more_from = rows.loc[f"{STEM}.more_from", "value"]
    more = sum(chance for count, chance in counts.items() if count >= more_from)
    verdict = rows.loc[f"{STEM}.verdict", "value"]
    assert verdict in (0, 1)
    same = more if verdict == 1 else 1 - more
    assert 0 < same < 1
    assert rows.loc[f"{STEM}.same_verdict", "value"] == pytest.approx(same)


def test_one_sentence_says_it_and_nothing_does_where_nothing_is_known():
    for more, said in (({"misrated": KNOWN}, True), ({}, False)):
        table, settings = judged(PAIRS, **more)
        numbers = Numbers(table, lambda shown: shown.text)
        words = "".join(map(str, _known_misrating(numbers, settings)))
        assert words.startswith("Known misclassification of grades. With it, ") == said
        assert ("of 5 patients" in words) == said


def test_more_than_all_exams_are_refused():
    with pytest.raises(ValidationError, match="grade A: too_high and too_low are more than all"):
        Misrated.model_validate({"too_high": {"A": 0.6}, "too_low": {"A": 0.5}})


@pytest.mark.parametrize("given", [{"too_low": {"E": 0.1}}, {"too_high": {"A": 0.1, "F": 0.2}}])
def test_a_grade_that_cannot_be_rated_so_is_refused(given):
    with pytest.raises(InputError, match=f"natural_recovery.misrated.{next(iter(given))}: no exam"):
        judged(PAIRS, misrated=given)


@pytest.mark.parametrize(
    ("given", "possible"),
    [({"too_low": {"E": 0.1}}, "A, B, C, D"), ({"too_high": {"A": 0.1}}, "B, C, D, E")],
)
def test_the_grades_that_can_be_rated_so_are_named_and_taken(given, possible):
    with pytest.raises(InputError) as refused:
        judged(PAIRS, misrated=given)
    assert refused.value.hint == f"possible are {possible}"
    [name] = given
    table, _ = judged(["AB"], misrated={name: dict.fromkeys(possible.split(", "), 0.1)})
    assert by_id(table).loc[f"{STEM}.truly_improved", "value"] < 1
