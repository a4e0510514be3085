"""An ISNCSCI exam with a row for each level, or for each single cell: which columns say what.

Known are a column of levels (C2 ... S4-5), and side and modality either in the names of the columns
of values ("LT R", "Motorik links") or in columns of their own.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from owncontrol.isncsci.cells import DAP, MYOTOMES, SIDES, VAC
from owncontrol.suggest.column_guesses import Guess
from owncontrol.suggest.known_words import JAPANESE, plain, plain_words, terms, value_of

MODALITIES = ("light_touch", "pin_prick", "motor")
LEVEL = re.compile(r"(c[2-8]|(?:th?|d)(?:[1-9]|1[0-2])|l[1-5]|s[1-3]|s\s?4\s?[-/_–]?\s?s?5)")
LEAST_LEVELS, LEAST_SHARE = 10, 0.8
LEAST_CELLS = 4  # of the six of a level: sides by modalities
GLUED = re.compile(r"(?:(?P<a>lt|pp|m|mot)[rl]|[rl](?P<b>lt|pp|m|mot))")
GRADES = re.compile(r"[0-5]\*{0,2}|NT\*{0,2}", re.IGNORECASE)
ANAL = (VAC, DAP)
CAPITAL = r"\1 \2"  # a word begins with a capital letter
Pattern = tuple[str, str, Mapping[str, str]]  # regular expression, canonical name, words


@dataclass(frozen=True)
class ExamLayout:
    """Where the cells of an exam stand.

    ``item``, ``value``: the columns that make up item codes, and those of values. ``patterns``:
    regular expression for item codes, canonical name, and words for its group. ``columns``,
    ``recode``: of the anal examination, what is in a row of its own.
    """

    item: tuple[str, ...]
    value: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    columns: Mapping[str, Guess]
    recode: Mapping[str, Mapping[str, Guess]]


def exam_layout(cells: pd.DataFrame, usable: Sequence[str]) -> ExamLayout | None:
    """The layout of a table of exams; None where it is none with levels down the rows."""
    texts = {name: list(dict.fromkeys(cells[name].astype("str").str.strip())) for name in usable}
    levels = next((name for name in usable if are_levels(texts[name])), None)
    if levels is None:
        return None
    in_rows = {
        kind: next((n for n in usable if n != levels and _say(texts[n], known)), "")
        for kind, known in (("side", SIDES), ("modality", MODALITIES))
    }
    named = [name for name in usable if name not in (levels, *in_rows.values())]
    values = _values(named, cells, in_rows)
    if not values:
        return None
    item = [name for name in usable if name in (levels, *in_rows.values())]
    patterns = _patterns(item, levels, in_rows, values, texts)
    columns, recode = _anal_rows(cells, item, levels, values)
    return ExamLayout(tuple(item), tuple(values), tuple(patterns), columns, recode)


def level_of(text: str) -> str:
    """The canonical name of a level (c5, t10, s4_5); empty for any other text."""
    bare = plain(text).strip()
    if not LEVEL.fullmatch(bare):
        return ""
    if bare[0] == "s" and "4" in bare:
        return "s4_5"
    return "t" + bare.lstrip("thd") if bare[0] in "td" else bare


def said_in(text: str, known: Sequence[str]) -> str:
    """Which of these kinds (right, motor ...) a heading speaks of; empty where none or several."""
    words = f" {plain_words(re.sub('([a-z])([A-Z])', CAPITAL, text))} "
    glued = GLUED.fullmatch(words.strip())
    if glued:
        part = glued["a"] or glued["b"]
        words = f" {part} {words.strip().replace(part, '', 1)} "
    found = [
        kind
        for kind in known
        if any(
            f" {term} " in words or (JAPANESE.search(term) and term in words)
            for term in terms("exam", kind)
        )
    ]
    return found[0] if len(found) == 1 else ""


def are_levels(texts: Sequence[str]) -> bool:
    """Whether a column's texts are those of a column of levels."""
    filled = [text for text in texts if text]
    known = {level_of(text) for text in filled} - {""}
    return len(known) >= LEAST_LEVELS and len(known) >= LEAST_SHARE * len(filled)


def _say(texts: Sequence[str], known: Sequence[str]) -> bool:
    """Whether a column says nothing but a side, or a modality, and more than one."""
    said = {said_in(text, known) for text in texts if text and not level_of(text)}
    return len(said) > 1 and "" not in said


