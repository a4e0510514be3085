"""Odd studies: the report still renders, complete and escaped, as page and as PDF."""

import re
import shutil
from html.parser import HTMLParser

import pandas as pd
import pypdf
import pytest
from analysis_study import ROOT, default_config, run_all, write_study
from owncontrol.basics.fonts import printable
from owncontrol.estimates.numbers import Numbers
from owncontrol.lineage.results import Results
from owncontrol.reporting import html, typst
from owncontrol.reporting.page_content import context
from owncontrol.reporting.pictures import complete
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import fields, read_text, write_table

pytestmark = pytest.mark.slow

TEMPLATES = ROOT / "workflow/report"
SCRIPT = "<script>alert(1)</script>"
JAPANESE = "脊髄損傷後の骨髄間葉系幹細胞の投与"
LONG = "1. term with = + - # $ * _ @ ` ~ // and \\ in it " + "very " * 50 + "long"
WORD = "x" * 300
RARE = "\U0001f9a9"  # a flamingo, that no font of the paper has
EVENTS = [SCRIPT, LONG, WORD, JAPANESE, f"{RARE} seen", "=HYPERLINK(1)"]


class Reader(HTMLParser):
    """The text of a page, and what is in script elements apart."""

    def __init__(self, text):
        super().__init__()
        self.text, self.scripts, self._inside = "", [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.text += data


def study(folder, grades, events=(), **changes):
    """Settings and analysis results of a made-up study."""
    settings = {**default_config(), "claims": [], "responders": [], **changes}
    settings["endpoints"] = settings["endpoints"][:2]
    write_study(folder, settings, grades, lambda scale: 0.1)
    if events:
        rows = [
            {"row_id": f"ae:{i}", "subject_id": "OC-01", "term": term, "grade": 2,
             "system_organ_class": SCRIPT, "serious": False, "relation": "possible",
             "onset_day": 50}
            for i, term in enumerate(events)
        ]  # fmt: skip
        write_table(pd.DataFrame(rows), folder / "adverse_events.csv")
    return settings


def rendered(folder, settings, monkeypatch):
    """Text of the page and of the PDF, and the page itself."""
    estimates = run_all(folder, settings)
    (folder / "scored").mkdir()
    shutil.copy(folder / "scores.csv", folder / "scored/scores.csv")
    packages = pd.DataFrame(columns=["package", "version"])
    others = (AnalysisSettings.model_validate(settings), pd.DataFrame(), pd.DataFrame(), packages)
    monkeypatch.setattr(html, "cards", lambda *_: "")
    numbers = Numbers(estimates, html.mark)
    words = dict.fromkeys(fields("data_dictionary"), SCRIPT)
    described = pd.DataFrame([words, {**words, "file": WORD}])
    page = html.render(
        TEMPLATES, numbers, estimates, {}, Results(folder), **context(numbers, *others)
    )
    page = complete(page, {}, described)
    numbers = Numbers(estimates, typst.mark)
    paper = folder / "report.pdf"
    typst.compile_paper(
        typst.render(TEMPLATES, numbers, {}, **context(numbers, *others)), {}, paper
    )
    printed = "".join(part.extract_text() for part in pypdf.PdfReader(paper).pages)
    return Reader(page), printed, page


def squeezed(text):
    """``text`` without spaces and places where a line may end."""
    return re.sub(r"[\s\u200b\u00ad]|(?<=\w)-\n", "", text)


@pytest.fixture(scope="module")
def sparse(tmp_path_factory):
    """One patient, one visit, no adverse events, an outcome nobody has, strange names."""
    folder = tmp_path_factory.mktemp("sparse")
    visit = {**default_config()["visits"][1], "name": "day_28", "label": f"Visit {SCRIPT}"}
    changes = {
        "visits": [visit],
        "baseline": visit["name"],
        "time_point": visit["name"],
        "title": f"{JAPANESE} {SCRIPT}",
        "question": f"{LONG}?",
        "sensitivity": {"endpoints": [], "baselines": [], "time_points": [], "populations": []},
    }
    settings = study(folder, ["AB"], **changes)
    for endpoint in settings["endpoints"]:
        endpoint["baseline"] = endpoint["time_point"] = visit["name"]
    scores = read_text(folder / "scores.csv")
    write_table(scores.loc[scores["scale"] != "motor_total"], folder / "scores.csv")
    with pytest.MonkeyPatch.context() as monkeypatch:
        return rendered(folder, settings, monkeypatch)


@pytest.fixture(scope="module")
def eventful(tmp_path_factory):
    """Adverse events whose terms are as bad as they come."""
    folder = tmp_path_factory.mktemp("eventful")
    settings = study(folder, ["AB", "BB"], EVENTS)
    with pytest.MonkeyPatch.context() as monkeypatch:
        return rendered(folder, settings, monkeypatch)


def test_a_sparse_study_has_a_whole_report(sparse):
    page, printed, _ = sparse
    for text in (page.text, printed):
        assert squeezed(JAPANESE) in squeezed(text)
        assert squeezed(f"Visit {SCRIPT}") in squeezed(text)
        assert squeezed(f"{LONG}?") in squeezed(text)
        for section in ("Summary", "Estimands", "Limitations", "Provenance"):
            assert section in text
        assert "1of1patientinthefileswas" in squeezed(text)
        assert not re.search(r"\bnan\b", text)


def test_bad_terms_are_shown_whole(eventful):
    page, printed, _ = eventful
    for term in EVENTS:
        assert squeezed(term) in squeezed(page.text)
        if term != WORD:  # which goes on on the next page
            assert squeezed(printable(term)) in squeezed(printed)
    assert printed.count("x" * 20) == 15
    assert f"[U+{ord(RARE):04X}]" in printed


@pytest.mark.parametrize("name", ["sparse", "eventful"])
def test_no_text_of_the_data_becomes_a_script(request, name):
    page, _, source = request.getfixturevalue(name)
    assert "alert" not in "".join(page.scripts)
    assert source.count("<script") == len(page.scripts) == 2
