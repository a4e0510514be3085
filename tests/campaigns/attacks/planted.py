"""Persons planted in a study from elsewhere, in every place of every format that holds a text.

A study is made of the file, run, exported, archived, deposited, and compared with a data cut before
it. What was planted may be in the raw file and in the record of the cells as they were typed alone
(SECURITY.md): the tables under ingested/, and the findings under cleaned/.
"""

import csv
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
from copies import copy_project, link_environment
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from planted_persons import PEOPLE, found_below, texts_of

from attacks import Attack

STUDY = "schritte"
HEADINGS = {
    "German": ("Nachname", "Vorname", "Geburtsdatum", "Telefon", "E-Mail"),
    "French": ("nom de famille", "prénom", "date de naissance", "téléphone", "courriel"),
    "Japanese": ("姓", "名", "生年月日", "電話番号", "メールアドレス"),
    "Arabic": ("اسم العائلة", "الاسم الأول", "تاريخ الميلاد", "رقم الهاتف", "البريد الإلكتروني"),
    "Spanish": ("apellidos", "nombre", "fecha de nacimiento", "teléfono", "correo electrónico"),
    "Russian": ("фамилия", "имя", "дата рождения", "телефон", "эл. почта"),
    "no language": ("F1", "F2", "F3", "F4", "F5"),
}
PLANTED = texts_of(PEOPLE, "Lindenallee", "77 und bat")
NOTE = "rief an, wohnt Lindenallee 77 und bat um einen Termin am Nachmittag"
VISITS = {"V0": "2024-01-1", "V1": "2024-04-1", "V2": "2024-07-1"}
RECORD = ("/ingested/", "/cleaned/findings.csv")
WORDS = (
    *("--subject", "code", "--visit", "visit", "--visits", "V0,V1,V2"),
    *("--baseline", "V0", "--time-point", "V2"),
)
MEASURE = ("--measure", "metres:higher:m")
Planted = dict[tuple[int, str, str], str]
# By patient, visit and column, what somebody typed where something else belongs.
MISPLACED: Planted = {
    (1, "V1", "metres"): "Trévidic 240 m",
    (2, "V2", "metres"): "山野辺 さん",
    (3, "V1", "day"): "فاطمة الزهراوي",
    (4, "V2", "metres"): "+34 915 55 01 99",
    (5, "V1", "day"): "30.08.1966 Папандопуло",
    (6, "V2", "visit"): "Παπαδιαμάντης V2",
    (8, "V1", "sex"): "w चट्टोपाध्याय",
    (9, "V1", "code"): "Źdźbłowska Bożydara",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A file as it arrives. ``name``; ``write``: its content; ``options``: of new-study."""

    name: str
    write: Callable[[Path, pd.DataFrame], None]
    options: tuple[str, ...] = ()


def attacks() -> list[Attack]:
    """A whole run for each language of the headings, and for each format."""
    text, german = SOURCES["csv"], HEADINGS["German"]
    return [
        *(
            Attack(f"persons under {name} headings", partial(_attempt, text, texts, ""), True)
            for name, texts in HEADINGS.items()
        ),
        *(
            Attack(f"persons in every place of {name}", partial(_attempt, source, german, ""), True)
            for name, source in SOURCES.items()
            if source is not text
        ),
        Attack("persons, keyed codes", partial(_attempt, text, german, "keyed"), True),
        Attack("persons, an earlier data cut", partial(_attempt, text, german, "cut"), True),
        *(Attack(f"what new-study says of {name}", partial(_told, arguments))
          for name, arguments in TOLD.items()),
    ]  # fmt: skip


def rows(headings: Sequence[str], planted: Planted = MISPLACED) -> pd.DataFrame:
    """Three visits of each person, with what identifies them under these headings."""
    made = []
    for number, person in enumerate(PEOPLE):
        for visit, month in VISITS.items():
            metres = 100 + 7 * number + (visit != "V0") * (12 + 3 * number)
            cells = {"code": f"P-{number + 1:02d}", "visit": visit, "day": f"{month}{number}"}
            cells |= {"metres": str(metres), "sex": "mw"[number % 2]}
            cells |= dict(zip(headings, person, strict=True))
            cells["remark"] = f"{person[1]} {person[0]} {NOTE}"
            cells |= {
                name: text for (row, at, name), text in planted.items()
                if (row, at) == (number, visit)
            }  # fmt: skip
            made.append(cells)
    return pd.DataFrame(made)


# --- formats


def _csv(path: Path, table: pd.DataFrame) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("# exported by Maximiliano Etchegoyen\n" if "#" in path.name else "")
        writer = csv.writer(file, delimiter=";")
        writer.writerows([list(table), *table.itertuples(index=False)])


def _workbook(path: Path, table: pd.DataFrame) -> None:
    """Names in properties, comments, hidden parts, lists of choices, headers and names of areas."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "data"
    for row in [list(table), *table.itertuples(index=False)]:
        sheet.append(list(row))
    sheet["D3"].comment = Comment("Frau Quellenhofer bitte anrufen", "Annelotte Quellenhofer")
    sheet["C4"].comment = Comment("山野辺 さん", "はなこさん")
    sheet.append([])
    sheet.append(["Stand: erstellt von Gwénolé Trévidic, 01 99 00 47 13"])
    sheet.oddHeader.center.text = "Bożydara Źdźbłowska"
    sheet.column_dimensions["F"].hidden = True
    sheet.row_dimensions[5].hidden = True
    choices = DataValidation(type="list", formula1='"Etchegoyen,Папандопуло"')
    sheet.add_data_validation(choices)
    choices.add("E2:E9")
    hidden = book.create_sheet("persons")
    hidden.sheet_state = "hidden"
    for person in PEOPLE:
        hidden.append(person)
    book.defined_names["Quellenhofer"] = DefinedName("Quellenhofer", attr_text="persons!$A$1")
    about = book.properties
    about.creator, about.lastModifiedBy = "Maximiliano Etchegoyen", "Евлампия Папандопуло"
    about.title = about.subject = about.description = about.keywords = "Παπαδιαμάντης"
    book.save(path)


def _spss(path: Path, table: pd.DataFrame) -> None:
    """Names in labels of values and variables, in notes and in the label of the file."""
    made = table.assign(sex=[1.0 + number % 2 for number in range(len(table))])
    pyreadstat.write_sav(
        made,
        path,
        file_label="Annelotte Quellenhofer",
        column_labels={"metres": "measured by Gwénolé Trévidic"},
        variable_value_labels={"sex": {1.0: "w (Etchegoyen)", 2.0: "m (Папандопуло)"}},
        note="山野辺 はなこさん",
    )


def _stata(path: Path, table: pd.DataFrame) -> None:
    made = table.rename(columns={"E-Mail": "mail"})
    made = made.assign(sex=[1 + number % 2 for number in range(len(made))])
    pyreadstat.write_dta(
        made,
        path,
        file_label="Annelotte Quellenhofer",
        column_labels={"metres": "measured by Gwénolé Trévidic"},
        variable_value_labels={"sex": {1: "w (Etchegoyen)", 2: "m (Папандопуло)"}},
        version=15,
    )


def _dataset_json(path: Path, table: pd.DataFrame) -> None:
    columns = [
        {"itemOID": f"IT.{name}", "name": name, "label": f"{name} (Trévidic)", "dataType": "string"}
        for name in table
    ]
    made = {
        "datasetJSONCreationDateTime": "2024-08-01T10:00:00", "datasetJSONVersion": "1.1.0",
        "originator": "Annelotte Quellenhofer", "sourceSystem": {"name": "Etchegoyen", "version": "1"},
        "itemGroupOID": "IG.X", "name": "X", "label": "Папандопуло", "records": len(table),
        "columns": columns, "rows": [list(row) for row in table.itertuples(index=False)],
    }  # fmt: skip
    path.write_text(json.dumps(made, ensure_ascii=False), "utf-8")


SOURCES = {
    "csv": Source("walks.csv", _csv),
    "a workbook": Source("walks.xlsx", _workbook),
    "a file of SPSS": Source("walks.sav", _spss),
    "a file of Stata": Source("walks.dta", _stata),
    "a dataset in JSON": Source("walks.json", _dataset_json),
}


# --- a study through all that writes something


def _attempt(source: Source, headings: Sequence[str], kind: str, folder: Path) -> str:
    """``kind``: ``keyed`` codes, an earlier ``cut`` of the data, or neither."""
    project = copy_project(folder / "project")
    link_environment(project)
    source.write(project / source.name, rows(headings))
    said = [_call(project, "new-study", STUDY, "--from", source.name, *WORDS, *MEASURE)]
    (project / source.name).unlink()
    configuration = project / f"config/{STUDY}.yaml"
    if kind == "keyed":
        (folder / "key").write_bytes(b"0123456789abcdef0123456789abcdef")
        with configuration.open("a", encoding="utf-8") as file:
            file.write(f"\nsubject_code: {{key_file: '{folder / 'key'}', prefix: S-}}\n")
    if kind == "cut":
        raw = project / f"data/raw/{STUDY}"
        for name, planted in (("2024-05-01", {**MISPLACED, (7, "V1", "metres"): "독고 탁구왕"}),
                              ("2024-08-01", MISPLACED)):  # fmt: skip
            (raw / "cuts" / name).mkdir(parents=True)
            source.write(raw / "cuts" / name / source.name, rows(headings, planted))
        said.append(_call(project, "manifest", f"data/raw/{STUDY}"))
    for command in (
        ("run", "--study", STUDY, "--cores", "2"),
        ("run", "--study", STUDY, "--cores", "2", "--snakemake-report"),
        ("export", STUDY),
        ("archive", f"results/{STUDY}", f"archive/{STUDY}.tar.gz"),
        ("publish", STUDY),
        ("what-if", "--study", STUDY, "--exclude", "P-02"),
        ("trace", "--raw", f"{source.name}:4", "--results", f"results/{STUDY}"),
        ("summary", f"results/{STUDY}"),
    ):
        if not (kind == "keyed" and command[0] == "what-if"):
            said.append(_call(project, *command))
    (project / "logs/said.txt").write_text("\n".join(said), "utf-8")
    if kind == "cut" and not (project / f"results/{STUDY}/provenance/since_last_cut.csv").is_file():
        return "the cut was not compared"
    return "; ".join(_found(project))[:450]


def _call(project: Path, *command: str) -> str:
    done = subprocess.run(
        [project / ".venv/bin/owncontrol", *command],
        cwd=project, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stdout[-300:]}")
    return done.stdout


def _found(project: Path) -> Iterator[str]:
    """Each file outside of the record that holds something planted."""
    for packed in [*project.glob("archive/*.tar.gz"), *project.glob("publication/*/*.tar.gz")]:
        with tarfile.open(packed) as archive:
            archive.extractall(packed.with_suffix(".unpacked"), filter="data")
        packed.unlink()
    for folder in ("results", "logs", ".snakemake", "archive", "publication", "config"):
        for name, texts in found_below(project / folder, PLANTED):
            in_record = any(part in f"{folder}/{name}" for part in RECORD)
            if folder == "publication" or not in_record:
                yield f"{folder}/{name}: {', '.join(texts[:3])}"


# --- what is said before there is a study

TOLD: dict[str, tuple[str, ...]] = {
    "names as subjects": ("--subject", "Nachname", *WORDS[2:], *MEASURE),
    "names as visits": (*WORDS[:2], "--visit", "Vorname", *MEASURE),
    "birth dates as dates": (*WORDS, *MEASURE, "--date", "Geburtsdatum"),
    "telephone numbers as a measure": (*WORDS, "--measure", "Telefon:higher:m"),
    "names as a description": (*WORDS, *MEASURE, "--describe", "Nachname,Vorname"),
    "names as arms": (*WORDS, *MEASURE, "--arms", "Nachname"),
    "free text as words": (*WORDS, "--measure", "remark:higher:points"),
    "names as what is kept": (*WORDS, *MEASURE, "--keep", "Nachname=Nobody"),
}


def _told(arguments: tuple[str, ...], folder: Path) -> str:
    """Neither message nor configuration nor README show a name."""
    _csv(folder / "walks.csv", rows(HEADINGS["German"]))
    (folder / "data/raw").mkdir(parents=True)
    python = ["owncontrol", "new-study", STUDY, "--from", "walks.csv", *arguments]
    done = subprocess.run(
        [sys.executable, "-I", "-m", *python], cwd=folder, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    made = [*folder.glob("config/*"), *folder.glob(f"data/raw/{STUDY}/README.md")]
    texts = [done.stdout, *(path.read_text("utf-8") for path in made)]
    if done.returncode not in (0, 1) or "Traceback" in done.stdout:
        return f"exit {done.returncode}: {done.stdout[-200:]}"
    shown = sorted(text for text in PLANTED if any(text in part for part in texts))
    return f"shown: {', '.join(shown[:5])}" if shown else ""
