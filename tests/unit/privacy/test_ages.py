"""No age above 89 is in a table, a finding or the report, unless the study permits it."""

import pandas as pd
import pytest
from owncontrol.analysis.patients import describe_number
from owncontrol.estimates.collect import Estimates
from owncontrol.estimates.numbers import Numbers
from owncontrol.study.subjects import Characteristic, age_columns
from small_study import (
    CONFIG,
    FILES,
    clean_small,
    write_files,
)


def aged(tmp_path, ages, again=(), **config):
    """A small study whose subjects have these ages; ``again``: subjects with one row more."""
    head, *lines = FILES["people.csv"].splitlines()
    lines += [line for line in lines if line.partition(",")[0] in again]
    rows = [f"{line},{age}" for line, age in zip(lines, ages, strict=True)]
    write_files(tmp_path)
    (tmp_path / "people.csv").write_text("\n".join([f"{head},age", *rows]) + "\n")
    people = CONFIG["exports"]["people"]
    subjects = people["tables"]["subjects"]
    table = {**subjects, "columns": {**subjects["columns"], "age": "age"}}
    exports = {**CONFIG["exports"], "people": {**people, "tables": {"subjects": table}}}
    return clean_small(tmp_path, exports=exports, **config)


@pytest.mark.slow
@pytest.mark.parametrize(("age", "kept"), [("89", 89), ("90", 90), ("93", 90), ("101.5", 90)])
def test_an_age_above_89_is_90_unless_permitted(tmp_path, age, kept):
    cleaned = aged(tmp_path, ("41", age))
    assert list(cleaned.tables["subjects"]["age"]) == [41, kept]
    shown = aged(tmp_path, ("41", age), ages_above_89=True)
    assert list(shown.tables["subjects"]["age"]) == [41, float(age)]


def test_an_age_above_89_is_in_no_finding(tmp_path):
    findings = aged(tmp_path, ("41", " 93,5 ")).findings
    assert "93" not in findings.loc[findings["column"] == "age"].to_csv(index=False)


def test_an_age_above_89_is_in_no_finding_of_another_rule(tmp_path):
    item = CONFIG["characteristics"][0]
    requires = {"column": "age", "minimum": 20, "maximum": 70}
    findings = aged(
        tmp_path, ("41", "93"), characteristics=[{**item, "requires": requires}]
    ).findings
    told = findings.loc[findings["rule"] == "contradicts", "detail"]
    assert len(told) == 1
    assert "93" not in told.iloc[0]


def test_an_age_above_89_is_in_no_finding_of_a_refused_correction(tmp_path):
    wrong = {"file": "people.csv", "row_key": "id=P2", "column": "age", "from": "97", "to": "60"}
    wrong |= {"why": "typed wrong", "who": "ada", "when": "2022-01-01"}
    findings = aged(tmp_path, ("41", "93"), corrections=[wrong]).findings
    (told,) = findings.loc[findings["rule"] == "correction_refused"].to_dict("records")
    assert told["value"] == "90+"
    assert "holds '90+'" in told["detail"]


def test_ages_above_89_of_two_people_with_one_code_are_in_no_finding(tmp_path):
    findings = aged(tmp_path, ("96", "41", "91"), again=["P1"]).findings
    (two, also) = findings.loc[findings["rule"] == "two_people", "detail"]
    assert two == also
    assert "contradict each other in age (90+, 90+):" in two


@pytest.mark.parametrize(
    ("name", "label", "unit", "is_age"),
    [
        ("age_at_onset", "Onset", "years", True),
        ("x", "Alter bei Aufnahme", "Jahre", True),
        ("x", "発症時年齢", "歳", False),  # a word inside another is not looked for
        ("x", "年齢", "歳", True),
        ("schooling", "Education", "years", False),
        ("age_score", "Age score", "points", False),
    ],
)
def test_which_characteristic_is_an_age(name, label, unit, is_age):
    item = Characteristic(name=name, label=label, type="number", unit=unit)
    assert (name in age_columns([item], above_89=False)) is is_age
    assert age_columns([item], above_89=True) == set()


def test_the_report_prints_an_age_of_90_or_above_as_90_plus():
    estimates = Estimates("patients", "treated", ["P1", "P2", "P3"])
    rows = pd.DataFrame({"age": [41.0, 60.0, 90.0], "row_id": ["p:2", "p:3", "p:4"]})
    describe_number(estimates, "subjects", rows, "age", "years")
    table = estimates.table()
    numbers = Numbers(table, lambda shown: shown.text)
    assert numbers.value("patients.age.maximum") == "90+"
    assert numbers.value("patients.age.minimum") == "41"
    assert "90+" in numbers.columns()["value"]
