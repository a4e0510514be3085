"""A study in words: each way a table is laid out gives a configuration that can be run."""

import shutil
from pathlib import Path

import pytest
from owncontrol.__main__ import main
from owncontrol.cli.check_study import check_study
from owncontrol.study.loading import load_study
from owncontrol.suggest.common_form import common_form

ROOT = Path(__file__).parents[3]
REAL = ROOT.parent / "shared/real"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(place, text, *options, name="x.csv"):
    """The study that new-study makes of a file of this text, checked as a run would."""
    (place / name).write_text(text, "utf-8")
    assert main(["new-study", "new", "--from", name, *options]) == 0
    assert check_study("new", place) == []
    assert "unsure" not in (place / "config/new.yaml").read_text("utf-8").split("exports:")[1]
    return load_study({"study": "new"}, place)


LONG = "id,when,pain\nP1,before,7\nP1,after 4 weeks,5\nP2,before,6\nP2,after 4 weeks,6.5\n"


def test_a_long_table(place):
    study = made(place, LONG, "--visit", "when", "--measure", "pain:lower:points")
    assert [(visit.name, visit.day) for visit in study.visits] == [
        ("before", 0),
        ("after_4_weeks", 28),
    ]
    assert (study.baseline, study.time_point) == ("before", "after_4_weeks")
    assert study.endpoints[0].instrument == "pain"
    assert study.instruments["pain"].unit == "points"


def test_a_heading_with_odd_blanks_is_named_as_it_is_seen(place):
    """Nobody types a no-break space, or sees that there are two."""
    text = LONG.replace("id,when,pain", "id\u2009no,when  seen,pain\u00a0 score")
    study = made(
        place,
        text,
        *("--subject", "id no", "--visit", "when seen", "--visits", "before,after 4 weeks"),
        *("--measure", "pain score:lower:points"),
    )
    assert study.endpoints[0].instrument == "pain_score"
    columns = study.exports["x"].tables["pain_score"].columns
    assert {"".join(str(name).split()) for name in columns.values()} == {
        "idno",
        "whenseen",
        "painscore",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "time_point", "visits"),
    [
        ("VAS vorher,VAS nachher,VAS 3 Monate", "nachher", ["vorher", "nachher", "visit_3_monate"]),
        ("pre,3m,end", "end", ["pre", "visit_3m", "end"]),
        ("Day 0 size,Day 14 size,Day 28 size", "Day 28", ["day_0", "day_14", "day_28"]),
    ],
)
def test_the_order_of_the_columns_is_that_of_the_visits(place, columns, time_point, visits):
    names = columns.split(",")
    rows = "".join(f"M{n},{n + 3},{n + 2},{n * 2}\n" for n in range(1, 5))
    text = f"id,{columns}\n{rows}"
    options = ("--measure", f"size:lower:mm={columns}", "--time-point", time_point)
    study = made(place, text, *options)
    assert [visit.name for visit in study.visits] == visits
    assert (study.baseline, len(study.visits)) == (visits[0], len(names))


def test_a_visit_without_a_day_that_is_asked_for_keeps_its_place(place):
    rows = [
        f"P{n},{visit},{n}"
        for n in range(1, 6)
        for visit in ("Aufnahme", "Entlassung", "3 Monate", "6 Monate")
    ]
    text = "\n".join(["id,wann,wert", *rows, ""])
    options = ("--visit", "wann", "--measure", "wert:lower:mg", "--time-point", "Entlassung")
    study = made(place, text, *options)
    assert [visit.label for visit in study.visits][:2] == ["Aufnahme", "Entlassung"]
    assert (study.baseline, study.time_point) == ("aufnahme", "entlassung")


