"""Treatments of any kind: units of doses, several of them, courses; severity in words."""

from copy import deepcopy

import pandas as pd
import pytest
from owncontrol.analysis import patients, safety
from owncontrol.analysis.settings import AdverseEventsSettings, PatientsSettings
from owncontrol.errors import InputError
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.event_strata import CtcaeGrade, Severity
from owncontrol.estimates.numbers import plain_numbers
from owncontrol.figures.adverse_events import adverse_event_numbers, draw_adverse_events
from owncontrol.figures.style import journal_style
from owncontrol.figures.timeline import draw_timeline, timeline_numbers
from owncontrol.reporting.adverse_event_table import adverse_events_table
from owncontrol.reporting.report_tables import superscript
from owncontrol.study.estimands import analysis_settings
from owncontrol.study.loading import study_from
from owncontrol.tables import write_table
from small_study import CONFIG, clean_small, small_study, write_files

WORDS = ["leicht", "mittel", "schwer"]


def drug_study(folder, doses, severity=(), grades=("MITTEL", "leicht"), unit="mg"):
    """A study of a drug: rows of subject, start, end and dose; two events."""
    write_files(folder)
    rows = "".join(f"{row}\n" for row in doses)
    (folder / "cells.csv").write_text("for;given;until;dose\n" + rows, "utf-8")
    events = (folder / "events.csv").read_text("utf-8")
    events = events.replace(",2,N", f",{grades[0]},N").replace(",1,N", f",{grades[1]},N")
    (folder / "events.csv").write_text(events, "utf-8")
    exports = deepcopy(CONFIG["exports"])
    exports["cells"]["tables"]["treatments"]["columns"] = {
        "subject_id": "for",
        "treatment_start": "given",
        "treatment_end": "until",
        "dose": "dose",
    }
    return {"exports": exports, "dose_unit": unit, "severity": list(severity)}


def described(cleaned, config):
    """The numbers about what was given, and those about adverse events, by their ids."""
    settings = analysis_settings(small_study(**config))
    tables = cleaned.tables
    codes = sorted(tables["subjects"]["subject_id"])
    given = Estimates("patients", "x", codes)
    patients.describe_given(
        given, tables["subjects"], tables["treatments"], PatientsSettings.taken_from(settings)
    )
    events = Estimates("adverse_events", "x", codes)
    told = AdverseEventsSettings.taken_from(settings)
    safety.summarise_events(
        events, tables["adverse_events"], tables["subjects"], told.level, True, told.severity
    )
    return given.table().set_index("estimate_id"), events.table()


DOSES = ["P1;2021-02-02;2021-03-02;54", "P1;2021-04-02;2021-04-02;81", "P2;2021-03-02;;500"]


def test_doses_in_any_unit_several_a_subject_and_courses(tmp_path):
    config = drug_study(tmp_path, DOSES, WORDS)
    cleaned = clean_small(tmp_path, **config)
    assert "range" not in set(cleaned.findings["rule"])
    assert cleaned.tables["treatments"]["dose"].tolist() == [54, 81, 500]
    assert cleaned.tables["treatments"]["treatment_days"].tolist() == [28, 0, pd.NA]
    given, _ = described(cleaned, config)
    dose = given.loc["patients.dose.median"]
    assert (dose["value"], dose["n"], dose["unit"]) == (81, 3, "mg")
    number = given.loc[["patients.treatments_given.minimum", "patients.treatments_given.maximum"]]
    assert (number["value"].tolist(), set(number["n"])) == ([1, 2], {2})
    assert given.loc["patients.treatment_days.maximum", "value"] == 28


@pytest.mark.slow
def test_in_the_unit_of_cells_a_dose_beyond_any_is_refused(tmp_path):
    config = drug_study(tmp_path, DOSES, WORDS, unit="10^8 cells")
    cleaned = clean_small(tmp_path, **config)
    assert cleaned.tables["treatments"]["dose"].isna().all()
    given, _ = described(cleaned, config)
    assert given.loc["patients.dose.median", "n"] == 0


