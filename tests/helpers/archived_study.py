"""A small finished study in a folder, as archive and verify-archive see one; made without a run."""

import gzip
import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml
from owncontrol.files import sha256
from owncontrol.provenance.history import HISTORY, add_run, read_history
from owncontrol.run.job import step
from owncontrol.study.loading import load_study
from owncontrol.study.manifest import write_manifest

ROOT = Path(__file__).parents[2]
STUDY = "case-report"
RESULTS = Path("results", STUDY)
RAW = Path("data/raw", STUDY)
CODE = ("Snakefile", "workflow/a.py", "workflow/scripts/b.py", "docs/text.md")
RESULT = "results/case-report/statistics/estimates.csv"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for a project, in which the test works."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def make_study(key_file: str = "") -> None:
    """Make project, raw files, results and their records in the current folder, under git."""
    for name in CODE:
        write(name, f"# {name}\n")
    write(".gitignore", "results/\nlogs/\ndata/raw/\n")
    for name in ("visits.csv", "codebook.csv", "README.md"):
        write(RAW / name, (ROOT / RAW / name).read_text("utf-8"))
    write_manifest(RAW)
    config = load_study({"study": STUDY}, ROOT).plain()
    config["subject_code"]["key_file"] = key_file
    text = yaml.safe_dump(config, sort_keys=False)
    write(f"config/{STUDY}.yaml", text)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], check=True)
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x"], check=True
    )
    made = [RESULT, f"{RESULTS}/provenance/configuration.yaml", f"{RESULTS}/provenance/run.yaml"]
    with step(f"logs/{STUDY}/all.log", made):
        for name, content in zip(
            made, ["estimate\n0.000488\n", text, "recorded: now\n"], strict=True
        ):
            write(name, content)
    add_run(
        RESULTS,
        {
            "recorded": "now",
            "commit": "",
            "raw": {f"{RAW}/visits.csv": sha256(RAW / "visits.csv")},
            "inputs": {},
            "made_from": {},
            "results": {name: sha256(name) for name in made},
        },
    )


def forge(name: str, content: bytes) -> bytes:
    """The history of a study in which a result had these bytes; its chain is sound."""
    entry = dict(read_history(RESULTS)[0].entry)
    del entry["before"]
    entry["results"] = entry["results"] | {name: hashlib.sha256(content).hexdigest()}
    path = RESULTS / HISTORY
    kept = path.read_bytes()
    path.unlink()
    add_run(RESULTS, entry)
    forged = path.read_bytes()
    path.write_bytes(kept)
    return forged


def write(name: Path | str, content: str | bytes) -> None:
    """Write a file and the folders that it lies in."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def members(archive: Path | str) -> dict[str, bytes]:
    """By name the content of each member of an archive."""
    with tarfile.open(archive) as tar:
        return {
            entry.name: tar.extractfile(entry).read() for entry in tar.getmembers() if entry.isreg()
        }


def pack(
    archive: Path | str, content: dict[str, bytes], sums: str | None = None, extra: tuple = ()
) -> None:
    """Write an archive as a forger would, its list of hashes right unless it is given.

    ``extra``: entries (tarfile.TarInfo with its content) that the list does not have.
    """
    content = {name: text for name, text in content.items() if name != "SHA256SUMS"}
    listed = "".join(
        f"{hashlib.sha256(text).hexdigest()}  {name}\n" for name, text in content.items()
    )
    everything = {**content, "SHA256SUMS": (listed if sums is None else sums).encode()}
    with gzip.open(archive, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        for name, text in everything.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
        for entry, text in extra:
            tar.addfile(entry, io.BytesIO(text))
