"""Hostile text of data and configuration against every engine that the report is made with."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import copies
import docx
import matplotlib.style
import openpyxl
import pandas as pd
import yaml
from hostile_config import hostile_config
from hostile_office import active_parts
from hostile_pages import Page, caption_faults, faults_of
from hostile_texts import CODE, PROOF, SIGNS, SIZES, TEXTS
from owncontrol.errors import InputError
from owncontrol.figures import style
from owncontrol.figures.svg import smaller_svg
from owncontrol.reporting import html, office, typst, workbooks
from owncontrol.reporting.page_content import caption_file
from owncontrol.reporting.report_tables import Table
from owncontrol.run.rule_texts import packed
from owncontrol.study.loading import load_study
from random_studies import ROOT, render
from small_study import CONFIG

from attacks import Attack

RANDOM_STUDIES = 40
FORMULA = re.compile(r"[=@＝＠\t\r\n]|[+＋－-]\D")
HEAD = '#set document(title: [t], date: none)\n#set text(font: ("Libertinus Serif", '
HEAD += '"DejaVu Sans", "IPAexGothic"))\n'


def attacks() -> list[Attack]:
    """Each text against each engine, random studies, and one run with all of them at once."""
    return [*_on_engines(), *_on_configurations(), *_studies(), *_whole_runs()]


def _on_engines() -> Iterator[Attack]:
    engines: dict[str, tuple[Callable[[str, Path], str], list[str]]] = {
        "caption for Snakemake's report": (_caption, CODE),
        "parameter in Snakemake's report": (_parameter, CODE),
        "paper": (_paper, TEXTS),
        "page": (_page, TEXTS),
        "table for Word": (_word, [*SIGNS, *SIZES]),
        "workbook": (_workbook, TEXTS),
        "table of CSV": (_csv, CODE),
        "figure": (_figure, [*CODE, *SIGNS]),
    }
    for place, (attempt, texts) in engines.items():
        for text in texts:
            yield Attack(f"{place}: {ascii(text)[:60]}", partial(attempt, text))


def _on_configurations() -> Iterator[Attack]:
    for name in ("$(touch A)", "x;touch A", "../x", "{x}", "a b", "\ud800", "what-if/../x", "A"):
        yield Attack(f"study: {name!a}", partial(_refused, {**CONFIG, "study": name}))
    for key in ("title", "question", "treatment", "onset"):
        for text in ("", " ", "\x00", "\ud800"):
            changed = {**CONFIG, key: text}
            yield Attack(f"{key}: {text!a}", partial(_refused, changed))


def _studies() -> Iterator[Attack]:
    for seed in range(1000, 1000 + RANDOM_STUDIES):
        yield Attack(f"random study {seed}", partial(_study, seed))


def _whole_runs() -> Iterator[Attack]:
    for seed in (1, 2):
        yield Attack(f"run and Snakemake's report, texts {seed}", partial(_run, seed), True)


def _caption(text: str, folder: Path) -> str:
    caption = caption_file({"caption": text, "alt": f"Bars of {text}: 3"})
    return "; ".join(caption_faults(caption))


def _parameter(text: str, folder: Path) -> str:
    return "markup" if set("<>&") & set(str(packed([text]))) else ""


def _paper(text: str, folder: Path) -> str:
    table = Table("t", text, [text, "n"], [[text, [text, "1"]]], [text], {0: text})
    page = typst.Page({})
    template = (ROOT / "workflow/report/paper.typ.j2").read_text("utf-8")
    rule = template[template.index("#let across") : template.index("#title[")]
    source = f"{HEAD}{rule}{page.heading('x ' + text)}{page.paragraph(lambda: typst.source(text))}"
    source += f"{page.points(lambda: typst.source(text))}{page.table(table)}"
    return typst.compile_paper(source, {}, folder / "paper.pdf")


def _page(text: str, folder: Path) -> str:
    table = Table("t", text, [text, "n"], [[text, [text, "1"]]], [text], {0: text})
    page = html.Page({}, html.PatientPages())
    shown = Page(f"<!doctype html><body>{page.table(table)}{page.heading(text)}</body>")
    return "; ".join([*shown.faults, *shown.scripts])


def _word(text: str, folder: Path) -> str:
    table = Table("t", text, [text, "n"], [[text, "1"]], text, {0: text})
    office.write_docx(table, folder / "t.docx", synthetic=True)
    docx.Document(str(folder / "t.docx"))
    return "; ".join(active_parts(folder / "t.docx"))


def _workbook(text: str, folder: Path) -> str:
    workbooks.write_workbook(pd.DataFrame({"a": [text]}), "e", folder / "e.xlsx")
    cell = openpyxl.load_workbook(folder / "e.xlsx")["e"]["A2"]
    if cell.data_type in ("f", "e"):
        return f"a cell of type {cell.data_type}"
    return "; ".join(active_parts(folder / "e.xlsx"))


def _csv(text: str, folder: Path) -> str:
    office.write_csv(Table("t", "t", [text], [[text]]), folder / "t.csv")
    table = pd.read_csv(folder / "t.csv", dtype="str", keep_default_na=False, header=None)
    cells = table[0].tolist()
    return f"a formula: {cells!r}" if any(map(FORMULA.match, cells)) else ""


def _figure(text: str, folder: Path) -> str:
    from io import BytesIO

    from owncontrol.figures.words import legible

    with style.journal_style(), matplotlib.rc_context({"svg.hashsalt": "x"}):
        figure = style.new_figure("single", 30, synthetic=True)
        figure.subplots().set_title(legible(text, 60))
        drawn = BytesIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    small = smaller_svg(drawn.getvalue().decode("utf-8"))
    return "text in the picture" if PROOF in small or "script" in small else ""


def _refused(config: dict[str, object], folder: Path) -> str:
    try:
        load_study(config, folder)
    except InputError as error:
        error.message.encode("utf-8")
        return ""
    return "accepted"


def _study(seed: int, folder: Path) -> str:
    known, html.cards = html.cards, lambda *_: ""  # needs the records of a whole run
    try:
        return "; ".join(faults_of(render(seed, folder)))
    finally:
        html.cards = known


def _run(seed: int, folder: Path) -> str:
    """A study with hostile texts, run to its report, and Snakemake's own report of it."""
    project = folder / "project"
    copies.copy_project(project)
    config = hostile_config(ROOT / "config/case-report.yaml", "hostile", seed)
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
    (project / "config/hostile.yaml").write_text(text, "utf-8")
    for more in ([], ["--report", "report.html"]):
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "2", "--config", "study=hostile", *more],
            cwd=project,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode:
            return f"ended with {done.returncode}: {done.stdout[-300:]}"
    if list(project.rglob(PROOF)):
        return "a command ran"
    page = Page((project / "results/hostile/report/report.html").read_text("utf-8"))
    if page.faults or len(page.scripts) != 2:
        return f"the page: {page.faults[:3]}"
    for path in [*project.glob("results/hostile/**/*.docx"), *project.glob("results/**/*.xlsx")]:
        if acts := active_parts(path):
            return f"{path.name}: {acts[0]}"
    if "<script>alert" in (project / "report.html").read_text("utf-8"):
        return "a script in Snakemake's report"
    return ""
