"""Random studies, seeded: of any size, with any gap, and with hostile texts in every place.

``python tests/campaigns/random_studies.py FIRST COUNT``, with the search path of the tests, renders
page, paper and tables of that many studies and prints each that fails; the tests do so with a small
sample (test_report_random_studies.py).
"""

import random
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import docx
import openpyxl
import pandas as pd
from analysis_study import ROOT, default_config, run_all, write_study
from hostile_texts import hostile_text
from owncontrol.estimates.numbers import Numbers
from owncontrol.lineage.results import Results
from owncontrol.reporting import html, office, typst, workbooks
from owncontrol.reporting.page_content import caption_file, context, figure_texts
from owncontrol.reporting.pictures import complete
from owncontrol.study.measures import Kind
from owncontrol.study.settings import AnalysisSettings
from owncontrol.tables import conform, fields, read_text, write_table

Config = dict[str, Any]
KINDS = get_args(Kind)
TEMPLATES = ROOT / "workflow/report"
# Figures whose captions need nothing but the analyses that every random study has.
FIGURES = (
    *("subject_flow", "timeline", "ais_transitions", "ais_shift", "paired_change", "trajectories"),
    *("responders", "time_to_improvement", "specification_curve", "adverse_events"),
)
PAPER_TABLES = ("patients", "change", "adverse_events", "discrepancies")
# Those of which a study must say something.
NOT_BLANK = {"title", "question", "treatment", "onset"}
TEXT_KEYS = {"label", "source", "kind", "criterion", "remark", "text", "title", "unit"}
TEXT_KEYS |= {"question", "treatment", "onset", "caution", "summary", "event", "handling", "claim"}


@dataclass
class Rendered:
    """What was made of one study."""

    page: str
    paper: Path
    given_up: str
    captions: dict[str, str] = field(default_factory=dict)


def random_study(rng: random.Random, folder: Path) -> Config:
    """Write the tables of a random study; returns its settings."""
    settings = default_config()
    one_of: Callable[[Any], Any] = rng.choice
    endpoints = settings["endpoints"]
    chosen = [endpoints[0], *rng.sample(endpoints[1:], rng.choice([0, 1, 1, 2, 5]))]
    settings |= {"endpoints": chosen, "claims": [], "responders": []}
    if rng.random() < 0.4:
        del settings["natural_recovery"]
    names = {item["name"] for item in chosen}
    settings["sensitivity"] = {
        "endpoints": [name for name in settings["sensitivity"]["endpoints"] if name in names],
        "baselines": [],
        "time_points": [],
        "populations": ["treated"],
    }
    settings["synthetic"] = rng.random() < 0.7
    settings["study"] = "random"
    with_texts(settings, rng)
    patients = one_of([1, 1, 2, 3, 5, 8, 13, 25, 40])
    grades = [one_of("ABCD") + one_of("ABCDE") for _ in range(patients)]
    missed = one_of([0, 0, 0.2, 0.5, 0.9])
    gain = one_of([0, 0.1, 0.5])
    write_study(
        folder, settings, grades, lambda _: gain, lambda subject, visit: rng.random() < missed
    )
    write_events(folder, rng, patients)
    if rng.random() < 0.5:
        excluded = {f"OC-{number:02d}" for number in range(2, patients + 1) if rng.random() < 0.4}
        for name in ("subjects", "treatments", "scores", "adverse_events"):
            table = read_text(folder / f"{name}.csv")
            write_table(table.loc[~table["subject_id"].isin(excluded)], folder / f"{name}.csv")
    return settings


def follow(folder: Path, settings: Config, rng: random.Random) -> None:
    """Declare times to one or two events, and write them with gaps: none, some or all seen."""
    followed: list[Config] = [
        {"name": "followed", "label": "Followed", "type": "number", "unit": "weeks"},
        {"name": "relapsed", "label": "Relapsed", "type": "boolean"},
        {"name": "died", "label": "Died", "type": "boolean"},
    ]
    events: list[Config] = [
        {"name": "relapse", "label": "relapse", "time": "followed", "seen": "relapsed"},
        {"name": "death", "label": "death", "time": "followed", "seen": "died", "at": [4, 26]},
    ]
    chosen = rng.sample(events, rng.choice([1, 2]))
    with_texts(chosen, rng)
    with_texts(followed, rng)
    settings["characteristics"] = [*settings["characteristics"], *followed]
    settings["event_times"] = chosen
    subjects = read_text(folder / "subjects.csv")
    often, number = rng.choice([0, 0.3, 1]), len(subjects)
    weeks = [rng.choice([None, 0.5, 4, 12, 26, 40.25]) for _ in range(number)]
    relapsed = [rng.choice([None, rng.random() < often]) for _ in range(number)]
    subjects["followed"] = pd.array(weeks, dtype="Float64")
    subjects["relapsed"] = pd.array(relapsed, dtype="boolean")
    subjects["died"] = pd.array([rng.random() < often for _ in range(number)], dtype="boolean")
    write_table(subjects, folder / "subjects.csv")


def with_texts(part: Any, rng: random.Random, share: float = 0.5) -> None:
    """Put hostile texts where a configuration has texts for people."""
    items = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in list(items):
        if isinstance(value, dict | list):
            if key not in ("exports", "intercurrent_events") or isinstance(value, list):
                with_texts(value, rng, share)
        elif key == "kind" and value in KINDS:
            continue  # of an endpoint: one of few words
        elif isinstance(value, str) and key in TEXT_KEYS and rng.random() < share:
            text = hostile_text(rng)
            part[key] = text if text.strip() or key not in NOT_BLANK else value


