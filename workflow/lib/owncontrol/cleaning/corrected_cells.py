"""Which cells the declared corrections changed, by the column that each is read as."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from owncontrol.cleaning.working_table import Sheet
from owncontrol.tables import conform


def corrected_cells(sheets: Mapping[str, Sheet]) -> pd.DataFrame:
    """The table ``corrected_cells``: one row per cell of a canonical table that was corrected."""
    parts = []
    for table, sheet in sorted(sheets.items()):
        places = sorted(sheet.corrected)
        rows = np.array([row for row, _ in places], np.intp)
        columns = [column for _, column in places]
        raw = [str(sheet.raw_names(column, np.array([row], np.intp))[0]) for row, column in places]
        part = {
            "table": table,
            "column": columns,
            "file": sheet.source_file.iloc[rows].astype("str").to_numpy(),
            "row": sheet.source_row[rows],
            "raw_column": raw,
        }
        for name in ("subject_id", "visit"):
            known = name in sheet.values
            texts = sheet.values[name].iloc[rows].astype("str").to_numpy() if known else ""
            part[name] = texts
        parts.append(pd.DataFrame(part))
    return conform(pd.concat(parts, ignore_index=True), "corrected_cells")
