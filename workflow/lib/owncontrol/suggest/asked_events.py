"""Times to an event that a person named, from the columns of a file."""

from collections.abc import Sequence

from owncontrol.suggest.answers import answers_of
from owncontrol.suggest.column_guesses import Guess
from owncontrol.suggest.draft import DraftEvent, ToSay
from owncontrol.suggest.proposal import slug
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import AskedEvent, Request
from owncontrol.suggest.shown_cells import listed_texts, near_text
from owncontrol.suggest.study_parts import missing_of, near


def asked_events(
    request: Request, files: Sequence[RawFile], missing: list[ToSay]
) -> list[DraftEvent]:
    """The times to events; what is lacking is added to ``missing``."""
    found = []
    for event in request.events:
        raw = next((raw for raw in files if event.time in raw.cells), None)
        if raw is None or event.seen not in raw.cells:
            absent = event.time if raw is None else event.seen
            columns = [name for of in files for name in map(str, of.cells.columns)]
            missing.append(
                ToSay(
                    f"--event {event.name}: no file has the column '{absent}'",
                    near(absent, columns),
                )
            )
            continue
        texts = [text for text in raw.texts(event.seen).unique() if text]
        texts = [text for text in texts if text not in missing_of(request, raw)]
        codes = _codes(event, raw, texts, missing)
        found.append(DraftEvent(slug(event.name), event.name.replace("_", " "), event, codes))
    return found


def _codes(
    event: AskedEvent, raw: RawFile, texts: Sequence[str], missing: list[ToSay]
) -> dict[str, Guess]:
    """What each text of the column of the event stands for, where that is not the word itself."""
    if event.value:
        if event.value not in texts:
            what = f"--event {event.name}: no row has {event.seen} '{event.value}'"
            missing.append(ToSay(what, near_text(event.value, [raw], event.seen)))
        read = {text: "yes" if text == event.value else "no" for text in texts}
    else:
        read = answers_of(texts, raw.choices.get(event.seen, {}))
        unknown = [text for text, answer in read.items() if not answer]
        if unknown:
            missing.append(
                ToSay(
                    f"--event {event.name}: {event.seen} holds values that are neither yes nor no",
                    f"{listed_texts(raw, [event.seen], unknown)}: name that of the event, "
                    f"{event.time},{event.seen}=VALUE",
                )
            )
    return {text: Guess(answer) for text, answer in read.items() if answer and text != answer}
