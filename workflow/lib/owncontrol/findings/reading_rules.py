"""Rules about a raw file as it is read: a text, a workbook, a file of a statistics program."""

from typing import ClassVar, Literal

from owncontrol.findings.rule import QUARANTINED, About, Rule

READ_WITHOUT = "read without it"


class EncodingFound(Rule):
    """The encoding of an inspected text was found by its bytes."""

    code = "encoding"
    severity = "note"
    about = "file"
    sentence = "{why}"
    action = "read with encoding {value!r}"
    advice = "compare a few names and words; set exports.*.encoding"
    value: str
    why: str


class DelimiterFound(Rule):
    """The delimiter of an inspected text was found by its rows."""

    code = "delimiter"
    severity = "note"
    about = "file"
    sentence = "{why}"
    action = "read with delimiter {value!r}"
    advice = "look whether the cells are under their columns; set exports.*.delimiter"
    value: str
    why: str


class FirstNameMissing(Rule):
    """A header has one name fewer than every row has cells."""

    code = "first_name_missing"
    severity = "note"
    about = "file"
    sentence = "the header has one name fewer than every row has cells, as R writes names of rows"
    action = "the first column is read as one without a name"
    advice = "nothing"


class WindowsLineEnds(Rule):
    """All lines end as Windows writes them."""

    code = "windows_line_ends"
    severity = "note"
    about = "file"
    sentence = "lines end in CR LF, as Windows writes them"
    action = "read as line ends"
    advice = "nothing"


class MixedLineEnds(Rule):
    """Lines end in different signs."""

    code = "mixed_line_ends"
    severity = "note"
    about = "file"
    sentence = "{pairs} lines end in CR LF, {feeds} in LF, {returns} in CR alone"
    action = "read as line ends"
    advice = "check whether files were put together or lines edited by hand"
    pairs: int
    feeds: int
    returns: int


class ByteOrderMark(Rule):
    """The file starts with the mark of UTF-8."""

    code = "byte_order_mark"
    severity = "note"
    about = "file"
    sentence = "the file starts with a byte order mark"
    action = "ignored"
    advice = "nothing"


class ByteOrder(Rule):
    """A text in UTF-16 or UTF-32 does not give its byte order."""

    code = "byte_order"
    severity = "note"
    about = "file"
    sentence = "no byte order mark; by the place of its NUL bytes it is {codec}"
    action = "read as {codec}"
    advice = "compare a few names and words, or name the byte order in exports.*.encoding"
    codec: str


class EncodingDoubtful(Rule, abstract=True):
    """What the doubts about a declared encoding share."""

    code = "encoding_doubtful"
    severity = "warning"
    about: ClassVar[About] = "file"
    action = "read as {encoding}"
    advice = "compare a few names and words; correct exports.*.encoding"
    encoding: str


class LikelyUtf8(EncodingDoubtful):
    """A file that is declared as something else is valid UTF-8."""

    sentence = (
        "all its letters beyond ASCII are valid UTF-8, which is hardly chance; set "
        "exports.*.encoding: utf-8 unless you know better"
    )


class ControlCharacter(EncodingDoubtful):
    """The declared encoding gives a sign that no table has."""

    sentence = (
        "line {line} holds the control character U+{point:04X}, which no table has; windows-1252 "
        "has letters and quotes there: check exports.*.encoding"
    )
    raw_places = ("line",)
    line: str
    point: int


class TextsInUtf8(EncodingDoubtful):
    """Texts of a variable are UTF-8, and the file gives another encoding."""

    about = "column"
    sentence = (
        "texts of this variable are UTF-8, while the file gives {encoding}: if they look wrong, "
        "set exports.*.encoding: utf8"
    )


class EndOfFileMark(Rule):
    """The file ends in the mark with which DOS ends a text."""

    code = "end_of_file_mark"
    severity = "note"
    about = "file"
    sentence = "Ctrl-Z (0x1A) at the very end, with which DOS ends a text"
    action = "ignored"
    advice = "nothing"


class SeparatorLine(Rule):
    """A first line that is no header names the delimiter."""

    code = "separator_line"
    severity = "note"
    about = "row"
    sentence = "the first line names {sign!r} as the delimiter, for a spreadsheet program"
    action = "read as the delimiter"
    advice = "nothing"
    sign: str


class BrokenQuotes(Rule):
    """The cells of a row cannot be told apart."""

    code = "broken_quotes"
    severity = "error"
    about = "row"
    sentence = "quotes do not match: a cell has none, or one at each end and doubled ones inside"
    action = QUARANTINED
    advice = "correct the quotes in the source, and export the file again"


class RowLength(Rule):
    """A row has another number of cells than the header."""

    code = "row_length"
    severity = "error"
    about = "row"
    sentence = (
        "{cells} where the header has {width}: a delimiter inside a text without quotes, or a line "
        "that was cut or run together"
    )
    action = QUARANTINED
    advice = "correct the row in the source, and export the file again"
    cells: str
    width: int


