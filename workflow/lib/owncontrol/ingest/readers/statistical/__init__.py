"""Files of SAS, SPSS and Stata as text: each value as the program that wrote it shows it.

Read by pyreadstat (ReadStat) as stored. Numbers are written with the fewest digits that the
variable's storage would store as the same, whole ones without a decimal point, dates as ISO 8601
as far as the variable's format shows them. A value that the file itself declares missing is
written as SAS and Stata write it, with a full stop before it (``.A``, ``.b``; SPSS's user-missing
99 as ``.99``), so that it cannot be taken for a value; ``missing`` in the configuration lists those
that are allowed there. A cell without any value is an empty text. Blanks at the end of a text are
the filling of its field.
"""

from pathlib import Path

import pandas as pd

from owncontrol.ingest.readers.grid import Grid
from owncontrol.ingest.readers.statistical.stored_columns import Variable, label_text, text_column
from owncontrol.ingest.readers.statistical.stored_files import READERS, open_file
from owncontrol.study.exports import ReadingOptions

SUFFIXES = {".sas7bdat": "sas7bdat", ".xpt": "xport", ".sav": "spss", ".zsav": "spss"}
SUFFIXES |= {".por": "spss", ".dta": "stata"}
FORMATS = tuple(READERS)
FIRST_ROW = 1  # these programs count observations, and names are no row


def read_statistical(path: Path | str, export: ReadingOptions) -> Grid:
    """A file as a grid of text, with findings at the cells that cannot be read.

    ``export``: an entry under ``exports``. Its ``dataset`` names the dataset inside a transport
    file; its ``labels`` asks for value labels in place of the values; its ``encoding`` counts only
    where it is not utf-8, because the file knows its own. Raises InputError where the file cannot
    be read as that format.
    """
    path = Path(path)
    opened = open_file(path, export)
    columns, found = {}, []
    for position in range(len(opened.names)):
        columns[position], findings = text_column(
            Variable(opened, position), opened.frame[position], FIRST_ROW, export.labels
        )
        found += [(position, finding) for finding in findings]
    index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(opened.frame), name="source_row")
    cells = pd.DataFrame(columns, index=index)
    return Grid(opened.names, cells, findings=opened.findings, cell_findings=found)


def variable_labels(path: Path | str, export: ReadingOptions) -> dict[str, str]:
    """What the file calls its variables; without those that have no label."""
    opened = open_file(Path(path), export, metadata_only=True)
    return {name: label for name, label in zip(opened.names, opened.labels, strict=True) if label}


def value_labels(path: Path | str, export: ReadingOptions) -> dict[str, dict[str, str]]:
    """Value labels by variable that has any: from a value's text, as the reader writes it.

    ``export``: as for ``read_statistical``. Raises InputError as it does.
    """
    opened = open_file(Path(path), export, metadata_only=True)
    return {
        name: label_text(Variable(opened, position))
        for position, name in enumerate(opened.names)
        if opened.value_labels[position]
    }