TESTS = (
    "Pat;Besuch;Parameter;Wert;Einheit\n"
    "P01;Aufnahme;HbA1c;7,4;%\nP01;Aufnahme;CRP;<0,5;mg/L\n"
    "P01;Entlassung;HbA1c;6,9;%\nP01;Entlassung;CRP;negativ;mg/L\n"
    "P02;Aufnahme;HbA1c;8,1;%\nP02;Aufnahme;CRP;<0,5;mg/L\n"
    "P02;Entlassung;HbA1c;8,0;%\nP02;Entlassung;CRP;3,2;mg/L\n"
)


def test_a_test_among_others_whose_results_are_no_numbers(place):
    options = ("--subject", "Pat", "--visit", "Besuch", "--measure", "HbA1c:lower:%")
    study = made(place, TESTS, *options)
    table = study.exports["x"].tables["hba1c"]
    assert table.columns["hba1c"] == "Wert"
    assert dict(study.exports["x"].keep) == {"Parameter": "HbA1c"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "heading", ["subj", "pid", "Participant no", "animal", "Study code", "ptid"]
)
def test_headings_of_study_codes(place, heading):
    """SYNTHETIC codes under names that are in use."""
    text = f"{heading},pre,post\nP1,7,5\nP2,6,6\n"
    study = made(place, text, "--measure", "pain:lower:points=pre,post")
    assert study.exports["x"].tables["pain"].columns["subject_id"] == heading


@pytest.mark.slow
@pytest.mark.parametrize("heading", ["Rat", "rat_id", "RAT no", "Rat number"])
def test_the_column_that_is_called_as_the_subjects_are_has_their_codes(place, heading):
    text = LONG.replace("id,", f"{heading},", 1)
    options = ("--visit", "when", "--measure", "pain:lower:points", "--called", "rat,rats")
    study = made(place, text, *options)
    assert study.exports["x"].tables["pain"].columns["subject_id"] == heading


def test_the_name_of_a_column_of_codes_comes_before_what_subjects_are_called(place):
    text = "rat,subject,when,pain\n1,P1,before,7\n1,P1,later,5\n2,P2,before,6\n2,P2,later,6\n"
    options = ("--visit", "when", "--measure", "pain:lower:points", "--called", "rat,rats")
    study = made(place, text, *options)
    assert study.exports["x"].tables["pain"].columns["subject_id"] == "subject"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("odd", "marked"),
    [
        ("Frau Quellenhofer", True),
        ("山野辺 after", True),
        ("after?", True),
        ("before", False),
    ],
)
def test_a_visit_of_one_patient_is_marked(place, odd, marked):
    cells = [f"P{number},{visit},{number}" for number in range(6) for visit in ("before", "after")]
    cells[-1] = f"P5,{odd},5"
    (place / "x.csv").write_text("\n".join(["id,when,pain", *cells, ""]), "utf-8")
    options = ("--visit", "when", "--visits", "", "--measure", "pain:lower:points")
    said = ("--baseline", "before", "--time-point", "after")
    assert main(["new-study", "new", "--from", "x.csv", *options, *said]) == 0
    lines = (place / "config/new.yaml").read_text("utf-8").splitlines()
    found = [line for line in lines if "unsure: one subject has this visit" in line]
    assert [odd.casefold() in line.casefold() for line in found] == [True] * marked


@pytest.mark.slow
@pytest.mark.parametrize(
    ("header", "columns", "names"),
    [
        (
            "id,pain.pre,pain.2m,pain.6m",
            "pain.pre,pain.2m,pain.6m",
            ["pre", "visit_2m", "visit_6m"],
        ),
        ("id,before,after", "before,after", ["before", "after"]),
        ("id,Prewt,Postwt", "Prewt,Postwt", ["pre", "post"]),
        ("id,score,score2", "score,score2", ["score", "score2"]),
        ("id,V1 SBP,V2 SBP", "V1 SBP,V2 SBP", ["visit_1", "visit_2"]),
    ],
)
def test_a_wide_table(place, header, columns, names):
    numbers = ",".join(str(number) for number in range(len(columns.split(","))))
    text = f"{header}\nP1,{numbers}\nP2,{numbers}\n"
    options = [] if len(names) == 2 else ["--time-point", "6m"]
    study = made(place, text, "--measure", f"pain:lower:points={columns}", *options)
    assert [visit.name for visit in study.visits] == names


