"""Files of other systems made to burst or to deceive: read soon, or refused in one line."""

import os
import time

import pytest
from hostile_exchange import FORMATS, NAMES, TWO_NAMES
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.study.exports import ReadingOptions
from owncontrol.study.manifest import write_manifest

SIZE, SECOND = 2000, 1.0
REFUSED = [(kind, name) for kind, (_, cases, _) in FORMATS.items() for name in cases]
READ = [(kind, name) for kind, (_, _, cases) in FORMATS.items() for name in cases]


def read(folder, kind, content):
    path = folder / f"x{FORMATS[kind][0]}"
    path.write_text(content, "utf-8")
    return read_export(path, ReadingOptions(file=path.name, format=kind))


@pytest.mark.parametrize(("kind", "name"), REFUSED)
def test_what_would_burst_or_says_two_things_is_one_line(tmp_path, kind, name):
    content = FORMATS[kind][1][name](SIZE)
    begun = time.process_time()
    with pytest.raises(InputError) as caught:
        read(tmp_path, kind, content)
    assert time.process_time() - begun < SECOND
    assert "\n" not in caught.value.message and caught.value.hint


@pytest.mark.parametrize(("kind", "name"), READ)
def test_what_is_only_large_is_read_soon(tmp_path, kind, name):
    content = FORMATS[kind][2][name](SIZE)
    begun = time.process_time()
    assert read(tmp_path, kind, content).cells is not None
    assert time.process_time() - begun < SECOND


def test_an_attribute_that_a_system_has_added_is_not_the_value(tmp_path):
    table = read(tmp_path, "odm", TWO_NAMES).cells
    assert list(table)[-1] == "i" and table["i"].tolist() == ["1"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_no_record_can_hold_in_a_line_is_refused(tmp_path, name):
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / os.fsdecode(name)).write_bytes(b"a\n1\n")
    with pytest.raises(InputError, match="file's name"):
        write_manifest(tmp_path)
    assert not (tmp_path / "MANIFEST").exists()


@pytest.mark.parametrize("kind", ["csv", "odm", "redcap_xml", "dataset_json"])
def test_a_pipe_is_not_waited_for(tmp_path, kind):
    os.mkfifo(tmp_path / "x.csv")
    with pytest.raises(InputError, match="no such file"):
        read_export(tmp_path / "x.csv", ReadingOptions(file="x.csv", format=kind))
