"""What a finished run leaves: whole, traceable, the same bytes, and free of identifiers."""

import base64
import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
import yaml
from docx import Document
from prose import reading_ease
from unpacked import unpacked
from workflow.conftest import Project, copy_project


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


RECORD = "results/example/provenance/outputs.csv"
# Clock, host and git state; beside it only the history differs from run to run.
UNCOMPARED = "results/example/provenance/run.yaml"
LEAST_EASE = 50  # as that of the documentation (test_language)


def hashes(project):
    """Hash of every compared result by its path (Snakemake's own records are hidden files)."""
    return {
        path.relative_to(project.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((project / "results").rglob("*"))
        if path.is_file() and not path.name.startswith((".", "history")) and path.name != "run.yaml"
    }


def test_another_folder_and_one_core_give_the_same_bytes(finished_small, tmp_path):
    """Of a small study; the example is run on one core, among others, by the project's CI."""
    other = copy_project(tmp_path / "another place")
    done = other.run("--cores", "1", "--config", "study=case-report")
    assert done.returncode == 0, done.stdout
    assert hashes(other) == hashes(finished_small)


def test_the_record_of_outputs_has_every_result_with_its_hash_and_what_made_it(finished):
    rows = read(finished / RECORD)
    recorded = {row["file"]: row["sha256"] for row in rows}
    found = hashes(finished)
    assert recorded == {name: digest for name, digest in found.items() if name != RECORD}
    for row in rows:
        assert (finished / row["script"]).is_file(), row
        assert row["inputs"], row
        assert all((finished / name).is_file() for name in row["inputs"].split()), row


def test_clock_host_and_git_state_stand_in_one_file_only(finished):
    record = yaml.safe_load((finished / UNCOMPARED).read_text("utf-8"))
    assert {"recorded", "host", "git"} <= set(record)
    host, day = record["host"]["name"], record["recorded"][:10]
    for path in hashes(finished):
        content = (finished / path).read_bytes()
        assert day.encode() not in content, path
        assert len(host) < 6 or host.encode() not in content, path


def test_every_number_on_the_page_is_an_estimate(finished):
    page = (finished / "results/example/report/report.html").read_text("utf-8")
    shown = set(re.findall(r'data-estimate="([^"]+)"', page))
    estimates = {
        row["estimate_id"] for row in read(finished / "results/example/statistics/estimates.csv")
    }
    assert len(shown) > 200
    assert shown <= estimates
    packed = re.search(r'<script type="text/plain" id="cards-data">(.*?)</script>', page, re.S)
    cards = json.loads(zlib.decompress(base64.b64decode(packed.group(1))))
    assert set(cards["estimates"]) == shown


def test_the_page_is_one_offline_file(finished):
    page = (finished / "results/example/report/report.html").read_text("utf-8")
    assert len(page) < 3_600_000
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert sources
    assert all(source.startswith(("#", "data:")) for source in sources)
    assert "SYNTHETIC" in page


def test_rows_in_are_kept_quarantined_or_merged(finished):
    raw = finished / "data/raw/example"
    flow = {
        row["file"]: row
        for row in read(finished / "results/example/cleaned/flow.csv")
        if row["table"] == "(file)"
    }
    for row in flow.values():
        states = [int(row[state]) for state in ("kept", "quarantined", "merged")]
        assert sum(states) == int(row["rows_in"])
    for name in ("adverse_events.csv", "redcap_export.csv"):
        with (raw / name).open(encoding="utf-8-sig", newline="") as file:
            assert int(flow[name]["rows_in"]) == len(list(csv.reader(file))) - 1


def test_the_published_grades_are_found_again(finished):
    """AIS before and six months after infusion: Honmou et al. 2021, abstract."""
    shift = {
        row["stratum"]: float(row["value"])
        for row in read(finished / "results/example/statistics/estimates.csv")
        if row["endpoint"] == "ais" and row["statistic"] == "shift"
    }
    published = {"A to A": 1, "A to B": 3, "A to C": 2, "B to C": 1, "B to D": 1, "C to D": 5}
    assert {stratum: count for stratum, count in shift.items() if count} == published


def test_planted_identifiers_reach_no_result_and_no_log(finished):
    planted = set()
    for row in read(finished / "data/raw/example/redcap_export.csv"):
        planted |= {
            row[name]
            for name in ("family_name", "date_of_birth", "hospital_number", "phone")
            if row[name]
        }
    for path in (finished / "data/raw/example").glob("*.csv"):
        planted |= set(re.findall(r"CANARY-[0-9a-f]+", path.read_text("utf-8")))
    assert len(planted) > 40
    # Codes such as UNK are in these columns too and identify nobody.
    planted = {text for text in planted if len(text) > 6}
    page = list(unpacked(finished / "results/example/report/report.html"))
    assert any("OC-01" in part for part in page[1:]), "what is packed in the page is not seen"
    for folder in ("results", "logs"):
        for path in (finished / folder).rglob("*"):
            if path.is_file():
                assert not [text for part in unpacked(path) for text in planted if text in part], (
                    path
                )


@pytest.mark.parametrize(
    "name",
    [
        "01_data_quality",
        "02_patients",
        "03_change",
        "04_adverse_events",
        "05_responders",
        "06_natural_recovery",
        "07_sensitivity",
        "08_claims",
    ],
)
def test_a_notebook_runs_alone_with_its_defaults(finished, tmp_path, name):
    shutil.copytree(finished.folder, tmp_path / "project")
    project = Project(tmp_path / "project")
    before = hashes(project)
    subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", f"{name}.ipynb"],
        cwd=project / "notebooks",
        # jupyter looks for its commands on the path, where another environment may come first.
        env=os.environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath])},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert hashes(project) == before


def test_the_workflow_is_a_module_of_another_one(finished, tmp_path):
    shutil.copytree(finished / "data", tmp_path / "data")
    shutil.copy(finished / "config.yaml", tmp_path / "study.yaml")
    (tmp_path / "Snakefile").write_text(
        f"""configfile: "study.yaml"

module owncontrol:
    snakefile: "{finished.folder}/workflow/Snakefile"
    config: config

use rule * from owncontrol as owncontrol_*

rule mine:
    input: rules.owncontrol_score_assessments.output
    default_target: True
""",
        "utf-8",
    )
    done = Project(tmp_path).run()
    assert done.returncode == 0, done.stdout
    name = "results/example/scored/scores.csv"
    assert (tmp_path / name).read_bytes() == (finished / name).read_bytes()


def test_the_reports_prose_is_easier_to_read_than_a_journal(finished):
    """Flesch's reading ease of the manuscript's paragraphs and captions; numbers are no words."""
    document = Document(str(finished / "results/example/report/report.docx"))
    said = [paragraph.text.strip() for paragraph in document.paragraphs]
    sentences = [text if text.endswith(".") else f"{text}." for text in said if len(text) > 30]
    assert len(sentences) > 50
    assert reading_ease(" ".join(sentences)) >= LEAST_EASE
