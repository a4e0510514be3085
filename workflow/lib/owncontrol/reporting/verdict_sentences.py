"""The first page's words on the verdict, and the table of what it survives."""

import math
from typing import Any

from owncontrol.basics.number_texts import percent, significance
from owncontrol.estimates.collect import slug
from owncontrol.estimates.looks import at_look, level_of_verdict
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.recovery_statistics import NaturalRecovery
from owncontrol.estimates.recovery_strata import BaselineGrade, Misjudged, NullWorld
from owncontrol.reporting.report_tables import Table
from owncontrol.reporting.sentences import Sentence, listed
from owncontrol.study.natural_recovery import Primary
from owncontrol.study.settings import AnalysisSettings


def verdict_id(settings: AnalysisSettings) -> str:
    """The id of the verdict on the primary comparison; empty where the study has none."""
    recovery = settings.natural_recovery
    if recovery is None:
        return ""
    name = recovery.primary_comparison.name
    return f"natural_recovery.{name}.all_grades.{NaturalRecovery.VERDICT}"


def verdict_words(numbers: Numbers, settings: AnalysisSettings) -> dict[str, Any] | None:
    """What the template needs of the verdict; None where the study has no comparison."""
    recovery = settings.natural_recovery
    if recovery is None:
        return None
    name = verdict_id(settings)
    if name not in numbers:
        return None
    stem = name.removesuffix(f".{NaturalRecovery.VERDICT}")
    told = _Verdict(numbers, stem, recovery.primary)
    lead = [*told.lead(), *told.look(), *told.died()]
    return {"lead": lead, "further": told.further(), "survives": told.survives()}


WORDS = {1: "more than expected", -1: "fewer than expected", 0: "not decided"}


