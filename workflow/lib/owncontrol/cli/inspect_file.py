"""inspect: a raw file as the workflow reads it, and everything that was found while reading."""

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TextIO

import numpy as np

from owncontrol.basics.invisible import describe
from owncontrol.findings.finding import Finding, shortened
from owncontrol.findings.reading_rules import DelimiterFound, EncodingFound, SignInCell
from owncontrol.ingest.readers import RawTable, read_export
from owncontrol.ingest.readers.proposed import Options, proposed_options, reading_of, with_tab
from owncontrol.tables.categories import by_value

Form = Literal["csv", "json"]
ROW = "row"
FOUND = {"encoding": EncodingFound, "delimiter": DelimiterFound}


def inspect_file(path: Path, options: Options, form: Form) -> None:
    """Print the table of a raw file on the standard output, the findings on the standard error.

    ``options``: keys of an entry under ``exports`` that say how the file is read; encoding and
    delimiter of a text are found where they are left out, as for a new study, everything else is
    the default. The first column ``row`` is the row's number in the file; every value is its text.
    Raises InputError where the file cannot be read.
    """
    proposed, doubts = proposed_options(path, options.get("format", "auto"))
    found = {key: proposed[key] for key in ("encoding", "delimiter") if key in proposed}
    raw = read_export(path, reading_of(path, found | options))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # the same bytes in every locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    findings = [
        Finding(FOUND[key](value=value, why=doubts.get(key, f"set exports.*.{key}")), path.name)
        for key, value in found.items()
        if key not in options
    ]
    if form == "csv":
        _print_csv(raw, sys.stdout)
    else:
        _print_json(raw, sys.stdout)
    for finding in [*findings, *raw.findings, *raw.cell_findings, *_unseen_signs(path, raw)]:
        print(_line(finding) if form == "csv" else _as_json(finding), file=sys.stderr)


def reading_options(given: argparse.Namespace) -> Options:
    """The keys of an entry under ``exports`` that the command line says something of."""
    keys = ("format", "sheet", "dataset", "encoding", "delimiter", "title_rows", "header_rows")
    options: Options = {key: getattr(given, key) for key in keys if getattr(given, key) is not None}
    options |= {key: True for key in ("labelled", "labels") if getattr(given, key)}
    if given.dictionary:
        options["dictionary"] = str(given.dictionary.resolve())
    return with_tab(options)


def _unseen_signs(path: Path, raw: RawTable) -> Iterator[Finding]:
    """A warning for each cell with signs that nobody sees; cleaning reads it without them."""
    for name in raw.cells:
        unseen = by_value(raw.cells[name], describe)
        for place in np.flatnonzero(unseen != "") if len(unseen) else ():
            text, row = str(raw.cells[name].iloc[place]), int(raw.cells.index[place])
            yield Finding(SignInCell(unseen=unseen[place]), path.name, row, str(name), text)


def _print_csv(raw: RawTable, out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([ROW, *raw.cells.columns])
    texts = raw.cells.astype("str")
    for row, cells in zip(texts.index.tolist(), texts.to_numpy().tolist(), strict=True):
        writer.writerow([row, *cells])


def _print_json(raw: RawTable, out: TextIO) -> None:
    texts = raw.cells.astype("str")
    table = {
        "columns": list(texts.columns),
        "rows": [
            {ROW: row, "cells": dict(zip(texts.columns, cells, strict=True))}
            for row, cells in zip(texts.index.tolist(), texts.to_numpy().tolist(), strict=True)
        ],
        "set_aside": [{ROW: row, "reason": reason} for row, reason in raw.set_aside.items()],
    }
    json.dump(table, out, ensure_ascii=False, indent=1)
    out.write("\n")


def _line(finding: Finding) -> str:
    place = [] if finding.row is None else [f"row {finding.row}"]
    place += [f"column {finding.column}"] if finding.column else []
    value = f": {shortened(finding.value)!r}" if finding.value else ""
    where = f"{', '.join(place)}{value}: " if place else ""
    return f"{finding.severity}: {where}{finding.detail} ({finding.rule}; {finding.action})"


def _as_json(finding: Finding) -> str:
    shown = {
        ROW: finding.row,
        "column": finding.column,
        "value": shortened(finding.value),
        "rule": finding.rule,
        "severity": finding.severity,
        "action": finding.action,
        "sentence": finding.detail,
    }
    return json.dumps(shown, ensure_ascii=False)
