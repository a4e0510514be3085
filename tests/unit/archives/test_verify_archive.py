"""Archives from elsewhere: bounded, exactly as listed, and never believed."""

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from archived_study import RAW, RESULT, RESULTS, forge, make_study, members, pack, write
from owncontrol.__main__ import main
from owncontrol.archives import sandbox, unpacking
from owncontrol.archives.unpacking import unpack
from owncontrol.cli import verify_archive as verifying
from owncontrol.errors import InputError
from owncontrol.provenance.history import HISTORY

pytestmark = pytest.mark.slow

ARCHIVE = Path("../a.tar.gz")


pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture
def archived(monkeypatch):
    """Members of a sound archive; running it only copies the results that were made here."""
    make_study()
    assert main(["archive", str(RESULTS), str(ARCHIVE), "--with-raw"]) == 0
    here = Path.cwd()
    ran = []

    def run(folder, cores, box):
        names = [name for name in members(ARCHIVE) if name.startswith("results/")]
        ran.append(sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.*")))
        for name in names:
            write(folder / name, (here / name).read_bytes() if (here / name).exists() else b"")

    monkeypatch.setattr(verifying, "_run", run)
    found = members(ARCHIVE)
    found["ran"] = ran
    return found


def repack(archived, **changes):
    content = {name: text for name, text in archived.items() if name != "ran"} | changes
    pack(ARCHIVE, {name: text for name, text in content.items() if text is not None})


def refused(capsys, *options):
    """Whether the archive is refused with one line; that line."""
    capsys.readouterr()
    code = main(["verify-archive", str(ARCHIVE), *options])
    said = capsys.readouterr()
    assert code == 1, said.out
    assert "Traceback" not in said.err
    assert said.err.count("\n") == 2, said.err
    return said.err


def test_a_sound_archive_is_verified(archived, capsys):
    assert main(["verify-archive", str(ARCHIVE)]) == 0
    said = capsys.readouterr().out
    assert "0 files of the archived code differ from this project" in said
    assert "2 of 2 results are the same again" in said
    ran = set(archived["ran"][0])
    assert {"configuration.yaml", f"{RAW}/visits.csv", "workflow/a.py"} <= ran
    assert not {name for name in ran if name.startswith(("results", "docs"))}


@pytest.mark.parametrize("options", [(), ("--run-foreign-code",)])
def test_forged_code_never_verifies(archived, capsys, options, monkeypatch):
    monkeypatch.setattr(verifying, "way", lambda folder: "bwrap")
    repack(archived, **{"workflow/a.py": b"copy the stored results"})
    assert main(["verify-archive", str(ARCHIVE), *options]) == 1
    said = capsys.readouterr().out
    assert "code: workflow/a.py: differs" in said
    assert "not verified: the archived code is not the code that is known" in said


@pytest.mark.parametrize("name", ["workflow/new.py", "notebooks/x.ipynb", "workflow/.hidden"])
def test_code_that_only_the_archive_has_is_shown_and_not_run(archived, capsys, name):
    repack(archived, **{name: b"x"})
    assert main(["verify-archive", str(ARCHIVE)]) == 1
    assert f"code: {name}: only in the archive" in capsys.readouterr().out
    assert name not in archived["ran"][0]


def test_code_that_the_archive_lacks_is_shown(archived, capsys):
    repack(archived, **{"workflow/scripts/b.py": None})
    assert main(["verify-archive", str(ARCHIVE)]) == 1
    assert "code: workflow/scripts/b.py: not in the archive" in capsys.readouterr().out


def test_what_no_run_reads_may_differ(archived, capsys):
    repack(archived, **{"docs/text.md": b"another"})
    assert main(["verify-archive", str(ARCHIVE)]) == 0
    assert "1 more that no run reads" in capsys.readouterr().out


@pytest.mark.slow
def test_a_commit_can_be_the_known_code(archived, capsys):
    write("workflow/a.py", "edited since\n")
    assert main(["verify-archive", str(ARCHIVE)]) == 1
    assert main(["verify-archive", str(ARCHIVE), "--code", "HEAD"]) == 0
    assert "differ from commit HEAD" in capsys.readouterr().out
    for wrong in ("nothing", "--upload-pack=x", "HEAD:workflow"):
        assert f"--code {wrong}: no" in refused(capsys, f"--code={wrong}")


def test_a_forged_result_is_found(archived, capsys):
    """By the history alone where that was left, else by the run."""
    repack(archived, **{RESULT: b"estimate\n0.9\n"})
    assert "not as its history of runs says" in refused(capsys)


def test_a_forged_result_and_history_are_found_by_the_run(archived, capsys):
    forged = b"estimate\n0.9\n"
    repack(archived, **{RESULT: forged, f"{RESULTS}/{HISTORY}": forge(RESULT, forged)})
    assert main(["verify-archive", str(ARCHIVE)]) == 1
    assert "differs: statistics/estimates.csv" in capsys.readouterr().out


@pytest.mark.parametrize("way", ["edited", "listed otherwise", "not listed", "no manifest"])
def test_raw_files_that_are_not_those_of_the_run_are_refused(archived, capsys, way):
    manifest, raw = f"{RAW}/MANIFEST", f"{RAW}/visits.csv"
    digest = hashlib.sha256(b"forged").hexdigest().encode()
    lines = archived[manifest].splitlines(keepends=True)
    others = [line for line in lines if b"visits.csv" not in line]
    if way == "edited":
        repack(archived, **{raw: b"forged"})
    elif way == "listed otherwise":
        forged = b"".join([*others, digest + b"  visits.csv\n"])
        repack(archived, **{raw: b"forged", manifest: forged})
    elif way == "not listed":
        repack(archived, **{manifest: b"".join(others)})
    else:
        repack(archived, **{manifest: None})
    assert str(RAW) in refused(capsys)


def test_an_archive_without_raw_files_needs_them(archived, capsys):
    repack(
        archived, **{f"{RAW}/{name}": None for name in ("visits.csv", "codebook.csv", "README.md")}
    )
    assert "holds only its hash" in refused(capsys)
    assert main(["verify-archive", str(ARCHIVE), "--raw", str(RAW)]) == 0
    write("../raw/visits.csv", "another")
    assert "altered" in refused(capsys, "--raw", "../raw")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"raw: data/raw/case-report", b"raw: workflow"),
        (b"raw: data/raw/case-report", b"raw: ../x"),
        (b"raw: data/raw/case-report", b"raw: /etc"),
        (b"raw: data/raw/case-report", b"raw: results"),
        (b"study: case-report", b"study: other"),
        (b"study: case-report", b"study: ../x"),
        (b"study: case-report", b"study: !!python/object/apply:os.system [id]"),
        (b"key_file: ''", b"key_file: /etc/hostname"),
    ],
)
def test_a_configuration_from_elsewhere_reaches_nothing(archived, capsys, old, new):
    """Whatever else is forged with it: history and hashes are made to agree."""
    name = f"{RESULTS}/provenance/configuration.yaml"
    text = archived[name]
    assert old in text
    text = text.replace(old, new)
    repack(archived, **{name: text, f"{RESULTS}/{HISTORY}": forge(name, text)})
    refused(capsys)
    assert not archived["ran"]


