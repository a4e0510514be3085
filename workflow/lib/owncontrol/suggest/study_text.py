"""The configuration of a new study as a commented YAML file."""

from collections.abc import Iterable, Sequence

from owncontrol.study.visits import StudyClock
from owncontrol.suggest.draft import (
    DraftEndpoint,
    DraftEvent,
    DraftMeasure,
    DraftStudy,
    DraftVisit,
)
from owncontrol.suggest.draft_text import doubted, export_lines, one_line, scalar

# By this line an editor completes and explains the keys.
MODELINE = "# yaml-language-server: $schema=../workflow/schemas/config.schema.yaml"
UNSURE = "# unsure"
TO_SAY = "# still to say: "
CLOCKS: dict[StudyClock, str] = {
    "baseline": "days count from each subject's own baseline visit",
    "recorded": "days are those of the file",
    "nominal": "days are those that the names of the visits speak of",
    "order": "no day is known, only the order of the visits",
}


def study_text(draft: DraftStudy) -> str:
    """The configuration; what was guessed is marked ``unsure``, what is missing is on top."""
    parts = [_head(draft), _study(draft), _schedule(draft), _measured(draft), _exports(draft)]
    lines = [line for part in parts for line in part]
    return "\n".join([*lines, *_endpoints(draft.endpoints)]) + "\n"


def _head(draft: DraftStudy) -> list[str]:
    """The comments on top: what the file is, what made it, what is still to say."""
    doubt = "# Lines marked unsure were guessed: settle each and take the mark away."
    return [
        MODELINE,
        f"# Configuration of the study {draft.name}. Every key is explained in config/README.md.",
        "# Made by this command; once changed by hand, do not run it again:",
        *(f"#   {line}" for line in _shell_lines(draft.command)),
        *(f"{TO_SAY}{one_line(said.what)}" for said in draft.missing),
        *([doubt] if _has_doubt(draft) else []),
    ]


def _study(draft: DraftStudy) -> list[str]:
    """The study as a whole, its folder and its codes."""
    words = [
        doubted(f"{key}: {scalar(text)}", doubt)
        for key, (text, doubt) in draft.words.items()
        if key != "treatment" or draft.has_treatments
    ]
    return [
        f"study: {scalar(draft.name)}",
        *words,
        *([f"dose_unit: {scalar(draft.dose_unit)}"] if draft.dose_unit else []),
        *([f"severity: [{', '.join(map(scalar, draft.severity))}]"] if draft.severity else []),
        *_called(draft.called),
        f"synthetic: {str(draft.synthetic).lower()}",
        "",
        f"raw: data/raw/{draft.name}",
        "subject_id:",
        doubted(f"  pattern: {_quoted(draft.pattern.column)}", draft.pattern.doubt),
        *([] if draft.in_capitals else ["  upper_case: false"]),
        "",
    ]


def _called(words: Sequence[str]) -> list[str]:
    if not words:
        return []
    one, many = map(scalar, words)
    return ["design:", f"  subjects: {{one: {one}, many: {many}}}"]


def _schedule(draft: DraftStudy) -> list[str]:
    """The visits, and those that the result counts from and to."""
    return [
        "# The schedule: each visit's planned day, and what that counts from.",
        "visits:",
        *map(_visit, draft.visits),
        *([f"clock: {draft.clock}  # {CLOCKS[draft.clock]}"] if draft.clock in CLOCKS else []),
        f"baseline: {scalar(draft.baseline)}",
        doubted(f"time_point: {scalar(draft.time_point.column)}", draft.time_point.doubt),
        "",
    ]


def _measured(draft: DraftStudy) -> list[str]:
    """Instruments of the study's own, and what is known of each patient."""
    lines = []
    if draft.measures:
        lines += ["# What was measured, beside the instruments of workflow/instruments."]
        lines += ["instruments:", *map(_measure, draft.measures), ""]
    if draft.characteristics or draft.events:
        lines += ["characteristics:"]
        lines += [
            f"  - {{name: {scalar(name)}, label: {_quoted(label)}, type: {kind}}}"
            for name, label, kind in draft.characteristics
        ]
        lines += [line for event in draft.events for line in _columns_of(event)]
        lines += [""]
    if draft.events:
        lines += ["# Described, and tested against nothing: there is no baseline.", "event_times:"]
        lines += [*map(_event, draft.events), ""]
    return [*lines, f"arms: {scalar(draft.arms)}", ""] if draft.arms else lines


