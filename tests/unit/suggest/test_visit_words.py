"""The day that the name of a visit speaks of, in the languages of the file of words."""

import pytest
from owncontrol.suggest.visit_words import is_visit_text, named_day

NAMED = {
    "Woche 8": 56, "6 Monate": 183, "M6": 183, "2m": 61, "3 semaines": 21, "8週": 56,
    "WEEK 24": 168, "Tag 15": 15, "5 years": 1826, "Baseline": 0, "vor Behandlung": 0,
    # English, as REDCap, CDISC and people write it
    "baseline_arm_1": 0, "day_28_arm_1": 28, "6_months_arm_1": 183, "month_6": 183,
    "1_year_followup": 365, "12mFU": 365, "W08": 56, "Wk 2": 14, "D1": 1, "Day -7": -7, "D-7": -7,
    "WEEK -2": -14, "SCREENING 1": 0, "pre": 0, "Pre-treatment": 0, "preop": 0, "Before": 0,
    "3 days before": -3, "6 months after baseline": 183, "Baseline + 6 months": 183,
    "Baseline (Week 0)": 0, "Visit 1 (Baseline)": 0, "Visit 2 Month 6": 183, "V3 - Week 4": 28,
    "six months": 183, "one year": 365, "2nd week": 14, "1.5 years": 548, "24 h": 1, "T0": 0,
    "Month 6 / Week 26": 183, "Week 8 predose": 56, "predose": 0, "Visit 0": 0,
    "FU-6M": 183, "post 6m": 183, "+6m": 183, "Follow-up - 6 months": 183,
    # German
    "6. Monat": 183, "nach 6 Monaten": 183, "eine Woche": 7, "zwölf Monate": 365,
    "zwoelf Monate": 365, "präoperativ": 0, "Aufnahme": 0, "Ausgangswert": 0, "2 Wochen vor": -14,
    "vor 3 Tagen": -3, "1,5 Jahre": 548, "ein Jahr": 365, "Woche 8 (Tag 56)": 56,
    # French
    "J15": 15, "J0": 0, "J-7": -7, "S4": 28, "avant traitement": 0, "6 mois": 183, "un an": 365,
    "2ème semaine": 14, "3e mois": 91, "5 ans après": 1826, "Inclusion": 0, "deux années": 730,
    # Spanish, Italian, Portuguese, Dutch
    "antes": 0, "3 meses": 91, "1 año": 365, "dos semanas": 14, "día 15": 15, "2.º mes": 61,
    "línea de base": 0, "prima": 0, "6 mesi": 183, "due settimane": 14, "15 giorni": 15,
    "basale": 0, "dopo 3 mesi": 91, "mês 6": 183, "antes do tratamento": 0, "5 anos": 1826,
    "linha de base": 0, "duas semanas": 14, "nulmeting": 0, "6 maanden": 183, "voor": 0,
    "week 8": 56, "2 weken": 14, "1 jaar": 365, "na 3 mnd": 91,
    # Japanese
    "投与後8週": 56, "6か月": 183, "６ヶ月後": 183, "1年後": 365, "15日目": 15, "第8週": 56,
    "術前": 0, "治療前": 0, "ベースライン": 0, "入院時": 0, "半年後": 183, "三か月後": 91,
    "移植前": 0, "24時間後": 1, "投与前": 0, "3日前": -3,
}  # fmt: skip
NO_DAY = (
    "", "6", "-1", "follow-up", "Entlassung", "退院時", "UNSCHEDULED 3.1", "END OF TREATMENT",
    "visit 3", "T1", "V2", "post", "nach Behandlung", ">6m", "<6m", "3-6 months", "M-6", "W-2",
    "Cycle 2 Day 1", "Week 8 Day 3", "2020-01-15", "2020年", "5 J", "May 2020", "Monday", "x" * 300,
    "2 years 6 months", "RIGHT C5", "Visit_2_v1",
)  # fmt: skip


@pytest.mark.parametrize(("text", "day"), NAMED.items())
def test_a_visit_names_its_day(text, day):
    assert named_day(text) == day


@pytest.mark.parametrize("text", NO_DAY)
def test_no_day_is_made_up(text):
    assert named_day(text) is None


@pytest.mark.parametrize(
    "text",
    ["Follow-up", "Entlassung", "退院時", "sortie", "alta", "ontslag", "Woche 8", "dimissione"],
)
def test_names_of_visits(text):
    assert is_visit_text(text)


@pytest.mark.parametrize("text", ["Female", "12", "headache", ">6m", "right C5", ""])
def test_other_texts(text):
    assert not is_visit_text(text)
