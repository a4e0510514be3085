"""Rules about what a raw file is mapped to: dictionary, columns, rows, boxes, codes of subjects."""

from typing import Literal

from owncontrol.findings.reading_rules import READ_WITHOUT
from owncontrol.findings.rule import Rule

Outcome = Literal["kept as written", "read as empty"]
AS_WRITTEN = "kept as written"
RAW_OR_LABELS = "export the file raw, or give each choice a label of its own"


class HeaderNotInDictionary(Rule):
    """A column of a REDCap export that its dictionary does not know."""

    code = "header_not_in_dictionary"
    severity = "warning"
    about = "column"
    sentence = (
        "{dictionary} has no field of this name or label{nearest}; correct the header, or name the "
        "dictionary of this export"
    )
    action = AS_WRITTEN
    advice = "correct the header, or name the dictionary of this export"
    dictionary: str
    nearest: str


class HeaderIsLabel(Rule):
    """A column of a raw REDCap export has a label in its header."""

    code = "header_not_in_dictionary"
    severity = "warning"
    about = "column"
    sentence = (
        "this is the label of {fields} in {dictionary}, and the export is not declared as "
        "labelled; correct the header, or name the dictionary of this export"
    )
    action = AS_WRITTEN
    advice = "set labelled: true for an export with labels"
    fields: str
    dictionary: str


class NotAChoice(Rule):
    """A cell of a labelled export holds no choice of its field."""

    code = "not_a_choice"
    severity = "error"
    about = "cell"
    sentence = "neither a label nor a code of this field in the dictionary"
    action = AS_WRITTEN
    advice = "name the dictionary of this export, or correct the cell"


class ToldOnce(Rule, abstract=True):
    """What the rules share that report a text at the first of its cells."""

    severity = "warning"
    about = "cell"
    action = AS_WRITTEN
    further: str


class NotACode(ToldOnce):
    """A text of a raw export is no code of its field."""

    code = "not_a_choice"
    sentence = "not a code of this field in the dictionary{further}"
    advice = "name the dictionary of this export, or correct the cells"


class LabelForCode(ToldOnce):
    """A text of a raw export is a label of its field."""

    code = "not_a_choice"
    sentence = (
        "the label of code {meant}, not a code; an export with labels needs labelled: true{further}"
    )
    advice = "set labelled: true for an export with labels"
    meant: str


class NotAForm(ToldOnce):
    """A row names a form that the dictionary does not have."""

    code = "not_a_form"
    sentence = "no form of the dictionary has this name or title{further}"
    advice = "name the dictionary of this export"


class LabelOfTwoChoices(Rule):
    """A label stands for several codes of its field."""

    code = "label_of_two_choices"
    severity = "error"
    about = "cell"
    sentence = "the label stands for codes {codes}; " + RAW_OR_LABELS
    action = "{outcome}"
    advice = RAW_OR_LABELS
    codes: str
    outcome: Outcome


class LabelOrCode(Rule):
    """A text is a code of its field, and the label of another one."""

    code = "label_or_code"
    severity = "error"
    about = "cell"
    sentence = "this is a code of the field, and the label of its code {other}; " + RAW_OR_LABELS
    action = "read as empty"
    advice = RAW_OR_LABELS
    other: str


class BoxWithLabel(Rule):
    """Ticked boxes show their label, and the others nothing."""

    code = "box_with_label"
    severity = "note"
    about = "column"
    sentence = "a ticked box shows its label; an empty cell may be a box left unticked"
    action = "left empty"
    advice = "export the file raw where it matters that a box was left unticked"


class OnlyUntickedBoxes(Rule):
    """Rows that hold nothing but boxes left unticked are no rows of a table."""

    code = "only_unticked_boxes"
    severity = "note"
    about = "file"
    sentence = "{rows} that could belong to {table} {hold} nothing but boxes that are not ticked"
    action = "row not read"
    advice = "nothing"
    rows: str
    table: str
    hold: str


class ColumnNotMapped(Rule):
    """A raw column goes nowhere."""

    code = "column_not_mapped"
    severity = "warning"
    about = "column"
    sentence = "the configuration neither maps nor ignores this column"
    action = "column not read"
    advice = "map it, or list it under 'ignored'"


class ItemNotMapped(Rule):
    """An item of a long table goes nowhere."""

    code = "item_not_mapped"
    severity = "warning"
    about = "cell"
    sentence = "the configuration neither maps nor ignores this item"
    action = "rows not read"
    advice = "map it, or list it under 'ignored'"


class ItemWithoutColumn(Rule):
    """An instrument lacks items that are not declared as not assessed."""

    code = "item_without_column"
    severity = "warning"
    about = "file"
    sentence = "no column is mapped to {items} of {table}"
    action = "taken as not assessed in all rows"
    advice = "map the columns, or list the items under 'not_assessed'"
    items: str
    table: str


class ExpectedNotMapped(Rule):
    """A table lacks a column that it should have."""

    code = "expected_not_mapped"
    severity = "warning"
    about = "file"
    sentence = "no column is mapped to {table}.{name} ({description})"
    action = "counted as not known"
    advice = "map a column to it, if the file has one"
    table: str
    name: str
    description: str


