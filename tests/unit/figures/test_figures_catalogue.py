"""The catalogue of figures: complete, and each figure made by its own module from files."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import pandas as pd
import pytest
from figure_analyses import SOURCES
from figure_study import NAMES, make_study
from matplotlib.text import Text
from owncontrol import figures
from owncontrol.figures.catalogue import (
    ADVERSE_EVENTS,
    FIGURES,
    INSTRUMENTS,
    SCORES,
    TREATMENTS,
    figures_for,
)
from owncontrol.figures.shown_settings import shown_settings, what_study_has
from owncontrol.figures.style import journal_style
from owncontrol.run.code_hash import imported_modules
from owncontrol.study.design import SubjectWords
from owncontrol.study.natural_recovery import Primary
from owncontrol.tables import write_table

ROOT = Path(__file__).parents[3]
LIBRARY = ROOT / "workflow" / "lib"
FOLDER = Path(figures.__file__).parent
SCALES = [str(path) for path in (ROOT / "workflow" / "instruments").glob("*.yaml")]
RATS = SubjectWords(one="rat", many="rats")
TABLES = ("isncsci", "adverse_events")


def settings(**changes):
    """Those of a study that has all there is."""
    return make_study(n=1).settings.model_copy(update=changes)


def everything():
    return what_study_has(settings(), TABLES, exam_cells=True)


def test_every_module_that_makes_a_figure_stands_in_the_catalogue():
    makers = {
        path.stem for path in FOLDER.glob("*.py") if "\ndef make_figure(" in path.read_text("utf-8")
    }
    assert makers == set(NAMES)
    assert len(NAMES) == len(set(NAMES))


def test_a_study_with_everything_has_every_figure_in_order():
    assert tuple(figures_for(everything())) == NAMES


def test_every_figure_is_told_what_there_is_to_tell():
    known = shown_settings(settings())
    for entry in FIGURES:
        told = entry.settings.taken_from(known)
        asked = get_type_hints(import_module(entry.module).make_figure)["settings"]
        assert asked is entry.settings
        assert told.plain() == {name: known.plain()[name] for name in entry.settings.model_fields}


@pytest.mark.parametrize(
    ("lacking", "gone"),
    [
        (
            {"time_point": "t0"},
            {"ais_shift", "paired_change", "change_map", "specification_curve"},
        ),
        ({"clocks": ()}, {"timeline", "trajectories", "time_to_improvement"}),
        ({"clocks": ("treatment",)}, set()),
        ({"clocks": (), "clock": "nominal"}, set()),
        ({"clocks": (), "clock": "order"}, set()),
        ({"clocks": ("injury",)}, {"time_to_improvement"}),
        ({"event_times": ()}, {"event_times"}),
        ({"natural_recovery": None}, {"natural_recovery", "verdict"}),
        ({"tables": ("isncsci",)}, {"adverse_events"}),
        ({"exam_cells": False}, {"change_map", "recorded_grades"}),
    ],
)
def test_a_study_that_lacks_something_has_all_other_figures(lacking, gone):
    tables = lacking.get("tables", TABLES)
    cells = lacking.get("exam_cells", True)
    changes = {key: value for key, value in lacking.items() if key not in ("tables", "exam_cells")}
    left = figures_for(what_study_has(settings(**changes), tables, cells))
    assert set(NAMES) - set(left) == gone


def test_a_study_without_grades_or_without_scores():
    complete = settings()
    grades, scores = complete.endpoints[:1], complete.endpoints[1:]
    without_grades = figures_for(what_study_has(settings(endpoints=scores), TABLES, True))
    assert set(NAMES) - set(without_grades) == {"ais_transitions", "ais_shift", "recorded_grades"}
    assert shown_settings(settings(endpoints=scores)).grade == ""
    without_scores = figures_for(what_study_has(settings(endpoints=grades), TABLES, True))
    assert set(NAMES) - set(without_scores) == {"trajectories"}


def test_nobody_has_a_criterion_where_none_is_declared():
    plain = [
        item.model_copy(update={"important_difference": None}) for item in settings().endpoints
    ]
    left = figures_for(what_study_has(settings(endpoints=plain, responders=()), TABLES, True))
    assert set(NAMES) - set(left) == {"responders", "time_to_improvement"}


def test_a_visit_is_told_without_what_no_figure_shows():
    told = shown_settings(settings()).plain()
    assert {key for visit in told["visits"] for key in visit} == {"name", "label"}
    assert {key for visit in told["visit_days"] for key in visit} == {"name", "clock", "day"}
    assert [visit["name"] for visit in told["compared_visits"]] == ["t0", "t180"]
    assert [visit["name"] for visit in told["graded_visits"]] == ["t0", "t180"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_code_of_a_figure_is_not_that_of_another(name):
    """An edit of one redraws that one alone."""
    script = ROOT / "workflow" / "scripts" / "draw_figure.py"
    used = {*imported_modules(script, LIBRARY), *imported_modules(FOLDER / f"{name}.py", LIBRARY)}
    assert not {path.stem for path in used if path.parent == FOLDER} & {*NAMES, "catalogue"}


@cache
def study():
    return make_study(n=3)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The files that figures read, by what the catalogue calls them."""
    folder = tmp_path_factory.mktemp("files")
    names = ("flow_subjects", "flow", "flow_cells")
    flows = dict(zip(names, study().flows, strict=True))
    for name in ("subjects", "treatments", "adverse_events"):
        write_table(getattr(study(), name), folder / f"{name}.csv")
    for name, table in flows.items():
        write_table(table, folder / f"{name}.csv")
    write_table(study().scores, folder / "scores.csv")
    for analysis in sorted(set(SOURCES.values())):
        write_table(study().results(analysis), folder / f"{analysis}.estimates.csv")
    return folder


def files_of(entry, folder):
    """The files of a figure below ``folder``."""
    study_files = {
        SCORES: folder / "scores.csv",
        INSTRUMENTS: SCALES,
        ADVERSE_EVENTS: [folder / "adverse_events.csv"],
        TREATMENTS: [folder / "treatments.csv"],
    }
    found = {
        name: study_files.get(file, folder / Path(file).name) for name, file in entry.inputs.items()
    }
    if "estimates" in found:
        found["estimates"] = folder / f"{SOURCES[entry.name]}.estimates.csv"
    return found


@pytest.mark.slow
@pytest.mark.parametrize("entry", FIGURES, ids=lambda entry: entry.name)
def test_a_figure_is_made_from_its_files_and_settings_alone(entry, written):
    kept = entry.settings.taken_from(study().shown.model_copy(update={"who": RATS}))
    with journal_style():
        rows, figure = import_module(entry.module).make_figure(files_of(entry, written), kept)
    expected = study().behind(entry.name)
    texts = [column for column in rows if column == "text"]  # decimals are those of the files
    pd.testing.assert_frame_equal(
        rows.drop(columns=texts), expected.drop(columns=texts), check_dtype=False
    )
    assert figure.get_axes()
    said = [text.get_text() for text in figure.findobj(Text)]
    assert not [text for text in said if "atient" in text]
    assert "atient" not in entry.called(RATS)


def test_the_figures_are_told_of_the_primary_comparison_and_its_level():
    recovery = settings().natural_recovery
    first = recovery.comparisons[0]
    changed = recovery.model_copy(
        update={
            "comparisons": (first, first.model_copy(update={"name": "second"})),
            "primary": Primary(comparison="second", alpha=0.01),
        }
    )
    told = shown_settings(settings(natural_recovery=changed))
    assert (told.comparison, told.primary.alpha) == ("second", 0.01)
