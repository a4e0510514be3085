"""The raw files: how each is read, and which tables it feeds."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema, model_validator

from owncontrol.study.base import Different, FrozenMapping, Items, NotEmpty, Part, Regex, Whole
from owncontrol.study.several_files import part_of_name, parts_of_name
from owncontrol.study.table_mapping import TableMapping
from owncontrol.study.visit_windows import FROM_TARGET, WINDOW, VisitWindows

# In a configuration; ``several_files`` makes an export of each file before the types see it.
ONE_OR_SEVERAL = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
    ]
}
Format = Literal[
    "auto",
    "csv",
    "excel",
    "sas7bdat",
    "xport",
    "spss",
    "stata",
    "redcap_xml",
    "odm",
    "dataset_json",
]
FROM_NAME = "from_name"
SITE = "{site}"  # the part of a file's name, as a column of its raw cells
FILE = "{file}"  # the same of one of several files, whatever it says
ROW = "{row}"  # the number of a row in its file, for rows without a code that are a subject each
# The parts of a sheet's name that * stands for: {sheet}, {sheet 2} ...
SHEET = "{sheet}"
SHEETS = re.compile(r"\{sheet(?: [2-9])?\}")


def labelled_column(label: str) -> str:
    """The raw column of a cell that is beside its label, outside of the rows."""
    return f"{{cell {label}}}"


def label_of(raw_column: str) -> str:
    """The label of a labelled cell; any other raw column as it is."""
    return raw_column[6:-1] if is_labelled(raw_column) else raw_column


def is_labelled(raw_column: str) -> bool:
    """Whether a raw column is a labelled cell."""
    return raw_column.startswith("{cell ") and raw_column.endswith("}")


def is_in_name(raw_column: str) -> bool:
    """Whether a raw column is no cell: part of a name, made of a window, or the row's number."""
    made = (SITE, FILE, WINDOW, FROM_TARGET, ROW)
    return raw_column in made or SHEETS.fullmatch(raw_column) is not None


class FoundBy(Part):
    """The entry of a list or a pattern that an export's file was found by."""

    export: str = Field(description="Name of the export in the configuration.")
    pattern: str = Field(description="Entry of `file` that the file's name fits.")
    sheet: str = Field(default="", description="Pattern that the name of the sheet fits.")


class ExclusiveBox(Part):
    """A box that may not be ticked beside certain others."""

    box: str = Field(description="Raw column of the box (1 or Checked where it is ticked).")
    others: Items[str] = Field(
        description="Raw columns of the boxes that it excludes.",
        min_length=1,
    )


class NumberedColumn(Part):
    """A column that counts its rows from 1."""

    column: str = Field(description="Raw column; what counts is the number that its text ends in.")
    within: str = Field(
        default="",
        description="Raw column; each of its values has numbers of its own.",
    )