def test_visits_are_called_as_was_said(place):
    text = "id,Prewt,Postwt\nP1,80,81\nP2,70,75\n"
    options = ["--visits", "start,1 year", "--measure", "weight:higher:kg=Prewt,Postwt"]
    study = made(place, text, *options)
    assert [(visit.label, visit.day) for visit in study.visits] == [("Start", 0), ("1 year", 365)]


@pytest.mark.slow
@pytest.mark.parametrize("heading", ["rownames", "", "Unnamed: 0", "X"])
def test_row_names_are_the_codes_of_a_wide_table(place, heading):
    text = f"{heading},bdi_pre,bdi_post\n3,7,6\n4,8,5\n"
    study = made(place, text, "--measure", "bdi:lower:points=bdi_pre,bdi_post")
    column = study.exports["x"].tables["bdi"].columns["subject_id"]
    assert column == (heading or "row")
    assert study.endpoints[0].label == "BDI"


def test_rows_without_a_code_are_a_subject_each(place, capsys):
    text = "pre,post\n7,6\n7,6\n8,6\n"
    measure = ["--measure", "pain:lower:points=pre,post"]
    assert "--subject {row} makes each row a subject" in left_of(place, capsys, text, *measure)[0]
    study = made(place, text, *measure, "--subject", "{row}", "--replace")
    assert study.exports["x"].tables["pain"].columns["subject_id"] == "{row}"


def test_measures_named_in_a_column_of_tests(place, capsys):
    text = "id,when,test,result\n" + "".join(
        f"P{who},{when},{test},{who}\n"
        for who in (1, 2)
        for when in ("pre", "post")
        for test in ("SBP", "HR")
    )
    options = ["--visit", "when", "--measure", "SBP:lower:mmHg", "--measure", "HR:lower:bpm"]
    tables = made(place, text, *options).exports["x"].tables
    assert dict(tables["hr"].rows) == {"test": "HR"}
    assert tables["sbp"].columns["sbp"] == "result"
    capsys.readouterr()
    text = text.replace("result\n", "result,other\n").replace("1\n", "1,1\n")
    left = left_of(place, capsys, text.replace("2\n", "2,2\n"), *options[:4], "--replace")
    assert "with --keep test=SBP: result (1, 2); other (1, 2)" in left[0]


def test_visits_made_of_days(place):
    text = "id,day,pain\n" + "".join(f"P{who},{day},5\n" for who in (1, 2) for day in (0, 85, 400))
    options = ["--visit", "day", "--windows", "baseline=0,month 3=60..120"]
    study = made(place, text, *options, "--measure", "pain:lower:points")
    assert [(visit.name, visit.day) for visit in study.visits] == [("baseline", 0), ("month_3", 91)]
    assert study.exports["x"].visit_windows.since_first == ()
    assert "# 2 rows lie in no window" in (place / "config/new.yaml").read_text("utf-8")


def test_visits_made_of_dates(place):
    rows = ["P1;01.02.2021;7", "P1;01.05.2021;5", "P2;20.02.2021;7", "P2;25.05.2021;5"]
    text = "id;Datum;pain\n" + "\n".join(rows) + "\n"
    options = ["--windows", "baseline=0,month 3=60..120", "--measure", "pain:lower:points"]
    study = made(place, text, *options)
    assert study.clock == "baseline"
    made_of = study.exports["x"].visit_windows
    assert made_of.since_first == ("id",)
    # The day that the name speaks of, not the middle of the window.
    assert dict(made_of.targets) == {"baseline": 0, "month_3": 91}
    assert study.exports["x"].tables["pain"].duplicates == "keep_nearest"


