"""A history that is signed: good signatures name who signed, all others are refused."""

import shutil
import subprocess
from pathlib import Path

import pytest
from archived_study import RAW, RESULTS, make_study, write
from owncontrol.__main__ import main
from owncontrol.cli import verify_archive
from owncontrol.provenance.history import HISTORY, add_run, read_history
from owncontrol.study.manifest import read_manifest

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen here")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    make_study()
    for name in ("mine", "other"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", f"../{name}"]
        subprocess.run(command, check=True)
    allow("mine")


def allow(name):
    key = Path(f"../{name}.pub").read_text()
    Path("../allowed").write_text(f'ada@example.org namespaces="owncontrol" {key}')


def verify():
    return main(["verify", str(RESULTS), "--allowed-signers", "../allowed"])


def sign(name="mine"):
    return main(["sign", str(RESULTS), "--key", f"../{name}"])


def again(**changes):
    entry = {**read_history(RESULTS)[-1].entry, "recorded": "later", **changes}
    del entry["before"]
    add_run(RESULTS, entry)


def test_a_signed_run_names_its_signer(capsys):
    assert verify() == 1
    assert "the last run is not signed" in capsys.readouterr().out
    assert sign() == 0
    assert verify() == 0
    assert "run 1 of 1: signed by ada@example.org" in capsys.readouterr().out
    again()
    assert verify() == 1


def test_another_key_is_refused(capsys):
    assert sign("other") == 0
    assert verify() == 1
    said = capsys.readouterr().err
    assert "no good signature of anybody in ../allowed" in said and said.count("\n") == 2


def test_a_whole_history_written_again_has_no_signature(capsys):
    """What a chain alone cannot show: everything forged, each hash right."""
    sign()
    forged = dict(read_history(RESULTS)[0].entry)
    del forged["before"]
    Path(RESULTS, HISTORY).unlink()
    add_run(RESULTS, {**forged, "recorded": "forged"})
    assert main(["verify", str(RESULTS)]) == 0
    assert verify() == 1
    old = next(RESULTS.glob("provenance/history-*.sig"))
    old.rename(old.with_name(f"history-{read_history(RESULTS)[0].sha256[:16]}.sig"))
    capsys.readouterr()
    assert verify() == 1
    assert "no good signature" in capsys.readouterr().err


@pytest.mark.parametrize("way", ["altered result", "no key", "public key of nobody", "not a key"])
def test_what_cannot_be_signed_is_one_line(capsys, way):
    key = "mine"
    if way == "altered result":
        write(RESULTS / "statistics/estimates.csv", "x")
    elif way == "no key":
        key = "none"
    elif way == "public key of nobody":
        Path("../mine").unlink()
        key = "mine.pub"
    else:
        write("../mine", "x")
    assert sign(key) == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert not list(RESULTS.glob("provenance/*.sig"))


def test_an_archive_can_have_to_be_signed(capsys, monkeypatch):
    copied = lambda run, *_: shutil.copytree(RESULTS, run / RESULTS)  # noqa: E731
    monkeypatch.setattr(verify_archive, "_run", copied)
    wanted = ["verify-archive", "../a.tar.gz", "--allowed-signers", "../allowed"]
    assert main(["archive", str(RESULTS), "../a.tar.gz", "--with-raw"]) == 0
    assert main(wanted) == 1
    assert "is not signed" in capsys.readouterr().err
    sign()
    assert main(["archive", str(RESULTS), "../a.tar.gz", "--with-raw"]) == 0
    assert main(wanted) == 0
    assert "signed by ada@example.org" in capsys.readouterr().out
    allow("other")
    assert main(wanted) == 1


def test_a_raw_file_that_changed_without_a_word_shows(capsys):
    digests = {f"{RAW}/visits.csv": "1" * 64}
    again(raw=digests, made_from={"x": "1"})
    assert main(["verify", str(RESULTS)]) == 1
    said = capsys.readouterr().out
    assert f"changed before run 2: {RAW}/visits.csv" in said
    assert "MANIFEST.history does not say why" in said


def test_a_raw_file_that_changed_with_a_word_is_sound(capsys):
    old = read_history(RESULTS)[0].entry["raw"]
    write(RAW / "visits.csv", "another\n")
    assert main(["manifest", str(RAW)]) == 1
    said = capsys.readouterr().err
    assert "visits.csv: changed since MANIFEST was written" in said and "--why" in said
    command = ["manifest", str(RAW), "--why", "a typing error of the centre", "--who", "Ada"]
    assert main(command) == 0
    again(raw=dict.fromkeys(old, read_manifest(RAW)["visits.csv"]), made_from={"x": "1"})
    assert main(["verify", str(RESULTS)]) == 0
    kept = (RAW / "MANIFEST.history").read_text()
    assert next(iter(old.values())) in kept and "a typing error" in kept and '"Ada"' in kept