class _Verdict:
    """Sentences on one verdict; ``stem``: of the ids of its estimates."""

    def __init__(self, numbers: Numbers, stem: str, primary: Primary) -> None:
        self.numbers, self.stem, self.planned = numbers, stem, primary
        self.row = numbers.row(f"{stem}.verdict")
        self.primary = at_look(primary, self.row.counted)
        self.level = significance(1 - self.primary.alpha)

    def id(self, statistic: NaturalRecovery) -> str:
        return f"{self.stem}.{slug(statistic)}"

    def is_known(self, statistic: NaturalRecovery) -> bool:
        name = self.id(statistic)
        return name in self.numbers and self.numbers.raw(name) == self.numbers.raw(name)

    def lead(self) -> list[Sentence]:
        """The verdict itself, with its error."""
        numbers, verdict = self.numbers, self.id(NaturalRecovery.VERDICT)
        if not self.is_known(NaturalRecovery.VERDICT):
            reason = self.row.convention.reason
            return [[f"There is no verdict against natural recovery: {reason}."]]
        share, who = [numbers.events(verdict), " of ", numbers.n(verdict)], numbers.who
        if self.row.value > 0:
            return [self._decided("More", share, NaturalRecovery.MORE_THAN_EXPECTED)]
        if self.row.value < 0:
            return [self._decided("Fewer", share, NaturalRecovery.FEWER_THAN_EXPECTED)]
        more, fewer = NaturalRecovery.MORE_THAN_EXPECTED, NaturalRecovery.FEWER_THAN_EXPECTED
        return [
            [
                "Not decided: ", *share, f" {who.many} improved, and published rates of untreated "
                "patients lead to expect ", numbers.value(self.id(fewer)), " to ",
                numbers.value(self.id(more)), " (one-sided: more than expected ",
                numbers.p(self.id(more)), ", fewer ", numbers.p(self.id(fewer)),
                f"; each tested at {self.level}).",
            ],
            self._could_have_shown(),
        ]  # fmt: skip

    def _decided(self, word: str, share: Sentence, statistic: NaturalRecovery) -> Sentence:
        numbers = self.numbers
        error = {
            NaturalRecovery.MORE_THAN_EXPECTED: NaturalRecovery.ERROR_MORE,
            NaturalRecovery.FEWER_THAN_EXPECTED: NaturalRecovery.ERROR_FEWER,
        }[statistic]
        return [
            f"{word} {numbers.who.many} improved than expected from published rates of "
            "untreated patients: ",
            *share, ", where ", numbers.value(self.id(statistic)), " would be expected (one-sided ",
            numbers.p(self.id(statistic)), f", tested at {self.level} in each direction). If the "
            "treatment did nothing, such a verdict would be reached in ",
            numbers.percent(self.id(error)), " % of such studies.",
        ]  # fmt: skip

    def _could_have_shown(self) -> Sentence:
        numbers, more = self.numbers, NaturalRecovery.SHOWN_MORE
        if not self.is_known(more):
            return [
                f"Even if all of them had improved, these {numbers.who.many} could not have shown "
                "more than expected."
            ]
        return [
            f"With these {numbers.who.many}, more than expected would have taken ",
            numbers.value(self.id(NaturalRecovery.MORE_FROM)),
            " improved; a treatment with which ",
            numbers.percent(self.id(more)),
            f" % improve would have shown it with {percent(self.primary.power)} % power.",
        ]

    def look(self) -> list[Sentence]:
        """Which of the declared looks this is, and what it may spend."""
        looks, planned = self.planned.looks, self.planned
        if not looks or not self.is_known(NaturalRecovery.VERDICT):
            return []
        shape = {"obrien_fleming": "O’Brien–Fleming", "pocock": "Pocock"}[planned.spending]
        return [
            [
                f"This is look {planned.look(self.row.counted)} of {len(looks)} that are declared "
                f"(up to {listed([str(count) for count in looks])} "
                f"{self.numbers.who.many}), tested at {self.level}: the {shape} share of the "
                f"{significance(1 - planned.alpha)} by "
                "which all looks together may be wrong in each direction."
            ]
        ]

    def died(self) -> list[Sentence]:
        """How many died before the follow-up exam, and the verdict by the other choice on them."""
        numbers, name = self.numbers, self.id(NaturalRecovery.DIED)
        if name not in numbers:
            return []
        is_composite = self.primary.death == "not improved"
        one = numbers.raw(name) == 1
        said: Sentence = [
            numbers.value(name), f" {numbers.who.of(numbers.raw(name))} died after the treatment "
            "without a follow-up exam and ",
            ("counts" if one else "count") + " as not improved"
            if is_composite
            else ("is" if one else "are") + " left out",
        ]  # fmt: skip
        otherwise = self.id(NaturalRecovery.VERDICT_OTHERWISE)
        words = "left out" if is_composite else "counted as not improved"
        if not self.is_known(NaturalRecovery.VERDICT_OTHERWISE):
            return [[*said, f"; {words}, there would be no verdict."]]
        row = numbers.row(otherwise)
        return [
            [*said, f"; {words}, the verdict would be {WORDS[int(row.value)]} (",
             numbers.events(otherwise), " of ", numbers.n(otherwise), " improved)."]
        ]  # fmt: skip

    def further(self) -> list[Sentence]:
        """Which grades show it, and who is not judged."""
        return [*self._grades(), *self._left_out()]

    def _grades(self) -> list[Sentence]:
        if not self.is_known(NaturalRecovery.VERDICT) or not self.row.value:
            return []
        statistic = (
            NaturalRecovery.CLOSED_MORE if self.row.value > 0 else NaturalRecovery.CLOSED_FEWER
        )
        found = self._by_grade(statistic)
        showing = [
            (grade, name)
            for grade, name in found.items()
            if self.numbers.row(name).p <= self.primary.alpha
        ]
        if not showing:
            return [["No grade alone shows it."]]
        return [
            [
                f"Grade {grade} alone shows it: ", self.numbers.share(name), " improved, ",
                self.numbers.value(name), " expected (", self.numbers.p(name),
                " in the closed test).",
            ]
            for grade, name in showing
        ]  # fmt: skip

    def _by_grade(self, statistic: NaturalRecovery) -> dict[str, str]:
        found = self.numbers.by_stratum(
            BaselineGrade,
            analysis="natural_recovery",
            endpoint=self.row.endpoint,
            statistic=statistic,
        )
        return {stratum.grade: name for stratum, name in found.items()}

    def _left_out(self) -> list[Sentence]:
        numbers = self.numbers
        return [
            [
                f"Grade {grade} (", numbers.value(name), " ",
                numbers.who.of(numbers.raw(name)),
                f") is not part of the verdict: {numbers.row(name).convention.words}.",
            ]
            for grade, name in self._by_grade(NaturalRecovery.NOT_JUDGED).items()
        ]  # fmt: skip

    def survives(self) -> list[Sentence]:
        """How many ratings or patients may be otherwise; empty where nothing is decided."""
        misrated = self.id(NaturalRecovery.MISRATED_TO_SPARE)
        missing = self.id(NaturalRecovery.MISSING_TO_SPARE)
        if not self.is_known(NaturalRecovery.MISRATED_TO_SPARE):
            return []
        numbers, is_more = self.numbers, self.row.value > 0
        who = numbers.who
        events = "improvements" if is_more else f"{who.many} who did not improve"
        one = "one of these improvements" if is_more else f"one {who.one}'s improvement"
        errors: Sentence = (
            ["It would stand with up to ", numbers.value(misrated), f" of these {events} misrated."]
            if numbers.raw(misrated)
            else [
                f"If {one} were {'a rating error' if is_more else 'missed'}, it would no longer "
                "stand."
            ]
        )
        outcome = "did not improve" if is_more else "improved"
        lost: Sentence = (
            [
                "It would stand with up to ", numbers.value(missing), " further ",
                who.of(numbers.raw(missing)), f" who {outcome}.",
            ]
            if numbers.raw(missing)
            else [f"With one further {who.one} who {outcome}, it would not stand."]
        )  # fmt: skip
        return [errors, lost]


