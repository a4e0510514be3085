"""All texts of a file of the results, also those that are packed in it."""

import base64
import binascii
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdf
from PIL import Image
from pyarrow import parquet

PACKED = re.compile(rb"[A-Za-z0-9+/]{200,}={0,2}")


def unpacked(path: Path) -> Iterator[str]:
    """The file as it is, and what its format hides: zip members, columns, pages, metadata."""
    content = path.read_bytes()
    yield content.decode("utf-8", "replace")
    if path.suffix in (".docx", ".xlsx"):
        with zipfile.ZipFile(path) as members:
            for name in members.namelist():
                yield name
                yield members.read(name).decode("utf-8", "replace")
    elif path.suffix == ".parquet":
        table = parquet.read_table(path)
        yield from (str(column.to_pylist()) for column in table.columns)
        yield str(table.schema.metadata)
    elif path.suffix == ".pdf":
        document = pypdf.PdfReader(path)
        yield str(document.metadata)
        # A text may be broken over two lines.
        yield from ("".join(page.extract_text().split()) for page in document.pages)
    elif path.suffix == ".png":
        with Image.open(path) as picture:
            yield str(picture.info)
    elif path.suffix in (".html", ".svg", ".ipynb", ".json"):
        for part in PACKED.findall(content):
            yield from _decoded(part)


def _decoded(part: bytes) -> Iterator[str]:
    """Base64, and deflated text in it; a run of letters that is neither has nothing to say."""
    try:
        data = base64.b64decode(part, validate=True)
    except binascii.Error:
        return
    yield data.decode("utf-8", "replace")
    try:
        yield zlib.decompress(data).decode("utf-8", "replace")
    except zlib.error:
        return
