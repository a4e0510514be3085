"""The bytes that are read are the bytes that the MANIFEST lists."""

import os

import pytest
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.manifest import verified


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
