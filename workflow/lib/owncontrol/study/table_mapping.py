"""How the columns of a raw file map to one canonical table."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from owncontrol.study.base import (
    Different,
    FrozenMapping,
    Items,
    NotEmpty,
    Number,
    Part,
    Positive,
    Regex,
)

# Tables that are no instrument.
CANONICAL = ("subjects", "treatments", "adverse_events", "co_interventions", "visits")
# Canonical columns whose raw column may be several: their texts, joined, are the study code.
CODES = ("subject_id", "source_subject_id")
SCHEMA_OF_COLUMNS = {
    "patternProperties": {
        "^(source_)?subject_id$": {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "string"}},
            ]
        }
    },
    "additionalProperties": {"type": "string"},
}


def raw_names(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """The raw columns that one entry of a mapping names; several make one text."""
    return (value,) if isinstance(value, str) else value


def _lists_make_codes(
    columns: FrozenMapping[str, str | tuple[str, ...]],
) -> FrozenMapping[str, str | tuple[str, ...]]:
    """Raise ValueError where a column that is no study code is read from several."""
    for name, raw in columns.items():
        if not isinstance(raw, str) and name not in CODES:
            raise ValueError(f"{name}: is read from one raw column")
    return columns


Columns = Annotated[
    FrozenMapping[str, str | Annotated[Different[str], Field(min_length=2)]],
    AfterValidator(_lists_make_codes),
    Field(json_schema_extra=SCHEMA_OF_COLUMNS),
]


class LongTable(Part):
    """The columns of a table with some items per row; none where it has one assessment per row."""

    model_config = ConfigDict(
        json_schema_extra={"dependentRequired": {"item": ["value"], "value": ["item"]}}
    )

    item: NotEmpty | Annotated[Different[NotEmpty], Field(min_length=1)] | None = Field(
        default=None,
        description=(
            "Column of the item codes (QSTESTCD), or a list of columns whose texts make up the "
            'code with a blank between them ([side, segment, modality] gives "right C5 motor"; '
            "an empty text is left out)."
        ),
    )
    value: NotEmpty | Annotated[Different[NotEmpty], Field(min_length=2)] | None = Field(
        default=None,
        description=(
            "Column of the values (QSORRES). A list of columns is a grid, such as an exam with the "
            "levels down the rows and sides across: the name of the column is the last part of "
            'the item code ("C5 LT R" in the row C5, column LT R).'
        ),
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.item is None) != (self.value is None):
            raise ValueError("item and value go together")
        names = self.value_columns
        for name in names:
            longer = [other for other in names if other.endswith(f" {name}")]
            if longer:
                raise ValueError(
                    f"value: '{name}' ends the name '{longer[0]}', so that item codes could not be "
                    "told apart"
                )
        return self

    def __bool__(self) -> bool:
        """Whether the table has one item per row."""
        return self.item is not None

    @property
    def item_columns(self) -> tuple[str, ...]:
        """Raw columns whose texts make up the item code."""
        return () if self.item is None else raw_names(self.item)

    @property
    def value_columns(self) -> tuple[str, ...]:
        """Raw columns of the values; none where the table has no items."""
        return () if self.value is None else raw_names(self.value)

    @property
    def is_grid(self) -> bool:
        """Whether a row has several items, one in each of its columns of values."""
        return len(self.value_columns) > 1

    def value_column_of(self, item: str) -> str:
        """The raw column that has the values of an item."""
        if not self.is_grid:
            return self.value_columns[0]
        return next(name for name in self.value_columns if item.endswith(f" {name}"))


class Mark(Part):
    """A second raw column that marks the value of the first; none where nothing is set."""

    model_config = ConfigDict(
        json_schema_extra={"dependentRequired": {"raw": ["values"], "values": ["raw"]}}
    )

    raw: str | None = Field(
        default=None,
        description=(
            "Name of the second column; {1} stands for the first group as the first column has it."
        ),
    )
    values: FrozenMapping[str, str] | None = Field(
        default=None,
        description="Its value, and the text to put behind the cell it marks.",
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.raw is None) != (self.values is None):
            raise ValueError("raw and values go together")
        return self

    def __bool__(self) -> bool:
        """Whether there is a second column."""
        return self.raw is not None


class ColumnPattern(Part):
    """Many raw columns that are named alike."""

    raw: Regex = Field(description="Regular expression that a whole raw column name matches.")
    column: str = Field(
        description="Canonical name; {1} stands for the first group in small letters.",
    )
    words: FrozenMapping[str, str] = Field(
        default=FrozenMapping(),
        description="Raw text of a group and what stands for it in the canonical name.",
    )
    mark: Mark = Field(
        default=Mark(),
        description=(
            'A second raw column that marks the value of the first, such as "consider normal" '
            "beside an impaired cell, or the instance of REDCap's repeating event behind its "
            "name."
        ),
    )


class Permitted(Part):
    """What may be in a column."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    values: Items[str] | None = Field(default=None, description="All texts that are allowed there.")
    pattern: Regex | None = Field(
        default=None,
        description="Regular expression that a whole text matches.",
    )
    minimum: Number | None = Field(default=None, description="Lowest number.")
    maximum: Number | None = Field(default=None, description="Highest number.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.plain():
            raise ValueError("permits nothing; leave it out")
        return self


class BaselineColumns(Part):
    """Raw columns with the values of one visit, repeated in every row; none where none is set."""

    model_config = ConfigDict(
        json_schema_extra={"dependentRequired": {"visit": ["columns"], "columns": ["visit"]}}
    )

    visit: NotEmpty | None = Field(
        default=None, description="Visit of the schedule that the repeated values belong to."
    )
    columns: FrozenMapping[str, NotEmpty] | None = Field(
        default=None,
        description="Canonical column (an item, date) and the raw column that repeats its value.",
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.visit is None) != (not self.columns):
            raise ValueError("visit and columns go together")
        return self

    def __bool__(self) -> bool:
        """Whether there are such columns."""
        return self.visit is not None

    @property
    def raw(self) -> dict[str, str]:
        """Canonical column and the raw column that repeats its value."""
        return dict(self.columns or {})

    def raw_column(self, column: str, usual: str) -> str:
        """The raw column of a canonical one at the visit; ``usual``: that of the other visits.

        What is repeated for no visit (the visit itself) is in none: that of the first value.
        """
        if column in CODES:
            return usual
        return self.raw.get(column, next(iter(self.raw.values())))


class TableMapping(Part):
    """How a raw file maps to one canonical table."""

    rows: FrozenMapping[str, str | Items[str]] = Field(
        default=FrozenMapping(),
        description=(
            "Raw column and the value, or the list of values, that a row must have to belong to "
            'the table ("" for an empty cell).'
        ),
    )
    columns: Columns = Field(
        description=(
            "Canonical column and the raw column it is read from (of a long table also an item "
            "code, of a wide one a name with {visit}). A study code (subject_id, "
            "source_subject_id) may be made up of a list of columns ([centre, number] where each "
            'centre counts its patients from 1) - their texts as written, joined by "-"; '
            "subject_id.pattern is that of the whole code, and a row in which one of them is "
            "empty has no code. Every other table has to give the same codes, by its own list or "
            "by a column that holds the whole code. Of adverse events event_number is the "
            "source's own number (AESEQ, redcap_repeat_instance): it says which rows are one "
            "event."
        ),
    )
    long: LongTable = Field(
        default=LongTable(),
        description=(
            "For a table with one item per row (CDISC's QS): the column of the item codes and that "
            "of the values. Rows that are equal in all other mapped columns are one assessment, "
            "in any order. A repeated item of the same value says nothing new; another value is "
            "left to the rule for duplicates."
        ),
    )
    wide: Regex = Field(
        default="",
        description=(
            "For a table with the visits in its column names: a regular expression for what "
            '{visit} stands for in the mapped names. Map visit to "{visit}".'
        ),
    )
    baseline_columns: BaselineColumns = Field(
        default=BaselineColumns(),
        description=(
            "For a table with one row per follow-up visit and the baseline repeated in each of "
            "them: the visit, and the raw column of each value. It is read once a subject, from "
            "the first row that has it; a value that differs between a subject's rows is an error "
            "and is not used."
        ),
    )
    patterns: Items[ColumnPattern] = Field(
        default=(),
        description=(
            "For instruments with many items: a regular expression for raw columns, the "
            "canonical name with {1}, {2} ... for its groups, and the words for each group."
        ),
    )
    item_codes: FrozenMapping[str, str] = Field(
        default=FrozenMapping(),
        description=(
            "The file's own code and the permitted value, in every item of an instrument. Its "
            "use is no finding (that of recode_items, a slip of the pen, is a note)."
        ),
    )
    recode: FrozenMapping[str, FrozenMapping[str, str]] = Field(
        default=FrozenMapping(),
        description="Canonical column, raw value, canonical value.",
    )
    recode_items: FrozenMapping[str, str] = Field(
        default=FrozenMapping(),
        description=(
            "Another way to write a value and the value itself, in every item of an instrument. "
            "Each use is noted."
        ),
    )
    permitted: FrozenMapping[str, Permitted] = Field(
        default=FrozenMapping(),
        description=(
            "By canonical column, what the study permits in it beyond the table's own schema. "
            "Anything else is an error and read as missing."
        ),
    )
    scores: Literal["computed", "recorded"] = Field(
        default="computed",
        description=(
            "computed: the scores of an instrument are computed from its items. recorded: the "
            "file has no items but the scores themselves (recorded_... columns); then they are "
            "the scores, and the results say so."
        ),
    )
    undated: bool = Field(
        default=False,
        description=(
            "True where the file says at which visit an assessment was made and not when: no "
            "date, and no day. Its days are then not known; windows cannot be checked."
        ),
    )
    not_assessed: Items[Regex] = Field(
        default=(),
        description=(
            "Regular expressions for items of the instrument that the study does not assess. Any "
            "other item without a column stops the run: it may have been renamed."
        ),
    )
    duplicates: Literal[
        "keep_first", "keep_last", "keep_nearest", "last_before_treatment", "keep_none"
    ] = Field(
        default="keep_none",
        description=(
            "Which of several different rows for the same subject and visit is kept: the first or "
            "the last (by date; where no date tells them apart by the order in the files, and the "
            "finding says so), the one nearest to what was planned for the visit (of two as near "
            "the earlier; `visit_windows.targets`, or the visit's day on its own clock), the last "
            "one on or before the day of treatment (none of them where all lie after it), or none "
            "of them. Rows that are equal throughout are merged. Rows of "
            "one adverse event (the same event_number of a subject; without one the same term "
            "and onset) are merged by keep_none: they count as one event, at its highest grade, "
            "and nothing is dropped."
        ),
    )
    copied: Literal["allow", "flag", "quarantine"] = Field(
        default="allow",
        description=(
            "What becomes of an assessment whose items all equal those of an earlier one of the "
            "subject on another day: allow (short scales repeat themselves), flag (kept, with a "
            "warning), or quarantine (the form was copied; only for instruments of so many items "
            "that two examinations never agree in all of them)."
        ),
    )
    spikes: FrozenMapping[str, Positive] = Field(
        default=FrozenMapping(),
        description=(
            "Scale (a sum of items) and a multiple of its published repeatability. An assessment "
            "that lies further than that above both neighbouring ones of the subject, or below "
            "both, is a warning; so with the scores that the scale adds up. The repeatability "
            "is in the instrument's file."
        ),
    )
    form_state: str = Field(
        default="",
        description=(
            "Raw column with REDCap's state of the form. A row marked complete (2) with nothing "
            "in the table's columns is a warning."
        ),
    )

    @model_validator(mode="after")
    def _repeats_what_it_maps(self) -> Self:
        repeated = self.baseline_columns.raw
        if not repeated:
            return self
        if self.long or self.wide:
            raise ValueError("baseline_columns: a long or wide table has none")
        for column in ("visit", *repeated):
            if column not in self.columns:
                raise ValueError(f"baseline_columns: {column} is not mapped under columns")
        if set(repeated) & {"visit", *CODES}:
            raise ValueError("baseline_columns: visit and study code are no repeated values")
        raw = [self.columns[column] for column in repeated]
        if len({*raw, *repeated.values()}) < 2 * len(raw):
            raise ValueError("baseline_columns: each value has a raw column of its own")
        return self

    def raw_columns(self, column: str) -> tuple[str, ...]:
        """Raw columns that a canonical column is read from; none where it is not mapped."""
        return raw_names(self.columns[column]) if column in self.columns else ()
