"""natural-course: published values, names as people type them, and what is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from owncontrol.__main__ import main
from owncontrol.analysis.natural_course import read_courses
from owncontrol.cli.natural_course import SHIPPED, Question, answer
from owncontrol.errors import InputError
from owncontrol.study.manifest import check_file, read_manifest

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "natural_course.json"
# Weeks 7 to 26, tetraplegia, EMSCI and Sygen: total motor score, UEMS, LEMS.
PUBLISHED = {
    "A": ((4.4, 5.4), (3.0, 4.3), (1.4, 1.1)),
    "B": ((13.2, 13.3), (5.8, 5.6), (7.2, 7.5)),
    "C": ((15.9, 19.5), (7.3, 9.6), (8.55, 10.2)),
}


def ask(*options: str) -> int:
    return main(["natural-course", *options])


def changes(scale: str, grade: str, level: str, start: float, end: float) -> list[Any]:
    found = answer(Question(scale, grade, level, start, end))
    return [entry["expected_change"] for entry in found["entries"]]


@pytest.mark.slow
@pytest.mark.skipif(not REFERENCE.exists(), reason=f"{REFERENCE} is not on this machine")
def test_independent_values() -> None:
    entries = json.loads(REFERENCE.read_text(encoding="utf-8"))["entries"]
    assert len(entries) == 36
    for entry in entries:
        question = Question(
            entry["scale"],
            entry["grade"],
            entry["level"],
            entry["from_day"],
            entry["to_day"],
            cohort=entry["cohort"],
        )
        [found] = answer(question)["entries"]
        assert found["expected_change"] == pytest.approx(entry["expected_change"], abs=1e-6)


def test_values_computed_by_hand() -> None:
    # EMSCI, TMS, C, tetraplegia: by the means of weeks 4, 12 and 26 in the table.
    rows = {
        course.cohort: course.course
        for course in read_courses(SHIPPED)
        if (course.abbreviation, course.grade, course.level) == ("TMS", "C", "tetraplegia")
    }
    means = dict(zip(rows["EMSCI"].days, rows["EMSCI"].means, strict=True))
    # Natural logarithms of 49 / 28 and of 84 / 28.
    share = 0.559615788 / 1.098612289
    start = means[28] + share * (means[84] - means[28])
    assert changes("TMS", "C", "tetraplegia", 49, 182)[0] == pytest.approx(
        means[182] - start, abs=1e-5
    )


@pytest.mark.parametrize("grade", PUBLISHED)
def test_weeks_7_to_26_in_tetraplegia(grade: str) -> None:
    for scale, both in zip(("TMS", "UEMS", "LEMS"), PUBLISHED[grade], strict=True):
        found = changes(scale, grade, "tetraplegia", 49, 182)
        assert found == pytest.approx(both, abs=0.051)


def test_each_score_grade_level_and_cohort_has_a_course() -> None:
    there = {(c.cohort, c.abbreviation, c.grade, c.level) for c in read_courses(SHIPPED)}
    for cohort in ("EMSCI", "Sygen"):
        for grade in "ABCD":
            for scale in ("TMS", "UEMS", "LEMS", "LT", "PP"):
                assert (cohort, scale, grade, "tetraplegia") in there
                assert ((cohort, scale, grade, "paraplegia") in there) is (scale != "UEMS")


def test_the_shipped_table_is_the_recorded_one() -> None:
    expected = read_manifest(SHIPPED.parent)[SHIPPED.name]
    check_file(SHIPPED, expected, hashlib.sha256(SHIPPED.read_bytes()).hexdigest())


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["tms", "Total motor", "motor_total", "total motor score"])
@pytest.mark.parametrize("level", ["tetra", "Tetraplegia", "cervical", "quadriplegic"])
@pytest.mark.parametrize("grade", ["c", "AIS C", "ASIA-C", "grade C"])
def test_names_as_they_are_typed(scale: str, level: str, grade: str) -> None:
    expected = changes("TMS", "C", "tetraplegia", 49, 180)
    assert changes(scale, grade, level, 49, 180) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scale", "words"),
    [
        ("UEMS", ["upper extremity motor score", "upper_extremity_motor_score"]),
        ("LT", ["light touch", "light-touch"]),
        ("PP", ["pin prick", "pinprick", "Pin-prick score"]),
        ("SCIM", ["SCIM III", "scim3", "SCIM total"]),
        ("WISCI", ["WISCI II", "wisci2"]),
    ],
)
def test_names_of_scales(scale: str, words: list[str]) -> None:
    for name in words:
        assert changes(name, "B", "tetra", 49, 180) == changes(scale, "B", "tetra", 49, 180)


def test_json_and_lines_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--scale", "TMS", "--grade", "C", "--level", "tetraplegia"]
    days = ["--from-day", "49", "--to-day", "180"]
    assert ask(*options, *days, "--json") == 0
    entries = json.loads(capsys.readouterr().out)["entries"]
    assert [entry["cohort"] for entry in entries] == ["EMSCI", "Sygen"]
    for entry in entries:
        assert entry["lower"] < entry["expected_change"] < entry["upper"]
        by = {one["correlation"]: one["upper"] - one["lower"] for one in entry["by_correlation"]}
        assert by[0.5] > by[0.87] > by[0.9]
        assert by[0.87] == pytest.approx(entry["upper"] - entry["lower"])
        assert "doi 10.1186/s12916-022-02395-0" in entry["source"]
    assert ask(*options, *days) == 0
    text = capsys.readouterr().out
    for words in ("EMSCI: +15.8 points", "Sygen: +19.4 points", "upper bound", "acute one"):
        assert words in text
    assert ask(*options, *days, "--cohort", "emsci", "--json") == 0
    [only] = json.loads(capsys.readouterr().out)["entries"]
    assert only == entries[0]


def test_a_cohort_that_does_not_hold_the_days_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(Question("LT", "A", "para", 7, 180))
    assert [entry["cohort"] for entry in found["entries"]] == ["Sygen"]
    assert found["not_covered"] == [
        {"cohort": "EMSCI", "sex": "", "reason": "holds days 14 to 364"}
    ]
    options = ["--scale", "LT", "--grade", "A", "--level", "para", "--from-day", "7"]
    assert ask(*options, "--to-day", "180") == 0
    assert "EMSCI: holds days 14 to 364; nothing is extrapolated" in capsys.readouterr().out


def test_models_that_are_linear_in_time(capsys: pytest.CaptureFixture[str]) -> None:
    whole = answer(Question("SCIM", "A", "tetra", 14, 364))["entries"]
    assert [(one["sex"], one["expected_change"]) for one in whole] == [
        ("male", 26.8046),
        ("female", 17.4676),
    ]
    assert whole[0]["standard_error"] == pytest.approx(1.6558)
    [half] = answer(Question("SCIM", "A", "tetra", 14, 189, sex="male"))["entries"]
    assert half["expected_change"] == pytest.approx(26.8046 / 2)
    options = ["--scale", "WISCI", "--grade", "D", "--level", "tetra"]
    assert ask(*options, "--from-day", "14", "--to-day", "364") == 0
    text = capsys.readouterr().out
    assert "+12.8 levels" in text and "linear in time" in text
    assert "means of the persons" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"scale": "UMS"}, "--scale: no 'UMS'"),
        ({"grade": "E"}, "--grade: no 'E' in the table for TMS"),
        ({"grade": ""}, "--grade: is missing"),
        ({"level": "sacral"}, "--level: no 'sacral'"),
        (
            {"scale": "UEMS", "level": "paraplegia"},
            "no 'paraplegia' in the table for UEMS",
        ),
        ({"cohort": "NACTN"}, "--cohort: no 'NACTN'"),
        ({"from_day": 3}, "EMSCI holds days 14 to 364; Sygen holds days 7 to 364"),
        ({"to_day": 400}, "no expected change from day 49 to day 400"),
        ({"to_day": 40}, "day 40 is not after day 49"),
        ({"to_day": 49}, "day 49 is not after day 49"),
        ({"from_day": float("nan")}, "--from-day: nan is no day"),
        ({"from_day": -5}, "--from-day: -5 is no day"),
    ],
)
def test_refused_in_one_line(changed: dict[str, Any], words: str) -> None:
    given = {"scale": "TMS", "grade": "C", "level": "tetraplegia", "from_day": 49, "to_day": 180}
    with pytest.raises(InputError) as refused:
        answer(Question(**{**given, **changed}))
    assert words in refused.value.message
    assert "\n" not in refused.value.message and refused.value.hint


HEADER = SHIPPED.read_text(encoding="utf-8").splitlines()[0]
GOOD = "Here,nihss,total,NIHSS,,,,all,,7,20,20,9.5,4,,points,,A paper,"


def write(folder: Path, *rows: str) -> Path:
    path = folder / "courses.csv"
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return path


def test_another_disease_brings_its_own_table(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, GOOD.replace(",7,20,20,9.5", ",90,18,20,5.5"))
    [found] = answer(Question("nihss", "", "", 7, 90, table=path))["entries"]
    assert found["expected_change"] == -4
    assert (found["grade"], found["level"]) == ("", "")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([GOOD.replace("9.5", "nine")], "row 2, value: 'nine' is not a number"),
        ([GOOD.replace(",7,20", ",7.5,20")], "row 2, day: '7.5' is not a whole number"),
        ([GOOD.replace(",7,20", ",0,20")], "row 2, day: '0' is not a whole number of at least 1"),
        ([GOOD.replace(",4,,", ",-4,,")], "row 2, sd: '-4' is not a number of at least 0"),
        ([GOOD.replace("A paper", "")], "row 2, citation: is empty"),
        ([GOOD.replace("Here", "")], "row 2, cohort: is empty"),
        ([GOOD.replace(",,all", ",men,all")], "row 2, sex: 'men' is not permitted"),
        ([GOOD], "row 2: the group has a mean on one day only"),
        ([GOOD, GOOD], "row 3: this cohort, scale, group and day are there twice"),
        ([GOOD, GOOD.replace(",,7,20", ",7,90,20")], "row 2: the group has a change"),
        ([GOOD.replace(",,7,20", ",90,7,20")], "row 2: from_day 90 is not before day 7"),
        ([], "has no rows"),
    ],
)
def test_a_table_is_refused_by_row_and_column(tmp_path: Path, rows: list[str], words: str) -> None:
    with pytest.raises(InputError) as refused:
        read_courses(write(tmp_path, *rows))
    assert words in refused.value.message


def test_a_table_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "courses.csv"
    path.write_text("cohort,scale\nHere,x\n", encoding="utf-8")
    with pytest.raises(InputError, match="column 'instrument' is missing"):
        read_courses(path)
    path.write_text(f"{HEADER},more\n{GOOD},1\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column 'more'"):
        read_courses(path)
