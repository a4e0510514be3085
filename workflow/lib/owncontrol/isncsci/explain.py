"""Why an exam is classified as it is: the cells that decided, in a clinician's words."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from owncontrol.isncsci import cells, encoding, narrate
from owncontrol.isncsci.classification import classify
from owncontrol.isncsci.tag_grades import UNTAGGED
from owncontrol.isncsci.view import Explanation, View, bounds_of, listed


def explain(exam: "Mapping[str, Any] | pd.Series[Any]") -> list[Explanation]:
    """Explain every output of one exam, in the order of ``cells.OUTPUTS``.

    Args:
        exam: the cells of ``cells.ALL_CELLS``, as text or codes, as in a row of `classify`.

    Returns:
        One `Explanation` an output: its value, a sentence, and the cells that decided with their
        text. Where a value is a set, those are the open cells of which some completion would
        narrow it.

    Raises:
        InputError: as `classify`.
    """
    [explained] = explain_all(pd.DataFrame([dict(exam)]))
    return explained


def explain_all(exams: pd.DataFrame) -> list[list[Explanation]]:
    """Explain every exam of a table, each as `explain` does; all are classified at once.

    Raises:
        InputError: as `classify`.
    """
    if not len(exams):
        return []
    codes = np.stack(encoding.encode(exams))
    encoding.check(codes, exams)
    parts = [_variants(codes[:, place]) for place in range(codes.shape[1])]
    everything = np.concatenate([variants for variants, _ in parts])
    results = classify(pd.DataFrame(everything, columns=list(cells.ALL_CELLS)))
    # One exam after the other: its own row, then its variants.
    ends = np.cumsum([len(variants) for variants, _ in parts])
    values = {name: results[name].to_numpy(object) for name in cells.OUTPUTS}
    found = []
    for (variants, changed), end in zip(parts, ends, strict=True):
        own = {name: column[end - len(variants) : end] for name, column in values.items()}
        view = View(variants[0], {name: str(results[0]) for name, results in own.items()})
        found.append(
            [_explain(view, name, _matter(results, changed)) for name, results in own.items()]
        )
    return found


def _matter(results: NDArray[np.object_], changed: NDArray[np.intp]) -> list[str]:
    """The cells of which some completion changes a result; ``results``: as it is, then variants."""
    return [cells.ALL_CELLS[row] for row in dict.fromkeys(changed[results[1:] != results[0]])]


def _variants(codes: cells.Codes) -> tuple[cells.Codes, NDArray[np.intp]]:
    """The exam, then itself with one cell changed: an open cell to each grade it leaves open, a
    tagged one to what it is without its tag. Also the rows of the changed cells."""
    made, changed = [codes], []
    for row in np.flatnonzero(codes < 0):
        cell = cells.ALL_CELLS[row]
        low, high = bounds_of(cell, int(codes[row]))
        others = [*range(low, high + 1)] if low < high else []
        if codes[row] <= cells.SINGLE:
            others.append(int(UNTAGGED[codes[row]]))
        for other in others:
            variant = codes.copy()
            variant[row] = other
            made.append(variant)
            changed.append(row)
    return np.array(made), np.array(changed, dtype=np.intp)


def _explain(view: View, output: str, matter: list[str]) -> Explanation:
    value = view.values[output]
    plain = value.replace("*", "")
    if output in cells.TOTAL_OUTPUTS:
        return narrate.total(view, output)
    if "," in plain:
        values = value.split(",")
        some = matter or view.open_cells()
        sentence = (
            f"Not settled: {', '.join(values[:-1])} or {values[-1]}. "
            f"It hangs on what {listed(view, some)} would show."
        )
        if "*" in value:
            sentence += " The * marks what depends on a cell impaired for another reason."
        return Explanation(output, value, sentence, view.texts(some))
    sentence, deciding = narrate.settled(view, output, plain)
    tagged = [cell for cell in matter if view.code(cell) <= cells.SINGLE]
    if "*" in value:
        tagged = tagged or view.tagged_cells()
        sentence += (
            f" The * says that this depends on {listed(view, tagged)}, impaired for another reason "
            "than the spinal cord injury."
        )
        deciding = [*deciding, *(cell for cell in tagged if cell not in deciding)]
    return Explanation(output, value, sentence, view.texts(deciding))
