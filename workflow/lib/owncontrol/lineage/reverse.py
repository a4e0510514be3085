"""From a raw cell to the numbers that it touches: the chain, read from its other end."""

from owncontrol.basics.nearest import did_you_mean
from owncontrol.errors import InputError
from owncontrol.lineage.chain import Chain
from owncontrol.lineage.counts import Step
from owncontrol.lineage.results import VISIT, Results


def touched(results: Results, file: str, row: str, column: str = "") -> list[str]:
    """Every estimate that a raw cell touches (or any cell of a raw row), in the table's order.

    Raises InputError for a file or column that was not read.
    """
    known = sorted(set(results.files.values()) | set(results.findings["file"]))
    if file not in known:
        raise InputError(f"{file}: no raw file of this study", f"its files: {', '.join(known)}")
    if column:
        _check_column(results, file, column)
    exports = [export for export, name in results.files.items() if name == file]
    if column and any(results.names_assessment(export, row, column) for export in exports):
        column = ""  # it decides which assessment the row's value belongs to
    chain = Chain(results, results.estimates, only=(file, row))
    answers: dict[Step, bool] = {}
    for named in chain.named.values():
        for step in named.steps:
            if step not in answers:
                answers[step] = _is_at(chain, step, file, row, column)
    return [
        estimate_id
        for estimate_id, named in chain.named.items()
        if any(answers[step] for step in named.steps)
    ]


def _is_at(chain: Chain, step: Step, file: str, row: str, column: str) -> bool:
    """Whether a step needs a cell of the raw row, in this column if one is given."""
    if not column and (step.file, step.row) == (file, row):
        return True
    return any(
        (cell.file, cell.row) == (file, row) and column in ("", cell.column)
        for cell in chain.step_cells(step)
    )


def _check_column(results: Results, file: str, column: str) -> None:
    read = results.columns.loc[results.columns["file"] == file, "raw_column"]
    found = results.findings_of(file)["column"]
    exports = {export for export, name in results.files.items() if name == file}
    shaped = any(VISIT in name for name in read) or any(map(results.is_long, exports))
    shaped |= any(
        column in results.repeated(export, table).raw.values()
        for export, table in results.raw_columns
        if export in exports
    )
    if shaped or column in {*read, *found}:
        return  # these tables have cells in columns that the record of columns does not name
    known = sorted({*read, *found} - {""})
    hint = did_you_mean(column, known, f"columns read: {', '.join(known)}")
    raise InputError(f"{file}: no column '{column}' was read from it", hint)
