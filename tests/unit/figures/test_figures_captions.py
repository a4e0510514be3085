"""Captions and alternative texts: filled from the analysis results, in correct words."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from figure_study import BASELINE, ENDPOINTS, NAMES, TIME_POINT, VISITS, make_study
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting.page_content import caption_file, figure_texts

TEMPLATES = Path(__file__).parents[3] / "workflow" / "report"
JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)


FEW = {
    "endpoints": [ENDPOINTS[0], ENDPOINTS[1]],
    "visits": [item for item in VISITS if item["name"] in (BASELINE, "t28", TIME_POINT)],
}


def texts(study):
    numbers = Numbers(study.estimates, lambda shown: f"[{shown.text}|{shown.estimate_id}]")
    return figure_texts(TEMPLATES, list(NAMES), numbers, study.settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"n": 1},
        {"events": 0},
        {"absent": "motor"},
        {"absent": "grade"},
        {"missed": 0.6},
    ],
    ids=str,
)
def test_captions_can_be_filled_for_any_study(arguments):
    for name, entry in texts(make_study(**FEW, **arguments)).items():
        for text in entry.values():
            assert text.startswith("SYNTHETIC data. ")
            assert text.rstrip().endswith("."), (name, text)
            assert not re.search(r"[{}]|\s[,.;]|\bnan\b|None", text), (name, text)


CAPTIONS = sorted((TEMPLATES / "captions").glob("*.j2"))


@pytest.mark.parametrize("path", CAPTIONS, ids=lambda p: p.name)
def test_no_number_is_typed_into_a_template(path):
    assert not re.search(r"\d", JINJA.sub("", path.read_text("utf-8")))


@pytest.mark.parametrize("path", CAPTIONS, ids=lambda p: p.name)
def test_no_two_sentences_are_glued_together(path):
    """Jinja takes away the end of a line that ends in a tag."""
    for line, below in pairwise(path.read_text("utf-8").splitlines()):
        said = re.sub(r"\{%.*?%\}", "", line) if line.endswith("%}") else ""
        if said.strip() and not said.endswith(" "):
            assert below.startswith("{%"), line


def test_each_figure_has_both_texts():
    for name in NAMES:
        assert (TEMPLATES / "captions" / f"{name}.j2").is_file()
        assert (TEMPLATES / "captions" / f"{name}.alt.j2").is_file()


@pytest.mark.slow
def test_numbers_in_a_caption_are_those_of_the_results():
    study = make_study(**FEW)
    values = {row["estimate_id"]: row for row in study.estimates.to_dict("records")}
    caption = texts(study)["ais_transitions"]["caption"]
    improved = values["change.grade.t180.improved"]
    share = f"{int(improved['events'])}/{int(improved['n'])}"
    assert f"[{share} (" in caption and "|change.grade.t180.improved] improved" in caption


@pytest.mark.slow
def test_one_and_many_are_told_apart():
    one, many = (texts(make_study(**FEW, n=n, events=n))["timeline"] for n in (1, 5))
    assert "[1|patients.registered] patient in the files," in one["caption"]
    assert "[6|patients.registered] patients in the files," in many["caption"]
    assert "adverse event of treated patients is marked" in one["alt"]
    assert "adverse events of treated patients are marked" in many["alt"]


@pytest.mark.slow
def test_a_study_without_adverse_events_says_so():
    written = texts(make_study(**FEW, events=0))
    assert "[0|adverse_events.any.events] adverse events" in written["adverse_events"]["caption"]
    assert written["adverse_events"]["alt"].endswith("there were none.")


def test_a_caption_for_other_programs_has_no_markup_but_its_own():
    text = caption_file({"caption": "a_b *c* |d|", "alt": "plain"})
    assert text == "\\ a\\_b \\*c\\* \\|d\\|\n\n**Alternative text.** plain\n"
