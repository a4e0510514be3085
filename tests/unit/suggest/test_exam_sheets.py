"""Exams as sites keep them become a study whose cells are the right ones, in five languages."""

import exam_files
import pandas as pd
import pytest
from export_files import INSTRUMENTS
from owncontrol.__main__ import main
from owncontrol.ingest.export import ingest_export
from owncontrol.instruments import load_instrument
from owncontrol.study.loading import load_study
from owncontrol.suggest.exam_layout import exam_layout, level_of, said_in

ANAL = ("voluntary_anal_contraction", "deep_anal_pressure")
# Writer, file, codes, visits of the schedule with their days, anal examination as recoded.
LAYOUTS = {
    "english": (exam_files.english_sheets, "a.xlsx", ["P-01", "P-02"],
                {"baseline": 0, "week_6": 42}, ("No", "Yes")),
    "german": (exam_files.german_sheets, "b.xlsx", ["RM-001", "RM-002"],
               {"vor_behandlung": 0, "nach_6_monaten": 183}, ("No", "Yes")),
    "french": (exam_files.french_cells, "c.csv", ["FR01", "FR02"],
               {"avant_traitement": 0, "visit_6_mois": 183}, ("Yes", "No")),
    "spanish": (exam_files.spanish_table, "d.csv", ["ES1", "ES2"],
                {"antes": 0, "visit_6_meses": 183}, ("No", "Yes")),
    "japanese": (exam_files.japanese_sheets, "e.xlsx", ["J01", "J02"],
                 {"baseline": 0, "day_183": 183}, ("No", "Yes")),
}  # fmt: skip


def exams(folder, study):
    """The canonical exams that the study's configuration reads, by subject and visit."""
    instruments = {"isncsci": load_instrument(INSTRUMENTS / "isncsci.yaml")}
    parts, found = [], []
    for export in study.exports.values():
        raw = folder / study.raw / export.file
        read = ingest_export(raw, None, export, instruments, study.characteristics)
        table = read.tables["isncsci"].astype("str")
        mapping = export.tables["isncsci"].recode
        for column, codes in mapping.items():
            table[column] = table[column].map(lambda text, codes=codes: codes.get(text, text))
        parts.append(table)
        found.append(read.findings)
    return pd.concat(parts).set_index(["subject_id", "visit"]), pd.concat(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYOUTS)
def test_exams_with_levels_down_the_rows(tmp_path, monkeypatch, capsys, name):
    write, file, codes, visits, anal = LAYOUTS[name]
    monkeypatch.chdir(tmp_path)
    write(tmp_path / file)
    assert main(["new-study", "new", "--from", file]) == 0
    assert "then: make STUDY=new" in capsys.readouterr().out
    study = load_study({"study": "new"}, tmp_path)
    assert {visit.name: visit.day for visit in study.visits} == visits
    table, findings = exams(tmp_path, study)
    assert sorted(table.index) == sorted((code, visit) for code in codes for visit in visits)
    for number, code in enumerate(codes, start=1):
        for place, visit in enumerate(visits):
            row = table.loc[(code, visit)]
            wanted = exam_files.expected(number, place)
            assert {cell: row[cell] for cell in wanted} == wanted
            assert tuple(row[name].capitalize() for name in ANAL) == anal
    # A muscle where a level has none is an empty cell, and nothing to be told.
    assert not set(findings["rule"]) & {"item_not_mapped", "column_not_mapped"}
    assert not (findings["severity"] == "error").any()
    # No label is proposed that may come before a person's name, nor the text beside it.
    text = (tmp_path / "config/new.yaml").read_text("utf-8")
    assert "Name" not in text and "entfernt" not in text


@pytest.mark.parametrize(
    ("text", "level"),
    [("C2", "c2"), ("Th10", "t10"), ("D1", "t1"), ("s4/5", "s4_5"), ("S4–S5", "s4_5"),
     ("S45", "s4_5"), ("L6", ""), ("T13", ""), ("C1", ""), ("C", ""), ("", "")],
)  # fmt: skip
def test_levels(text, level):
    assert level_of(text) == level


@pytest.mark.parametrize(
    ("text", "said"),
    [("LT R", ("right", "light_touch")), ("Motorik links", ("left", "motor")),
     ("ppL", ("left", "pin_prick")), ("LTR", ("right", "light_touch")), ("ML", ("left", "motor")),
     ("Puntura di spillo dx", ("right", "pin_prick")), ("軽触覚（左）", ("left", "light_touch")),
     ("Remark", ("", "")), ("right and left", ("", ""))],
)  # fmt: skip
def test_what_a_heading_speaks_of(text, said):
    kinds = (("right", "left"), ("light_touch", "pin_prick", "motor"))
    assert tuple(said_in(text, known) for known in kinds) == said


def test_a_table_that_only_has_levels_is_no_exam():
    levels = [row[0] for row in exam_files.rows(1, 0, [0])]
    table = pd.DataFrame({"level": levels, "side": "right", "remark R": "2"})
    assert exam_layout(table, list(table.columns)) is None
