"""Made-up REDCap projects: a dictionary, a raw export, and the labelled export of the same cells.

The labelled export is written as REDCap is known to write it: field labels without tags, line
breaks and (by version) quotes; choice labels in place of codes; ``Checked`` and ``Unchecked`` in
boxes; "Survey Timestamp" before the columns of each survey and "Complete?" behind those of each
form; the titles of repeating forms in place of their names.
"""

import csv
import html
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

HEADER = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,'
    "Text Validation Type OR Show Slider Number,Text Validation Min,Text Validation Max,"
    "Identifier?,Branching Logic (Show field only if...),Required Field?,Custom Alignment,"
    "Question Number (surveys only),Matrix Group Name,Matrix Ranking?,Field Annotation"
)
COLUMNS = next(csv.reader([HEADER]))
WORDS = ["Walks", "help", "braces", "pain", "level", "left", "right", "score", "aid", "hours"]
DRESS = [
    "{}",
    "{}",
    "<b>{}</b>",
    '"{}"',
    "{}'s",
    '<span style="color:red">{}</span> now',
    "{}, or none",
    "{} &amp; more",
    "{} &lt; 5",
    "{} < 5 and > 3",
    "{}<br>today",
    "{}  twice",
    "“{}”",
    "{}\nbelow",
    "(0) {}",
    "{}?",
]
CODES = [["0", "1", "2"], ["1", "2", "255"], ["A1", "b", "-9"], ["-1", "1", "99"], ["01", "02"]]
STATES = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}


@dataclass
class Column:
    """A column of the export: name, label, and the code and label of each choice."""

    name: str
    label: str
    choices: dict[str, str] = field(default_factory=dict)
    kind: str = "text"


@dataclass
class Project:
    """The rows of a dictionary, the columns of its exports, and the raw cells."""

    dictionary: list[dict[str, str]]
    columns: list[Column]
    rows: list[list[str]]

    def write_dictionary(self, path: Path, delimiter: str = ",", encoding: str = "utf-8") -> None:
        """Write the data dictionary as REDCap downloads it."""
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="", delimiter=delimiter)
            writer.writeheader()
            writer.writerows(self.dictionary)

    def write_export(
        self, path: Path, labels: bool, values: bool, quotes: bool = False, gap: str = ""
    ) -> None:
        """Write the export with labels in its header and (``values``) in its cells, or raw.

        ``quotes``: they are kept in labels; ``gap``: what a tag leaves behind.
        """

        def exported(label: str) -> str:
            label = html.unescape(re.sub(r"</?[a-z][^>]*>", gap, label))
            label = label if quotes else re.sub("[\"']", "", label)
            return " ".join(label.split())

        header = [exported(one.label) if labels else one.name for one in self.columns]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            for row in self.rows:
                pairs = zip(row, self.columns, strict=True)
                cells = [
                    exported(one.choices[text]) if values and text in one.choices else text
                    for text, one in pairs
                ]
                writer.writerow(cells)


def made_project(rng: random.Random) -> Project:
    """A project of three forms, two of them surveys; labels may lose what tells them apart."""
    entries = [_entry("record_id", "form_one", "text", "Study code")]
    columns = [
        Column("record_id", "Study code", kind="record"),
        Column("redcap_event_name", "Event Name", kind="event"),
        Column("redcap_repeat_instrument", "Repeat Instrument", {"form_two": "Form Two"}),
        Column("redcap_repeat_instance", "Repeat Instance"),
        Column("redcap_survey_identifier", "Survey Identifier", kind="blank"),
    ]
    number = 0
    for form in ("form_one", "form_two", "form_three"):
        if form != "form_one":
            columns.append(Column(f"{form}_timestamp", "Survey Timestamp", kind="time"))
        for _ in range(rng.randint(1, 6)):
            number += 1
            kind = rng.choice(["text", "radio", "dropdown", "checkbox", "yesno", "truefalse"])
            label = f"{rng.choice(DRESS).format(rng.choice(WORDS))} {number}"
            choices = _choices(rng) if kind in ("radio", "dropdown", "checkbox") else {}
            entry = _entry(f"item_{number}", form, kind, label)
            entry[COLUMNS[5]] = rng.choice([" | ", "|", " |  "]).join(
                f"{code}, {text}" for code, text in choices.items()
            )
            entries.append(entry)
            columns += _exported_columns(entry["Variable / Field Name"], kind, label, choices)
        entries.append(_entry(f"note_{form}", form, "descriptive", "<h1>Read</h1> this"))
        columns.append(Column(f"{form}_complete", "Complete?", STATES))
    rows = [[_cell(rng, column, place) for column in columns] for place in range(rng.randint(1, 9))]
    return Project(entries, columns, rows)


def _entry(name: str, form: str, kind: str, label: str) -> dict[str, str]:
    return dict(zip(COLUMNS, [name, form, "", kind, label], strict=False))


def _choices(rng: random.Random) -> dict[str, str]:
    codes = rng.choice(CODES)
    if rng.random() < 0.1:  # labels that are codes, too
        return dict(zip(codes, [*codes[1:], codes[0]], strict=True))
    words = [rng.choice(WORDS) for _ in codes]
    return {code: rng.choice(DRESS).format(word) for code, word in zip(codes, words, strict=True)}


def _exported_columns(name: str, kind: str, label: str, choices: dict[str, str]) -> list[Column]:
    if kind == "checkbox":
        states = {"0": "Unchecked", "1": "Checked"}
        return [
            Column(
                f"{name}___{re.sub('[^a-z0-9_]', '_', code.lower())}",
                f"{label} (choice={text})",
                states,
                "box",
            )
            for code, text in choices.items()
        ]
    fixed = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
    return [Column(name, label, fixed.get(kind, choices))]


def _cell(rng: random.Random, column: Column, place: int) -> str:
    if column.kind in ("record", "event"):
        return f"P{place}" if column.kind == "record" else "Day 1 (Arm 1: Cells)"
    if column.kind == "blank":
        return ""
    if column.kind == "time":
        return rng.choice(["", "[not completed]", "2023-03-01 10:00:00"])
    if column.kind == "box":
        return rng.choice("01")
    if column.choices:
        return rng.choice(["", *column.choices])
    return rng.choice(["", "7", "12.5", "2023-03-01"])
