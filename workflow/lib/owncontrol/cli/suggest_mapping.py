"""suggest-mapping: propose the entry under ``exports`` for a raw file, with every doubt marked."""

from pathlib import Path

from owncontrol.suggest.draft_text import export_lines
from owncontrol.suggest.proposal import proposed_export
from owncontrol.suggest.raw_file import read_raw_file


def suggest_mapping(path: Path | str, dictionary: Path | str | None) -> str:
    """The text of a YAML entry under ``exports`` for the file, with a comment on each doubt.

    ``dictionary``: the file's REDCap data dictionary, where it has one. Raises InputError where a
    file cannot be read. Nothing of the file but the names of sheets, columns and visits and short
    codes goes into the text.
    """
    raw = read_raw_file(Path(path), None if dictionary is None else Path(dictionary))
    head = "# Proposed from the data; check each line, above all those marked unsure."
    return "\n".join([head, *export_lines(proposed_export(raw))]) + "\n"
