"""The clocks: days from each subject's injury, from the first treatment, from the baseline."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from owncontrol.cleaning.working_table import Days, Rows, Sheet
from owncontrol.tables.categories import by_value

Sheets = dict[str, Sheet]
NO_ROW = -1
FROM = ("injury", "treatment")  # clocks whose recorded days have a column of their own


@dataclass
class Clocks:
    """Day 0 of each subject that is kept, by its place in ``place`` (NaT where not known).

    ``row``: by clock, the row of the subjects or the treatments sheet that day 0 is in.
    ``found``: places by table, once they were asked for. ``baseline``: the table of the exam that
    the clock of the baseline counts from; empty where none does.
    """

    place: dict[str, int]
    origin: dict[str, Days]
    row: dict[str, Rows]
    found: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    baseline: list[str] = field(default_factory=list)

    def places(self, sheet: Sheet) -> NDArray[np.int64]:
        """Place of each row's subject; -1 for one without a kept row in the subjects table."""
        if sheet.table not in self.found:
            places = by_value(sheet.values["subject_id"], lambda code: self.place.get(code, NO_ROW))
            self.found[sheet.table] = places.astype(np.int64)
        return self.found[sheet.table]

    def origins(self, sheet: Sheet, clock: str) -> Days:
        """Day 0 of each row's subject."""
        places = self.places(sheet)
        if not self.place:
            return np.full(len(places), np.datetime64("NaT", "D"))
        found: Days = np.where(places < 0, np.datetime64("NaT", "D"), self.origin[clock][places])
        return found

    def since(self, sheet: Sheet, clock: str, column: str = "date") -> NDArray[np.timedelta64]:
        """Days from day 0 to a date of each row; NaT where either is not known.

        The date of an assessment may have been recorded as its day on the clock.
        """
        recorded = f"day_from_{clock}" if clock in FROM else "study_day"
        if column == "date" and sheet.has(recorded):
            return sheet.since(recorded)
        if clock not in self.origin:
            return np.full(len(sheet.written), np.timedelta64("NaT", "D"))
        days: NDArray[np.timedelta64] = sheet.days(column) - self.origins(sheet, clock)
        return days

    def table_of(self, clock: str, place: int) -> str:
        """The table that the day 0 of a subject is in."""
        if clock == "baseline":
            return self.baseline[place]
        return "subjects" if clock == "injury" else "treatments"

    def distrust(self, clock: str, places: Rows) -> None:
        """Count no days from these origins: they cannot be right."""
        self.origin[clock][places] = np.datetime64("NaT", "D")


def make_clocks(sheets: Sheets) -> Clocks:
    """Day 0 of all subjects; of several treatments the first counts."""
    subjects = sheets["subjects"]
    rows = np.flatnonzero(subjects.is_kept)
    place = {
        str(code): number for number, code in enumerate(subjects.values["subject_id"].iloc[rows])
    }
    injury = subjects.days("injury_date")[rows]
    treatment = np.full(len(rows), np.datetime64("NaT", "D"))
    treated = np.full(len(rows), NO_ROW, np.intp)
    clocks = Clocks(
        place,
        {"injury": injury, "treatment": treatment},
        {"injury": rows, "treatment": treated},
    )
    if "treatments" in sheets:
        sheet = sheets["treatments"]
        start = sheet.days("treatment_start")
        order = np.flatnonzero(sheet.is_kept)
        order = order[np.argsort(start[order], kind="stable")][::-1]
        whose = clocks.places(sheet)[order]
        known = whose >= 0
        # The last assignment counts, and that is the first treatment.
        treatment[whose[known]] = start[order][known]
        treated[whose[known]] = order[known]
    return clocks


def start_at_baseline(
    clocks: Clocks, sheets: Sheets, assessments: Sequence[str], baseline: str
) -> None:
    """Let the clock of the baseline count from each subject's first dated exam at that visit.

    Of several rows of one instrument the first counts until duplicates are settled; so this is
    asked for once before and once after that. An origin that was distrusted before stays so.
    """
    known = clocks.origin.get("baseline")
    distrusted = [] if known is None else np.isnat(known) & (clocks.row["baseline"] != NO_ROW)
    origin = np.full(len(clocks.place), np.datetime64("NaT", "D"))
    row = np.full(len(clocks.place), NO_ROW, np.intp)
    table = [""] * len(clocks.place)
    for name in assessments:
        sheet = sheets[name]
        date, places = sheet.days("date"), clocks.places(sheet)
        at_baseline = (sheet.values["visit"] == baseline).to_numpy(bool)
        for here in np.flatnonzero(sheet.is_kept & at_baseline & (places >= 0) & ~np.isnat(date)):
            place = places[here]
            if np.isnat(origin[place]) or date[here] < origin[place]:
                origin[place], row[place], table[place] = date[here], here, name
    clocks.origin["baseline"], clocks.row["baseline"] = origin, row
    clocks.baseline[:] = table
    clocks.distrust("baseline", np.flatnonzero(distrusted))
