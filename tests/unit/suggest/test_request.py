"""What a person says of a study in words: read, refused with the form, and said again."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from owncontrol.cli import commands
from owncontrol.errors import InputError
from owncontrol.suggest.request import (
    AskedMeasure,
    AskedWindow,
    Request,
    asked_measure,
    asked_windows,
    comma_list,
    joined_list,
    least_differences,
    named_values,
    request_of,
    subject_words,
)


@pytest.mark.parametrize(
    ("text", "measure"),
    [
        ("extra:higher:hours", AskedMeasure("extra", "higher", "hours")),
        ("a:b:lower:mmol/l", AskedMeasure("a:b", "lower", "mmol/l")),
        ("falls:lower:count", AskedMeasure("falls", "lower", "", "count")),
        ("walks:higher:yes/no", AskedMeasure("walks", "higher", "", "yes_no")),
        ("vas:lower:mm:rated_scale", AskedMeasure("vas", "lower", "mm", "rated_scale")),
        ("x:lower:", AskedMeasure("x", "lower", "")),
        ("x:lower", AskedMeasure("x", "lower", "")),
        (
            'bdi:lower:points=bdi.pre,"a,b",c+d',
            AskedMeasure("bdi", "lower", "points", columns=("bdi.pre", "a,b", "c+d")),
        ),
    ],
)
def test_a_measure(text, measure):
    assert asked_measure(text) == measure
    assert asked_measure(measure.option()) == measure


@pytest.mark.parametrize("text", ["extra", "extra:more:hours", ":", "", "extra=pre,post"])
def test_a_measure_without_a_direction_says_the_form(text):
    with pytest.raises(InputError, match="higher or a lower") as fault:
        asked_measure(text)
    assert ":higher:UNIT" in fault.value.hint


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1)))
def test_lists_survive(parts):
    parts = [part.strip() for part in parts if part.strip()]
    assert comma_list(joined_list(parts)) == tuple(parts)


def test_what_is_kept():
    form = ("COLUMN=VALUE", "arm=A")
    assert named_values("--keep", ["arm=A,B", "arm=C", 'site="x,y"'], *form) == {
        "arm": ("A", "B", "C"),
        "site": ("x,y",),
    }
    for text in ("arm", "=A", "arm="):
        with pytest.raises(InputError, match="is not COLUMN=VALUE"):
            named_values("--keep", [text], *form)


def test_differences():
    assert least_differences(["bdi=5", "odi=7.5:Ostelo 2008: a review"]) == {
        "bdi": ("5", ""),
        "odi": ("7.5", "Ostelo 2008: a review"),
    }
    for text in ("bdi", "bdi=-1", "bdi=0", "bdi=five", "=5"):
        with pytest.raises(InputError, match="MEASURE=NUMBER"):
            least_differences([text])


def test_windows_of_visits():
    asked = asked_windows('baseline=0,month 3=60..120,"a,b=c"=-9 .. -1.5')
    assert asked == {
        "baseline": AskedWindow(0, 0),
        "month 3": AskedWindow(60, 120),
        "a,b=c": AskedWindow(-9, -1.5),
    }
    assert asked_windows("m=60..91..120") == {"m": AskedWindow(60, 120, 91)}
    wrong = ("baseline", "baseline=zero", "=0", "a=1..", "a=0..9,b=9..10", "a=60..20..90", "a=9..0")
    for text in (*wrong, "a=1..2..3..4"):
        with pytest.raises(InputError, match="--windows"):
            asked_windows(text)


def parsed(words):
    """The request of a command as the command line gives it."""
    import argparse

    parser = argparse.ArgumentParser()
    next(each for each in commands.COMMANDS if each.name == "new-study").declare(parser)
    return request_of(parser.parse_args(words))


def test_the_command_says_the_same_again():
    import shlex

    request = Request(
        name="pain",
        exports=(Path("data/raw/pain/a b.csv"), Path("data/raw/pain/x.xpt")),
        dictionary=Path("data/raw/pain/d.csv"),
        subject=("centre", "id"),
        visit="time",
        visits=("-1", "1"),
        baseline="-1",
        time_point="1",
        measures=(
            asked_measure("pain avg:lower:points"),
            asked_measure('odi:lower:%=x,"y,z"'),
            asked_measure("walks:higher:yes/no"),
        ),
        words={"pain avg": ("no, none", "some")},
        windows={
            "before": AskedWindow(-30.0, 0.0),
            "month 3": AskedWindow(60.5, 120.0, 91.0),
            "month 12": AskedWindow(365.0, 365.0),
        },
        keep={"group": ("1", "$(touch x)")},
        missing=("NA", "-9"),
        differences={"odi": ("10", "a 'source'")},
        date="day of visit",
        start="begin",
        treatment="therapy; rm -r",
        title='a "title" --with what looks like an option',
        question="Why?",
        describe=("age", "sex"),
        synthetic=True,
    )
    words = shlex.split(" ".join(request.command_lines()))
    assert words[:4] == [".venv/bin/python", "-m", "owncontrol", "new-study"]
    assert parsed(words[4:]) == request
    bare = replace(request, dictionary=None, keep={}, differences={}, synthetic=False)
    assert parsed(shlex.split(" ".join(bare.command_lines()))[4:]) == bare


@pytest.mark.parametrize("text", ["two\nlines", "a\u2028b", "c\x85synthetic: true", "\u200b"])
@pytest.mark.parametrize("option", ["--title", "--keep", "--measure"])
def test_a_text_that_would_break_out_of_the_comment_is_refused(option, text):
    value = {"--keep": f"arm={text}", "--measure": f"{text}:higher:kg"}.get(option, text)
    with pytest.raises(InputError, match="line break or a sign that is not seen"):
        parsed(["new", "--from", "x.csv", option, value])


def test_what_subjects_are_called():
    assert subject_words("rat,rats") == ("rat", "rats")
    assert subject_words("") == ()
    for text in ("rats", "rat,rats,mice"):
        with pytest.raises(InputError, match="is not ONE,MANY"):
            subject_words(text)