@pytest.mark.slow
def test_a_key_is_read_only_where_it_is_named(capsys, monkeypatch):
    write("../k", "0123456789abcdef0123456789abcdef")
    make_study("../k")
    assert main(["archive", str(RESULTS), str(ARCHIVE), "--with-raw"]) == 0
    seen = []

    def run(folder, cores, box):
        seen.append(((folder / "../k").resolve().read_text(), box))
        shutil.copytree(RESULTS, folder / RESULTS)

    monkeypatch.setattr(verifying, "_run", run)
    assert "allow it: --key ../k" in refused(capsys)
    assert "allow it: --key ../k" in refused(capsys, "--key", "/etc/hostname")
    assert "may not have the key" in refused(capsys, "--key", "../k", "--run-foreign-code")
    assert not seen
    assert main(["verify-archive", str(ARCHIVE), "--key", "../k"]) == 0
    assert seen == [("0123456789abcdef0123456789abcdef", "")]


def test_foreign_code_does_not_run_without_a_box(archived, capsys, monkeypatch):
    monkeypatch.setattr(verifying, "way", lambda folder: "")
    assert "cannot keep foreign code from" in refused(capsys, "--run-foreign-code")
    assert not archived["ran"]


SOUND = {"a/b.txt": b"x"}


def entry(name, kind=tarfile.REGTYPE, size=1, link=""):
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, size, link
    return made, b"x" * size


@pytest.mark.parametrize(
    "name",
    ["/abs", "../up", "a/../b", "./a", "a//b", "a/", "a\\b", "C:x", "a ", " a/b", "a.", "con",
     "a/NUL.txt", "a\x00b", "a\nb", "a\u202eb", "a\u200bb", "e\u0301", "x" * 300,
     "/".join("x" * 30), "a/b.txt", "A/B.TXT", "a/b.txt/c", "a", "\uff41/b.txt", "SHA256sums"],
)  # fmt: skip
def test_a_bad_name_is_refused(name):
    pack(ARCHIVE, SOUND, extra=(entry(name),))
    with pytest.raises(InputError) as error:
        unpack(ARCHIVE, Path())
    assert "\n" not in error.value.message
    assert {path.name for path in Path().rglob("*")} <= {"a", "b.txt", "SHA256SUMS", "SHA256sums"}


KINDS = {
    "symbolic link": (tarfile.SYMTYPE, "/etc/passwd"),
    "hard link": (tarfile.LNKTYPE, "a/b.txt"),
    "folder": (tarfile.DIRTYPE, ""),
    "pipe": (tarfile.FIFOTYPE, ""),
    "character device": (tarfile.CHRTYPE, ""),
    "block device": (tarfile.BLKTYPE, ""),
    "sparse": (tarfile.GNUTYPE_SPARSE, ""),
    "contiguous": (b"7", ""),
}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"contiguous"}))
def test_a_member_that_is_no_plain_file_is_refused(kind):
    pack(ARCHIVE, SOUND, extra=(entry("c", KINDS[kind][0], 0, KINDS[kind][1]),))
    with pytest.raises(InputError):
        unpack(ARCHIVE, Path())
    assert not Path("c").is_symlink() and not Path("c").exists()


