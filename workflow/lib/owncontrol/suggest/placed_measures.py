"""Where the measures that a person names are in the raw files: in columns, or test codes."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from owncontrol.basics.nearest import nearest
from owncontrol.errors import InputError
from owncontrol.ingest.reshape import VISIT
from owncontrol.study.exports import ROW
from owncontrol.suggest.baseline_column import repeated_baseline
from owncontrol.suggest.candidates import (
    number_columns,
    offered,
    row_numbers,
    subject_candidates,
    visit_candidates,
)
from owncontrol.suggest.cdisc import TEST_CODES, analysed_rows, mark_of
from owncontrol.suggest.column_guesses import NO_SUBJECT, Guess, date_columns
from owncontrol.suggest.common_form import common_form
from owncontrol.suggest.draft import DraftMeasure, DraftTable
from owncontrol.suggest.files_of_one_form import check_codes_of_files
from owncontrol.suggest.measure_words import label_of_name, measure_name
from owncontrol.suggest.named_tests import named_test
from owncontrol.suggest.project_events import planned_events
from owncontrol.suggest.proposal import slug
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import DIRECTIONS, AskedMeasure, Request

REPEATED = "redcap_repeat_instrument"


@dataclass(frozen=True)
class Placed:
    """A measure in its file.

    ``table``: without what the visits' texts mean. ``texts``: how the visits are written, in the
    order in which they appear there; ``names``: what each is to be called, where that was said.
    ``visit``: the raw column of the visits, empty where they are in the names of columns.
    ``rows``: which rows of the file the measure has values in.
    """

    raw: RawFile
    table: DraftTable
    measure: DraftMeasure
    texts: tuple[str, ...]
    names: tuple[str, ...]
    visit: str
    rows: "pd.Series[bool]"

    def raw_columns(self) -> dict[str, list[str]]:
        """By item the raw columns that have its values, at all visits."""
        found = {}
        for item in self.measure.items or (self.measure.name,):
            guess = self.table.columns.get(item)
            form = guess.column if guess else ""
            names = [form.replace(VISIT, text) for text in self.texts] if VISIT in form else [form]
            names += [self.table.repeated[item]] if item in self.table.repeated else []
            found[item] = [name for name in names if name in self.raw.cells]
        return found


def place_measure(asked: AskedMeasure, files: Sequence[RawFile], request: Request) -> Placed:
    """Find a measure in the files.

    Raises InputError, which names the option to give and what would do, where a column is in no
    file, or it cannot be said who the subject is or which visit a row is of.
    """
    entries = asked.columns or (asked.name,)
    found = [_file_and_columns(entry, files) for entry in entries]
    if found[0] is None and not asked.columns:
        coded = _test_code(asked, files) or named_test(asked.name, files, request)
        if coded:
            return _long(asked, request, *coded)
    for entry, place in zip(entries, found, strict=True):
        if place is None:
            raise _no_column(asked, entry, files)
    places = [place for place in found if place is not None]
    raw = places[0][0]
    if any(place[0] is not raw for place in places):
        raise InputError(
            f"--measure {asked.name}: its columns are in several files",
            "name columns of one file; a second file's need a measure of their own",
        )
    if len(entries) > 1:
        return _wide(asked, request, raw, [columns for _, columns in places])
    items = dict(zip(_item_names(asked, places[0][1]), places[0][1], strict=True))
    return _long(asked, request, raw, items, {})


def _item_names(asked: AskedMeasure, columns: Sequence[str]) -> list[str]:
    """Canonical names of the items: the measure's own where there is one."""
    return [measure_name(asked.name)] if len(columns) == 1 else [slug(name) for name in columns]


def _file_and_columns(
    entry: str, files: Sequence[RawFile]
) -> tuple[RawFile, tuple[str, ...]] | None:
    """The first file that has the column, or all of the columns with ``+`` between them.

    Where none has a column of the name, one with that label.
    """
    parts = tuple(part.strip() for part in entry.split("+"))
    for columns in ((entry,), parts):
        for raw in files:
            if all(name in raw.cells for name in columns):
                return raw, columns
    for raw in files:
        labelled = [
            name
            for name, label in raw.labels.items()
            if name in raw.cells and label.casefold().strip() == entry.casefold()
        ]
        if len(labelled) == 1:
            return raw, (labelled[0],)
    return None


def _test_code(
    asked: AskedMeasure, files: Sequence[RawFile]
) -> tuple[RawFile, dict[str, str], dict[str, tuple[str, ...]]] | None:
    """File, value column and condition of a code of tests (CDISC's QSTESTCD, PARAMCD)."""
    for raw in files:
        for column in filter(TEST_CODES.fullmatch, map(str, raw.cells.columns)):
            if (raw.texts(column) == asked.name).any():
                value = _value_column(raw, column, asked.name)
                rows = {column: (asked.name,), **analysed_rows(raw)}
                return raw, {measure_name(asked.name): value}, rows
    return None


