"""Record what a run has made: see workflow/rules/prove.smk."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from owncontrol.files import sha256, write_text
from owncontrol.provenance.crate import RunCrate
from owncontrol.provenance.environment import outputs, run_record, whole_workflow
from owncontrol.provenance.history import add_run
from owncontrol.provenance.looks import write_looks
from owncontrol.run.installed import check_loaded
from owncontrol.run.job import step
from owncontrol.run.output_hashes import check_vouched, made_from, records
from owncontrol.study.manifest import verified
from owncontrol.study.parts import DescribedRun
from owncontrol.tables import write_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

made, params = snakemake.output, snakemake.params
project = Path(params.project)


def hashed(paths: Iterable[str]) -> dict[str, str]:
    """SHA-256 by path as it is recorded; code is named by its path in the project."""
    return {
        path: sha256(path if Path(path).is_file() else project / path) for path in sorted(paths)
    }


with step(snakemake.log[0]) as log, verified(params.raw):
    write_text(made.workflow, whole_workflow(project / "workflow/Snakefile"))
    steps, results = params.steps, Path(made.crate).parent
    check_vouched(steps, records(results, params.logs))
    paths = {path for entry in steps for path in (*entry["inputs"], *entry["outputs"])}
    hashes = hashed({*paths, *(entry["script"] for entry in steps), made.workflow})
    crate = RunCrate(results, DescribedRun.model_validate(params.config), hashes)
    crate.add_run(steps, list(params.raw), snakemake.input.configuration)
    crate.add_record(made.outputs, "Every file of the results with its hash, rule and inputs")
    crate.add_record(made.run, "Clock, host and git state; the one file that runs differ in")
    write_text(made.crate, crate.text())
    own = {**params.own, "outputs": [made.crate, made.workflow]}
    table = outputs([*steps, own], hashes | hashed([made.crate]))
    write_table(table, made.outputs)
    run = run_record(project, sha256(project / "envs/analysis.lock"))
    write_text(made.run, yaml.safe_dump(run, sort_keys=False, allow_unicode=True))
    files = dict(zip(table["file"], table["sha256"], strict=True)) | hashed(
        [made.outputs, made.run]
    )
    origins = {path: entry["made_from"] for entry in steps for path in entry["outputs"]}
    own_origin = made_from(dict(params.items()))
    check_loaded()  # what follows cannot be taken back
    add_run(
        results,
        {
            "recorded": run["recorded"],
            "commit": run["git"].get("commit", ""),
            "raw": dict(params.raw),
            "inputs": {path: hashes[path] for path in sorted({*hashes} - {*files, *params.raw})},
            "made_from": origins | dict.fromkeys(map(str, made), own_origin),
            "results": files,
        },
    )
    log.info("%d files; %s", len(table), write_looks(results))
