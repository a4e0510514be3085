"""The report's words follow from the numbers: opposite studies, opposite sentences."""

import re
from functools import cache

import pandas as pd
import pytest
from analysis_study import PUBLISHED, ROOT, default_config, run_all, write_study
from owncontrol.estimates.numbers import Numbers
from owncontrol.reporting import html
from owncontrol.reporting.page_content import context
from owncontrol.reporting.patient_pages import PatientPages
from owncontrol.study.settings import AnalysisSettings

pytestmark = pytest.mark.slow

# Enough endpoints for every section.
FEW = ("ais", "motor_total", "uems", "lems", "nli", "scim_total", "scim_self_care", "walking")
FEW += ("wisci",)
# Visits that add time and no sentence: between the first day, the 28th and the end.
UNSEEN = ("day_7", "day_14", "day_56", "day_90", "day_120", "day_150")
NO_PLAN = {"version": "", "date": "", "endpoints": []}
# Grades from and to, share of its range that every other scale rises, visit that all missed.
STUDIES = {
    "published": (PUBLISHED, 0.2, ""),
    "nothing": (["AA"] * 6 + ["BB"] * 2 + ["CC"] * 5, 0.0, ""),
    "worse": ([*["AA"] * 6, "BA"], -0.1, ""),
    "one": (["AB"], 0.1, ""),
    "unseen": (PUBLISHED, 0.2, "day_180"),
    "nobody": ([], 0.1, ""),
    "bare": (["AB", "AB", "BB"], 0.1, ""),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Settings and analysis results of a study by its name, each analysed once."""

    @cache
    def analysed(name):
        folder = tmp_path_factory.mktemp(name)
        settings = default_config(**({"plan": NO_PLAN} if name == "worse" else {}))
        few = [item for item in settings["endpoints"] if item["name"] in FEW]
        settings = {**settings, "endpoints": few}
        if name == "bare":
            del settings["natural_recovery"]
            settings |= {"claims": [], "responders": []}
        grades, gain, unseen = STUDIES[name]
        missed = {unseen, *UNSEEN}
        write_study(
            folder, settings, grades, lambda scale: gain, lambda subject, visit: visit in missed
        )
        return settings, run_all(folder, settings)

    return analysed


@pytest.fixture(scope="module")
def tell(study):
    """The report's text of a study by its name."""
    return cache(lambda name: told(*study(name)))


def told(settings, table):
    """The report's text as one line."""
    numbers = Numbers(table, html.mark)
    empty = pd.DataFrame(columns=["package", "version"])
    more = context(
        numbers, AnalysisSettings.model_validate(settings), pd.DataFrame(), pd.DataFrame(), empty
    )
    template = html.environment(ROOT / "workflow/report").get_template("content.j2")
    page = html.Page({}, PatientPages())
    text = template.render(page=page, numbers=numbers, **more)
    assert numbers.shown <= set(table["estimate_id"])
    return " ".join(re.sub(r"<[^>]+>", " ", str(text)).split())


def test_the_published_grades_give_the_honest_answer(tell):
    text = tell("published")
    assert "More patients improved than expected from published rates" in text
    assert "Grade A alone shows it" in text
    left = r"Grade B \( 2 patients\) is not part of the verdict: no eligible published rate\."
    assert re.search(left, text)
    assert "cannot be tested here: these data have no patients without it" in text
    assert "C1, supported" in text
    assert "C11, cannot be tested" in text


def test_where_nothing_improved_the_sentences_are_the_opposite(tell):
    text = tell("nothing")
    assert "Fewer patients improved than expected" in text or "Not decided:" in text
    assert "no more patients improved" not in text
    assert "More patients improved than expected" not in text
    assert "C1, not supported" in text
    assert "C2, not supported" in text
    assert "estimate of the change 0.0 points" in text
    assert "does not exceed" in text
    assert "cannot be tested here" in text


def test_where_all_got_worse_the_words_say_so(tell):
    text = tell("worse")
    assert re.search(r"estimate of the change \u2212\d+", text)
    assert "More patients improved than expected" not in text


def test_one_grade_and_one_patient_are_singular(tell):
    text = tell("worse")
    assert re.search(r"Grade B \( 1 patient\) is not part of the verdict", text)
    assert "With 1 patient of grade B" in text


def test_without_a_plan_everything_is_post_hoc(tell):
    text = tell("worse")
    assert "No analysis plan is declared: every result is post hoc" in text
    assert "AIS grade (post hoc)" in text
    assert "AIS grade (post hoc)" not in tell("published")


def test_a_study_that_configures_no_comparison_has_no_such_sections(tell):
    text = tell("bare")
    assert "Natural recovery " not in text
    assert "Claims audit" not in text
    assert "decide" not in text
    assert "cannot be tested here" in text


@pytest.mark.parametrize("name", ["one", "unseen", "nobody"])
def test_too_little_data_give_a_report_that_says_so(tell, name):
    text = tell(name)
    assert "not estimable" in text
    assert "cannot be tested here" in text
    assert ("A single patient is described; nothing is tested." in text) == (name == "one")
    assert ("Changes are tested with" in text) == (name != "one")
    assert not re.search(r"\bnan\b", text)


@pytest.mark.parametrize("name", list(STUDIES))
def test_every_number_that_is_not_there_says_why(study, name):
    _, table = study(name)
    missing = table["value"].isna()
    said = table["convention"].str.startswith("not estimable: ")
    assert (missing == said).all()
    assert (table.loc[table["n"].fillna(0) > 0, "inputs"] != "").all()


def test_what_the_plan_lacks_says_post_hoc_and_the_rest_does_not(study):
    settings, table = study("published")
    marked = table["convention"].str.contains("post hoc, not in the plan")
    assert set(table.loc[marked, "endpoint"]) == {"nli"}
    assert (marked == table["endpoint"].isin(settings["post_hoc"])).all()
