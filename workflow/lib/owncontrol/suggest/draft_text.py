"""A proposed export as lines of YAML, with a comment on each doubt.

Nothing of a raw file but the names of sheets, columns and visits and short codes goes into them.
"""

import math
import re
from collections.abc import Iterable, Mapping

import yaml

from owncontrol.study.visit_windows import VisitWindows
from owncontrol.suggest.cdisc import MARK, YES
from owncontrol.suggest.column_guesses import Guess
from owncontrol.suggest.draft import DraftExport, DraftTable

SHOWN = 200  # characters of a name in a comment


def export_lines(export: DraftExport) -> list[str]:
    """The entry of an export under ``exports``."""
    entry = (export.entry,) if isinstance(export.entry, str) else export.entry
    lines = [f"{export.key}:", f"  file: {_one_or_list(entry)}"]
    for key, value in export.options.items():
        shown = _mapping_or_list(value)
        lines.append(doubted(f"  {key}: {shown}", export.option_doubts.get(key, "")))
    if export.dictionary:
        lines.append(f"  dictionary: {scalar(export.dictionary)}")
    if export.keep:
        kept = {column: _one_or_list(values) for column, values in export.keep.items()}
        lines.append("  keep: {" + ", ".join(f"{scalar(c)}: {v}" for c, v in kept.items()) + "}")
    lines += _window_lines(export.windows)
    lines += _texts("missing", export.missing)
    lines += _texts("dates", export.dates)
    lines += _texts("numbers", export.numbers)
    lines += ["  ignored:"] if export.ignored else []
    for name, why in export.ignored.items():
        lines.append(f"    - {scalar(name)}" + (f"  # {one_line(why)}" if why else ""))
    lines.append("  tables:")
    for table in export.tables:
        lines += _table_lines(table)
    return lines + [f"    # {one_line(note)}" for note in export.notes]


def _window_lines(windows: VisitWindows | None) -> list[str]:
    if windows is None:
        return []
    targets = ", ".join(f"{scalar(name)}: {windows.target(name):g}" for name in windows.windows)
    since = f"    since_first: [{', '.join(map(scalar, windows.since_first))}]"
    return [
        "  visit_windows:",
        f"    column: {scalar(windows.column)}",
        *([since] if windows.since_first else []),
        "    windows:",
        *(f"      {scalar(name)}: [{a:g}, {b:g}]" for name, (a, b) in windows.windows.items()),
        f"    targets: {{{targets}}}",
    ]


def _texts(key: str, texts: Mapping[str, str]) -> list[str]:
    lines = [doubted(f"    - {scalar(text)}", doubt) for text, doubt in texts.items()]
    return [f"  {key}:", *lines] if lines else []


def _table_lines(table: DraftTable) -> list[str]:
    lines = [
        doubted(f"    {scalar(table.name)}:", table.doubt),
        *["      scores: recorded"] * table.recorded,
    ]
    if table.rows:
        rows = ", ".join(f"{scalar(c)}: {_one_or_list(v)}" for c, v in table.rows.items())
        lines.append("      rows: {" + rows + "}")
    lines += ["      undated: true"] if table.undated else []
    lines += ["      duplicates: keep_nearest"] if table.nearest_of_several else []
    lines += [f"      wide: {scalar(table.wide)}"] if table.wide else []
    if any(table.long):
        item, value = map(_one_or_list, table.long)
        lines.append(f"      long: {{item: {item}, value: {value}}}")
    lines.append("      columns:")
    for column, guess in table.columns.items():
        if column == "visit" and table.mark:
            continue  # see _mark_lines
        if column == "subject_id" and len(table.subject) > 1:
            lines.append(f"        subject_id: {_one_or_list(table.subject)}")
        elif guess is None:
            lines.append(f"        # unsure: no column found for {column}, which every row needs")
        else:
            lines.append(doubted(f"        {scalar(column)}: {scalar(guess.column)}", guess.doubt))
    if table.repeated:
        pairs = table.repeated.items()
        columns = ", ".join(f"{scalar(name)}: {scalar(raw)}" for name, raw in pairs)
        visit = scalar(table.repeated_visit)
        lines.append(f"      baseline_columns: {{visit: {visit}, columns: {{{columns}}}}}")
    lines += _mark_lines(table)
    lines += _pattern_lines(table)
    lines += _recode_lines(table.recode)
    for column, texts in table.unknown.items():
        lines.append(f"      # unsure: meaning of {', '.join(map(repr, texts))} in {column}")
    return lines


def _mark_lines(table: DraftTable) -> list[str]:
    """The pattern of a column of visits that a flag marks."""
    visit = table.columns.get("visit") if table.mark else None
    if visit is None:
        return []
    mark = f"{{raw: {scalar(table.mark)}, values: {{{scalar(YES)}: {scalar(MARK)}}}}}"
    raw = scalar(re.escape(visit.column))
    return [
        "      # The flag, not the visit's name, says which row of a subject is the baseline.",
        "      patterns:",
        f"        - {{raw: {raw}, column: visit, mark: {mark}}}",
    ]


def _pattern_lines(table: DraftTable) -> list[str]:
    """The patterns of items."""
    lines = ["      patterns:"] if table.patterns else []
    for raw, column, words in table.patterns:
        said = ", ".join(f"{scalar(text)}: {scalar(word)}" for text, word in words.items())
        known = f", words: {{{said}}}" if said else ""
        lines.append(f"        - {{raw: {scalar(raw)}, column: '{column}'{known}}}")
    return lines


def _recode_lines(recode: Mapping[str, Mapping[str, Guess]]) -> list[str]:
    lines = ["      recode:"] if recode else []
    for column, codes in recode.items():
        lines.append(f"        {scalar(column)}:")
        for text, guess in codes.items():
            line = f"          {scalar(text)}: {scalar(guess.column)}"
            lines.append(doubted(line, guess.doubt))
    return lines


def _one_or_list(values: Iterable[str]) -> str:
    texts = [scalar(value) for value in values]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _mapping_or_list(value: object) -> str:
    """A mapping or a list on one line, any other value as a scalar."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(scalar, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {scalar(of)}" for key, of in value.items()) + "}"
    return scalar(value)


def scalar(value: object) -> str:
    """A value as YAML writes it on one line; text that could be read as something else quoted."""
    style = '"' if isinstance(value, str) and not value.isprintable() else None
    text = yaml.safe_dump(value, allow_unicode=True, width=math.inf, default_style=style)
    plain = str(text).removesuffix("\n...\n").strip()
    # Inside [ ] and { } these end a plain text.
    in_brackets = isinstance(value, str) and set(",[]{}") & set(plain) and plain[0] not in "'\""
    return f"'{plain}'" if in_brackets else plain


def doubted(text: str, doubt: str) -> str:
    """A line, with a doubt as its comment."""
    return f"{text}  # unsure: {one_line(doubt)}" if doubt else text


def one_line(text: str) -> str:
    """A text on one line, without what YAML does not allow even in a comment."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
