"""Codes and headings in other languages, and the column of visits."""

import pandas as pd
import pytest
import yaml
from owncontrol.basics.program_files import SCHEMAS
from owncontrol.cli.suggest_mapping import suggest_mapping
from owncontrol.suggest.column_guesses import code_list, subject_column, visit_column
from owncontrol.suggest.known_words import headings, known_words, plain
from owncontrol.suggest.proposal import proposed_export
from owncontrol.suggest.raw_file import read_raw_file
from owncontrol.tables import fields

SEX, YES_NO = ("female", "male", "other"), ("yes", "no")
RELATION = ("unrelated", "unlikely", "possible", "probable", "definite")


def meant(texts, permitted, labels=None):
    found = code_list(texts, permitted, labels or {})
    return {text: guess.column for text, guess in found.items()}


@pytest.mark.parametrize(
    ("woman", "man"),
    [
        ("Woman", "Man"), ("weiblich", "männlich"), ("Frau", "Mann"), ("W", "M"),
        ("femme", "homme"),
        ("FÉMININ", "Masculin"), ("F", "H"), ("M", "H"), ("mujer", "varón"), ("femmina", "maschio"),
        ("mulher", "homem"), ("vrouw", "man"), ("女性", "男性"), ("女", "男"),
        ("maedchen", "junge"),
    ],
)  # fmt: skip
def test_sex(woman, man):
    assert meant([woman, man], SEX) == {woman: "female", man: "male"}


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("ja", "nein"), ("J", "N"), ("oui", "non"), ("O", "N"), ("sí", "no"), ("Sì", "NO"),
        ("sim", "não"), ("Ja", "Nee"), ("はい", "いいえ"), ("有", "無"), ("Checked", "Unchecked"),
    ],
)  # fmt: skip
def test_yes_and_no(yes, no):
    found = meant([yes, no], YES_NO)
    assert found.pop(yes) == "yes"
    assert found in ({no: "no"}, {})  # "no" itself needs no word
    assert not (found == {} and no != "no")


def test_letters_that_two_languages_read_differently_are_left_open():
    assert meant(["V", "M"], SEX) == {}  # vrouw and man, or varón and mujer
    assert meant(["M"], SEX) == {"M": "male"}  # begins like that
    assert meant(["F", "M", "X"], SEX) == {"F": "female", "M": "male"}
    assert meant(["M", "H", "F"], SEX) == {"F": "female", "H": "male"}


def test_a_label_of_a_dictionary_comes_first():
    assert meant(["1", "2"], SEX, {"1": "Frau", "2": "Mann"}) == {"1": "female", "2": "male"}
    assert meant(["M", "H"], SEX, {"M": "male", "H": "female"}) == {"M": "male", "H": "female"}


def test_relation_to_a_treatment():
    assert meant(["kein", "möglich", "wahrscheinlich", "blau"], RELATION) == {
        "kein": "unrelated", "möglich": "possible", "wahrscheinlich": "probable",
    }  # fmt: skip


def test_every_heading_is_of_a_canonical_column_and_of_one_alone():
    tables = ("subjects", "treatments", "adverse_events", "visits", "co_interventions")
    columns = {name for table in tables for name in fields(table)} | {"assessor"}
    assert set(known_words()["headings"]) <= columns
    for table in tables:
        owners: dict[str, str] = {}
        for column in fields(table):
            for heading in set(headings(column)) - {"grave"}:  # serious, and in part of them severe
                assert owners.setdefault(heading, column) == column, heading


def test_the_file_of_words_is_as_it_is_compared():
    known = yaml.safe_load((SCHEMAS / "words.yaml").read_text("utf-8"))
    assert known.keys() == known_words().keys()
    assert plain("Größe ÄÖÜ e\u0301 １２ ベースライン") == "grosse aou e 12 ベースライン"


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("Datum;Patienten-Nr.;Wert", "Patienten-Nr."),
        ("fecha;Código del paciente;valor", "Código del paciente"),
        ("評価日;症例番号;点数", "症例番号"),
        ("date;sujet;valeur", "sujet"),
        ("record_id;patient", "record_id"),
    ],
)
def test_subjects_in_other_languages(header, subject):
    guess = subject_column(pd.DataFrame([["x"] * 3], columns=(header + ";z").split(";")[:3]), "")
    assert (guess.column, guess.doubt) == (subject, "")


