"""Tables on disk: read and written by their schema, the same bytes for the same content.

``schemas`` says which columns a table has; ``table_files`` reads and writes whole tables in the
format of a file's name. A format is a class of the methods in ``backend``: ``text_files`` (CSV) or
``parquet_files``. ``score_parts`` reads what analyses need of the scores.
"""

from owncontrol.tables.row_records import records
from owncontrol.tables.schemas import (
    CHARACTERISTIC_TYPES,
    TABLE_SCHEMAS,
    concat,
    conform,
    derived_fields,
    empty_table,
    fields,
    load_schema,
)
from owncontrol.tables.score_parts import (
    NOT_ANALYSED,
    read_assessments,
    read_recorded,
    read_row_ids,
    read_scores,
)
from owncontrol.tables.table_files import (
    read_cleaned,
    read_coded,
    read_table,
    read_text,
    stored_table,
    table_file,
    write_parts,
    write_table,
)

__all__ = [
    "CHARACTERISTIC_TYPES",
    "NOT_ANALYSED",
    "TABLE_SCHEMAS",
    "concat",
    "conform",
    "derived_fields",
    "empty_table",
    "fields",
    "load_schema",
    "read_assessments",
    "read_cleaned",
    "read_coded",
    "read_recorded",
    "read_row_ids",
    "read_scores",
    "read_table",
    "read_text",
    "records",
    "stored_table",
    "table_file",
    "write_parts",
    "write_table",
]
