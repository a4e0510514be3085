"""Datasets as files: Dataset-JSON 1.1, SAS transport files of version 5."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from owncontrol.files import whole_file, write_text
from owncontrol.standards.dataset import Dataset, Variable

TYPES = {"text": "string", "integer": "integer", "float": "double"}
LONGEST_TEXT = 200  # bytes of a text in a transport file of version 5
STAMP = re.compile(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d")
HEAD = 1000  # bytes in which a transport file says when it was written


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

    Texts beyond 200 bytes are cut. The file says when it was written: in it that is ``made``, so
    that the same results give the same bytes.
    """
    import pyreadstat  # takes a moment

    frame, cut = {}, []
    for variable in data.variables:
        values = data.rows[variable.name]
        if variable.kind == "text":
            short = values.map(_cut)
            if (count := int((short != values).sum())) > 0:
                cut.append(
                    f"{path.name}: {count} texts of {variable.name} are cut at {LONGEST_TEXT} bytes"
                )
            frame[variable.name] = short.astype(object)
        else:
            frame[variable.name] = values.astype("Float64").astype("float64")
    labels: list[str | None] = [variable.label for variable in data.variables]
    with whole_file(path) as partial:
        pyreadstat.write_xport(
            pd.DataFrame(frame),
            str(partial),
            file_label=data.label[:40],
            column_labels=labels,
            table_name=data.name,
            file_format_version=5,
        )
        content = partial.read_bytes()
        stamp = made.strftime("%d%b%y:%H:%M:%S").upper().encode("ascii")
        partial.write_bytes(STAMP.sub(stamp, content[:HEAD]) + content[HEAD:])
    return cut


def _cut(text: str) -> str:
    return text.encode("utf-8")[:LONGEST_TEXT].decode("utf-8", "ignore")