def test_a_window_without_rows_is_named(place, capsys):
    text = "id,day,pain\nP1,0,5\nP1,9,5\nP2,0,5\nP2,9,5\n"
    options = ["--visit", "day", "--windows", "baseline=0,month 3=60..120"]
    left = left_of(place, capsys, text, *options, "--measure", "pain:lower:points")
    assert "--windows: no row lies in the window of 'month_3'" in left[0]


def test_a_date_of_birth_is_no_date_of_an_assessment(place):
    # A row each, so that a date of a patient cannot be told from one of a visit.
    text = "id,when,date_of_birth,seen,pain\nP1,baseline,1950-01-02,2021-01-03,5\n"
    text += "P2,week 4,1960-01-02,2021-03-03,5\n"
    study = made(place, text, "--visit", "when", "--measure", "pain:lower:points")
    assert study.exports["x"].tables["pain"].columns["date"] == "seen"


def test_several_rows_of_a_visit_are_told_apart_by_a_column(place, capsys):
    text = "id,when,hour,arm,pain\n" + "".join(
        f"P{who},{when},{hour},a{who},{hour + who}\n"
        for who in (1, 2)
        for when in ("pre", "post")
        for hour in (1, 2)
    )
    options = ["--visit", "when", "--measure", "pain:lower:points"]
    left = left_of(place, capsys, text, *options)
    assert "--keep: pain has several rows of a subject at one visit" in left[0]
    assert left[0].endswith("columns that tell them apart: hour (1, 2)")
    made(place, text, *options, "--keep", "hour=2", "--replace")


@pytest.mark.slow
def test_ratings_in_words(place, capsys):
    text = "id,when,state\nP1,pre,poor\nP1,post,good\nP2,pre,fair\nP2,post,poor\n"
    options = ["--visit", "when", "--measure", "state:higher:points"]
    left = left_of(place, capsys, text, *options)
    assert "its cells hold words; 'poor', 'good', 'fair': say their order" in left[0]
    assert any("still to say: --measure state" in line for line in check_study("new", place))
    left = left_of(place, capsys, text, *options, "--replace", "--words", "state=poor,good")
    assert "leaves out words of its cells; 'fair'" in left[0]
    study = made(place, text, *options, "--replace", "--words", "state=poor,fair,good")
    assert study.instruments["state"].words == ("poor", "fair", "good")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("header", "pain", "is_labelled"),
    [
        ("Study code,Event Name,Worst pain", "Severe", True),
        ("code,redcap_event_name,pain", "Severe", True),
        ("code,redcap_event_name,pain", "2", False),
    ],
)
def test_labels_of_a_redcap_export_are_proposed(place, header, pain, is_labelled):
    (place / "dictionary.csv").write_text(
        "Variable / Field Name,Form Name,Field Type,Field Label,"
        '"Choices, Calculations, OR Slider Labels",Identifier?\n'
        "code,enrol,text,Study code,,\n"
        'pain,visit,radio,Worst pain,"0, None | 2, Severe",\n',
        "utf-8",
    )
    text = f"{header}\n" + "".join(
        f"{who},{visit},{pain}\n" for who in (1, 2) for visit in ("Baseline", "Week 6")
    )
    options = ["--dictionary", "dictionary.csv", "--measure", "pain:lower:points"]
    export = made(place, text, *options).exports["x"]
    assert export.labelled is is_labelled
    assert export.tables["pain"].columns["pain"] == "pain"


def test_hours_with_a_fraction_are_in_the_schedule(place):
    text = "id,hours,conc\n" + "".join(
        f"P{who},{hour},1.5\n" for who in (1, 2) for hour in (0, 0.5, 1, 2, 4)
    )
    options = ["--visit", "hours", "--measure", "conc:lower:mmol/l", "--time-point", "0.5"]
    labels = [visit.label for visit in made(place, text, *options).visits]
    assert labels == ["Hour 0", "Hour 0.5", "Hour 1", "Hour 2", "Hour 4"]


