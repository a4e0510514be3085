"""The first page's words on the study by its whole frozen plan, beside the study's own results."""

from owncontrol.estimates.declared_statistics import Change
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.plan_facts import FrozenResult, PlanFacts
from owncontrol.reporting.report_tables import visit_labels
from owncontrol.reporting.sentences import Sentence, listed
from owncontrol.reporting.verdict_sentences import WORDS, verdict_id
from owncontrol.study.frozen_configuration import AsFrozen
from owncontrol.study.settings import AnalysisSettings


def frozen_sentences(
    facts: PlanFacts, numbers: Numbers, settings: AnalysisSettings
) -> list[Sentence]:
    """Verdict and main result by the frozen plan, and what is not as it was; none without a run."""
    if not facts.as_frozen:
        return []
    day = facts.compared.frozen
    for row in facts.by_the_plan(AsFrozen.NOT_RUN):
        return [[f"The result by the plan frozen on {day} cannot be computed: {row.text}."]]
    said: list[Sentence] = [
        [f"{_verdict(row, day)}; ", *_own_verdict(row, numbers, settings)]
        for row in facts.by_the_plan(AsFrozen.VERDICT)
    ] or [[f"The plan frozen on {day} has no comparison with published rates."]]
    for row in facts.by_the_plan(AsFrozen.IMPROVED):
        sizes = facts.by_the_plan(AsFrozen.SIZE)
        said.append([*_main(row, sizes, numbers), "; ", *_own_main(row, numbers, settings)])
    return [*said, *_otherwise(facts)]


def other_verdict(facts: PlanFacts | None, numbers: Numbers, settings: AnalysisSettings) -> str:
    """That the frozen plan leads to another verdict than this run; empty where it does not."""
    own = _own(numbers, settings)
    for row in facts.by_the_plan(AsFrozen.VERDICT) if facts else []:
        if facts and row.value != own:
            return f"{_verdict(row, facts.compared.frozen)}."
    return ""


def _own(numbers: Numbers, settings: AnalysisSettings) -> float | None:
    """The study's own verdict; None where it has none."""
    name = verdict_id(settings)
    value = numbers.raw(name) if name in numbers else float("nan")
    return value if value == value else None


def _verdict(row: FrozenResult, day: str) -> str:
    lead = f"By the plan frozen on {day}"
    if row.value is None:
        return f"{lead} there is no verdict ({row.text})"
    share = f"{row.events} of {row.n} improved"
    return f"{lead} the verdict is {WORDS[int(row.value)]}: {share}"


def _own_verdict(row: FrozenResult, numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    name, own = verdict_id(settings), _own(numbers, settings)
    if own is None:
        return ["by the configuration of this run there is none."]
    words = "the same" if own == row.value else WORDS[int(own)]
    return [
        f"by the configuration of this run it is {words}: ", numbers.events(name), " of ",
        numbers.n(name), " improved.",
    ]  # fmt: skip


def _main(row: FrozenResult, sizes: list[FrozenResult], numbers: Numbers) -> list[str]:
    """The main result of the plan: who improved, and of a score the size of the change."""
    if not row.n:
        return [f"Its main result is {row.text}: not known"]
    said = [f"Its main result is {row.text}: {row.events} of {row.n} improved"]
    for size in sizes:
        if size.value is not None:
            known = size.name in numbers
            text = numbers.of_another_run(size.name, size.value) if known else size.text
            said.append(f", change {text}")
    return said


def _own_main(row: FrozenResult, numbers: Numbers, settings: AnalysisSettings) -> Sentence:
    primary, labels = settings.endpoints[0], visit_labels(settings)
    stem = f"change.{primary.name}.{primary.time_point}"
    label = f"{primary.label}, {labels[primary.baseline]} to {labels[primary.time_point]}"
    name, size = f"{stem}.{Change.IMPROVED}", f"{stem}.{Change.HODGES_LEHMANN}"
    lead = "that of this run" if label == row.text else f"that of this run is {label}"
    if not numbers.raw_n(name):
        return [f"{lead}: not known."]
    said: Sentence = [f"{lead}: ", numbers.events(name), " of ", numbers.n(name)]
    is_size = not primary.grades and primary.kind != "yes_no"
    return [*said, *([", change ", numbers.value(size)] if is_size else []), "."]


def _otherwise(facts: PlanFacts) -> list[Sentence]:
    """What the run by the plan has otherwise than the plan, or leaves out."""
    said: list[Sentence] = []
    if left := [row.name for row in facts.by_the_plan(AsFrozen.NOT_PUT_BACK)]:
        said.append(
            [f"The lock holds only a hash of {listed(left)}: as it is now in both results."]
        )
    for row in facts.by_the_plan(AsFrozen.CORRECTIONS_LEFT_OUT):
        said.append(
            [f"The result by the plan leaves out {_corrections(row)} made after it was frozen."]
        )
    for row in facts.by_the_plan(AsFrozen.CORRECTIONS_KEPT):
        said.append([f"Both results include {_corrections(row)} made after the plan was frozen."])
    return said


def _corrections(row: FrozenResult) -> str:
    return f"{row.n} correction{'' if row.n == 1 else 's'}"