class CompleteButBlank(Rule):
    """A form is marked as complete and holds nothing."""

    code = "complete_but_blank"
    severity = "warning"
    about = "row"
    sentence = "the form is marked complete, and the columns of {table} hold nothing"
    action = "none"
    advice = "ask whoever filled in the form"
    table: str


class ContentNotTaken(Rule):
    """A row fills columns of a table that it does not belong to."""

    code = "content_not_taken"
    severity = "warning"
    about = "row"
    sentence = (
        "columns of {table} are filled, but the row does not belong there by its {conditions}"
    )
    action = "columns not read in this row"
    advice = "correct the row, or the conditions under 'rows'"
    table: str
    conditions: str


class ExclusiveBoxes(Rule):
    """A box is ticked beside one that it excludes."""

    code = "exclusive_boxes"
    severity = "warning"
    about = "row"
    sentence = "ticked beside {others}, which it excludes"
    action = "none"
    advice = "ask which of the boxes is meant"
    others: str


class InNumbers(Rule, abstract=True):
    """What the rules about consecutive numbers share."""

    severity = "warning"
    about = "row"
    action = "none"


class FirstLeftOut(InNumbers):
    """Numbers do not start with 1."""

    code = "number_left_out"
    sentence = "is the first one; {missing} rows are missing before it"
    advice = "ask whether rows were deleted"
    missing: int


class NumberLeftOut(InNumbers):
    """A number is left out."""

    code = "number_left_out"
    sentence = "follows number {last}; {missing} rows are missing before it"
    advice = "ask whether rows were deleted"
    last: int
    missing: int


class NumberTwice(InNumbers):
    """Two different rows have one number."""

    code = "number_twice"
    sentence = "row {other} has the same number"
    advice = "ask which row is right, or give one of them another number"
    other: int


class IdentifierInCell(Rule):
    """A cell holds a telephone number or an address of e-mail."""

    code = "identifier_in_cell"
    severity = "error"
    about = "cell"
    sentence = "the cell holds {kinds}"
    action = READ_WITHOUT
    advice = "take it out of the source, and export the file again"
    kinds: str


class SignInCode(Rule):
    """A code or a condition has signs that nobody sees."""

    code = "invisible_sign"
    severity = "warning"
    about = "cell"
    sentence = "{unseen}"
    action = READ_WITHOUT
    advice = "take the signs out of the cell in the source"
    unseen: str


class SignOfSpelling(Rule):
    """A code has a joiner that belongs to its spelling."""

    code = "invisible_sign"
    severity = "note"
    about = "cell"
    sentence = "{kept}: part of the spelling"
    action = "none"
    advice = "nothing"
    kept: str


class IncompleteCode(Rule):
    """A part of a subject's code is empty."""

    code = "incomplete_code"
    severity = "error"
    about = "cell"
    sentence = "the code of a subject is made of {parts}; this part is empty"
    action = "row has no subject code"
    advice = "fill in the part in the source"
    parts: str


class RepeatedCode(Rule):
    """Codes have several rows, and a column tells them apart."""

    code = "repeated_code"
    severity = "warning"
    about = "column"
    sentence = (
        "{count} codes have several rows, and column '{column}' tells them apart: if it belongs to "
        "the code, map subject_id: [{parts}] in every table"
    )
    action = "rows of one code are read as one subject"
    advice = "map both columns to subject_id in every table, if the code is only unique with both"
    count: int
    column: str
    parts: str


class CodeContradicted(Rule):
    """Rows of one code differ in a column of sex or year of birth that is not mapped."""

    code = "two_people"
    severity = "error"
    about = "cell"
    sentence = "row {other} has the same code and '{value}' here: two subjects may share the code"
    action = "none"
    advice = "ask who the subjects are, and give one of them another code"
    other: int
    value: str


class KeepDoubt(Rule, abstract=True):
    """What the rules about values that may belong to the study share."""

    about = "cell"
    action = "not part of this study"
    rows: str


class KeepAbsent(Rule):
    """A value that keep asks for is nowhere in its column."""

    code = "keep_value_absent"
    severity = "warning"
    about = "column"
    sentence = "keep asks for this value, and no row has it{nearest}"
    action = "none"
    advice = "correct the value under keep, or leave it out"
    nearest: str


class KeepAlike(KeepDoubt):
    """A value that is not kept differs from a kept one in capitals or spaces alone."""

    code = "keep_value_alike"
    severity = "warning"
    sentence = "almost '{kept}', which is kept; {rows} with this value"
    advice = "list this value under keep, too, if the rows belong to the study"
    kept: str


class KeepBlank(KeepDoubt):
    """A row has nothing in the column that says whether it is part of the study."""

    code = "keep_value_blank"
    severity = "note"
    sentence = "{rows} with nothing in this column"
    advice = "fill the cells, if the rows belong to the study"


class NoVisitTold(KeepDoubt):
    """A row that windows give a visit has no number, or no date, that they could hold."""

    code = "no_visit_told"
    severity = "warning"
    sentence = "no {form}, so that no window tells the visit; {rows} with this value"
    advice = "correct the cell, or name the value under missing if it stands for none"
    form: str


class KeepsNothing(Rule):
    """One of several files has no row that is part of the study."""

    code = "keeps_nothing"
    severity = "warning"
    about = "file"
    sentence = "keep leaves no row: {said}"
    action = "not part of this study"
    advice = "correct the file's values or keep, if the file has rows of the study"
    said: str
