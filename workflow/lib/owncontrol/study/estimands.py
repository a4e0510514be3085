"""The estimands: each endpoint with all that the configuration and its scale say about it.

``analysis_settings`` makes of a checked configuration what the analysis notebooks and the report
are given: every endpoint is complete (defaults, facts of its scale, whether the plan declares it),
and every visit that is named anywhere exists.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from owncontrol.basics.decimals import plain
from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.program_files import INSTRUMENTS
from owncontrol.errors import InputError
from owncontrol.instruments import Instrument, Scale, load_instrument, recorded_parts
from owncontrol.study.config import study_clocks

Config = dict[str, Any]
RECORDED = "recorded_"
DEFAULTED = ("population", "summary", "intercurrent_events")


def analysis_settings(config: Config) -> Config:
    """``config`` with its endpoints complete, and ``post_hoc``: names that the plan lacks.

    Each endpoint gets, beside what it says itself: baseline, time_point, population, summary and
    intercurrent_events; declared; of its scale lower_is_better, minimum, maximum, resolution,
    unit and grades (texts of the grades in order, for a scale of grades). ``undefined`` lists what
    the plan declares and the configuration does not define; ``clocks``: on which of them days are
    known; ``recorded``: see ``recorded_instruments``.

    Raises InputError for an unknown visit, instrument or scale, and for an important difference
    that has neither a source nor a place among those that the instrument cites.
    """
    for place, visit in _named_visits(config):
        _check_visit(config, place, visit)
    endpoints = [complete_endpoint(endpoint, config) for endpoint in config["endpoints"]]
    for endpoint in endpoints:
        _check_order(config, f"endpoints.{endpoint['name']}", endpoint)
    recovery = config.get("natural_recovery", {"comparisons": []})
    declared = config["plan"]["endpoints"]
    names = [
        item["name"]
        for part in (endpoints, config["responders"], recovery["comparisons"])
        for item in part
    ]
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"'{name}' stands twice among endpoints, responders and comparisons",
                "each name may stand once: it names the results",
            )
    return {
        **config,
        "endpoints": endpoints,
        "post_hoc": [name for name in names if name not in declared],
        "undefined": [name for name in declared if name not in names],
        "clocks": study_clocks(config, (path.stem for path in INSTRUMENTS.glob("*.yaml"))),
        "recorded": recorded_instruments(config),
    }


def recorded_instruments(config: Config) -> list[Config]:
    """Instruments that are recorded as scores without items, with the labels of these scores.

    ``scales``: labels of those that the files have; ``summed``: of those that are sums of them.
    """
    columns: dict[str, dict[str, None]] = {}
    for export in config["exports"].values():
        for table, mapping in export["tables"].items():
            if mapping["scores"] == "recorded":
                columns.setdefault(table, {}).update(dict.fromkeys(mapping["columns"]))
    found = []
    for table, names in columns.items():
        instrument = _instrument(INSTRUMENTS / f"{table}.yaml")
        known = {name.removeprefix(RECORDED) for name in names if name.startswith(RECORDED)}
        parts = recorded_parts(instrument, known)
        labels = {name: instrument.scales[name].label for name in parts}
        found.append(
            {
                "instrument": table,
                "label": instrument.label,
                "scales": [label for name, label in labels.items() if parts[name] == (name,)],
                "summed": [label for name, label in labels.items() if parts[name] != (name,)],
            }
        )
    return found


def complete_endpoint(endpoint: Config, config: Config) -> Config:
    """One endpoint with its defaults and the facts of its scale."""
    scale = _scale(endpoint)
    defaults = config["estimand_defaults"]
    return {
        **endpoint,
        "baseline": endpoint.get("baseline", config["baseline"]),
        "time_point": endpoint.get("time_point", config["time_point"]),
        **{key: endpoint.get(key, defaults[key]) for key in DEFAULTED},
        "declared": endpoint["name"] in config["plan"]["endpoints"],
        "important_difference": _important_difference(endpoint, scale),
        "lower_is_better": scale.direction == "lower_is_better",
        "minimum": scale.minimum,
        "maximum": scale.maximum,
        "resolution": scale.resolution,
        "unit": scale.unit,
        "grades": [level.text for level in scale.levels] if scale.unit == "grade" else [],
    }


def _scale(endpoint: Config) -> Scale:
    name, scale = endpoint["instrument"], endpoint["scale"]
    path = INSTRUMENTS / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in INSTRUMENTS.glob("*.yaml"))
        raise InputError(
            f"endpoints.{endpoint['name']}: no instrument '{name}'",
            did_you_mean(name, known, f"instruments: {', '.join(known)}"),
        )
    scales = _instrument(path).scales
    if scale not in scales:
        raise InputError(
            f"endpoints.{endpoint['name']}: {name} has no scale '{scale}'",
            did_you_mean(scale, scales, f"its scales: {', '.join(scales)}"),
        )
    return scales[scale]


@cache
def _instrument(path: Path) -> Instrument:
    return load_instrument(path)


def _important_difference(endpoint: Config, scale: Scale) -> Config | None:
    """Threshold, kind, population and source; None where the configuration chooses none."""
    chosen = endpoint.get("important_difference")
    if chosen is None:
        return None
    if chosen["source"]:
        return {**chosen, "kind": "declared", "population": ""}
    for known in scale.important_differences:
        if known.threshold == chosen["threshold"]:
            return {
                "threshold": known.threshold,
                "kind": known.kind,
                "population": known.population,
                "source": known.source,
            }
    cited = [f"{plain(known.threshold)} ({known.source})" for known in scale.important_differences]
    raise InputError(
        f"endpoints.{endpoint['name']}.important_difference: the instrument cites no threshold "
        f"{plain(chosen['threshold'])} for {scale.name}",
        f"it cites: {'; '.join(cited) or 'none'}; or say under 'source' where it comes from",
    )


def _named_visits(config: Config) -> Iterator[tuple[str, str]]:
    """Every visit that an estimand names, with its place in the configuration."""
    for part in ("endpoints", "responders"):
        for item in config[part]:
            for key in ("baseline", "time_point"):
                if key in item:
                    yield f"{part}.{item['name']}.{key}", item[key]
    for key in ("baselines", "time_points"):
        for visit in config["sensitivity"][key]:
            yield f"sensitivity.{key}", visit
    for comparison in config.get("natural_recovery", {"comparisons": []})["comparisons"]:
        for key in ("baseline", "follow_up"):
            if "visit" in comparison[key]:
                place = f"natural_recovery.comparisons.{comparison['name']}.{key}"
                yield place, comparison[key]["visit"]


def _check_visit(config: Config, place: str, visit: str) -> None:
    visits = [item["name"] for item in config["visits"]]
    if visit not in visits:
        raise InputError(
            f"{place}: '{visit}' is not one of the visits",
            did_you_mean(visit, visits, f"visits: {', '.join(visits)}"),
        )


def _check_order(config: Config, place: str, item: Config) -> None:
    visits = [visit["name"] for visit in config["visits"]]
    if visits.index(item["baseline"]) > visits.index(item["time_point"]):
        raise InputError(
            f"{place}: its time point '{item['time_point']}' comes before its baseline "
            f"'{item['baseline']}'",
            "visits are in the order of the schedule",
        )
