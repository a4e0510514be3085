"""What is in an archive, and what never is: keys, secrets, untracked files, other studies."""

import base64
import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from archived_study import RAW, RESULT, RESULTS, make_study, members, write
from owncontrol.__main__ import main
from owncontrol.archives.secrets_inside import is_secret
from owncontrol.errors import InputError

pytestmark = pytest.mark.slow

KEY = base64.b64encode(bytes(range(32)))


pytestmark = pytest.mark.usefixtures("place")


def archive(*options):
    """Write the archive of the study; its members' contents, or None where it was refused."""
    target = Path("../out.tar.gz")
    code = main(["archive", str(RESULTS), str(target), *options])
    assert target.exists() == (code == 0)
    return members(target) if code == 0 else None


def track(name, content):
    write(name, content)
    subprocess.run(["git", "add", "-f", name], check=True)


def test_it_holds_tracked_code_results_and_hashes_of_raw_files(capsys):
    make_study()
    write("workflow/untracked.py", "x = 1\n")
    write("notes/private.txt", "x")
    write(RESULTS / "notes.txt", "mine")
    track("config/other.yaml", "study: other\n")
    track("data/raw/other/names.csv", "name\nAda\n")
    write("docs/text.md", "edited\n")
    found = archive()
    assert {"Snakefile", "workflow/a.py", "docs/text.md", RESULT, f"{RAW}/MANIFEST"} <= set(found)
    assert {f"{RESULTS}/provenance/history.jsonl", "SHA256SUMS"} <= set(found)
    assert not {name for name in found if "other" in name or "untracked" in name or "notes" in name}
    assert not {name for name in found if name.startswith((f"{RAW}/v", f"{RAW}/R", "config/"))}
    said = capsys.readouterr().out
    assert "raw files: only their hashes are inside" in said
    assert "git does not track: workflow/untracked.py" in said
    assert "not as committed: docs/text.md" in said
    assert (
        f"left out, because they look like a secret or belong to no run: {RESULTS}/notes.txt"
        in said
    )


def test_raw_files_are_in_on_request_and_it_says_what_may_be_in_them(capsys):
    make_study()
    raw = RAW / "visits.csv"
    lines = raw.read_text("utf-8").splitlines()
    write(
        raw, "\n".join([f"family_name,{lines[0]}", *(f"Ada,{line}" for line in lines[1:])]) + "\n"
    )
    main(["manifest", str(RAW), "--why", "a column came in addition"])
    found = archive("--with-raw")
    assert {f"{RAW}/visits.csv", f"{RAW}/README.md", f"{RAW}/MANIFEST.history"} <= set(found)
    said = capsys.readouterr().out
    assert "raw files: 4 are inside; personal data in them: the name of a person (1 column)" in said


def test_without_git_it_holds_a_known_list_of_folders():
    make_study()
    shutil.rmtree(".git")
    write("private/names.csv", "x")
    write("workflow/.hidden.py", "x")
    write("workflow/patients.xlsx", "x")
    found = archive()
    assert {"Snakefile", "workflow/a.py", RESULT} <= set(found)
    assert not {name for name in found if "private" in name or "hidden" in name or "xlsx" in name}


def test_somebody_elses_git_around_the_folder_is_not_asked():
    make_study()
    shutil.move(".git", "../.git")
    subprocess.run(["git", "add", "-f", "."], cwd="..", check=True)
    assert "docs/text.md" not in archive()


def packed(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/sheet.xml", content)
    return file.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("workflow/secret/k", KEY),
        ("workflow/copy.py", b"KEY = '" + KEY + b"'\n"),
        ("workflow/copy.py", b"x" + bytes(range(32)) + b"y"),
        ("docs/copy.md", bytes(range(32)).hex().encode()),
        ("docs/copy.md", base64.b64encode(KEY)),
        ("docs/copy.md", KEY.decode().encode("utf-16-le")),
        ("tests/book.xlsx", packed(KEY)),
    ],
)
@pytest.mark.parametrize("options", [(), ("--with-raw",)])
def test_a_key_is_never_inside(capsys, name, content, options):
    write("workflow/secret/k", KEY + b"\n")
    make_study("workflow/secret/k")
    if name != "workflow/secret/k":
        subprocess.run(["git", "rm", "-q", "--cached", "workflow/secret/k"], check=True)
        track(name, content)
    assert archive(*options) is None
    said = capsys.readouterr().err
    assert f"{name}: holds the key of keyed subject codes" in said and KEY.decode() not in said


