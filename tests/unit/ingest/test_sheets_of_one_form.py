"""A workbook with a sheet for each patient or exam: found by a pattern, named by their names."""

import copy
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from owncontrol.__main__ import main
from owncontrol.cli.check_study import check_study
from owncontrol.errors import InputError
from owncontrol.study.loading import load_study
from owncontrol.study.several_files import with_files_found
from small_study import CONFIG, clean_small, write_files
from traced_study import PEOPLE, SUBJECTS, check_cells, run_long

WALKS = [["when", "day", "level"], ["before", "2021-02-01", "3"], ["after", "2021-08-01", "9"]]


def xlsx(path, sheets, hidden=()):
    """A workbook of another writer, by sheet its rows."""
    book = xlsxwriter.Workbook(path)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
        if name in hidden:
            sheet.hide()
    book.close()


def exports(folder, sheet="*", columns=None, **entry):
    """The small study whose walks are in a workbook."""
    config: dict[str, Any] = copy.deepcopy(CONFIG) | {"raw": "."}
    mapping = {"subject_id": "{sheet}", "visit": "when", "date": "day", "wisci_level": "level"}
    config["exports"]["walks"] = {
        "file": "walks.xlsx",
        "sheet": sheet,
        "tables": {"wisci2": {"columns": mapping | (columns or {})}},
        **entry,
    }
    return with_files_found(config, folder, "test")["exports"]


@pytest.fixture
def folder(tmp_path):
    write_files(tmp_path)
    (tmp_path / "walks.csv").unlink()
    return tmp_path


def walks(cleaned):
    table = cleaned.tables["wisci2"]
    return list(table[["subject_id", "visit", "wisci_level"]].itertuples(index=False, name=None))


def test_a_sheet_is_a_patient(folder):
    xlsx(folder / "walks.xlsx", {"P1": WALKS, "P2": [WALKS[0], ["before", "2021-03-01", "0"]]})
    found = clean_small(folder, exports=exports(folder))
    assert walks(found) == [("P1", "before", "3"), ("P1", "after", "9"), ("P2", "before", "0")]
    whole = found.flow.loc[found.flow["table"] == "(file)"].set_index("file")
    assert whole.loc[["walks.xlsx (P1)", "walks.xlsx (P2)"], "kept"].tolist() == [2, 1]


def test_a_part_of_the_name_is_the_code(folder):
    xlsx(folder / "walks.xlsx", {"Patient P1": WALKS, "Legend": [["x"]], "Patient P2": WALKS})
    found = clean_small(folder, exports=exports(folder, "Patient *"))
    assert {subject for subject, _, _ in walks(found)} == {"P1", "P2"}


def test_a_sheet_is_an_exam(folder):
    head = ["day", "level"]
    sheets = {
        f"{subject} {visit}": [head, [day, level]]
        for subject, visit, day, level in (
            ("P1", "before", "2021-02-01", "3"),
            ("P1", "after", "2021-08-01", "9"),
            ("P2", "before", "2021-03-01", "0"),
        )
    }
    xlsx(folder / "walks.xlsx", sheets)
    found = clean_small(folder, exports=exports(folder, "* *", {"visit": "{sheet 2}"}))
    assert walks(found) == [("P1", "before", "3"), ("P1", "after", "9"), ("P2", "before", "0")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sheets", "code", "warned"),
    [
        ({"P1 one": ["P1"], "P1 two": ["P1"], "P2 one": ["P2"]}, "id", False),
        ({"Bern": ["P1", "P2"], "Rom": ["P1", "P2"]}, "id", True),
    ],
)
def test_a_code_in_several_sheets_is_told_only_where_a_sheet_has_several(
    folder, sheets, code, warned
):
    head = ["id", "when", "day", "level"]
    later = {"Rom", "P1 two"}
    xlsx(
        folder / "walks.xlsx",
        {
            name: [
                head,
                *([of, *(WALKS[2] if name in later else WALKS[1])] for of in codes),
            ]
            for name, codes in sheets.items()
        },
    )
    config = exports(folder, columns={"subject_id": code})
    for entry in config.values():
        if entry["file"] == "walks.xlsx":
            entry["tables"] |= {"subjects": {"columns": {"subject_id": code}}}
    found = clean_small(folder, exports=config)
    assert ("code_in_several_files" in set(found.findings["rule"])) is warned


def test_hidden_sheets_and_those_that_are_read_elsewhere_do_not_belong(folder):
    xlsx(folder / "walks.xlsx", {"P1": WALKS, "P2": WALKS, "old": WALKS}, hidden=["old"])
    config = exports(folder)
    assert [entry["sheet"] for entry in config.values() if "sheet" in entry] == ["P1", "P2"]
    both = {"more": {"file": "walks.xlsx", "sheet": "P2", "tables": {}}}
    given = {"raw": ".", "exports": both | {"walks": {"file": "walks.xlsx", "sheet": "*"}}}
    found = with_files_found(given, folder, "test")["exports"]
    assert [(name, entry["sheet"]) for name, entry in found.items()] == [
        ("more", "P2"),
        ("walks_p1", "P1"),
    ]


