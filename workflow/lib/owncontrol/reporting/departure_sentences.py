"""Each departure from the frozen plan in a sentence, named by what it is."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from owncontrol.basics.number_texts import percent
from owncontrol.study.plan_departures import AREAS, ORDER, Area, Departure
from owncontrol.study.settings import AnalysisSettings

MOST_TOLD = 3  # departures of an area with a sentence of their own
MOST_OF_VERDICT = 8  # of the comparison that the verdict is about
LONGEST = 160  # characters of a value in a sentence; the table has all of it
PLAN = "the frozen plan"
Labels = Mapping[str, str]
# Keys that change how a thing is called, and no number.
WORDING = ("label", "source", "remark", "unit", ORDER)


def told_by_area(
    departures: Sequence[Departure], settings: AnalysisSettings
) -> list[tuple[Area, list[str]]]:
    """By area, what decides the verdict first, the sentences on its departures.

    Each area has some, however many there are of another; those on wording come last in it.
    """
    by_area: dict[Area, list[str]] = {}
    for item in sorted(departures, key=_rank):
        if told := departure_sentence(item, settings):
            by_area.setdefault(item.area, []).append(told)
    return list(by_area.items())


def most_told(area: Area) -> int:
    """How many departures of an area have a sentence on the first page."""
    return MOST_OF_VERDICT if area is Area.BENCHMARK else MOST_TOLD


def _rank(item: Departure) -> tuple[int, bool, bool]:
    """By area; in it what the verdict is about first, and last what is wording."""
    order = list(dict.fromkeys([*FIRST, *Area]))
    keys = item.key.split(".")
    is_primary = keys[1:2] == ["primary"] or item.key == f"endpoints.{ORDER}"
    return order.index(item.area), keys[-1] in WORDING and not is_primary, not is_primary


def departure_sentence(departure: Departure, settings: AnalysisSettings) -> str:
    """The sentence; empty where another one says it (an exclusion, the rates of no comparison)."""
    labels = {visit.name: visit.label for visit in settings.visits}
    labels |= {endpoint.name: endpoint.label for endpoint in settings.endpoints}
    told = SENTENCES.get(departure.area, _generic)
    return told(departure, labels)


def _level(item: Departure, labels: Labels) -> str:
    return (
        f"The level of confidence is {percent(float(item.now))} %; {PLAN} has "
        f"{percent(float(item.frozen))} %."
    )


def _baseline(item: Departure, labels: Labels) -> str:
    return (
        f"Changes are counted from {_label(item.now, labels)}; {PLAN} counts them from "
        f"{_label(item.frozen, labels)}."
    )


def _time_point(item: Departure, labels: Labels) -> str:
    return (
        f"The main result is the change at {_label(item.now, labels)}; in {PLAN} it is the change "
        f"at {_label(item.frozen, labels)}."
    )


def _visit(item: Departure, labels: Labels) -> str:
    keys = item.key.split(".")
    if len(keys) == 2 and keys[1] != ORDER:
        return _whole("visit", item)
    if keys[-1] == "window" and item.now and item.frozen:
        return (
            f"The window of {_label(keys[1], labels)} is {_days(item.now)}; {PLAN} has "
            f"{_days(item.frozen)}."
        )
    return _generic(item, labels)


def _endpoint(item: Departure, labels: Labels) -> str:
    keys = item.key.split(".")
    if keys[-1] == ORDER:
        now, then = (text.split(", ")[0] for text in (item.now, item.frozen))
        if now == then:
            return f"The endpoints are in another order than in {PLAN}."
        return (
            f"The primary endpoint is {_label(now, labels)}; in {PLAN} it is "
            f"{_label(then, labels)}."
        )
    if len(keys) == 2 and item.frozen and not item.now:
        return f"The endpoint {_short(item.frozen)} of {PLAN} is not analysed."
    if len(keys) == 2:
        return f"The endpoint {_short(item.now)} is analysed; {PLAN} does not have it."
    if keys[2] == "important_difference" and keys[-1] in ("threshold", "important_difference"):
        return (
            f"The important difference of {_label(keys[1], labels)} is {item.now or 'not set'}; "
            f"{PLAN} has {item.frozen or 'none'}."
        )
    return _generic(item, labels)


def _benchmark(item: Departure, labels: Labels) -> str:
    keys = item.key.split(".")
    if len(keys) == 1 and item.frozen and not item.now:
        return f"The change is not compared with published rates; {PLAN} has that comparison."
    if len(keys) == 1:
        return f"The change is compared with published rates; {PLAN} has no such comparison."
    if keys[1] == "benchmark":
        return (
            f"The main published rate is that of {_short(item.now)}; {PLAN} has that of "
            f"{_short(item.frozen)}."
        )
    if keys[1] == "comparisons" and len(keys) == 3 and keys[2] != ORDER:
        return _whole("comparison", item)
    return _generic(item, labels)


def _rates(item: Departure, labels: Labels) -> str:
    both = item.frozen and item.now
    return f"The table of published rates is not the one of {PLAN}." if both else ""


def _course(item: Departure, labels: Labels) -> str:
    both = item.frozen and item.now
    if item.key.endswith("(content)"):
        return f"The table of published courses is not the one of {PLAN}." if both else ""
    if "." in item.key:
        return _generic(item, labels)
    if item.frozen:
        return f"Scores are not compared with a published course; {PLAN} has that comparison."
    return f"Scores are compared with a published course; {PLAN} has no such comparison."


def _exclusion(item: Departure, labels: Labels) -> str:
    entry = item.key.partition(".")[2]
    if not item.now:
        return f"{entry} is not excluded; {PLAN} excludes it."
    if item.frozen:
        return (
            f"The reason for excluding {entry} reads “{_short(item.now)}”; in {PLAN} it "
            f"reads “{_short(item.frozen)}”."
        )
    return ""


def _claim(item: Departure, labels: Labels) -> str:
    keys = item.key.split(".")
    if len(keys) == 2 and keys[1] != ORDER:
        if not item.now:
            return f"Claim {keys[1]} of {PLAN} is not examined: “{_short(item.frozen)}”."
        return f"Claim {keys[1]} is not in {PLAN}: “{_short(item.now)}”."
    if keys[-1] in ("claim", "criterion"):
        what = f"Claim {keys[1]}" if keys[-1] == "claim" else f"The criterion of claim {keys[1]}"
        return f"{what} reads “{_short(item.now)}”; in {PLAN} it reads “{_short(item.frozen)}”."
    return _generic(item, labels)


def _instrument(item: Departure, labels: Labels) -> str:
    name = item.key.partition(".")[2]
    if not item.now:
        return f"The instrument {name} of {PLAN} is not used."
    if not item.frozen:
        return f"The instrument {name} is used; {PLAN} does not have it."
    return f"The definition of the instrument {name} is not the one of {PLAN}."


def _cleaning(item: Departure, labels: Labels) -> str:
    rule = item.key.removeprefix("cleaning.")
    return (
        f"The cleaning rule {rule} is {_short(item.now) or 'not set'}; {PLAN} has "
        f"{_short(item.frozen) or 'none'}."
    )


def _words(item: Departure, labels: Labels) -> str:
    def read(text: str) -> str:
        return f"reads “{_short(text)}”" if text else "is left out"

    return f"The {item.key} of the report {read(item.now)}; in {PLAN} it {read(item.frozen)}."


def _reading(item: Departure, labels: Labels) -> str:
    key = item.key.removeprefix("reading.")
    return (
        f"The reading of raw values, {key}, is {_short(item.now) or 'not set'}; {PLAN} has "
        f"{_short(item.frozen) or 'none'}."
    )


def _generic(item: Departure, labels: Labels) -> str:
    area = f"{item.area[:1].upper()}{item.area[1:]}"
    first, *keys = item.key.split(".")
    words = [_label(key, labels).replace("_", " ") for key in keys]
    if item.area in OF_SEVERAL:
        words.insert(0, first.replace("_", " "))
    key = f", {', '.join(words)}" if words else ""
    return (
        f"{area}{key}: {_short(item.now) or 'nothing'}; {PLAN} has "
        f"{_short(item.frozen) or 'nothing'}."
    )


def _whole(what: str, item: Departure) -> str:
    if not item.now:
        return f"The {what} {_short(item.frozen)} of {PLAN} is gone."
    return f"The {what} {_short(item.now)} is new; {PLAN} does not have it."


def _label(name: str, labels: Labels) -> str:
    return labels.get(name, name)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"


def _days(window: str) -> str:
    first, _, last = window.partition(", ")
    return f"day {first} to day {last}"


SENTENCES: dict[Area, Callable[[Departure, Labels], str]] = {
    Area.LEVEL: _level,
    Area.BASELINE: _baseline,
    Area.TIME_POINT: _time_point,
    Area.VISITS: _visit,
    Area.ENDPOINTS: _endpoint,
    Area.BENCHMARK: _benchmark,
    Area.RATES: _rates,
    Area.COURSE: _course,
    Area.EXCLUSIONS: _exclusion,
    Area.CLAIMS: _claim,
    Area.INSTRUMENTS: _instrument,
    Area.CLEANING: _cleaning,
    Area.READING: _reading,
    Area.WORDS: _words,
}
# Areas of several parts of a plan, of which a sentence has to say which one it is about.
OF_SEVERAL = {area for area, parts in Counter(AREAS.values()).items() if parts > 1}
# Areas that the verdict rests on come first on the page.
FIRST = (
    Area.BENCHMARK,
    Area.RATES,
    Area.LEVEL,
    Area.EXCLUSIONS,
    Area.POPULATIONS,
    Area.READING,
    Area.INSTRUMENTS,
    Area.CLEANING,
)
