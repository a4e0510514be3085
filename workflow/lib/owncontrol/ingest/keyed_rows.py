"""What keyed codes replace: study codes and the numbers of raw rows, wherever a table has them.

Whoever has the raw file sees which row is which. So under keyed codes a row's number is another
one, from ingest on: each row has a token that the key makes of its number, and the rows are counted
from 2 in the order of their tokens. Ingest's record of the rows has the tokens, from which a holder
of the key finds the raw rows again (``raw_rows``). While the rows are read they stay in the order
of the file, because rules ask for the first or last of several.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from owncontrol.basics.invisible import visible
from owncontrol.basics.patterns import compiled
from owncontrol.findings.finding import Finding
from owncontrol.findings.rule import HIDDEN
from owncontrol.ingest.readers import RawTable
from owncontrol.ingest.reshape import joined_code
from owncontrol.privacy.keyed_codes import keyed_code, read_key, row_tokens, rows_of_tokens
from owncontrol.study.subjects import SubjectCode, SubjectId
from owncontrol.tables.categories import as_categories

NO_CODE = "(no study code)"
TOKEN = "row_token"  # column of ingest's record of the rows


def with_keyed_rows(raw: RawTable, code: SubjectCode, file: str) -> tuple[RawTable, dict[int, str]]:
    """A raw file with its rows under other numbers, in the same order; and the token of each.

    ``file``: its name in every table. The header stays row 1.
    """
    rows = [row for row in (*raw.cells.index.tolist(), *raw.set_aside) if row > 1]
    tokens = row_tokens(rows, read_key(code.key_file), file)
    new = {row: number for number, row in enumerate(sorted(tokens, key=tokens.__getitem__), 2)}
    names = pd.Index(raw.cells.index.map(new), name=raw.cells.index.name, dtype=np.int64)
    keyed = replace(
        raw,
        cells=raw.cells.set_axis(names, axis=0),
        set_aside={new.get(row, row): reason for row, reason in raw.set_aside.items()},
        findings=[_renumbered(finding, new) for finding in raw.findings],
        cell_findings=[_renumbered(finding, new) for finding in raw.cell_findings],
        numbers={
            column: np.array([new[row] for row in numbers.tolist() if row in new], np.int64)
            for column, numbers in raw.numbers.items()
        },
    )
    return keyed, {new[row]: token for row, token in tokens.items()}


def raw_rows(record: pd.DataFrame, key: bytes, file: str) -> dict[int, int]:
    """By number of a row under keyed codes, its number in the raw file.

    ``record``: ingest's record of the rows. InputError where another key made it.
    """
    tokens = record[TOKEN].astype("str")
    known = rows_of_tokens(set(tokens) - {""}, key, file)
    numbers = zip(record["source_row"].astype(np.int64), tokens, strict=True)
    return {int(number): known.get(token, int(number)) for number, token in numbers}


def in_raw_order(
    tables: dict[str, dict[str, pd.DataFrame]],
    rows: dict[str, pd.DataFrame],
    key_file: str,
    names: Mapping[str, str],
) -> dict[str, dict[str, pd.DataFrame]]:
    """Ingested tables, by table and export, with their rows as the raw files have them.

    ``rows``: by export, ingest's record. ``names``: by export, its file.
    """
    key = read_key(key_file)
    order = {export: raw_rows(record, key, names[export]) for export, record in rows.items()}
    return {
        table: {
            export: frame.iloc[
                np.argsort(frame["source_row"].astype(np.int64).map(order[export]), kind="stable")
            ].reset_index(drop=True)
            for export, frame in parts.items()
        }
        for table, parts in tables.items()
    }


def _renumbered(finding: Finding, new: Mapping[int, int]) -> Finding:
    """A finding at the row's new number; its sentence names no place in the raw file."""
    row = None if finding.row is None else new.get(finding.row, finding.row)
    return replace(finding, found=finding.found.without_raw_places(), row=row)


def code_subjects(
    column: pd.Series,
    rule: SubjectId,
    code: SubjectCode,
    recode: Mapping[str, str],
    missing: Iterable[str],
) -> pd.Series:
    """A column of study codes with the keyed code for each.

    A text is read as the cleaning reads it (signs, spaces, capitals, ``recode``) before it is
    coded, so that one subject has one code. What is no study code by the ``rule`` is hidden.
    """
    key = read_key(code.key_file)
    codes = {}
    for text in column.unique():
        plain = visible(unicodedata.normalize("NFKC", text)).strip()
        plain = recode.get(plain, plain)
        plain = plain.upper() if rule.upper_case else plain
        if plain == "" or plain in missing:
            codes[text] = text
        elif compiled(rule.pattern, "subject_id.pattern").fullmatch(plain):
            codes[text] = keyed_code(plain, key, code.prefix)
        else:
            codes[text] = HIDDEN
    return as_categories(column.map(codes).astype("str"))


def code_corrections(
    corrections: pd.DataFrame,
    rule: SubjectId,
    code: SubjectCode,
    of_subjects: set[tuple[str, str]],
    parts: Mapping[tuple[str, str], list[str]],
    name: str,
) -> pd.DataFrame:
    """Corrections with the keyed code wherever they name a row, or a value, by a study code.

    ``of_subjects``: file and raw column of each column of study codes. ``parts``: by file and
    canonical column, the raw columns that make up a code together; a row key that names all of
    them names the last of them with the keyed code. What is no study code there
    is not shown, and names no row: codes that are mistyped in different ways would look the same.

    The rows of the corrections, a file called ``name``, have other numbers, too, and why, who and
    when are left out unless the configuration permits them (``correction_reasons``): whoever has
    the file would find the patient by them.
    """
    key = read_key(code.key_file)

    def coded(file: str, column: str, text: str) -> str:
        plain = visible(text).strip()
        plain = plain.upper() if rule.upper_case else plain
        if compiled(rule.pattern, "subject_id.pattern").fullmatch(plain):
            return keyed_code(plain, key, code.prefix)
        return NO_CODE if plain and (file, column.strip()) in of_subjects else text

    def coded_key(file: str, row_key: str) -> str:
        pairs = (pair.partition("=") for pair in row_key.split(";"))
        named = {column.strip(): value for column, _, value in pairs}
        for (of_file, _), names in parts.items():
            if of_file == file and set(names) <= set(named):
                whole = joined_code([named.pop(name) for name in names])
                named[names[-1]] = whole
        return ";".join(f"{column}={coded(file, column, text)}" for column, text in named.items())

    entries = corrections.to_dict("records")
    tokens = row_tokens(corrections.index.tolist(), key, name)
    numbers = {row: place for place, row in enumerate(sorted(tokens, key=tokens.__getitem__), 2)}
    if not code.correction_reasons:
        corrections = corrections.assign(why="", who="", when="")
    return corrections.set_axis(corrections.index.map(numbers), axis=0).assign(
        row_key=[coded_key(entry["file"], entry["row_key"]) for entry in entries],
        **{
            name: [coded(entry["file"], entry["column"], entry[name]) for entry in entries]
            for name in ("from", "to")
        },
    )
