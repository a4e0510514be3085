"""What a rule is: a sentence with named fields, and all that is the same wherever it applies.

A rule is a frozen class with its facts as fields; an object of it is what was found in one place.
It states no place: ``Finding`` adds file, row, column and value.
"""

import string
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal, dataclass_transform

Severity = Literal["error", "warning", "note"]
About = Literal["file", "column", "row", "cell"]
# What was done, where code asks for it.
QUARANTINED = "row quarantined"
READ_AS_MISSING = "read as missing"
FLAGGED = "kept and flagged"
HIDDEN = "(not shown)"
DECLARED = ("code", "severity", "about", "sentence", "action", "advice")


@dataclass_transform(kw_only_default=True, frozen_default=True)
@dataclass(frozen=True)
class Rule:
    """The base of all rules.

    ``code``: its name in the tables; rules of one code say different things of one kind of fault.
    ``severity``: how much it matters. ``about``: what it looks at. ``sentence`` and ``action``:
    templates of what is wrong and of what was done, whose fields are those of the class.
    ``advice``: what a person should do. ``raw_places``: fields that name a place in the raw file,
    which keyed codes keep to themselves.

    A class that is ``abstract`` holds what several rules share. TypeError, when the class is
    made, where a rule lacks one of these or its templates name other fields than it has; and when
    an object is made with another set of fields.
    """

    code: ClassVar[str]
    severity: ClassVar[Severity]
    about: ClassVar[About]
    sentence: ClassVar[str]
    action: ClassVar[str]
    advice: ClassVar[str]
    is_abstract: ClassVar[bool] = True
    raw_places: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, abstract: bool = False) -> None:
        """Make the class a frozen dataclass and check it against its templates."""
        dataclass(frozen=True, kw_only=True)(cls)
        cls.is_abstract = abstract
        if abstract:
            return
        lacking = [name for name in DECLARED if not getattr(cls, name, "")]
        if lacking:
            raise TypeError(f"rule {cls.__name__}: no {', '.join(lacking)}")
        named, known = template_fields(cls), {field.name for field in fields(cls)}
        if named != known:
            raise TypeError(
                f"rule {cls.__name__}: fields {sorted(known)}, and its templates name "
                f"{sorted(named)}"
            )

    def __post_init__(self) -> None:
        """TypeError for what rules only share."""
        if self.is_abstract:
            raise TypeError(f"{type(self).__name__} is what several rules share, and no rule")

    def without_raw_places(self) -> "Rule":
        """The rule with the places in the raw file hidden."""
        return replace(self, **dict.fromkeys(self.raw_places, HIDDEN)) if self.raw_places else self

    @property
    def detail(self) -> str:
        """What is wrong here, in a sentence."""
        return self.sentence.format_map(vars(self))

    @property
    def done(self) -> str:
        """What was done about it."""
        return self.action.format_map(vars(self))


def template_fields(rule: type[Rule]) -> set[str]:
    """The names of fields in the templates of a rule."""
    parts: list[tuple[Any, ...]] = []
    for template in (rule.sentence, rule.action):
        parts += string.Formatter().parse(template)
    return {name for _, name, _, _ in parts if name is not None}
