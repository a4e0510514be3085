"""The bytes that are read are the bytes that the MANIFEST lists."""

import os

import pytest
from owncontrol.basics.chains import read_chain
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.study.manifest import (
    HISTORY,
    explained_changes,
    read_manifest,
    record_files,
    verified,
    write_manifest,
)


def test_bytes_that_nobody_touches_pass(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    with verified({str(path): sha256(path)}):
        assert path.read_text() == "x\n1\n"


def test_other_bytes_than_listed_are_refused_before_they_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    expected = sha256(path)
    stat = path.stat()
    path.write_text("x\n2\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(InputError, match=r"a\.csv: altered"), verified({str(path): expected}):
        raise AssertionError("read all the same")


@pytest.mark.parametrize("way", ["edited and put back", "replaced and put back", "removed"])
def test_a_change_while_it_is_read_is_refused(tmp_path, way):
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    expected, stat = sha256(path), path.stat()
    meant = pytest.raises(InputError, match=r"a\.csv: (was changed|cannot be read)")
    with meant as error, verified({str(path): expected}):
        if way == "removed":
            path.unlink()
        elif way == "edited and put back":
            path.write_text("x\n2\n")
            path.write_text("x\n1\n")
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        else:
            other = tmp_path / "b.csv"
            other.write_text("x\n1\n")
            os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            other.replace(path)
    assert "\n" not in error.value.message


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(InputError, match="cannot be read"), verified({str(tmp_path / "no"): "0"}):
        pass


@pytest.fixture
def raw(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "b.csv").write_text("x\n1\n")
    write_manifest(tmp_path)
    return tmp_path


def test_new_files_need_no_reason(raw):
    (raw / "c.csv").write_text("x\n")
    assert record_files(raw, "", "") == (raw / "MANIFEST", 0)
    assert set(read_manifest(raw)) == {"a.csv", "b.csv", "c.csv"}
    assert not (raw / HISTORY).exists()


@pytest.mark.parametrize("way", ["edited", "removed", "renamed"])
def test_a_change_of_a_listed_file_needs_a_reason(raw, way):
    before = (raw / "MANIFEST").read_bytes()
    if way == "edited":
        (raw / "a.csv").write_text("x\n2\n")
    elif way == "removed":
        (raw / "a.csv").unlink()
    else:
        (raw / "a.csv").rename(raw / "c.csv")
    with pytest.raises(InputError, match=r"a\.csv: changed since MANIFEST was written"):
        record_files(raw, " ", "")
    assert (raw / "MANIFEST").read_bytes() == before
    assert record_files(raw, "sent again", "Ada")[1] == 1
    (link,) = read_chain(raw / HISTORY)
    assert link.entry["old"] and link.entry["why"] == "sent again" and link.entry["who"] == "Ada"
    assert HISTORY not in read_manifest(raw)


def test_a_history_that_was_edited_stops_the_next_change(raw):
    for text in "23":
        (raw / "a.csv").write_text(text)
        record_files(raw, "sent again", "Ada")
    path = raw / HISTORY
    path.write_text(path.read_text().replace("Ada", "Bob", 1))
    (raw / "a.csv").write_text("4")
    before = (raw / "MANIFEST").read_bytes()
    with pytest.raises(InputError, match=r"MANIFEST\.history, line 2: does not follow"):
        record_files(raw, "sent again", "Ada")
    assert (raw / "MANIFEST").read_bytes() == before


def test_several_changes_lead_from_the_first_hash_to_the_last(raw):
    old = read_manifest(raw)["a.csv"]
    for text in "23":
        (raw / "a.csv").write_text(text)
        record_files(raw, "sent again", "")
    new = read_manifest(raw)["a.csv"]
    assert explained_changes(raw, str(raw / "a.csv"), old, new)
    assert not explained_changes(raw, str(raw / "a.csv"), old, "0" * 64)
    assert not explained_changes(raw, str(raw / "b.csv"), old, new)


@pytest.mark.parametrize("change", ["cut off", "replaced", "removed"])
def test_a_reader_that_breaks_as_its_file_changes_is_told_of_the_change(tmp_path, change):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")

    def read() -> None:
        with verified({str(path): sha256(path)}):
            if change == "cut off":
                path.write_text("a,")
            elif change == "replaced":
                (tmp_path / "b.csv").write_text("a,b\n1,2\n")
                (tmp_path / "b.csv").replace(path)
            else:
                path.unlink()
            raise ValueError("a row of one cell")

    with pytest.raises(InputError, match=r"a\.csv: (was changed while it was read|cannot be read)"):
        read()


def test_a_reader_that_breaks_by_itself_says_why(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="a row"), verified({str(path): sha256(path)}):
        raise ValueError("a row of one cell")
