"""When the plan was written, and what is post hoc by that: see workflow/rules/plan.smk."""

from typing import TYPE_CHECKING

import pandas as pd
from owncontrol.run.job import step
from owncontrol.study.plan_lock import PlanLock
from owncontrol.study.plan_timing import (
    against_raw_files,
    moments_of,
    post_hoc_names,
    versions_rows,
)
from owncontrol.tables import conform, read_table, write_table

if TYPE_CHECKING:
    from snakemake.script import snakemake

params = snakemake.params

with step(snakemake.log[0]) as log:
    lock = PlanLock.model_validate(params.lock) if params.lock else None
    moments = moments_of(read_table(snakemake.input.timing, "plan_timing").to_dict("records"))
    assessed = {name: params.raw_files[name] for name in params.assessment_files}
    moments = against_raw_files(moments, lock, assessed)
    names = post_hoc_names(params.named, params.declared, lock, moments)
    versions = pd.DataFrame(versions_rows(lock, moments, params.raw_files))
    write_table(conform(versions, "plan_versions"), snakemake.output.versions)
    write_table(conform(pd.DataFrame({"name": names}), "post_hoc"), snakemake.output.post_hoc)
    log.info("%d of %d results are post hoc", len(names), len(params.named))
