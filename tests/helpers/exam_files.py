"""Exams with levels down the rows as sites keep them: by different writers, in five languages."""

import csv
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import xlsxwriter
from owncontrol.isncsci.cells import DERMATOMES, MYOTOMES

# Side and modality of the columns of values, in one order.
CELLS = [
    (side, kind) for side in ("right", "left") for kind in ("light_touch", "pin_prick", "motor")
]
VISITS = (0, 1)


def value(patient: int, visit: int, level: str, place: int) -> str:
    """The value of a cell: it differs with everything that could be mistaken for another."""
    kind = CELLS[place][1]
    if kind == "motor":
        return (
            str((patient + visit + place + MYOTOMES.index(level)) % 6) if level in MYOTOMES else ""
        )
    return str((patient + 2 * visit + place + DERMATOMES.index(level)) % 3)


def expected(patient: int, visit: int) -> dict[str, str]:
    """The canonical cells of an exam."""
    found = {}
    for level in DERMATOMES:
        for place, (side, kind) in enumerate(CELLS):
            if value(patient, visit, level, place):
                name = level.lower().replace("-", "_")
                found[f"{side}_{kind}_{name}"] = value(patient, visit, level, place)
    return found


def rows(patient: int, visit: int, order: list[int], thoracic: str = "T") -> Iterator[list[str]]:
    """The rows of an exam, its columns of values in an order."""
    for level in DERMATOMES:
        shown = level.replace("T", thoracic)
        yield [shown, *(value(patient, visit, level, place) for place in order)]


def english_sheets(path: Path) -> None:
    """A sheet per exam, code and visit in its name; the anal examination below the levels."""
    book = xlsxwriter.Workbook(path)
    names = ["LT R", "PP R", "Motor R", "LT L", "PP L", "Motor L"]
    order = [0, 1, 2, 5, 3, 4]
    for patient in (1, 2):
        for visit in VISITS:
            sheet = book.add_worksheet(f"P-0{patient} {('Baseline', 'Week 6')[visit]}")
            every = [["Level", *(names[place] for place in order)], *rows(patient, visit, order)]
            for number, row in enumerate([*every, ["VAC", "No"], ["DAP", "Yes"]]):
                sheet.write_row(number, 0, [int(t) if t.isdecimal() else t for t in row])
    sheet = book.add_worksheet("Legend")
    sheet.write_row(0, 0, ["NT", "not testable"])
    book.close()


def german_sheets(path: Path) -> None:
    """Title, labelled cells and two header rows; the sheets' names say nothing."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for patient in (1, 2):
        for visit in VISITS:
            sheet = book.create_sheet(f"Bogen {2 * patient + visit}")
            sheet.append(["Untersuchung nach ISNCSCI"])
            sheet.append([])
            sheet.append(["Proband:", None, f"RM-{patient:03d}", None, "Name:", "entfernt"])
            date = ("03.05.2022", "05.11.2022")[visit]
            sheet.append(
                ["Visite: " + ("vor Behandlung", "nach 6 Monaten")[visit], None, "Datum", date]
            )
            sheet.append(["Segment", "Rechts", None, None, "Links", None, None])
            sheet.append([None, *["Berührung", "Nadelstich", "Motorik"] * 2])
            sheet.merge_cells("A1:G1")
            sheet.merge_cells("A5:A6")
            sheet.merge_cells("B5:D5")
            sheet.merge_cells("E5:G5")
            for row in rows(patient, visit, [0, 1, 2, 3, 4, 5], "Th"):
                sheet.append(row)
            sheet.append(["Willkürliche anale Kontraktion:", None, "Nein"])
            sheet.append(["Tiefer analer Druck:", None, "Ja"])
    book.save(path)


def french_cells(path: Path) -> None:
    """A row per cell: side, segment and modality in three columns."""
    words = {"right": "droit", "left": "gauche"}
    kinds = {"light_touch": "toucher", "pin_prick": "piqûre", "motor": "moteur"}
    table = [["Patient", "Visite", "Date", "Côté", "Niveau", "Modalité", "Valeur"]]
    for patient in (1, 2):
        for visit in VISITS:
            head = [f"FR{patient:02d}", ("avant traitement", "6 mois")[visit],
                    ("02/03/2021", "30/09/2021")[visit]]  # fmt: skip
            for level, *values in rows(patient, visit, [0, 1, 2, 3, 4, 5], "D"):
                table += [
                    [*head, words[side], level, kinds[kind], text]
                    for (side, kind), text in zip(CELLS, values, strict=True)
                    if text
                ]
            table += [[*head, "", "contraction anale volontaire", "", "oui"],
                      [*head, "", "pression anale profonde", "", "non"]]  # fmt: skip
    _write(path, table, "cp1252")


def spanish_table(path: Path) -> None:
    """One table of all exams, modality and side across, the anal examination in every row."""
    names = ["Tacto der", "Pinchazo der", "Motor der", "Tacto izq", "Pinchazo izq", "Motor izq"]
    head = ["Código paciente", "Visita", "Fecha", "Nivel"]
    table = [[*head, *names, "Contracción anal voluntaria", "Presión anal profunda"]]
    for patient in (1, 2):
        for visit in VISITS:
            who = [f"ES{patient}", ("antes", "6 meses")[visit], ("2021-03-02", "2021-09-30")[visit]]
            for row in rows(patient, visit, [0, 1, 2, 3, 4, 5]):
                table.append([*who, *row, "no", "sí"])
    _write(path, table, "utf-8-sig")


def japanese_sheets(path: Path) -> None:
    """A sheet per exam whose corner above the levels is empty; glued names, other signs."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    names = ["右触覚", "右痛覚", "右運動", "左触覚", "左痛覚", "左運動"]
    for patient in (1, 2):
        for visit in VISITS:
            sheet = book.create_sheet(f"J{patient:02d}_{('治療前', '6か月後')[visit]}")
            sheet.append([None, *names])
            for row in rows(patient, visit, [0, 1, 2, 3, 4, 5]):
                sheet.append([row[0].replace("S4-5", "S4/5"), *row[1:]])
            sheet.append(["随意肛門収縮", "なし"])
            sheet.append(["深部肛門圧", "あり"])
    book.save(path)


def _write(path: Path, table: list[list[str]], encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=";").writerows(table)
