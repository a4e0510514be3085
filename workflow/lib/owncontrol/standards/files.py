"""Datasets as files: Dataset-JSON 1.1, SAS transport files of version 5."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.engine_texts import told
from owncontrol.files import whole_file, write_text
from owncontrol.standards.dataset import Dataset, Variable

TYPES = {"text": "string", "integer": "integer", "float": "double"}
LONGEST_TEXT = 200  # bytes of a text in a transport file of version 5
LONGEST_LABEL = 40  # bytes
STAMP_BYTES = 16
# Where a transport file says when it was written: library and dataset, made and changed (SAS
# Institute, TS-140: records of 80 bytes).
STAMPS = (80 + 64, 160, 400 + 64, 480)


def item_oid(data: Dataset, variable: Variable) -> str:
    """The identifier of a variable, as define.xml has it."""
    return f"IT.{data.name}.{variable.name}"


def text_length(data: Dataset, variable: Variable) -> int:
    """Bytes of the longest text; 1 where all are empty."""
    return max([1, *(len(str(text).encode()) for text in data.rows[variable.name].unique())])


def write_dataset_json(path: Path, data: Dataset, study: str, made: datetime) -> None:
    """Write a dataset as Dataset-JSON 1.1, a row per line. ``made``: when its run ended."""
    about = {
        "datasetJSONCreationDateTime": made.isoformat(timespec="seconds"),
        "datasetJSONVersion": "1.1.0",
        "fileOID": f"{study}.{data.name}",
        "originator": "owncontrol",
        "studyOID": f"ST.{study}",
        "metaDataVersionOID": f"MDV.{study}",
        "metaDataRef": "define.xml",
        "itemGroupOID": f"IG.{data.name}",
        "records": len(data.rows),
        "name": data.name,
        "label": data.label,
        "columns": [_column(data, variable) for variable in data.variables],
    }
    head = json.dumps(about, ensure_ascii=False, indent=1).removesuffix("\n}")
    rows = ",\n".join(
        json.dumps([_value(value) for value in row], ensure_ascii=False)
        for row in data.rows.itertuples(index=False)
    )
    write_text(path, f'{head},\n "rows": [\n{rows}\n ]\n}}\n')


def _column(data: Dataset, variable: Variable) -> dict[str, Any]:
    column: dict[str, Any] = {
        "itemOID": item_oid(data, variable),
        "name": variable.name,
        "label": variable.label,
        "dataType": TYPES[variable.kind],
    }
    if variable.kind == "text":
        column["length"] = text_length(data, variable)
    if variable.key:
        column["keySequence"] = variable.key
    return column


def _value(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value if isinstance(value, str) else value.item() if hasattr(value, "item") else value


def write_transport(path: Path, data: Dataset, made: datetime) -> list[str]:
    """Write a dataset as a SAS transport file; gives what it cannot hold, a line each.

    Texts beyond 200 bytes are cut, and a sign that ends a text for other programs, such as U+0000,
    is written by its code. The file says when it was written: in it that is ``made``, so
    that the same results give the same bytes.
    """
    import pyreadstat  # takes a moment

    frame, cut = {}, []
    for variable in data.variables:
        values = data.rows[variable.name]
        if variable.kind == "text":
            short = values.map(lambda text: _cut(text, LONGEST_TEXT))
            if (count := int((short != values).sum())) > 0:
                cut.append(
                    f"{path.name}: {count} texts of {variable.name} are cut at {LONGEST_TEXT} "
                    "bytes, or have signs by their code"
                )
            frame[variable.name] = short.astype(object)
        else:
            frame[variable.name] = values.astype("Float64").astype("float64")
    labels: list[str | None] = [_cut(one.label, LONGEST_LABEL) for one in data.variables]
    with whole_file(path) as partial:
        pyreadstat.write_xport(
            pd.DataFrame(frame),
            str(partial),
            file_label=_cut(data.label, LONGEST_LABEL),
            column_labels=labels,
            table_name=data.name,
            file_format_version=5,
        )
        content = bytearray(partial.read_bytes())
        stamp = made.strftime("%d%b%y:%H:%M:%S").upper().encode("ascii")
        for start in STAMPS:
            content[start : start + STAMP_BYTES] = stamp
        partial.write_bytes(content)
    return cut


def _cut(text: str, most: int) -> str:
    """A text of at most so many bytes of UTF-8, without a piece of a character at its end."""
    return told(text).encode("utf-8")[:most].decode("utf-8", "ignore")
