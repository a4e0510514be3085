"""What page and print have in common: tables, captions and words, from the analysis results."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from owncontrol.basics import number_texts
from owncontrol.engine_texts import shown
from owncontrol.estimates.counted import events_state, not_counted
from owncontrol.estimates.declared_statistics import Change, Sensitivity
from owncontrol.estimates.numbers import Numbers
from owncontrol.figures.criteria import leading_criteria, shown_criteria
from owncontrol.figures.drawn import MOST_DRAWN, cells_in_percent
from owncontrol.figures.shown_settings import events_have_days, timeline_clock
from owncontrol.lineage.results import Results
from owncontrol.reporting import (
    adverse_event_table,
    arms_table,
    audit,
    data_quality_tables,
    design_sentences,
    event_times_table,
    evidence,
    natural_course_table,
    report_tables,
    walking_table,
)
from owncontrol.reporting.claim_verdicts import claims_table
from owncontrol.reporting.course_table import course_table
from owncontrol.reporting.event_sentences import events_sentence
from owncontrol.reporting.first_page import first_page, small_figures
from owncontrol.reporting.listings import deviations_table
from owncontrol.reporting.own_time_sentences import control_words
from owncontrol.reporting.plan_facts import PlanFacts
from owncontrol.reporting.plan_sentences import plan_words
from owncontrol.reporting.risk_of_bias import risk_table
from owncontrol.reporting.safety_sentences import serious_events_table
from owncontrol.reporting.sentences import listed
from owncontrol.reporting.since_cut import since_last_cut
from owncontrol.reporting.study_words import (
    before,
    clock_sentence,
    everyone,
    grade_word,
    has_items,
)
from owncontrol.reporting.verdict_sentences import (
    exceeded_words,
    survival_table,
    verdict_level,
    worlds_table,
)
from owncontrol.study.settings import AnalysisSettings

# What reStructuredText reads as markup inside a line, and Jinja as a template: Snakemake puts a
# caption through both. A backslash keeps {{, {# and {% apart, and is gone in the end.
MARKUP = re.compile(r"[\\*_`|{}<>@\[\]#~^$&\"]|:(?! )|(?<=\{)%")
# A beginning that is a word and no list, heading, table, option or directive.
PLAIN_START = re.compile(r"[^\W\d_]{2,}[ ,]")
# The packages that the numbers depend on; the whole list is in provenance/environment.csv.
NAMED_PACKAGES = (
    "python",
    "snakemake",
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "matplotlib",
    "papermill",
)


def context(
    numbers: Numbers,
    settings: AnalysisSettings,
    discrepancies: pd.DataFrame,
    raw_files: pd.DataFrame,
    environment: pd.DataFrame,
    plan: PlanFacts | None = None,
    results: Results | None = None,
    since: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """What the content's template uses beside page and numbers.

    ``plan``: what is known of the plan; without it the page says nothing of one. ``results``: the
    run, for the tables that list events and deviations; without it there are none. ``since``: what
    differs from the last data cut; none for a first one.
    """
    plan_said = plan_words(plan, numbers, settings)
    told, changed = since_last_cut(since, numbers, settings) if since is not None else ([], None)
    where_there = (
        deviations_table(results, numbers.who.one) if results is not None else None,
        changed,
        risk_table(numbers, settings, plan_said),
    )
    tables = [
        *_tables_of_the_study(numbers, settings),
        data_quality_tables.discrepancies_table(discrepancies, settings),
        _records("raw_files", "Raw files", ["File", "SHA-256"], raw_files),
        _records(
            "environment",
            "Software",
            ["Package", "Version"],
            environment.loc[environment["package"].isin(NAMED_PACKAGES), ["package", "version"]],
        ),
        *_tables_of_the_analyses(numbers, settings),
        *(table for table in where_there if table),
    ]
    by_name = {table.name: table for table in tables}
    return {
        "settings": settings,
        "who": numbers.who,
        "first": first_page(numbers, settings, by_name, plan),
        "small_figures": small_figures,
        "plan": plan_said,
        "since_last_cut": told,
        "tables": by_name,
        "listed": listed,
        **_words_of_the_study(settings),
        **_words_of_the_analyses(numbers, settings),
    }


def _instruments(settings: AnalysisSettings) -> list[str]:
    return sorted({endpoint.instrument for endpoint in settings.endpoints})


def _words_of_the_study(settings: AnalysisSettings) -> dict[str, Any]:
    """What the template says of the study whatever was found."""
    return {
        "everyone": everyone(settings),
        "grade_word": grade_word(settings),
        "before": before(settings),
        "clock_sentence": clock_sentence(settings),
        "has_items": has_items(settings),
        "design": {
            "limits": design_sentences.limits(settings.design),
            "conduct": design_sentences.conduct(settings.design),
        },
        "instruments": _instruments(settings),
        "labels": report_tables.visit_labels(settings),
        "exact_test": report_tables.EXACT_TEST,
        "estimand_sets": evidence.events_by_estimand(settings),
    }


def _words_of_the_analyses(numbers: Numbers, settings: AnalysisSettings) -> dict[str, Any]:
    """What the template says of the results."""
    return {
        "controls": control_words(numbers, settings),
        "events_sentence": events_sentence(numbers, settings),
        "events_state": events_state(numbers),
        "not_counted": partial(not_counted, numbers),
        "signed_rank_test": report_tables.signed_rank_words(numbers),
        "findings": audit.grade_findings(numbers, settings),
        "exceeded_words": partial(exceeded_words, numbers),
        "paced": [
            endpoint
            for endpoint in audit.examined(numbers, settings, Sensitivity.RATE_DIFFERENCE)
            if not endpoint.grades
        ],
        "with_course": natural_course_table.with_course(numbers, settings),
        "without_course": natural_course_table.without_course(numbers, settings),
        "claims": [audit.reported_claim(claim, numbers, settings) for claim in settings.claims],
    }


def _tables_of_the_study(numbers: Numbers, settings: AnalysisSettings) -> list[report_tables.Table]:
    """Who took part, what was measured, and what became of the raw data."""
    return [
        report_tables.patients_table(numbers, settings),
        report_tables.attendance_table(numbers, settings, _instruments(settings)),
        course_table(numbers, settings),
        _with_expected(report_tables.change_table(numbers, settings), numbers, settings),
        natural_course_table.natural_course_table(numbers, settings),
        walking_table.walking_table(numbers, settings),
        arms_table.arms_table(numbers, settings),
        data_quality_tables.flow_table(numbers),
        data_quality_tables.cells_table(numbers),
        data_quality_tables.findings_table(numbers),
    ]


def _with_expected(
    table: report_tables.Table, numbers: Numbers, settings: AnalysisSettings
) -> report_tables.Table:
    """The table of changes, with observed less expected where a natural course is known."""
    if not natural_course_table.with_course(numbers, settings):
        return table
    families = dict.fromkeys(endpoint.family for endpoint in settings.endpoints)
    in_order = [
        endpoint
        for family in families
        for endpoint in settings.endpoints
        if endpoint.family == family
    ]
    cells = natural_course_table.minus_expected(numbers, in_order)
    return replace(
        table,
        header=[*table.header, "Less expected"],
        rows=[[*row, cell] for row, cell in zip(table.rows, cells, strict=True)],
        note=f"{table.note} Less expected: mean change less the mean that a published course "
        f"without the treatment gives for these {numbers.who.many}.",
    )


def _tables_of_the_analyses(
    numbers: Numbers, settings: AnalysisSettings
) -> list[report_tables.Table]:
    """Grades, events and what the conclusions are checked against."""
    built = [
        report_tables.shift_table(numbers, settings, endpoint)
        for endpoint in settings.endpoints
        if endpoint.grades or endpoint.kind == "yes_no"
    ]
    built += [
        adverse_event_table.adverse_events_table(
            numbers,
            settings.level,
            design_sentences.graded_by(settings.design, settings.severity),
            "treated" if settings.has_treatments else "all",
        ),
        evidence.estimands_table(settings),
        evidence.responders_table(numbers, settings),
        audit.multiverse_table(numbers, settings),
        audit.baselines_table(numbers, settings),
        audit.rating_table(numbers, settings),
        claims_table(numbers, settings),
    ]
    if recovery := settings.natural_recovery:
        built += [
            evidence.recovery_table(numbers, settings),
            evidence.sources_table(numbers, recovery.primary_comparison),
            audit.trial_table(numbers, settings, recovery.trial),
        ]
        told = (survival_table(numbers, settings), worlds_table(numbers, settings))
        built += [table for table in told if table is not None]
    if settings.event_times:
        built.append(event_times_table.event_times_table(numbers, settings))
    worst = serious_events_table(numbers, settings)
    return [*built, worst] if worst else built


def figure_texts(
    templates: Path, names: list[str], numbers: Numbers, settings: AnalysisSettings
) -> dict[str, dict[str, str]]:
    """Caption and alternative text of each figure, from its templates in ``captions/``."""
    jinja = Environment(
        loader=FileSystemLoader(templates / "captions"),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    criteria = shown_criteria(settings)
    jinja.globals |= {
        "numbers": numbers,
        "settings": settings,
        "who": settings.design.called,
        "everyone": everyone(settings),
        "timeline_clock": timeline_clock(settings),
        "grade_word": grade_word(settings),
        "graded_by": design_sentences.graded_by(settings.design, settings.severity),
        "events_have_days": events_have_days(settings),
        "labels": report_tables.visit_labels(settings),
        "endpoint_labels": {entry.name: entry.label for entry in settings.endpoints},
        "criteria": criteria,
        "leading": leading_criteria(criteria),
        "drawn": MOST_DRAWN,
        "events_state": events_state(numbers),
        "event_units": {item.name: item.unit for item in settings.characteristics},
        "not_counted": partial(not_counted, numbers),
        "tipping_rates": partial(evidence.tipping_rates, numbers),
        "main_sources": partial(evidence.main_sources, numbers, settings),
        "cells_in_percent": cells_in_percent(
            map(numbers.raw_n, numbers.find(analysis="change", statistic=Change.CELL_BETTER))
        ),
        "tests": report_tables.signed_rank_words(numbers),
        "percent": number_texts.percent,
        "significance": number_texts.significance,
        "verdict_alpha": partial(verdict_level, numbers, settings),
    }

    def text(template: str) -> str:
        filled = jinja.get_template(template).render()
        return " ".join(filled.split())

    mark = "SYNTHETIC data. " if settings.synthetic else ""
    return {
        name: {"caption": mark + text(f"{name}.j2"), "alt": mark + text(f"{name}.alt.j2")}
        for name in names
    }


def caption_file(texts: dict[str, str]) -> str:
    """Caption and alternative text of a figure as reStructuredText."""
    return f"{rst(texts['caption'])}\n\n**Alternative text.** {rst(texts['alt'], start=False)}\n"


def rst(text: str, start: bool = True) -> str:
    """Text as reStructuredText, and the one place where it becomes that.

    Nothing in it is markup, or a template of Jinja, which Snakemake's report reads first.
    ``start``: whether it begins a paragraph.
    """
    escaped = MARKUP.sub(r"\\\g<0>", " ".join(shown(text).split()))
    # A blank behind a backslash vanishes with it; what follows is no beginning of a line.
    return escaped if not start or PLAIN_START.match(escaped) else f"\\ {escaped}"


def _records(name: str, title: str, header: list[str], rows: pd.DataFrame) -> report_tables.Table:
    return report_tables.Table(name, title, list(header), rows.to_numpy().tolist())
