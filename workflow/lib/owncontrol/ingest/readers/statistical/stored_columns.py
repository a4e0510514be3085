"""The variables of a statistical file as columns of text, with findings at the cells."""

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from owncontrol.findings import reading_rules
from owncontrol.findings.finding import Finding
from owncontrol.findings.rule import Rule
from owncontrol.ingest.readers.statistical.stored_dates import date_text, hides_time
from owncontrol.ingest.readers.statistical.stored_files import Opened
from owncontrol.ingest.readers.statistical.stored_numbers import number_text
from owncontrol.ingest.readers.statistical.value_formats import Form, form_of, is_unknown_date

PARTS = {
    "month": "year and month",
    "year": "the year",
    "quarter": "year and quarter",
    "week": "year and week",
    "day_of_month": "the day of the month",
    "day_of_week": "the day of the week (1 is Sunday)",
    "day_of_year": "the day of the year",
    "month_of_year": "the number of the month",
    "quarter_of_year": "the number of the quarter",
}
MOST_NAMED = 5  # values in one sentence


class Variable:
    """One variable of a file: how its values are written."""

    def __init__(self, opened: Opened, position: int) -> None:
        """``position``: of the variable in ``opened``."""
        self.path, self.file, self.kind = opened.path, opened.path.name, opened.kind
        self.name, self.format = opened.names[position], opened.formats[position]
        self.is_text = opened.types[position] == "string"
        self.encoding = opened.encoding if self.is_text else None
        self.width = opened.widths[position]
        self.form: Form | None = None if self.is_text else form_of(self.kind, self.format)
        self.labels, self.ranges = opened.value_labels[position], opened.missing[position]
        self._number: Callable[[float], str] = number_text(
            self.kind, opened.types[position], opened.widths[position]
        )

    def text(self, value: Any) -> str:
        """A value as the program shows it; an empty text where there is none.

        A value that the file declares missing has a full stop before it. A number that the
        variable's format cannot show as a date is given with the format.
        """
        if is_empty(value):
            return ""
        if self.is_missing(value):
            return f".{self._date(value) or self.number(value)}"
        if self.form is None:
            return self.number(value)
        found = self._date(value)
        return f"{self.number(value)} ({self.format})" if found is None else found

    def number(self, value: Any) -> str:
        """A value without regard to the variable's format."""
        return self._number(value) if isinstance(value, float) else str(value)

    def is_missing(self, value: Any) -> bool:
        """Whether the file declares the value missing: by a tag (``.A``), a value or a range."""
        if not self.is_text and isinstance(value, str):
            return True
        return any(_within(value, bounds) for bounds in self.ranges)

    def is_no_date(self, value: Any) -> bool:
        """Whether the format shows dates and this value is none."""
        return (
            self.form is not None
            and not is_empty(value)
            and not self.is_missing(value)
            and self._date(value) is None
        )

    def hides_time(self, value: Any) -> bool:
        """Whether the value holds a time of day that the format does not show."""
        if self.form is None or is_empty(value) or self.is_missing(value):
            return False
        return self._date(value) is not None and hides_time(Decimal(self.number(value)), self.form)

    def _date(self, value: Any) -> str | None:
        if self.form is None or isinstance(value, str):
            return None
        return date_text(Decimal(self.number(value)), self.form, self.kind)

    def about_column(self, rule: Rule, value: str = "") -> Finding:
        """What there is to say about the variable as a whole."""
        return Finding(rule, self.file, None, self.name, value)


