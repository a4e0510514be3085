"""What was given, by its name in the files: EXTRT of SDTM, TRTA and TRT01A of ADaM."""

from collections.abc import Sequence

import pandas as pd

from owncontrol.suggest.placed_measures import kept_rows
from owncontrol.suggest.raw_file import RawFile
from owncontrol.suggest.request import Request
from owncontrol.suggest.study_parts import subject_of

NAMES = ("EXTRT", "TRTA", "TRT01A")
LONGEST_CODE = 4  # letters of an abbreviation that stays in capitals


def treatment_word(files: Sequence[RawFile], request: Request) -> str:
    """The one treatment that the subjects of the study had; empty where it is none, or several."""
    for name in NAMES:
        for raw in files:
            if name not in raw.cells:
                continue
            rows = kept_rows(raw, request.keep) & _is_kept(raw, files, request)
            texts = set(raw.texts(name)[rows]) - {""}
            if len(texts) == 1:
                return _as_word(texts.pop())
    return ""


def _is_kept(raw: RawFile, files: Sequence[RawFile], request: Request) -> "pd.Series[bool]":
    """Which rows are of subjects that no other file leaves out."""
    kept = pd.Series(True, index=raw.cells.index)
    for other in files:
        if other is not raw and any(column in other.cells for column in request.keep):
            codes = _codes(other, request)[kept_rows(other, request.keep)]
            kept &= _codes(raw, request).isin(set(codes))
    return kept


def _codes(raw: RawFile, request: Request) -> "pd.Series[str]":
    return raw.cells[list(subject_of(raw, request))].astype("str").agg("-".join, axis=1)


def _as_word(text: str) -> str:
    """As it is inside a sentence: names in capitals are written small."""
    words = [
        word.lower() if word.isupper() and len(word) > LONGEST_CODE else word
        for word in text.split()
    ]
    return " ".join(words)
