"""Faults of a study that only show when two of its parts are held together."""

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from owncontrol.basics.nearest import did_you_mean
from owncontrol.basics.program_files import INSTRUMENTS
from owncontrol.errors import InputError
from owncontrol.study.clock_checks import clock_contradictions
from owncontrol.study.exports import FROM_NAME, SHEETS, SITE
from owncontrol.study.model import Study
from owncontrol.study.several_files import STAR
from owncontrol.study.table_mapping import CANONICAL, CODES, TableMapping, raw_names

LONGEST_FORM = 100
# Folders of the project that runs and commands write to, and those of code.
NO_RAW = (
    *("results", "logs", "archive", "publication", ".snakemake", ".git"),
    *("workflow", "notebooks", "envs", "profiles", "config", ".venv"),
)
Fault = tuple[str, str]  # message and hint


def contradictions(study: Study) -> Iterator[Fault]:
    """Message and hint of each fault, in the order in which they are told."""
    yield from _unknown_visits(study)
    yield from _taken_names(study)
    yield from _names_twice(study)
    yield from _days_outside_windows(study)
    for key, export in study.exports.items():
        if export.labelled and not export.dictionary:
            yield (
                f"exports.{key}.labelled: labels are read back by a data dictionary",
                f"name it under exports.{key}.dictionary",
            )
        for table, mapping in export.tables.items():
            if mapping.long and mapping.wide:
                yield f"exports.{key}.tables.{table}: is both long and wide", "choose one"
            yield from _odd_baseline_columns(study, f"exports.{key}.tables.{table}", mapping)
    yield from _odd_arms(study)
    yield from _odd_event_times(study)
    yield from _odd_sites(study)
    yield from _odd_sheets(study)
    yield from _odd_primary(study)
    yield from _half_a_plan(study)
    yield from _odd_date_forms(study)
    yield from _shared_files(study)
    yield from _missing_tables(study)
    yield from clock_contradictions(study)
    yield from _table_contradictions(study)
    yield from _wrongly_empty(study)
    yield from _odd_severity(study)
    yield from _odd_paths(study)


def check_inside(place: str, name: str, folder: Path | str = ".") -> None:
    """Raise InputError where a path leads out of the folder, by itself or by a link on its way."""
    base = Path(folder).resolve()
    if Path(name).is_absolute() or not (base / name).resolve().is_relative_to(base):
        raise InputError(
            f"{place}: '{name}' leads out of the project",
            "paths are relative to the project and stay inside it, links included: copy the file",
        )


def _unknown_visits(study: Study) -> Iterator[Fault]:
    visits = [visit.name for visit in study.visits]
    for key, name in (("baseline", study.baseline), ("time_point", study.time_point)):
        if name not in visits:
            hint = did_you_mean(name, visits, f"visits: {', '.join(visits)}")
            yield f"{key}: '{name}' is not one of the visits", hint


def _odd_baseline_columns(study: Study, place: str, mapping: TableMapping) -> Iterator[Fault]:
    """Repeated values of a visit that the schedule lacks, or of a table that has no visits."""
    repeated = mapping.baseline_columns
    if not repeated:
        return
    visits = [visit.name for visit in study.visits]
    if place.rpartition(".")[2] in CANONICAL:
        yield f"{place}.baseline_columns: only an instrument has them", "leave them out"
    elif repeated.visit not in visits:
        yield (
            f"{place}.baseline_columns.visit: '{repeated.visit}' is not one of the visits",
            did_you_mean(repeated.visit or "", visits, f"visits: {', '.join(visits)}"),
        )


def _taken_names(study: Study) -> Iterator[Fault]:
    """Measures that are called as an instrument of the library or as a table."""
    library = {path.stem for path in INSTRUMENTS.glob("*.yaml")}
    for name in (*study.instruments, *study.instrument_files):
        place = study.instrument_files.get(name, f"instruments.{name}")
        if name in library or name in CANONICAL:
            what = "an instrument of the library" if name in library else "a table"
            yield f"{place}: is the name of {what}", "choose another name"
    for name in set(study.instruments) & set(study.instrument_files):
        yield (
            f"instruments.{name}: is a file of the study, too ({study.instrument_files[name]})",
            "keep one of them",
        )


def _names_twice(study: Study) -> Iterator[Fault]:
    parts = (
        ("visits", study.visits),
        ("endpoints", study.endpoints),
        ("characteristics", study.characteristics),
    )
    for place, items in parts:
        for name, number in Counter(item.name for item in items).items():
            if number > 1:
                yield f"{place}: '{name}' is there twice", "each name may occur only once"


def _days_outside_windows(study: Study) -> Iterator[Fault]:
    for visit in study.visits:
        if visit.window is None:
            continue
        if visit.clock == "nominal":
            yield (
                f"visits.{visit.name}.window: a nominal visit has no window",
                "leave it out, or name the clock that its days count on",
            )
        low, high = visit.window
        if visit.day is not None and not low <= visit.day <= high:
            yield (
                f"visits.{visit.name}: day {visit.day} lies outside its window [{low}, {high}]",
                "the window is first day, last day on the visit's own clock",
            )


