"""Regular expressions of a configuration end soon, whatever text they meet."""

import time
from pathlib import Path

import pytest
from owncontrol.basics.patterns import Pattern, compiled
from owncontrol.errors import InputError
from owncontrol.study.loading import load_study
from small_study import clean_small, write_files

SOON = 20  # seconds on a busy machine; each of these takes hours without a limit


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 40 + "!"),
        ("(a|aa)+$", "a" * 60 + "!"),
        ("(.*)*x", "a" * 40),
        (r"(\w+\s?)*$", "a" * 60 + "!"),
        ("(?=(a+)+$)a.*", "a" * 40 + "!"),
        ("((a?)*)*b", "a" * 40),
        (r"^(a+)*\1$", "a" * 40 + "!"),
    ],
)
def test_a_pattern_that_tries_every_way_is_stopped(pattern, text):
    begun = time.monotonic()
    with pytest.raises(InputError, match=r"the regular expression .* takes too long") as caught:
        Pattern(pattern, "subject_id.pattern").fullmatch(text)
    assert time.monotonic() - begun < SOON
    assert "subject_id.pattern" in caught.value.message
    assert text not in str(caught.value)  # it may be a name


@pytest.mark.slow
def test_many_texts_of_a_slow_pattern_are_stopped_as_one_is():
    slow = Pattern("(a+)+$", "not_data")
    begun = time.monotonic()
    with pytest.raises(InputError, match="takes too long"):
        for _ in range(10_000):
            slow.fullmatch("a" * 18 + "!")
    assert time.monotonic() - begun < 2 * SOON


def test_a_sensible_pattern_matches_as_before():
    assert compiled("P([0-9]+)", "x").fullmatch("P12")[1] == "12"
    assert compiled("scim_(?!total)(.+)", "x").fullmatch("scim_total") is None


def test_no_pattern_is_one_line():
    for pattern in ("(", "[a-z", "a{2,1}", "(?P<a>x)(?P<a>y)", "(" * 2000, "\\", "(?<=a+)b"):
        with pytest.raises(InputError) as caught:
            Pattern(pattern, "not_data")
        assert "\n" not in caught.value.message


def test_a_configuration_with_no_pattern_is_refused_at_its_key(tmp_path):
    text = (Path(__file__).parents[3] / "config/case-report.yaml").read_text("utf-8")
    (tmp_path / "config.yaml").write_text(text.replace('"case[0-9]+"', '"(case"'), "utf-8")
    with pytest.raises(InputError, match=r"subject_id.pattern: '\(case' .* a regular expression"):
        load_study({}, tmp_path)


@pytest.mark.slow
def test_a_study_whose_code_hangs_its_pattern_is_refused(tmp_path):
    write_files(tmp_path, people=("P2", "P" * 40 + "!"))
    with pytest.raises(InputError, match="takes too long"):
        clean_small(tmp_path, subject_id={"pattern": "(P+)+[0-9]?$"})
