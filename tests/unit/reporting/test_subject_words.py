"""What the subjects are called: every sentence follows the configuration, and no label does."""

import re
import shutil

import pandas as pd
import pytest
from analysis_study import ROOT, default_config, run_all, write_study
from docx import Document
from owncontrol.estimates.numbers import Numbers, plain_mark
from owncontrol.figures.catalogue import FIGURES, title_of
from owncontrol.lineage.results import Results
from owncontrol.reporting import html, manuscript, typst
from owncontrol.reporting.page_content import context, figure_texts
from owncontrol.study.design import PATIENTS, Design, SubjectWords
from owncontrol.study.endpoints import USUAL_SUMMARY
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import write_table
from PIL import Image

TEMPLATES = ROOT / "workflow/report"
RATS = {"one": "rat", "many": "rats"}
# Published cohorts are of patients, whatever the study is of; the last is the name of a source.
OF_COHORTS = re.compile(
    r"[Uu]ntreated\s+patients|the patients examined|Patients who still have|number of patients not "
    r"published|contains patients of other sources|another row of the same patients|19913 patients"
)


@pytest.mark.parametrize(
    ("one", "article"),
    [
        ("rat", "a"),
        ("animal", "an"),
        ("infant", "an"),
        ("uninjured volunteer", "an"),
        ("hour-old lamb", "an"),
        ("healthy volunteer", "a"),
        ("university student", "a"),
        ("user", "a"),
        ("European hamster", "a"),
        ("one-year-old", "a"),
        ("X-linked carrier", "a"),
    ],
)
def test_the_article_goes_by_the_sound(one, article):
    words = SubjectWords(one=one, many=f"{one}s")
    assert words.a == f"{article} {one}"
    assert words.capital_a == f"{article.capitalize()} {one}"


def test_words_by_count_and_at_the_beginning_of_a_sentence():
    mice = SubjectWords(one="GF mouse", many="GF mice")
    assert (mice.of(1), mice.of(0), mice.of(2)) == ("GF mouse", "GF mice", "GF mice")
    small = SubjectWords(one="rat", many="rats")
    assert (small.capital_one, small.capital_many) == ("Rat", "Rats")
    assert Design().called == PATIENTS


def plain_settings(**changes):
    design = {**default_config()["design"], "subjects": RATS, "enrolment": "selected"}
    words = {"title": "A series", "question": "Does anything change?", "claims": []}
    return {**default_config(), **words, "design": design, "responders": [], **changes}


@pytest.fixture(scope="module", params=["with published rates", "without"])
def made(request, tmp_path_factory):
    """Settings, results and folder of a made-up study of rats; one label says patient."""
    folder = tmp_path_factory.mktemp("rats")
    settings = plain_settings()
    if request.param == "without":
        del settings["natural_recovery"]
    # As the study of rats completes them.
    said = {"summary": SubjectWords(**RATS).within(USUAL_SUMMARY)}
    settings["endpoints"] = [{**endpoint, **said} for endpoint in settings["endpoints"][:2]]
    settings["endpoints"][1] = {**settings["endpoints"][1], "label": "Patient-rated motor score"}
    write_study(folder, settings, ["AB", "AC", "CC"], lambda scale: 0.1)
    rows = [
        {"row_id": f"ae:{number}", "subject_id": code, "term": "Fever", "grade": 2,
         "system_organ_class": "General", "serious": code == "OC-01", "relation": "possible",
         "onset_day": 50}
        for number, code in enumerate(("OC-01", "OC-02", "OC-02"))
    ]  # fmt: skip
    write_table(pd.DataFrame(rows), folder / "adverse_events.csv")
    estimates = run_all(folder, settings)
    (folder / "scored").mkdir()
    shutil.copy(folder / "scores.csv", folder / "scored/scores.csv")
    return AnalysisSettings.model_validate(settings), estimates, folder


def told(settings, estimates, mark):
    """Numbers, captions and what the template is given."""
    numbers = Numbers(estimates, mark, who=settings.design.called)
    packages = pd.DataFrame(columns=["package", "version"])
    names = [entry.name for entry in FIGURES if entry.name != "event_times"]
    if settings.natural_recovery is None:
        names = [name for name in names if name not in ("verdict", "natural_recovery")]
    figures = figure_texts(TEMPLATES, names, numbers.marked(plain_mark), settings)
    words = context(numbers, settings, pd.DataFrame(), pd.DataFrame(), packages)
    return numbers, figures, words


def read_by_a_person(page):
    """The words of a page, without its programs, its marks and its addresses."""
    page = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", page)


def check(text, whom="rat"):
    """No sentence says patient; the label that does is as it was declared."""
    assert "Patient-rated motor score" in text
    left = OF_COHORTS.sub("", text.replace("Patient-rated motor score", ""))
    found = [left[max(0, at.start() - 60) : at.end() + 20] for at in re.finditer("atient", left)]
    assert "\n".join(found) == ""
    assert whom in left


def test_page_and_captions(made, monkeypatch):
    settings, estimates, folder = made
    monkeypatch.setattr(html, "cards", lambda *_: "")
    numbers, figures, words = told(settings, estimates, html.mark)
    page = html.render(TEMPLATES, numbers, estimates, figures, Results(folder), **words)
    check(read_by_a_person(page))
    assert 'data-one="rat"' in page
    assert "Rat by rat" in page
    alternative = " ".join(text for entry in figures.values() for text in entry.values())
    assert not re.search("atient", OF_COHORTS.sub("", alternative).replace("Patient-rated", ""))


def test_paper(made):
    settings, estimates, _ = made
    numbers, figures, words = told(settings, estimates, typst.mark)
    for name, entry in figures.items():
        entry["path"] = f"{name}.svg"
    source = typst.render(TEMPLATES, numbers, figures, **words).replace("\\", "")
    check(re.sub(r"[@<](?:table|figure)-[\w-]+>?", "", source))


@pytest.mark.slow
def test_manuscript(made, tmp_path):
    settings, estimates, _ = made
    numbers, figures, words = told(settings, estimates, plain_mark)
    Image.new("RGB", (40, 30)).save(tmp_path / "x.png")
    pictures = dict.fromkeys(figures, tmp_path / "x.png")
    document = manuscript.write_manuscript(TEMPLATES, numbers, figures, pictures, **words)
    document.save(tmp_path / "report.docx")
    read = Document(str(tmp_path / "report.docx"))
    cells = [cell.text for table in read.tables for row in table.rows for cell in row.cells]
    check("\n".join([*(paragraph.text for paragraph in read.paragraphs), *cells]))


def test_titles_of_figures():
    rats = SubjectWords(**RATS)
    assert title_of("timeline", rats) == "Timeline of each rat"
    assert title_of("timeline", PATIENTS) == "Timeline of each patient"