def _value_column(raw: RawFile, codes: str, code: str) -> str:
    """The column of values: the standardised number where it is filled, else what was recorded."""
    stem = codes.removesuffix("TESTCD")
    here = raw.texts(codes) == code
    wanted = (
        ("AVAL", "AVALC")
        if codes == "PARAMCD"
        else (f"{stem}STRESN", f"{stem}STRESC", f"{stem}ORRES")
    )
    for name in wanted:
        if name in raw.cells and (raw.texts(name)[here] != "").any():
            return name
    raise InputError(
        f"--measure {code}: {raw.path.name} has the code in {codes} and no values for it",
        f"its values were looked for in {', '.join(wanted)}",
    )


def kept_rows(raw: RawFile, keep: Mapping[str, tuple[str, ...]]) -> "pd.Series[bool]":
    """Which rows of a file the conditions of ``--keep`` leave, as far as it has their columns."""
    kept = pd.Series(True, index=raw.cells.index)
    for column, values in keep.items():
        if column in raw.cells:
            kept &= raw.texts(column).isin(values)
    return kept


def subject_columns(
    raw: RawFile, request: Request, *, is_row_each: bool = False
) -> tuple[str, ...]:
    """The columns of a file's study codes; ``is_row_each``: every row is another subject.

    Raises InputError that names ``--subject`` where nothing says which they are.
    """
    named = raw.called(request.subject)
    if named:
        return named
    if raw.subject.doubt != NO_SUBJECT:
        return (raw.subject.column,)
    if is_row_each and not request.subject and row_numbers(raw):
        return (row_numbers(raw),)
    near = [nearest(name, list(map(str, raw.cells.columns))) for name in request.subject]
    said = f" (not {', '.join(request.subject)})" if request.subject else ""
    meant = f"did you mean {', '.join(filter(None, near))}? " if any(near) else ""
    candidates = subject_candidates(raw, is_row_each=is_row_each)
    hint = f"columns that would do: {offered(raw, candidates)}"
    if not candidates:
        hint = f"no column tells the rows apart; --subject {ROW} makes each row a subject"
    raise InputError(
        f"--subject: which column of {raw.path.name} has the study codes{said}?", f"{meant}{hint}"
    )


def _no_column(asked: AskedMeasure, entry: str, files: Sequence[RawFile]) -> InputError:
    known = [name for raw in files for name in map(str, raw.cells.columns)]
    wrong = next(
        (part for part in (entry, *entry.split("+")) if part.strip() not in known), entry
    ).strip()
    longer = (name for name in known if name.lower().startswith(wrong.lower()))
    near = next(longer, "") or nearest(wrong, known)
    numbers = "; ".join(f"{raw.path.name} has {offered(raw, number_columns(raw))}" for raw in files)
    hint = f"did you mean '{near}'?" if near else f"columns of numbers: {numbers}"
    return InputError(f"--measure {asked.name}: no file has the column '{wrong}'", hint)


def _table(
    asked: AskedMeasure, subject: tuple[str, ...], visit: str, items: Mapping[str, str]
) -> DraftTable:
    """The table of a measure; ``items``: by canonical name the raw column, or its template."""
    columns = {"subject_id": subject[0], "visit": visit, **items}
    return DraftTable(
        name=measure_name(asked.name),
        columns={name: Guess(column) for name, column in columns.items()},
        subject=subject,
        undated=True,
    )


def _filled(raw: RawFile, columns: Iterable[str]) -> "pd.Series[bool]":
    """Which rows of a file have a text in one of the columns."""
    filled = pd.Series(False, index=raw.cells.index)
    for column in columns:
        filled |= raw.texts(column) != ""
    return filled


def _wide(
    asked: AskedMeasure, request: Request, raw: RawFile, columns: list[tuple[str, ...]]
) -> Placed:
    """A measure with a column (or several that are added up) for each visit."""
    if request.visits and len(request.visits) != len(columns):
        raise InputError(
            f"--measure {asked.name}: {len(columns)} columns for {len(request.visits)} visits",
            "name a column for each of --visits, in the same order",
        )
    widths = {len(names) for names in columns}
    if len(widths) > 1:
        raise InputError(
            f"--measure {asked.name}: not as many columns are added up at each visit",
            "write the same number of columns between the commas, joined by +",
        )
    forms = [common_form([names[place] for names in columns]) for place in range(widths.pop())]
    texts = forms[0][1]
    if any(form[1] != texts for form in forms) or len(set(texts)) < len(texts):
        raise InputError(
            f"--measure {asked.name}: its columns are not named alike from visit to visit",
            "name them so that only the visit differs, for example q1_pre and q1_post",
        )
    templates = [form[0] for form in forms]
    subject = subject_columns(raw, request, is_row_each=True)
    check_codes_of_files(raw, subject, "")
    items = dict(
        zip(_item_names(asked, [slug(name) for name in templates]), templates, strict=True)
    )
    filled = _filled(raw, itertools.chain(*columns))
    table = replace(
        _table(asked, subject, VISIT, items),
        wide="|".join(map(re.escape, texts)).replace(r"\ ", " "),
    )
    measure = _measure(asked, request, raw, list(items), columns[0])
    return Placed(raw, table, measure, tuple(texts), request.visits, "", filled)


