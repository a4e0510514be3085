"""Cuts beside each other in a raw folder: which one is the last, and which look the data are."""

import pytest
from owncontrol.errors import InputError
from owncontrol.study.data_cuts import NOW, earlier_cut
from owncontrol.study.manifest import read_manifest, write_manifest
from small_study import FILES, small_study, write_files

FIRST, SECOND, THIRD = "2026-01-05", "2026-06-05T101500Z", "2026-11-05"


@pytest.fixture
def raw(tmp_path):
    """The raw folder of the small study, without any cut."""
    write_files(tmp_path)
    return tmp_path


def add_cut(raw, name, **changes):
    (raw / "cuts" / name).mkdir(parents=True)
    write_files(raw / "cuts" / name, **changes)


def found(raw, **changes):
    write_manifest(raw)
    return earlier_cut(small_study(**changes), raw, read_manifest(raw))


def sex(text):
    return {"people": ("P2,2", f"P2,{text}")}


def test_without_a_cut_or_with_the_first_there_is_no_earlier_one(raw):
    assert found(raw) is None
    (raw / "cuts/before-0123456789ab").mkdir(parents=True)  # what a pull has put aside
    add_cut(raw, FIRST)
    assert found(raw) is None


def test_the_last_cut_is_the_one_before_the_data_that_are_analysed(raw):
    add_cut(raw, FIRST, **sex("x"))
    add_cut(raw, SECOND, **sex("y"))
    add_cut(raw, THIRD)
    cut = found(raw)
    assert (cut.name, cut.current, cut.look) == (SECOND, THIRD, 3)
    assert cut.files == {name: f"cuts/{SECOND}/{name}" for name in FILES}
    write_files(raw, **sex("y"))  # an older cut is analysed again
    cut = found(raw)
    assert (cut.name, cut.current, cut.look) == (FIRST, SECOND, 2)


def test_raw_files_that_are_no_cut_come_after_all_cuts(raw):
    add_cut(raw, FIRST, **sex("x"))
    add_cut(raw, SECOND, **sex("y"))
    cut = found(raw)
    assert (cut.name, cut.current, cut.look) == (SECOND, NOW, 3)


def test_an_equal_cut_is_no_other_look(raw):
    add_cut(raw, FIRST, **sex("x"))
    add_cut(raw, SECOND, **sex("x"))
    add_cut(raw, THIRD)
    cut = found(raw)
    assert (cut.name, cut.look) == (FIRST, 2)


def test_what_a_cut_does_not_hold_is_the_same_for_every_cut(raw):
    (raw / "cuts" / FIRST).mkdir(parents=True)
    (raw / "cuts" / FIRST / "people.csv").write_text(FILES["people.csv"].replace("P2,2", "P2,9"))
    assert found(raw).files == {"people.csv": f"cuts/{FIRST}/people.csv"}


def test_a_data_dictionary_of_a_pull_has_its_own_name(raw):
    exports = small_study().plain()["exports"]
    exports["people"]["dictionary"] = "people_dictionary.csv"
    (raw / "people_dictionary.csv").write_text("now")
    add_cut(raw, FIRST)
    (raw / "cuts" / FIRST / "dictionary.csv").write_text("then")
    cut = found(raw, exports=exports)
    assert cut.files["people_dictionary.csv"] == f"cuts/{FIRST}/dictionary.csv"


def test_a_cut_without_a_raw_file_of_the_study_is_named(raw):
    (raw / "cuts" / FIRST).mkdir(parents=True)
    (raw / "cuts" / FIRST / "peple.csv").write_text("id\n")
    with pytest.raises(InputError, match=f"{FIRST}: holds no raw file of the study"):
        found(raw)


def test_a_cut_that_no_manifest_lists_is_named(raw):
    write_manifest(raw)
    add_cut(raw, FIRST)
    with pytest.raises(InputError, match=rf"cuts/{FIRST}/\w+\.csv: not listed"):
        earlier_cut(small_study(), raw, read_manifest(raw))
