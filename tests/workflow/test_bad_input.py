"""Bad input: one line and a hint, exit code not 0, and earlier results untouched."""

import hashlib
import os
import subprocess

import pytest


def results(project):
    """Hash of every result by its path."""
    return {
        str(path.relative_to(project.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((project / "results").rglob("*"))
        if path.is_file()
    }


def refused(project, *arguments, untouched=True):
    """Run and return the lines of the refusal: no stack trace, results as they were."""
    before = results(project)
    done = project.run(*arguments)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert "Hint: " in done.stdout, done.stdout
    if untouched:
        assert results(project) == before
    return done.stdout


def test_a_missing_raw_file(project):
    (project / "data/raw/example/adverse_events.csv").unlink()
    text = refused(project)
    assert "error: data/raw/example/adverse_events.csv: missing" in text


def test_an_altered_raw_file(project):
    path = project / "data/raw/example/adverse_events.csv"
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    text = refused(project)
    assert "adverse_events.csv: altered: MANIFEST has sha256" in text
    assert hashlib.sha256(path.read_bytes()).hexdigest() in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("time_point:", "time_pont:", "'time_point'?"),
        ("synthetic: true\n", "", "key 'synthetic' is missing"),
        ("format: excel", "format: exel", "is not permitted; allowed: one of auto, csv"),
        ("baseline: baseline", "baseline: first", "'first' is not one of the visits"),
        ("sex: sex", "sex: sexx", "column 'sexx' is missing"),
        ("scale: motor_total", "scale: motor_totl", "has no scale 'motor_totl'"),
    ],
)
def test_a_faulty_configuration(project, old, new, message):
    path = project / "config.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    # A fault that only shows when a file is read stops the step that reads it.
    assert message in refused(
        project, untouched=message not in ("column 'sexx' is missing", "has no scale 'motor_totl'")
    )


def test_a_key_that_stands_twice_in_a_given_file(project):
    path = project / "other.yaml"
    path.write_text((project / "config.yaml").read_text("utf-8") + "level: 0.9\n", "utf-8")
    text = refused(project, "--configfile", "other.yaml")
    assert "the key 'level' occurs here and in line" in text


def test_an_unknown_study(project):
    assert "error: study=exmple: no such study" in refused(project, "--config", "study=exmple")


def test_a_parameter_that_the_notebook_does_not_have(project):
    path = project / "workflow/lib/owncontrol/analysis/catalogue.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace('"flow": FLOW', '"flows": FLOW', 1), "utf-8")
    text = refused(project, "--forcerun", "describe_data_quality", untouched=False)
    assert "01_data_quality.ipynb: has no parameter 'flows'" in text


def mounted(folder, options):
    """Mount a small file system over a folder; skips where that is not allowed."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"cannot mount a file system here: {done.stderr.strip()}")


@pytest.mark.skipif(os.name == "nt", reason="mounts a tmpfs")
@pytest.mark.parametrize(
    ("options", "message"),
    [("size=1m", "left on the disk"), ("size=200m,ro", "cannot be written")],
)
def test_a_full_disk_and_a_read_only_folder(project, tmp_path, options, message):
    (project / "results").rename(project / "results_before")
    (project / "results").mkdir()
    mounted(project / "results", options)
    try:
        done = project.run()
    finally:
        subprocess.run(["umount", str(project / "results")], check=True)
    assert done.returncode != 0
    assert message in done.stdout
    assert "Hint: " in done.stdout
    assert "Traceback" not in done.stdout