def _values(
    names: Sequence[str], cells: pd.DataFrame, in_rows: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """By column of values the side and the modality that its name says (empty: the rows do)."""
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        side = "" if in_rows["side"] else said_in(name, SIDES)
        modality = "" if in_rows["modality"] else said_in(name, MODALITIES)
        complete = bool(side or in_rows["side"]) and bool(modality or in_rows["modality"])
        if complete and (side, modality) not in found.values() and _are_grades(cells[name]):
            found[name] = (side, modality)
    sides = 2 if in_rows["side"] else len({side for side, _ in found.values()})
    modalities = 3 if in_rows["modality"] else len({of for _, of in found.values()})
    return found if sides == 2 and sides * modalities >= LEAST_CELLS else {}


def _are_grades(column: "pd.Series[str]") -> bool:
    texts = column.astype("str").str.strip()
    texts = texts[texts != ""]
    return bool(len(texts)) and bool(texts.map(GRADES.fullmatch).notna().mean() >= LEAST_SHARE)


def _patterns(
    item: Sequence[str],
    levels: str,
    in_rows: Mapping[str, str],
    values: Mapping[str, tuple[str, str]],
    texts: Mapping[str, Sequence[str]],
) -> list[Pattern]:
    """A pattern for each side and modality."""
    found: list[Pattern] = []
    of_level = {text: level_of(text) for text in texts[levels] if level_of(text)}
    for side, modality in itertools.product(SIDES, MODALITIES):
        columns = [
            name
            for name, (its_side, its) in values.items()
            if its_side in ("", side) and its in ("", modality)
        ]
        own = {
            in_rows["side"]: [
                t for t in texts.get(in_rows["side"], ()) if said_in(t, SIDES) == side
            ],
            in_rows["modality"]: [
                text
                for text in texts.get(in_rows["modality"], ())
                if said_in(text, MODALITIES) == modality
            ],
        }
        if not columns or not all(own[name] for name in own if name):
            continue
        form, name, words = _level_group(of_level, modality == "motor")
        parts = [form if column == levels else _one_of(own[column]) for column in item]
        parts += [_one_of(columns)] if len(values) > 1 else []
        found.append((" ".join(parts), f"{side}_{modality}_{name}", words))
    return found


def _level_group(of_level: Mapping[str, str], is_motor: bool) -> Pattern:
    """Regular expression for the texts of levels, what stands for it in a name, and words for it.

    Of dermatomes a group for the letters and one for what follows; of myotomes, each.
    """
    texts = [text for text, of in of_level.items() if not is_motor or of.upper() in MYOTOMES]
    split = {text: re.match(r"(\D*)(.*)", text) for text in texts}
    parts = [match.groups() for match in split.values() if match]
    if is_motor or any(" " in text for text in texts):
        words = {text: of_level[text] for text in texts if _as_named(text) != of_level[text]}
        return f"({'|'.join(map(_escaped, texts))})", "{1}", words
    letters = {first: of_level[first + rest][0] for first, rest in parts}
    numbers = {rest: of_level[first + rest][1:] for first, rest in parts}
    words = {text: of for text, of in {**letters, **numbers}.items() if _as_named(text) != of}
    form = f"({'|'.join(map(_escaped, letters))})([0-9]\\S*)"
    return form, "{1}{2}", words


def _as_named(text: str) -> str:
    """A text as a pattern of columns puts it into a name where no word stands for it."""
    return text.lower().replace("-", "_")


def _one_of(texts: Sequence[str]) -> str:
    escaped = [_escaped(text) for text in texts]
    return escaped[0] if len(escaped) == 1 else f"(?:{'|'.join(escaped)})"


def _escaped(text: str) -> str:
    return re.escape(text).replace(r"\ ", " ").replace(r"\-", "-")


def _anal_rows(
    cells: pd.DataFrame, item: Sequence[str], levels: str, values: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, Guess], dict[str, dict[str, Guess]]]:
    """The anal examination where it has rows beside those of the levels."""
    found: dict[str, Guess] = {}
    recode: dict[str, dict[str, Guess]] = {}
    for text in cells[levels].astype("str").str.strip().unique():
        name = said_in(text, ANAL)
        if not name or name in found:
            continue
        rows = cells.loc[cells[levels].astype("str").str.strip() == text].astype("str")
        for column in values:
            answers = [answer for answer in rows[column].str.strip().unique() if answer]
            if answers:
                code = " ".join(filter(None, rows.iloc[0][list(item)].str.strip()))
                found[name] = Guess(f"{code} {column}" if len(values) > 1 else code)
                recode[name] = recoded_anal(answers)
                break
    return found, {name: codes for name, codes in recode.items() if codes}


def recoded_anal(answers: Sequence[str]) -> dict[str, Guess]:
    """By text of an answer that is not permitted itself, Yes or No."""
    said = {text: value_of(text, ("yes", "no")).capitalize() for text in answers}
    return {text: Guess(answer) for text, answer in said.items() if answer and answer != text}
