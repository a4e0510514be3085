"""Files are whole or not there; the manifest knows an altered one."""

import os
from pathlib import Path

import pytest
from owncontrol.errors import InputError
from owncontrol.files import sha256, whole_file, write_text
from owncontrol.study.manifest import check_file, listed_hash, read_manifest, write_manifest


def test_a_file_that_failed_leaves_the_earlier_one(tmp_path):
    path = tmp_path / "table.csv"
    write_text(path, "earlier")
    with pytest.raises(RuntimeError), whole_file(path) as partial:
        partial.write_text("half")
        raise RuntimeError("killed")
    assert path.read_text() == "earlier"
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]


@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe"])
def test_nothing_is_written_through_what_was_left_at_the_temporary_name(tmp_path, kind):
    outside, path = tmp_path / "outside.txt", tmp_path / "made/table.csv"
    outside.write_text("of somebody else")
    path.parent.mkdir()
    planted = path.with_name(".table.partial.csv")
    if kind == "pipe":
        os.mkfifo(planted)
    else:
        planted.symlink_to(outside if kind == "link" else tmp_path / "new.txt")
    write_text(path, "made")
    assert path.read_text() == "made" and not path.is_symlink()
    assert outside.read_text() == "of somebody else"
    assert not (tmp_path / "new.txt").exists()
    assert [file.name for file in path.parent.iterdir()] == ["table.csv"]


def test_a_link_out_of_a_raw_folder_is_not_recorded(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "same.csv").symlink_to(raw / "a.csv")
    (raw / "a.csv").write_text("a")
    assert sorted(read_manifest(write_manifest(raw).parent)) == ["a.csv", "same.csv"]
    for target in ("/proc/self/mem", "/etc/hostname", str(tmp_path)):
        (raw / "x.csv").symlink_to(target)
        if Path(target).is_file():
            with pytest.raises(InputError, match=r"x\.csv: is a link that leads out"):
                write_manifest(raw)
        (raw / "x.csv").unlink()


def test_the_manifest_knows_every_file_and_an_altered_one(tmp_path):
    (tmp_path / "b.csv").write_text("b")
    (tmp_path / "a.csv").write_text("a")
    write_manifest(tmp_path)
    manifest = read_manifest(tmp_path)
    assert list(manifest) == ["a.csv", "b.csv"]
    check_file(tmp_path / "a.csv", manifest["a.csv"], sha256(tmp_path / "a.csv"))
    (tmp_path / "a.csv").write_text("c")
    with pytest.raises(InputError) as caught:
        check_file(tmp_path / "a.csv", manifest["a.csv"], sha256(tmp_path / "a.csv"))
    assert manifest["a.csv"] in caught.value.message
    assert sha256(tmp_path / "a.csv") in caught.value.message


def test_missing_files_and_entries_are_named(tmp_path):
    with pytest.raises(InputError, match="MANIFEST: missing"):
        read_manifest(tmp_path)
    (tmp_path / "a.csv").write_text("a")
    write_manifest(tmp_path)
    with pytest.raises(InputError, match=r"b\.csv: missing"):
        listed_hash(tmp_path, read_manifest(tmp_path), "b.csv")
    (tmp_path / "b.csv").write_text("b")
    with pytest.raises(InputError, match="not listed"):
        listed_hash(tmp_path, read_manifest(tmp_path), "b.csv")
    (tmp_path / "MANIFEST").write_text("no hash here\n")
    with pytest.raises(InputError, match="line 1"):
        read_manifest(tmp_path)
