"""What both ways to draft a study need: its words, codes, subjects and what is missing."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from owncontrol.basics.nearest import did_you_mean
from owncontrol.errors import InputError
from owncontrol.privacy.contacts import names_among_codes
from owncontrol.suggest.column_guesses import Guess, missing_codes
from owncontrol.suggest.draft import DraftVisit, ToSay
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request

T = TypeVar("T")


class Missing(list[ToSay]):
    """What is left to say, collected instead of raised."""

    def attempt(self, act: Callable[[], T]) -> T | None:
        """What ``act`` gives; None, and the fault noted, where it raises InputError."""
        try:
            return act()
        except InputError as error:
            self.append(ToSay(error.message, error.hint))
            return None


def study_words(request: Request, given: str) -> dict[str, tuple[str, str]]:
    """Title, question and treatment; what was not said is marked where a study is guessed.

    ``given``: what the files call the treatment; empty where they do not.
    """
    is_asked = bool(request.measures)
    title = request.title or request.name
    many = request.called[1] if request.called else "patients"
    question = request.question or f"Does anything change within {many}?"
    treatment = request.treatment or given or "treatment"
    return {
        "title": (title, "" if request.title or is_asked else "title of the report"),
        "question": (question, "" if request.question or is_asked else "what was studied"),
        "treatment": (
            treatment,
            ""
            if request.treatment or given or is_asked
            else "what was given, as it is inside a sentence",
        ),
    }


def no_visits() -> tuple[DraftVisit, ...]:
    """A schedule of the baseline alone, where nothing is known of any visit."""
    return (DraftVisit("baseline", "Baseline", "nominal", 0, None, "the visits are not known"),)


def code_pattern(request: Request, files: Sequence[RawFile]) -> Guess:
    """Regular expression of all codes, where they differ in their digits alone; else any.

    Texts that look like names among them are no codes.
    """
    subjects = [subject_of(raw, request) for raw in files]
    if any(len(subject) > 1 for subject in subjects):
        return Guess(".+")
    codes = _codes(request, files)
    codes -= names_among_codes(codes)
    if in_capitals(request, files):
        codes = {code.upper() for code in codes}
    forms = _forms(codes)
    return Guess(forms.pop()) if len(forms) == 1 else Guess(".+")


def _forms(codes: Collection[str]) -> set[str]:
    """Regular expressions of codes, any digits for theirs."""
    return {re.sub(r"[0-9]+", "[0-9]+", re.escape(code)).replace(r"\-", "-") for code in codes}


def _codes(request: Request, files: Sequence[RawFile]) -> set[str]:
    """The texts of all columns that study codes are read from."""
    return {
        text
        for raw in files
        for column in subject_of(raw, request)
        if column in raw.cells
        for text in raw.texts(column)
    } - {""}


def in_capitals(request: Request, files: Sequence[RawFile]) -> bool:
    """Whether codes are read as capitals: they are, or some only differ in how they are typed."""
    codes = _codes(request, files)
    capitals = {code.upper() for code in codes}
    is_mixed = len(_forms(capitals)) < len(_forms(codes))
    return codes == capitals or len(capitals) < len(codes) or is_mixed


def subject_of(raw: RawFile, request: Request) -> tuple[str, ...]:
    """The columns of a file's study codes: those that were named, where it has them."""
    return raw.called(request.subject) or (raw.subject.column,)


def with_subject(
    columns: dict[str, Guess | None], subject: tuple[str, ...]
) -> dict[str, Guess | None]:
    """Columns of a table with that of the study codes, the first of several that make one up."""
    return {**columns, "subject_id": Guess(subject[0])}


def missing_of(request: Request, raw: RawFile) -> Collection[str]:
    """Texts of a file that stand for a missing value, as was said or is surely found."""
    found = missing_codes(raw.cells)
    sure = [code for code, doubt in found.items() if not doubt]
    return request.missing or [*sure, *(code for code in raw.missing if code not in sure)]


def near(word: str, known: Sequence[str]) -> str:
    """What may have been meant by a word that is not among those known."""
    few = ", ".join([text for text in dict.fromkeys(known) if text][:12])
    return did_you_mean(word, list(known), f"there are: {few}")
