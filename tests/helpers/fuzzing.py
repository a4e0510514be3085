"""What reads files from elsewhere, small whole files of each format, and ways to break them."""

import io
import math
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
from export_files import export_entry
from hostile_exchange import DATASET_JSON_READ, ODM_READ, REDCAP_READ, TWO_NAMES
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.cleaning.corrections import read_corrections
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.redcap import read_dictionary
from owncontrol.study.manifest import read_manifest
from sas7bdat_files import NUMBER, TEXT, sas7bdat

TOKENS = [b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf"]
TOKENS += [b"\xff\xfe", b"\x1a", b"=cmd|' /C x'!A0", b"-99", b"1e999", b"NaN", b"nan", b"<", b">"]
TOKENS += [b"&#0;", b"&amp;", b"]]>", b"\x80", b"\xe6\x97\xa5", b": ", b"- ", b"&a", b"*a", b"!!"]
TOKENS += [b"{", b"[", b"2021-02-30", b"9" * 40, b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f"]


def _export(**given: object) -> Callable[[Path], object]:
    entry = export_entry("x", **given)
    return lambda path: read_export(path, entry)


READERS: dict[str, Callable[[Path], object]] = {
    "csv": _export(format="csv"),
    "semicolons": _export(format="csv", delimiter=";", header_rows=2),
    "utf16": _export(format="csv", encoding="utf-16"),
    "shift_jis": _export(format="csv", encoding="shift_jis"),
    "windows1252": _export(format="csv", encoding="windows-1252", delimiter="\t"),
    "dictionary": read_dictionary,
    "corrections": read_corrections,
    "yaml": read_yaml,
    "manifest": lambda path: read_manifest(_as_manifest(path)),
    "xlsx": _export(format="excel"),
    "xlsx_parts": _export(format="excel", header_rows=2),
    "sas7bdat": _export(format="sas7bdat"),
    "xport": _export(format="xport"),
    "spss": _export(format="spss"),
    "stata": _export(format="stata"),
    "odm": _export(format="odm"),
    "redcap_xml": _export(format="redcap_xml"),
    "dataset_json": _export(format="dataset_json"),
}


def _as_manifest(path: Path) -> Path:
    folder = path.with_suffix(".folder")
    folder.mkdir(exist_ok=True)
    path.replace(folder / "MANIFEST")
    return folder


def seeds(folder: Path) -> dict[str, list[bytes]]:
    """By reader, small whole files to begin with; ``folder`` is for writing them."""
    rows = 'a,b,"c ""d"""\n1,é,"x\ny"\n2,NT,2021-02-03\n3,,"="\n'
    text = rows.encode()
    dictionary = (
        "Variable / Field Name,Form Name,Field Type,Field Label,"
        '"Choices, Calculations, OR Slider Labels"\n'
        'sex,one,radio,Sex,"1, Male | 2, Female"\n'
    )
    corrections = "file,row_key,column,from,to,why,who,when\nx.csv,a=1;b=2,c,1,2,y,z,2021-01-01\n"
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, "x"], [2.5, None], ["=1+1", True]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    frame = pd.DataFrame({"a": [1.0, 2.0, None], "b": ["x", "", "é"], "c": [1, 2, 3]})
    for writer, name in (
        (pyreadstat.write_xport, "xpt"),
        (pyreadstat.write_sav, "sav"),
        (pyreadstat.write_dta, "dta"),
    ):
        writer(frame, str(folder / f"seed.{name}"))
    sav, dta, xpt = ((folder / f"seed.{name}").read_bytes() for name in ("sav", "dta", "xpt"))
    yaml = b"a: {b: [1, x, 2021-01-01], c: &d {e: 1.5}}\nf: *d\n# x\ng: >-\n  text\n  more\n"
    return {
        "csv": [text, text.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + text],
        "semicolons": [text.replace(b",", b";")],
        "utf16": [rows.encode("utf-16"), rows.encode("utf-16-be")],
        "shift_jis": [rows.replace("é", "清明").encode("shift_jis")],
        "windows1252": [rows.replace(",", "\t").encode("cp1252")],
        "dictionary": [dictionary.encode()],
        "corrections": [corrections.encode()],
        "yaml": [yaml],
        "manifest": [b"0" * 64 + b"  x.csv\n" + b"1" * 64 + b"  y.csv\n"],
        "xlsx": [out.getvalue()],
        "xlsx_parts": [out.getvalue()],
        "sas7bdat": [_sas7bdat()],
        "xport": [xpt],
        "spss": [sav],
        "stata": [dta],
        "odm": [made(3).encode() for made in [*ODM_READ.values(), lambda _: TWO_NAMES]],
        "redcap_xml": [REDCAP_READ["a record"](1).encode()],
        "dataset_json": [made(3).encode() for made in DATASET_JSON_READ.values()],
    }


def _sas7bdat() -> bytes:
    columns = [("a", NUMBER, 8), ("dose", NUMBER, 8), ("b", TEXT, 2), ("site", TEXT, 12)]
    return sas7bdat(columns, [[1, 2.5, "x", "é"], [2, math.nan, "", "Sapporo"], [3, -1, "y", "z"]])


def corrupted(rng: random.Random, files: list[bytes]) -> bytes:
    """One of the files, broken in a few places; a tenth are random bytes."""
    content = rng.choice(files)
    if rng.random() < 0.1:
        return rng.randbytes(rng.choice([0, 1, 3, 20, 300]))
    if content[:2] == b"PK" and rng.random() < 0.7:
        return _parts_corrupted(rng, content)
    if b"\0" * 8 in content and rng.random() < 0.7:
        return _overwritten(rng, content)
    return _bytes_corrupted(rng, content)


def _overwritten(rng: random.Random, content: bytes) -> bytes:
    """Of the same length: in a binary file everything behind a byte more is lost."""
    broken = bytearray(content)
    filled = [at for at, byte in enumerate(content) if byte]  # the rest is mostly room
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.choice(filled) if rng.random() < 0.7 else rng.randrange(len(broken))
        new = rng.choice([bytes([rng.randrange(256)]), b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"])
        broken[at : at + len(new)] = new
    return bytes(broken)


def _bytes_corrupted(rng: random.Random, content: bytes) -> bytes:
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        at = rng.randrange(len(content) + 1)
        end = min(len(content), at + rng.choice([1, 2, 8, 64]))
        match rng.randrange(6):
            case 0:
                new = bytes([rng.randrange(256)])
            case 1:
                new = rng.choice(TOKENS)
            case 2:
                new = b""
            case 3:
                new = content[at:end] * rng.choice([2, 3, 50])
            case 4:
                new, end = rng.choice(TOKENS), at
            case _:
                new, end = b"", len(content) if rng.random() < 0.3 else end
        content = content[:at] + new + content[end:]
    return content


def _parts_corrupted(rng: random.Random, content: bytes) -> bytes:
    """A workbook whose package is whole, and one of its parts is not."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        sheets = [name for name in names if "sheet" in name or "workbook" in name]
        broken = rng.choice(sheets if rng.random() < 0.7 else names)
        for name in names:
            part = old.read(name)
            new.writestr(name, _bytes_corrupted(rng, part) if name == broken else part)
    return out.getvalue()
