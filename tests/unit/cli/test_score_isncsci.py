"""The command that classifies a file of exams."""

import io

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from owncontrol.__main__ import main
from owncontrol.cli import score_isncsci
from owncontrol.isncsci import cells, classify


def exams(count=3):
    """Exams of a cervical injury, with a patient code."""
    rows = []
    for number in range(count):
        row = {name: "2" if name.endswith(("c2", "c3", "c4")) else "0" for name in cells.ALL_CELLS}
        row |= {"voluntary_anal_contraction": "No", "deep_anal_pressure": "No"}
        row |= {f"{side}_lowest_non_key_muscle": "" for side in ("right", "left")}
        row |= {"right_motor_c5": str(number % 6), "left_pin_prick_s3": "NT"}
        rows.append({"patient": f"P{number}", **row})
    return pd.DataFrame(rows)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_file_is_classified_as_its_table_is(tmp_path, suffix, capsys):
    table = exams()
    path = tmp_path / f"exams{suffix}"
    if suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        book = openpyxl.Workbook()
        for row in [list(table.columns), *table.to_numpy().tolist()]:
            book.active.append([int(cell) if cell.isdecimal() else cell or None for cell in row])
        book.save(path)
    assert main(["score-isncsci", str(path), "-o", str(tmp_path / "out.csv")]) == 0
    assert "3 exams classified" in capsys.readouterr().err
    written = pd.read_csv(tmp_path / "out.csv", dtype=str, keep_default_na=False)
    assert written["patient"].tolist() == ["P0", "P1", "P2"]
    expected = classify(table[list(cells.ALL_CELLS)])
    assert written[list(cells.OUTPUTS)].to_numpy().tolist() == expected.to_numpy().tolist()


@pytest.mark.slow
def test_the_result_goes_to_standard_output_and_non_key_columns_may_be_absent(tmp_path, capsys):
    table = exams(1).drop(columns=["right_lowest_non_key_muscle", "left_lowest_non_key_muscle"])
    table.to_csv(tmp_path / "exams.csv", index=False)
    assert main(["score-isncsci", str(tmp_path / "exams.csv")]) == 0
    header, row = capsys.readouterr().out.strip().split("\n")
    assert header == ",".join(["patient", *cells.OUTPUTS])
    assert row.startswith("P0,C4,C4,C4,C4,C4,C,A,")


