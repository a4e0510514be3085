"""SDTM and ADaM as they come: each variable by its standard name, in tables made for this test."""

import pytest
from cdisc_files import CODES, adam, day, sdtm
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.cli.check_study import check_study
from owncontrol.suggest.cdisc import unscheduled
from owncontrol.suggest.column_guesses import date_columns


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(place, files, *options):
    """The configuration that one command makes, which a run takes as it is."""
    from owncontrol.__main__ import main

    for name, text in files.items():
        (place / f"{name}.csv").write_text(text, "utf-8")
    names = [f"{name}.csv" for name in files]
    assert main(["new-study", "new", "--from", *names, *options]) == 0
    assert check_study("new", place) == []
    return read_yaml(place / "config/new.yaml")


SYSBP = ("--measure", "SYSBP:lower:mmHg", "--keep", "ACTARMCD=DRUG")


@pytest.mark.slow
def test_domains_of_sdtm_map_themselves(place):
    found = made(place, sdtm(), *SYSBP, "--time-point", "WEEK 8")
    of = {name: export["tables"] for name, export in found["exports"].items()}
    assert of["ex"]["treatments"]["columns"] == {
        "subject_id": "USUBJID", "treatment_start": "EXSTDTC", "dose": "EXDOSE",
        "treatment_end": "EXENDTC",
    }  # fmt: skip
    assert found["dose_unit"] == "mg"
    events = of["ae"]["adverse_events"]["columns"]
    assert {name: events[name] for name in ("grade", "onset_date", "relation", "event_number")} == {
        "grade": "AESEV", "onset_date": "AESTDTC", "relation": "AEREL", "event_number": "AESEQ",
    }  # fmt: skip
    assert found["severity"] == ["mild", "moderate", "severe"]
    assert "clock" not in found  # days from the treatment
    assert of["vs"]["sysbp"]["columns"]["date"] == "VSDTC"


@pytest.mark.slow
def test_the_flag_says_which_visit_is_the_baseline_and_screening_stays_before_it(place):
    found = made(place, sdtm(), *SYSBP, "--time-point", "WEEK 8")
    assert found["baseline"] == "baseline"
    names = [visit["name"] for visit in found["visits"]]
    assert names == ["screening", "baseline", "week_4", "week_8"]
    asked = made(place, sdtm(), *SYSBP, "--time-point", "WEEK 8", "--baseline", "SCREENING",
                 "--replace")  # fmt: skip
    assert asked["baseline"] == "screening"


@pytest.mark.slow
def test_flags_at_several_visits_make_a_baseline_of_their_own(place):
    files = sdtm()
    lines = files["vs"].splitlines()
    moved = [
        line.replace("SCREENING,,", "SCREENING,Y,").replace("BASELINE,Y,", "BASELINE,,")
        if CODES[1] in line or CODES[2] in line
        else line
        for line in lines
    ]
    files["vs"] = "\n".join(moved) + "\n"
    found = made(place, files, *SYSBP, "--time-point", "WEEK 8")
    assert found["baseline"] == "baseline_flagged"
    labels = {visit["name"]: visit["label"] for visit in found["visits"]}
    assert labels["baseline_flagged"] == "Baseline (flagged)"
    table = found["exports"]["vs"]["tables"]["sysbp"]
    assert "visit" not in table["columns"]
    assert table["patterns"][0]["mark"] == {"raw": "VSBLFL", "values": {"Y": " (baseline)"}}
    codes = table["recode"]["visit"]
    assert {text for text, name in codes.items() if name == "baseline_flagged"} == {
        "SCREENING (baseline)", "BASELINE (baseline)",
    }  # fmt: skip
    kept = found["exports"]["vs"]["keep"]["VISIT"]
    assert set(kept) == {"SCREENING", "BASELINE", "WEEK 4", "WEEK 8"}
    asked = made(place, files, *SYSBP, "--time-point", "WEEK 8", "--baseline", "BASELINE",
                 "--replace")  # fmt: skip
    assert asked["baseline"] == "baseline"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "outside"),
    [
        (("--time-point", "WEEK 8"), "UNSCHEDULED 3.1"),
        (("--time-point", "4", "--visit", "VISITNUM"), "3.1"),
    ],
)
def test_unscheduled_visits_are_set_aside_with_their_number(place, options, outside):
    found = made(place, sdtm(), *SYSBP, *options)
    assert len(found["visits"]) == 4
    kept = found["exports"]["vs"]["keep"]
    assert outside not in kept.get("VISIT", kept.get("VISITNUM"))
    text = (place / "config/new.yaml").read_text("utf-8")
    assert f"# 4 rows of unscheduled visits are not part of the study: {outside}" in text


