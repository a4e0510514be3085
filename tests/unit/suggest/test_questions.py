"""The questions of new-study: numbered choices, Enter takes the proposal."""

from pathlib import Path

import pytest
from owncontrol.errors import InputError
from owncontrol.suggest.dialogue import Dialogue
from owncontrol.suggest.questions import asked
from owncontrol.suggest.request import AskedEvent, AskedMeasure, Request

LONG = "pat,when,pain,mood\nP1,pre,7,1\nP1,m1,5,2\nP1,m6,4,2\nP2,pre,6,1\nP2,m1,5,1\nP2,m6,5,3\n"
WIDE = "pat,pain_pre,pain_post\nP1,7,5\nP2,6,6\n"


def answered(folder: Path, text: str, *answers: str) -> tuple[Request, list[str]]:
    """The request that some answers give, and what was written."""
    (folder / "x.csv").write_text(text, "utf-8")
    given, said = iter(answers), []

    def read(prompt):
        said.append(prompt)
        try:
            return next(given)
        except StopIteration:
            raise EOFError from None

    request = asked(Request("new", (folder / "x.csv",)), Dialogue(read, said.append))
    assert not list(given), "answers are left"
    return request, said


def test_a_long_table_by_numbers(tmp_path):
    answers = ["1", "", "1", "2", "mm", "1", "", "", "", "m6", "drug", "Title"]
    request, said = answered(tmp_path, LONG, *answers)
    assert request.subject == ("pat",)
    assert request.visit == "when"
    assert request.measures == (
        AskedMeasure("pain", "lower", "mm"),
        AskedMeasure("mood", "higher", "points"),
    )
    assert (request.baseline, request.time_point) == ("pre", "m6")
    assert (request.treatment, request.title) == ("drug", "Title")
    assert any("pain" in line and "7, 5, 4" in line for line in said)


def test_a_wide_table(tmp_path):
    answers = ["pat", "pain_pre,pain_past", "pain_pre,pain_post", "pain", "lower", "points"]
    request, said = answered(tmp_path, WIDE, *answers, "", "", "", "")
    assert request.measures[0].columns == ("pain_pre", "pain_post")
    assert request.visits == ("pre", "post")
    assert (request.baseline, request.time_point) == ("pre", "post")
    assert "There is no column 'pain_past'." in said
    assert (request.treatment, request.title) == ("", "new")


REPEATED = "pat,when,pain,before,age\nP1,m1,5,8,40\nP1,m6,4,8,40\nP2,m1,5,7,51\nP2,m6,5,,51\n"


def test_a_column_that_repeats_the_baseline_is_asked_for(tmp_path):
    answers = ["1", "", "pain", "lower", "points", "", "before", "", "", ""]
    request, said = answered(tmp_path, REPEATED, *answers)
    assert request.baseline_columns == {"pain": ("before",)}
    assert (request.baseline, request.time_point) == ("", "m6")
    assert not any("Which visit is the baseline?" in line for line in said)
    assert any("age" in line for line in said)  # also one value per patient
    answers[6] = ""
    request, said = answered(tmp_path, REPEATED, *answers)
    assert (request.baseline_columns, request.baseline) == ({}, "m1")


def test_a_wrong_answer_is_asked_again(tmp_path):
    answers = ["9", "nobody", "1", "", "1", "", "", "", "", "m1", "", ""]
    request, said = answered(tmp_path, LONG, *answers)
    assert request.time_point == "m1"
    assert sum("Please type a number from 1 to" in line for line in said) == 2


def test_leaving_writes_nothing(tmp_path):
    with pytest.raises(InputError, match="left before the last"):
        answered(tmp_path, LONG, "1")


EVENTS = "pat,pre,post,weeks,state,days,ill\n" + "".join(
    f"P{n},7,5,{3 * n},{'relapsed' if n % 2 else 'well'},{n},{n % 2}\n" for n in range(1, 7)
)
MEASURED = ["pat", "pre,post", "pain", "lower", "points", "", "", ""]


def test_the_time_to_an_event_is_asked_for_and_said_again_as_a_command(tmp_path):
    first = ["weeks", "state", "relapsed", "relapse", "weeks", "6,x", "6,12"]
    answers = [*MEASURED, *first, "days", "ill", "", "", "", "drug", "Title"]
    request, said = answered(tmp_path, EVENTS, *answers)
    assert request.events == (
        AskedEvent("relapse", "weeks", "weeks", "state", "relapsed", (6, 12)),
        AskedEvent("ill", "days", "days", "ill"),
    )
    assert "Please type numbers above 0." in said
    command = "\n".join(request.command_lines())
    assert "--event relapse:weeks:6,12=weeks,state=relapsed" in command
    assert "--event ill:days=days,ill" in command


def test_an_event_is_asked_for_where_columns_could_hold_one(tmp_path):
    request, said = answered(tmp_path, EVENTS, *MEASURED, "", "drug", "Title")
    assert (request.events, request.treatment) == ((), "drug")
    _, said = answered(tmp_path, WIDE, "pat", "pain_pre,pain_post", "pain", "", "", *[""] * 4)
    assert not any("event" in line for line in said)
