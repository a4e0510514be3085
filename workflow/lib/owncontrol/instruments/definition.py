"""A definition made into an Instrument: axes expanded, names resolved, ranges checked."""

import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import reduce
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from owncontrol.basics.decimals import EXACT, in_digits, is_multiple, of_float, plain
from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.program_files import SCHEMAS
from owncontrol.errors import InputError
from owncontrol.instruments.instrument import (
    ImportantDifference,
    Instrument,
    Item,
    Level,
    Range,
    Scale,
)
from owncontrol.instruments.reading import read_checked

SCHEMA = SCHEMAS / "instrument.schema.yaml"

_AXIS = re.compile(r"\{(\w+)\}")


def load_instruments(folder: Path | str) -> dict[str, Instrument]:
    """Read every ``*.yaml`` of ``folder``, by instrument name; InputError if there is none."""
    paths = sorted(Path(folder).glob("*.yaml"))
    if not paths:
        raise InputError(f"{folder}: no instrument there", "name the folder that holds the *.yaml")
    return {path.stem: load_instrument(path) for path in paths}


def load_instrument(path: Path | str) -> Instrument:
    """Read one definition; InputError with file, key, value and what is allowed on any fault."""
    path = Path(path)
    instrument = instrument_of(read_checked(path, SCHEMA), str(path))
    if instrument.name != path.stem:
        raise InputError(
            f"{path}: name: {instrument.name!r} is not the file's name; allowed: {path.stem!r}",
            "rename the file or the instrument",
        )
    return instrument


def instrument_of(document: dict[str, Any], source: str) -> Instrument:
    """The instrument of a definition that fits the schema; ``source``: where that is from.

    Raises InputError where its parts contradict each other.
    """
    try:
        return _Builder(document).build()
    except InputError as fault:
        raise InputError(f"{source}: {fault.message}", fault.hint) from None


