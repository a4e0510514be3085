"""What every Office file of ours needs: texts that XML can hold, and no clock in the file."""

import datetime
import io
import re
import zipfile
from pathlib import Path

from owncontrol.files import whole_file

# The clock of every file: the first that a zip archive can hold.
EPOCH = datetime.datetime(1980, 1, 1)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # not permitted in XML


def xml_text(text: str) -> str:
    """``text`` with a sign for each character that a file of XML cannot hold."""
    return CONTROL.sub("\ufffd", text)


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
