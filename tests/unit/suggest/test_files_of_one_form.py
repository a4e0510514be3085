"""Files with the same columns: a visit each, a site each, or parts of one table."""

import pytest
from owncontrol.study.exports import FILE
from owncontrol.suggest.drafted_study import drafted_study
from owncontrol.suggest.files_of_one_form import with_files_of_one_form
from owncontrol.suggest.raw_file import read_raw_file
from owncontrol.suggest.request import AskedMeasure, Request

ROWS = {"A1": 8, "A2": 7, "A3": 9}


def write(folder, name, head="id,score", rows=ROWS):
    path = folder / name
    path.write_text(f"{head}\n" + "".join(f"{code},{value}\n" for code, value in rows.items()))
    return path


def drafted(*paths, names=("score",), **asked):
    measures = tuple(
        AskedMeasure(name=name, direction="lower", unit="points", columns=()) for name in names
    )
    return drafted_study(Request(name="two", exports=paths, measures=measures, **asked))


@pytest.mark.parametrize(
    ("names", "entry", "parts"),
    [
        (("pre.csv", "post.csv"), "*.csv", ["pre", "post"]),
        (("wk 2.csv", "wk 10.csv"), "wk *.csv", ["2", "10"]),
        (("pain_pre_v1.csv", "pain_post_v1.csv"), "pain_*_v1.csv", ["pre", "post"]),
        (("a.csv", "b.txt"), ("a.csv", "b.txt"), ["a", "b"]),
    ],
)
def test_files_of_one_form_are_read_as_one_that_names_them(tmp_path, names, entry, parts):
    files = [read_raw_file(write(tmp_path, name), None) for name in names]
    [one] = with_files_of_one_form(files)
    assert one.entry == entry
    assert list(dict.fromkeys(one.cells[FILE])) == parts


def test_a_pattern_fits_no_file_of_another_form(tmp_path):
    files = [read_raw_file(write(tmp_path, name), None) for name in ("pre.csv", "post.csv")]
    other = read_raw_file(write(tmp_path, "notes.csv", "code,said"), None)
    found = with_files_of_one_form([*files, other])
    assert [raw.entry for raw in found] == [("pre.csv", "post.csv"), ""]


def test_two_sets_of_files_have_names_of_their_own(tmp_path):
    pain = [write(tmp_path, f"pain-{name}.csv") for name in ("pre", "post")]
    walk = [write(tmp_path, f"walk-{name}.csv", "id,walk") for name in ("pre", "post")]
    study = drafted(*pain, *walk, names=("score", "walk"))
    assert not study.missing
    named = {export.key: export.entry for export in study.exports}
    assert named == {"files": "pain-*.csv", "files_2": "walk-*.csv"}


def test_a_file_for_each_visit_needs_no_column_of_visits(tmp_path):
    study = drafted(write(tmp_path, "pre.csv"), write(tmp_path, "post.csv"))
    assert not study.missing
    [export] = study.exports
    [table] = [table for table in export.tables if table.name == "score"]
    assert table.columns["visit"].column == FILE
    assert [visit.name for visit in study.visits] == ["pre", "post"]


@pytest.mark.parametrize(
    ("subject", "said"),
    [(("id",), "--subject: 2 of the codes are in several files"), ((FILE, "id"), "")],
)
def test_sites_that_count_their_patients_from_1_are_told_apart(tmp_path, subject, said):
    rows = {"1,pre": 5, "1,post": 3, "2,pre": 6, "2,post": 2}
    paths = [write(tmp_path, name, "id,visit,score", rows) for name in ("bern.csv", "rome.csv")]
    study = drafted(*paths, subject=subject, baseline="pre", time_point="post")
    told = " ".join(str(part) for part in study.missing)
    assert said in told if said else not told
    assert len(study.exports) == 1
