"""The report's tables, built from analysis results; the same for page and print."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from owncontrol.basics.number_texts import exact, percent
from owncontrol.basics.units import plural
from owncontrol.estimates.counted import events_state, not_counted
from owncontrol.estimates.declared_statistics import AdverseEvents, Change, DataQuality
from owncontrol.estimates.event_strata import (
    ClassTerm,
    CtcaeGrade,
    EventKind,
    Onset,
    OrganClass,
    Relation,
)
from owncontrol.estimates.numbers import Numbers
from owncontrol.estimates.strata import Move, OfFindings
from owncontrol.estimates.stratum import Stratum
from owncontrol.study.exports import Export, file_names

Config = dict[str, Any]
MISSING = "\u2013"
KINDS = (
    *(EventKind(kind) for kind in EventKind.KINDS),
    EventKind("serious", unknown=True),
    Relation(None),
    EventKind("serious and related", unknown=True),
)
AFTER = Onset("after treatment")
ONSETS = {
    Onset("before treatment"): "Before the treatment",
    AFTER: "On the day of the treatment or later",
    Onset("", unknown=True): "Not known",
}
ROWS = (DataQuality.KEPT, DataQuality.QUARANTINED, DataQuality.MERGED)
CELLS = (
    DataQuality.AS_WRITTEN,
    DataQuality.OTHER_FORM,
    DataQuality.CORRECTED,
    DataQuality.MISSING,
    DataQuality.REFUSED,
    DataQuality.SET_ASIDE,
)
EXACT_TEST = "exact signed-rank test"
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
                _count(numbers, estimate_id, f"{item['label']}: {numbers.row(estimate_id).stratum}")
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
        numbers.row(estimate_id).is_exact
        for estimate_id in numbers.find(analysis="change", statistic=Change.SIGNED_RANK_PRATT)
    }
    if False not in exact:
        return EXACT_TEST
    if True not in exact:
        return "signed-rank test, by its normal approximation"
    return "signed-rank test, exact where the pairs allow and else by its normal approximation"


def _change_row(numbers: Numbers, endpoint: Config, config: Config) -> list[Any]:
    stem = f"change.{endpoint['name']}.{endpoint['time_point']}"
    estimate, test = f"{stem}.hodges_lehmann", f"{stem}.signed_rank_pratt"
    adjusted = numbers.row(test).p_adjusted
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
    moves = numbers.by_stratum(
        Move, analysis="change", endpoint=endpoint["name"], statistic=Change.SHIFT
    )
    grades = list(dict.fromkeys(move.before for move in moves))
    return Table(
        f"shift-{endpoint['name']}",
        f"{marked_label(endpoint, config)}: {labels[endpoint['baseline']]} and "
        f"{labels[endpoint['time_point']]}",
        ["From", *(f"to {grade}" for grade in grades)],
        [
            [grade, *(numbers.value(moves[Move(grade, after)]) for after in grades)]
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
    strata: dict[Stratum, str] = {}
    for estimate_id in numbers.find(
        analysis="adverse_events", statistic=AdverseEvents.EVENTS, endpoint=""
    ):
        stratum = numbers.row(estimate_id).stratum
        if numbers.raw(estimate_id) or stratum.known:
            strata[stratum] = estimate_id

    def add(group: str, chosen: Iterable[tuple[str, str]]) -> None:
        lines = [[label, *_events_row(numbers, events)] for label, events in chosen]
        if lines:
            table.groups[len(table.rows)] = group
            table.rows.extend(lines)

    add("All", [(_capital(str(kind)), strata[kind]) for kind in KINDS if kind in strata])
    graded = [(grade, events) for grade, events in strata.items() if isinstance(grade, CtcaeGrade)]
    add("Highest CTCAE grade of each event", [(_capital(str(grade)), e) for grade, e in graded])
    _add_onset(numbers, table)
    classes = numbers.by_stratum(
        OrganClass, analysis="adverse_events", statistic=AdverseEvents.EVENTS_GRADE_1
    )
    names = [organ_class.name for organ_class in classes]
    terms = [
        (term, events)
        for stratum, events in strata.items()
        if isinstance(stratum, ClassTerm) and (term := stratum.among(names))
    ]
    for name in names:
        add(name, [(term.term, events) for term, events in terms if term.organ_class == name])
    return table


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _events_row(numbers: Numbers, events: str) -> list[Any]:
    subjects = numbers.beside(events, AdverseEvents.SUBJECTS_WITH_EVENT)
    return [numbers.value(events), numbers.share(subjects), numbers.interval_percent(subjects)]


def _add_onset(numbers: Numbers, table: Table) -> None:
    """Lines for when the events began, where not all of them began after the treatment."""
    onsets = numbers.by_stratum(
        Onset, analysis="adverse_events", statistic=AdverseEvents.EVENTS, endpoint="onset_day"
    )
    shown = {
        onset: onsets[onset] for onset in ONSETS if onset in onsets and numbers.raw(onsets[onset])
    }
    if shown.keys() - {AFTER}:
        table.groups[len(table.rows)] = "Onset"
        table.rows.extend(
            [ONSETS[onset], *_events_row(numbers, events)] for onset, events in shown.items()
        )


def _sentence(parts: list[Any]) -> list[Any]:
    return [" ", *parts, "."] if parts else []


def flow_table(numbers: Numbers) -> Table:
    """Where the rows of each raw file went."""
    ids = numbers.find(analysis="data_quality", statistic=DataQuality.ROWS_IN)
    states, parts, said = list(ROWS), "kept + quarantined + merged", ""
    if numbers.find(analysis="data_quality", statistic=DataQuality.NOT_PART):
        states, parts = [*ROWS, DataQuality.NOT_PART], f"{parts} + not part"
        said = " Rows that are not part of this study are those that the configuration leaves out."
    return Table(
        "flow",
        "Rows of the raw files",
        ["File", "Read", *(state.replace("_", " ").capitalize() for state in states)],
        [
            [
                str(numbers.row(read).stratum),
                numbers.value(read),
                *(numbers.value(numbers.beside(read, state)) for state in states),
            ]
            for read in ids
        ],
        f"Read = {parts}. Merged rows are equal to a row that is kept, or report the same adverse "
        f"event again.{said}",
    )


def cells_table(numbers: Numbers) -> Table:
    """What became of the cells that are read, by table and raw file."""
    ids = numbers.find(analysis="data_quality", statistic=DataQuality.CELLS_IN)
    return Table(
        "cells",
        "Cells that are read",
        ["Table (file)", "Read", *(state.replace("_", " ").capitalize() for state in CELLS)],
        [
            [
                str(numbers.row(read).stratum),
                numbers.value(read),
                *(numbers.value(numbers.beside(read, state)) for state in CELLS),
            ]
            for read in ids
        ],
        "Read = the sum of the others. Other form: another way to write the value, declared and "
        "noted. Missing: empty, or a code for it. Refused: not permitted, read as missing. Set "
        "aside: in a row that was not kept.",
    )


def findings_table(numbers: Numbers) -> Table:
    """Findings by severity and rule."""
    ids = numbers.find(analysis="data_quality", statistic=DataQuality.FINDINGS)
    rows = []
    for estimate_id in ids:
        here = numbers.row(estimate_id).stratum
        if isinstance(here, OfFindings) and here.rule:
            rows.append([here.severity, here.rule.replace("_", " "), numbers.value(estimate_id)])
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
