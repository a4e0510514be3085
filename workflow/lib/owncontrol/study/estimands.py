"""The estimands: each endpoint with all that the configuration and its scale say about it.

``analysis_settings`` makes of a checked study what the analysis notebooks and the report are given:
every endpoint is complete (defaults, facts of its scale, whether the plan declares it), and every
visit that is named anywhere exists.
"""

import math
from collections.abc import Iterator, Sequence

from owncontrol.basics.decimals import plain
from owncontrol.basics.nearest import did_you_mean
from owncontrol.errors import InputError
from owncontrol.instruments import Scale, recorded_parts
from owncontrol.study.endpoints import USUAL_SUMMARY, YES_NO_SUMMARY, Endpoint, Population
from owncontrol.study.instruments import instrument_kind, instrument_names, study_instrument
from owncontrol.study.model import Study
from owncontrol.study.plan import Sensitivity
from owncontrol.study.settings import (
    AnalysisSettings,
    ChosenDifference,
    CompleteEndpoint,
    RecordedInstrument,
)

RECORDED = "recorded_"


def analysis_settings(study: Study) -> AnalysisSettings:
    """The study with its endpoints complete, and what its plan lacks.

    Raises InputError for an unknown visit, instrument or scale, and for an important difference
    that has neither a source nor a place among those that the instrument cites.
    """
    visits = [visit.name for visit in study.visits]
    for place, visit in _named_visits(study):
        _check_visit(visits, place, visit)
    endpoints = tuple(complete_endpoint(endpoint, study) for endpoint in study.endpoints)
    for endpoint in endpoints:
        _check_order(visits, endpoint)
    _check_course(study)
    names = names_of_results(study)
    declared = study.plan.endpoints
    given = {name: getattr(study, name) for name in Study.model_fields}
    given |= {
        "endpoints": endpoints,
        "post_hoc": tuple(name for name in names if name not in declared),
        "undefined": tuple(name for name in declared if name not in names),
        "clocks": study.known_clocks(instrument_names(study)),
        "recorded": recorded_instruments(study),
        "sensitivity": _with_populations(study),
        "improved_by_weeks": _weeks(study),
    }
    return AnalysisSettings.model_validate(
        {name: value for name, value in given.items() if value is not None}
    )


def _weeks(study: Study) -> tuple[int, ...]:
    """Weeks of the declared ones by which an improvement can have been seen.

    None where the order of the visits is all that is known, or before the first follow-up.
    """
    if study.clock == "order":
        return ()
    baseline = [visit.name for visit in study.visits].index(study.baseline)
    days = [visit.day for visit in study.visits[baseline + 1 :] if visit.day is not None]
    return tuple(week for week in study.improved_by_weeks if days and 7 * week >= min(days))


def _check_course(study: Study) -> None:
    """InputError where the natural course names a scale, or needs exams, that there are not."""
    for name, scale in sorted(study.natural_course.scales) if study.natural_course else ():
        known = instrument_names(study)
        if name not in known:
            raise InputError(
                f"natural_course: no instrument '{name}'",
                did_you_mean(name, known, f"instruments: {', '.join(known)}"),
            )
        scales = list(study_instrument(study, name).scales)
        if scale not in scales:
            raise InputError(
                f"natural_course: {name} has no scale '{scale}'",
                did_you_mean(scale, scales, f"its scales: {', '.join(scales)}"),
            )
    walking = study.natural_course and study.natural_course.walking
    if walking and not any(table == "isncsci" for _, table, _ in study.mappings):
        raise InputError(
            "natural_course.walking: the study has no ISNCSCI exams",
            "the published rules predict from such exams; leave walking out",
        )


def names_of_results(study: Study) -> list[str]:
    """Names of endpoints, responders, events and comparisons; InputError where one is twice."""
    comparisons = study.natural_recovery.comparisons if study.natural_recovery else ()
    parts = (study.endpoints, study.responders, study.event_times, comparisons)
    names = [item.name for part in parts for item in part]
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"'{name}' is duplicated among endpoints, responders, event_times and comparisons",
                "each name may occur only once: it names the results",
            )
    return names


def recorded_instruments(study: Study) -> tuple[RecordedInstrument, ...]:
    """Instruments that are recorded as scores without items, with the labels of these scores."""
    columns: dict[str, dict[str, None]] = {}
    for _, table, mapping in study.mappings:
        if mapping.scores == "recorded":
            columns.setdefault(table, {}).update(dict.fromkeys(mapping.columns))
    found = []
    for table, names in columns.items():
        instrument = study_instrument(study, table)
        known = {name.removeprefix(RECORDED) for name in names if name.startswith(RECORDED)}
        parts = recorded_parts(instrument, known)
        labels = {name: instrument.scales[name].label for name in parts}
        found.append(
            RecordedInstrument(
                instrument=table,
                label=instrument.label,
                scales=tuple(label for name, label in labels.items() if parts[name] == (name,)),
                summed=tuple(label for name, label in labels.items() if parts[name] != (name,)),
            )
        )
    return tuple(found)