def _exports(draft: DraftStudy) -> list[str]:
    """The raw files and how each is read."""
    return [
        *(f"# Not read, because nothing was found in it: {name}" for name in draft.not_read),
        "exports:",
        *(
            f"  {line}" if line else line
            for export in draft.exports
            for line in export_lines(export)
        ),
        "",
    ]


def _has_doubt(draft: DraftStudy) -> bool:
    rest = [*draft.words.values(), ("", draft.pattern.doubt), ("", draft.time_point.doubt)]
    lines = [line for export in draft.exports for line in export_lines(export)]
    return (
        any(doubt for _, doubt in rest)
        or any(visit.doubt for visit in draft.visits)
        or any(endpoint.doubt for endpoint in draft.endpoints)
        or any(UNSURE in line for line in lines)
    )


def _shell_lines(command: Sequence[str]) -> list[str]:
    """The lines of a command, which a shell joins again."""
    first, *options = command
    lines = [first, *(f"  {option}" for option in options)]
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]


def _visit(visit: DraftVisit) -> str:
    window = "" if visit.window is None else f", window: [{visit.window[0]}, {visit.window[1]}]"
    day = "" if visit.day is None else f", clock: {visit.clock}, day: {visit.day}"
    line = f"  - {{name: {scalar(visit.name)}, label: {_quoted(visit.label)}{day}{window}}}"
    return doubted(line, visit.doubt)


def _columns_of(event: DraftEvent) -> list[str]:
    """The characteristics that a time to an event is read from."""
    time, seen = map(scalar, event.columns)
    unit, label = _quoted(event.asked.unit), _quoted(f"{event.label}, time")
    return [
        f"  - {{name: {time}, label: {label}, type: number, unit: {unit}}}",
        f"  - {{name: {seen}, label: {_quoted(event.label)}, type: boolean}}",
    ]


def _event(event: DraftEvent) -> str:
    at = f", at: [{', '.join(f'{time:g}' for time in event.asked.at)}]" if event.asked.at else ""
    time, seen = map(scalar, event.columns)
    name, label = scalar(event.name), _quoted(event.label)
    return f"  - {{name: {name}, label: {label}, time: {time}, seen: {seen}{at}}}"


def _measure(measure: DraftMeasure) -> str:
    unit = f", unit: {_quoted(measure.unit)}" if measure.unit else ""
    items = f", items: [{', '.join(map(scalar, measure.items))}]" if measure.items else ""
    kind = f", kind: {measure.kind}" if measure.kind else ""
    has_words = measure.words and measure.kind != "yes_no"  # whose are recoded
    words = f", words: [{', '.join(map(_quoted, measure.words))}]" if has_words else ""
    return (
        f"  {scalar(measure.name)}: {{label: {_quoted(measure.label)}{kind}, "
        f"direction: {measure.direction}{unit}{items}{words}}}"
    )


def _endpoints(endpoints: Iterable[DraftEndpoint]) -> list[str]:
    lines = ["# What is analysed; each family is adjusted for multiplicity by itself."]
    entries = [doubted(_endpoint(endpoint), endpoint.doubt) for endpoint in endpoints]
    return [*lines, "endpoints:", *entries] if entries else [*lines, "endpoints: []"]


def _endpoint(endpoint: DraftEndpoint) -> str:
    scale = f", scale: {scalar(endpoint.scale)}" if endpoint.scale else ""
    difference = ""
    if endpoint.difference:
        value, source = endpoint.difference
        said = source or "chosen for this study; no source was given"
        difference = f", important_difference: {{threshold: {value}, source: {_quoted(said)}}}"
    return (
        f"  - {{name: {scalar(endpoint.name)}, label: {_quoted(endpoint.label)}, instrument: "
        f"{scalar(endpoint.instrument)}{scale}, family: {endpoint.family}{difference}}}"
    )


def _quoted(text: str) -> str:
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