class _Builder:
    """Turns a document that fits the schema into an Instrument, or says what contradicts."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.axes: dict[str, dict[str, str]] = document.get("axes", {})
        self.items: dict[str, Item] = {}
        self.value_sets: dict[str, dict[str, Any]] = {}  # by item
        self.scales: dict[str, Scale] = {}

    def build(self) -> Instrument:
        keys = self.document
        for entry in keys["items"]:
            for binding in self._bindings(entry["name"], {}):
                item = self._item(entry, binding)
                _add(self.items, item.name, item, "items")
        for entry in keys["scales"]:
            for binding in self._bindings(entry["name"], {}):
                scale = self._scale(entry, binding)
                _add(self.scales, scale.name, scale, "scales")
        return Instrument(
            name=keys["name"],
            label=keys["label"],
            edition=keys["edition"],
            source=keys["source"],
            items=self.items,
            scales=self.scales,
            algorithm=keys.get("algorithm"),
        )

    def _bindings(self, template: str, bound: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """Each choice of keys for the axes in ``template`` that ``bound`` leaves open."""
        open_axes = [a for a in dict.fromkeys(_AXIS.findall(template)) if a not in bound]
        for axis in open_axes:
            if axis not in self.axes:
                raise InputError(
                    f"{template!r}: no axis {axis!r}; allowed: {', '.join(self.axes) or 'none'}",
                    "list its keys under 'axes'",
                )
        for keys in product(*(self.axes[axis] for axis in open_axes)):
            yield {**bound, **dict(zip(open_axes, keys, strict=True))}

    def _label(self, template: str, binding: Mapping[str, str]) -> str:
        labels = {axis: self.axes[axis][key] for axis, key in binding.items()}
        return _fill(template, labels)

    def _item(self, entry: dict[str, Any], binding: Mapping[str, str]) -> Item:
        name = _fill(entry["name"], binding)
        values = self._value_set(entry["values"], f"items[{name}].values")
        self.value_sets[name] = values
        not_testable = {str(value) for value in values.get("not_testable", [])}
        tags = values.get("tags", {"marks": [], "after": []})
        tagged = {str(value) for value in tags["after"]}
        codes: dict[str, float | None] = {}
        untestable = []
        for text, code in _coded(values).items():
            for mark in ("", *(tags["marks"] if text in tagged else ())):
                codes[text + mark] = code
                if text in not_testable:
                    untestable.append(text + mark)
        return Item(
            name=name,
            label=self._label(entry["label"], binding),
            values=tuple(codes),
            codes=tuple(codes.values()),
            not_testable=tuple(untestable),
            optional=entry.get("optional", False),
            range=values.get("range"),
            earlier=_earlier(values),
            earlier_note=values.get("earlier", {}).get("note", ""),
        )

    def _value_set(self, name: str, where: str) -> dict[str, Any]:
        sets = self.document["value_sets"]
        if name not in sets:
            raise InputError(
                f"{where}: no value set {name!r}; allowed: {', '.join(sets)}",
                "describe its values under 'value_sets'",
            )
        values: dict[str, Any] = sets[name]
        if "range" in values:
            return {"range": _range(**values["range"], where=where), "values": []}
        texts = [str(value) for value in values["values"]]
        marked = values.get("tags", {"after": []})["after"]
        stood_for = [value for _, value in _earlier(values)]
        spoken_of = (*values.get("not_testable", ()), *marked, *values.get("labels", ()))
        for key in (*spoken_of, *stood_for):
            if str(key) not in texts:
                raise InputError(
                    f"value_sets.{name}: {key!r} is not one of its values; allowed: "
                    f"{', '.join(texts)}",
                    "not_testable, tags.after, earlier and labels speak of the set's own values",
                )
        return values

    def _scale(self, entry: dict[str, Any], binding: Mapping[str, str]) -> Scale:
        name = _fill(entry["name"], binding)
        where = f"scales[{name}]"
        parts = tuple(
            _fill(template, keys)
            for template in entry["items"]
            for keys in self._bindings(template, binding)
        )
        items = self._scale_items(entry, parts, where)
        missing = entry.get("missing", self.document["missing"])
        differences = entry.get("important_differences", [])
        scale = Scale(
            name=name,
            label=self._label(entry["label"], binding),
            items=items,
            parts=parts,
            kind=entry["kind"],
            direction=entry["direction"],
            minimum=float(entry.get("minimum", -math.inf)),
            maximum=float(entry.get("maximum", math.inf)),
            resolution=float(entry.get("resolution", 0)),
            unit=entry["unit"],
            missing_rule=missing["rule"],
            missing_allowed=missing.get("allowed", 0),
            missing_source=missing["source"],
            levels=self._levels(entry, items, where),
            important_differences=tuple(_difference(d) for d in differences),
        )
        self._check_kind(scale, where)
        if scale.kind != "algorithm":
            _check_range(scale, [self.items[item] for item in scale.items], where)
        _check_missing(scale, where)
        for difference in scale.important_differences:
            _check_difference(scale, difference, where)
        return scale

    def _check_kind(self, scale: Scale, where: str) -> None:
        """Beside an algorithm there are only sums: of its outputs, or of items."""
        if "algorithm" not in self.document:
            if scale.kind == "algorithm":
                raise InputError(
                    f"{where}.kind: 'algorithm', but the instrument names none; allowed: sum, item",
                    "name the algorithm under 'algorithm'",
                )
        elif scale.kind == "item" or (
            scale.kind == "sum"
            and not (
                (set(scale.parts) <= set(self.scales) or set(scale.parts) <= set(self.items))
                and scale.missing_allowed == 0
            )
        ):
            raise InputError(
                f"{where}.kind: {scale.kind!r} beside an algorithm; allowed: algorithm, or a sum "
                "of earlier scales or of items that requires them all",
                "the algorithm scores the items",
            )

    def _scale_items(
        self, entry: dict[str, Any], parts: tuple[str, ...], where: str
    ) -> tuple[str, ...]:
        names: list[str] = []
        for part in parts:
            if part in self.items:
                names.append(part)
            elif part in self.scales:
                names.extend(self.scales[part].items)
            else:
                raise InputError(
                    f"{where}.items: {part!r} is neither an item nor an earlier scale",
                    did_you_mean(part, [*self.items, *self.scales], "list it under 'items' first"),
                )
        unique = tuple(dict.fromkeys(names))
        if entry["kind"] == "sum" and len(unique) != len(names):
            twice = next(name for name in unique if names.count(name) > 1)
            raise InputError(f"{where}.items: {twice!r} is added twice", "a sum takes it once")
        if entry["kind"] == "item" and len(unique) != 1:
            raise InputError(f"{where}.items: {len(unique)} items; allowed: one", "or use sum")
        return unique

    def _levels(
        self, entry: dict[str, Any], items: tuple[str, ...], where: str
    ) -> tuple[Level, ...]:
        """The grades of a single item, or of an algorithm's ordinal output; else none."""
        if "values" in entry and entry["kind"] != "algorithm":
            raise InputError(
                f"{where}.values: only for kind 'algorithm'",
                "a scale of items takes the values of its items",
            )
        if "values" in entry:
            values = self._value_set(entry["values"], f"{where}.values")
        elif entry["kind"] == "item" and not self.items[items[0]].range:
            values = self.value_sets[items[0]]
        else:
            return ()
        labels = values.get("labels", {})
        return tuple(
            Level(code, text, labels.get(text, text))
            for text, code in _coded(values).items()
            if code is not None
        )


def _add(entries: dict[str, Any], name: str, entry: Item | Scale, where: str) -> None:
    if name in entries:
        raise InputError(f"{where}: {name!r} is duplicated", "each name once")
    entries[name] = entry


def _fill(template: str, values: Mapping[str, str]) -> str:
    return _AXIS.sub(lambda match: values.get(match[1], match[0]), template)


