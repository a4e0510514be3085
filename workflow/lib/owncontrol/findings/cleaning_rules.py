"""Rules about cells and rows as they are cleaned: values, corrections, subjects, doubled rows."""

from typing import ClassVar

from owncontrol.findings.mapping_rules import SignInCode
from owncontrol.findings.rule import FLAGGED, QUARANTINED, READ_AS_MISSING, About, Rule, Severity

CORRECT = "correct the cell in the source, by a correction, or by recode in the configuration"


class ReadOtherwise(Rule, abstract=True):
    """What the rules share about a cell that is read, and not as it is written."""

    severity: ClassVar[Severity] = "note"
    about = "cell"
    sentence = "{note}"
    action = "read as {value}"
    advice = "nothing"
    note: str
    value: object


class Spelling(ReadOtherwise):
    """A value in another spelling: spaces, full-width signs, small letters."""

    code = "spelling"


class EarlierEdition(ReadOtherwise):
    """A value that earlier editions of the instrument wrote."""

    code = "earlier_edition"
    advice = "see whether the other values of the exam are those of the edition that is analysed"


class NumberForm(ReadOtherwise):
    """A number in another declared form."""

    code = "number_form"


class FormulaText(ReadOtherwise):
    """A text that a spreadsheet would calculate."""

    code = "formula_text"
    advice = "be careful to open tables in a spreadsheet program"


class DateForm(ReadOtherwise):
    """A date in another declared form than the usual one."""

    code = "date_form"
    advice = "check that day and month are meant in this order"


class PartOfDateKnown(ReadOtherwise):
    """A date of which only a part is known."""

    code = "partial_date"


class SignInValue(ReadOtherwise):
    """A value with signs that nobody sees."""

    code = SignInCode.code
    severity = "warning"
    advice = SignInCode.advice


class NotPermitted(Rule):
    """A value that nothing in the configuration permits."""

    code = "not_permitted"
    severity: ClassVar[Severity] = "error"
    about = "cell"
    sentence = "{reason}"
    action = READ_AS_MISSING
    advice = CORRECT
    reason: str


class RecordedNotPermitted(NotPermitted):
    """A recorded score that the scale cannot have; it is compared and not analysed."""

    severity = "warning"


class KeyNotPermitted(NotPermitted):
    """A value that is not permitted in a column without which a row is none."""

    action = QUARANTINED


class RequiredValue(Rule):
    """A column without which a row is none is empty."""

    code = "required_value"
    severity = "error"
    about = "cell"
    sentence = "{reason}"
    action = QUARANTINED
    advice = "fill in the cell in the source, or by a correction"
    reason: str


class BlankItem(Rule):
    """An item is empty, and does not say why."""

    code = "blank_item"
    severity = "warning"
    about = "cell"
    sentence = "{reason}"
    action = READ_AS_MISSING
    advice = "ask why it is empty, and write a code for missing values"
    reason: str


class Correction(Rule):
    """A declared correction has changed a cell."""

    code = "correction"
    severity = "note"
    about = "cell"
    sentence = "{record}"
    action = "corrected to {to!r}"
    advice = "nothing; correct the source too, if that may be"
    record: str
    to: str


class CorrectionOutside(Rule):
    """A correction of a subject who is not part of the study."""

    code = "correction_not_part"
    severity = "note"
    about = "row"
    sentence = "{key!r} is of a subject who is not part of this study"
    action = "not applied"
    advice = "nothing, if the file of corrections serves several studies"
    key: str


class CorrectionRefused(Rule, abstract=True):
    """What the rules about corrections that cannot be followed share."""

    code = "correction_refused"
    severity = "error"
    about = "row"
    action = "not applied"
    advice = "correct the entry in the file of corrections"


class UnknownFile(CorrectionRefused):
    """A correction of a file that is not read."""

    sentence = "no raw file '{file}' is read"
    file: str


class NotOneRow(CorrectionRefused):
    """The row key of a correction matches no row, or several."""

    sentence = "{count} rows match {key!r}; exactly one has to"
    count: int
    key: str


class ColumnNotRead(CorrectionRefused):
    """A correction of a column that is not read."""

    sentence = "column '{column}' is not read from {file} row {row}"
    column: str
    file: str
    row: int


class OtherValue(CorrectionRefused):
    """The cell holds another value than the correction expects."""

    sentence = "the cell ({file} row {row}, {column}) holds {held!r}"
    file: str
    row: int
    column: str
    held: str


class CorrectedAlready(CorrectionRefused):
    """Two corrections of one cell."""

    sentence = "row {earlier} has already corrected this cell"
    earlier: int


