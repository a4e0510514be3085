"""Words for what a study is: whom its results are about, and what its changes count from."""

from owncontrol.reporting.report_tables import visit_labels
from owncontrol.study.settings import AnalysisSettings


def everyone(settings: AnalysisSettings) -> str:
    """The id of the number of patients that the results are about."""
    return "patients.treated" if settings.has_treatments else "patients.registered"


def before(settings: AnalysisSettings) -> str:
    """When a patient serves as their own control, inside a sentence."""
    label = visit_labels(settings)[settings.baseline]
    return "before the treatment" if settings.has_treatments else f"at {label}"


def grade_word(settings: AnalysisSettings) -> str:
    """What tells how bad an adverse event was: a grade, or its severity in words."""
    return "severity" if settings.severity else "grade"


def has_items(settings: AnalysisSettings) -> bool:
    """Whether some score is computed from items; a measure of one column is its own score."""
    recorded = {item.instrument for item in settings.recorded}
    own = {name for name, measure in settings.instruments.items() if not measure.items}
    return any(endpoint.instrument not in recorded | own for endpoint in settings.endpoints)


def clock_sentence(settings: AnalysisSettings) -> str:
    """What days count from, of a study whose clock is not the treatment."""
    label, who = visit_labels(settings)[settings.baseline], settings.design.called
    injury = f" Days are also counted from the {settings.onset}."
    said = {
        "baseline": f"Days are counted from each {who.one}'s own date of the visit {label}.",
        "recorded": "Days are those that the source recorded.",
        "nominal": f"Days are nominal: those of the schedule, whenever {who.a} was seen.",
        "order": "Only the order of the visits is known; nothing is counted in days.",
    }.get(settings.clock, "")
    return said + (injury if "injury" in settings.clocks else "")