def test_every_cell_that_is_not_permitted_gets_its_line(tmp_path, capsys):
    table = exams()
    table.loc[2, "right_motor_c5"] = "3"  # permitted
    table.loc[2, "left_light_touch_t4"] = "3"
    table.loc[0, "left_motor_s1"] = "6"
    table.to_csv(tmp_path / "exams.csv", index=False)
    out = tmp_path / "out.csv"
    assert main(["score-isncsci", str(tmp_path / "exams.csv"), "-o", str(out)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "row 2, column left_motor_s1: '6' is not permitted; permitted: 0 to 5 or NT" in lines[0]
    assert "row 4, column left_light_touch_t4: '3'" in lines[1]
    assert "Hint" in lines[2]
    assert not out.exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.csv", None, "no such file"),
        ("exams.doc", "x", "allowed: .csv, .xlsx"),
        ("exams.csv", "", "empty"),
        ("exams.csv", "patient\nP1\n", "column"),
        ("exams.xlsx", "no workbook", "workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_and_a_hint(
    tmp_path, capsys, name, content, message
):
    if content is not None:
        (tmp_path / name).write_text(content)
    assert main(["score-isncsci", str(tmp_path / name)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert message in lines[0]


class Terminal(io.StringIO):
    """A standard error that people look at."""

    def isatty(self):
        return True


@pytest.mark.slow
@pytest.mark.parametrize("rows", [3, 40])
def test_a_long_file_has_a_progress_bar_and_a_short_one_none(tmp_path, monkeypatch, rows):
    monkeypatch.setattr(score_isncsci, "BLOCK", 10)
    monkeypatch.setattr(score_isncsci, "LONG_FILE", 5000)
    exams(rows).to_csv(tmp_path / "exams.csv", index=False)
    seen = Terminal()
    monkeypatch.setattr("sys.stderr", seen)
    assert (
        main(["score-isncsci", str(tmp_path / "exams.csv"), "-o", str(tmp_path / "out.csv")]) == 0
    )
    assert ("40/40" in seen.getvalue()) == (rows == 40)
    assert ("reading" in seen.getvalue()) == (rows == 40)
    assert len(pd.read_csv(tmp_path / "out.csv")) == rows


def write_exams(table, path, encoding="utf-8", **options):
    path.write_bytes(table.to_csv(index=False, **options).encode(encoding))
    return str(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("encoding", "options", "given"),
    [
        ("utf-8", {"sep": ";"}, []),
        ("utf-16", {"sep": "\t"}, []),
        ("cp932", {"sep": ",", "lineterminator": "\r"}, []),
        ("utf-8", {"sep": "|"}, ["--delimiter", "|", "--encoding", "utf-8"]),
        ("utf-16-be", {"sep": "\t"}, ["--delimiter", "\\t", "--encoding", "utf-16-be"]),
    ],
)
def test_any_delimited_text_is_classified(tmp_path, capsys, encoding, options, given):
    table = exams().assign(patient=["①歩", "髙", "㈱"] if encoding == "cp932" else "P")
    path = write_exams(table, tmp_path / "exams.txt", encoding, **options)
    assert main(["score-isncsci", path, *given]) == 0
    said = capsys.readouterr()
    written = pd.read_csv(io.StringIO(said.out), dtype=str, keep_default_na=False)
    assert written["patient"].tolist() == table["patient"].tolist()
    expected = classify(table[list(cells.ALL_CELLS)])
    assert written[list(cells.OUTPUTS)].to_numpy().tolist() == expected.to_numpy().tolist()
    assert ("encoding 'cp932' is a guess" in said.err) == (encoding == "cp932")


def test_a_sheet_is_named_and_others_are_said(tmp_path, capsys):
    table, path = exams(2), tmp_path / "exams.xlsx"
    with pd.ExcelWriter(path) as writer:
        pd.DataFrame({"about": ["x"]}).to_excel(writer, sheet_name="About", index=False)
        table.to_excel(writer, sheet_name="Exams", index=False)
    assert main(["score-isncsci", str(path)]) == 1
    said = capsys.readouterr().err
    assert "sheet 'About' is a guess: the workbook also has Exams" in said
    assert main(["score-isncsci", str(path), "--sheet", "Exams"]) == 0
    assert "guess" not in capsys.readouterr().err


def test_a_statistical_file_is_classified(tmp_path, capsys):
    table = exams().drop(columns=["right_lowest_non_key_muscle", "left_lowest_non_key_muscle"])
    pyreadstat.write_dta(table, str(tmp_path / "exams.dta"))
    assert main(["score-isncsci", str(tmp_path / "exams.dta")]) == 0
    assert "3 exams classified" in capsys.readouterr().err


@pytest.mark.slow
def test_a_column_that_is_a_result_is_carried_over_as_the_recorded_one(tmp_path, capsys):
    table = exams(2).assign(asia_impairment_scale=["B", "C"], motor_total="x")
    path = write_exams(table, tmp_path / "exams.csv")
    assert main(["score-isncsci", path]) == 0
    said = capsys.readouterr()
    written = pd.read_csv(io.StringIO(said.out), dtype=str)
    assert written["recorded_asia_impairment_scale"].tolist() == ["B", "C"]
    assert written["asia_impairment_scale"].tolist() == ["A", "A"]
    assert said.out.splitlines()[0].split(",").count("asia_impairment_scale") == 1
    assert "asia_impairment_scale as recorded_asia_impairment_scale" in said.err
    table["recorded_asia_impairment_scale"] = "D"
    path = write_exams(table, tmp_path / "exams.csv")
    assert main(["score-isncsci", path]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "'asia_impairment_scale' and 'recorded_asia_impairment_scale'" in lines[0]


@pytest.mark.slow
def test_cells_are_read_as_cleaning_reads_them(tmp_path, capsys):
    table = exams()
    plain = table.copy()
    table.loc[0, "right_motor_c5"] = " ０ "
    table.loc[1, "right_motor_c5"] = "1.0"
    table.loc[2, "left_pin_prick_s3"] = "ＮＴ"
    path = write_exams(table, tmp_path / "exams.csv")
    assert main(["score-isncsci", path]) == 0
    written = pd.read_csv(io.StringIO(capsys.readouterr().out), dtype=str, keep_default_na=False)
    expected = classify(plain[list(cells.ALL_CELLS)])
    assert written[list(cells.OUTPUTS)].to_numpy().tolist() == expected.to_numpy().tolist()
    table.loc[1, "right_motor_c5"] = "1¹"
    assert main(["score-isncsci", write_exams(table, tmp_path / "exams.csv")]) == 1
    assert "row 3, column right_motor_c5: '1¹' is not permitted" in capsys.readouterr().err


def test_a_muscle_that_earlier_editions_took_as_normal(tmp_path, capsys):
    table = exams()
    table.loc[0, "right_motor_c5"], table.loc[1, "left_motor_c6"] = "5*", "5* "
    path, out = tmp_path / "exams.csv", tmp_path / "out.csv"
    table.to_csv(path, index=False)
    assert main(["score-isncsci", str(path), "-o", str(out)]) == 0
    said = capsys.readouterr().err
    assert "5* read as 5 in 2 cells; editions before 2019" in said
    as_five = table.replace({"5*": "5", "5* ": "5"})
    expected = classify(as_five[list(cells.ALL_CELLS)])
    written = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert written[list(cells.OUTPUTS)].to_numpy().tolist() == expected.to_numpy().tolist()


def test_no_sensation_is_marked_like_that(tmp_path, capsys):
    table = exams(1)
    table.loc[0, "right_light_touch_c5"] = "5*"
    table.to_csv(tmp_path / "exams.csv", index=False)
    assert main(["score-isncsci", str(tmp_path / "exams.csv")]) == 1
    assert "right_light_touch_c5: '5*' is not permitted" in capsys.readouterr().err