@pytest.mark.slow
@pytest.mark.parametrize("with_dates", [True, False])
def test_datasets_of_adam_map_themselves(place, with_dates):
    options = ("--measure", "ACTOT:lower:points", "--keep", "TRTA=DRUG", "--time-point", "Week 8")
    found = made(place, adam(with_dates), *options)
    assert found["exports"]["adqs"]["keep"] == {"TRTA": "DRUG", "PARAMCD": "ACTOT", "ANL01FL": "Y"}
    assert set(found["exports"]["adqs"]["tables"]) == {"actot"}
    assert found["exports"]["adsl"]["tables"]["treatments"]["columns"] == {
        "subject_id": "USUBJID", "treatment_start": "TRTSDT", "treatment_end": "TRTEDT",
    }  # fmt: skip
    columns = found["exports"]["adqs"]["tables"]["actot"]["columns"]
    assert (columns["visit"], columns["actot"]) == ("AVISIT", "AVAL")
    assert columns["date" if with_dates else "study_day"] == ("ADT" if with_dates else "ADY")
    assert found.get("clock", "treatment") == ("treatment" if with_dates else "recorded")


def test_without_treatments_the_baseline_is_the_clock(place):
    files = {name: text for name, text in sdtm().items() if name in ("dm", "vs")}
    found = made(place, files, *SYSBP, "--time-point", "WEEK 8")
    assert (found["clock"], "treatment" in found) == ("baseline", False)


@pytest.mark.slow
def test_the_treatment_has_the_name_that_its_file_gives_it(place):
    files = sdtm()
    header, *rows = files["ex"].splitlines()
    files["ex"] = "\n".join([f"{header},EXTRT", *(f"{row},XANOMELINE TTS" for row in rows)])
    assert made(place, files, *SYSBP, "--time-point", "WEEK 8")["treatment"] == "xanomeline TTS"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("of_others", "of_arm", "word"),
    [("PLACEBO", ["XANOMELINE"], "xanomeline"), ("X", ["PLACEBO", "XANOMELINE"], "treatment")],
)
def test_the_treatment_is_that_of_the_arm_and_of_several_none(place, of_others, of_arm, word):
    files = sdtm()
    header, *rows = files["ex"].splitlines()
    # The first subject is of another arm.
    texts = [of_others, *(of_arm * len(rows))[: len(rows) - 1]]
    named = [f"{row},{text}" for row, text in zip(rows, texts, strict=True)]
    files["ex"] = "\n".join([f"{header},EXTRT", *named])
    assert made(place, files, *SYSBP, "--time-point", "WEEK 8")["treatment"] == word


@pytest.mark.slow
def test_a_word_of_severity_that_is_not_known_is_not_guessed(place):
    files = sdtm()
    files["ae"] = files["ae"].replace("SEVERE", "PURPLE")
    found = made(place, files, *SYSBP, "--time-point", "WEEK 8")
    assert "severity" not in found
    assert "AESEV" in found["exports"]["ae"]["ignored"]