class ReadingOptions(Part):
    """One raw file and how it is read."""

    file: Annotated[str, WithJsonSchema(ONE_OR_SEVERAL)] = Field(
        description=(
            "File name inside the raw folder. A list of names, or a pattern in which * stands for "
            "any text (site-*.csv), is several files of one form, each read as the entry says; a "
            "file of the pattern that arrives later belongs to it. Files that the configuration "
            "names elsewhere do not. Every table names each file, and its rows, as they are. A "
            "mapping may name what * stands for (the name without its ending in a list) as {file}: "
            "`visit: '{file}'` where each visit has a file."
        ),
    )
    format: Format = Field(
        default="auto",
        description=(
            "csv (any delimited text, a REDCap export too), excel (.xlsx), sas7bdat, xport (SAS "
            "transport, CDISC), spss, stata, redcap_xml (a REDCap project with its data in one "
            "XML file), odm (CDISC ODM 1.3 or 2.0 of another system), dataset_json (CDISC "
            "Dataset-JSON 1.1, .json or .ndjson); auto takes the one that goes with the file's "
            "suffix."
        ),
    )
    encoding: str = Field(
        default="utf-8",
        description=(
            "Encoding of a delimited text file. A byte order mark is accepted and noted. A SAS, "
            "SPSS or Stata file says its own; a name other than utf-8 overrides it (utf8 where "
            "the file wrongly names another)."
        ),
    )
    delimiter: str = Field(
        default=",",
        description=(
            "Delimiter of a delimited text file. A first line such as sep=; names it too, and is "
            "then row 1 of the file."
        ),
        min_length=1,
        max_length=1,
    )
    sheet: str = Field(
        default="",
        description=(
            "Sheet of a workbook; the first visible worksheet where it is left out. A hidden "
            "sheet is read where it is named, and noted. Several exports may read one workbook, "
            "each a sheet of its own; every table then names the file as FILE (SHEET). A pattern "
            'in which * stands for any text ("*", "Patient *") is several sheets of one form: all '
            "visible ones that fit and that the configuration names nowhere else. A mapping may "
            "name what * stands for as {sheet}, and of further ones as {sheet 2}: "
            '`subject_id: "{sheet}"` where each patient has a sheet. Of several the first is as '
            'short as it can be: "* *" reads "P-01 Week 6" as P-01 and Week 6.'
        ),
    )
    dataset: str = Field(
        default="",
        description=(
            "Dataset (member) of a SAS transport file that holds several, in upper or lower "
            "case; may be left out where the file holds one. Several exports may read one file, "
            "each a dataset of its own; every table then names the file as FILE (DATASET)."
        ),
    )
    header_rows: Whole = Field(
        default=1,
        description=(
            "Number of rows that make up the header of a text file or sheet. Several are joined "
            'to one name per column ("Right" above "C5" is "Right C5"); a merged cell counts for '
            "all the columns that it spans."
        ),
        ge=1,
        le=9,
        json_schema_extra={"unit": "rows"},
    )
    title_rows: Whole = Field(
        default=0,
        description=(
            "Number of rows of a text file or sheet that are above the header, blank ones "
            "counted: a title, the patient, the day. They are no part of the table."
        ),
        ge=0,
        le=50,
        json_schema_extra={"unit": "rows"},
    )
    column_names: FrozenMapping[str, NotEmpty] = Field(
        default=FrozenMapping(),
        description=(
            'Names of columns that the header leaves without one, by their number: {"1": level} '
            "where the corner above the levels of an exam is empty."
        ),
        json_schema_extra={"propertyNames": {"pattern": "^[1-9][0-9]*$"}},
    )
    labelled_cells: Different[NotEmpty] = Field(
        default=(),
        description=(
            "Labels of cells that hold for the whole text file or sheet, above, below or beside "
            'the table: "Patient" finds the code in the next cell of the row, or behind a colon '
            '("Patient: P-01"). Each has to be there once. A mapping names the cell as '
            '"{cell Patient}".'
        ),
    )
    labels: bool = Field(
        default=False,
        description=(
            "Read the value labels of an SPSS or Stata file in place of its values. A label that "
            "stands for two values of a variable is an error at each cell, and the value is kept."
        ),
    )
    labelled: bool = Field(
        default=False,
        description=(
            "True for a REDCap export with labels in its header, its cells or both: the "
            "dictionary gives field names and codes back, so that the mapping is that of the raw "
            "export. A label of two choices, and a cell that is neither label nor code, is an "
            "error at its cell."
        ),
    )
    dictionary: str = Field(
        default="",
        description=(
            "REDCap data dictionary inside the raw folder (CSV, a workbook, or the project's own "
            "XML file again). A field that it "
            "marks as an identifier may not be mapped; a column or a code of the export that it "
            "does not know is a warning."
        ),
    )
    missing: Items[str] = Field(
        default=(),
        description="Codes, as literal text, that stand for a missing value in this file.",
    )
    dates: Items[str] = Field(
        default=("%Y-%m-%d", "%Y-%m-%d %H:%M"),
        description=(
            "Permitted forms of dates and times, as strptime writes them. The first one is "
            "usual; each use of another is noted. A text that two forms read as different days "
            "is refused. Dates that a workbook, SAS, SPSS or Stata stores as such are read "
            "whatever the forms say. A number in a date column of a workbook that fits none of "
            "the forms is a count of days from 10000 to 99999, and noted; any other number is "
            "refused."
        ),
    )
    numbers: Items[Literal["decimal_comma", "percent_sign"]] = Field(
        default=(),
        description=(
            "Other ways to write a number that are read, each use noted: decimal_comma (0,76; "
            "where the comma may divide thousands the number is refused), percent_sign (91.9 %; "
            "in columns whose unit is percent)."
        ),
    )
    exclusive: Items[ExclusiveBox] = Field(
        default=(),
        description='Boxes that may not be ticked beside certain others, such as "none of these".',
    )
    numbered: Items[NumberedColumn] = Field(
        default=(),
        description=(
            "Columns that count the rows from 1, in any order. Where a number is left out, a row "
            "got lost; where it is in two different rows, one was typed twice: a warning "
            "each."
        ),
    )
    ignored: Items[str] = Field(
        default=(),
        description="Columns that are known and not used (identifiers, free text, form states).",
    )
    identifiers_allowed: Items[str] = Field(
        default=(),
        description=(
            "Columns that look like an identifier of a person (by name, content or dictionary) "
            "and may be mapped all the same. Their values are not shown in the findings."
        ),
    )
    free_text_allowed: Items[str] = Field(
        default=(),
        description="Columns of free text that may be mapped.",
    )
    not_data: Items[Regex] = Field(
        default=(),
        description=(
            "Regular expressions; a row with a cell in its first column that matches one is not "
            "data (a total row below the table). Kept in quarantine and counted."
        ),
    )

    @property
    def part(self) -> str:
        """The sheet of a workbook or the dataset of a transport file that is read, if named."""
        return self.sheet or self.dataset

    def accepted_texts(self, column: str) -> frozenset[str]:
        """Texts that a raw column may hold although they are no value of it."""
        return frozenset(self.missing)