SUM = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


@pytest.mark.parametrize(
    "sums",
    ["", "\n", "nothing\n", "0" * 64 + "  a/b.txt\n", f"{SUM}  other\n",
     f"{SUM}  a/b.txt\n" * 2,
     f"{SUM.upper()}  a/b.txt\n"],
)  # fmt: skip
def test_a_list_of_hashes_that_is_not_that_of_the_members_is_refused(sums):
    pack(ARCHIVE, SOUND, sums)
    with pytest.raises(InputError, match="SHA256SUMS"):
        unpack(ARCHIVE, Path())


def test_a_member_that_is_not_listed_is_refused():
    pack(ARCHIVE, SOUND, extra=(entry("stranger"),))
    with pytest.raises(InputError, match="'stranger' is not listed"):
        unpack(ARCHIVE, Path())


def test_an_archive_without_a_list_is_refused():
    with tarfile.open(ARCHIVE, "w:gz") as tar:
        tar.addfile(entry("a")[0], io.BytesIO(b"x"))
    with pytest.raises(InputError, match="holds no SHA256SUMS"):
        unpack(ARCHIVE, Path())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["zeros", "header", "long name", "claims"])
def test_what_unfolds_too_far_is_refused_before_it_does(kind):
    with gzip.open(ARCHIVE, "wb") as file:
        if kind == "zeros":
            made = tarfile.TarInfo("big")
            made.size = 300 * 2**20
            with Path("/dev/zero").open("rb") as zeros, tarfile.open(fileobj=file, mode="w") as tar:
                tar.addfile(made, zeros)
        elif kind == "claims":
            made = tarfile.TarInfo("big")
            made.size = 2**40
            file.write(made.tobuf(tarfile.GNU_FORMAT))
        else:
            made = tarfile.TarInfo("x")
            made.type = tarfile.XHDTYPE if kind == "header" else tarfile.GNUTYPE_LONGNAME
            made.size = 80 * 2**20
            file.write(made.tobuf() + bytes(made.size))
    with pytest.raises(InputError):
        unpack(ARCHIVE, Path())
    assert sum(path.stat().st_size for path in Path().rglob("*")) < 100 * 2**20


def test_too_many_members_are_refused(monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 5)
    pack(ARCHIVE, {f"f{number}": b"" for number in range(6)})
    with pytest.raises(InputError, match="more than 5 members"):
        unpack(ARCHIVE, Path())


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_an_archive_that_is_cut_off_or_none_is_one_line(part):
    pack(ARCHIVE, {f"f{number}": os.urandom(999) for number in range(20)})
    content = ARCHIVE.read_bytes()
    cut = content[: int(len(content) * part)]
    for forged in (cut, b"\0" * 3000, b"PK\3\4", content[:-9] + b"x" * 9, content * 2):
        ARCHIVE.write_bytes(forged)
        folder = Path(f"out{len(list(Path().iterdir()))}")
        folder.mkdir()
        with pytest.raises(InputError) as error:
            unpack(ARCHIVE, folder)
        assert "\n" not in error.value.message


INSIDE = """
import os, socket, sys
from pathlib import Path
outside, home = sys.argv[1:]
found = []
for path in (outside, home + "/.ssh", "/root/.ssh", "/home", "/etc/shadow", "/.old"):
    if Path(path).exists():
        found.append(path)
for path in ("/usr/x", "/etc/x", "/x", sys.prefix + "/x", outside):
    try:
        Path(path).write_text("x")
        found.append("wrote " + path)
    except OSError:
        pass
try:
    socket.create_connection(("1.1.1.1", 53), 2)
    found.append("network")
except OSError:
    pass
if os.system("mount -o remount,rw /usr 2> /dev/null") == 0:
    found.append("mount")
if "SECRET" in os.environ:
    found.append("environment")
Path("made.txt").write_text("x")
print(found)
"""


@pytest.mark.parametrize("way", ["bwrap", "unshare"])
def test_a_command_in_a_box_reaches_nothing_outside(tmp_path, monkeypatch, way):
    folder = tmp_path / "box"
    folder.mkdir()
    if not sandbox._works(way, folder):
        pytest.skip(f"this machine makes no box by {way}")
    monkeypatch.setenv("SECRET", "x")
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    command = [sys.executable, "-c", INSIDE, str(outside), str(Path.home())]
    boxed, environment = sandbox.boxed(command, folder, way)
    done = subprocess.run(boxed, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert outside.read_text() == "mine"
    assert (folder / "made.txt").is_file()


def test_links_that_a_run_left_are_not_followed(tmp_path):
    write("../secret", "x")
    Path("r").mkdir()
    Path("r/link").symlink_to("../../secret")
    Path("r/dir").symlink_to("/etc")
    write("r/a", "x")
    assert set(verifying._hashes(Path("r"))) == {"a"}