@pytest.mark.slow
def test_a_dose_without_a_unit_is_taken_only_where_it_may_be_of_cells(place):
    files = sdtm()
    files["ex"] = files["ex"].replace("EXDOSU", "EXTRT")
    found = made(place, files, *SYSBP, "--time-point", "WEEK 8")
    assert "dose_unit" not in found
    assert "dose" not in found["exports"]["ex"]["tables"]["treatments"]["columns"]
    assert "EXDOSE" in found["exports"]["ex"]["ignored"]


@pytest.mark.parametrize(
    ("texts", "outside"),
    [
        (["BASELINE", "WEEK 4", "UNSCHEDULED 3.1"], ["UNSCHEDULED 3.1"]),
        (["1", "2", "3", "3.1", "3.2"], ["3.1", "3.2"]),
        (["0.5", "1.5"], []),
        (["1", "1.5", "2.5"], []),
        (["Unplanned visit", "2"], ["Unplanned visit"]),
        (["Week 4", "Week 4.5"], []),
    ],
)
def test_which_visits_are_outside_the_schedule(texts, outside):
    assert unscheduled(texts, ["VISITNUM"]) == outside
    if not set("".join(texts)) - set("0123456789."):
        assert unscheduled(texts, ["hours"]) == []


def test_a_column_of_partial_dates_is_one_of_dates():
    import pandas as pd

    cells = pd.DataFrame(
        {"a": [day(1), "2013-07", "2013", "2013-08"], "b": ["1", "2", "2013", "4"]}
    )
    found = date_columns(cells, ())
    assert list(found) == ["a"]
    assert (found["a"].usual, found["a"].others) == (("%Y-%m-%d",), {})


def test_the_visit_of_the_analysis_comes_before_that_of_the_collection(place):
    """An unscheduled value that the analysis takes for week 2 counts there."""
    text = "USUBJID,PARAMCD,PARAM,VISIT,VISITNUM,AVISIT,AVAL\n" + "".join(
        f"P{who},ALT,ALT (U/L),{collected},{visit},{20 + who}\n"
        for who, weeks in ((1, "UNSCHEDULED 3.1,3.1"), (2, "WEEK 2,3"))
        for collected, visit in (("SCREENING,1", "Baseline"), (weeks, "Week 2"))
    )
    found = made(place, {"adlb": text}, "--measure", "ALT:lower:U/L")
    assert [visit["name"] for visit in found["visits"]] == ["baseline", "week_2"]
    (table,) = (of for name, of in found["exports"]["adlb"]["tables"].items() if name == "alt")
    assert table["columns"]["visit"] == "AVISIT"


def test_records_without_a_visit_of_the_analysis_are_not_part_of_the_study(place):
    text = "USUBJID,PARAMCD,PARAM,VISIT,AVISIT,AVAL\n" + "".join(
        f"P{who},ALT,ALT (U/L),{collected},{visit},{20 + who}\n"
        for who in (1, 2)
        for collected, visit in (
            ("SCREENING", ""), ("BASELINE", "Baseline"), ("UNSCHEDULED 3.1", ""), ("W2", "Week 2")
        )
    )  # fmt: skip
    found = made(place, {"adlb": text}, "--measure", "ALT:lower:U/L")
    assert found["exports"]["adlb"]["keep"]["AVISIT"] == ["Baseline", "Week 2"]


def test_a_flag_of_later_records_alone_does_not_leave_out_the_baseline(place):
    text = "USUBJID,PARAMCD,PARAM,AVISIT,AVAL,ABLFL,ANL01FL\n" + "".join(
        f"P{who},ALT,ALT (U/L),{visit},{20 + who},{baseline},{analysed}\n"
        for who in (1, 2)
        for visit, baseline, analysed in (("Baseline", "Y", ""), ("Week 2", "", "Y"))
    )
    found = made(place, {"adlb": text}, "--measure", "ALT:lower:U/L")
    assert [visit["name"] for visit in found["visits"]] == ["baseline", "week_2"]
    assert "ANL01FL" not in found["exports"]["adlb"]["keep"]
