"""Attacks on privacy: identifiers that are to get past ingest, or out of a keyed run."""

from collections.abc import Callable
from pathlib import Path

from owncontrol.cleaning.clean import Cleaned
from owncontrol.errors import InputError
from owncontrol.privacy.contacts import telling_codes
from owncontrol.privacy.headings import kind_of_heading
from small_study import CONFIG, FILES, clean_small, write_files

from attacks import Attack

HEADINGS = {
    "German": ("Nachname", "Geb.-Dat.", "Aktenzeichen", "Vers.-Nr.", "Patientenname"),
    "French": ("prénom", "N° sécurité sociale", "Né(e) le", "NOM_PATIENT"),
    "Spanish": ("F. nac.", "Apellidos", "Nº historia clínica", "DNI/NIE"),
    "Portuguese and Italian": ("Cartão SUS", "codice fiscale", "Nato a il", "Sobrenome"),
    "Nordic": ("Födelsedatum", "fodselsnummer", "CPR-nr.", "Henkilötunnus", "Efternavn"),
    "Slavic": ("ФИО", "Дата рожд.", "PESEL", "Rodné číslo", "ЕГН", "По батькові"),
    "Greek, Turkish, Hungarian": ("ΑΜΚΑ", "T.C. Kimlik No", "Szül. dátum", "Soyadı"),
    "Arabic, Hebrew, Persian": ("اسم المريض", "ת.ז.", "نام‌خانوادگی", "تاريخ الميلاد"),
    "Hindi, Thai, Vietnamese": ("जन्म तिथि", "ชื่อ-สกุล", "Số CMND", "ngay_sinh"),
    "Japanese": ("患者名", "ﾌﾘｶﾞﾅ", "生年月日（西暦）", "診察券番号"),
    "Chinese and Korean": ("患者姓名", "身分證字號", "주민등록번호", "病历号"),
    "capitals, signs and widths": ("ＤＯＢ", "PATIENT NAME", "patientSurname", "e_mail"),
}
CODES = {
    "initials and a birth date": ["JD19610314", "AB19500203"],
    "initials and a short birth date": ["JD610314", "AB700203", "XY801112", "MM450506"],
    "the beginning of a name and a date": ["MUE-14.03.1961", "SCH-01.02.1950"],
    "names": ["Müller, Hans", "Schmidt, Eva"],
    "Japanese names": ["田中太郎", "鈴木花子"],
    "Korean names": ["김철수", "이영희"],
    "a birth date alone": ["19610314", "19500203"],
}
CONTACTS = {
    "an e-mail address in a term": "Cystitis mail hans@example.org today",
    "a full-width e-mail sign": "Cystitis mail hans＠example.org today",
    "a number with a country code in a term": "Cystitis patient rings on +81 90 5550 0100",
    "a Japanese number in a term": "Cystitis patient rings on 090-5550-0100 today",
    "a full-width number in a term": "Cystitis of the bladder ０９０−５５５０−０１００",
    "a French number in a term": "Cystitis patient rings on 06 12 34 55 50 today",
    "a number after the word for it": "Cystitis patient has tel. 138 1234 5550 today",
}
REFUSED = {
    "a birth date": ("walks", "2021-08-01", "14.03.1961"),
    "a name": ("walks", "2021-08-01", "Müller"),
    "a telephone number without groups": ("people", "2021-01-01", "09055500100"),
    "a record number": ("people", "2021-01-01", "MRN 00112233"),
    "a sentence": ("cells", "1.2", "Er stürzte am Abend"),
    "a Japanese name": ("walks", "before", "佐藤花子"),
}
KEY = b"0123456789abcdef0123456789abcdef"


