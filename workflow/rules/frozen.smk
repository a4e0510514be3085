"""Frozen: verdict and main result by the whole frozen plan (owncontrol.run.frozen_plan).

Inputs: the raw files, also those that only the plan reads; the lock; which version of it a run is
compared with.
Outputs: results/<study>/plan/as_frozen.csv; none where nothing departs from the plan that could
change a number.
Steps: put the frozen parts back into the configuration; run the analyses once more in a scratch
folder, as far as verdict and main result.
"""

from owncontrol.run.frozen_plan import frozen_runs

try:
    FROZEN_RUNS = frozen_runs(study, PLAN_LOCK, PARTS, MANIFEST, FACTS.sha256)
except InputError as error:
    sys.exit(f"error: {one_line(error)}")

AS_FROZEN = [f"{RESULTS}/plan/as_frozen.csv"] if FROZEN_RUNS else []

if FROZEN_RUNS:

    rule run_frozen_plan:
        input:
            versions=rules.judge_plan.output.versions,
            lock=LOCK_FILES,
            instruments=INSTRUMENT_FILES,
            raw=sorted(
                {
                    f"{RAW}/{name}"
                    for run in FROZEN_RUNS.values()
                    for name in [*RAW_FILES, *run["files"]]
                }
            ),
            shipped=sorted(
                {
                    name
                    for run in FROZEN_RUNS.values()
                    for name in run["shipped"]
                    if Path(name).is_file()
                }
            ),
        output:
            table=AS_FROZEN[0],
        log:
            f"{LOGS}/plan/as_frozen.log",
        conda:
            ENVIRONMENT
        threads: workflow.cores
        params:
            runs=FROZEN_RUNS,
            raw=RAW,
            code=code(
                script_file("run_frozen_plan"),
                WORKFLOW / "Snakefile",
                *(WORKFLOW / "rules").glob("*.smk"),
                *(WORKFLOW / "scripts").glob("*.py"),
                *[notebook_file(entry.notebook) for entry in ANALYSES],
            ),
        script:
            "../scripts/run_frozen_plan.py"
