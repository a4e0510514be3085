"""What of a file of Word or Excel acts when it is opened, and is not the report's own."""

import re
import zipfile
from pathlib import Path

# Page numbers, numbers of tables and figures, and references to them.
OWN_FIELD = re.compile(r"\s*(?:PAGE|SEQ (?:Table|Figure) \\\* ARABIC|REF \w+ \\h)\s*")
FIELD = re.compile(r'<w:instrText[^>]*>([^<]*)|w:instr="([^"]*)"')
ACTS = re.compile(
    r"TargetMode=.External|<(?:w:altChunk|w:object|w:hyperlink|w:attachedTemplate|o:OLEObject"
    r"|hyperlink|ddeLink|externalReference|x14:dataValidation)\b"
)
FORMULA = re.compile(r"<f[ >]")


def active_parts(path: Path) -> list[str]:
    """Fields, references to other files and formulas of an Office file; empty where none is."""
    found = []
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            text = package.read(name).decode("utf-8", "replace")
            found += [f"{name}: {match[0]}" for match in ACTS.finditer(text)]
            if name.startswith("xl/worksheets"):
                found += [f"{name}: a formula" for _ in FORMULA.finditer(text)]
            for match in FIELD.finditer(text):
                code = match[1] or match[2] or ""
                found += [] if OWN_FIELD.fullmatch(code) else [f"{name}: field {code}"]
    return found