def test_columns_are_added_up(place):
    text = "id,when,a,b\nP1,pre,1,2\nP1,post,3,4\nP2,pre,1,1\nP2,post,2,2\n"
    study = made(place, text, "--visit", "when", "--measure", "sum:higher:points=a+b")
    assert study.instruments["sum"].items == ("a", "b")
    wide = "id,a1,b1,a2,b2\nP1,1,2,3,4\nP2,1,1,2,2\n"
    study = made(place, wide, "--replace", "--measure", "sum:higher:points=a1+b1,a2+b2")
    assert study.instruments["sum"].items == ("a_visit", "b_visit")


def test_several_columns_make_a_code(place):
    text = "site,no,when,x\nA,1,pre,1\nA,1,post,2\nB,1,pre,3\nB,1,post,4\n"
    options = ["--subject", "site,no", "--visit", "when", "--measure", "x:higher:kg"]
    study = made(place, text, *options)
    table = study.exports["x"].tables["x_measured" if "x_measured" in study.instruments else "x"]
    assert table.columns["subject_id"] == ("site", "no")


def test_rows_of_an_arm_are_kept(place):
    text = "id,arm,pre,post\nP1,a,1,2\nP2,b,3,4\nP3,a,5,6\n"
    options = ["--keep", "arm=a", "--measure", "pain:lower:points=pre,post"]
    study = made(place, text, *options, "--important-difference", "pain=2:Farrar 2001")
    assert study.exports["x"].keep == {"arm": ("a",)} or study.exports["x"].keep == {"arm": "a"}
    assert study.endpoints[0].important_difference.source == "Farrar 2001"


@pytest.mark.slow
@pytest.mark.parametrize("arms", ["a", "1"])
def test_arms_are_described_side_by_side(place, arms):
    text = f"id,Study arm,pre,post\nP1,{arms},1,2\nP2,2,3,4\nP3,{arms},5,6\n"
    options = ["--arms", "Study arm", "--measure", "pain:lower:points=pre,post"]
    study = made(place, text, *options)
    assert study.arms == "study_arm"
    (arm,) = study.characteristics
    assert (arm.name, arm.label, arm.type) == ("study_arm", "Study arm", "category")
    assert study.exports["x"].tables["subjects"].columns["study_arm"] == "Study arm"
    assert "--arms 'Study arm'" in (place / "config/new.yaml").read_text("utf-8")
    study = made(place, text, *options, "--describe", "Study arm", "--replace")
    assert [item.name for item in study.characteristics] == ["study_arm"]


def test_arms_that_no_column_has_are_asked_for(place, capsys):
    text = "id,arm,pre,post\nP1,a,1,2\nP2,b,3,4\n"
    options = ["--arms", "arms", "--measure", "pain:lower:points=pre,post"]
    left = left_of(place, capsys, text, *options)
    assert any(
        "--arms: no file has the column 'arms'; did you mean 'arm'?" in line for line in left
    )


def test_a_column_of_dates_is_not_offered_for_the_visits(place, capsys):
    text = "id,seen,pain\nA,2024-01-08,7\nA,2024-03-04,4\nB,2024-01-15,6\nB,2024-03-11,6\n"
    (line,) = [
        line
        for line in left_of(place, capsys, text, "--measure", "pain:lower:points")
        if "--visit" in line
    ]
    assert "columns that would do: none; or, where" in line