def test_an_end_before_the_start_is_reported(tmp_path):
    config = drug_study(tmp_path, ["P1;2021-02-02;2021-02-01;5", "P2;2021-03-02;;5"], WORDS)
    found = clean_small(tmp_path, **config)
    findings = found.findings.loc[found.findings["column"] == "until"]
    assert findings["detail"].tolist() == ["lies before treatment_start"]
    assert found.tables["treatments"]["treatment_days"].isna().all()


def test_severity_in_words_is_counted_and_shown_in_them(tmp_path):
    config = drug_study(tmp_path, DOSES, WORDS)
    cleaned = clean_small(tmp_path, **config)
    assert cleaned.tables["adverse_events"]["grade"].tolist() == [2, 1]
    _, events = described(cleaned, config)
    counted = events.loc[events["statistic"] == "events"].set_index("stratum")["value"]
    assert counted[[f"severity {word}" for word in WORDS]].tolist() == [1, 1, 0]
    assert not any("grade" in text for text in events["stratum"])
    of_class = events.loc[events["statistic"].str.startswith("events_grade")]
    assert set(of_class["convention"]) == {
        *(f"severity {word}" for word in WORDS),
        "severity not known",
    }
    path = tmp_path / "estimates.csv"
    write_table(events, path)
    numbers = plain_numbers(path)
    table = adverse_events_table(numbers, 0.95, "severity")
    lines = [row[0] for row in table.rows]
    assert [line for line in lines if line.casefold() in WORDS] == ["Leicht", "Mittel", "Schwer"]
    assert not any("grade" in str(cell).casefold() for row in table.rows for cell in row[:1])
    with journal_style():
        rows = adverse_event_numbers(numbers)
        figure = draw_adverse_events(rows, True, severity=WORDS)
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said == ["Leicht", "Mittel", "Schwer"]


def test_another_word_is_refused_with_what_is_permitted(tmp_path):
    config = drug_study(tmp_path, DOSES, WORDS, grades=("tödlich", "3"))
    cleaned = clean_small(tmp_path, **config)
    assert cleaned.tables["adverse_events"]["grade"].tolist() == [pd.NA, 3]
    assert "tödlich" in set(cleaned.findings["value"])


def test_a_course_is_a_bar_of_the_timeline(tmp_path):
    cleaned = clean_small(tmp_path, **drug_study(tmp_path, DOSES, WORDS)).tables
    walks = cleaned["wisci2"]
    rows = timeline_numbers(
        cleaned["subjects"], cleaned["treatments"], cleaned["adverse_events"], walks, ()
    )
    course = rows.loc[rows["event"] == "course", ["subject_id", "day", "end_day"]]
    assert course.to_numpy().tolist() == [["P1", 32, 60]]  # from the injury on 1 January
    assert (rows["event"] == "treatment").sum() == 3
    with journal_style():
        figure = draw_timeline(rows, True, severity=WORDS)
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert "Course of treatment" in said
    assert {"Adverse event, leicht", "Adverse event, mittel"} <= set(said)


@pytest.mark.parametrize("text", ["severity mild", "severity not known"])
def test_a_severity_is_read_back(text):
    found = Severity.read(text)
    assert str(found) == text
    assert found.known == (text != "severity not known")
    assert CtcaeGrade.read(text) is None or str(CtcaeGrade.read(text)) != text


def test_a_unit_is_printed_with_raised_digits():
    assert superscript("10^8 cells") == "10⁸ cells"
    assert superscript("10^-12 mol") == "10⁻¹² mol"
    assert superscript("MBq") == "MBq"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"severity": ["mild", "Mild"]}, "severity: needs two words or more"),
        ({"severity": ["mild"]}, "severity: needs two words or more"),
        (
            {"severity": ["mild", "severe"], "design": {"event_scale": "CTCAE"}},
            "severity: words, and design.event_scale says CTCAE",
        ),
    ],
)
def test_words_that_contradict(changes, message):
    with pytest.raises(InputError) as raised:
        study_from({**deepcopy(CONFIG), **changes}, "config.yaml")
    assert message in raised.value.message
