"""Days that the names of visits speak of, in the languages of many exports."""

import re

# A month is a twelfth of 365.25 days.
DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
UNITS = {
    "day": "d day days tag tage tagen t jour jours dia dias día días giorno giorni dag dagen 日 "
    "日目",
    "week": "w wk week weeks wks woche wochen kw semaine semaines sem semana semanas settimana "
    "settimane weken 週 週目 週間",
    "month": "m mo mon month months monat monate monaten mois mes meses mese mesi maand maanden "
    "月 ヶ月 か月 カ月 ケ月",
    "year": "y yr year years jahr jahre jahren an ans année années ano anos año años anno anni "
    "jaar 年",
}
UNIT_OF = {word: unit for unit, words in UNITS.items() for word in words.split()}
BEFORE = re.compile(
    r"\b(base ?line|bl|pre|before|admission|screening|registration|enrol\w*|vor|vorher|ausgangs\w*"
    r"|eingangs\w*|aufnahme|avant|inclusion|antes|basal|prima|voor|vóór|nulmeting)\b"
    r"|治療前|投与前|入院時|ベースライン"
)
UNIT_FIRST = re.compile(r"(?<![^\W\d_])([^\W\d_]+)\.?[ _-]?([0-9]+(?:[.,][0-9]+)?)(?![^\W_])")
NUMBER_FIRST = re.compile(r"(?<![0-9.,])([0-9]+(?:[.,][0-9]+)?)[. _-]{0,2}([^\W\d_]+)")


def named_day(text: str) -> int | None:
    """The day that a visit's text names, from the baseline visit; None where it names none.

    ``week 8``, ``6m``, ``Monat 3``, ``2 semaines``, ``8週``; a word for the time before is day 0.
    """
    plain = text.casefold().replace("_", " ")
    if BEFORE.search(plain):
        return 0
    found = [(unit, count) for count, unit in NUMBER_FIRST.findall(plain)]
    for unit, count in [*found, *UNIT_FIRST.findall(plain)]:
        if unit in UNIT_OF:
            return round(DAYS[UNIT_OF[unit]] * float(count.replace(",", ".")))
    return None
