"""The raw files of a study as a person sees them, read without the library."""

import csv
from datetime import datetime

import openpyxl


def read_raw(folder):
    """By file, its rows as lists of texts; row 1 is the header."""
    files = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv":
            text = path.read_text("utf-8-sig")
            delimiter = ";" if text.splitlines()[0].count(";") > 2 else ","
            files[path.name] = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
        elif path.suffix == ".xlsx":
            sheet = openpyxl.load_workbook(path, data_only=True)["Exams"]
            rows = sheet.iter_rows(values_only=True)
            files[path.name] = [[as_text(value) for value in row] for row in rows]
    return files


def raw_text(files, file, row, column):
    """The text of one cell; ``row`` as a person counts it, ``column`` by its name."""
    header = [name.strip() for name in files[file][0]]
    return files[file][int(row) - 1][header.index(column)]


def as_text(value):
    """A workbook's cell as a person reads it: the date without a time, 5 and not 5.0."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes").removesuffix(" 00:00")
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return "" if value is None else str(value)
