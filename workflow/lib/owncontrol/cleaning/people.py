"""Who hides behind a code: rows of one code that contradict each other, codes that look alike."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection
from itertools import combinations

import numpy as np
import pandas as pd

from owncontrol.basics.decimals import plain
from owncontrol.cleaning.working_table import Rows, Sheet
from owncontrol.findings.cleaning_rules import CodesAlike, TwoPeople
from owncontrol.privacy.ages import hidden as hide_ages
from owncontrol.tables.categories import by_value, cells_by_text, texts

BIRTH = "birth"  # in the name of a characteristic that holds a year of birth
DAYS_A_YEAR = 365.25
# Signs that look like others, in small letters: Cyrillic and Greek letters whose capitals look like
# Latin ones, letters typed for the digits 0 and 1, and what stands for a dash.
LOOKALIKE = str.maketrans(
    "авекмнорстухіјѕԁԛԝ" + "αβεζηικμνορτυχ" + "oоοil" + "‐‑‒–—―−_ \N{NO-BREAK SPACE}",
    "abekmh0pctyx1jsdqw" + "abezh1kmn0ptyx" + "00011" + "----------",
)
# When the age was asked: at registration (see the table subjects), else about consent.
AGE_DATES = ("registration_date", "consent_date")


def check_people(
    subjects: Sheet, years_apart: float, hints: dict[str, str], ages: Collection[str]
) -> None:
    """Set aside all rows of a code that contradict each other in sex, year of birth or age.

    Two patients may share the code: then no row says which one the other tables are about.
    ``years_apart``: by how many years ages may differ beyond the time between the rows. ``hints``:
    by raw file, which column tells the rows of one code apart. ``ages``: columns of which no
    number above 89 is shown.
    """
    kept = np.flatnonzero(subjects.is_kept)
    whose = subjects.values["subject_id"].iloc[kept].astype("str")
    twice = kept[whose.duplicated(keep=False).to_numpy()]
    if not len(twice):
        return
    rows_found: list[int] = []
    people: list[TwoPeople] = []
    for _, places in pd.Series(twice).groupby(whose.loc[twice].to_numpy(), sort=False):
        rows: Rows = places.to_numpy()
        found = [*_values_apart(subjects, rows), *_ages_apart(subjects, rows, years_apart)]
        if not found:
            continue
        named = [f"{subjects.source_file.iloc[row]} row {subjects.source_row[row]}" for row in rows]
        hint = next((hints[file] for file in subjects.source_file.iloc[rows] if file in hints), "")
        shown = [
            f"{name} ({', '.join(map(hide_ages, values) if name in ages else values)})"
            for name, values in found
        ]
        two = TwoPeople(
            rows=", ".join(named), columns=" and ".join(shown), hint=f"; {hint}" if hint else ""
        )
        rows_found += rows.tolist()
        people += [two] * len(rows)
        kinds = " and ".join(name for name, _ in found)
        subjects.set_aside(rows, f"rows of one code contradict each other in {kinds}")
    subjects.report(rows_found, "subject_id", people)


def _values_apart(subjects: Sheet, rows: Rows) -> list[tuple[str, list[str]]]:
    """Sex and year of birth, where they differ: the column and its values."""
    found = []
    for name in subjects.values:
        is_year = BIRTH in name and pd.api.types.is_numeric_dtype(subjects.values[name])
        if name != "sex" and not is_year:
            continue
        values = subjects.values[name].iloc[rows].dropna().astype("str")
        different = [text.removesuffix(".0") for text in dict.fromkeys(values) if text]
        if len(different) > 1:
            found.append((str(name), different))
    return found


def _ages_apart(subjects: Sheet, rows: Rows, years_apart: float) -> list[tuple[str, list[str]]]:
    if not subjects.has("age"):
        return []
    ages = subjects.values["age"].iloc[rows].to_numpy(float)
    dates = subjects.days(next((name for name in AGE_DATES if subjects.has(name)), ""))[rows]
    for one, other in combinations(range(len(rows)), 2):
        years = (dates[other] - dates[one]) / np.timedelta64(1, "D") / DAYS_A_YEAR
        apart = abs(ages[other] - ages[one] - (0.0 if np.isnan(years) else years))
        if apart > years_apart:
            return [("age", [plain(ages[one]), plain(ages[other])])]
    return []


def check_codes_alike(sheets: dict[str, Sheet]) -> None:
    """A warning where codes look alike: P-1 and P-01, P1 and P 1, P01 and PO1.

    They are read as two subjects. Each code but the one with most rows is reported at its first
    row in each table.
    """
    counts: Counter[str] = Counter()
    for sheet in sheets.values():
        kept = sheet.values["subject_id"].loc[sheet.is_kept]
        counts.update(dict(zip(texts(kept), cells_by_text(kept).tolist(), strict=True)))
    groups: dict[str, list[str]] = defaultdict(list)
    for code in sorted(code for code, rows in counts.items() if code and rows):
        groups[_plain(code)].append(code)
    usual: dict[str, str] = {}
    for codes in groups.values():
        first = max(codes, key=lambda code: (counts[code], code))
        usual |= {code: first for code in codes if code != first}
    if not usual:
        return
    for sheet in sheets.values():
        kept = sheet.values["subject_id"].loc[sheet.is_kept]
        firsts = kept.loc[by_value(kept, usual.__contains__)].drop_duplicates().astype("str")
        sheet.report(
            firsts.index,
            "subject_id",
            [CodesAlike(one=code, usual=usual[code]) for code in firsts],
        )


def _plain(code: str) -> str:
    """What of a code tells it from others at a glance, by which codes that look alike are equal.

    Small letters, one sign for those that look like it, no dash between a letter and a number,
    numbers without leading zeros and without ``.0``.
    """
    plain = unicodedata.normalize("NFKC", code).casefold().translate(LOOKALIKE)
    plain = re.sub(r"(?<=[^\W\d_])-(?=\d)", "", plain)
    plain = re.sub(r"(?<=\d)\.0+(?![\d.])", "", plain)
    return re.sub(r"(?<![\d.])0+(?=\d)", "", plain)
