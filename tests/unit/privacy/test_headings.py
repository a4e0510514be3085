"""Headings that identify a person, in 37 languages; those of data are left alone."""

import csv
import time
from collections import Counter
from pathlib import Path

import pytest
from owncontrol.privacy.headings import kind_of_heading

HEADINGS = Path(__file__).parents[2] / "headings"
ROOT = Path(__file__).parents[3]
# The invented identifiers of the example; everything else in its files is data.
INVENTED = {"family_name", "date_of_birth", "hospital_number", "phone"}


def lines(name):
    for line in (HEADINGS / name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            about, _, headings = line.partition(": ")
            yield about, headings.split("; ")


def test_nearly_all_headings_of_hospital_exports_are_known_in_every_language():
    found, number = Counter(), Counter()
    missed = []
    for about, headings in lines("identifiers.txt"):
        language = about.partition("|")[0]
        for heading in headings:
            number[language] += 1
            found[language] += bool(kind_of_heading(heading))
            missed += [] if kind_of_heading(heading) else [f"{about}: {heading}"]
    assert len(number) >= 37
    assert number.total() > 1100
    print(f"{found.total()} of {number.total()} headings in {len(number)} languages", missed)
    assert found.total() >= 0.98 * number.total(), missed
    assert {language for language in number if found[language] < 0.9 * number[language]} == set()


def test_no_heading_of_data_is_taken_for_an_identifier():
    wrong = [
        heading
        for _, headings in lines("no_identifiers.txt")
        for heading in headings
        if kind_of_heading(heading)
    ]
    assert wrong == []


@pytest.mark.slow
def test_no_heading_of_the_studies_here_is_taken_for_an_identifier():
    headings = set()
    for path in [*ROOT.glob("data/raw/*/*.csv"), *ROOT.glob("tests/cases/*/*.csv")]:
        text = path.read_bytes().decode("utf-8-sig", "replace")
        headings |= {cell for line in csv.reader(text.splitlines()[:1]) for cell in line}
    assert len(headings) > 150
    assert {heading for heading in headings if kind_of_heading(heading)} == INVENTED


@pytest.mark.parametrize(
    "headings",
    [
        ("Geb.-Dat.", "GebDat", "geb_dat", "GEB DAT", "ＧｅｂＤａｔ", "geb\u00addat"),
        ("Prénom", "prenom", "PRÉNOM", "Pre\u0301nom", "prénom_patient", "patientPrénom"),
        ("Fødselsdato", "Foedselsdato", "fodselsdato", "FØDSELSDATO", "fodsels_dato"),
        ("ﾌﾘｶﾞﾅ", "フリガナ", "ふりがな", "氏名（フリガナ）"),
        ("Ф.И.О.", "ФИО", "фио пациента", "Фио_врача"),
        ("D.O.B.", "dob", "DOB (dd/mm/yyyy)", "patientDOB", "dob_1"),
        ("نام‌خانوادگی", "نام خانوادگی", "الاسم الأول", "الإسم"),
        ("N° dossier", "No dossier", "numero_dossier", "NumDossier"),
    ],
)
def test_a_heading_is_known_in_whatever_form_it_is_written(headings):
    assert [heading for heading in headings if not kind_of_heading(heading)] == []


@pytest.mark.slow
def test_a_thousand_headings_and_an_endless_one_take_less_than_two_seconds():
    start = time.process_time()
    for number in range(1000):
        kind_of_heading(f"q{'abcdefghij'[number % 10]}{number}_right_light_touch_score x{number}")
    kind_of_heading("patient " * 2000)
    assert time.process_time() - start < 2