def test_a_key_outside_is_not_inside():
    write("../k", KEY)
    make_study("../k")
    assert archive() is not None


def test_the_key_of_another_study_is_not_inside_either(capsys):
    write("../k", KEY)
    make_study()
    write("config/other.yaml", "subject_code: {key_file: ../k}\n")
    track("docs/copy.md", KEY)
    assert archive() is None
    assert "docs/copy.md: holds the key" in capsys.readouterr().err


def test_without_the_key_nobody_can_say_that_it_is_not_inside(capsys):
    make_study("../gone")
    assert archive() is None
    assert "cannot be seen that it is not in the archive" in capsys.readouterr().err


@pytest.mark.parametrize("name", [".env", "envs/id_rsa", "workflow/tls.pem", "docs/notes.md"])
def test_a_tracked_secret_is_left_out_and_named(capsys, name):
    make_study()
    track(name, "-----BEGIN OPENSSH PRIVATE" + " KEY-----\nx\n")
    assert name not in archive()
    assert f"look like a secret or belong to no run: {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("id_ed25519", True),
        ("a/.env.local", True),
        ("x/CREDENTIALS.json", True),
        ("id_codes.py", False),
        ("environment.csv", False),
        ("monkey.md", False),
    ],
)
def test_secrets_by_their_names(name, expected):
    assert is_secret(name, b"x") is expected


def test_a_link_is_left_out_of_code_and_refused_in_results(capsys):
    make_study()
    write("../outside.txt", "secret")
    Path("docs/link.md").symlink_to("../../outside.txt")
    subprocess.run(["git", "add", "-A"], check=True)
    assert "docs/link.md" not in archive()
    Path("../out.tar.gz").unlink()
    content = Path(RESULT).read_bytes()
    Path(RESULT).unlink()
    write("../same.csv", content)
    Path(RESULT).symlink_to("../../../../same.csv")
    assert archive() is None
    assert "is a link" in capsys.readouterr().err


def test_a_folder_that_became_a_link_is_left_out():
    make_study()
    write("../elsewhere/text.md", "secret")
    Path("docs/text.md").unlink()
    Path("docs").rmdir()
    Path("docs").symlink_to("../elsewhere")
    assert "docs/text.md" not in archive()


@pytest.mark.parametrize("way", ["edited", "removed", "raw", "history"])
def test_what_is_not_as_it_was_left_is_refused(capsys, way):
    make_study()
    if way == "edited":
        write(RESULT, "estimate\n1\n")
    elif way == "removed":
        Path(RESULT).unlink()
    elif way == "history":
        Path(RESULTS, "provenance/history.jsonl").unlink()
    else:
        write(RAW / "visits.csv", "x\n")
    assert archive("--with-raw") is None
    assert capsys.readouterr().err.startswith("error: ")


def test_a_name_that_not_every_system_takes_is_refused(capsys):
    make_study()
    write(RAW / "visits: 2.csv", "x\n")
    main(["manifest", str(RAW)])
    assert archive() is not None
    Path("../out.tar.gz").unlink()
    assert archive("--with-raw") is None
    assert "visits: 2.csv': its name has signs" in capsys.readouterr().err


def test_the_same_study_gives_the_same_archive():
    make_study()
    archive()
    first = Path("../out.tar.gz").read_bytes()
    archive()
    assert Path("../out.tar.gz").read_bytes() == first


def test_a_folder_that_is_no_results_folder_is_refused(capsys):
    make_study()
    for name in ("data", "results/../data", "results/none"):
        assert main(["archive", name, "../x.tar.gz"]) == 1
        assert "Traceback" not in capsys.readouterr().err
    with pytest.raises(InputError):
        from owncontrol.cli.archive import write_archive

        write_archive(Path("/etc"), Path("../x.tar.gz"), with_raw=False)
