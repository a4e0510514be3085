"""What a file or a configuration from elsewhere may not do: reach out, burst, run, take forever."""

import io
import resource
import time
import zipfile

import openpyxl
import pytest
from export_files import export_entry
from owncontrol.basics.yaml_text import read_yaml
from owncontrol.errors import InputError
from owncontrol.ingest.readers import read_export
from owncontrol.ingest.readers.delimited import read_delimited
from owncontrol.ingest.redcap import read_dictionary
from owncontrol.study.checks import check_inside
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import read_manifest
from small_study import CONFIG


@pytest.fixture(autouse=True)
def quick_and_small():
    """Each refusal takes under a second and no gigabyte."""
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    assert time.process_time() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**20  # KiB


def refused(message, function, *arguments):
    with pytest.raises(InputError, match=message) as caught:
        function(*arguments)
    assert "\n" not in caught.value.message
    assert caught.value.hint


PATHS = ("/etc/passwd", "../other/people.csv", "x/../../people.csv", "a\0b")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("key", ["raw", "corrections", "file", "dictionary"])
def test_a_path_that_leads_out_of_the_project_is_refused(key, path):
    config = dict(CONFIG)
    if key in ("file", "dictionary"):
        people = CONFIG["exports"]["people"] | {key: path}
        config["exports"] = CONFIG["exports"] | {"people": people}
    else:
        config[key] = path
    message = "not permitted in a text" if "\0" in path else "leads out of the project"
    refused(message, load_study, config)


def test_a_link_that_leads_out_of_the_project_is_refused(tmp_path):
    project, other = tmp_path / "project", tmp_path / "other"
    project.mkdir()
    other.mkdir()
    (other / "x.csv").write_text("a\n1\n")
    (project / "link.csv").symlink_to(other / "x.csv")
    (project / "raw").symlink_to(other)
    (project / "own.csv").write_text("a\n1\n")
    (project / "inner.csv").symlink_to("own.csv")
    for name in ("link.csv", "raw/x.csv", "/etc/passwd"):
        refused("leads out of the project", check_inside, "raw", name, project)
    for name in ("own.csv", "inner.csv", "not there.csv"):
        check_inside("raw", name, project)


@pytest.mark.parametrize("study", ["../../etc/passwd", "a/b", "", ".", "..", "x\0y"])
def test_the_name_of_a_study_is_no_path(tmp_path, study):
    (tmp_path / "config").mkdir()
    (tmp_path / "b.yaml").write_text("study: b\n")
    refused("no such study", load_study, {"study": study}, tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a: !!python/object/apply:os.system ['touch /tmp/x']", "not valid YAML"),
        (b"a: !!python/name:os.system", "not valid YAML"),
        (b"a: \xff", "not readable as YAML"),
        (b"a: \x00", "not readable as YAML|not valid YAML"),
        (b"a: 2021-02-30", "not readable as YAML"),
        (b"&a [*a]", "unfolds to more than"),
        (b"a: &a [1,1,1,1,1,1,1,1,1,1]\n" + b"".join(
            b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % (n + 1, n + 1, *[n] * 10)
            for n in range(97, 110)
        ), "unfolds to more than"),
        (b"[" * 5000, "YAML"),
    ],
)  # fmt: skip
def test_yaml_makes_no_object_and_does_not_burst(tmp_path, text, message):
    (tmp_path / "x.yaml").write_bytes(text)
    refused(message, read_yaml, tmp_path / "x.yaml")


@pytest.mark.slow
@pytest.mark.parametrize("start", [b"", b"a,b\n1,2\n", b"a,b\r1,2\r"])
def test_ten_gigabytes_in_one_line_are_refused(tmp_path, start):
    path = tmp_path / "x.csv"
    path.write_bytes(start)
    with path.open("r+b") as file:
        file.truncate(10 * 2**30)  # a hole: takes no room on the disk
    refused(f"a line of more than 64 MiB, from byte {len(start)} on", read_delimited, path,
            "utf-8", ",")  # fmt: skip


def book(path, parts):
    """A workbook with parts of its package replaced."""
    whole = openpyxl.Workbook()
    whole.active.append(["a", "b"])
    whole.active.append([1, 2])
    out = io.BytesIO()
    whole.save(out)
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return path


SHEET = "xl/worksheets/sheet1.xml"
FAR = """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>
<row r="90000"><c r="A90000"><v>1</v></c></row></sheetData></worksheet>"""
ENTITIES = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>"""


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"xl/media/x.bin": b"\0" * 2**25}, "that unpack to"),
        ({SHEET: FAR}, "row 90000: more than 40000000 cells"),
        ({SHEET: ENTITIES}, "declares a document type"),
        ({SHEET: ENTITIES.encode("utf-16")}, "declares a document type"),
        ({SHEET: b"<worksheet>" * 3000}, "cannot be read as a workbook"),
        ({"xl/workbook.xml": b""}, "cannot be read as a workbook"),
    ],
)
def test_a_workbook_made_to_burst_is_refused(tmp_path, parts, message):
    path = book(tmp_path / "x.xlsx", parts)
    refused(message, read_export, path, export_entry("x.xlsx"))


def test_a_manifest_and_a_dictionary_of_other_bytes_are_one_line(tmp_path):
    (tmp_path / "MANIFEST").write_bytes(b"\xff\xfe  x\n")
    refused("is not '<sha256>  <file>'", read_manifest, tmp_path)
    path = tmp_path / "dictionary.csv"
    for content in (b"\xff", b"Variable / Field Name\n\xff\n", b"Variable / Field Name\nx\n"):
        path.write_bytes(content)
        if content.endswith(b"x\n"):
            assert list(read_dictionary(path)) == ["x"]
        else:
            refused("not readable as a data dictionary", read_dictionary, path)
    path.write_bytes(b"Variable / Field Name\n" + b"x" * 200_000)
    refused("not readable as a data dictionary", read_dictionary, path)