def left_of(place, capsys, text, *options):
    """What new-study says is left to do."""
    (place / "x.csv").write_text(text, "utf-8")
    assert main(["new-study", "new", "--from", "x.csv", *options]) == 0
    assert (place / "config/new.yaml").is_file()
    return capsys.readouterr().out.splitlines()[1:]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--measure", "pein:lower:points"], "no file has the column 'pein'; did you mean 'pain'?"),
        (["--measure", "Pai:lower:points"], "no file has the column 'Pai'; did you mean 'pain'?"),
        (["--measure", "pain:lower:points"], "--visit: which column of x.csv says at which visit"),
        (
            ["--measure", "pain:lower:points", "--visit", "wen"],
            "(not wen)? did you mean 'when'?",
        ),
        (
            ["--measure", "pain:lower:points", "--visit", "when", "--subject", "ids"],
            "--subject: which column",
        ),
        (
            ["--measure", "pain:lower:points", "--visit", "when", "--keep", "when=befor"],
            "no row has when 'befor'; did you mean 'before'?",
        ),
        (
            ["--measure", "pain:lower:points", "--visit", "when", "--baseline", "first"],
            "--baseline: there is no visit 'first'",
        ),
        (
            ["--measure", "pain:lower:points", "--visit", "when", "--time-point", "before"],
            "--time-point: before is the baseline",
        ),
        (["--measure", "pain:lower:points=pain,colour,id", "--visits", "a,b"], "3 columns for 2"),
    ],
)
def test_a_missing_word_is_asked_for_by_its_option(place, capsys, options, said):
    text = LONG if "--subject" not in options else LONG.replace("id,", "nr,")
    if "--visit" not in options:
        text = text.replace("when", "colour").replace("before", "a").replace("after 4 weeks", "b")
    left = left_of(place, capsys, text, *options)
    assert any(said in line for line in left), left
    assert "then: the same command with these options and --replace" in left[-2]
    assert left[-1].strip() == "then: make check STUDY=new"
    text = (place / "config/new.yaml").read_text("utf-8")
    assert "# still to say: " in text


def test_several_later_visits_are_asked_for(place, capsys):
    text = "id,pre,m1,m2\nP1,1,2,3\n"
    left = left_of(place, capsys, text, "--measure", "pain:lower:points=pre,m1,m2")
    assert "--time-point: at which visit is the change from pre the main result?" in left[0]
    assert "m1, m2" in left[0]


@pytest.mark.slow
def test_an_unfinished_study_is_replaced_only_when_that_is_said(place, capsys):
    left_of(place, capsys, LONG, "--measure", "pain:lower:points")
    again = ["new-study", "new", "--from", "x.csv", "--visit", "when"]
    again += ["--measure", "pain:lower:points"]
    assert main(again) == 1
    assert "exists already" in capsys.readouterr().err
    assert main([*again, "--replace"]) == 0
    assert check_study("new", place) == []
    # From its own raw files, as the head of the configuration says.
    assert main(["new-study", "new", "--from", "data/raw/new/x.csv", *again[4:], "--replace"]) == 0
    assert check_study("new", place) == []


def test_a_study_of_another_hand_is_never_replaced(place, capsys):
    (place / "config").mkdir()
    (place / "config/new.yaml").write_text("mine\n", "utf-8")
    (place / "x.csv").write_text(LONG, "utf-8")
    assert main(["new-study", "new", "--from", "x.csv", "--replace"]) == 1
    assert (place / "config/new.yaml").read_text("utf-8") == "mine\n"


@pytest.mark.parametrize(
    ("names", "form"),
    [
        (["bdi.pre", "bdi.2m"], ("bdi.{visit}", ["pre", "2m"])),
        (["Prewt", "Postwt"], ("{visit}wt", ["Pre", "Post"])),
        (["x_6m", "x_16m"], ("x_{visit}", ["6m", "16m"])),
        (["a1", "a2"], ("a{visit}", ["1", "2"])),
        (["before", "after"], ("{visit}", ["before", "after"])),
        (["score", "score2"], ("{visit}", ["score", "score2"])),
        (["VAS.t0.mm", "VAS.t1.mm"], ("VAS.t{visit}.mm", ["0", "1"])),
        (["Day 0 volume", "Day 14 volume"], ("{visit} volume", ["Day 0", "Day 14"])),
        (["week_0_pain", "week_8_pain"], ("{visit}_pain", ["week_0", "week_8"])),
        (["VAS 3 Monate", "VAS 6 Monate"], ("VAS {visit}", ["3 Monate", "6 Monate"])),
        (["Visit 1 score", "Visit 2 score"], ("Visit {visit} score", ["1", "2"])),
    ],
)
def test_the_visit_in_column_names(names, form):
    assert common_form(names) == form
    template, parts = form
    assert [template.replace("{visit}", part) for part in parts] == names