class Export(ReadingOptions):
    """One raw file, how it is read and what it feeds."""

    keep: FrozenMapping[str, str | Annotated[Items[str], Field(min_length=1)]] = Field(
        default=FrozenMapping(),
        description=(
            "Raw column and the value, or the list of values, of the rows that are part of this "
            "study (an arm, a parameter, a centre). All other rows are counted as not part of it, "
            "without a finding. A subject of whom a file that feeds `subjects` has no row that is "
            "kept is not part of the study in any other file either. It is checked against the raw "
            "file, before any correction."
        ),
    )
    visit_windows: VisitWindows | None = Field(
        default=None,
        description=(
            "Where no column names the visits: the number or the date of a row that says which it "
            'is. Map visit to "{window}".'
        ),
    )
    site: str = Field(
        default="",
        description=(
            "The subject's site: from_name for what * stands for in the pattern of the file (the "
            "name without its ending where `file` has no *), or a raw column. It becomes the "
            "column `site` of the subjects table, by which main results are described too. With "
            'from_name a mapping may name the text as {site}: `subject_id: ["{site}", number]` '
            "where each site counts its patients from 1."
        ),
    )
    found_by: FoundBy | None = Field(
        default=None,
        description="Set by the program in the export that it makes of each of several files.",
    )
    tables: FrozenMapping[str, TableMapping] = Field(
        description=(
            "The canonical tables that the file feeds: subjects, treatments, adverse_events, "
            "co_interventions, or the name of an instrument."
        ),
        min_length=1,
    )

    @model_validator(mode="before")
    @classmethod
    def _map_site(cls, given: Any) -> Any:
        """Map the subjects table's ``site``, unless the mapping has it."""
        if not isinstance(given, dict) or not isinstance(given.get("site"), str):
            return given
        tables = given.get("tables")
        subjects = tables.get("subjects") if isinstance(tables, Mapping) else None
        columns = subjects.get("columns") if isinstance(subjects, Mapping) else None
        if not isinstance(columns, Mapping) or "site" in columns or not given["site"]:
            return given
        site = SITE if given["site"] == FROM_NAME else given["site"]
        mapped = {**dict(subjects or {}), "columns": {**columns, "site": site}}
        return {**given, "tables": {**dict(tables or {}), "subjects": mapped}}

    @property
    def name_text(self) -> str:
        """What the file's name says: what * stands for, or the name without its ending."""
        pattern = self.found_by.pattern if self.found_by else self.file
        return part_of_name(self.file, pattern)

    @property
    def sheet_texts(self) -> dict[str, str]:
        """What the sheet's name says, by the raw column that a mapping may name ({sheet}, ...)."""
        if self.found_by is None or not self.found_by.sheet:
            return {}
        parts = parts_of_name(self.sheet, self.found_by.sheet)
        return {
            SHEET if place == 1 else f"{{sheet {place}}}": part
            for place, part in enumerate(parts, start=1)
        }

    def accepted_texts(self, column: str) -> frozenset[str]:
        """Texts that a raw column may hold although they are no value of it.

        Codes for missing, and what a table that reads the column recodes.
        """
        accepted = set(self.missing)
        for mapping in self.tables.values():
            accepted |= {*mapping.item_codes, *mapping.recode_items}
            for name, raw in mapping.columns.items():
                accepted |= set(mapping.recode.get(name, ())) if raw == column else set()
        return frozenset(accepted)

    def recorded_columns(self, with_codes: bool = True) -> tuple[str, ...]:
        """Raw columns that ingest's record of the raw rows repeats: corrections name rows by them.

        Those of the conditions of tables, of the item codes of long tables, and (``with_codes``)
        of study codes that several columns make up.
        """
        found: dict[str, None] = {}
        for mapping in self.tables.values():
            found |= dict.fromkeys((*mapping.rows, *mapping.long.item_columns))
            if with_codes:
                parts = [raw for raw in mapping.columns.values() if not isinstance(raw, str)]
                found |= dict.fromkeys(name for names in parts for name in names)
        return tuple(found)


def file_names(exports: Mapping[str, Export]) -> FrozenMapping[str, str]:
    """By export, the name of its raw file in every table.

    Where several share a file, the sheet or dataset is added that each of them reads.
    """
    shared = Counter(export.file for export in exports.values())
    return FrozenMapping(
        {
            name: f"{export.file} ({export.part})" if shared[export.file] > 1 else export.file
            for name, export in exports.items()
        }
    )
