"""freeze: a plan is written once, amended with a reason, and signed on request."""

import shutil
import subprocess

import pytest
import yaml
from owncontrol.__main__ import main
from owncontrol.errors import InputError
from owncontrol.files import sha256
from owncontrol.study.plan_lock import read_lock
from plan_study import CONFIG, ROOT, Raw, changed

LOCK = "config/moved.plan.lock"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project with one study, as the working folder."""
    (tmp_path / "config").mkdir()
    shutil.copytree(ROOT / "data/reference", tmp_path / "data/reference")
    monkeypatch.chdir(tmp_path)
    configure(tmp_path, CONFIG)
    return tmp_path


def configure(folder, values):
    (folder / "config/moved.yaml").write_text(yaml.safe_dump(values), "utf-8")


def freeze(*arguments):
    return main(["freeze", "moved", *arguments])


def test_a_plan_is_frozen_with_who_and_registry(folder, capsys):
    assert freeze("--who", "J. Doe", "--registry", "jRCT1") == 0
    assert capsys.readouterr().out == f"wrote {LOCK}\n"
    [version] = read_lock("moved", folder).versions
    assert (version.who, version.registry, dict(version.raw_files)) == ("J. Doe", "jRCT1", {})


def test_raw_files_that_are_there_are_on_record(folder):
    Raw().write(folder / CONFIG["raw"])
    freeze()
    [version] = read_lock("moved", folder).versions
    assert dict(version.raw_files) == {
        name: sha256(folder / CONFIG["raw"] / name) for name in ("exams.csv", "people.csv")
    }


def test_a_second_freeze_is_refused_with_one_line(folder, capsys):
    freeze()
    before = (folder / LOCK).read_bytes()
    assert freeze() == 1
    error = capsys.readouterr().err.splitlines()
    assert error[0].startswith(f"error: {LOCK}: the plan was frozen on ")
    assert "--amend" in error[1]
    assert (folder / LOCK).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "values", "message"),
    [
        (["--amend"], changed("level", 0.9), "an amendment says why"),
        (["--amend", "--why", " "], changed("level", 0.9), "an amendment says why"),
        (["--amend", "--why", "x"], CONFIG, "nothing in the configuration differs"),
        (["--sign", "no-key"], None, "no such key"),
    ],
)
def test_what_is_no_amendment_is_refused(folder, capsys, arguments, values, message):
    if values is not None:
        freeze()
        configure(folder, values)
    assert freeze(*arguments) == 1
    assert message in capsys.readouterr().err


def test_there_is_nothing_to_amend_without_a_plan(folder, capsys):
    assert freeze("--amend", "--why", "x") == 1
    assert "there is no plan to amend" in capsys.readouterr().err


def test_an_amendment_is_numbered_and_keeps_its_reason(folder):
    freeze()
    configure(folder, changed("level", 0.9))
    assert freeze("--amend", "--why", "asked by the committee") == 0
    first, second = read_lock("moved", folder).versions
    assert (first.number, second.number, second.why) == (1, 2, "asked by the committee")
    assert (first.parts.level, second.parts.level) == (0.95, 0.9)


def test_a_study_that_cannot_be_run_is_not_frozen(folder, capsys):
    configure(folder, changed("endpoints.0.scale", "no_scale"))
    assert freeze() == 1
    assert "no scale 'no_scale'" in capsys.readouterr().err
    assert not (folder / LOCK).exists()


def test_a_lock_that_was_edited_is_told_by_check(folder, capsys):
    Raw().write(folder / CONFIG["raw"])
    main(["manifest", CONFIG["raw"]])
    freeze()
    assert main(["check", "moved"]) == 0
    path = folder / LOCK
    path.write_text(path.read_text("utf-8").replace("level: 0.95", "level: 0.8"), "utf-8")
    assert main(["check", "moved"]) == 1
    assert "was edited after it was frozen" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not installed")
def test_a_signature_says_who_signed_and_an_edit_breaks_it(folder, capsys):
    key = folder / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key), "-C", ""], check=True
    )
    public = (folder / "key.pub").read_text("utf-8")
    (folder / "allowed").write_text(f'jane namespaces="owncontrol" {public}', "utf-8")
    assert freeze("--sign", str(key)) == 0
    capsys.readouterr()
    assert freeze("--allowed-signers", "allowed") == 0
    assert capsys.readouterr().out.endswith("signed by jane\n")
    values = yaml.safe_load((folder / LOCK).read_text("utf-8"))
    lines = values["versions"][0]["signature"].splitlines()
    lines[2] = lines[2][::-1]
    values["versions"][0]["signature"] = "\n".join(lines) + "\n"
    (folder / LOCK).write_text(yaml.safe_dump(values), "utf-8")
    assert freeze("--allowed-signers", "allowed") == 1
    assert "no good signature" in capsys.readouterr().err


def test_nobody_signed_what_is_not_signed(folder, capsys):
    freeze()
    (folder / "allowed").write_text("", "utf-8")
    capsys.readouterr()
    freeze("--allowed-signers", "allowed")
    assert capsys.readouterr().out.endswith(": not signed\n")
    with pytest.raises(InputError):
        from owncontrol.cli.freeze import signed_versions

        signed_versions("other", folder, folder / "allowed")
