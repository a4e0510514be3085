"""Rules about a workbook as it is read: its sheets, its cells and what they store."""

from typing import ClassVar

from owncontrol.findings.rule import Rule, Severity

RE_SAVE = "open the workbook, let it calculate, and save it"


class HiddenSheetRead(Rule):
    """The sheet that is read is hidden."""

    code = "hidden_sheet"
    severity = "note"
    about = "file"
    sentence = "the sheet that the configuration names is hidden in the workbook"
    action = "read"
    advice = "check that exports.*.sheet names the right sheet"


class HiddenSheetPassed(Rule):
    """A hidden sheet is before the one that is read."""

    code = "hidden_sheet"
    severity = "note"
    about = "file"
    sentence = "a hidden sheet before the first visible one, '{visible}', which is read"
    action = "not read"
    advice = "if the hidden sheet is meant, name it under exports.*.sheet"
    visible: str


class HiddenCells(Rule):
    """Rows or columns of the table are hidden."""

    code = "hidden_cells"
    severity = "note"
    about = "file"
    sentence = "{hidden} of the table hidden or filtered out in the workbook"
    action = "read like the others"
    advice = "check whether the hidden rows are data"
    hidden: str


class StoredFault(Rule, abstract=True):
    """What the rules about cells share that store no value of their type."""

    severity = "error"
    about = "cell"
    action = "kept as stored"
    advice = "correct the cell in the workbook"


class ErrorValue(StoredFault):
    """A formula gave an error."""

    code = "error_value"
    sentence = "an error of a formula, which is no value"


class NotANumber(StoredFault):
    """A number cell holds none."""

    code = "not_a_number"
    sentence = "a number cell, but {why}"
    why: str


class NoDateOfNumber(StoredFault):
    """A cell that shows a date stores a number beyond all dates."""

    code = "impossible_date"
    sentence = "its number format shows a date, and no date has this number"


class NoSuchDay(StoredFault):
    """A cell that shows a date stores the number of a day that never was."""

    code = "impossible_date"
    sentence = "its number format shows a date, and the number stands for {shown}"
    shown: str


class NoIsoDate(StoredFault):
    """A cell of the type date holds none."""

    code = "impossible_date"
    sentence = "a date cell, but no date or time in ISO 8601 without a time zone"


class NotABoolean(StoredFault):
    """A cell of true or false holds neither."""

    code = "not_a_boolean"
    sentence = "a cell of true or false that holds neither"


class PercentCell(Rule):
    """Cells with a percent format store a hundredth of what they show."""

    code = "percent_cell"
    severity: ClassVar[Severity] = "note"
    about = "column"
    sentence = (
        "{cells} of this column with a percent format ({form}) {hold} a hundredth of what the "
        "workbook shows; the percentage is read, with all its digits"
    )
    action = "read as {shown}"
    advice = "nothing"
    cells: str
    form: str
    hold: str
    shown: str


class PercentCellAmongOthers(PercentCell):
    """Some numbers of a column have a percent format, and others none."""

    severity = "warning"
    sentence = (
        PercentCell.sentence
        + "; {others} other number(s) of the column have no percent format: check them"
    )
    advice = "check whether the other numbers are percentages or hundredths of them"
    others: int


class NumberAsText(Rule):
    """A number is stored as text, and others of its column as numbers."""

    code = "number_as_text"
    severity = "note"
    about = "cell"
    sentence = "a text cell among number cells"
    action = "read as a number"
    advice = "nothing"


class MergedCells(Rule):
    """A value is in merged cells."""

    code = "merged_cells"
    severity = "warning"
    about = "cell"
    sentence = "{area} are one merged cell; its value counts for the first cell only"
    action = "the other cells read as empty"
    advice = "take the merged cell apart in the workbook, and write the value where it belongs"
    raw_places = ("area",)
    area: str


class FormulaNotCalculated(Rule):
    """A formula has the result 0 in a workbook that was never calculated."""

    code = "formula_not_calculated"
    severity = "warning"
    about = "cell"
    sentence = (
        "the file asks to be calculated when it is opened, and the stored result is 0: " + RE_SAVE
    )
    action = "read as 0"
    advice = RE_SAVE


class FormulaWithoutValue(Rule):
    """A formula has no result."""

    code = "formula_without_value"
    severity = "error"
    about = "cell"
    sentence = "a formula whose result the file does not hold: " + RE_SAVE
    action = "read as empty"
    advice = RE_SAVE


class DateAsNumber(Rule):
    """A date is stored as a number that nobody formatted."""

    code = "date_as_number"
    severity = "note"
    about = "cell"
    sentence = "days since the epoch of the workbook ({epoch})"
    action = "read as {date}"
    advice = "nothing, or give the cell the format of a date"
    epoch: str
    date: str
