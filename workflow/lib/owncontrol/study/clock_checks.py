"""Faults of a study's clock, its treatments and its days, when they are held together."""

from collections.abc import Iterator

from owncontrol.study.model import Study
from owncontrol.study.table_mapping import CANONICAL, TableMapping
from owncontrol.study.visits import OWN_DAY

Fault = tuple[str, str]  # message and hint
WITHOUT = "clock: baseline, recorded, nominal or order counts days without a treatment"


def clock_contradictions(study: Study) -> Iterator[Fault]:
    """Message and hint of each fault."""
    yield from _without_treatments(study)
    yield from _odd_treatment(study)
    yield from _odd_days(study)
    yield from _odd_visits(study)
    yield from _nearest_to_nothing(study)


def _assessments(study: Study) -> Iterator[tuple[str, TableMapping]]:
    for key, table, mapping in study.mappings:
        if table not in CANONICAL:
            yield f"exports.{key}.tables.{table}", mapping


def _without_treatments(study: Study) -> Iterator[Fault]:
    """What counts from a treatment, where the study has no table of treatments."""
    if study.has_treatments:
        return
    table = "map the table treatments (subject_id alone says who was treated)"
    if study.clock == "treatment":
        yield (
            "clock: counts from the treatment, and no file feeds the table treatments",
            (f"{table}, or say another clock ({WITHOUT})"),
        )
    for visit in study.visits:
        if visit.clock == "treatment":
            yield (
                f"visits.{visit.name}.clock: counts from the treatment, and no file feeds the "
                "table treatments",
                f"{table}, or name another clock",
            )
    for place, mapping in _assessments(study):
        if "day_from_treatment" in mapping.columns:
            yield (
                f"{place}.columns.day_from_treatment: no file feeds the table treatments",
                f"{table}, or map the column to study_day with clock: recorded",
            )
        if mapping.duplicates == "last_before_treatment":
            yield (
                f"{place}.duplicates: last_before_treatment, and no file feeds the table "
                "treatments",
                "keep_first, keep_last or keep_none",
            )


def _odd_treatment(study: Study) -> Iterator[Fault]:
    """A treatment without a word for it, or the word without the treatment."""
    if study.has_treatments and study.treatment is None:
        yield "treatment: is missing", 'say what the subjects were given ("infusion of ...")'
    if study.treatment is not None and not study.has_treatments:
        yield (
            "treatment: is named, and no file feeds the table treatments",
            "map the table (subject_id alone says who was treated), or leave treatment out",
        )


def _odd_days(study: Study) -> Iterator[Fault]:
    """Days that the clock needs and no file has, or that a file has and nothing counts."""
    mapped: set[str] = set()
    for place, mapping in _assessments(study):
        mapped |= set(mapping.columns)
        if "study_day" in mapping.columns and study.clock not in OWN_DAY:
            yield (
                f"{place}.columns.study_day: the clock is {study.clock}",
                "say clock: recorded, or clock: baseline where the column counts from it",
            )
    if study.clock == "recorded" and "study_day" not in mapped:
        yield (
            "clock: recorded, and no assessment has a study_day",
            "map the column of the recorded days to study_day, or say clock: nominal",
        )
    if study.clock == "baseline" and not mapped & {"study_day", "date"}:
        yield (
            "clock: counts from the baseline visit, and no assessment has a date or a study_day",
            "map one of them, or say clock: nominal (days of the schedule) or order",
        )


def _odd_visits(study: Study) -> Iterator[Fault]:
    """Visits whose planned day the study's clock cannot read."""
    for visit in study.visits:
        if visit.day is None and (study.clock != "order" or visit.window is not None):
            yield (
                f"visits.{visit.name}.day: is missing",
                "say the planned day, or clock: order for the study, which then has no days",
            )
        if visit.clock in OWN_DAY and visit.clock != study.clock:
            yield (
                f"visits.{visit.name}.clock: {visit.clock}, and the study's clock is {study.clock}",
                "visits count from the injury, the treatment or the study's own clock, or are "
                "nominal",
            )
    if study.clock == "nominal" and len({visit.clock for visit in study.visits}) > 1:
        yield (
            "clock: nominal, and the days of the visits count from different days",
            "give all visits clock: nominal and days that count from one of them",
        )


def _nearest_to_nothing(study: Study) -> Iterator[Fault]:
    """The row nearest to a planned day is asked for, and no day is known that it is near to."""
    if any(visit.clock != "nominal" and visit.day is not None for visit in study.visits):
        return
    for key, table, mapping in study.mappings:
        if mapping.duplicates == "keep_nearest" and study.exports[key].visit_windows is None:
            yield (
                f"exports.{key}.tables.{table}.duplicates: keep_nearest, and no visit has a day on "
                "a clock or a window that it is made of",
                "keep_first, keep_last or keep_none",
            )