def write_events(folder: Path, rng: random.Random, patients: int) -> None:
    """Write adverse events with hostile classes and terms."""
    count = rng.choice([0, 0, 1, 4, 12, 40])
    classes = [hostile_text(rng).strip() or "Class" for _ in range(rng.randint(1, 8))]
    rows = [
        {
            "row_id": f"ae:{number}",
            "subject_id": f"OC-{rng.randint(1, patients):02d}",
            "term": hostile_text(rng).strip() or "Event",  # cleaning names an event without a term
            "system_organ_class": rng.choice(classes),
            "grade": rng.choice([1, 2, 3, 4, 5, None]),
            "serious": rng.choice([True, False, None]),
            "relation": rng.choice(["possible", "unrelated", None]),
            "onset_day": rng.choice([20, 50, 200, None]),
        }
        for number in range(count)
    ]
    if rows:
        table = pd.DataFrame(rows).astype({"grade": "Int64", "onset_day": "Int64"})
        write_table(table.astype({"serious": "boolean"}), folder / "adverse_events.csv")


def picture(rng: random.Random, path: Path) -> Path:
    """A figure of a random size, as a picture that needs no time."""
    size = f'width="{rng.randint(150, 520)}pt" height="{rng.randint(40, 1200)}pt"'
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path d="M0 0h9v9z"/></svg>')
    return path


def others(rng: random.Random, settings: AnalysisSettings) -> tuple[Any, ...]:
    """What the report shows beside the analyses: discrepancies, raw files, packages."""
    export = next(iter(settings.exports))
    rows = [
        {
            "subject_id": hostile_text(rng),
            "visit": rng.choice(settings.visits).name,
            "scale": "motor_total",
            "recorded": hostile_text(rng),
            "text": "12",
            "explanation": hostile_text(rng),
            "row_id": f"{export}:{number}",
        }
        for number in range(rng.choice([0, 0, 3, 120]))
    ]
    files = pd.DataFrame([[hostile_text(rng), "0" * 64] for _ in range(4)], columns=["a", "b"])
    packages = pd.DataFrame([["numpy", hostile_text(rng)]], columns=["package", "version"])
    return settings, conform(pd.DataFrame(rows), "discrepancies"), files, packages


def render(seed: int, folder: Path) -> Rendered:
    """Make page, paper, captions, tables for Word and workbook of a random study."""
    rng = random.Random(seed)
    plain_settings = random_study(rng, folder)
    of_events = random.Random(f"events {seed}")  # of its own: a seed's study stays what it was
    if of_events.random() < 0.5:
        follow(folder, plain_settings, of_events)
    estimates = run_all(folder, plain_settings)
    settings = AnalysisSettings.model_validate(plain_settings)
    (folder / "scored").mkdir()
    shutil.copy(folder / "scores.csv", folder / "scored/scores.csv")
    more = others(rng, settings)
    numbers = Numbers(estimates, html.mark)
    plain = numbers.marked(lambda shown: shown.text)
    scores = [item for item in settings.endpoints if not item.grades]
    names = [
        name
        for name in (*FIGURES, *(["event_times"] if settings.event_times else []))
        if rng.random() < 0.8 and (scores or name != "trajectories")  # as in figures.catalogue
    ]
    figures: dict[str, dict[str, Any]] = figure_texts(TEMPLATES, names, plain, settings)
    captions = {name: caption_file(entry) for name, entry in figures.items()}
    pictures = {name: picture(rng, folder / f"{name}.svg") for name in names}
    page = html.render(
        TEMPLATES, numbers, estimates, figures, Results(folder), **context(numbers, *more)
    )
    words = {name: hostile_text(rng) for name in fields("data_dictionary")}
    page = complete(page, pictures, pd.DataFrame([words, {**words, "file": "other"}]))
    page.encode("utf-8")
    for name in names:
        figures[name]["path"] = f"{name}.svg"
    numbers = Numbers(estimates, typst.mark)
    source = typst.render(TEMPLATES, numbers, figures, **context(numbers, *more))
    files = {path.name: path for path in pictures.values()}
    given_up = typst.compile_paper(source, files, folder / "report.pdf")
    tables = context(plain, *more)["tables"]
    for name in (*PAPER_TABLES, *rng.sample(sorted(tables), 2)):
        table = tables[name]
        office.write_docx(table, folder / "table.docx", settings.synthetic)
        docx.Document(str(folder / "table.docx"))
        office.write_csv(table, folder / "table.csv")
    workbooks.write_workbook(estimates.head(200), "estimates", folder / "estimates.xlsx")
    openpyxl.load_workbook(folder / "estimates.xlsx")
    return Rendered(page, folder / "report.pdf", given_up, captions)


def main() -> None:
    """The campaign."""
    from hostile_pages import faults_of

    html.cards = lambda *_: ""  # type: ignore[assignment]  # needs the records of a whole run
    first, count = map(int, sys.argv[1:3])
    failed = 0
    for seed in range(first, first + count):
        with tempfile.TemporaryDirectory() as folder:
            try:
                made = render(seed, Path(folder))
                faults = faults_of(made)
            except Exception:
                faults = [traceback.format_exc(limit=-3)]
                made = None
        if made is not None and made.given_up:
            print(seed, made.given_up, flush=True)
        if faults:
            failed += 1
            print(f"seed {seed}: {faults[:3]}", flush=True)
    print(f"{count} studies, {failed} failed")


if __name__ == "__main__":
    main()
