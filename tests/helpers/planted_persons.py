"""Invented persons to be planted in a study, and where anything of them is found again."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from unpacked import unpacked

# Family name, first name, birth date, telephone, e-mail: as each language writes them.
PEOPLE = [
    ("Quellenhofer", "Annelotte", "12.03.1961", "+49 30 90182934", "a.q@beispielpost.de"),
    ("Trévidic", "Gwénolé", "14 juillet 1970", "01 99 00 47 13", "gwenole@exemplepost.fr"),
    ("山野辺", "はなこさん", "昭和50年4月3日", "03-5555-0147", "hanako@yamanobe.jp"),
    ("الزهراوي", "فاطمة", "١٩٦٥/٠٥/٠٧", "+966 50 555 0147", "fatima@barid.sa"),
    ("Etchegoyen", "Maximiliano", "09/07/1949", "+34 915 55 01 99", "me@correoejemplo.es"),
    ("Папандопуло", "Евлампия", "30.08.1966", "+7 495 555-01-47", "evl@primerpochta.ru"),
    ("Παπαδιαμάντης", "Ευτυχία", "1951/11/02", "+30 210 555 0147", "efi@paradeigma.gr"),
    ("독고", "탁구왕", "1972년 8월 15일", "010-5555-0147", "tak@yejeuup.kr"),
    ("चट्टोपाध्याय", "अनुराधा", "05-06-1968", "+91 98555 50147", "anu@udaharan.in"),
    ("Źdźbłowska", "Bożydara", "2.11.1958", "+48 22 512 34 56", "bozydara@przyklad.pl"),
]


def texts_of(people: Iterable[tuple[str, ...]], *others: str) -> set[str]:
    """What must not be found; of a text both as it is and as a page without blanks has it."""
    texts = {text for person in people for text in person} | set(others)
    return texts | {text.replace(" ", "") for text in texts}


def found_below(folder: Path, planted: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Each file below a folder that holds something planted: its path there, and what of it."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            parts = list(unpacked(path))
            texts = sorted(text for text in planted if any(text in part for part in parts))
            if texts:
                yield path.relative_to(folder).as_posix(), texts
