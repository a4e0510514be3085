"""The project as a whole: pins in step, documents made from their sources, nothing by hand."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from owncontrol.analysis.catalogue import ANALYSES
from owncontrol.figures.catalogue import FIGURES

ROOT = Path(__file__).parents[3]
PURPOSES = ("analysis", "test", "bench", "lab", "docs", "cluster")
# A registry or mirror may be named in no file of the repository.
HOSTS = re.compile(r"pypi\.|pythonhosted|anaconda\.org|npmjs|deb\.debian|proxy\.golang")


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def pins(purpose):
    """Package and version of each exact pin of a conda file."""
    entries = yaml.safe_load((ROOT / f"envs/{purpose}.yaml").read_text("utf-8"))["dependencies"]
    flat = [entry for entry in entries if isinstance(entry, str)]
    flat += [name for entry in entries if isinstance(entry, dict) for name in entry["pip"]]
    return dict(re.split("==?", name) for name in flat if "=" in name.replace(">=", ""))


def locked(purpose):
    """Package and version of each entry of a lock file; the same name may stand for several."""
    text = (ROOT / f"envs/{purpose}.lock").read_text("utf-8")
    return set(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, flags=re.MULTILINE)), text


@pytest.mark.parametrize("purpose", PURPOSES)
def test_conda_file_and_lock_name_the_same_versions(purpose):
    wanted = pins("analysis") | pins(purpose)
    found, _ = locked(purpose)
    assert wanted
    assert set(wanted.items()) <= found


@pytest.mark.parametrize("purpose", PURPOSES)
def test_locks_are_exact_and_hashed(purpose):
    found, text = locked(purpose)
    for entry in re.split(r"\n(?=[a-z0-9])", text.split("\n", 2)[2]):
        assert "--hash=sha256:" in entry, entry
    shared, _ = locked("analysis")
    assert shared <= found


def test_container_and_continuous_integration_take_the_lock():
    container = (ROOT / "Containerfile").read_text("utf-8")
    assert "envs/create.py .venv envs/analysis.lock" in container
    assert not re.search(r"pip install|conda", container)
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    assert jobs["jobs"]["pythons"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert jobs[True]["schedule"] == [{"cron": "17 4 1 * *"}]  # YAML reads "on" as true


def test_the_running_packages_are_the_locked_ones():
    from importlib.metadata import version

    for name, pinned in pins("analysis").items():
        assert version(name) == pinned


def test_no_registry_is_named():
    # The test itself has to spell what it looks for.
    for path in tracked():
        if path != Path(__file__) and path.suffix in {
            "",
            ".py",
            ".smk",
            ".md",
            ".yaml",
            ".yml",
            ".toml",
            ".lock",
            ".txt",
            ".cff",
            ".j2",
        }:
            assert not HOSTS.search(path.read_text("utf-8", errors="ignore")), path


def test_the_reference_of_the_configuration_is_made_from_its_schema(tmp_path):
    made = tmp_path / "README.md"
    subprocess.run(
        [sys.executable, ROOT / "workflow/scripts/write_config_reference.py", made],
        check=True,
        env={"PYTHONPATH": str(ROOT / "workflow/lib"), "PATH": ""},
    )
    assert made.read_text("utf-8") == (ROOT / "config/README.md").read_text("utf-8")


@pytest.mark.slow
def test_every_key_of_the_configuration_is_described():
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text("utf-8"))

    def check(part, place):
        for name, below in part.get("properties", {}).items():
            assert below.get("description"), f"{place}.{name}"
            check(below, f"{place}.{name}")
        if "properties" in part:
            assert part.get("additionalProperties") is False, place
        for key in ("items", "additionalProperties"):
            if isinstance(part.get(key), dict):
                check(part[key], f"{place}[]")

    check(schema, "")


def test_no_number_is_typed_into_a_template():
    # Digits may be in names of methods (Pratt 1959) and of the standard's edition only.
    allowed = {"1959", "2019"}
    for path in (ROOT / "workflow/report").rglob("*.j2"):
        if path.name in ("page.html.j2", "paper.typ.j2"):
            continue  # layout, no content
        text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", path.read_text("utf-8"), flags=re.S)
        assert set(re.findall(r"\d+", text)) <= allowed, path


def test_every_rule_has_log_and_conda_and_every_stage_its_contract():
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        text = path.read_text("utf-8")
        assert text.startswith('"""'), path
        assert "Inputs:" in text, path
        assert "Outputs:" in text, path
        for rule in re.split(r"\n *rule ?[a-z_]*:\n", text)[1:]:
            assert "log:" in rule, path
            assert "conda:" in rule, path


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebooks_are_stripped_and_have_parameters(path):
    notebook = json.loads(path.read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in code) == 1
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


def test_the_cluster_profile_knows_the_rules_and_asks_for_what_grows_with_the_data():
    profile = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text("utf-8"))
    default = yaml.safe_load((ROOT / "profiles/default/config.yaml").read_text("utf-8"))
    rules = {
        name
        for path in (ROOT / "workflow/rules").glob("*.smk")
        for name in re.findall(r"^ *rule (\w+):$", path.read_text("utf-8"), flags=re.MULTILINE)
    }
    drawn = {f"draw_{entry.name}" for entry in FIGURES}
    rules |= drawn | {entry.rule for entry in ANALYSES}
    assert {*profile["groups"], *profile["set-resources"]} <= rules
    assert drawn <= {*profile["groups"]}
    for resources in (profile["default-resources"], *profile["set-resources"].values()):
        for formula in resources.values():
            assert "input.size_mb" in formula and formula.endswith("* attempt")
    assert {"mem_mb", "runtime"} <= {*profile["default-resources"]}
    shared = {"rerun-triggers", "rerun-incomplete", "keep-incomplete", "quiet", "nolock"}
    assert {key: profile[key] for key in shared} == {key: default[key] for key in shared}