class NoRows(Rule):
    """The file has a header and nothing else."""

    code = "no_rows"
    severity = "warning"
    about = "file"
    sentence = "a header and not one row below it"
    action = "none"
    advice = "check whether the export is complete"


class BlankColumn(Rule):
    """A last column has neither name nor content."""

    code = "blank_column"
    severity = "note"
    about = "column"
    sentence = "a column without name and content"
    action = "ignored"
    advice = "nothing"


class BlankRow(Rule):
    """A row is empty."""

    code = "blank_row"
    severity = "note"
    about = "row"
    sentence = "a row without any content"
    action = "row set aside"
    advice = "nothing"


class NotData(Rule):
    """A row is one of those that the configuration declares as no data."""

    code = "not_data"
    severity = "note"
    about = "row"
    sentence = "the configuration (not_data) says that such a row is no data"
    action = "row set aside"
    advice = "nothing, if the pattern under not_data was meant for this row"


class RepeatedHeader(Rule):
    """A row repeats the header."""

    code = "repeated_header"
    severity = "warning"
    about = "row"
    sentence = "the header is repeated here; were two exports put below each other?"
    action = "row set aside"
    advice = "check whether rows are there twice"


class SignInName(Rule):
    """The name of a column has signs that nobody sees."""

    code = "invisible_sign"
    severity = "warning"
    about = "column"
    sentence = "the name of column {position} has signs that are not seen: {unseen}"
    action = "{outcome}"
    advice = "take the signs out of the header"
    position: int
    unseen: str
    outcome: Literal["read without them", "read as the configuration has it"]


class SignInCell(Rule):
    """A cell of an inspected file has signs that nobody sees."""

    code = "invisible_sign"
    severity = "warning"
    about = "cell"
    sentence = "invisible: {unseen}"
    action = READ_WITHOUT
    advice = "take the signs out of the cell in the source"
    unseen: str


class RowCount(Rule):
    """The header of a file counts fewer rows than there are."""

    code = "row_count"
    severity = "warning"
    about = "file"
    sentence = "the header says {said} rows, and the file holds more"
    action = "all rows read"
    advice = "check the number of rows in the program that wrote the file"
    said: int


class NoDate(Rule):
    """A stored number whose format shows dates is none."""

    code = "no_date"
    severity = "error"
    about = "cell"
    sentence = (
        "the format {form} shows dates, and its calendar does not have this one; correct it in the "
        "program that wrote the file"
    )
    action = "value kept"
    advice = "correct the value in the program that wrote the file"
    form: str


class TextCut(Rule):
    """The last sign of a stored text is not whole."""

    code = "text_cut"
    severity = "error"
    about = "cell"
    sentence = "the last sign of the text is cut off in the file; what is left is kept"
    action = "value kept"
    advice = "widen the variable in the program that wrote the file, and export again"


class LabelDoubtful(Rule, abstract=True):
    """What the rules about labels that stand for several values share."""

    code = "label_of_two"
    severity = "error"
    about = "cell"
    action = "value kept"
    advice = "give each value a label of its own, or read the values (labels: false)"


class LabelOfTwo(LabelDoubtful):
    """A label stands for several values."""

    sentence = "the label '{label}' stands for the values {values}; value kept"
    label: str
    values: str


class ValueIsLabel(LabelDoubtful):
    """A value without a label is the label of another one."""

    sentence = "'{value}' has no label, and is itself the label of {others}"
    value: str
    others: str


class LabelIsValue(LabelDoubtful):
    """The label of a value is a value that has none."""

    sentence = "the label '{label}' of this value is a value without a label, too"
    label: str


class ValueWithoutLabel(Rule):
    """Some values of a variable with labels have none."""

    code = "value_without_label"
    severity = "note"
    about = "column"
    sentence = "no label for {values}, while other values have one"
    action = "value kept"
    advice = "check that these values are meant"
    values: str


class UnknownFormat(Rule):
    """The format of a variable may show dates and is not known."""

    code = "unknown_format"
    severity = "note"
    about = "column"
    sentence = "the format {form} is not known here; numbers are written as stored"
    action = "number kept"
    advice = "if the column holds dates, give it another format in the program that wrote it"
    form: str


class PartOfDate(Rule):
    """The format of a variable shows a part of its dates."""

    code = "part_of_date"
    severity = "note"
    about = "column"
    sentence = "the format {form} shows only {part} of a date; so it is written"
    action = "as shown"
    advice = "if the whole date is needed, give the variable another format"
    form: str
    part: str


class TimeNotShown(Rule):
    """The format of a variable hides times of day."""

    code = "part_of_date"
    severity = "note"
    about = "column"
    sentence = "the format {form} shows a date only; times of day stored with it are left out"
    action = "as shown"
    advice = "if the time is needed, give the variable another format"
    form: str


class LeapSeconds(Rule):
    """The format of a variable counts leap seconds."""

    code = "leap_seconds"
    severity = "note"
    about = "column"
    sentence = "the format {form} counts leap seconds; they are taken out"
    action = "as shown"
    advice = "nothing"
    form: str