def verdict_level(numbers: Numbers, settings: AnalysisSettings) -> float:
    """At what level the verdict is tested, at the look that it is."""
    recovery = settings.natural_recovery
    assert recovery is not None
    name = recovery.primary_comparison.name
    return level_of_verdict(numbers, recovery.primary, name)


def worlds_table(numbers: Numbers, settings: AnalysisSettings) -> Table | None:
    """How often the verdict is wrong where the treatment does nothing; None without a verdict."""
    recovery = settings.natural_recovery
    if recovery is None:
        return None
    about = {"analysis": "natural_recovery", "endpoint": recovery.primary_comparison.name}
    more, fewer = (
        numbers.by_stratum(NullWorld, statistic=statistic, **about)
        for statistic in (NaturalRecovery.FALSE_MORE, NaturalRecovery.FALSE_FEWER)
    )
    alpha = verdict_level(numbers, settings)
    rows = [
        [
            f"{stratum.world[:1].upper()}{stratum.world[1:]}: {numbers.row(name).convention.words}",
            numbers.percent(name),
            numbers.percent(fewer[stratum]),
        ]
        for stratum, name in more.items()
    ]
    if not rows:
        return None
    studies = numbers.row(next(iter(more.values()))).counted
    return Table(
        "null-worlds",
        "How often the verdict is wrong in worlds where the treatment does nothing",
        ["World", "More, %", "Fewer, %"],
        rows,
        f"{studies} simulated studies of a world, with the {numbers.who.many} of this one; each "
        "world but "
        "the first breaks what the verdict takes for granted, so its rates may exceed "
        f"{percent(alpha, 1)} %.",
    )


def survival_table(numbers: Numbers, settings: AnalysisSettings) -> Table | None:
    """The verdict's p over patients misrated and missing; None where nothing is decided."""
    recovery = settings.natural_recovery
    if recovery is None:
        return None
    comparison = recovery.primary_comparison
    found = numbers.by_stratum(
        Misjudged,
        analysis="natural_recovery",
        endpoint=comparison.name,
        statistic=NaturalRecovery.IF_MISJUDGED,
    )
    if not found:
        return None
    misrated = sorted({stratum.misrated for stratum in found})
    missing = sorted({stratum.missing for stratum in found})
    rows = [
        [str(count), *(numbers.p(found[Misjudged(errors, count)]) for errors in misrated)]
        for count in missing
    ]
    return Table(
        "verdict",
        f"The verdict if {numbers.who.many} were misrated or are missing",
        ["Missing", *(f"{errors} misrated" for errors in misrated)],
        rows,
        "One-sided p of the verdict on the primary comparison, tested at "
        f"{significance(1 - verdict_level(numbers, settings))}. Misrated: so many "
        f"{numbers.who.many} counted the other way round. Missing: so many further "
        f"{numbers.who.many} counted against the verdict; those "
        "without a follow-up exam first, then others of the grade that costs it most.",
    )


def exceeded_words(numbers: Numbers, stem: str) -> Sentence:
    """The highest published rate that the share improved of a grade exceeds."""
    name = f"{stem}.{NaturalRecovery.HIGHEST_EXCEEDED}"
    if math.isnan(numbers.raw(name)):
        return ["It exceeds no published rate."]
    highest = f"{stem}.{NaturalRecovery.HIGHEST_PUBLISHED}"
    return [
        "The highest published rate that it exceeds is ", numbers.percent(name),
        " %; the highest there is, ", numbers.percent(highest), " %.",
    ]  # fmt: skip
