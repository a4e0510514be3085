"""What every Office file of ours needs: texts that XML can hold, and no clock in the file."""

import datetime
import io
import re
import zipfile
from pathlib import Path

from owncontrol.engine_texts import told
from owncontrol.files import whole_file

# The clock of every file: the first that a zip archive can hold.
EPOCH = datetime.datetime(1980, 1, 1)
# What a workbook reads as the code of a sign (ECMA-376, part 1, 22.9.2.19); the first underscore is
# written by its own code, so that the text is read as it is.
CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
MOST_PROPERTY = 255  # signs of a property, by the same standard
MOST_CELL = 32_767  # signs of a cell


def xml_text(text: str) -> str:
    """``text`` with the code of each sign that a file of XML, or a reader, cannot be shown."""
    return told(text)


def property_text(text: str) -> str:
    """``text`` as a property of a document, cut with an ellipsis where it is too long for one."""
    return _cut(xml_text(text), MOST_PROPERTY)


def cell_text(text: str) -> str:
    """``text`` as a cell of a workbook, cut with an ellipsis where it is too long for one."""
    return _cut(CODE.sub("_x005F_", xml_text(text)), MOST_CELL)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def write_archive(packed: io.BytesIO, path: Path | str) -> None:
    """An Office file with no clock in it."""
    with (
        zipfile.ZipFile(packed) as source,
        whole_file(path) as partial,
        zipfile.ZipFile(partial, "w") as target,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                stamp = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)
            new = zipfile.ZipInfo(entry.filename, EPOCH.timetuple()[:6])
            target.writestr(new, content, zipfile.ZIP_DEFLATED)
