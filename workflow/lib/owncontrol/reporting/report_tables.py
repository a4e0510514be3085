"""The report's tables, built from analysis results; the same for page and print."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from owncontrol.basics.number_texts import exact, percent
from owncontrol.basics.units import plural
from owncontrol.estimates.counted import events_state, not_counted
from owncontrol.estimates.numbers import Numbers
from owncontrol.study.exports import Export, file_names

Config = dict[str, Any]
MISSING = "\u2013"
NOT_KNOWN = "not known"
UNKNOWN_KINDS = ("serious not known", "relation not known", "serious and related not known")
MOST_LISTED = 100  # rows of a table that lists what is in a file of the results


@dataclass(frozen=True)
class Table:
    """A table: header and rows of cells (text or marked numbers); first column text, rest numbers.

    ``note``: text, or the parts of one (text and marked numbers). ``groups``: label of a group of
    rows by the index of its first row.
    """

    name: str
    title: str
    header: list[Any]
    rows: list[list[Any]]
    note: Any = ""
    groups: dict[int, str] = field(default_factory=dict)


def patients_table(numbers: Numbers, config: Config) -> Table:
    """Table 1: who was treated and with what. No p-values: there is no other group."""
    rows = [
        _spread(numbers, "patients.age", "Age, years"),
        _count(numbers, "patients.sex.female.subjects", "Female"),
    ]
    for item in config["characteristics"]:
        name = item["name"]
        if item["type"] == "number":
            label = ", ".join(filter(None, (item["label"], plural(item["unit"]))))
            rows.append(_spread(numbers, f"patients.{name}", label))
        elif item["type"] == "boolean":
            rows.append(_count(numbers, f"patients.{name}.true.subjects", item["label"]))
        else:
            rows += [
                _count(
                    numbers, estimate_id, f"{item['label']}: {numbers.row(estimate_id)['stratum']}"
                )
                for estimate_id in numbers.find(analysis="patients", endpoint=name)
            ]
    onset = config["onset"].capitalize()
    for column, label in (
        ("registration_day", f"{onset} to registration, days"),
        ("collection_day", f"{onset} to collection of marrow, days"),
        ("treatment_start_day", f"{onset} to treatment, days"),
        ("culture_days", "Culture, days"),
        ("dose", "Dose, 10\u2078 cells"),
        ("viability", "Viability at release, percent"),
    ):
        rows.append(_spread(numbers, f"patients.{column}", label))
    return Table(
        "patients",
        "Patients and treatment",
        ["", "Patients", "n"],
        [row for row in rows if row],
        "Median (first to third quartile; smallest to largest), or patients of those known (%). "
        "No test is made: there is no other group.",
    )


def change_table(numbers: Numbers, config: Config) -> Table:
    """Change from baseline at the time point, by family."""
    visit, labels = config["time_point"], visit_labels(config)
    rows: list[list[Any]] = []
    groups: dict[int, str] = {}
    families = dict.fromkeys(endpoint["family"] for endpoint in config["endpoints"])
    for family in families:
        groups[len(rows)] = family.replace("_", " ").capitalize()
        for endpoint in config["endpoints"]:
            if endpoint["family"] == family:
                rows.append(_change_row(numbers, endpoint, config))
    ordinal = [
        f"{endpoint['label']} counts as {endpoint['grades'][0]} = {exact(endpoint['minimum'])} to "
        f"{endpoint['grades'][-1]} = {exact(endpoint['maximum'])}. "
        for endpoint in config["endpoints"]
        if endpoint["grades"]
    ]
    return Table(
        "change",
        f"Change from baseline to {labels[visit]}",
        [
            "Endpoint",
            "n",
            "Baseline",
            labels[visit],
            "Change",
            "Interval",
            "p",
            "p adjusted",
            "Improved",
        ],
        rows,
        "Medians; change: Hodges\u2013Lehmann estimate with its interval at the level that the "
        f"number of pairs allows (nominal {percent(config['level'])} %); p: "
        f"{signed_rank_words(numbers)} with ties and zeros (Pratt), two-sided; adjusted: Holm "
        f"inside the family, for what the plan declares. {''.join(ordinal)}Improved: patients of "
        "those with both visits.",
        groups,
    )


def signed_rank_words(numbers: Numbers) -> str:
    """What the signed-rank tests of the change were by their method: exact, approximate, both."""
    exact = {
        numbers.row(estimate_id)["method"].startswith("exact")
        for estimate_id in numbers.find(analysis="change", statistic="signed_rank_pratt")
    }
    if False not in exact:
        return "exact signed-rank test"
    if True not in exact:
        return "signed-rank test, by its normal approximation"
    return "signed-rank test, exact where the pairs allow and else by its normal approximation"


def _change_row(numbers: Numbers, endpoint: Config, config: Config) -> list[Any]:
    stem = f"change.{endpoint['name']}.{endpoint['time_point']}"
    estimate, test = f"{stem}.hodges_lehmann", f"{stem}.signed_rank_pratt"
    adjusted = numbers.row(test)["p_adjusted"]
    label = marked_label(endpoint, config)
    own = [endpoint[key] for key in ("baseline", "time_point")]
    if own != [config["baseline"], config["time_point"]]:
        first, last = (visit_labels(config)[visit] for visit in own)
        label = f"{label}, {first} to {last}"
    return [
        label,
        numbers.n(estimate),
        numbers.value(f"{stem}.median_baseline"),
        numbers.value(f"{stem}.median_visit"),
        numbers.change(estimate),
        numbers.interval(estimate),
        numbers.p(test),
        MISSING if pd.isna(adjusted) else numbers.p_adjusted(test),
        numbers.share(f"{stem}.improved"),
    ]


def shift_table(numbers: Numbers, config: Config, endpoint: Config) -> Table:
    """From which grade to which: rows before, columns after."""
    labels = visit_labels(config)
    ids = numbers.find(analysis="change", endpoint=endpoint["name"], statistic="shift")
    strata = {numbers.row(estimate_id)["stratum"]: estimate_id for estimate_id in ids}
    grades = list(dict.fromkeys(stratum.split(" to ")[0] for stratum in strata))
    return Table(
        f"shift-{endpoint['name']}",
        f"{marked_label(endpoint, config)}: {labels[endpoint['baseline']]} and "
        f"{labels[endpoint['time_point']]}",
        ["From", *(f"to {grade}" for grade in grades)],
        [
            [grade, *(numbers.value(strata[f"{grade} to {after}"]) for after in grades)]
            for grade in grades
        ],
        "Patients with a determinate grade at both visits.",
    )


def attendance_table(numbers: Numbers, config: Config, instruments: Iterable[str]) -> Table:
    """Who was assessed when."""
    instruments = list(instruments)

    def assessed(visit: Config, name: str) -> Any:
        estimate_id = f"patients.{name}.{visit['name']}.assessed"
        return numbers.share(estimate_id) if estimate_id in numbers else MISSING

    return Table(
        "attendance",
        "Patients assessed at each visit",
        ["Visit", *instruments],
        [
            [visit["label"], *(assessed(visit, name) for name in instruments)]
            for visit in config["visits"]
        ],
        "Kept assessments, of treated patients.",
    )


def adverse_events_table(numbers: Numbers, config: Config) -> Table:
    """Events and patients with at least one: overall, by grade, onset, class and term.

    Without rows where the study has no such table, or none of its rows could be kept.
    """
    table = Table(
        "adverse_events",
        "Adverse events",
        ["", "Events", "Patients", "Interval of the share, %"],
        [],
        [
            f"Patients with at least one event of all treated; Clopper\u2013Pearson interval at "
            f"{percent(config['level'])} %. Related: possibly, probably or definitely. Not known: "
            "not given, or not readable; such events are in no other line of their group.",
            *_sentence(not_counted(numbers)),
        ],
    )
    if events_state(numbers) not in ("counted", "none"):
        return table
    strata = [
        (str(row["stratum"]), estimate_id.removesuffix(".events"))
        for estimate_id in numbers.find(analysis="adverse_events", statistic="events", endpoint="")
        if (row := numbers.row(estimate_id))
        and (numbers.raw(estimate_id) or NOT_KNOWN not in row["stratum"])
    ]
    stems = dict(strata)

    def add(group: str, chosen: Iterable[str], label: Callable[[str], str] = _capital) -> None:
        lines = [[label(name), *_events_row(numbers, stems[name])] for name in chosen]
        if lines:
            table.groups[len(table.rows)] = group
            table.rows.extend(lines)

    kinds = ("any", "serious", "related", "serious and related")
    known = [name for name in kinds if name in stems]
    add("All", [*known, *(name for name in UNKNOWN_KINDS if name in stems)])
    add("Highest CTCAE grade of each event", [s for s, _ in strata if s.startswith("grade ")])
    _add_onset(numbers, table)
    systems = [
        str(numbers.row(estimate_id)["stratum"])
        for estimate_id in numbers.find(analysis="adverse_events", statistic="events_grade_1")
    ]
    for system in systems:
        terms = [s for s, _ in strata if s.startswith(f"{system}: ")]
        others = [other for other in systems if other != system and other.startswith(f"{system}: ")]
        terms = [s for s in terms if not any(s == o or s.startswith(f"{o}: ") for o in others)]
        add(system.removeprefix("class "), terms, partial(_after, f"{system}: "))
    return table


def _after(start: str, text: str) -> str:
    return text.removeprefix(start)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _events_row(numbers: Numbers, stem: str) -> list[Any]:
    return [
        numbers.value(f"{stem}.events"),
        numbers.share(f"{stem}.subjects_with_event"),
        numbers.interval_percent(f"{stem}.subjects_with_event"),
    ]


def _add_onset(numbers: Numbers, table: Table) -> None:
    """Lines for when the events began, where not all of them began after the treatment."""
    stem = "adverse_events.onset_day"
    lines = [
        (label, f"{stem}.{name}")
        for name, label in (
            ("before_treatment", "Before the treatment"),
            ("after_treatment", "On the day of the treatment or later"),
            ("not_known", "Not known"),
        )
        if f"{stem}.{name}.events" in numbers and numbers.raw(f"{stem}.{name}.events")
    ]
    if any(not name.endswith(".after_treatment") for _, name in lines):
        table.groups[len(table.rows)] = "Onset"
        table.rows.extend([label, *_events_row(numbers, name)] for label, name in lines)


def _sentence(parts: list[Any]) -> list[Any]:
    return [" ", *parts, "."] if parts else []


def flow_table(numbers: Numbers) -> Table:
    """Where the rows of each raw file went."""
    states = ("rows_in", "kept", "quarantined", "merged")
    ids = numbers.find(analysis="data_quality", statistic="rows_in")
    return Table(
        "flow",
        "Rows of the raw files",
        ["File", "Read", "Kept", "Quarantined", "Merged"],
        [
            [
                numbers.row(read)["stratum"],
                *(numbers.value(read.removesuffix("rows_in") + state) for state in states),
            ]
            for read in ids
        ],
        "Read = kept + quarantined + merged. Merged rows are equal to a row that is kept, or "
        "report the same adverse event again.",
    )


def cells_table(numbers: Numbers) -> Table:
    """What became of the cells that are read, by table and raw file."""
    states = ("as_written", "other_form", "corrected", "missing", "refused", "set_aside")
    ids = numbers.find(analysis="data_quality", statistic="cells_in")
    return Table(
        "cells",
        "Cells that are read",
        ["Table (file)", "Read", *(state.replace("_", " ").capitalize() for state in states)],
        [
            [
                numbers.row(read)["stratum"],
                numbers.value(read),
                *(numbers.value(read.removesuffix("cells_in") + state) for state in states),
            ]
            for read in ids
        ],
        "Read = the sum of the others. Other form: another way to write the value, declared and "
        "noted. Missing: empty, or a code for it. Refused: not permitted, read as missing. Set "
        "aside: in a row that was not kept.",
    )


def findings_table(numbers: Numbers) -> Table:
    """Findings by severity and rule."""
    ids = numbers.find(analysis="data_quality", statistic="findings")
    rows = []
    for estimate_id in ids:
        severity, _, rule = numbers.row(estimate_id)["stratum"].partition(": ")
        if rule:
            rows.append([severity, rule.replace("_", " "), numbers.value(estimate_id)])
    return Table(
        "findings",
        "Findings in the raw files",
        ["Severity", "Rule", "Findings"],
        rows,
        "Each with file, row, column and value in cleaned/findings.csv.",
    )


def discrepancies_table(discrepancies: pd.DataFrame, config: Config) -> Table:
    """Scores that differ from what the examiner wrote, each with its reason and its raw row."""
    labels = visit_labels(config)
    exports = config["exports"].items()
    files = file_names({name: Export.model_validate(export) for name, export in exports})
    more = len(discrepancies) > MOST_LISTED
    rows = []
    for entry in discrepancies.head(MOST_LISTED).to_dict("records"):
        export, _, row = entry["row_id"].rpartition(":")
        rows.append(
            [
                entry["subject_id"],
                labels[entry["visit"]],
                entry["scale"].replace("_", " "),
                entry["recorded"],
                entry["text"],
                entry["explanation"],
                f"{files[export]}, row {row}",
            ]
        )
    return Table(
        "discrepancies",
        "Recorded and computed scores that differ",
        ["Patient", "Visit", "Scale", "Recorded", "Computed", "Why", "Raw row"],
        rows,
        "The analysis uses the computed score."
        + (" The first ones; scored/discrepancies.csv has all." if more else ""),
    )


def marked_label(item: Config, config: Config) -> str:
    """The label of an endpoint, criterion or comparison; post hoc where the plan lacks it."""
    return f"{item['label']} (post hoc)" if item["name"] in config["post_hoc"] else item["label"]


def visit_labels(config: Config) -> dict[str, str]:
    """Label of each visit by its name."""
    return {visit["name"]: visit["label"] for visit in config["visits"]}


def _spread(numbers: Numbers, stem: str, label: str) -> list[Any]:
    if f"{stem}.median" not in numbers:
        return []
    if pd.isna(numbers.raw(f"{stem}.median")):
        return [label, MISSING, numbers.n(f"{stem}.median")]
    low, high = numbers.value(f"{stem}.first_quartile"), numbers.value(f"{stem}.third_quartile")
    ends = numbers.value(f"{stem}.minimum"), numbers.value(f"{stem}.maximum")
    cell = [
        numbers.value(f"{stem}.median"),
        " (",
        low,
        " to ",
        high,
        "; ",
        ends[0],
        " to ",
        ends[1],
        ")",
    ]
    return [label, cell, numbers.n(f"{stem}.median")]


def _count(numbers: Numbers, estimate_id: str, label: str) -> list[Any]:
    return (
        [label, numbers.share(estimate_id), numbers.n(estimate_id)]
        if estimate_id in numbers
        else []
    )