def _long(
    asked: AskedMeasure,
    request: Request,
    raw: RawFile,
    items: dict[str, str],
    rows: dict[str, tuple[str, ...]],
) -> Placed:
    """A measure in a file with a row for each visit."""
    subject = subject_columns(raw, request)
    here = kept_rows(raw, request.keep) & kept_rows(raw, rows)
    filled = _filled(raw, items.values()) & here
    if not raw.has_rows:  # of a project without data, whatever it plans
        filled = here
    if not filled.any():
        kept = "".join(f" of {c} {', '.join(v)}" for c, v in {**request.keep, **rows}.items())
        raise InputError(
            f"--measure {asked.name}: no row{kept} has a value of it", "name another column"
        )
    rows = {**rows, **_repeated(raw, request, filled)}
    visit = _visit(asked, request, raw, subject)
    check_codes_of_files(raw, subject, visit)
    repeated = repeated_baseline(asked, request, raw, list(items))
    filled |= _filled(raw, repeated.values()) & here
    table = replace(
        _table(asked, subject, visit, items),
        rows=rows,
        repeated=repeated,
        mark=mark_of(raw, visit),
    )
    texts = [text for text in raw.texts(visit)[filled].unique() if text]
    texts = planned_events(raw, visit, items.values(), texts if raw.has_rows else ())
    measure = _measure(asked, request, raw, list(items), list(items.values()))
    return Placed(raw, table, measure, tuple(texts), _labels(raw, visit, texts), visit, filled)


def _labels(raw: RawFile, column: str, texts: Sequence[str]) -> tuple[str, ...]:
    """What the file calls each visit, where it has a label for all of them; else nothing."""
    labels = [raw.choices.get(column, {}).get(text, "").strip() for text in texts]
    return tuple(labels) if all(labels) and len(set(labels)) == len(texts) else ()


def _repeated(
    raw: RawFile, request: Request, filled: "pd.Series[bool]"
) -> dict[str, tuple[str, ...]]:
    """Of a REDCap export with repeating forms: the form that has the measure."""
    if REPEATED not in raw.cells or REPEATED in request.keep:
        return {}
    forms = raw.texts(REPEATED)[filled].unique().tolist()
    return {REPEATED: tuple(forms)} if all(forms) else {}


def _visit(asked: AskedMeasure, request: Request, raw: RawFile, subject: tuple[str, ...]) -> str:
    if request.visit in raw.cells:
        return request.visit
    guess = None if request.visit else raw.visit
    if guess and guess.column not in subject:
        return guess.column
    near = nearest(request.visit, list(map(str, raw.cells.columns))) if request.visit else ""
    # A day is of one patient; the name of a visit is shared by many.
    others = (*request.keep, asked.name, *asked.columns, *date_columns(raw.cells, ()))
    candidates = [
        name
        for name in visit_candidates(raw, subject)
        if name not in others and name not in itertools.chain(*request.baseline_columns.values())
    ]
    raise InputError(
        f"--visit: which column of {raw.path.name} says at which visit a row was recorded"
        + (f" (not {request.visit})?" if request.visit else "?"),
        f"did you mean '{near}'?"
        if near
        else f"columns that would do: {offered(raw, candidates)}; or, where each visit has columns "
        f"of its own: --measure {asked.name}:{asked.direction}:{asked.unit}=COLUMN,COLUMN",
    )


def _measure(
    asked: AskedMeasure, request: Request, raw: RawFile, items: list[str], columns: Sequence[str]
) -> DraftMeasure:
    label = _said_of(asked, raw, columns)
    label = label[:1].upper() + label[1:]
    unit = asked.unit or _unit(raw, columns)
    several = len(items) > 1
    said = {measure_name(name): words for name, words in request.words.items()}
    words = said.get(measure_name(asked.name), ())
    return DraftMeasure(
        name=measure_name(asked.name),
        label=label or label_of_name(asked.name),
        kind="sum" if several else asked.kind,
        direction=DIRECTIONS[asked.direction],
        unit="" if words and not asked.kind else unit,
        items=tuple(items) if several else (),
        words=words,
    )


def _said_of(asked: AskedMeasure, raw: RawFile, columns: Sequence[str]) -> str:
    """What the file calls a measure: the name beside a code of tests, or its column's label."""
    for codes in filter(TEST_CODES.fullmatch, map(str, raw.cells.columns)):
        names = "PARAM" if codes == "PARAMCD" else codes.removesuffix("CD")
        here = raw.texts(codes) == asked.name
        if here.any() and names in raw.cells:
            return str(raw.texts(names)[here].iloc[0])
    return raw.labels.get(columns[0], "") if len(columns) == 1 and not asked.columns else ""


def _unit(raw: RawFile, columns: Sequence[str]) -> str:
    """The unit that CDISC's column beside the values has, where it is one."""
    beside = re.sub("STRES[NC]$", "STRESU", columns[0])
    units = set(raw.texts(beside)) - {""} if beside != columns[0] and beside in raw.cells else set()
    return units.pop() if len(units) == 1 else ""
