"""What the raw columns permit, by the study's own codebook; and sums that a row states itself."""

import csv
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from mutation.files import text

FORMS = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "Excel date": "%Y-%m-%d",
    "YYYY-MM-DD HH:MM": "%Y-%m-%d %H:%M",
}
PATTERNS = {
    "number": r"\d+(\.\d+)?",
    "whole number": r"\d+(\.0)?",
    "SYN-L- and a number": r"SYN-L-\d+",
    "AE- and a number": r"AE-\d+",
    "level or empty": r"([CTLS]\d\d?)?",
    "C1-C8, T1-T12, L1-L5, S1-S3, INT": r"C[1-8]|T[1-9]|T1[0-2]|L[1-5]|S[1-3]|INT",
    "rehabilitation or empty": r"(rehabilitation)?",
    "1, 2, … or empty": r"\d*",
}
CODES = ("study code", "OC- and a number")
ANYTHING = ("", "text", "free text")
UPPER, LOWER = ("C5", "C6", "C7", "C8", "T1"), ("L2", "L3", "L4", "L5", "S1")
SUMS = {
    "UER": [f"R {level} motor" for level in UPPER],
    "UEL": [f"L {level} motor" for level in UPPER],
    "LER": [f"R {level} motor" for level in LOWER],
    "LEL": [f"L {level} motor" for level in LOWER],
    "UEMS": [f"{side} {level} motor" for side in "RL" for level in UPPER],
    "LEMS": [f"{side} {level} motor" for side in "RL" for level in LOWER],
}


class Codebook:
    """The codebook of a study's folder. ``patients``: the study codes of its subjects."""

    def __init__(self, folder: Path, patients: set[str]) -> None:
        self.patients = patients
        with (folder / "codebook.csv").open(encoding="utf-8", newline="") as file:
            self.columns = {(row["file"], row["column"]): row for row in csv.DictReader(file)}

    def permits(self, file: str, column: str, value: Any) -> bool:
        """Whether the codebook permits a text in a column; an empty cell is permitted."""
        entry = self.columns.get((file, column))
        if entry is None or text(value) == "":
            return True
        permitted, _, missing = entry["permitted_values"].partition("; missing: ")
        if text(value) in missing.split(", "):
            return True
        if column == "record_id" or permitted in CODES:
            return text(value) in self.patients
        if permitted in ANYTHING:
            return True
        if permitted in FORMS:
            return _is_time(text(value), FORMS[permitted])
        if permitted in PATTERNS:
            return re.fullmatch(PATTERNS[permitted], text(value)) is not None
        options = permitted.split(" | ")
        # The standard permits marks (* and **) at every grade of an exam.
        grade = text(value).rstrip("*") if self.is_item(file, column) else text(value)
        return any(_is_option(grade, option, file) for option in options)

    def is_item(self, file: str, column: str) -> bool:
        """Whether a column is graded in each exam, so that no cell of it may be empty."""
        return bool(
            re.fullmatch(r"[RL] \S+ (motor|LT|PP)|VAC|DAP", column)
            or (re.fullmatch(r"scim_(?!date|total_recorded|iii).+", column))
        )


def contradicted_sums(header: list[str], row: list[Any]) -> set[str]:
    """The columns of a row that state a sum which its cells do not have."""
    cells = {name: text(value) for name, value in zip(header, row, strict=False)}
    sums = dict(SUMS)
    for kind in ("LT", "PP"):
        sums[f"{kind} total"] = [name for name in header if name.endswith(f" {kind}")]
    sums["scim_total_recorded"] = [
        name for name in header if re.fullmatch(r"scim_(?!date|total_recorded|iii).+", name)
    ]
    wrong = set()
    for total, parts in sums.items():
        numbers = [cells.get(part, "") for part in parts]
        stated = cells.get(total, "")
        whole = stated.isdecimal() and all(number.isdecimal() for number in numbers)
        if not whole or not numbers:
            continue
        # Python turns no text of thousands of digits into a number; no sum has so many.
        too_long = any(len(number) > 1000 for number in (stated, *numbers))
        if too_long or int(stated) != sum(map(int, numbers)):
            wrong.add(total)
    return wrong


def _is_time(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)
    except ValueError:
        return False
    return True


def _is_option(value: str, option: str, file: str) -> bool:
    bounds = re.fullmatch(r"([\d.]+)-([\d.]+)|(EX)(\d)-EX(\d)", option)
    if bounds is None:
        return value == (option.split(", ")[0] if file.startswith("redcap") else option)
    if bounds[3]:
        return re.fullmatch(rf"EX[{bounds[4]}-{bounds[5]}]", value) is not None
    is_number = re.fullmatch(r"\d+(\.\d+)?", value) is not None
    return is_number and float(bounds[1]) <= float(value) <= float(bounds[2])