SETS = {
    "sleep": (
        ["sleep/sleep.csv"],
        ["--subject", "ID", "--visit", "group", "--baseline", "1", "--time-point", "2"],
        ["extra:higher:hours"],
    ),
    "anorexia": (
        ["anorexia/anorexia.csv"],
        ["--keep", "Treat=FT", "--visits", "before,after"],
        ["weight:higher:lb=Prewt,Postwt"],
    ),
    "beat-the-blues": (
        ["beat_the_blues/BtheB.csv"],
        [
            *("--subject", "rownames", "--visits", "pre,2m,4m,6m,8m", "--time-point", "2m"),
            *("--keep", "treatment=BtheB", "--missing", "NA", "--important-difference", "bdi=5"),
            *("--describe", "drug,length"),
        ],
        ["bdi:lower:points=bdi.pre,bdi.2m,bdi.4m,bdi.6m,bdi.8m"],
    ),
    "back-pain": (
        ["back_pain/backpain_long.csv"],
        ["--subject", "id", "--visit", "time", "--keep", "group=1", "--missing", "NaN"],
        ["pain_avg:lower:points", "odi:lower:points", "bpi_interference:lower:points"],
    ),
    "cdisc": (
        [f"cdisc_pilot/{name}.xpt" for name in ("dm", "ex", "ae", "qsco")],
        ["--keep", "ACTARMCD=Xan_Lo", "--time-point", "WEEK 24"],
        ["ACTOT:lower:points"],
    ),
    "cognition": (
        ["redcap_repeating/data.csv"],
        ["--visit", "redcap_repeat_instance", "--time-point", "10"],
        ["cog:higher:points=cog_1+cog_2+cog_3"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("study", SETS)
def test_public_data_need_one_command_and_no_editing(place, study):
    files, options, measures = SETS[study]
    if not (REAL / files[0]).is_file():
        pytest.skip("../shared/real is absent")
    for name in files:
        shutil.copyfile(REAL / name, place / Path(name).name)
    options = [*options, *(word for text in measures for word in ("--measure", text))]
    names = [Path(name).name for name in files]
    assert main(["new-study", study, "--from", *names, *options]) == 0
    assert check_study(study, place) == []


def test_no_value_of_a_cell_is_in_an_unfinished_configuration(place, capsys):
    text = "who,arm,colour,pain\nAnna Meyer,canary-a,canary-b,1\nBo Ek,canary-c,canary-d,2\n"
    left = left_of(place, capsys, text, "--measure", "pain:lower:points", "--keep", "arm=none")
    assert any("canary" in line for line in left)  # the person is shown what would do
    written = (place / "config/new.yaml").read_text("utf-8")
    assert "# still to say: --subject: which column of x.csv" in written
    for value in ("canary", "Meyer", "Bo Ek"):
        assert value not in written


def test_the_command_in_the_head_is_one_that_a_shell_reads(place):
    import shlex

    title = "Pain -- a 'title' --visit of no one"
    made(place, LONG, "--visit", "when", "--measure", "pain:lower:points", "--title", title)
    text = (place / "config/new.yaml").read_text("utf-8")
    head = [line[4:] for line in text.splitlines() if line.startswith("#   ")]
    words = shlex.split("\n".join(head))
    assert words[words.index("--title") + 1] == title
    assert words[words.index("--visit") + 1] == "when"


def test_a_first_column_that_is_not_the_codes_is_ignored_by_name(place):
    text = "rownames,weight,Time,Rat\n1,240,1,1\n2,250,8,1\n3,225,1,2\n4,230,8,2\n"
    study = made(place, text, "--subject", "Rat", "--visit", "Time", "--measure", "weight:higher:g")
    assert list(study.exports["x"].ignored) == ["rownames"]
