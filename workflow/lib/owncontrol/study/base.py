"""What all parts of a study are made of: frozen, strict types, and the way back to plain values."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from owncontrol.basics.patterns import LONGEST_PATTERN, NO_PATTERN

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class FrozenMapping(Mapping[K, V]):
    """A mapping that nobody can change; it can be hashed and pickled, and equals a dict."""

    __slots__ = ("_content",)

    def __init__(self, content: Mapping[K, V] | None = None) -> None:
        """Copy ``content``; later changes of it do not show here."""
        self._content = dict(content or {})

    def __getitem__(self, key: K) -> V:
        """The value of a key; KeyError where there is none."""
        return self._content[key]

    def __iter__(self) -> Iterator[K]:
        """The keys, in their order."""
        return iter(self._content)

    def __len__(self) -> int:
        """Number of keys."""
        return len(self._content)

    def __hash__(self) -> int:
        """Equal for equal mappings, whatever their order."""
        return hash(frozenset(self._content.items()))

    def __repr__(self) -> str:
        """As a dict is shown."""
        return f"FrozenMapping({self._content!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A strict dict (or another FrozenMapping) of checked keys and values."""
        key, value = get_args(source)
        checked = handler.generate_schema(dict[key, value])  # type: ignore[valid-type]
        plain_first = core_schema.no_info_before_validator_function(_as_dict, checked)
        return core_schema.no_info_after_validator_function(cls, plain_first)


class Part(BaseModel):
    """A mapping of the configuration whose keys are known.

    Strict: a whole number is no text, true is no number, an unknown key is a fault. Two parts with
    the same values are equal. ``plain`` is the way back to what a YAML file holds.
    """

    # Python's own expressions: the schema is checked with them elsewhere, and they decide.
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, regex_engine="python-re", defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_null(cls, given: Any) -> Any:
        """Refuse an explicit null: a key without a value is left out."""
        if isinstance(given, dict):
            for key, value in given.items():
                if value is None:
                    raise ValueError(f"{key}: null is not permitted; leave the key out")
        return given

    @classmethod
    def taken_from(cls, whole: "Part") -> Self:
        """What a larger part says under the same keys; those that are not set stay so."""
        given = {name: getattr(whole, name) for name in cls.model_fields}
        return cls.model_validate({key: item for key, item in given.items() if item is not None})

    def plain(self) -> dict[str, Any]:
        """Plain values (dict, list, str, int, float, bool), without the keys that are not set."""
        return dict(_items(self))

    def given(self) -> dict[str, Any]:
        """As ``plain``, of the keys alone that were given: what a file says that it was read from.

        Through ``plain`` a key that the file did not have would come back with its default.
        """
        return dict(_items(self, only_given=True))


def to_plain(value: Any, only_given: bool = False) -> Any:
    """A value of a part as a YAML file holds it: dict and list, no types of our own.

    ``only_given``: of each part the keys alone that it was given.
    """
    if isinstance(value, Part):
        return dict(_items(value, only_given))
    if isinstance(value, Mapping):
        return {key: to_plain(item, only_given) for key, item in value.items()}
    if isinstance(value, tuple):
        return [to_plain(item, only_given) for item in value]
    return value


def _items(part: Part, only_given: bool = False) -> Iterator[tuple[str, Any]]:
    for name in type(part).model_fields:
        value = getattr(part, name)
        if value is not None and (name in part.model_fields_set or not only_given):
            yield name, to_plain(value, only_given)


def _as_dict(value: Any) -> Any:
    return dict(value) if isinstance(value, FrozenMapping) else value


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_whole(value: Any) -> Any:
    """A whole number that is written 2.0 is one, as JSON Schema has it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _regular_expression(text: str) -> str:
    if len(text) > LONGEST_PATTERN:
        raise ValueError(f"a regular expression has at most {LONGEST_PATTERN} characters")
    try:
        re.compile(text)
    except NO_PATTERN as error:
        raise ValueError(f"is no regular expression ({error})") from error
    return text


def _different(texts: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(texts)) < len(texts):
        raise ValueError("a text is there twice")
    return texts


Items = Annotated[tuple[T, ...], BeforeValidator(_as_tuple)]
Pair = Annotated[tuple[T, T], BeforeValidator(_as_tuple)]
Different = Annotated[
    tuple[T, ...],
    BeforeValidator(_as_tuple),
    AfterValidator(_different),
    Field(json_schema_extra={"uniqueItems": True}),
]
Name = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
NotEmpty = Annotated[str, Field(min_length=1)]
NotBlank = Annotated[str, Field(pattern=r"\S")]
Regex = Annotated[
    str,
    AfterValidator(_regular_expression),
    WithJsonSchema({"type": "string", "format": "regex"}),
]
Whole = Annotated[int, BeforeValidator(_as_whole)]
Days = Annotated[Whole, Field(json_schema_extra={"unit": "days"})]
Weeks = Annotated[Whole, Field(json_schema_extra={"unit": "weeks"})]
# A whole number stays one (a threshold of 1 is printed as 1); infinity and not-a-number are none.
Number = int | Annotated[float, AllowInfNan(False)]
Positive = Annotated[Number, Field(gt=0)]