def _range(
    where: str,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    step: float | None = None,
) -> Range:
    """A range as exact decimals; two ends are a whole number of steps apart."""
    low, high = of_float(minimum), of_float(maximum)
    grid = None if step is None else of_float(step)
    uneven = grid is not None and low.is_finite() and high.is_finite()
    if high <= low or (
        uneven and grid is not None and not is_multiple(EXACT.subtract(high, low), grid)
    ):
        by = "" if grid is None else f" in steps of {in_digits(grid)}"
        raise InputError(
            f"{where}: no range leads from {in_digits(low)} to {in_digits(high)}{by}",
            "the maximum is above the minimum, a whole number of steps away",
        )
    return Range(low, high, grid)


def _coded(values: Mapping[str, Any]) -> dict[str, float | None]:
    """Number of each value: its rank, or what it reads as; None for words and not testable."""
    not_testable = {str(value) for value in values.get("not_testable", [])}
    texts = [str(value) for value in values["values"]]
    codes: dict[str, float | None] = {}
    for text in texts:
        if text in not_testable:
            codes[text] = None
        elif "rank_from" in values:
            codes[text] = float(values["rank_from"] + len(codes))
        else:
            codes[text] = float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None
    return codes


def _earlier(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What earlier editions wrote, each with the value that it stands for."""
    known = values.get("earlier", {"values": {}})["values"]
    return tuple((str(written), str(value)) for written, value in known.items())


def _difference(entry: dict[str, Any]) -> ImportantDifference:
    return ImportantDifference(
        threshold=float(entry["threshold"]),
        upper=float(entry["upper"]) if "upper" in entry else None,
        kind=entry["kind"],
        population=entry["population"],
        source=entry["source"],
    )


def _check_range(scale: Scale, items: list[Item], where: str) -> None:
    """The range and resolution that the definition states are those of the items' values."""
    for item in items:
        wordy = [
            text
            for text, code in zip(item.values, item.codes, strict=True)
            if code is None and text not in item.not_testable
        ]
        if wordy:
            raise InputError(
                f"{where}.items: {item.name!r} has no number for {wordy[0]!r}",
                "give its value set 'rank_from', or name the value under 'not_testable'",
            )
    for key, value in _possible(items, scale.resolution).items():
        if of_float(getattr(scale, key)) != value:
            raise InputError(
                f"{where}.{key}: {plain(getattr(scale, key))}, but its items' values give "
                f"{in_digits(value)}",
                "one of the two is wrong: compare both with the instrument's form",
            )


def _possible(items: list[Item], declared: float) -> dict[str, Decimal]:
    """Lowest and highest sum of some items, and the smallest difference of two sums.

    Of items without steps any difference is possible: then the declared resolution stands.
    """
    sums = {Decimal(0)}
    low = high = Decimal(0)
    steps: list[Decimal] = []
    is_stepless = False
    for item in items:
        if item.range is None:
            codes = [of_float(code) for code in item.codes if code is not None]
            sums = {EXACT.add(total, code) for total in sums for code in codes}
        else:
            low, high = EXACT.add(low, item.range.minimum), EXACT.add(high, item.range.maximum)
            steps += [item.range.step] if item.range.step is not None else []
            is_stepless |= item.range.step is None
    rated = sorted(sums)
    steps += [EXACT.subtract(b, a) for a, b in pairwise(rated)]
    found = {"minimum": EXACT.add(low, rated[0]), "maximum": EXACT.add(high, rated[-1])}
    if is_stepless or not steps:
        return {**found, "resolution": of_float(declared)}
    measured = any(item.range is not None for item in items)
    return {**found, "resolution": reduce(_common_step, steps) if measured else min(steps)}


def _common_step(one: Decimal, other: Decimal) -> Decimal:
    """The largest step that both are whole multiples of (Euclid)."""
    while other:
        one, other = other, EXACT.remainder(one, other)
    return one


def _check_missing(scale: Scale, where: str) -> None:
    strict = scale.missing_rule == "require_all"
    low, high = (0, 0) if strict else (1, len(scale.items) - 1)
    if scale.kind == "sum" and not low <= scale.missing_allowed <= high:
        raise InputError(
            f"{where}.missing.allowed: {scale.missing_allowed}; allowed with "
            f"{scale.missing_rule}: {low} to {high}",
            "it is the number of items that may be missing from the sum",
        )


def _check_difference(scale: Scale, difference: ImportantDifference, where: str) -> None:
    width = scale.maximum - scale.minimum
    upper = difference.upper if difference.upper is not None else difference.threshold
    if not difference.threshold <= upper <= width:
        raise InputError(
            f"{where}.important_differences: {plain(difference.threshold)} to "
            f"{plain(upper)}; allowed: in order, and at most the scale's width, "
            f"{plain(width)}",
            f"check it against {difference.source}",
        )
