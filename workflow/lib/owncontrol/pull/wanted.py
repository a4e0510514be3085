"""Which columns of a REDCap project a study maps; no other is asked for."""

import re
from collections.abc import Collection, Iterator, Sequence

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.patterns import compiled
from owncontrol.errors import InputError
from owncontrol.ingest.redcap_header import ADDED
from owncontrol.study.exports import Export, is_in_name
from owncontrol.study.table_mapping import ColumnPattern, TableMapping, raw_names

VISIT = "{visit}"
EVENT, FORM = "redcap_event_name", "redcap_repeat_instrument"
# What REDCap puts into an export by itself, where the project has it.
BY_ITSELF = frozenset(ADDED.values()) - {"record_id"}


def wanted_columns(exports: Collection[Export], known: Sequence[str]) -> list[str]:
    """The columns of the project that some mapping reads, in the project's order.

    ``exports``: entries that read one file. ``known``: every column that the project can export.
    Raises InputError for a column that a mapping names and the project does not have.
    """
    found: set[str] = set()
    for export in exports:
        for name in _named(export):
            if name not in known and name not in BY_ITSELF:
                raise InputError(
                    f"the configuration maps '{name}', which the project does not have",
                    did_you_mean(name, known, "was the field removed or renamed in REDCap?"),
                )
            found.add(name)
        for mapping in export.tables.values():
            found |= set(_by_pattern(mapping, known))
            # Of a long table the mapping names item codes, too, which are texts in a column.
            found |= set(_mapped(mapping)) if mapping.long else set()
    return [name for name in known if name in found]


def check_events(exports: Collection[Export], events: Collection[str]) -> None:
    """Raise InputError for an event that a mapping names and the project does not have."""
    named: set[str] = set()
    for export in exports:
        named |= set(_texts(export.keep.get(EVENT, ())))
        for mapping in export.tables.values():
            named |= set(_texts(mapping.rows.get(EVENT, ())))
            if mapping.columns.get("visit") == EVENT:
                named |= set(mapping.recode.get("visit", ()))
    for name in sorted(named - {""} - set(events)):
        raise InputError(
            f"the configuration names the event '{name}', which the project does not have",
            did_you_mean(name, sorted(events), "was the event renamed in REDCap?"),
        )


def check_forms(exports: Collection[Export], forms: Collection[str]) -> None:
    """Raise InputError for a repeating form of a mapping that is no form of the project."""
    for export in exports:
        for mapping in export.tables.values():
            for name in set(_texts(mapping.rows.get(FORM, ()))) - {""} - set(forms):
                raise InputError(
                    f"the configuration names the form '{name}', which the project does not have",
                    did_you_mean(name, sorted(forms), "was the form renamed in REDCap?"),
                )


def _texts(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _named(export: Export) -> Iterator[str]:
    """Raw columns that an entry names one by one."""
    names = [*export.keep]
    names += [name for rule in export.exclusive for name in (rule.box, *rule.others)]
    names += [name for rule in export.numbered for name in (rule.column, rule.within)]
    for mapping in export.tables.values():
        names += [*mapping.rows, mapping.form_state, mapping.long.value_column]
        names += [*mapping.long.item_columns, *mapping.baseline_columns.raw.values()]
        if not mapping.long:
            names += _mapped(mapping)
    return (name for name in names if name and VISIT not in name and not is_in_name(name))


def _mapped(mapping: TableMapping) -> list[str]:
    return [name for value in mapping.columns.values() for name in raw_names(value)]


def _by_pattern(mapping: TableMapping, known: Sequence[str]) -> Iterator[str]:
    """Columns that a pattern of the mapping finds, or a name with the visit in it."""
    wide = [raw for raw in _mapped(mapping) if VISIT in raw]
    texts = [re.escape(raw).replace(re.escape(VISIT), f"(?:{mapping.wide})") for raw in wide]
    patterns = [(text, None) for text in texts] + [
        (pattern.raw.replace(VISIT, f"(?:{mapping.wide})"), pattern)
        for pattern in ([] if mapping.long else mapping.patterns)
    ]
    for text, pattern in patterns:
        expression = compiled(text, "patterns")
        for name in known:
            match = expression.fullmatch(name)
            if match:
                yield name
                yield from _mark(match, pattern, known)


def _mark(
    match: re.Match[str], pattern: ColumnPattern | None, known: Sequence[str]
) -> Iterator[str]:
    """The column that marks another one, where the pattern names it."""
    if pattern is None or not pattern.mark:
        return
    name = str(pattern.mark.raw)
    for place, group in enumerate(match.groups(), start=1):
        name = name.replace(f"{{{place}}}", group or "")
    if name in known:
        yield name