def complete_endpoint(endpoint: Endpoint, study: Study) -> CompleteEndpoint:
    """One endpoint with its defaults and the facts of its scale."""
    scale = _scale(endpoint, study)
    defaults = study.estimand_defaults
    events = endpoint.intercurrent_events
    found: dict[str, object] = {
        "name": endpoint.name,
        "label": endpoint.label,
        "instrument": endpoint.instrument,
        "instrument_label": study_instrument(study, endpoint.instrument).label,
        "scale": scale.name,
        "kind": instrument_kind(study, endpoint.instrument, scale),
        "family": endpoint.family,
        "baseline": study.baseline if endpoint.baseline is None else endpoint.baseline,
        "time_point": study.time_point if endpoint.time_point is None else endpoint.time_point,
        "population": _population(endpoint.population or defaults.population, study),
        "summary": _summary(endpoint, study, scale),
        "intercurrent_events": defaults.intercurrent_events if events is None else events,
        "declared": endpoint.name in study.plan.endpoints,
        "minimum": _end(scale.minimum),
        "maximum": _end(scale.maximum),
        "lower_is_better": scale.direction == "lower_is_better",
        "resolution": scale.resolution,
        "unit": scale.unit,
        "grades": tuple(level.text for level in scale.levels) if scale.unit == "grade" else (),
        "names": _names(scale),
        **_important_difference(endpoint, scale),
    }
    return CompleteEndpoint.model_validate(
        {name: value for name, value in found.items() if value is not None}
    )


def _names(scale: Scale) -> tuple[str, ...]:
    """The names of the steps of a scale: C1, C2 ...; none where they are its numbers."""
    values = [level.value for level in scale.levels]
    one_apart = values == [scale.minimum + step for step in range(len(values))]
    names = tuple(level.text for level in scale.levels)
    return names if one_apart and not all(name.isdigit() for name in names) else ()


def _summary(endpoint: Endpoint, study: Study, scale: Scale) -> str:
    """What sums up the population: the endpoint's own, the study's, or the usual of its kind."""
    is_yes_no = instrument_kind(study, endpoint.instrument, scale) == "yes_no"
    usual = study.design.called.within(YES_NO_SUMMARY if is_yes_no else USUAL_SUMMARY)
    said = endpoint.summary, study.estimand_defaults.summary
    return next((summary for summary in said if summary is not None), usual)


def _population(name: Population, study: Study) -> Population:
    """The analysis set; nobody is called treated in a study without treatments."""
    return "all" if name == "treated" and not study.has_treatments else name


def _with_populations(study: Study) -> Sensitivity:
    sets = tuple(_population(name, study) for name in study.sensitivity.populations)
    return study.sensitivity.model_copy(update={"populations": tuple(dict.fromkeys(sets))})


def _end(value: float) -> float | None:
    """Lowest or highest value of a scale; None where there is none."""
    return value if math.isfinite(value) else None


def _scale(endpoint: Endpoint, study: Study) -> Scale:
    name = endpoint.instrument
    known = instrument_names(study)
    if name not in known:
        raise InputError(
            f"endpoints.{endpoint.name}: no instrument '{name}'",
            did_you_mean(name, known, f"instruments: {', '.join(known)}"),
        )
    scales = study_instrument(study, name).scales
    scale = endpoint.scale or (next(iter(scales)) if len(scales) == 1 else None)
    if scale is None:
        raise InputError(
            f"endpoints.{endpoint.name}: says no scale of {name}",
            f"its scales: {', '.join(scales)}",
        )
    if scale not in scales:
        raise InputError(
            f"endpoints.{endpoint.name}: {name} has no scale '{scale}'",
            did_you_mean(scale, list(scales), f"its scales: {', '.join(scales)}"),
        )
    return scales[scale]


def _important_difference(endpoint: Endpoint, scale: Scale) -> dict[str, ChosenDifference]:
    """The important difference under its key; no key where the configuration chooses none."""
    chosen = endpoint.important_difference
    if chosen is None:
        return {}
    kept = {"threshold": chosen.threshold, "source": chosen.source}
    if chosen.source:
        found = ChosenDifference.model_validate({**kept, "kind": "declared", "population": ""})
        return {"important_difference": found}
    for known in scale.important_differences:
        if known.threshold == chosen.threshold:
            cited = {name: getattr(known, name) for name in ChosenDifference.model_fields}
            return {"important_difference": ChosenDifference.model_validate(cited)}
    texts = [f"{plain(known.threshold)} ({known.source})" for known in scale.important_differences]
    raise InputError(
        f"endpoints.{endpoint.name}.important_difference: the instrument cites no threshold "
        f"{plain(chosen.threshold)} for {scale.name}",
        f"it cites: {'; '.join(texts) or 'none'}; or say under 'source' where it comes from",
    )


def _named_visits(study: Study) -> Iterator[tuple[str, str]]:
    """Every visit that an estimand names, with its place in the configuration."""
    for endpoint in study.endpoints:
        for key, named in (("baseline", endpoint.baseline), ("time_point", endpoint.time_point)):
            if named is not None:
                yield f"endpoints.{endpoint.name}.{key}", named
    for visit in study.sensitivity.baselines:
        yield "sensitivity.baselines", visit
    for visit in study.sensitivity.time_points:
        yield "sensitivity.time_points", visit
    for comparison in study.natural_recovery.comparisons if study.natural_recovery else ():
        place = f"natural_recovery.comparisons.{comparison.name}"
        for key, exam in (("baseline", comparison.baseline), ("follow_up", comparison.follow_up)):
            if exam.visit is not None:
                yield f"{place}.{key}", exam.visit


def _check_visit(visits: Sequence[str], place: str, visit: str) -> None:
    if visit not in visits:
        raise InputError(
            f"{place}: '{visit}' is not one of the visits",
            did_you_mean(visit, list(visits), f"visits: {', '.join(visits)}"),
        )


def _check_order(visits: Sequence[str], endpoint: CompleteEndpoint) -> None:
    if endpoint.baseline == endpoint.time_point:
        raise InputError(
            f"endpoints.{endpoint.name}: its time point is its baseline '{endpoint.baseline}'",
            "name a later visit under time_point",
        )
    if visits.index(endpoint.baseline) > visits.index(endpoint.time_point):
        raise InputError(
            f"endpoints.{endpoint.name}: its time point '{endpoint.time_point}' comes before its "
            f"baseline '{endpoint.baseline}'",
            "visits are in the order of the schedule",
        )
