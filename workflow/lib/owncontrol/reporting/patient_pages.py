"""A page for each patient: scores at every visit, and the worksheet of each ISNCSCI exam."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import accumulate

import pandas as pd
from markupsafe import Markup

from owncontrol.basics.natural_order import natural_key
from owncontrol.isncsci import Explanation, explain_all
from owncontrol.isncsci.cells import ALL_CELLS, NON_KEY_CELLS
from owncontrol.lineage.results import Results
from owncontrol.reporting.report_tables import MISSING, visit_labels
from owncontrol.reporting.worksheets import worksheet
from owncontrol.study.design import PATIENTS, SubjectWords
from owncontrol.study.settings import AnalysisSettings, CompleteEndpoint
from owncontrol.tables import records

Exam = tuple[dict[str, str], list[Explanation], dict[str, str]]
EXAMS = "isncsci"
MOST_EXAMS = 300  # with a form of their own; about 6 KB each


@dataclass
class PatientPages:
    """The pages, and what their links need on cards.

    ``scores``: keys subject/visit/instrument.scale. ``exams``: by row of the exams' table, what to
    call it. ``left_out``: patients without a page, because there are too many.
    """

    html: Markup = field(default_factory=Markup)
    scores: list[str] = field(default_factory=list)
    exams: dict[str, str] = field(default_factory=dict)
    patients: int = 0
    left_out: int = 0
    who: SubjectWords = PATIENTS


def patient_pages(results: Results, settings: AnalysisSettings) -> PatientPages:
    """The pages of all patients with a score; of the first ones where the forms exceed a limit."""
    subjects = sorted(results.counts("scored/scores.csv", "subject_id"), key=natural_key)
    examined: Counter[str] = Counter()
    has_exams = _has_exams(results, settings)
    if has_exams:
        examined = results.counts(f"cleaned/{EXAMS}.csv", "subject_id")
    with_page = _within_limit(examined, subjects)
    scores = results.rows("scored/scores.csv", subject_id=set(with_page))
    scales = {(item.instrument, item.scale) for item in settings.endpoints}
    shown = pd.Series(zip(scores["instrument"], scores["scale"], strict=True)).isin(scales)
    exams = pd.DataFrame(columns=["row_id", "subject_id", "visit"], dtype="str")
    if has_exams:
        exams = results.rows(f"cleaned/{EXAMS}.csv", subject_id=set(with_page))
    explained = dict(zip(exams["row_id"], explain_all(_complete(exams)), strict=True))
    pages = PatientPages(
        patients=len(with_page),
        left_out=len(subjects) - len(with_page),
        who=settings.design.called,
    )
    texts_of = _texts(scores.loc[shown.to_numpy()])
    sums_of = _texts(scores.loc[scores["instrument"] == EXAMS])
    for subject in with_page:
        own = exams.loc[exams["subject_id"] == subject]
        texts, sums = texts_of[subject], sums_of[subject]
        pages.html += Markup(
            '<details class=patient name=patients id="patient-{}"><summary>{}</summary>{}{}'
            "</details>\n"
        ).format(
            subject,
            _summary(subject, texts, settings),
            _scores_table(subject, texts, pages, settings),
            _forms(subject, own, explained, sums, pages, settings),
        )
    return pages


def _within_limit(exams: Counter[str], subjects: list[str]) -> list[str]:
    """The first patients, as many as have at most MOST_EXAMS exams, at least one of them."""
    total = accumulate(max(1, exams[subject]) for subject in subjects)
    return [
        subject
        for place, (subject, n) in enumerate(zip(subjects, total, strict=True))
        if place == 0 or n <= MOST_EXAMS
    ]


def _has_exams(results: Results, settings: AnalysisSettings) -> bool:
    """Whether the study has ISNCSCI exams, and their cells."""
    recorded = {item.instrument for item in settings.recorded}
    return results.has(f"cleaned/{EXAMS}.csv") and EXAMS not in recorded


def _texts(scores: pd.DataFrame) -> dict[str, dict[tuple[str, str], str]]:
    """By patient the text of each score by visit and instrument.scale."""
    texts: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    columns = (scores[name] for name in ("subject_id", "visit", "instrument", "scale", "text"))
    for subject, visit, instrument, scale, text in zip(*columns, strict=True):
        texts[subject][visit, f"{instrument}.{scale}"] = text
    return texts


def _key(endpoint: CompleteEndpoint) -> str:
    return f"{endpoint.instrument}.{endpoint.scale}"


def _summary(subject: str, texts: dict[tuple[str, str], str], settings: AnalysisSettings) -> str:
    first = settings.endpoints[0]
    labels = visit_labels(settings)
    ends = [
        f"{texts[visit, _key(first)] or 'not determined'} at {labels[visit]}"
        for visit in dict.fromkeys((first.baseline, first.time_point))
        if (visit, _key(first)) in texts
    ]
    return f"{subject}: {first.label} {', '.join(ends) or 'not assessed'}"


def _scores_table(
    subject: str, texts: dict[tuple[str, str], str], pages: PatientPages, settings: AnalysisSettings
) -> Markup:
    """Every endpoint at every visit; each score a link to its card."""
    seen = {visit for visit, _ in texts}
    visits = [visit for visit in settings.visits if visit.name in seen]
    rows = Markup("")
    for endpoint in settings.endpoints:
        rows += Markup("<tr><th scope=row>{}").format(endpoint.label)
        for visit in visits:
            text = texts.get((visit.name, _key(endpoint)))
            if text is None:
                rows += Markup("<td>{}").format(MISSING)
                continue
            key = f"{subject}/{visit.name}/{_key(endpoint)}"
            pages.scores.append(key)
            rows += Markup('<td><a href=#cards data-score="{}">{}</a>').format(
                key, text or "not determined"
            )
    head = Markup("").join(Markup("<th scope=col>{}").format(visit.label) for visit in visits)
    return Markup(
        '<div class=scroll tabindex=0 role=region aria-label="Scores of {0}"><table>'
        "<caption>Scores of {0}</caption><thead><tr><td>{1}<tbody>{2}</table></div>"
    ).format(subject, head, rows)


def _forms(
    subject: str,
    exams: pd.DataFrame,
    explained: dict[str, list[Explanation]],
    sums: dict[tuple[str, str], str],
    pages: PatientPages,
    settings: AnalysisSettings,
) -> Markup:
    """The worksheets in the order of the visits, each with its change since the baseline."""
    labels, order = visit_labels(settings), [visit.name for visit in settings.visits]
    exams = exams.sort_values("visit", key=lambda names: names.map(order.index), kind="stable")
    filled: dict[str, Exam] = {}
    rows = records(exams)
    for row in rows:
        own = {
            scale.removeprefix(f"{EXAMS}."): text or "ND"
            for (visit, scale), text in sums.items()
            if visit == row["visit"]
        }
        cells = {str(name): value for name, value in row.items()}
        filled[row["visit"]] = (cells, explained[row["row_id"]], own)
    html = Markup("")
    for row in rows:
        name = f"{subject}, {labels[row['visit']]}"
        pages.exams[row["row_id"]] = name
        after = order.index(row["visit"]) > order.index(settings.baseline)
        html += Markup(
            '<details class=exam id="exam-{0}"><summary>{1}: AIS {2}, neurological '
            'level {3}</summary>{4}<p><a href=#cards data-exam="{0}">All raw cells of this exam'
            "</a></details>\n"
        ).format(
            row["row_id"],
            f"ISNCSCI, {labels[row['visit']]}",
            *_ais_and_level(filled[row["visit"]][1]),
            worksheet(
                *filled[row["visit"]],
                filled.get(settings.baseline) if after else None,
                labels[settings.baseline],
            ),
        )
    return html


def _complete(exams: pd.DataFrame) -> pd.DataFrame:
    """The exams with every cell; one that is empty, or that the study does not have, is NT."""
    cells = exams.reindex(columns=list(ALL_CELLS)).astype("str").fillna("")
    required = [name for name in ALL_CELLS if name not in NON_KEY_CELLS]
    cells[required] = cells[required].replace("", "NT")
    return cells.reset_index(drop=True)


def _ais_and_level(explained: list[Explanation]) -> tuple[str, str]:
    values = {entry.output: entry.value for entry in explained}
    return values["asia_impairment_scale"], values["neurological_level_of_injury"]