def _odd_arms(study: Study) -> Iterator[Fault]:
    """Arms by what is no category of the subjects."""
    kinds = {item.name: item.type for item in study.characteristics}
    if study.arms is not None and kinds.get(study.arms) != "category":
        categories = [name for name, kind in kinds.items() if kind == "category"]
        yield (
            f"arms: '{study.arms}' is no characteristic of type category",
            did_you_mean(study.arms, categories, "list it under characteristics, and map it"),
        )


def _odd_event_times(study: Study) -> Iterator[Fault]:
    """A time to an event by columns that hold no number, or no yes and no."""
    kinds = {item.name: item.type for item in study.characteristics}
    for event in study.event_times:
        for key, name, kind in (("time", event.time, "number"), ("seen", event.seen, "boolean")):
            if kinds.get(name) != kind:
                known = [other for other, of in kinds.items() if of == kind]
                yield (
                    f"event_times.{event.name}.{key}: '{name}' is no characteristic of type {kind}",
                    did_you_mean(name, known, "list it under characteristics, and map it"),
                )


def _odd_sites(study: Study) -> Iterator[Fault]:
    """A site that is asked for and goes nowhere, or that a mapping names and nothing gives."""
    for key, export in study.exports.items():
        named = [
            raw
            for mapping in export.tables.values()
            for several in mapping.columns.values()
            for raw in raw_names(several)
        ]
        subjects = export.tables.get("subjects")
        given = SITE if export.site == FROM_NAME else export.site
        if SITE in named and export.site != FROM_NAME:
            yield (
                f"exports.{key}: a mapping names {SITE}, and the export has none",
                f"say site: {FROM_NAME}, for what * stands for in the name of the file",
            )
        elif given and subjects is None and given not in named:
            yield (
                f"exports.{key}.site: the export does not feed the table subjects",
                "the site is one of the subject: say it where the subjects are listed",
            )
        elif given and subjects is not None and subjects.columns.get("site") != given:
            yield (
                f"exports.{key}.site: the mapping of subjects has another column for 'site'",
                "leave one of the two out",
            )


def _odd_primary(study: Study) -> Iterator[Fault]:
    """A primary comparison that is none of the comparisons."""
    recovery = study.natural_recovery
    if recovery is None or not recovery.primary.comparison:
        return
    names = [comparison.name for comparison in recovery.comparisons]
    if recovery.primary.comparison not in names:
        yield (
            f"natural_recovery.primary.comparison: no comparison '{recovery.primary.comparison}'",
            did_you_mean(recovery.primary.comparison, names),
        )


def _odd_sheets(study: Study) -> Iterator[Fault]:
    """A part of a sheet's name that nothing gives, or that would undo keyed codes."""
    for key, export in study.exports.items():
        for mapping in export.tables.values():
            for column, several in mapping.columns.items():
                for raw in filter(SHEETS.fullmatch, raw_names(several)):
                    if STAR not in export.sheet and raw not in export.sheet_texts:
                        yield (
                            f"exports.{key}: {column} is read from {raw}, and the export has none",
                            'say sheet: "*" (or "Patient *"): {sheet} is what * stands for in the '
                            "name of a sheet",
                        )
                    elif column in CODES and study.subject_code.key_file:
                        yield (
                            f"exports.{key}: {column} is read from {raw}, which keyed codes do not "
                            "replace: every table names a row by its file and sheet",
                            "give the workbook a column of codes",
                        )


def _half_a_plan(study: Study) -> Iterator[Fault]:
    plan = study.plan
    if (plan.version or plan.date or plan.endpoints) and not (plan.version and plan.date):
        missing = "version" if not plan.version else "date"
        yield f"plan.{missing}: is empty", "a plan has a version and a date; without one, no entry"


def _odd_date_forms(study: Study) -> Iterator[Fault]:
    """Forms of dates that ``strptime`` does not take: of unknown directives, or of one twice."""
    for key, export in study.exports.items():
        for form in export.dates:
            if reason := _no_date_form(form):
                yield (
                    f"exports.{key}.dates: {form[:60]!r} is no form of a date: {reason}",
                    "for example %d.%m.%Y (day, month, year)",
                )


def _no_date_form(form: str) -> str:
    """Why a text is no form of a date; empty where it is one."""
    if len(form) > LONGEST_FORM:
        return f"at most {LONGEST_FORM} characters"
    try:
        datetime.datetime.strptime("", form)
    except re.error:
        return "each directive may occur only once"
    except ValueError as error:  # also of a text that does not match
        unknown = re.search("bad directive|stray", str(error))
        return "a directive that strptime does not know" if unknown else ""
    return ""


