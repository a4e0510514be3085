"""The level of the verdict at a declared look: what of alpha this look may spend."""

from owncontrol.estimates.numbers import Numbers
from owncontrol.statistics.alpha_spending import levels
from owncontrol.study.natural_recovery import Primary


def at_look(primary: Primary, patients: int) -> Primary:
    """``primary`` with the ``alpha`` of the look that a verdict on so many patients is.

    It is itself where no looks are declared. Not a method of it: who loads a study imports no
    statistics, so that an edit of one makes no step run again that has none.
    """
    if not primary.looks:
        return primary
    shares = levels(primary.looks, float(primary.alpha), primary.spending)
    return primary.model_copy(update={"alpha": shares[primary.look(patients) - 1]})


def level_of_verdict(numbers: Numbers, primary: Primary, comparison: str) -> float:
    """At what level the verdict on a comparison is tested, at the look that it is."""
    if not primary.looks:
        return float(primary.alpha)
    verdict = numbers.row(f"natural_recovery.{comparison}.all_grades.verdict")
    return float(at_look(primary, verdict.counted).alpha)
