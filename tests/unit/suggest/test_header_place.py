"""Where a header stands: titles, groups over names, empty corners, and files that need nothing."""

import openpyxl
import pytest
from owncontrol.suggest.header_place import header_place, own_names

CSV = {"format": "csv", "delimiter": ";"}
LEVELS = ["C2", "C3", "C4", "C5", "C6", "C7", "C8", "T1", "T2", "T3", "T4"]
PLACES = {
    "a plain table": ("id;when;x\nP1;pre;1\nP1;post;2\n", {}),
    "names that are numbers": ("id;0;8;26\nP1;1;2;3\n", {}),
    "texts alone": ("id;when;sex\nP1;pre;m\nP2;pre;w\n", {}),
    "a title and a blank row": ("Export 2022;;\n;;\nid;when;x\nP1;pre;1\n", {"title_rows": 2}),
    "pairs of label and value above": (
        "Centre;Bern;\nPrinted;03.02.2022;\nid;when;x\nP1;pre;1\nP1;post;2\n", {"title_rows": 2},
    ),
    "groups over names": (
        "id;Right;;Left;\n;LT;PP;LT;PP\nP1;1;2;1;2\nP2;0;2;1;2\n", {"header_rows": 2},
    ),
    "groups that say nothing new": (
        ";Arms;;Legs;\nid;grip;reach;step;stand\nP1;1;2;1;2\n", {"title_rows": 1},
    ),
    "title and groups": (
        "Ward 3;;;;\n;;;;\nid;Pre;;Post;\n;x;y;x;y\nP1;1;2;1;2\n",
        {"title_rows": 2, "header_rows": 2},
    ),
    "three rows": (
        "id;Right;;;\n;Arm;;Leg;\n;a;b;a;b\nP1;1;2;1;2\n", {"header_rows": 3},
    ),
    "the corner above levels": (
        ";LT R;LT L\n" + "".join(f"{level};1;2\n" for level in LEVELS),
        {"column_names": {"1": "level"}},
    ),
    "row names as R and pandas write them": (
        ";x;y\n1;5;6\n2;5;7\n", {"column_names": {"1": "row"}},
    ),
    "row names below a header that is shorter": (
        '"x";"y"\n"1";5;6\n"2";5;7\n', {"column_names": {"1": "row"}},
    ),
    "a title in quotes": (
        '"Ward 3";"May"\nid;when;x\nP1;pre;1\nP2;pre;2\n', {"title_rows": 1},
    ),
    "no row names, as they come again": (";x;y\n1;5;6\n1;5;7\n", {}),
    "a name that is missing is no group": ("id;;x\nP1;a;1\nP2;a;2\n", {}),
    "a file without a header": ("1;2;3\n4;5;6\n", {}),
    "a line that names the delimiter": ("sep=;\nTitle;;\nid;when;x\nP1;pre;1\n", {"title_rows": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_where_the_header_stands(tmp_path, name):
    text, place = PLACES[name]
    (tmp_path / "x.csv").write_text(text, "utf-8")
    assert header_place(tmp_path / "x.csv", CSV) == place


def test_merged_cells_of_a_workbook_count_for_all_their_columns(tmp_path):
    book = openpyxl.Workbook()
    for row in [
        ["Title"],
        ["id", "Right", None, "Left"],
        [None, "LT", "PP", "LT"],
        ["P1", 1, 2, 0],
    ]:
        book.active.append(row)
    book.active.merge_cells("A1:D1")
    book.active.merge_cells("A2:A3")
    book.active.merge_cells("B2:C2")
    book.save(tmp_path / "x.xlsx")
    options = {"format": "excel"}
    place = header_place(tmp_path / "x.xlsx", options)
    assert place == {"title_rows": 1, "header_rows": 2}
    names = ["id", "Right LT", "Right PP", "Left LT"]
    # A part of a name stands for the column where no other has it.
    assert own_names(tmp_path / "x.xlsx", {**options, **place}, names) == {"Right PP": "PP"}
