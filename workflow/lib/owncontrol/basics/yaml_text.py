"""YAML files of plain values: read within bounds, and no key twice."""

import re
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from owncontrol.basics.file_names import check_is_file
from owncontrol.errors import InputError

# The example has some 2,000 values; an alias of aliases of aliases has as many as one likes.
MOST_VALUES = 50_000
# Control characters but for tab and line ends, halves of surrogate pairs, noncharacters.
NO_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# More than 300 digits are no number of a study, and Python refuses to print 5,000.
MOST_BITS = 1_000
# The example's are 7 levels deep.
DEEPEST = 60
LONGEST_WORD = 1000


TEXT, MERGED = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"


class KeyTwice(yaml.MarkedYAMLError):  # type: ignore[misc]  # PyYAML has no types
    """A key is duplicated in one mapping."""


class PlainValues(yaml.CSafeLoader):  # type: ignore[misc]  # as above
    """YAML of plain values with keys as they are written, none of them twice in a mapping.

    YAML would take 1, 01, yes and 2024-01-01 before a colon for something else than text, and let
    the last of two equal keys win.
    """

    def __init__(self, stream: str) -> None:
        """Start with no mapping looked at."""
        super().__init__(stream)
        self.looked_at: set[yaml.MappingNode] = set()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Look at the keys as they are written, once, before others are merged in (<<)."""
        if node in self.looked_at:
            return
        self.looked_at.add(node)
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != MERGED:
                key.tag = TEXT
            name = (key.tag, str(key.value))
            if name in lines:
                problem = f"the key '{key.value}' occurs here and in line {lines[name]}"
                raise KeyTwice(problem=problem, problem_mark=key.start_mark)
            lines[name] = key.start_mark.line + 1
        self._check_merged(node)
        super().flatten_mapping(node)
        # Of equal keys the last counts; merged into others again and again, they would double.
        node.value = list({(key.tag, str(key.value)): (key, of) for key, of in node.value}.values())

    def _check_merged(self, node: yaml.MappingNode) -> None:
        """Refuse to merge in (<<) more keys than a configuration has."""
        number = 0
        for key, value in node.value:
            if key.tag == MERGED:
                for part in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if isinstance(part, yaml.MappingNode):
                        self.flatten_mapping(part)
                        number += len(part.value)
        if number > MOST_VALUES:
            problem = f"merges in more than {MOST_VALUES} keys"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def read_yaml(path: Path | str) -> dict[str, Any]:
    """Read a YAML file that holds a mapping; plain values alone, no tag makes an object.

    Raises InputError as ``parse_yaml`` does, and where the file holds no mapping.
    """
    check_is_file(Path(path))
    with Path(path).open("rb") as file:
        content = parse_yaml(file.read(), str(path))
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no 'key: value' pairs", "see config/README.md")
    return content


def parse_yaml(text: bytes | str, source: str) -> Any:
    """The plain values of a YAML text.

    Raises InputError with the line where it is no YAML, and where aliases make more of it than a
    person can have meant. ``source``: what the text is, for the message.
    """
    try:
        text = text if isinstance(text, str) else text.decode("utf-8")
        _check_size(text, source)
        content = yaml.load(text, PlainValues)
    except KeyTwice as error:
        raise InputError(
            f"{source}, line {error.problem_mark.line + 1}: {error.problem}",
            "keep one of the two; is the indentation of the second one right?",
        ) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise InputError(
            f"{source}, line {line}: not valid YAML: {error.problem}",
            "mind the indentation, the space behind each colon, and quotes around special signs",
        ) from error
    # A tag that is declared plain (!!int, !!binary) may come before what is none.
    except (yaml.YAMLError, ValueError, RecursionError, LookupError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{source}: not readable as YAML: {reason}", "plain UTF-8 text, dates in quotes"
        ) from error
    if _has_too_many_values(content, source):
        raise InputError(
            f"{source}: unfolds to more than {MOST_VALUES} values", "name fewer aliases (*name)"
        )
    return content


def _check_size(text: str, source: str) -> None:
    """Raise InputError before the loader, which is recursive, runs out of stack or takes long."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, yaml.CSafeLoader)):
        if number > 2 * MOST_VALUES:  # a collection has an event at its end, too
            raise InputError(
                f"{source}, line {event.start_mark.line + 1}: more than {MOST_VALUES} values",
                "is this a configuration? data are read from exports",
            )
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST_WORD:
            if event.implicit[0] and len(event.value.split(maxsplit=1)) == 1:
                raise InputError(
                    f"{source}, line {event.start_mark.line + 1}: a word or number of "
                    f"{len(event.value)} characters without quotes",
                    "put long texts in quotes",
                )
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise InputError(
                    f"{source}, line {event.start_mark.line + 1}: YAML of more than {DEEPEST} "
                    "lists or mappings inside each other",
                    "close the brackets; a configuration is a few levels deep",
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _has_too_many_values(content: Any, source: str) -> bool:
    """Whether the values, each alias counted wherever it stands, are more than a study has."""
    left, number = [content], 0
    while left and number <= MOST_VALUES:
        value = left.pop()
        number += 1
        if isinstance(value, int) and value.bit_length() > MOST_BITS:
            raise InputError(
                f"{source}: a whole number of more than 300 digits", "put texts of digits in quotes"
            )
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
    return number > MOST_VALUES


def check_values(values: Any, source: str) -> None:
    """Raise InputError at the first plain value that no configuration can hold.

    A text with a sign that no file of text can hold; a key that is no text, which no column and no
    name would ever equal; a number that is none.
    """
    left: list[tuple[str, Any]] = [("", values)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str):
                    raise InputError(
                        f"{source}: {place or 'top level'}: the key {key!r} is no text",
                        f'put it in quotes, as the raw file has it: "{key}"',
                    )
                left += [(f"{place}.{key}".strip("."), item), (f"{place}: a key", key)]
        elif isinstance(value, list):
            left += [(f"{place}.{number}", item) for number, item in enumerate(value)]
        elif isinstance(value, float) and not isfinite(value):
            raise InputError(
                f"{source}: {place}: {value} is not permitted; allowed: a finite number",
                "leave out a bound that is none",
            )
        elif isinstance(value, str) and (sign := NO_TEXT.search(value)):
            raise InputError(
                f"{source}: {place}: character {sign.start() + 1} is U+{ord(sign[0]):04X}, which "
                "is not permitted in a text",
                "type the text again; control characters often come in when a text is copied",
            )