def _shared_files(study: Study) -> Iterator[Fault]:
    """Exports that read the same thing; a sheet or a dataset is a thing of its own."""
    readers: dict[tuple[str, str], str] = {}
    shared = Counter(export.file for export in study.exports.values())
    for key, export in study.exports.items():
        if shared[export.file] > 1 and not export.part:
            yield (
                f"exports.{key}: another export reads {export.file} too",
                "one export can feed several tables; of a workbook, name the sheet of each export, "
                "of a transport file the dataset",
            )
        # Names of datasets are the same in either case.
        same = export.part if export.sheet else export.part.casefold()
        first = readers.setdefault((export.file, same), key)
        if first != key:
            what = "sheet" if export.sheet else "dataset"
            yield (
                f"exports.{key}: reads {what} '{export.part}' of {export.file}, as "
                f"exports.{first} does",
                "one export can feed several tables",
            )


def _missing_tables(study: Study) -> Iterator[Fault]:
    """The table that every study needs."""
    if not any(table == "subjects" for _, table, _ in study.mappings):
        yield (
            "exports: no file feeds the table subjects",
            "it lists the subjects; a file may feed several tables",
        )


def _table_contradictions(study: Study) -> Iterator[Fault]:
    """What the exports that feed one table have to agree on."""
    fed: dict[str, list[TableMapping]] = {}
    for _, table, mapping in study.mappings:
        fed.setdefault(table, []).append(mapping)
    for table in CANONICAL:
        for mapping in fed.get(table, []):
            rule = mapping.duplicates
            of_assessments = ("keep_nearest", "last_before_treatment")
            if rule == "keep_nearest" or (table == "adverse_events" and rule in of_assessments):
                hint = "leave it out"
                if table == "adverse_events":
                    hint += ": rows of one event are then one event at its highest grade"
                yield f"exports.*.tables.{table}.duplicates: {rule} is for assessments", hint
    for table, mappings in fed.items():
        said = {mapping.scores for mapping in mappings}
        if len(said) > 1:
            yield (
                f"exports.*.tables.{table}.scores: exports disagree ({', '.join(sorted(said))})",
                "a table that several files feed has one rule",
            )


def _wrongly_empty(study: Study) -> Iterator[Fault]:
    """What ``may_be_empty`` names and is no table or endpoint, or must not be empty."""
    tables = dict.fromkeys(table for _, table, _ in study.mappings)
    known = [name for name in tables if name not in ("subjects", "treatments")]
    known += [endpoint.name for endpoint in study.endpoints]
    for name in study.may_be_empty:
        if name in ("subjects", "treatments"):
            yield f"may_be_empty: without {name} there is nothing to report", "leave it out"
        elif name not in known:
            hint = did_you_mean(name, known, f"known: {', '.join(known)}")
            yield f"may_be_empty: '{name}' is neither a table of the study nor an endpoint", hint


def _odd_severity(study: Study) -> Iterator[Fault]:
    """Words for a severity that cannot be told apart, or beside a scale of numbers."""
    words = [word.casefold() for word in study.severity]
    if len(words) == 1 or len(set(words)) < len(words):
        yield "severity: needs two words or more, all different", "[mild, moderate, severe]"
    if words and "CTCAE" in (study.design.event_scale or "").upper():
        yield (
            "severity: words, and design.event_scale says CTCAE, whose grades are 1 to 5",
            "leave severity out where grades are recorded, or event_scale where words are",
        )


def _odd_paths(study: Study) -> Iterator[Fault]:
    """Paths that lead out of the project, or that Snakemake would not take as they are."""
    if {*Path(study.raw).parts[:1]} & {*NO_RAW}:
        yield (
            f"raw: {study.raw!r} is no folder of raw files, but of what runs write or of code",
            "raw files have a folder of their own, such as data/raw/STUDY",
        )
    for place, name in _paths(study):
        if Path(name).is_absolute() or ".." in Path(name).parts or "\0" in name:
            yield (
                f"{place}: {name!r} leads out of the project",
                "paths are relative to the project and stay inside it",
            )
        if {"{", "}"} & set(name):
            yield (
                f"{place}: {name!r} contains a brace, which Snakemake reads as a wildcard",
                "rename the file or folder",
            )


def _paths(study: Study) -> Iterator[tuple[str, str]]:
    """Every path of the study with its key, but for the key file, which is a secret."""
    yield "raw", study.raw
    yield "corrections", study.corrections
    for name, path in study.instrument_files.items():
        yield f"instrument_files.{name}", path
    for key, export in study.exports.items():
        yield f"exports.{key}.file", export.file
        yield f"exports.{key}.dictionary", export.dictionary
    if study.natural_recovery:
        yield "natural_recovery.table", study.natural_recovery.table
    if study.natural_course:
        yield "natural_course.table", study.natural_course.table
