"""The questions about times to an event, for columns that may hold one."""

from collections.abc import Collection, Sequence

import pandas as pd

from owncontrol.suggest.answers import answers_of
from owncontrol.suggest.candidates import is_of_subjects, number_columns, shown_columns
from owncontrol.suggest.dialogue import Dialogue
from owncontrol.suggest.proposal import slug
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import AskedEvent, comma_list

FIRST = (
    "Does a column have the time to an event (relapse, discharge), or to the last look without it? "
    "Enter: no."
)
NEXT = "The time to another event? Enter: no."
MOST_ENDS = 3  # values of a column that says how it ended; that of the time has more


def asked_event_times(
    ask: Dialogue, raw: RawFile, subject: Sequence[str], taken: Collection[str]
) -> tuple[AskedEvent, ...]:
    """The events that a person names; nothing is asked where no columns could hold one.

    ``taken``: columns of other use.
    """
    times = [
        name
        for name in number_columns(raw)
        if name not in taken and is_of_subjects(raw, subject, name) and _is_time(raw, name)
    ]
    ends = [
        name
        for name in raw.usable
        if name not in taken
        and is_of_subjects(raw, subject, name)
        and len(set(raw.texts(name)) - {""}) <= MOST_ENDS
    ]
    found: list[AskedEvent] = []
    while times and ends:
        time = ask.choice(NEXT if found else FIRST, shown_columns(raw, times))
        if not time:
            break
        seen = ask.choice("Which column says whether it was seen?", shown_columns(raw, ends))
        if not seen:
            break
        found.append(_event(ask, raw, time, seen))
        times = [name for name in times if name not in (time, seen)]
        ends = [name for name in ends if name != seen]
    return tuple(found)


def _event(ask: Dialogue, raw: RawFile, time: str, seen: str) -> AskedEvent:
    """The event of two columns: its value, name, unit, and the times to look at."""
    texts = [text for text in raw.texts(seen).unique() if text]
    value = ""
    if not all(answers_of(texts).values()):
        value = ask.choice(
            f"Which value of {seen} is the event?", [(text, "") for text in texts], texts[0]
        )
    return AskedEvent(
        name=_without_signs(ask.text("Name of the event", slug(value or seen)), slug(seen)),
        unit=_without_signs(ask.text("Unit of its time", "days"), "days"),
        time=time,
        seen=seen,
        value=value,
        at=_times(ask),
    )


def _times(ask: Dialogue) -> tuple[float, ...]:
    """Times above 0 at which the share without the event is asked for."""
    while True:
        said = comma_list(ask.text("Share without it after which times, with commas (Enter: none)"))
        numbers = pd.to_numeric(pd.Series(said, dtype="object"), errors="coerce").tolist()
        if all(number > 0 for number in numbers):
            return tuple(dict.fromkeys(map(float, numbers)))
        ask.write("Please type numbers above 0.")


def _without_signs(text: str, otherwise: str) -> str:
    """A text without the signs that part an option."""
    return "".join(sign for sign in text if sign not in ":=").strip() or otherwise


def _is_time(raw: RawFile, name: str) -> bool:
    numbers = pd.to_numeric(raw.texts(name).replace("", None), errors="coerce").dropna()
    return bool((numbers >= 0).all()) and numbers.nunique() > MOST_ENDS
