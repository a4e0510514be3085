"""Names of patients in a foreign study, in six languages: what of them leaves the raw file."""

import csv
import subprocess
import sys
import tarfile
from pathlib import Path

import planted_persons
import pytest
from planted_persons import found_below, texts_of
from unpacked import unpacked
from workflow.conftest import Project, copy_project

pytestmark = pytest.mark.slow

STUDY = "gehen"
HEADINGS = ["Nachname", "prénom", "生年月日", "Telefon", "correo electrónico", "Aktenzeichen"]
# One patient per row: what must not be found anywhere, and a free text that holds some of it.
PEOPLE = planted_persons.PEOPLE[:6]
NOTES = ["klagt, wohnt Lindenallee 77", "", "は転倒した", "", "vive en Pamplona", ""]
PLANTED = texts_of(PEOPLE, "AZ-99817", "Lindenallee", "Pamplona")
VISITS = {"Baseline": "2024-01-1", "Woche 12": "2024-04-1", "Woche 26": "2024-07-1"}
# Texts that somebody typed into a cell of another kind. They are refused there, and the record
# alone shows them: the findings and the tables under ingested/ (SECURITY.md).
MISPLACED = {
    (4, "Woche 26", "Gehstrecke"): "Etchegoyen 240 m",
    (1, "Woche 12", "Untersuchungsdatum"): "geb. 14 juillet 1970",
    (5, "Woche 12", "Untersuchungsdatum"): "siehe Папандопуло",
}
THE_RECORD = ("cleaned/findings.csv", "ingested/walks/gehstrecke.csv")


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Project:
    """The study from its raw file through every command that writes something."""
    folder = tmp_path_factory.mktemp("names") / "project"
    project = copy_project(folder)
    (folder / ".venv").symlink_to(sys.prefix)
    with (folder / "walks.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(
            ["Kennung", "Visite", "Untersuchungsdatum", "Gehstrecke", *HEADINGS, "Bemerkung"]
        )
        for number, person in enumerate(PEOPLE):
            for visit, month in VISITS.items():
                metres = 100 + 7 * number + (visit != "Baseline") * (12 + 3 * number)
                cells = {"Untersuchungsdatum": f"{month}{number}", "Gehstrecke": str(metres)}
                cells |= {
                    name: text
                    for (row, at, name), text in MISPLACED.items()
                    if (row, at) == (number, visit)
                }
                private = [*person, f"AZ-9981726{number}", f"{person[0]} {NOTES[number]}"]
                rows.writerow([f"P-{number + 1:02d}", visit, *cells.values(), *private])
    words = ["--from", "walks.csv", "--subject", "Kennung", "--visit", "Visite"]
    words += ["--baseline", "Baseline", "--time-point", "Woche 26"]
    words += ["--measure", "Gehstrecke:higher:m"]
    new_study = [".venv/bin/python", "-I", "-m", "owncontrol", "new-study", STUDY, *words]
    said = []
    for command in (
        new_study,
        ["make", f"STUDY={STUDY}"],
        ["make", f"STUDY={STUDY}", "snakemake-report"],
        ["make", f"STUDY={STUDY}", "archive"],
        [*new_study[:4], "publish", STUDY],
        ["make", f"STUDY={STUDY}", "what-if", "SUBJECT=P-02"],
    ):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout + done.stderr)
    (folder / "logs/said.txt").write_text("\n".join(said), "utf-8")
    return project


def names(folder: Path) -> set[str]:
    """The files below a folder that hold something planted."""
    return {name for name, _ in found_below(folder, PLANTED)}


def test_results_hold_none_outside_of_the_record(told):
    results = told / f"results/{STUDY}"
    suffixes = {path.suffix for path in results.rglob("*")}
    assert {".html", ".pdf", ".docx", ".xlsx", ".svg", ".png", ".ipynb", ".json"} <= suffixes
    assert names(results) == set(THE_RECORD)


def test_logs_reports_and_messages_hold_none(told):
    assert (told / f"logs/{STUDY}/snakemake-report.html").stat().st_size > 100_000
    assert not names(told / "logs")
    assert not names(told / ".snakemake")


def test_an_archive_holds_none_outside_of_the_record(told, tmp_path):
    with tarfile.open(told / f"archive/{STUDY}.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    found = {name.split(f"results/{STUDY}/")[-1] for name in names(tmp_path)}
    assert found == set(THE_RECORD)


def test_a_deposit_holds_none_at_all_and_no_date_of_a_visit(told, tmp_path):
    deposit = told / f"publication/{STUDY}"
    assert (deposit / "README.md").is_file()
    with tarfile.open(deposit / f"{STUDY}.tar.gz") as archive:
        archive.extractall(tmp_path / "archive", filter="data")
    assert not names(deposit)
    assert not names(tmp_path)
    dates = {f"{month}{number}" for month in VISITS.values() for number in range(len(PEOPLE))}
    for folder in (deposit, tmp_path / f"archive/results/{STUDY}"):
        for path in filter(Path.is_file, folder.rglob("*")):
            said = " ".join(unpacked(path))
            assert not [date for date in dates if date in said], path


def test_the_configuration_holds_none(told):
    text = (told / f"config/{STUDY}.yaml").read_text("utf-8")
    assert not [planted for planted in PLANTED if planted in text]
