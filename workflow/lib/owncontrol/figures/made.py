"""What every figure's module has in common: a function that makes it from a study's files."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

# Paths by the names of the catalogue's ``inputs``; a list of them where there may be several.
Files = Mapping[str, Any]
# One row of the numbers behind a figure, by their columns.
Row = dict[str, Any]
# The numbers behind a figure, and the figure.
Made = tuple[pd.DataFrame, Figure]
