"""A second run beside the study's own, in a scratch folder, with the same code.

Of an earlier data cut with the settings of now, so that only the data differ; of the data of now
with the settings of the frozen plan (``run.frozen_plan``), so that only the settings differ. Both
are taken through the same stages, as far as what is compared.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from owncontrol.errors import InputError
from owncontrol.files import sha256, write_text
from owncontrol.study.manifest import HISTORY, MANIFEST
from owncontrol.study.plan_lock import lock_path

TARGETS = ("statistics/estimates.csv", "provenance/configuration.yaml")
SHOWN = 3
FAULTS = ("error:", "failed:")
CUT = (
    "the last data cut cannot be run",
    "a cut that no longer fits the configuration is moved out of the folder cuts",
)


@contextmanager
def earlier_run(
    values: Mapping[str, Any],
    files: Mapping[str, str],
    shipped: Sequence[str],
    cores: int,
    targets: Sequence[str] = TARGETS,
    fault: tuple[str, str] = CUT,
    folder: Path | str = ".snakemake",
) -> Iterator[Path]:
    """Run a study as far as some results; gives its results folder while it is there.

    ``values``: the whole configuration as plain values; ``files``: by raw file the path that it is
    copied from, in the raw folder where it is not absolute. ``shipped``: further files of this
    folder that the study reads, each with a MANIFEST beside it. ``targets``: files of the results.
    Raises InputError where the run does not end: ``fault`` with what it said, and a hint.
    """
    Path(folder).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="run-") as scratch:
        place = Path(scratch).resolve()
        prepare(place, values, files, shipped)
        study = scratch_name(values)
        made = [f"results/{study}/{name}" for name in targets]
        done = subprocess.run(
            [
                *(sys.executable, "-I", "-m", "owncontrol", "run", "--cores", str(cores)),
                *("--study", study, "--", "--quiet", "all", "--", *made),
            ],
            cwd=place,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode:
            raise InputError(f"{fault[0]}: {_why(done.stdout)}", fault[1])
        yield place / "results" / study


def scratch_name(values: Mapping[str, Any]) -> str:
    """The study's name in the scratch folder: without the folder that a variation of it is in."""
    return str(values["study"]).replace("/", "_")


def prepare(
    place: Path, values: Mapping[str, Any], files: Mapping[str, str], shipped: Sequence[str]
) -> None:
    """Lay out the scratch folder: configuration, frozen plan, and the raw files as they were."""
    study, raw = scratch_name(values), str(values["raw"])
    given = {**values, "study": study}
    code = dict(given.get("subject_code") or {})
    if code.get("key_file"):  # the key itself stays where it is
        given["subject_code"] = {**code, "key_file": str(Path(code["key_file"]).absolute())}
    configuration = place / "config" / f"{study}.yaml"
    write_text(configuration, yaml.safe_dump(given, allow_unicode=True, sort_keys=False))
    further = [name for name in shipped if not Path(name).is_absolute() and Path(name).is_file()]
    beside = [path for name in further if (path := Path(name).parent / MANIFEST).is_file()]
    lock = lock_path(str(values["study"]))
    for path in {*map(Path, further), *beside, *([lock] if lock and lock.is_file() else [])}:
        _copy(path, place / path)
    target = place / raw
    for name, source in files.items():
        _copy(Path(raw) / source, target / name)
    listed = sorted(files)
    write_text(target / MANIFEST, "".join(f"{sha256(target / name)}  {name}\n" for name in listed))
    if (Path(raw) / HISTORY).is_file():
        _copy(Path(raw) / HISTORY, target / HISTORY)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _why(said: str) -> str:
    """What a run that failed said last, in one line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(FAULTS)] or lines[-SHOWN:]
    plain = [re.sub(f"^({'|'.join(FAULTS)}) *", "", line) for line in told[:SHOWN]]
    return "; ".join(plain) or "it said nothing"