class PartOfAssessment(CorrectionRefused):
    """A correction of what several rows of a long table agree in, in some of them."""

    sentence = (
        "row {row} is one of {count} rows that are one assessment because they agree in "
        "'{column}'; exactly these have to match the row key"
    )
    row: int
    count: int
    column: str


class SameValueElsewhere(CorrectionRefused):
    """A correction of a value that several rows of a long table give."""

    sentence = "rows {rows} give the same value; one alone cannot be corrected"
    rows: str


class LeftOut(Rule):
    """A subject or a row that the configuration leaves out."""

    code = "excluded"
    severity = "note"
    about: ClassVar[About] = "row"
    sentence = "the configuration leaves out {entry} ({why})"
    action = QUARANTINED
    advice = "give the reason under excluded where there is none"
    entry: str
    why: str


class ValueLeftOut(LeftOut):
    """A value of a long table that the configuration leaves out."""

    about = "cell"
    action = "value not read"


class UnknownSubject(Rule):
    """A row of nobody."""

    code = "unknown_subject"
    severity = "error"
    about = "row"
    sentence = "the subjects table has no such subject"
    action = QUARANTINED
    advice = "correct the code, or add the subject to the subjects table"


class DuplicateRow(Rule):
    """A row repeats another one."""

    code = "duplicate_row"
    severity = "warning"
    about = "row"
    sentence = "equal to an earlier row in every column that is read"
    action = "merged with the row it repeats"
    advice = "nothing, unless both are meant"


class SameKey(Rule, abstract=True):
    """What the rules about different rows of one key share."""

    code = "duplicate_key"
    about = "row"
    sentence = "rows {rows} are for the same {key}; rule: {rule}"
    action = QUARANTINED
    rows: str
    key: str
    rule: str


class KeyUnsettled(SameKey):
    """Different rows of one key, of which the declared rule keeps none."""

    severity = "error"
    advice = "decide which row is right; set 'duplicates' of the table, or correct the others"


class KeySettled(SameKey):
    """Different rows of one key, of which the declared rule keeps another one."""

    severity = "warning"
    advice = "check that the rule keeps the right row"


class NearerKept(SameKey):
    """Rows of one visit, of which the one nearest to its planned day is kept, as declared."""

    severity = "note"
    advice = "nothing, unless another row is meant"


class EventSettled(Rule):
    """Rows of one event, of which the declared rule keeps another one."""

    code = SameKey.code
    severity = "warning"
    about = "row"
    sentence = "{rows} are one event; rule: {rule}"
    action = QUARANTINED
    advice = "check that the rule keeps the right row"
    rows: str
    rule: str


class TwoPeople(Rule):
    """Rows of one code that cannot be one person."""

    code = "two_people"
    severity = "error"
    about = "row"
    sentence = (
        "{rows} have one code and contradict each other in {columns}: two subjects may share the "
        "code{hint}"
    )
    action = QUARANTINED
    advice = "ask who the subjects are, and give one of them another code"
    rows: str
    columns: str
    hint: str


class CodesAlike(Rule):
    """Two codes that may be one."""

    code = "codes_alike"
    severity = "warning"
    about = "cell"
    sentence = (
        "'{one}' and '{usual}' look alike (letter case, zeros, dashes, letters of another "
        "alphabet); if they are one subject, correct or recode one of them"
    )
    action = "read as two subjects"
    advice = "correct or recode one of the codes, if they are one subject"
    one: str
    usual: str


class Contradicts(Rule):
    """An answer that another column contradicts."""

    code = "contradicts"
    severity = "warning"
    about = "cell"
    sentence = "{column} is {number}"
    action = FLAGGED
    advice = "ask which of the two columns is right"
    column: str
    number: str


class NotEligible(Rule):
    """A subject who does not meet an entry criterion."""

    code = "not_eligible"
    severity = "warning"
    about = "cell"
    sentence = "entry criterion not met: {criterion}"
    action = FLAGGED
    advice = "ask whether the subject belongs in the study"
    criterion: str


class AbsentSubject(Rule):
    """A subject without a row where each should have one."""

    code = "absent_subject"
    severity = "warning"
    about = "row"
    sentence = "no row in {tables}"
    action = "none"
    advice = "ask for the subject's rows"
    tables: str


class NoBaseline(Rule):
    """A treated subject without an assessment before treatment."""

    code = "no_baseline"
    severity = "warning"
    about = "row"
    sentence = "treated, but without {baseline} in {tables}"
    action = "none"
    advice = "ask for the assessment; without it the subject has no change"
    baseline: str
    tables: str