def test_sheets_of_several_files(folder):
    for site, subject in (("a", "P1"), ("b", "P2")):
        xlsx(folder / f"walks-{site}.xlsx", {subject: WALKS})
    found = clean_small(folder, exports=exports(folder, file="walks-*.xlsx"))
    assert {subject for subject, _, _ in walks(found)} == {"P1", "P2"}


def test_a_pattern_that_no_sheet_fits(folder):
    xlsx(folder / "walks.xlsx", {"P1": WALKS})
    with pytest.raises(InputError, match=r"exports\.walks\.sheet: no sheet of walks\.xlsx fits"):
        exports(folder, "Patient *")
    (folder / "walks.xlsx").write_text("no workbook", "utf-8")
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        exports(folder)


def test_a_name_that_may_be_a_persons_is_no_code_and_not_shown(folder):
    xlsx(folder / "walks.xlsx", {"P1": WALKS, "Quellenhofer": WALKS})
    with pytest.raises(InputError, match="one without a digit may be that of a person") as caught:
        clean_small(folder, exports=exports(folder))
    assert "Quellenhofer" not in caught.value.message + caught.value.hint
    allowed = exports(folder, identifiers_allowed=["{sheet}"])
    with pytest.raises(InputError, match="the subjects table has no such subject"):
        clean_small(folder, exports=allowed, subject_id={"pattern": ".+"})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sheet": "P1"}, "subject_id is read from {sheet}, and the export has none"),
        ({"columns": {"visit": "{sheet 2}"}}, "visit is read from {sheet 2}, and the export has"),
        ({"key": "../key"}, "which keyed codes do not replace"),
    ],
)
def test_a_part_of_a_name_that_there_is_not(folder, changes, says):
    xlsx(folder / "walks.xlsx", {"P1": WALKS, "P2": WALKS})
    key = changes.pop("key", "")
    config = copy.deepcopy(CONFIG) | {"raw": ".", "exports": exports(folder, **changes)}
    if key:
        config["subject_code"] = {"key_file": key}
    with pytest.raises(InputError) as caught:
        load_study(config, folder)
    assert says in caught.value.message


def test_every_number_is_followed_to_its_sheet_and_cell(tmp_path):
    (tmp_path / "subj.csv").write_text(SUBJECTS, "utf-8")
    rows = [["visit", "day", "level"], ["base", "2023-05-01", "3"], ["m6", "2023-11-01", "5"]]
    xlsx(tmp_path / "w.xlsx", {"P-01": rows, "P-02": rows})
    columns = {"subject_id": "{sheet}", "visit": "visit", "date": "day", "wisci_level": "level"}
    entry = {"file": "w.xlsx", "sheet": "*", "tables": {"wisci2": {"columns": columns}}}
    given = {"exports": {"people": PEOPLE, "w": entry}, "raw": "."}
    _, results = run_long(tmp_path, with_files_found(given, tmp_path, "t")["exports"])
    expected = {(f"w.xlsx (P-0{n})", row) for n in (1, 2) for row in (2, 3)}
    texts = {f"w.xlsx (P-0{number})": rows for number in (1, 2)}
    assert check_cells(results, tmp_path, texts) == expected


def test_a_new_study_of_a_workbook_with_a_sheet_for_each_patient(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number in range(1, 5):
        sheet = book.create_sheet(f"pat-{number:02d}")
        for row in (("Visit", "walk"), ("Baseline", 100 + number), ("Week 6", 110 + 3 * number)):
            sheet.append(row)
    book.save("x.xlsx")
    options = ["--baseline", "Baseline", "--time-point", "Week 6", "--measure", "walk:higher:m"]
    assert main(["new-study", "new", "--from", "x.xlsx", *options]) == 0
    assert check_study("new", tmp_path) == []
    study = load_study({"study": "new"}, tmp_path)
    assert [export.sheet for export in study.exports.values()] == [
        f"pat-{number:02d}" for number in range(1, 5)
    ]
    assert study.exports["x_pat_01"].tables["walk"].columns["subject_id"] == "{sheet}"
    # Small letters in a code are read as they are.
    assert (study.subject_id.pattern, study.subject_id.upper_case) == ("pat-[0-9]+", False)


def test_sheets_of_other_forms_are_not_put_together(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [["id", "visit", "walk"], ["p1", "before", "3"], ["P1", "after", "5"]]
    xlsx("x.xlsx", {"data": rows, "legend 1": [["code", "meaning"], ["3", "slow"]]})
    options = ["--measure", "walk:higher:m"]
    assert main(["new-study", "new", "--from", "x.xlsx", *options]) == 0
    study = load_study({"study": "new"}, tmp_path)
    assert [export.sheet for export in study.exports.values()] == ["data"]
    # One code, typed in two ways: read as capitals.
    assert (study.subject_id.pattern, study.subject_id.upper_case) == ("P[0-9]+", True)