def test_the_column_of_visits():
    cells = pd.DataFrame({"id": ["1", "1"], "Zeitpunkt": ["a", "b"], "x": ["1", "2"]})
    assert visit_column(cells).column == "Zeitpunkt"
    by_texts = pd.DataFrame({"id": ["1", "1"], "wann": ["vor Behandlung", "Woche 8"]})
    guess = visit_column(by_texts)
    assert (guess.column, guess.doubt) == ("wann", "its texts name visits")
    # Durations are no visits, and neither is one day.
    assert visit_column(pd.DataFrame({"length": [">6m", "<6m"]})) is None
    assert visit_column(pd.DataFrame({"since": ["2 years", "3 years"]})) is None
    assert visit_column(pd.DataFrame({"x": ["pre", "none"]})) is None


EVENTS = {
    "de": "Patient;Ereignis;Beginn;Ende;Schweregrad;Zusammenhang;Schwerwiegend (ja/nein)",
    "fr": "patient;Événement;date de début;date de fin;grade;imputabilité;grave",
    "es": "paciente;Evento adverso;Inicio;Fin;Grado;Causalidad;Grave",
    "ja": "症例番号;有害事象名;発現日;終了日;グレード;因果関係;重篤性",
}


@pytest.mark.parametrize("language", EVENTS)
def test_adverse_events_with_semicolons(tmp_path, language):
    path = tmp_path / "events.csv"
    rows = "P-1;Fieber;12.03.2021;15.03.2021;1;unlikely;no\nP-2;X;13.03.2021;;2;possible;yes\n"
    path.write_text(EVENTS[language] + "\n" + rows, "utf-8")
    entry = yaml.safe_load(suggest_mapping(path, None))["events"]
    names = ("subject_id", "term", "onset_date", "end_date", "grade", "relation", "serious")
    expected = dict(zip(names, EVENTS[language].split(";"), strict=True))
    assert entry["tables"] == {"adverse_events": {"columns": expected}}
    assert entry["delimiter"] == ";"


def test_a_beginning_and_an_end_alone_are_no_adverse_events(tmp_path):
    path = tmp_path / "stays.csv"
    path.write_text("Patient;Beginn;Ende\nP-1;12.03.2021;15.03.2021\n")
    assert yaml.safe_load(suggest_mapping(path, None))["stays"]["tables"] is None


def test_subjects_and_treatments_in_german(tmp_path):
    path = tmp_path / "patienten.csv"
    path.write_text(
        "Patient;Geschlecht;Alter;Unfalldatum;Behandlungsdatum;Dosis\n"
        "P-1;w;45;12.03.2021;15.04.2021;1,2\nP-2;m;50;13.03.2021;16.04.2021;1,3\n"
    )
    tables = yaml.safe_load(suggest_mapping(path, None))["patienten"]["tables"]
    assert tables["subjects"] == {
        "columns": {
            "subject_id": "Patient", "injury_date": "Unfalldatum", "sex": "Geschlecht",
            "age": "Alter",
        },
        "recode": {"sex": {"m": "male", "w": "female"}},
    }  # fmt: skip
    assert tables["treatments"]["columns"] == {
        "subject_id": "Patient", "treatment_start": "Behandlungsdatum", "dose": "Dosis",
    }  # fmt: skip


@pytest.mark.parametrize("heading", ["Datum der Untersuchung", "date de visite", "測定日"])
def test_the_date_of_an_exam_is_that_of_its_heading_and_not_the_treatments(heading, tmp_path):
    head = f"id,visit,Behandlungsdatum,{heading},WISCI II"
    rows = ["P1,pre,2022-03-10,2022-03-01,3", "P1,post,2022-03-10,2022-09-12,9"]
    (tmp_path / "x.csv").write_text("\n".join([head, *rows]), "utf-8")
    export = proposed_export(read_raw_file(tmp_path / "x.csv", None))
    (exam,) = [table for table in export.tables if table.name == "wisci2"]
    assert exam.columns["date"].column == heading
