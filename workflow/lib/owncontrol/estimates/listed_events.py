"""What is said of one adverse event that is listed by itself: the words beside its day."""

from dataclasses import dataclass
from typing import ClassVar, Self

TRUTHS = {"True": "serious", "False": "not serious", "": "serious not known"}


@dataclass(frozen=True)
class ListedFacts:
    """Facts of an event; an empty text is not known.

    ``from_treatment``: whether its day counts from the treatment.
    """

    term: str
    grade: str
    relation: str
    serious: str
    died: bool
    from_treatment: bool
    APART: ClassVar[str] = " | "

    def __str__(self) -> str:
        """The text of the results table."""
        return self.APART.join(
            [
                self.term.replace("|", "/"),
                f"grade {self.grade}" if self.grade else "grade not known",
                f"relation {self.relation}" if self.relation else "relation not known",
                TRUTHS[self.serious],
                "death" if self.died else "no death",
                "day from treatment" if self.from_treatment else "day on the clock of events",
            ]
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for any other text; a reason may come before it."""
        parts = text.split(cls.APART)[-6:]
        if len(parts) != 6 or parts[3] not in TRUTHS.values():
            raise ValueError(f"{text!r} does not say the facts of an event")
        known = [
            "" if part.endswith(" not known") else part.partition(" ")[2] for part in parts[1:3]
        ]
        serious = next(key for key, words in TRUTHS.items() if words == parts[3])
        return cls(
            parts[0], known[0], known[1], serious, parts[4] == "death",
            parts[5] == "day from treatment",
        )  # fmt: skip