def attacks() -> list[Attack]:
    """Headings and codes, contacts in cells, refused cells, and what undoes keyed codes."""
    return [
        *(
            Attack(f"identifiers under {name} headings", _headings(these))
            for name, these in HEADINGS.items()
        ),
        *(Attack(f"study codes that are {name}", _codes(these)) for name, these in CODES.items()),
        *(Attack(name, _contact(text)) for name, text in CONTACTS.items()),
        *(
            Attack(f"{name} in a cell that is refused", _refused(*of))
            for name, of in REFUSED.items()
        ),
        Attack("row numbers under keyed codes", _row_numbers),
        Attack("why and who of a correction under keyed codes", _reasons),
        Attack("an age of 97", _age),
    ]


def _headings(headings: tuple[str, ...]) -> Callable[[Path], str]:
    return lambda _: ", ".join(name for name in headings if not kind_of_heading(name))


def _codes(codes: list[str]) -> Callable[[Path], str]:
    return lambda _: "" if telling_codes(codes) else "taken as study codes"


def _contact(text: str) -> Callable[[Path], str]:
    def attempt(folder: Path) -> str:
        write_files(folder, events=("Cystitis", text))
        part = text.removeprefix("Cystitis ")
        tables = clean_small(folder)
        shown = _outputs(tables) + tables.findings.to_csv()
        return f"{part} is shown" if "55" in shown or "hans" in shown or "５５" in shown else ""

    return attempt


def _refused(file: str, old: str, text: str) -> Callable[[Path], str]:
    def attempt(folder: Path) -> str:
        write_files(folder, **{file: (old, text)})
        try:
            return f"{text} is shown" if text in _outputs(clean_small(folder)) else ""
        except InputError as error:
            return f"{text} is in the message" if text in error.message else ""

    return attempt


def _outputs(cleaned: Cleaned) -> str:
    """All that a figure or the report is made from; the findings are the record of the values."""
    flows = (cleaned.flow, cleaned.flow_cells, cleaned.flow_subjects, cleaned.quarantine)
    return "".join(table.to_csv() for table in (*flows, *cleaned.tables.values()))


def _keyed(folder: Path, corrections: list[tuple[str, ...]] | None = None) -> Cleaned:
    (folder / "key").write_bytes(KEY)
    code = {"key_file": str(folder / "key"), "prefix": "S-", "correction_reasons": False}
    return clean_small(folder, corrections, subject_code=code)


def _row_numbers(folder: Path) -> str:
    write_files(folder)
    head, *lines = FILES["walks.csv"].splitlines()
    wrong = [f"P1,before,2021-02-01,{number},x" for number in range(60, 100)]
    (folder / "walks.csv").write_text("\n".join([head, *lines, *wrong]) + "\n")
    found = _keyed(folder).findings
    found = found.loc[found["rule"] == "not_permitted"]
    rows = zip(found["value"].astype(int), found["row"], strict=True)
    same = sum(row == level - 54 for level, row in rows)
    return "" if same < 8 else f"{same} of {len(found)} rows have their raw number"


def _reasons(folder: Path) -> str:
    write_files(folder)
    entry = (
        "walks.csv",
        "id=P1;when=before",
        "level",
        "3",
        "4",
        "Hans M.",
        "Dr. Eva",
        "2022-01-01",
    )
    shown = _keyed(folder, [entry]).findings.to_csv()
    return "shown" if "Hans" in shown or "Eva" in shown or "2022-01-01" in shown else ""


def _age(folder: Path) -> str:
    write_files(folder)
    head, first, *rest = FILES["people.csv"].splitlines()
    lines = [f"{head},age", f"{first},97", *(f"{line},41" for line in rest)]
    (folder / "people.csv").write_text("\n".join(lines) + "\n")
    people = CONFIG["exports"]["people"]
    subjects = people["tables"]["subjects"]
    table = {**subjects, "columns": {**subjects["columns"], "age": "age"}}
    exports = {**CONFIG["exports"], "people": {**people, "tables": {"subjects": table}}}
    cleaned = clean_small(folder, exports=exports)
    return "97 is shown" if 97 in list(cleaned.tables["subjects"]["age"]) else ""