def is_empty(value: Any) -> bool:
    """Whether a cell has no value, not even one that is declared missing."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def text_column(
    variable: Variable, values: pd.Series, first: int, with_labels: bool
) -> tuple[pd.Categorical, list[Finding]]:
    """A variable's values as text, each different one written once, and findings about them.

    ``first``: number of the first row. ``with_labels``: write value labels in place of values.
    """
    codes, distinct = pd.factorize(values, use_na_sentinel=True)
    stored = [value.item() if isinstance(value, np.generic) else value for value in distinct]
    findings = _of_encoding(variable, stored)
    values_known, cut = _decoded(variable, stored, codes, first)
    texts = [variable.text(value) for value in values_known]
    findings += _of_format(variable, values_known)
    errors: dict[int, Rule] = {
        place: reading_rules.NoDate(form=variable.format)
        for place, value in enumerate(values_known)
        if variable.is_no_date(value)
    }
    errors |= {place: reading_rules.TextCut() for place in cut}
    if with_labels and variable.labels:
        texts, doubtful, unlabelled = _labelled(variable, values_known, texts)
        errors |= doubtful
        findings += unlabelled
    at_cells = _at_cells(variable, codes, texts, errors, first)
    names = list(dict.fromkeys([*texts, ""]))
    code = {name: number for number, name in enumerate(names)}
    # The last entry is for cells without a value, whose code is -1.
    new = np.array([code[text] for text in [*texts, ""]])
    return pd.Categorical.from_codes(new[codes], names).remove_unused_categories(), [
        *findings,
        *at_cells,
    ]


def _decoded(
    variable: Variable, stored: list[Any], codes: np.ndarray[Any, Any], first: int
) -> tuple[list[Any], set[int]]:
    """Texts in the encoding of the file, and the places of those whose last sign is cut off.

    Raises InputError at the first cell that does not fit.
    """
    encoding, values, cut = variable.encoding, list(stored), set()
    for place, value in enumerate(stored):
        if encoding is None or not isinstance(value, str):
            continue
        try:
            values[place] = encoding.text(value)
        except UnicodeDecodeError:
            values[place] = encoding.without_cut_sign(value, variable.width)
            if values[place] is None:
                row = int(np.flatnonzero(codes == place)[0]) + first
                where = f", row {row}, column {variable.name}"
                raise encoding.misfit(variable.path, where) from None
            cut.add(place)
    return values, cut


def _of_encoding(variable: Variable, stored: list[Any]) -> list[Finding]:
    encoding = variable.encoding
    if encoding is None or not any(
        isinstance(value, str) and encoding.is_doubtful(value) for value in stored
    ):
        return []
    return [variable.about_column(reading_rules.TextsInUtf8(encoding=encoding.name))]


def label_text(variable: Variable) -> dict[str, str]:
    """The value labels of a variable by the text of their value."""
    return {variable.text(value): label for value, label in variable.labels.items()}


def _labelled(
    variable: Variable, values: list[Any], texts: list[str]
) -> tuple[list[str], dict[int, reading_rules.LabelDoubtful], list[Finding]]:
    """Labels in place of values, where each label stands for one value.

    Returns the texts, what is wrong by place, and a note about values without a label.
    """
    of_label: dict[str, list[str]] = {}
    for value, label in variable.labels.items():
        if not variable.is_missing(value):
            of_label.setdefault(label.strip(), []).append(variable.text(value))
    written, without = list(texts), []
    doubtful: dict[int, reading_rules.LabelDoubtful] = {}
    plain = [
        (place, value)
        for place, value in enumerate(values)
        if not is_empty(value) and not variable.is_missing(value)
    ]
    for place, value in plain:
        if value not in variable.labels:
            without.append(texts[place])
    for place, value in plain:
        label = variable.labels.get(value, "").strip()
        also = [code for code in of_label.get(label, []) if code != texts[place]]
        if value not in variable.labels:
            if texts[place] in of_label:
                also = of_label[texts[place]]
                doubtful[place] = reading_rules.ValueIsLabel(value=texts[place], others=_some(also))
        elif also:
            codes = _some([texts[place], *also])
            doubtful[place] = reading_rules.LabelOfTwo(label=label, values=codes)
        elif label in without:
            doubtful[place] = reading_rules.LabelIsValue(label=label)
        elif label:
            written[place] = variable.labels[value]
        else:
            without.append(texts[place])
    if not without:
        return written, doubtful, []
    rule = reading_rules.ValueWithoutLabel(values=_some(without))
    return written, doubtful, [variable.about_column(rule)]


def _some(texts: list[str]) -> str:
    rest = len(texts) - MOST_NAMED
    named = [f"'{text}'" for text in texts[:MOST_NAMED]]
    return ", ".join(named) + (f" and {rest} more" if rest > 0 else "")


def _of_format(variable: Variable, values: list[Any]) -> list[Finding]:
    """Notes about the format of a variable, one each."""
    shown, form, findings = variable.format, variable.form, []
    if form is None:
        if not variable.is_text and is_unknown_date(variable.kind, shown):
            findings.append(variable.about_column(reading_rules.UnknownFormat(form=shown), shown))
        return findings
    if form.part in PARTS and form.unit:
        part = reading_rules.PartOfDate(form=shown, part=PARTS[form.part])
        findings.append(variable.about_column(part, shown))
    elif any(variable.hides_time(value) for value in values):
        findings.append(variable.about_column(reading_rules.TimeNotShown(form=shown), shown))
    if form.leap_seconds:
        findings.append(variable.about_column(reading_rules.LeapSeconds(form=shown), shown))
    return findings


def _at_cells(
    variable: Variable,
    codes: np.ndarray[Any, Any],
    texts: list[str],
    errors: dict[int, Rule],
    first: int,
) -> list[Finding]:
    """An error at each cell with one of the values in ``errors``, by place."""
    findings = []
    for row in np.flatnonzero(np.isin(codes, list(errors))):
        place = int(codes[row])
        findings.append(
            Finding(errors[place], variable.file, int(row) + first, variable.name, texts[place])
        )
    return findings


def _within(value: Any, bounds: dict[str, Any]) -> bool:
    if isinstance(value, str) != isinstance(bounds["lo"], str):
        return False
    return bool(bounds["lo"] <= value <= bounds["hi"])
